//! Traces, as a collector gets them.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::State, routing::post};
use janji::trace::Traces;
use opentelemetry_proto::tonic::{collector::trace::v1::ExportTraceServiceRequest, trace::v1::Span};
use prost::Message;
use tokio::net::TcpListener;
use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};

use crate::support::{PHONE, TestApp, request};

/// The spans that a collector was sent.
#[derive(Clone, Default)]
struct Collected(Arc<Mutex<Vec<Span>>>);

impl Collected {
    fn all(&self) -> Vec<Span> {
        self.0.lock().unwrap().clone()
    }
}

async fn collect(State(collected): State<Collected>, body: Bytes) {
    let sent = ExportTraceServiceRequest::decode(body).unwrap();
    let scopes = sent.resource_spans.into_iter().flat_map(|of| of.scope_spans);
    collected
        .0
        .lock()
        .unwrap()
        .extend(scopes.flat_map(|scope| scope.spans));
}

/// A collector on this machine, and its URL.
async fn collector() -> (Collected, String) {
    let collected = Collected::default();
    let routes = Router::new()
        .route("/v1/traces", post(collect))
        .with_state(collected.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    (collected, url)
}

#[tokio::test]
async fn a_trace_leads_from_a_request_over_its_transaction_to_each_statement() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    site.patient(PHONE).await;
    let reference = request(&app).await;
    let (collected, url) = collector().await;
    let traces = Traces::to(&url).unwrap();
    let followed = tracing_subscriber::registry().with(traces.layer()).set_default();
    let admin = site.staff("admin@test.example").await;
    assert_eq!(
        admin
            .get(&format!("/admin/appointments/{reference}"))
            .await
            .status,
        200
    );
    assert_eq!(admin.get("/w/a-secret-of-a-link").await.status, 404);
    drop(followed);
    traces.stop().await;
    let spans = collected.all();
    let parent_of = |span: &Span| spans.iter().find(|other| other.span_id == span.parent_span_id);
    let page = spans
        .iter()
        .find(|span| span.name == "GET /admin/appointments/{reference}")
        .unwrap();
    assert!(page.parent_span_id.is_empty());
    let statements: Vec<&Span> = spans
        .iter()
        .filter(|span| span.name.to_lowercase().starts_with("select"))
        .filter(|span| span.trace_id == page.trace_id)
        .collect();
    assert!(!statements.is_empty(), "{spans:?}");
    for statement in statements {
        let work = parent_of(statement).unwrap();
        assert!(work.name.contains('.'), "{}", work.name);
        assert_eq!(parent_of(work).unwrap().span_id, page.span_id);
        assert!(statement.start_time_unix_nano <= statement.end_time_unix_nano);
    }
    // Neither who it is about, nor what only its owner knows.
    let all = format!("{spans:?}");
    for secret in [PHONE, "admin@test.example", &reference, "a-secret-of-a-link"] {
        assert!(!all.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_collector_that_is_gone_keeps_nobody_waiting() {
    let app = TestApp::new().await;
    let traces = Traces::to("http://127.0.0.1:1/v1/traces").unwrap();
    let followed = tracing_subscriber::registry().with(traces.layer()).set_default();
    let site = app.serve().await;
    assert_eq!(site.visitor().get("/").await.status, 200);
    drop(followed);
    traces.stop().await;
}
