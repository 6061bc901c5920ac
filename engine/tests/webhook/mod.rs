//! Webhooks: what happens is told once, in its order, and to whom may know it.

mod broken;
mod claim;
mod kept;
mod other;
mod own;
mod secret;
mod told;

use std::sync::{Arc, Mutex};

use engine::{
    account::Caller,
    appointment::{ChangeStatus, Status, change_status},
    error::AppError,
    i18n::Locale,
    time::plus_minutes,
    webhook::{
        self, Dispatch, MakeWebhook, Posted, Poster, Posting, Request, SigningSecret, Topic, Wishes, deliver,
    },
};
use jiff::Timestamp;

use crate::support::TestApp;

pub const OK: Posted = Posted::Answered {
    status: 200,
    answer: String::new(),
};

/// An answer with this status.
pub fn says(status: u16) -> Posted {
    Posted::Answered {
        status,
        answer: format!("said {status}"),
    }
}

type Answering = Box<dyn Fn(&Request) -> Option<Posted> + Send + Sync>;

/// The program at the other end, which keeps what it is told.
pub struct Receiver {
    requests: Mutex<Vec<Request>>,
    /// None: it never answers.
    answer: Answering,
}

impl Receiver {
    pub fn new() -> Arc<Self> {
        Self::with(|_| Some(OK))
    }

    pub fn with(answer: impl Fn(&Request) -> Option<Posted> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            requests: Mutex::default(),
            answer: Box::new(answer),
        })
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The bodies, as they were read.
    pub fn told(&self) -> Vec<serde_json::Value> {
        let requests = self.requests();
        let bodies = requests
            .iter()
            .map(|request| serde_json::from_str(&request.body).unwrap());
        bodies.collect()
    }

    /// The types of what was told, in their order.
    pub fn topics(&self) -> Vec<String> {
        let told = self.told();
        told.iter()
            .map(|body| body["type"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Poster for Receiver {
    fn post<'a>(&'a self, request: &'a Request) -> Posting<'a> {
        self.requests.lock().unwrap().push(request.clone());
        Box::pin(async move {
            match (self.answer)(request) {
                Some(posted) => posted,
                None => std::future::pending().await,
            }
        })
    }
}

/// A clinic whose webhooks hear of everything.
pub async fn clinic() -> TestApp {
    let app = TestApp::crowded().await;
    webhook::listen(&app.database);
    app
}

pub fn dispatch(app: &TestApp, receiver: &Arc<Receiver>) -> Dispatch {
    Dispatch {
        database: app.database.clone(),
        poster: receiver.clone(),
        secret_key: None,
    }
}

/// What happens to appointments, at this address.
pub fn wishes(url: &str) -> Wishes {
    let events: Vec<String> = Topic::ALL.iter().map(|topic| topic.name().to_owned()).collect();
    Wishes::new(url, "Our billing", &events, false).unwrap()
}

pub const URL: &str = "https://hooks.example.com/janji";

pub async fn try_to_make(
    app: &TestApp,
    caller: Caller,
    wishes: Wishes,
) -> Result<(i64, Option<SigningSecret>), AppError> {
    let command = MakeWebhook {
        caller,
        wishes,
        language: Locale::En,
        browser: None,
        secret_key: None,
        key: None,
    };
    let (saved, secret) = webhook::make(&app.database, command, app.database.now()).await?;
    Ok((saved.id, secret))
}

/// A webhook of the admin for everything.
pub async fn made(app: &TestApp) -> i64 {
    try_to_make(app, app.admin_caller(), wishes(URL)).await.unwrap().0
}

/// A moment later, so that what was told just now is due.
pub fn soon(app: &TestApp) -> Timestamp {
    plus_minutes(app.database.now(), 1)
}

/// Posts what is due at this moment, until nothing is.
pub async fn post_all(dispatch: &Dispatch, now: Timestamp) {
    while deliver(dispatch, now).await.unwrap() > 0 {}
}

/// A round of the worker that tidies.
pub async fn tidy(app: &TestApp, now: Timestamp) {
    let tidied = app.database.write("test.tidy", move |mut tx| async move {
        webhook::tidy(&mut tx, now).await?;
        tx.commit().await
    });
    tidied.await.unwrap();
}

/// The doctor of an appointment changes its status.
pub async fn change(app: &TestApp, doctor: usize, reference: &str, to: Status) -> Result<(), AppError> {
    let command = ChangeStatus {
        caller: app.doctor_caller(doctor),
        which: reference.into(),
        to,
        version: None,
        reason: "Away".to_owned(),
        key: None,
    };
    change_status(&app.database, command, app.now).await.map(drop)
}

/// The states of all deliveries, in their order.
pub async fn states(app: &TestApp) -> Vec<String> {
    sqlx::query_scalar("select state from webhook_deliveries order by id")
        .fetch_all(&mut *app.spare().await)
        .await
        .unwrap()
}

/// State and reason of a webhook.
pub async fn state(app: &TestApp, id: i64) -> (String, Option<String>) {
    sqlx::query_as("select state, because from webhooks where id = $1")
        .bind(id)
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap()
}

/// The pair that [`state`] answers with.
pub fn is(state: &str, because: &str) -> (String, Option<String>) {
    (state.to_owned(), Some(because.to_owned()))
}
