//! Traces (OpenTelemetry): a request, the database work that it asked for, and each statement of that. Off unless a collector
//! is named, and then nothing is kept and nothing costs.
//!
//! A span names routes, operations and statements without their values: never a path with a secret in it, nor a person.

mod client;
mod statement;

use std::time::Duration;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use engine::database::TRACE_TARGET;
use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::{Instrument, Span, Subscriber, field::Empty, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

use self::{client::Client, statement::Statements};

/// The variables that name a collector; without one of them there are no traces.
const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
];

/// The time in which the last spans may leave when the program ends.
const LAST_TIMEOUT: Duration = Duration::from_secs(3);

/// Traces cannot be sent as they are set up.
#[derive(Debug, thiserror::Error)]
#[error("traces cannot be sent: {0}; see OTEL_EXPORTER_OTLP_ENDPOINT")]
pub struct TraceError(String);

impl From<ExporterBuildError> for TraceError {
    fn from(error: ExporterBuildError) -> Self {
        Self(error.to_string())
    }
}

/// What collects spans and sends them.
#[derive(Clone, Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Sends to the collector that the environment names, as OpenTelemetry has its variables; none where it names none.
    ///
    /// # Errors
    /// [`TraceError`], with the reason.
    pub fn of_environment() -> Result<Option<Self>, TraceError> {
        let is_named = |name: &str| std::env::var(name).is_ok_and(|value| !value.trim().is_empty());
        if !ENDPOINTS.into_iter().any(is_named) {
            return Ok(None);
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client::new()?)
            .with_protocol(Protocol::HttpBinary)
            .build()?;
        Ok(Some(Self::new(exporter)))
    }

    /// Sends to the collector at this URL.
    ///
    /// # Errors
    /// [`TraceError`], with the reason.
    pub fn to(url: &str) -> Result<Self, TraceError> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client::new()?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(url)
            .build()?;
        Ok(Self::new(exporter))
    }

    fn new(exporter: SpanExporter) -> Self {
        let mut resource =
            Resource::builder().with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
        if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
            resource = resource.with_service_name("janji");
        }
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        Self { provider }
    }

    /// What turns spans and statements into those of a trace. The log goes its own way.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        let tracer = self.provider.tracer("janji");
        let spans = tracing_opentelemetry::layer()
            .with_tracer(tracer.clone())
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false)
            .with_filter(
                filter_fn(|metadata| metadata.is_span() && metadata.target() == TRACE_TARGET)
                    .with_max_level_hint(LevelFilter::DEBUG),
            );
        let statements = Statements::new(tracer).with_filter(
            filter_fn(|metadata| [TRACE_TARGET, statement::TARGET].contains(&metadata.target()))
                .with_max_level_hint(LevelFilter::DEBUG),
        );
        spans.and_then(statements)
    }

    /// Sends what is left, at the end of the program.
    pub async fn stop(self) {
        let stopped = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(LAST_TIMEOUT));
        if let Ok(Err(error)) = stopped.await {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// Follows a request. It is known by its route: paths may have secrets.
pub async fn follow(request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unknown", MatchedPath::as_str);
    let span = tracing::debug_span!(
        target: TRACE_TARGET,
        "request",
        otel.name = format!("{} {route}", request.method()),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = %request.method(),
        http.route = route,
        http.response.status_code = Empty,
    );
    let response = next.run(request).instrument(span.clone()).await;
    note_status(&span, response.status().as_u16());
    response
}

fn note_status(span: &Span, status: u16) {
    span.record("http.response.status_code", i64::from(status));
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}
