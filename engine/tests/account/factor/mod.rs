//! The second factor of staff: codes of an app, recovery codes, and who has to have one (I6).

mod answer;
mod policy;
mod set_up;

use jiff::{SignedDuration, Timestamp};

use crate::support::TestApp;
use engine::account::{
    factor::{Policy, Step, next_step, recovery::Codes, totp},
    secret::Holder,
    session::{self, Beginner, Lifetimes, Row, SignedIn},
};

/// What the session keeps that sets an app up.
const OWN: &str = "a token of the session";

fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at + SignedDuration::from_secs(seconds)
}

fn codes(salt: &str) -> Codes {
    Codes::of(&Holder::new("a browser"), salt)
}

/// Sets an app up for somebody, and answers with its secret. Its codes are good from a minute later on.
async fn with_app(app: &TestApp, staff_id: i64) -> String {
    let (database, policy) = (&app.database, Policy::Optional);
    totp::begin(database, policy, None, (staff_id, OWN), app.now)
        .await
        .unwrap();
    let secret = totp::setup(database, None, (staff_id, OWN))
        .await
        .unwrap()
        .unwrap()
        .secret;
    let code = totp::code_of(&secret, app.now).unwrap();
    totp::finish(
        database,
        None,
        (staff_id, None),
        &code,
        Some(codes("first")),
        app.now,
    )
    .await
    .unwrap();
    secret
}

async fn challenge(app: &TestApp, staff_id: i64, now: Timestamp) -> String {
    match next_step(&app.database, Policy::Optional, staff_id, now)
        .await
        .unwrap()
    {
        Step::Factor(challenge) => challenge,
        other => panic!("{other:?}"),
    }
}

async fn signed_in(app: &TestApp, staff_id: i64, id: u8) -> Vec<u8> {
    let who = SignedIn::Staff(staff_id);
    let row = Row {
        id: vec![id; 32],
        data: serde_json::json!({}),
        signed_in: Some((who, app.now)),
        typed_until: None,
        expires_at: Lifetimes::default().end(Some((who, app.now)), app.now),
    };
    let id = row.id.clone();
    session::create(&app.database, row, Beginner::default(), app.now)
        .await
        .unwrap();
    id
}
