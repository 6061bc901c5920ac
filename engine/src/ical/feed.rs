//! Reading what calendars are told, and the addresses at which they read it.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{Event, Made, Owner, hash, link::link, session::sessions_of};
use crate::{
    account::{
        Caller,
        secret::{Holder, hex},
        session::random_token,
    },
    appointment::{AppointmentName, Status, peek},
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    i18n::{Locale, Names},
    idempotency::{self, Key},
    nobody::name_of,
    time::plus_minutes,
};

/// The age of the oldest appointment in a feed, in minutes.
const BACK_MINUTES: i64 = 30 * 24 * 60;
/// The number of appointments in a feed, the earliest ones.
const MAX_EVENTS: i64 = 5000;
/// How old the note of the last use of an address may get, in minutes, before a use is noted again.
const NOTED_MINUTES: i64 = 5;

/// The columns of an event, as every query of some selects them.
struct Row {
    reference: String,
    status: String,
    starts_at: jiff_sqlx::Timestamp,
    ends_at: jiff_sqlx::Timestamp,
    version: i32,
    changed_at: jiff_sqlx::Timestamp,
    shown_version: i32,
    shown_at: Option<jiff_sqlx::Timestamp>,
    answer_until: Option<jiff_sqlx::Timestamp>,
    mode: String,
    service_name: String,
    service_names: Option<serde_json::Value>,
    doctor_id: i64,
    doctor_name: String,
    clinic_name: String,
    address: String,
    patient_name: Option<String>,
}

impl Row {
    fn into_event(self) -> Result<Event, Failure> {
        Ok(Event {
            reference: self.reference,
            status: Status::parse(&self.status).ok_or(AppError::Internal)?,
            starts_at: self.starts_at.to_jiff(),
            ends_at: self.ends_at.to_jiff(),
            version: self.version,
            changed_at: self.changed_at.to_jiff(),
            shown_version: self.shown_version,
            shown_at: self.shown_at.map(jiff_sqlx::Timestamp::to_jiff),
            answer_until: self.answer_until.map(jiff_sqlx::Timestamp::to_jiff),
            is_at_clinic: self.mode == "in_person",
            service: self.service_name,
            service_names: Names::stored(self.service_names),
            // Where a session has no doctor, none is named.
            doctor: name_of(self.doctor_id, self.doctor_name).unwrap_or_default(),
            clinic: self.clinic_name,
            address: self.address,
            patient: self.patient_name,
            session: None,
        })
    }
}

/// Reads events, each with its last change: one list of columns for every condition. Of what was booked: no hold, and none
/// that came to nothing.
macro_rules! events {
    ($condition:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            Row,
            r#"select reference, status, starts_at, ends_at, appointments.version, changes.changed_at, answer_until,
                      doctors.shown_version + clinics.shown_version + coalesce(patients.shown_version, 0)
                          as "shown_version!",
                      greatest(doctors.shown_at, clinics.shown_at, patients.shown_at) as shown_at,
                      appointments.mode, service_name, service_names, doctor_id, doctors.name as doctor_name,
                      clinics.name as clinic_name,
                      clinics.address || ', ' || clinics.city as "address!", patients.name as "patient_name?"
               from appointments
               join appointment_changes changes
                   on changes.appointment_id = appointments.id and changes.version = appointments.version
               join doctors on doctors.id = doctor_id
               join clinics on clinics.id = clinic_id
               left join patients on patients.id = appointments.patient_id
               where status <> 'held' and not (status in ('cancelled', 'expired') and changes.from_status = 'held')
                 and "# + $condition,
            $($argument),+
        )
    };
}

/// One appointment, for a caller who may see it, and the id of this installation. `origin` is the site that its link leads
/// to.
///
/// # Errors
/// `NOT_FOUND`, also for what is somebody else's and what nobody has booked yet.
pub async fn event(
    database: &Database,
    caller: Caller,
    which: AppointmentName,
    origin: Option<String>,
    now: Timestamp,
) -> Result<(Event, String), AppError> {
    let owner = Owner::of(&caller);
    let (mut event, installation) = database
        .read("calendar.event", move |mut connection| async move {
            let appointment = peek(&mut connection, &which).await?;
            if !appointment.is_visible_to(&caller) {
                return Err(AppError::NotFound.into());
            }
            let event = events!("appointments.id = $1", appointment.id)
                .fetch_optional(&mut *connection)
                .await?
                .ok_or(AppError::NotFound)?
                .into_event()?;
            Ok((event, installation(&mut connection).await?))
        })
        .await?;
    link(database, owner, origin, now).await?.show_in(&mut event);
    Ok((event, installation))
}

