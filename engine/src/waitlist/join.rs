//! Joining the waitlist.

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};

use super::rules::{DayParts, EntryState, MAX_ENTRIES, Party, Weekdays, Wishes};
use crate::{
    account::{Caller, acquaintance::must_know},
    appointment::{AppointmentName, Status, peek},
    booking::{Wanted, book::must_be_theirs},
    database::{Database, Failure, Lock, Tx, locking},
    error::{AppError, Field, FieldProblem, Refusal},
    event::Event,
    group::{MAX_PARTY, Session, State},
    idempotency::{self, Changed, Key, Made},
    time::local_date,
};

/// Number of days from today on until which somebody may wait.
const MAX_DAYS: i32 = 366;
/// The longest notice that somebody may ask for, in minutes.
const MAX_NOTICE_MINUTES: i32 = 30 * 24 * 60;

/// The command to put a patient on the list.
#[derive(Clone, Debug)]
pub struct Join {
    /// The patient, or somebody of the staff who has to do with them.
    pub caller: Caller,
    pub patient_id: i64,
    pub wishes: Wishes,
    /// The appointment that moves to the time that comes free; its doctor, clinic and service are those of the wishes then.
    pub instead_of: Option<AppointmentName>,
    /// The seats of a group session that are waited for, instead of a time; doctor, clinic, service and dates are those of the
    /// session then.
    pub party: Option<Party>,
    /// The patient's reason to come.
    pub reason: String,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// The outcome of joining.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    pub id: i64,
    pub state: EntryState,
    pub version: i32,
}

/// Puts a patient on the list. Whoever waits for the same already keeps their turn, with the new wishes. Seats that are free at
/// this moment are offered at once.
///
/// # Errors
/// `NOT_FOUND` for what nobody offers, a session that is not there, and for a patient or an appointment that is not the caller's; `INVALID_DATE_RANGE`;
/// `VALIDATION_FAILED`; `BOOKING_FAILED` for a session that was cancelled or has begun, or in which the patient has seats; `INVALID_TRANSITION` for an appointment that cannot move any more; `RATE_LIMITED` for whoever waits
/// for as much as anybody may; `IDEMPOTENCY_CONFLICT`.
pub async fn join(database: &Database, command: Join, now: Timestamp) -> Result<Joined, AppError> {
    checked(&command.wishes)?;
    database
        .write("waitlist.join", move |tx| attempt(tx, command.clone(), now))
        .await
}

fn checked(wishes: &Wishes) -> Result<(), AppError> {
    if !(1..=Weekdays::ALL.0).contains(&wishes.weekdays.0) {
        return Err(AppError::invalid(Field::Day, FieldProblem::Malformed));
    }
    if !(1..=DayParts::ALL.0).contains(&wishes.day_parts.0) {
        return Err(AppError::invalid(Field::Hours, FieldProblem::Malformed));
    }
    if !(0..=MAX_NOTICE_MINUTES).contains(&wishes.notice_minutes) {
        return Err(AppError::invalid(Field::Notice, FieldProblem::Malformed));
    }
    Ok(())
}

async fn attempt(mut tx: Tx, command: Join, now: Timestamp) -> Result<Joined, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    if command.instead_of.is_none() && command.party.is_none() {
        refuse_foreign(&command, &command.wishes)?;
    }
    let (wishes, instead_of) = match command.party {
        Some(party) => (lock_session(&mut tx, &command, party, now).await?, None),
        None => settled(&mut tx, &command, now).await?,
    };
    refuse_foreign(&command, &wishes)?;
    if command.caller.clinics().is_some() && wishes.clinic_id.is_none() {
        return Err(AppError::invalid(Field::Clinic, FieldProblem::Missing).into());
    }
    lock_patient(&mut tx, &command).await?;
    must_know(&mut tx, &command.caller, command.patient_id, now).await?;
    if let Some(party) = command.party {
        refuse_seated(&mut tx, party.group_id, command.patient_id).await?;
    } else {
        refuse_unknown(&mut tx, &wishes).await?;
    }
    let joined = write(&mut tx, &command, &wishes, instead_of, now).await?;
    let made = Made::Version {
        changed: Changed::WaitlistEntry,
        id: joined.id,
        version: joined.version,
    };
    idempotency::answer(&mut tx, key, &joined, &[made]).await?;
    tx.commit().await?;
    Ok(joined)
}

