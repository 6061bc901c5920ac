//! Calling off what a person has ahead, before they are erased: each as if they, or the admin who erases them, did it.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{
    account::{Caller, Clinics},
    appointment::{Actor, AppointmentName, Extra, Status, change, lock, lock_session_of, peek},
    database::{Database, Failure, Tx},
    error::AppError,
    stay::{self, CancelStay},
    waitlist::{self, Leave},
};

/// Who asked for an erasure, as whoever calls off what is ahead. [`of_records`] adds the records that became a part of it.
pub(super) fn doer(patient_id: i64, by_patient: Option<i64>, by_staff: Option<i64>) -> Caller {
    match by_staff {
        Some(staff_id) => Caller::Admin {
            staff_id,
            name: String::new(),
            clinics: Clinics::All,
        },
        None => Caller::Patient {
            id: by_patient.unwrap_or(patient_id),
            name: None,
            family: vec![patient_id],
            opened_since: None,
        },
    }
}

/// The same, who acts for each of these records: what a merge left with one that it closed is theirs as well.
pub(super) fn of_records(doer: &Caller, records: &[i64]) -> Caller {
    let mut doer = doer.clone();
    if let Caller::Patient { family, .. } = &mut doer {
        *family = records.to_vec();
    }
    doer
}

/// Calls off what is ahead of these records: appointments, holds, stays and what they wait for. What cannot be called off any
/// more, as what begins within the hour, stays; answers whether nothing is left of it.
///
/// # Errors
/// Those of the database.
pub(super) async fn call_off(
    database: &Database,
    doer: &Caller,
    records: &[i64],
    now: Timestamp,
) -> Result<bool, AppError> {
    let ahead = ahead(database, records.to_vec(), now).await?;
    for entry_id in ahead.entries {
        let command = Leave {
            caller: doer.clone(),
            entry_id,
        };
        allowed(waitlist::leave(database, command, now).await)?;
    }
    for id in ahead.appointments {
        let doer = doer.clone();
        let called_off = database
            .write("privacy.call_off", move |tx| {
                call_off_one(tx, doer.clone(), id, now)
            })
            .await;
        allowed(called_off)?;
    }
    for stay_id in ahead.stays {
        let command = CancelStay {
            caller: doer.clone(),
            stay_id,
            version: None,
            reason: String::new(),
            key: None,
        };
        allowed(stay::cancel(database, command, now).await.map(drop))?;
    }
    let left = self::ahead(database, records.to_vec(), now).await?;
    Ok(left.entries.is_empty() && left.appointments.is_empty() && left.stays.is_empty())
}

/// What the rules do not allow is left as it is: it takes place.
fn allowed(result: Result<(), AppError>) -> Result<(), AppError> {
    match result {
        Err(AppError::InvalidTransition { .. } | AppError::StayTransition { .. } | AppError::NotFound) => {
            Ok(())
        }
        result => result,
    }
}

/// What a person still has ahead.
struct Ahead {
    entries: Vec<i64>,
    appointments: Vec<i64>,
    stays: Vec<i64>,
}

async fn ahead(database: &Database, records: Vec<i64>, now: Timestamp) -> Result<Ahead, AppError> {
    database
        .read("privacy.ahead", move |mut connection| async move {
            let entries = sqlx::query_scalar!(
                "select id from waitlist_entries where patient_id = any($1) and state in ('waiting', 'offered') order by id",
                &records,
            );
            let entries = entries.fetch_all(&mut *connection).await?;
            let appointments = sqlx::query_scalar!(
                "select id from appointments
                 where patient_id = any($1)
                   and (status = 'held' or status in ('pending', 'confirmed', 'in_progress') and ends_at > $2)
                 order by id",
                &records,
                now.to_sqlx(),
            );
            let appointments = appointments.fetch_all(&mut *connection).await?;
            let stays = sqlx::query_scalar!(
                "select id from stays
                 where patient_id = any($1)
                   and (status = 'held'
                        or status in ('booked', 'arrived') and departure >= ($2::timestamptz at time zone 'UTC')::date)
                 order by id",
                &records,
                now.to_sqlx(),
            );
            let stays = stays.fetch_all(&mut *connection).await?;
            Ok(Ahead {
                entries,
                appointments,
                stays,
            })
        })
        .await
}

async fn call_off_one(mut tx: Tx, doer: Caller, id: i64, now: Timestamp) -> Result<(), Failure> {
    let seen = peek(&mut tx, &AppointmentName::Id(id)).await?;
    lock_session_of(&mut tx, &seen).await?;
    let appointment = lock(&mut tx, id).await?;
    let (to, actor) = match appointment.status {
        Status::Held | Status::Pending if appointment.has_run_out(now) => (Status::Expired, Actor::SYSTEM),
        // Whoever chose it is no longer signed in, and its browser does not let go of it.
        Status::Held => (Status::Cancelled, Actor::VISITOR),
        _ => (Status::Cancelled, Actor::from(&doer)),
    };
    change(&mut tx, appointment, to, actor, Extra::default(), now).await?;
    tx.commit().await
}
