//! The store of sessions in PostgreSQL.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use engine::{
    account::session::{self, Beginner, Lifetimes, Row, SignedIn},
    booking::Rules,
    database::Database,
    error::AppError,
    time::plus_minutes,
};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tower_sessions::{
    SessionStore,
    cookie::time::OffsetDateTime,
    session::{Id, Record},
    session_store,
};

use super::kept::{SIGNED_IN, SIGNED_IN_AT};

/// Keeps sessions in the database. Ids are stored hashed: who reads the table cannot step into one.
#[derive(Clone, Debug)]
pub struct Store {
    pub database: Database,
    pub lifetimes: Lifetimes,
    pub rules: Rules,
}

tokio::task_local! {
    /// The present request: who may begin a session, and why none could be begun.
    static REQUEST: (Beginner, Arc<OnceLock<AppError>>);
}

/// Answers a request from this address, and tells why its session could not be written, where it could not.
pub async fn answer_from<T>(beginner: Beginner, answer: impl Future<Output = T>) -> (T, Option<AppError>) {
    let refusal = Arc::new(OnceLock::new());
    let answer = REQUEST.scope((beginner, refusal.clone()), answer).await;
    (answer, refusal.get().copied())
}

/// Outside of a request, nobody is counted.
fn beginner() -> Beginner {
    REQUEST.try_with(|request| request.0.clone()).unwrap_or_default()
}

fn note_refusal(error: AppError) {
    let _ = REQUEST.try_with(|request| request.1.set(error));
}

pub(super) fn hash(id: Id) -> Vec<u8> {
    Sha256::digest(id.0.to_be_bytes()).to_vec()
}

fn backend(error: AppError) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

impl Store {
    /// The row of a session. It ends by who has signed in with it, whatever its cookie says.
    fn row(&self, record: &Record) -> session_store::Result<Row> {
        let encode = |error: serde_json::Error| session_store::Error::Encode(error.to_string());
        let now = self.database.now();
        let who: Option<SignedIn> = stored(record, SIGNED_IN)?;
        let signed_in_at: Option<Timestamp> = stored(record, SIGNED_IN_AT)?;
        let signed_in = who.map(|who| (who, signed_in_at.unwrap_or(Timestamp::UNIX_EPOCH)));
        let has_typed =
            (record.data.values()).any(|value| value.get("at").is_some() || value.get("kept_at").is_some());
        Ok(Row {
            id: hash(record.id),
            data: serde_json::to_value(&record.data).map_err(encode)?,
            signed_in,
            typed_until: has_typed.then(|| plus_minutes(now, self.rules.max_hold_minutes() + 1)),
            expires_at: self.lifetimes.end(signed_in, now),
        })
    }
}

fn stored<T: DeserializeOwned>(record: &Record, key: &str) -> session_store::Result<Option<T>> {
    let value = record.data.get(key).cloned();
    (value.map(serde_json::from_value).transpose())
        .map_err(|error| session_store::Error::Encode(error.to_string()))
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        // 128 random bits do not collide; if they ever do, another id is found.
        loop {
            let created = session::create(&self.database, self.row(record)?, beginner(), self.database.now());
            match created.await {
                Ok(true) => return Ok(()),
                Ok(false) => record.id = Id::default(),
                Err(error) => {
                    if error == AppError::RateLimited {
                        note_refusal(error);
                    }
                    return Err(backend(error));
                }
            }
        }
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        session::save(&self.database, self.row(record)?)
            .await
            .map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let row = session::load(&self.database, hash(*id), self.lifetimes, self.database.now())
            .await
            .map_err(backend)?;
        row.map(|row| {
            Ok(Record {
                id: *id,
                data: serde_json::from_value(row.data)
                    .map_err(|error| session_store::Error::Decode(error.to_string()))?,
                expiry_date: OffsetDateTime::from_unix_timestamp(row.expires_at.as_second())
                    .map_err(|error| session_store::Error::Decode(error.to_string()))?,
            })
        })
        .transpose()
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        session::delete(&self.database, hash(*id)).await.map_err(backend)
    }
}