/// Refuses whoever may not put this patient on the list of this doctor at this clinic, where they are named.
fn refuse_foreign(command: &Join, wishes: &Wishes) -> Result<(), AppError> {
    must_be_theirs(
        &command.caller,
        command.patient_id,
        wishes.doctor_id.unwrap_or_default(),
        wishes.clinic_id,
    )
}

/// Locks the session in which somebody waits for seats, and answers with what it makes of the wishes. Whoever frees seats of it
/// comes before or after this, so that nobody waits for what is free.
async fn lock_session(tx: &mut Tx, command: &Join, party: Party, now: Timestamp) -> Result<Wishes, Failure> {
    let session = Session::lock(tx, party.group_id).await?;
    if session.state == State::Draft {
        return Err(AppError::NotFound.into());
    }
    if !(1..=MAX_PARTY.min(session.capacity)).contains(&party.seats) {
        return Err(AppError::invalid(Field::Seats, FieldProblem::Malformed).into());
    }
    if !session.is_open(now) {
        return Err(Refusal::SlotClosed.of(session.wanted()).into());
    }
    let day = local_date(session.starts_at, session.zone());
    // Those that are free, if any, are offered to who is next.
    tx.tell(Event::SeatsFreed {
        group_id: session.id,
        doctor_id: session.doctor_id,
        clinic_id: session.clinic_id,
        service_id: session.service_id,
        time: session.time(),
        of_patient: None,
    });
    Ok(Wishes {
        service_id: session.service_id,
        doctor_id: Some(session.doctor_id),
        clinic_id: Some(session.clinic_id),
        first_day: day,
        last_day: day,
        weekdays: Weekdays::ALL,
        day_parts: DayParts::ALL,
        ..command.wishes.clone()
    })
}

/// The wishes as they are kept, with the id of the appointment that is to move.
async fn settled(tx: &mut Tx, command: &Join, now: Timestamp) -> Result<(Wishes, Option<i64>), Failure> {
    let mut wishes = command.wishes.clone();
    let mut instead_of = None;
    if let Some(which) = &command.instead_of {
        let own = peek(tx, which).await?;
        if !own.is_visible_to(&command.caller) || own.patient_id != Some(command.patient_id) {
            return Err(AppError::NotFound.into());
        }
        // Seats have the time of their session: nothing sooner can take their place.
        let may_move = matches!(own.status, Status::Pending | Status::Confirmed) && own.group_id.is_none();
        if !may_move || own.has_started(now) {
            return Err(AppError::InvalidTransition {
                appointment_id: own.id,
                from: own.status,
                to: own.status,
            }
            .into());
        }
        wishes.doctor_id = Some(own.doctor_id);
        wishes.clinic_id = Some(own.clinic_id);
        wishes.service_id = own.service_id;
        wishes.last_day = wishes.last_day.min(local_date(own.time.start, &own.zone));
        instead_of = Some(own.id);
    }
    // It may be tomorrow already, or still yesterday, where the clinic is.
    let today = local_date(now, &TimeZone::UTC);
    let earliest = today.saturating_sub(1.day());
    let latest = today.saturating_add(MAX_DAYS.days());
    wishes.first_day = wishes.first_day.max(earliest);
    match wishes.first_day <= wishes.last_day && wishes.last_day <= latest {
        true => Ok((wishes, instead_of)),
        false => Err(AppError::InvalidDateRange.into()),
    }
}

/// Locks the patient: what somebody waits for is counted one after the other.
async fn lock_patient(tx: &mut Tx, command: &Join) -> Result<(), Failure> {
    let locked = sqlx::query_scalar!(
        "select id from patients where id = $1 and active for no key update",
        command.patient_id,
    );
    let locked = locking(Lock::Patient, locked.fetch_optional(&mut **tx)).await?;
    match locked {
        Some(_) => Ok(()),
        None if command.caller.role().is_staff() => Err(AppError::NotFound.into()),
        None => Err(AppError::Unauthenticated.into()),
    }
}

