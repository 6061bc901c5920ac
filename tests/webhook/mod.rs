//! Webhooks: what is posted over HTTP, their pages and forms, and their calls.

mod api;
mod form;
mod post;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header::LOCATION},
    response::{IntoResponse, Response},
};
use engine::{
    i18n::Locale,
    webhook::{self, Dispatch, MakeWebhook, SigningSecret, Topic, Wishes},
};
use janji::webhook::post::Http;
use tokio::net::TcpListener;
use tokio_stream::StreamExt;

use crate::support::{Setup, TestApp};

/// A request as the program at the other end gets it.
#[derive(Clone, Debug)]
pub struct Got {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// The program at the other end. What it answers is in the path.
#[derive(Clone, Default)]
pub struct Receiver {
    got: Arc<Mutex<Vec<Got>>>,
    address: String,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            address: format!("http://{}", listener.local_addr().unwrap()),
            ..Self::default()
        };
        let router = Router::new().fallback(answer).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// What came to this path.
    pub fn got(&self, path: &str) -> Vec<Got> {
        let got = self.got.lock().unwrap();
        got.iter().filter(|got| got.path == path).cloned().collect()
    }
}

async fn answer(State(receiver): State<Receiver>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let path = uri.path().to_owned();
    receiver.got.lock().unwrap().push(Got {
        path: path.clone(),
        headers,
        body,
    });
    match path.as_str() {
        "/slow" => {
            std::future::pending::<()>().await;
            StatusCode::OK.into_response()
        }
        "/redirect" => (StatusCode::FOUND, [(LOCATION, receiver.url("/inside"))]).into_response(),
        // A piece, and then nothing, without an end.
        "/drip" => {
            let piece = tokio_stream::once(Ok::<_, std::io::Error>(Bytes::from_static(b"well")));
            Body::from_stream(piece.chain(tokio_stream::pending())).into_response()
        }
        // A hundred megabytes, a piece at a time.
        "/huge" => {
            let piece = Bytes::from(vec![b'x'; 1024 * 1024]);
            let pieces = (0..100).map(move |_| Ok::<_, std::io::Error>(piece.clone()));
            Body::from_stream(tokio_stream::iter(pieces)).into_response()
        }
        "/500" => (StatusCode::INTERNAL_SERVER_ERROR, "<script>alert(1)</script>\0").into_response(),
        "/410" => StatusCode::GONE.into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

/// A clinic whose webhooks hear of everything, and may be of its own network where a test says so.
pub async fn clinic(allows_private: bool) -> TestApp {
    let mut app = TestApp::with(Setup::default()).await;
    app.configure(|config| config.operation.webhook_private = allows_private);
    webhook::listen(&app.database);
    app
}

/// What posts over HTTP, within a second and a half.
pub fn dispatch(app: &TestApp, allows_private: bool) -> Dispatch {
    let poster = Http::new(allows_private)
        .unwrap()
        .within(Duration::from_millis(1500));
    Dispatch {
        database: app.database.clone(),
        poster: Arc::new(poster),
        secret_key: None,
    }
}

/// A webhook of the admin for everything, at this address.
pub async fn made(app: &TestApp, url: &str) -> (i64, SigningSecret) {
    let events: Vec<String> = Topic::ALL.iter().map(|topic| topic.name().to_owned()).collect();
    let command = MakeWebhook {
        caller: app.admin_caller(),
        wishes: Wishes::new(url, "Billing", &events, true).unwrap(),
        language: Locale::En,
        browser: None,
        secret_key: None,
        key: None,
    };
    let (saved, secret) = webhook::make(&app.database, command, app.state.now())
        .await
        .unwrap();
    (saved.id, secret.unwrap())
}

/// Posts what is due, until nothing is.
pub async fn post_all(dispatch: &Dispatch) {
    while webhook::deliver(dispatch, dispatch.database.now()).await.unwrap() > 0 {}
}