/// One appointment, and the id of this installation, for a message about it. Does not authorise.
///
/// # Errors
/// Those of the database.
pub(crate) async fn event_of(
    connection: &mut PgConnection,
    appointment_id: i64,
) -> Result<Option<(Event, String)>, Failure> {
    let row = events!("appointments.id = $1", appointment_id)
        .fetch_optional(&mut *connection)
        .await?;
    match row {
        Some(row) => Ok(Some((row.into_event()?, installation(connection).await?))),
        None => Ok(None),
    }
}

/// The events of a calendar, and how much of them is shown.
#[derive(Clone, Debug)]
pub struct Feed {
    pub owner: Owner,
    pub details: bool,
    pub language: Locale,
    pub installation: String,
    pub events: Vec<Event>,
}

/// The calendar at an address: from a month back to all that is ahead. `origin` is the site that its links lead to.
///
/// # Errors
/// `NOT_FOUND` for an address that is unknown, revoked or replaced, or whose owner is no longer active: all of these are
/// one look into one index.
pub async fn feed(
    database: &Database,
    secret: &str,
    origin: Option<String>,
    now: Timestamp,
) -> Result<Feed, AppError> {
    let hash = hash(secret);
    let (id, last_used_at, mut feed) = database
        .read("calendar.feed", move |mut connection| async move {
            let row = sqlx::query!(
                r#"select calendar_feeds.id, patient_id, doctor_id, details, language, last_used_at
                   from calendar_feeds
                   left join patients on patients.id = patient_id and patients.active
                       and patients.access_since <= made_at
                   left join doctors on doctors.id = doctor_id
                   left join staff on staff.id = doctors.staff_id and staff.active
                       and staff.access_since <= made_at
                   where hash = $1 and (patients.id is not null or staff.id is not null)"#,
                &hash,
            )
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(AppError::NotFound)?;
            let owner = match (row.patient_id, row.doctor_id) {
                (Some(id), _) => Owner::Patient(id),
                (_, Some(id)) => Owner::Doctor(id),
                _ => return Err(AppError::NotFound.into()),
            };
            let feed = Feed {
                owner,
                details: row.details,
                language: Locale::parse(&row.language).unwrap_or_default(),
                installation: installation(&mut connection).await?,
                events: of_owner(&mut connection, owner, now).await?,
            };
            Ok((row.id, row.last_used_at.map(jiff_sqlx::Timestamp::to_jiff), feed))
        })
        .await?;
    let link = link(database, Some(feed.owner), origin, now).await?;
    for event in &mut feed.events {
        link.show_in(event);
    }
    let noted_before = plus_minutes(now, -NOTED_MINUTES);
    if last_used_at.is_none_or(|at| at <= noted_before) {
        // Beside the request, which does not wait for it.
        tokio::spawn(note_use(database.clone(), id, noted_before, now));
    }
    Ok(feed)
}

async fn of_owner(
    connection: &mut PgConnection,
    owner: Owner,
    now: Timestamp,
) -> Result<Vec<Event>, Failure> {
    let since = plus_minutes(now, -BACK_MINUTES);
    let from = since.to_sqlx();
    let mut sessions = Vec::new();
    let rows = match owner {
        Owner::Patient(id) => {
            events!(
                "appointments.patient_id in (select id from patients as own where own.id = $1 or own.holder_id = $1)
                   and starts_at >= $2
                   and appointments.created_at >= coalesce(opened_since($1), '-infinity')
                 order by starts_at, appointments.id limit $3",
                id,
                from,
                MAX_EVENTS
            )
            .fetch_all(connection)
            .await?
        }
        Owner::Doctor(id) => {
            sessions = sessions_of(connection, id, since, MAX_EVENTS).await?;
            // Of a session, the seats are told together.
            events!(
                "doctor_id = $1 and starts_at >= $2 and group_id is null
                 order by starts_at, appointments.id limit $3",
                id,
                from,
                MAX_EVENTS
            )
            .fetch_all(connection)
            .await?
        }
    };
    let mut events = rows
        .into_iter()
        .map(Row::into_event)
        .collect::<Result<Vec<Event>, Failure>>()?;
    events.extend(sessions);
    events.sort_by_key(|event| event.starts_at);
    Ok(events)
}

