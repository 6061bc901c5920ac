//! Browser sessions in PostgreSQL. Ids are stored hashed: whoever reads the table cannot step into one.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::{
    limit::{self, Action, Counted},
    secret::hex,
};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
    time::plus_minutes,
};

/// The person who signed in, as the session stores it. The guard looks them up at every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignedIn {
    Patient(i64),
    Staff(i64),
}

impl SignedIn {
    /// The id of the patient, or of the member of staff.
    pub fn ids(self) -> (Option<i64>, Option<i64>) {
        match self {
            Self::Patient(id) => (Some(id), None),
            Self::Staff(id) => (None, Some(id)),
        }
    }
}

/// How long sessions last, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Of staff, without a request.
    pub staff_idle: i64,
    /// Of staff, in all.
    pub staff: i64,
    /// Of patients, without a request.
    pub patient_idle: i64,
    /// Of patients, in all.
    pub patient: i64,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            staff_idle: 12 * 60,
            staff: 7 * 24 * 60,
            patient_idle: 30 * 24 * 60,
            patient: 365 * 24 * 60,
        }
    }
}

/// The time without a request after which the session of a browser that nobody has signed in with ends, in minutes.
const VISITOR_IDLE_MINUTES: i64 = 24 * 60;

/// The time within which a request need not be noted, in minutes.
const NOTED_MINUTES: i64 = 5;

impl Lifetimes {
    /// When a session ends unless there is a request before that. `signed_in_at` is when somebody signed in with it.
    pub fn end(self, signed_in: Option<(SignedIn, Timestamp)>, now: Timestamp) -> Timestamp {
        let (idle, all, since) = match signed_in {
            None => return plus_minutes(now, VISITOR_IDLE_MINUTES),
            Some((SignedIn::Staff(_), since)) => (self.staff_idle, self.staff, since),
            Some((SignedIn::Patient(_), since)) => (self.patient_idle, self.patient, since),
        };
        plus_minutes(now, idle).min(plus_minutes(since, all))
    }
}

/// A session as it is stored.
#[derive(Clone)]
pub struct Row {
    /// SHA-256 of the session's id.
    pub id: Vec<u8>,
    pub data: serde_json::Value,
    /// Who has signed in with it, and when.
    pub signed_in: Option<(SignedIn, Timestamp)>,
    /// When what was typed into forms is to be forgotten.
    pub typed_until: Option<Timestamp>,
    pub expires_at: Timestamp,
}

/// What of a session is stored as columns, too.
struct Columns {
    patient_id: Option<i64>,
    staff_id: Option<i64>,
    signed_in_at: Option<jiff_sqlx::Timestamp>,
    typed_until: Option<jiff_sqlx::Timestamp>,
}

impl Row {
    fn columns(&self) -> Columns {
        let (patient_id, staff_id) = self.signed_in.map_or((None, None), |(who, _)| who.ids());
        Columns {
            patient_id,
            staff_id,
            signed_in_at: self.signed_in.map(|(_, at)| at.to_sqlx()),
            typed_until: self.typed_until.map(ToSqlx::to_sqlx),
        }
    }
}

/// Who begins a session, and how many may begin from there in a quarter of an hour; 0 is no limit.
#[derive(Clone, Debug, Default)]
pub struct Beginner {
    pub address: String,
    pub most: u32,
}

/// Writes a new session. Answers whether it did: an id that exists already is left alone.
///
/// # Errors
/// `RATE_LIMITED`: too many have begun from this address; or those of the database.
pub async fn create(
    database: &Database,
    row: Row,
    beginner: Beginner,
    now: Timestamp,
) -> Result<bool, AppError> {
    let (counted, is_new) = database
        .write("session.create", move |tx| {
            insert(tx, row.clone(), beginner.clone(), now)
        })
        .await?;
    limit::check(counted)?;
    Ok(is_new)
}

/// Overwrites a session that exists. A request that was under way while its session was signed out does not
/// bring it back.
///
/// # Errors
/// Those of the database.
pub async fn save(database: &Database, row: Row) -> Result<(), AppError> {
    database
        .write("session.save", move |tx| update(tx, row.clone()))
        .await
}

