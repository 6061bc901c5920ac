//! Statements as spans: the driver tells of each when it has ended, and how long it took.

use std::{
    fmt::Debug,
    sync::OnceLock,
    time::{Duration, SystemTime},
};

use opentelemetry::{
    KeyValue,
    trace::{Span, SpanKind, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;
use tracing::{
    Dispatch, Event, Subscriber,
    dispatcher::WeakDispatch,
    field::{Field, Visit},
};
use tracing_opentelemetry::get_otel_context;
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// The target of what the driver tells of statements.
pub(super) const TARGET: &str = "sqlx::query";

/// Makes a span of every statement within the work that it belongs to.
pub(super) struct Statements {
    tracer: SdkTracer,
    dispatch: OnceLock<WeakDispatch>,
}

impl Statements {
    pub fn new(tracer: SdkTracer) -> Self {
        Self {
            tracer,
            dispatch: OnceLock::new(),
        }
    }
}

/// What the driver tells of a statement. Its text has no values: these are sent beside it.
#[derive(Default)]
struct Told {
    /// The first words.
    summary: String,
    seconds: f64,
    rows: u64,
}

impl Visit for Told {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.seconds = value;
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "rows_returned" {
            self.rows = value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            value.clone_into(&mut self.summary);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "summary" {
            self.summary = format!("{value:?}");
        }
    }
}

impl<S> Layer<S> for Statements
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_register_dispatch(&self, subscriber: &Dispatch) {
        let _ = self.dispatch.set(subscriber.downgrade());
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let ended_at = SystemTime::now();
        if event.metadata().target() != TARGET {
            return;
        }
        // What belongs to no work is of the start, or of a test.
        let Some(work) = context.event_span(event).map(|span| span.id()) else {
            return;
        };
        let Some(dispatch) = self.dispatch.get().and_then(WeakDispatch::upgrade) else {
            return;
        };
        let Some(parent) = get_otel_context(&work, &dispatch) else {
            return;
        };
        let mut told = Told::default();
        event.record(&mut told);
        let took = Duration::try_from_secs_f64(told.seconds).unwrap_or_default();
        let span = self
            .tracer
            .span_builder(told.summary.clone())
            .with_kind(SpanKind::Client)
            .with_start_time(ended_at.checked_sub(took).unwrap_or(ended_at))
            .with_attributes([
                KeyValue::new("db.system.name", "postgresql"),
                KeyValue::new("db.query.summary", told.summary),
                KeyValue::new(
                    "db.response.returned_rows",
                    i64::try_from(told.rows).unwrap_or(i64::MAX),
                ),
            ]);
        self.tracer
            .build_with_context(span, &parent)
            .end_with_timestamp(ended_at);
    }
}
