//! Two records of one person become one: everything moves to the record that stays, in one transaction, with a ledger of
//! what moved. It can be taken back for a day.

mod attempt;
mod family;
pub mod integrity;
mod read;
mod rows;
mod undo;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::read::{Comparison, MergeDone, Overlap, Side, candidates, compare, merges_of, survivor};
use crate::{
    account::{Caller, must_be_admin, note_by},
    audit::{self, Kind, Note},
    database::Database,
    desk::card::Written,
    error::{AppError, Field, FieldProblem},
    idempotency::Key,
};

/// Minutes for which a merge can be taken back.
pub const UNDO_MINUTES: i64 = 24 * 60;

/// The record whose value is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    /// The record that stays.
    #[default]
    Stays,
    /// The record that goes.
    Goes,
}

impl Of {
    /// Reads what a form says; nothing is the record that stays.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn parse(text: &str) -> Result<Self, AppError> {
        match text {
            "" | "stays" => Ok(Self::Stays),
            "goes" => Ok(Self::Goes),
            _ => Err(AppError::invalid(Field::Body, FieldProblem::Malformed)),
        }
    }
}

/// What is kept where the two differ. Notes of the desk are both kept.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Keep {
    pub name: Of,
    pub phone: Of,
    /// The e-mail address, the language and whether reminders are wanted.
    pub contact: Of,
    pub birthday: Of,
}

/// The command to make two records one.
#[derive(Clone, Debug)]
pub struct Merge {
    pub caller: Caller,
    /// The record that goes.
    pub from_id: i64,
    /// The record that stays.
    pub into_id: i64,
    pub keep: Keep,
    pub key: Option<Key>,
}

/// A merge that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merged {
    pub merge_id: i64,
    /// The record that stays.
    pub patient_id: i64,
    /// The number of appointments that moved.
    pub appointments: i64,
}

/// Makes two records one. Whoever books for the record that goes at this moment is served before, and the appointment
/// moves along, or is refused after it.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics, and for a patient who is not there; `RECORD_MERGED` where one of them
/// is part of another record by now; `RECORDS_OVERLAP` where both have an appointment at the same time;
/// `VALIDATION_FAILED` for one and the same record, for a phone that somebody else has, and for notes that are too long
/// together; `IDEMPOTENCY_CONFLICT`.
pub async fn merge(database: &Database, command: Merge, now: Timestamp) -> Result<Merged, AppError> {
    must_be_admin(&command.caller)?;
    if command.from_id == command.into_id {
        return Err(AppError::invalid(Field::Whose, FieldProblem::Taken));
    }
    let note = note(&command.caller, command.into_id, "merged");
    let told = note.clone();
    let merged = database
        .write("patients.merge", move |tx| {
            attempt::attempt(tx, command.clone(), note.clone(), now)
        })
        .await?;
    audit::tell(database, &told);
    Ok(merged)
}

/// The command to take a merge back.
#[derive(Clone, Debug)]
pub struct Undo {
    pub caller: Caller,
    pub merge_id: i64,
    pub key: Option<Key>,
}

/// A merge that was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// The record that is there again.
    pub from_id: i64,
    /// The record that had stayed.
    pub into_id: i64,
    /// The number of appointments that moved back.
    pub appointments: i64,
    /// The number of appointments that were made since, and stay with the record that had stayed.
    pub made_since: i64,
    /// Whether the record that is there again has its own phone number. Somebody else may have it by now.
    pub has_its_phone: bool,
}

/// Takes a merge back within a day: what moved goes back where it still can.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics, for a merge that is not there, that was taken back, or that is older
/// than a day; `RECORD_MERGED` where the record that stayed is part of another one by now; `CONCURRENCY_ABORT` where
/// somebody signs in with one of the phones at this moment; `IDEMPOTENCY_CONFLICT`.
pub async fn undo_merge(database: &Database, command: Undo, now: Timestamp) -> Result<Undone, AppError> {
    must_be_admin(&command.caller)?;
    let caller = command.caller.clone();
    let undone = database
        .write("patients.undo_merge", move |tx| {
            undo::attempt(tx, command.clone(), now)
        })
        .await?;
    audit::tell(database, &note(&caller, undone.into_id, "taken back"));
    Ok(undone)
}

fn note(caller: &Caller, patient_id: i64, about: &str) -> Note {
    note_by(caller, Kind::PatientsMerged)
        .of_patient(patient_id)
        .about(about)
}

/// The part of a record that a merge may change, as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    id: i64,
    name: Option<String>,
    phone: String,
    holder_id: Option<i64>,
    email: Option<String>,
    email_confirmed_at: Option<Timestamp>,
    locale: Option<String>,
    wants_reminders: bool,
    birthday: Option<jiff::civil::Date>,
    note: String,
    /// Of the card; 0 where there is none.
    version: i32,
}

impl Kept {
    /// The part of it that staff write on its page.
    fn written(&self) -> Written<'_> {
        Written {
            name: self.name.as_deref().unwrap_or_default(),
            birthday: self.birthday,
            note: &self.note,
        }
    }
}

/// What the ledger keeps of a merge.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Before {
    from: Kept,
    into: Kept,
    /// The record that stays, as the merge left it.
    after: Kept,
    /// The newest appointment of the record that stays, as the merge left it.
    last_appointment: i64,
}