async fn installation(connection: &mut PgConnection) -> Result<String, Failure> {
    Ok(
        sqlx::query_scalar!(r#"select id::text as "id!" from installation"#)
            .fetch_one(connection)
            .await?,
    )
}

async fn note_use(database: Database, id: i64, noted_before: Timestamp, now: Timestamp) {
    let noted = database
        .write("calendar.note_use", move |mut tx| async move {
            // Who finds it locked leaves it: somebody else is just noting it, or it is being replaced.
            let unlocked = sqlx::query!(
                "update calendar_feeds set last_used_at = $2
                 where id = (select id from calendar_feeds
                             where id = $1 and made_at <= $2 and (last_used_at is null or last_used_at <= $3)
                             for no key update skip locked)",
                id,
                now.to_sqlx(),
                noted_before.to_sqlx(),
            );
            locking(Lock::CalendarFeed, unlocked.execute(&mut *tx)).await?;
            tx.commit().await
        })
        .await;
    if let Err(error) = noted {
        tracing::warn!(%error, "that a calendar was fetched could not be noted");
    }
}

/// The command to create the address of a feed.
#[derive(Clone, Debug)]
pub struct CreateFeed {
    pub owner: Owner,
    /// Whether names are said.
    pub details: bool,
    /// In which texts.
    pub language: Locale,
    pub holder: Holder,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Makes an address, in place of the one that there was. Of several that are made at once, the last one stays: the row
/// of their owner is one, and each writes it as a whole.
///
/// # Errors
/// `IDEMPOTENCY_CONFLICT`.
pub async fn make(database: &Database, command: CreateFeed, now: Timestamp) -> Result<Made, AppError> {
    let made = Made {
        salt: random_token(),
        details: command.details,
        made_at: now,
    };
    database
        .write("calendar.make", move |tx| {
            attempt(tx, command.clone(), made.clone(), now)
        })
        .await
}

async fn attempt(mut tx: Tx, command: CreateFeed, made: Made, now: Timestamp) -> Result<Made, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let (patient_id, doctor_id) = command.owner.ids();
    let hash = hash(&made.secret(&command.holder));
    sqlx::query!(
        "insert into calendar_feeds (hash, patient_id, doctor_id, details, language, made_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict on constraint calendar_feeds_owner_key do update set
             hash = excluded.hash, details = excluded.details, language = excluded.language,
             made_at = excluded.made_at, last_used_at = null",
        &hash,
        patient_id,
        doctor_id,
        made.details,
        command.language.code(),
        made.made_at.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    let stands = idempotency::Made::Calendar { calendar: hex(&hash) };
    idempotency::answer(&mut tx, key, &made, &[stands]).await?;
    tx.commit().await?;
    Ok(made)
}

/// The state of a feed, without its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedState {
    hash: Vec<u8>,
    pub details: bool,
    pub made_at: Timestamp,
    /// `None`: nobody has fetched it yet.
    pub last_used_at: Option<Timestamp>,
}

impl FeedState {
    /// Whether this is the secret of the address.
    pub fn has(&self, secret: &str) -> bool {
        self.hash == hash(secret)
    }
}

/// The address of somebody's calendar, where there is one.
///
/// # Errors
/// Those of the database.
pub async fn known(database: &Database, owner: Owner) -> Result<Option<FeedState>, AppError> {
    let (patient_id, doctor_id) = owner.ids();
    database
        .read("calendar.known", move |mut connection| async move {
            let row = sqlx::query!(
                "select hash, details, made_at, last_used_at from calendar_feeds
                 where patient_id = $1 or doctor_id = $2",
                patient_id,
                doctor_id,
            )
            .fetch_optional(&mut *connection)
            .await?;
            Ok(row.map(|row| FeedState {
                hash: row.hash,
                details: row.details,
                made_at: row.made_at.to_jiff(),
                last_used_at: row.last_used_at.map(jiff_sqlx::Timestamp::to_jiff),
            }))
        })
        .await
}

/// Ends the address of somebody's calendar; answers with whether there was one.
///
/// # Errors
/// Those of the database.
pub async fn revoke(database: &Database, owner: Owner) -> Result<bool, AppError> {
    let (patient_id, doctor_id) = owner.ids();
    database
        .write("calendar.revoke", move |mut tx| async move {
            let done = sqlx::query!(
                "delete from calendar_feeds where patient_id = $1 or doctor_id = $2",
                patient_id,
                doctor_id,
            )
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(done.rows_affected() > 0)
        })
        .await
}
