//! Cal.com, as its documents and its source describe it: no installation of it can be had here, so a small one of our own stands in.

mod hook;
mod link;
mod remote;
mod round;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use engine::caldav::{self, Access, Kind, Password};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::TestApp;

/// A clinic with a key, whose calendars elsewhere hear of everything and may be of its own network.
pub async fn clinic() -> TestApp {
    let mut app = TestApp::new().await;
    app.configure(|config| {
        config.operation.caldav_private = true;
        config.accounts.secret_key = Some(round::secret_key());
    });
    caldav::listen(&app.database);
    app
}

pub const KEY: &str = "cal_test_0123456789";
/// The kind of bookings that appointments become.
pub const EVENT_TYPE: i64 = 50;
pub const EMAIL: &str = "sari@example.com";

/// What is there, and what is wrong with it.
#[derive(Default)]
struct Inner {
    bookings: Vec<Value>,
    /// Method and path of each request.
    requests: Vec<String>,
    /// The answers of so many next writes are lost: they are done, and nobody hears of it.
    lost: usize,
    /// How every request is answered.
    answers: Option<(u16, &'static str)>,
    /// The time there: what ended before is not cancelled.
    now: Option<Timestamp>,
}

/// A small Cal.com.
#[derive(Clone, Default)]
pub struct CalComHere {
    inner: Arc<Mutex<Inner>>,
    address: Option<SocketAddr>,
}

impl CalComHere {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = Self {
            inner: Arc::default(),
            address: Some(listener.local_addr().unwrap()),
        };
        let router = Router::new()
            .route("/v2/event-types/{id}", get(event_type))
            .route("/v2/bookings", get(list).post(create))
            .route("/v2/bookings/{uid}", get(one))
            .route("/v2/bookings/{uid}/reschedule", post(reschedule))
            .route("/v2/bookings/{uid}/cancel", post(cancel))
            .layer(middleware::from_fn_with_state(here.clone(), gate))
            .with_state(here.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        here
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address.unwrap())
    }

    pub fn access(&self) -> Access {
        Access {
            account_id: 1,
            kind: Kind::CalCom,
            url: self.url(),
            username: EMAIL.to_owned(),
            password: Password::new(KEY),
        }
    }

    pub fn lose(&self, answers: usize) {
        self.inner.lock().unwrap().lost = answers;
    }

    pub fn answers(&self, status: u16, retry_after: &'static str) {
        self.inner.lock().unwrap().answers = Some((status, retry_after));
    }

    pub fn is_at(&self, now: Timestamp) {
        self.inner.lock().unwrap().now = Some(now);
    }

    pub fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut self.inner.lock().unwrap().requests)
    }

    /// The uids and starts of what takes a time.
    pub fn live(&self) -> Vec<(String, String)> {
        let inner = self.inner.lock().unwrap();
        let live = inner.bookings.iter().filter(|booking| is_live(booking));
        live.map(|booking| (text(booking, "uid"), text(booking, "start")))
            .collect()
    }

    /// Somebody books there.
    pub fn book(&self, start: Timestamp, minutes: i64) -> String {
        self.insert(start, minutes, "budi@example.com", &json!({}), None)
    }

    /// Somebody books there, and writes down what our bookings have, as it is for a kind of bookings.
    pub fn pretends(&self, start: Timestamp, entry: &str, event_type: i64) -> String {
        let metadata = json!({ "janjiEntry": entry, "janjiVersion": "2" });
        let uid = self.insert(start, 30, "budi@example.com", &metadata, None);
        self.change(&uid, &json!({ "eventTypeId": event_type }));
        uid
    }

    /// The doctor moves a booking there.
    pub fn moves(&self, uid: &str, start: Timestamp, reason: Option<&str>) -> String {
        let (minutes, email, metadata) = {
            let inner = self.inner.lock().unwrap();
            let old = inner
                .bookings
                .iter()
                .find(|booking| booking["uid"] == uid)
                .unwrap();
            (
                old["duration"].as_i64().unwrap(),
                text(&old["attendees"][0], "email"),
                old["metadata"].clone(),
            )
        };
        let new = self.insert(start, minutes, &email, &metadata, Some((uid, reason)));
        self.change(uid, &json!({ "status": "cancelled", "rescheduledToUid": new }));
        new
    }

    /// The doctor cancels a booking there.
    pub fn cancels(&self, uid: &str) {
        self.change(uid, &json!({ "status": "cancelled" }));
    }

    fn change(&self, uid: &str, members: &Value) {
        let mut inner = self.inner.lock().unwrap();
        let booking = inner
            .bookings
            .iter_mut()
            .find(|booking| booking["uid"] == uid)
            .unwrap();
        for (name, value) in members.as_object().unwrap() {
            booking[name] = value.clone();
        }
    }

    fn insert(
        &self,
        start: Timestamp,
        minutes: i64,
        email: &str,
        metadata: &Value,
        moved: Option<(&str, Option<&str>)>,
    ) -> String {
        let mut inner = self.inner.lock().unwrap();
        let id = inner.bookings.len() + 1;
        let uid = format!("uid-{id}");
        let mut booking = json!({
            "id": id, "uid": uid, "title": "Visit", "status": "accepted", "duration": minutes,
            "start": start.to_string(), "end": (start + SignedDuration::from_mins(minutes)).to_string(),
            "eventTypeId": EVENT_TYPE, "metadata": metadata, "hosts": [], "absentHost": false,
            "attendees": [{ "name": "Somebody", "email": email, "timeZone": "UTC", "absent": false }],
        });
        if let Some((from, reason)) = moved {
            booking["rescheduledFromUid"] = json!(from);
            booking["reschedulingReason"] = json!(reason);
        }
        inner.bookings.push(booking);
        uid
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_owned()
}