/// Reads a session that has not expired, by the SHA-256 of its id, and notes that it was used. None where its owner's
/// access was ended since they signed in.
///
/// # Errors
/// Those of the database.
pub async fn load(
    database: &Database,
    id: Vec<u8>,
    lifetimes: Lifetimes,
    now: Timestamp,
) -> Result<Option<Row>, AppError> {
    let found = database
        .read("session.load", move |mut connection| async move {
            let row = sqlx::query!(
                "select data, expires_at, patient_id, staff_id, signed_in_at, typed_until
                 from sessions where id = $1 and expires_at > $2
                   and not exists (select from staff where staff.id = sessions.staff_id
                                   and staff.access_since > sessions.signed_in_at)
                   and not exists (select from patients where patients.id = sessions.patient_id
                                   and patients.access_since > sessions.signed_in_at)",
                &id,
                now.to_sqlx(),
            )
            .fetch_optional(&mut *connection)
            .await?;
            Ok(row.map(|row| {
                let who = match (row.patient_id, row.staff_id) {
                    (Some(id), _) => Some(SignedIn::Patient(id)),
                    (None, id) => id.map(SignedIn::Staff),
                };
                Row {
                    id,
                    data: row.data,
                    signed_in: who.zip(row.signed_in_at.map(jiff_sqlx::Timestamp::to_jiff)),
                    typed_until: row.typed_until.map(jiff_sqlx::Timestamp::to_jiff),
                    expires_at: row.expires_at.to_jiff(),
                }
            }))
        })
        .await?;
    if let Some(row) = &found {
        let end = lifetimes.end(row.signed_in, now);
        if row.expires_at < plus_minutes(end, -NOTED_MINUTES) {
            // Beside the request, which does not wait for it.
            tokio::spawn(note_use(database.clone(), row.id.clone(), end));
        }
    }
    Ok(found)
}

async fn note_use(database: Database, id: Vec<u8>, end: Timestamp) {
    let noted = database
        .write("session.note_use", move |mut tx| {
            let id = id.clone();
            async move {
                // Who finds it locked leaves it: somebody else is just noting it.
                sqlx::query!(
                    "update sessions set expires_at = greatest(expires_at, $2), used_at = now()
                     where id = (select id from sessions where id = $1 for no key update skip locked)",
                    &id,
                    end.to_sqlx(),
                )
                .execute(&mut *tx)
                .await?;
                tx.commit().await
            }
        })
        .await;
    if let Err(error) = noted {
        tracing::warn!(%error, "that a session was used could not be noted");
    }
}

/// Deletes a session, by the SHA-256 of its id.
///
/// # Errors
/// Those of the database.
pub async fn delete(database: &Database, id: Vec<u8>) -> Result<(), AppError> {
    database
        .write("session.delete", move |mut tx| {
            let id = id.clone();
            async move {
                sqlx::query!("delete from sessions where id = $1", &id)
                    .execute(&mut *tx)
                    .await?;
                tx.commit().await
            }
        })
        .await
}

/// Commits either way: what is refused counts, too.
async fn insert(
    mut tx: Tx,
    row: Row,
    beginner: Beginner,
    now: Timestamp,
) -> Result<(Option<Counted>, bool), Failure> {
    let counted = limit::count(
        &mut tx,
        Action::SessionByAddress,
        &beginner.address,
        beginner.most,
        now,
    )
    .await?;
    if !counted.is_none_or(Counted::is_within) {
        tx.commit().await?;
        return Ok((counted, false));
    }
    let columns = row.columns();
    let done = sqlx::query!(
        "insert into sessions (id, data, expires_at, patient_id, staff_id, signed_in_at, typed_until, used_at)
         values ($1, $2, $3, $4, $5, $6, $7, now())
         on conflict on constraint sessions_pkey do nothing",
        &row.id,
        &row.data,
        row.expires_at.to_sqlx(),
        columns.patient_id,
        columns.staff_id,
        columns.signed_in_at as _,
        columns.typed_until as _,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok((counted, done.rows_affected() > 0))
}

async fn update(mut tx: Tx, row: Row) -> Result<(), Failure> {
    let columns = row.columns();
    sqlx::query!(
        "update sessions set data = $2, expires_at = $3, patient_id = $4, staff_id = $5, signed_in_at = $6,
                typed_until = $7, used_at = now()
         where id = $1",
        &row.id,
        &row.data,
        row.expires_at.to_sqlx(),
        columns.patient_id,
        columns.staff_id,
        columns.signed_in_at as _,
        columns.typed_until as _,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// 256 random bits, as text.
pub fn random_token() -> String {
    hex(&rand::rng().random::<[u8; 32]>())
}
