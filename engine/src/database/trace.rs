//! Database work as spans of a trace, for whoever follows a request through Janji. They name the operation and nothing else.

use std::pin::Pin;

use tokio::task::JoinHandle;
use tracing::Instrument;

/// The target of the spans of a trace. It is no target of the log.
pub const TRACE_TARGET: &str = "janji::trace";

/// Runs database work in a task of its own, within a span that belongs to whatever asked for it. `kind` is a transaction that
/// writes, or a read of some sort.
pub(super) fn spawn<T: Send + 'static>(
    kind: &'static str,
    operation: &'static str,
    work: Pin<Box<dyn Future<Output = T> + Send>>,
) -> JoinHandle<T> {
    let span = tracing::debug_span!(
        target: TRACE_TARGET,
        "database",
        otel.name = operation,
        janji.database.work = kind,
        janji.operation = operation,
    );
    tokio::spawn(work.instrument(span))
}
