//! Cancelling a day: no more bookings, and none of those that are there.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

use super::{
    Act, LockedDoctor, MAX_REASON,
    affected::{AsDecided, Question, open_on},
    calls::{NewList, Why, open_list},
    count_change,
    edit::apply,
    lock_seen, must_have_the_day,
};
use crate::{
    account::{Caller, required},
    appointment::{Actor, Extra, Status, Summary, change, lock_open_between},
    database::{Database, Failure, Tx},
    error::{AppError, Field, FieldProblem},
    group::GroupsOfDay,
    i18n::Texts,
    idempotency::{self, Changed, Key, Made},
    notification::{
        Kind,
        outbox::enqueue,
        wording::{self, Wording},
    },
    text,
    time::{self, Range},
};

/// The command to cancel a day of a doctor.
#[derive(Clone, Debug)]
pub struct CancelDay {
    pub caller: Caller,
    pub doctor_id: i64,
    /// The version of the doctor that the caller has read (C7).
    pub version: i32,
    pub clinic_id: i64,
    pub day: civil::Date,
    /// The reason, which the patients are told.
    pub reason: String,
    /// In which language.
    pub texts: Texts,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// The effect of cancelling a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    pub version: i32,
    pub appointments: Vec<Summary>,
    /// The number of patients who were told.
    pub told: usize,
    /// The list of whom to call; none where nobody had booked.
    #[serde(default)]
    pub call_list: Option<i64>,
}

/// Takes no more bookings on a date, cancels what is still ahead of it, and tells each patient once: all of it, or
/// nothing.
///
/// # Errors
/// Those of [`super::edit`].
pub async fn cancel_day(
    database: &Database,
    command: CancelDay,
    now: Timestamp,
) -> Result<Cancelled, AppError> {
    cancel_day_as_decided(database, command, AsDecided::unasked(), now).await
}

/// Cancels a day, and nobody else than whom the caller decided on.
///
/// # Errors
/// Those of [`cancel_day`]; `AFFECTED_CHANGED` where somebody booked, moved or cancelled since the question.
pub async fn cancel_day_as_decided(
    database: &Database,
    mut command: CancelDay,
    decided: AsDecided,
    now: Timestamp,
) -> Result<Cancelled, AppError> {
    command.reason = required(Field::Reason, &command.reason, MAX_REASON)?;
    database
        .write("schedule.cancel_day", move |tx| {
            attempt(tx, command.clone(), decided.clone(), now)
        })
        .await
}

/// Whom cancelling a day would hit, before it is done.
///
/// # Errors
/// `NOT_FOUND` for what is not the caller's; `VALIDATION_FAILED` without a reason.
pub async fn ask_to_cancel_day(
    database: &Database,
    command: CancelDay,
    now: Timestamp,
) -> Result<Question, AppError> {
    must_have_the_day(&command.caller, command.doctor_id, command.clinic_id)?;
    required(Field::Reason, &command.reason, MAX_REASON)?;
    let CancelDay {
        caller,
        doctor_id,
        clinic_id,
        day,
        ..
    } = command;
    let affected = database
        .read("schedule.ask_to_cancel_day", move |mut connection| async move {
            open_on(&mut connection, doctor_id, clinic_id, day, now).await
        })
        .await?;
    Question::about(database, &caller, &affected, now).await
}

async fn attempt(
    mut tx: Tx,
    command: CancelDay,
    decided: AsDecided,
    now: Timestamp,
) -> Result<Cancelled, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    must_have_the_day(&command.caller, command.doctor_id, command.clinic_id)?;
    let doctor = lock_seen(&mut tx, command.doctor_id, command.version).await?;
    let place = place(&mut tx, &doctor, command.clinic_id).await?;
    let stop = Act::StopDay {
        clinic_id: command.clinic_id,
        day: command.day,
        // Who opens the day again reads why it was cancelled.
        note: text::line(&command.reason),
    };
    apply(&mut tx, &doctor, &stop, now).await?;
    let appointments = cancel_open(&mut tx, &doctor, &place, &command, &decided, now).await?;
    let list = NewList {
        doctor_id: Some(doctor.id),
        clinic_id: Some(command.clinic_id),
        why: Why::DayCancelled,
        days: (command.day, command.day),
        made_by: command.caller.staff_id().ok_or(AppError::NotFound)?,
    };
    let call_list = open_list(&mut tx, &list, &appointments, now).await?;
    let told = tell(&mut tx, &place, &appointments, &command).await?;
    let version = count_change(
        &mut tx,
        &doctor,
        Some(command.clinic_id),
        "day_cancelled",
        &command.caller,
        now,
    )
    .await?;
    let cancelled = Cancelled {
        version,
        appointments,
        told,
        call_list,
    };
    let made = Made::Version {
        changed: Changed::Doctor,
        id: doctor.id,
        version,
    };
    idempotency::answer(&mut tx, key, &cancelled, &[made]).await?;
    tx.commit().await?;
    Ok(cancelled)
}

/// The place and the doctor in a message.
struct Place {
    doctor: String,
    clinic: String,
    phone: String,
    zone_name: String,
    zone: jiff::tz::TimeZone,
}

