//! Idempotency keys: a request that is sent twice is done once.

mod race;
mod replay;
mod stands;

use jiff::Timestamp;

use crate::support::{TestApp, patient_caller};
use engine::{
    account::Caller,
    appointment::Summary,
    booking::{self, Book, Wanted},
    error::AppError,
    idempotency::{Key, KeyOwner},
};

const GATE: &str = "lock table idempotency_keys in share mode";

fn sent(caller: &Caller, key: &str, request: impl serde::Serialize) -> Option<Key> {
    Some(Key::sent(KeyOwner::Caller(caller), key, "test", &request).unwrap())
}

fn book(patient_id: i64, wanted: Wanted, key: Option<Key>) -> Book {
    Book {
        caller: patient_caller(patient_id),
        wanted,
        patient_id,
        reason: String::new(),
        overbook: None,
        rules: crate::support::answer_within(60),
        key,
    }
}

async fn book_at(app: &TestApp, command: Book, now: Timestamp) -> Result<Summary, AppError> {
    booking::book(&app.database, command, now).await
}
