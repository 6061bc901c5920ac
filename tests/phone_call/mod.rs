//! Calls of a phone agent as its provider sends them, and what the desk and programs see of them.

mod api;
mod demo;
mod desk;
mod hooks;

use engine::{account::Country, i18n::Locale, phone_call::set_line};
use janji::{
    hooks::retell::{HEADER, options::PhoneSettings, sign},
    notification::secret::Secret,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::{Answer, Setup, Site, TestApp, VISIT};

/// The number of the clinic.
pub const LINE: &str = "+62215550101";
/// The number of who calls.
pub const CALLER: &str = "+6281255500321";

/// The settings with these keys.
pub fn keys(names: &[&str]) -> PhoneSettings {
    PhoneSettings {
        keys: names.iter().map(|name| Secret::new(*name)).collect(),
        ..PhoneSettings::default()
    }
}

/// A clinic whose number an agent answers that signs by one of these keys.
pub async fn clinic(names: &[&str]) -> TestApp {
    let app = TestApp::with(Setup {
        phone: keys(names),
        ..Setup::default()
    })
    .await;
    let number = (LINE, Country::default());
    set_line(&app.database, &app.admin_caller(), number, app.clinic, Locale::En)
        .await
        .unwrap();
    app
}

/// Posts a body with this signature.
pub async fn post(site: &Site<'_>, path: &str, body: &str, signature: Option<&str>) -> Answer {
    let visitor = site.visitor();
    let mut request = visitor
        .http
        .post(visitor.url(&format!("/hooks/retell/{path}")))
        .body(body.to_owned());
    if let Some(signature) = signature {
        request = request.header(HEADER, signature);
    }
    Answer::of(request).await
}

/// A signature by this key, so many seconds from now.
pub fn signed(key: &str, body: &str, seconds: i64) -> String {
    let at = Timestamp::now() + SignedDuration::from_secs(seconds);
    sign(&Secret::new(key), body.as_bytes(), at).unwrap()
}

/// Sends what the agent sends, signed.
pub async fn send(site: &Site<'_>, path: &str, body: &Value) -> Answer {
    let body = body.to_string();
    post(site, path, &body, Some(&signed("key", &body, 0))).await
}

pub fn call(call_id: &str) -> Value {
    json!({
        "call_id": call_id, "call_type": "phone_call", "direction": "inbound",
        "from_number": CALLER, "to_number": LINE,
    })
}

/// A tool of a call, with what it is asked.
pub fn tool(call_id: &str, args: &Value) -> Value {
    json!({ "name": "x", "call": call(call_id), "args": args })
}

/// The visit of this half hour with the first doctor, as the agent is told it.
pub fn slot(app: &TestApp, slot: i64) -> String {
    engine::phone_call::slot_of(app.wanted(0, VISIT, app.slot(slot)))
}

/// A booking of this half hour in a call.
pub async fn books(site: &Site<'_>, call_id: &str, number: i64) -> Value {
    let args = json!({ "slot": slot(site.app, number), "name": "Ibu Sari", "reason": "A cough" });
    let answer = send(site, "tools/book", &tool(call_id, &args)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}