async fn place(tx: &mut Tx, doctor: &LockedDoctor, clinic_id: i64) -> Result<Place, Failure> {
    let row = sqlx::query!(
        "select doctors.name as doctor, clinics.name as clinic, phone, time_zone
         from doctors, clinics where doctors.id = $1 and clinics.id = $2",
        doctor.id,
        clinic_id,
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(AppError::NotFound)?;
    Ok(Place {
        doctor: row.doctor,
        clinic: row.clinic,
        phone: row.phone,
        zone: time::stored_zone(&row.time_zone)
            .ok_or(AppError::invalid(Field::TimeZone, FieldProblem::Malformed))?,
        zone_name: row.time_zone,
    })
}

/// Ends what begins on this date and is not under way or over. A request is cancelled by an admin and
/// declined by the doctor, as the status machine has it; one that has run out has lost its time before.
async fn cancel_open(
    tx: &mut Tx,
    doctor: &LockedDoctor,
    place: &Place,
    command: &CancelDay,
    decided: &AsDecided,
    now: Timestamp,
) -> Result<Vec<Summary>, Failure> {
    let (Some(start), Some(end)) = (
        time::first_instant(command.day, 0, &place.zone),
        time::last_instant(command.day, 1440, &place.zone),
    ) else {
        return Ok(Vec::new());
    };
    let rest_of_the_day = Range::new(start.max(now), end);
    let actor = Actor::from(&command.caller);
    let mut cancelled = Vec::new();
    let groups = GroupsOfDay::lock(tx, doctor.id, command.clinic_id, rest_of_the_day).await?;
    let open = lock_open_between(tx, doctor.id, command.clinic_id, rest_of_the_day).await?;
    let standing = open.iter().filter(|appointment| !appointment.has_run_out(now));
    decided.check(standing.map(|appointment| &**appointment))?;
    for appointment in open {
        if appointment.has_run_out(now) {
            let nothing = Extra::default();
            change(tx, appointment, Status::Expired, Actor::SYSTEM, nothing, now).await?;
            continue;
        }
        let to = appointment.status.called_off_by(actor.role);
        let extra = Extra {
            reason: command.reason.clone(),
            with_its_group: groups.has(&appointment),
            ..Extra::default()
        };
        cancelled.push(Summary::from(
            &*change(tx, appointment, to, actor, extra, now).await?,
        ));
    }
    groups.cancel(tx, actor, now).await?;
    Ok(cancelled)
}

/// One message to each patient, whatever they had booked. Answers with how many there were.
async fn tell(
    tx: &mut Tx,
    place: &Place,
    appointments: &[Summary],
    command: &CancelDay,
) -> Result<usize, Failure> {
    let mut times: BTreeMap<i64, Vec<Timestamp>> = BTreeMap::new();
    for appointment in appointments {
        if let Some(patient_id) = appointment.patient_id {
            times.entry(patient_id).or_default().push(appointment.starts_at);
        }
    }
    let texts = command.texts;
    let ids: Vec<i64> = times.keys().copied().collect();
    let patients = sqlx::query!(
        "select id, phone from patients where id = any($1) order by id",
        &ids
    )
    .fetch_all(&mut **tx)
    .await?;
    let days = (command.day, command.day);
    let zone = time::zone_of_days(&place.zone_name, &place.zone, days, texts);
    let not_after = time::last_instant(command.day, 1440, &place.zone).unwrap_or_else(|| tx.now());
    for patient in &patients {
        let mut theirs = times.remove(&patient.id).unwrap_or_default();
        theirs.sort();
        let count = i64::try_from(theirs.len()).unwrap_or(i64::MAX);
        let clocks: Vec<String> = theirs
            .into_iter()
            .map(|starts_at| time::clock(starts_at, &place.zone, texts.locale()))
            .collect();
        let date = time::long_date(command.day, texts);
        let (times, reason) = (clocks.join(", "), sentence(&command.reason));
        let values = [
            ("date", date.clone()),
            ("times", times.clone()),
            ("zone", zone.clone()),
            ("clinic", place.clinic.clone()),
            ("doctor", place.doctor.clone()),
            ("reason", reason.clone()),
            ("phone", place.phone.clone()),
        ];
        let own = wording::say(tx, Wording::DayCancelled, texts.locale(), &values).await?;
        let body = own.unwrap_or_else(|| {
            texts.with(
                "message-day-cancelled",
                &[
                    ("count", count.into()),
                    ("clinic", place.clinic.clone().into()),
                    ("doctor", place.doctor.clone().into()),
                    ("date", date.into()),
                    ("times", times.into()),
                    ("zone", zone.clone().into()),
                    ("reason", reason.into()),
                    ("phone", place.phone.clone().into()),
                ],
            )
        });
        let to = (patient.id, patient.phone.as_str());
        enqueue(tx, Kind::DayCancelled, to, (texts.locale(), &body), not_after).await?;
    }
    Ok(patients.len())
}

/// A text with a full stop, where it has no end of its own.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    match text.ends_with(['.', '!', '?', '…', '。']) {
        true => text.to_owned(),
        false => format!("{text}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_in_a_message_ends_like_a_sentence() {
        for (text, expected) in [
            ("illness", "illness."),
            ("Illness. ", "Illness."),
            ("Why?", "Why?"),
        ] {
            assert_eq!(sentence(text), expected);
        }
    }
}