fn is_live(booking: &Value) -> bool {
    booking["status"] == "accepted"
}

/// Refuses who has no key and who says no version, and loses answers.
async fn gate(State(here): State<CalComHere>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let answers = {
        let mut inner = here.inner.lock().unwrap();
        inner.requests.push(format!("{method} {path}"));
        inner.answers
    };
    if let Some((status, retry_after)) = answers {
        let status = StatusCode::from_u16(status).unwrap();
        return (status, [("retry-after", retry_after)], "{}").into_response();
    }
    let version = match path.starts_with("/v2/event-types") {
        true => "2024-06-14",
        false => "2024-08-13",
    };
    let said =
        |headers: &HeaderMap, name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    if said(request.headers(), "authorization") != Some(format!("Bearer {KEY}")) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if said(request.headers(), "cal-api-version").as_deref() != Some(version) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let is_write = method == "POST";
    let answer = next.run(request).await;
    let mut inner = here.inner.lock().unwrap();
    match is_write && inner.lost > 0 {
        true => {
            inner.lost -= 1;
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        false => answer,
    }
}

fn success(data: &Value) -> Response {
    Json(json!({ "status": "success", "data": data })).into_response()
}

async fn event_type(Path(id): Path<i64>) -> Response {
    match id {
        EVENT_TYPE => success(&json!({
            "id": id, "title": "Visit", "slug": "visit", "lengthInMinutes": 30, "lengthInMinutesOptions": [30, 60],
        })),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn list(State(here): State<CalComHere>, Query(query): Query<Vec<(String, String)>>) -> Response {
    let asked = |name: &str| {
        query
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    };
    let number = |name: &str| asked(name).unwrap().parse::<usize>().unwrap();
    let since: Timestamp = asked("afterStart").unwrap().parse().unwrap();
    let inner = here.inner.lock().unwrap();
    let found = inner
        .bookings
        .iter()
        .filter(|booking| text(booking, "start").parse::<Timestamp>().unwrap() > since);
    let found: Vec<&Value> = found.collect();
    let (skip, take) = (number("skip"), number("take"));
    let page: Vec<&&Value> = found.iter().skip(skip).take(take).collect();
    let has_next = skip + page.len() < found.len();
    Json(json!({ "status": "success", "data": page, "pagination": { "hasNextPage": has_next } }))
        .into_response()
}

async fn one(State(here): State<CalComHere>, Path(uid): Path<String>) -> Response {
    let inner = here.inner.lock().unwrap();
    match inner.bookings.iter().find(|booking| booking["uid"] == uid) {
        Some(booking) => success(booking),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn create(State(here): State<CalComHere>, Json(new): Json<Value>) -> Response {
    assert_eq!(new["eventTypeId"], EVENT_TYPE);
    let start: Timestamp = text(&new, "start").parse().unwrap();
    let is_taken = here
        .live()
        .iter()
        .any(|(_, taken)| taken.parse::<Timestamp>().unwrap() == start);
    if is_taken {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let minutes = new["lengthInMinutes"].as_i64().unwrap();
    let uid = here.insert(
        start,
        minutes,
        &text(&new["attendee"], "email"),
        &new["metadata"],
        None,
    );
    one(State(here), Path(uid)).await
}

async fn reschedule(
    State(here): State<CalComHere>,
    Path(uid): Path<String>,
    Json(new): Json<Value>,
) -> Response {
    let start = text(&new, "start").parse().unwrap();
    let new = here.moves(&uid, start, new["reschedulingReason"].as_str());
    one(State(here), Path(new)).await
}

async fn cancel(State(here): State<CalComHere>, Path(uid): Path<String>) -> Response {
    let is_over = {
        let inner = here.inner.lock().unwrap();
        let booking = inner.bookings.iter().find(|booking| booking["uid"] == uid);
        let end = booking.map(|booking| text(booking, "end").parse::<Timestamp>().unwrap());
        end.zip(inner.now).is_some_and(|(end, now)| end <= now)
    };
    if is_over {
        return StatusCode::BAD_REQUEST.into_response();
    }
    here.cancels(&uid);
    one(State(here), Path(uid)).await
}
