//! Making many doctors at once.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{
    NewDoctor,
    doctor::{EMAIL_TAKEN, added, check_of, make},
    import::{Outcome, Report, Reported, Row},
    must_be_admin,
};
use crate::{
    account::{Caller, password_hash},
    audit,
    database::{Database, Failure, Tx},
    error::AppError,
    idempotency::{self, Key},
};

/// The command to import doctors.
#[derive(Clone, Debug)]
pub struct ImportDoctors {
    pub caller: Caller,
    pub rows: Vec<Row>,
    /// To see what would come of it, and take it all back.
    pub is_check: bool,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// A row with the hash of its password.
#[derive(Clone, Debug)]
struct Ready {
    line: usize,
    name: String,
    doctor: Result<(NewDoctor, String), Vec<AppError>>,
}

impl Ready {
    fn email(&self) -> Option<&str> {
        let (doctor, _) = self.doctor.as_ref().ok()?;
        Some(&doctor.profile.email)
    }
}

/// Adds doctors in one transaction, each in a savepoint (C8): a doctor whom the rules refuse is rolled back alone and
/// reported, and all others can be booked afterwards.
///
/// # Errors
/// `NOT_FOUND` for whoever is no admin of all clinics; `IDEMPOTENCY_CONFLICT`.
pub async fn import_doctors(
    database: &Database,
    command: ImportDoctors,
    now: Timestamp,
) -> Result<Report, AppError> {
    must_be_admin(&command.caller)?;
    let ImportDoctors {
        caller,
        rows,
        is_check,
        key,
    } = command;
    let mut ready = Vec::with_capacity(rows.len());
    // One after the other: others want to sign in meanwhile.
    for Row { line, name, doctor } in rows {
        let doctor = match doctor {
            Ok((doctor, password)) => match check_of(database, &password, &doctor.profile).await {
                Ok(()) => Ok((doctor, password)),
                Err(error @ AppError::ValidationFailed { .. }) => Err(vec![error]),
                Err(error) => return Err(error),
            },
            Err(errors) => Err(errors),
        };
        let doctor = match doctor {
            // Nobody will sign in with it.
            Ok((doctor, _)) if is_check => Ok((doctor, String::new())),
            Ok((doctor, password)) => Ok((doctor, password_hash(password).await?)),
            Err(errors) => Err(errors),
        };
        ready.push(Ready { line, name, doctor });
    }
    // Two imports make the accounts of the same people in the same order, so that one waits for the other, and not
    // each for the other.
    ready.sort_by(|one, other| one.email().cmp(&other.email()));
    let note = added(&caller);
    let report = database
        .write("organisation.import_doctors", move |tx| {
            attempt(tx, caller.clone(), ready.clone(), is_check, key.clone(), now)
        })
        .await?;
    if !is_check {
        let made = report
            .rows
            .iter()
            .filter(|row| matches!(row.outcome, Outcome::Added { .. }));
        made.for_each(|_| audit::tell(database, &note));
    }
    Ok(report)
}

async fn attempt(
    mut tx: Tx,
    caller: Caller,
    rows: Vec<Ready>,
    is_check: bool,
    key: Option<Key>,
    now: Timestamp,
) -> Result<Report, Failure> {
    let key = key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let mut reported = Vec::with_capacity(rows.len());
    // In which line somebody was added.
    let mut lines: HashMap<String, usize> = HashMap::new();
    for Ready { line, name, doctor } in rows {
        let outcome = match doctor {
            Err(errors) => Outcome::Wrong(errors),
            Ok((doctor, hash)) => match lines.get(&doctor.profile.email) {
                Some(&line) => Outcome::Twice { line },
                None => {
                    let outcome = row(&mut tx, &caller, &doctor, &hash, now).await?;
                    if matches!(outcome, Outcome::Added { .. }) {
                        lines.insert(doctor.profile.email, line);
                    }
                    outcome
                }
            },
        };
        reported.push(Reported { line, name, outcome });
    }
    reported.sort_by_key(|row| row.line);
    let report = Report {
        is_check,
        rows: reported,
    };
    if !is_check {
        idempotency::answer(&mut tx, key, &report, &[]).await?;
        tx.commit().await?;
    }
    Ok(report)
}

/// Makes one of them, or leaves nothing of it.
async fn row(
    tx: &mut Tx,
    caller: &Caller,
    doctor: &NewDoctor,
    password_hash: &str,
    now: Timestamp,
) -> Result<Outcome, Failure> {
    // It locks the clinic and the services after the doctors of earlier rows. Nobody else waits for those while holding a
    // clinic or a service: until the commit, nobody sees the doctors, and their accounts are waited for by other imports
    // alone, which make them in the same order.
    let savepoint = tx.new_part().await?;
    let made = make(tx, caller, doctor, password_hash, now).await;
    Ok(match savepoint.settle(tx, made).await? {
        Ok(id) => Outcome::Added { id },
        Err(EMAIL_TAKEN) => Outcome::Already {
            id: doctor_with(tx, &doctor.profile.email).await?,
        },
        Err(error) => Outcome::Wrong(vec![error]),
    })
}

/// The doctor who signs in with this address, where it is one.
async fn doctor_with(tx: &mut Tx, email: &str) -> Result<Option<i64>, Failure> {
    Ok(sqlx::query_scalar!(
        "select doctors.id from doctors join staff on staff.id = staff_id where email = $1",
        email,
    )
    .fetch_optional(&mut **tx)
    .await?)
}
