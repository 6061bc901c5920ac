//! Whom a change would hit: asked before it is made, and looked at again when it is, so that nobody is hit on whom nobody
//! decided.

use std::collections::HashSet;

use jiff::{Timestamp, civil};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::{
    account::{
        Caller,
        reads::{self, What},
        secret::hex,
    },
    appointment::{Appointment, Item, coming, of_ids},
    database::{Database, Failure},
    error::AppError,
    notification::{Reach, reach},
    time,
};

/// An appointment that a change would hit.
#[derive(Clone, Debug)]
pub struct Affected {
    pub item: Item,
    /// How messages can reach its patient.
    pub reach: Reach,
}

/// The question before a change.
#[derive(Clone, Debug)]
pub struct Question {
    /// By time.
    pub affected: Vec<Affected>,
    /// Stands for these appointments as they are: whoever decides sends it along.
    pub decided_on: String,
}

impl Question {
    /// That the caller reads who is hit is recorded.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) async fn about(
        database: &Database,
        caller: &Caller,
        appointments: &[Appointment],
        now: Timestamp,
    ) -> Result<Self, AppError> {
        let items = of_ids(database, appointments.iter().map(|one| one.id).collect()).await?;
        let patients = items.iter().filter_map(|item| item.patient_id);
        reads::record(database, caller, What::List, patients, now).await;
        Ok(Self {
            affected: with_reach(database, items).await?,
            decided_on: digest_of(appointments),
        })
    }
}

/// Adds to appointments how their patients can be reached.
pub(super) async fn with_reach(database: &Database, items: Vec<Item>) -> Result<Vec<Affected>, AppError> {
    let patients: HashSet<i64> = items.iter().filter_map(|item| item.patient_id).collect();
    let reach = reach(database, patients.into_iter().collect()).await?;
    let of = |item: &Item| {
        let known = item.patient_id.and_then(|id| reach.get(&id));
        known.copied().unwrap_or_default()
    };
    Ok(items
        .into_iter()
        .map(|item| Affected {
            reach: of(&item),
            item,
        })
        .collect())
}

/// Whom somebody decided to hit, by [`Question::decided_on`].
#[derive(Clone, Debug, Default)]
pub struct AsDecided(Option<String>);

impl AsDecided {
    /// Nobody was asked: whoever is hit is hit.
    pub fn unasked() -> Self {
        Self::default()
    }

    /// The decision that was sent; an empty one is none.
    pub fn of(sent: &str) -> Self {
        let sent = sent.trim();
        Self((!sent.is_empty()).then(|| sent.to_owned()))
    }

    /// Refuses to hit others than was decided on.
    ///
    /// # Errors
    /// `AFFECTED_CHANGED`.
    pub(super) fn check<'a>(
        &self,
        affected: impl IntoIterator<Item = &'a Appointment>,
    ) -> Result<(), AppError> {
        match &self.0 {
            Some(decided) if *decided != digest_of(affected) => Err(AppError::AffectedChanged),
            _ => Ok(()),
        }
    }
}

/// Half of the SHA-256 of which appointments these are, when they are, and whose.
pub(super) fn digest_of<'a>(appointments: impl IntoIterator<Item = &'a Appointment>) -> String {
    let mut parts: Vec<_> = appointments
        .into_iter()
        .map(|one| {
            (
                one.id,
                one.patient_id.unwrap_or_default(),
                one.time.start.as_second(),
                one.time.end.as_second(),
            )
        })
        .collect();
    parts.sort_unstable();
    let mut digest = Sha256::new();
    for (id, patient_id, start, end) in parts {
        for number in [id, patient_id, start, end] {
            digest.update(number.to_be_bytes());
        }
    }
    let digest = digest.finalize();
    hex(&digest[..16])
}

/// What is booked with a doctor at a clinic on a date and still ahead.
pub(super) async fn open_on(
    connection: &mut PgConnection,
    doctor_id: i64,
    clinic_id: i64,
    day: civil::Date,
    now: Timestamp,
) -> Result<Vec<Appointment>, Failure> {
    let mut open = coming(connection, &[doctor_id], now).await?;
    open.retain(|one| one.clinic_id == clinic_id && time::local_date(one.time.start, &one.zone) == day);
    Ok(open)
}