/// Refuses a patient who has seats in this session, as taking more of them would: nobody is offered what they could not accept.
/// Both are locked.
async fn refuse_seated(tx: &mut Tx, group_id: i64, patient_id: i64) -> Result<(), Failure> {
    let seated = sqlx::query!(
        r#"select doctor_id, clinic_id, service_id, starts_at as "starts_at: jiff_sqlx::Timestamp" from groups
           where id = $1 and exists (select from appointments
                                     where group_id = $1 and patient_id = $2
                                       and status in ('pending', 'confirmed', 'in_progress'))"#,
        group_id,
        patient_id,
    );
    match seated.fetch_optional(&mut **tx).await? {
        Some(session) => Err(Refusal::PatientOverlap
            .of(Wanted {
                doctor_id: session.doctor_id,
                clinic_id: session.clinic_id,
                service_id: session.service_id,
                starts_at: session.starts_at.to_jiff().as_second(),
            })
            .into()),
        None => Ok(()),
    }
}

/// Refuses what nobody offers.
async fn refuse_unknown(tx: &mut Tx, wishes: &Wishes) -> Result<(), Failure> {
    let is_offered = sqlx::query_scalar!(
        r#"select exists (
               select from offers
               join doctors on doctors.id = offers.doctor_id and doctors.active
               join services on services.id = offers.service_id and services.active
               where offers.service_id = $1 and ($2::bigint is null or offers.doctor_id = $2)
                 and ($3::bigint is null or offers.clinic_id = $3)) as "is_offered!""#,
        wishes.service_id,
        wishes.doctor_id,
        wishes.clinic_id,
    );
    match is_offered.fetch_one(&mut **tx).await? {
        true => Ok(()),
        false => Err(AppError::NotFound.into()),
    }
}

async fn write(
    tx: &mut Tx,
    command: &Join,
    wishes: &Wishes,
    instead_of: Option<i64>,
    now: Timestamp,
) -> Result<Joined, Failure> {
    let same = sqlx::query!(
        "update waitlist_entries set
             first_day = $6, last_day = $7, weekdays = $8, day_parts = $9, notice_minutes = $10, reason = $11,
             seats = case state when 'waiting' then $13 else seats end, version = version + 1
         where patient_id = $1 and service_id = $2 and doctor_id is not distinct from $3
           and clinic_id is not distinct from $4 and instead_of is not distinct from $5
           and group_id is not distinct from $12
           and state in ('waiting', 'offered')
         returning id, state, version",
        command.patient_id,
        wishes.service_id,
        wishes.doctor_id,
        wishes.clinic_id,
        instead_of,
        wishes.first_day.to_sqlx() as _,
        wishes.last_day.to_sqlx() as _,
        wishes.weekdays.0,
        wishes.day_parts.0,
        wishes.notice_minutes,
        command.reason,
        command.party.map(|party| party.group_id),
        command.party.map(|party| party.seats),
    );
    if let Some(row) = locking(Lock::Waitlist, same.fetch_optional(&mut **tx)).await? {
        return Ok(Joined {
            id: row.id,
            state: EntryState::parse(&row.state).ok_or(AppError::Internal)?,
            version: row.version,
        });
    }
    let open = sqlx::query_scalar!(
        r#"select count(*) as "count!" from waitlist_entries
           where patient_id = $1 and state in ('waiting', 'offered')"#,
        command.patient_id,
    );
    if open.fetch_one(&mut **tx).await? >= MAX_ENTRIES {
        return Err(AppError::RateLimited.into());
    }
    let id = sqlx::query_scalar!(
        "insert into waitlist_entries
             (patient_id, service_id, doctor_id, clinic_id, instead_of, first_day, last_day, weekdays, day_parts,
              notice_minutes, reason, joined_at, joined_by, group_id, seats)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         returning id",
        command.patient_id,
        wishes.service_id,
        wishes.doctor_id,
        wishes.clinic_id,
        instead_of,
        wishes.first_day.to_sqlx() as _,
        wishes.last_day.to_sqlx() as _,
        wishes.weekdays.0,
        wishes.day_parts.0,
        wishes.notice_minutes,
        command.reason,
        now.to_sqlx(),
        command.caller.staff_id(),
        command.party.map(|party| party.group_id),
        command.party.map(|party| party.seats),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Joined {
        id,
        state: EntryState::Waiting,
        version: 1,
    })
}
