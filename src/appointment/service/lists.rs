//! Reading appointments: everybody sees their own, by role (I4).

use jiff::{Timestamp, civil, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::Appointment;
use crate::{
    account::Caller,
    appointment::Status,
    database::{Database, Failure},
    error::AppError,
    time,
};

/// An appointment as lists and pages show it.
#[derive(Clone, Debug)]
pub struct Item {
    pub id: i64,
    pub reference: String,
    pub status: Status,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub doctor_id: i64,
    pub doctor_name: String,
    pub clinic_id: i64,
    pub clinic_name: String,
    pub clinic_address: String,
    pub clinic_phone: String,
    pub zone_name: String,
    pub zone: TimeZone,
    pub service_id: i64,
    pub service_name: String,
    pub mode: String,
    pub patient_id: Option<i64>,
    pub patient_name: Option<String>,
    pub patient_phone: Option<String>,
    pub reason: String,
    pub answer_until: Option<Timestamp>,
    pub held_until: Option<Timestamp>,
    pub version: i32,
    pub cutoff_minutes: i64,
    /// SHA-256 of the token of the visitor who holds it.
    pub held_by: Option<Vec<u8>>,
}

impl Item {
    pub fn is_past_cutoff(&self, now: Timestamp) -> bool {
        now > time::plus_minutes(self.starts_at, -self.cutoff_minutes)
    }
}

struct Row {
    id: i64,
    reference: String,
    status: String,
    starts_at: jiff_sqlx::Timestamp,
    ends_at: jiff_sqlx::Timestamp,
    doctor_id: i64,
    doctor_name: String,
    clinic_id: i64,
    clinic_name: String,
    clinic_address: String,
    clinic_phone: String,
    time_zone: String,
    service_id: i64,
    service_name: String,
    mode: String,
    patient_id: Option<i64>,
    patient_name: Option<String>,
    patient_phone: Option<String>,
    reason: String,
    answer_until: Option<jiff_sqlx::Timestamp>,
    held_until: Option<jiff_sqlx::Timestamp>,
    version: i32,
    cutoff_minutes: i32,
    held_by: Option<Vec<u8>>,
}

impl Row {
    fn into_item(self) -> Result<Item, Failure> {
        Ok(Item {
            id: self.id,
            reference: self.reference,
            status: Status::parse(&self.status).ok_or(AppError::Internal)?,
            starts_at: self.starts_at.to_jiff(),
            ends_at: self.ends_at.to_jiff(),
            doctor_id: self.doctor_id,
            doctor_name: self.doctor_name,
            clinic_id: self.clinic_id,
            clinic_name: self.clinic_name,
            clinic_address: self.clinic_address,
            clinic_phone: self.clinic_phone,
            zone: time::zone(&self.time_zone).ok_or(AppError::Internal)?,
            zone_name: self.time_zone,
            service_id: self.service_id,
            service_name: self.service_name,
            mode: self.mode,
            patient_id: self.patient_id,
            patient_name: self.patient_name,
            patient_phone: self.patient_phone,
            reason: self.reason,
            answer_until: self.answer_until.map(jiff_sqlx::Timestamp::to_jiff),
            held_until: self.held_until.map(jiff_sqlx::Timestamp::to_jiff),
            version: self.version,
            cutoff_minutes: self.cutoff_minutes.into(),
            held_by: self.held_by,
        })
    }
}

/// Reads items: one list of columns and joins for every condition.
macro_rules! items {
    ($condition:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            Row,
            r#"select appointments.id, reference, status, starts_at, ends_at,
                      doctor_id, doctors.name as doctor_name,
                      clinic_id, clinics.name as clinic_name,
                      clinics.address || ', ' || clinics.city as "clinic_address!",
                      clinics.phone as clinic_phone, clinics.time_zone,
                      service_id, services.name as service_name, appointments.mode,
                      patient_id, patients.name as "patient_name?", patients.phone as "patient_phone?",
                      reason, answer_until, held_until, appointments.version, services.cutoff_minutes, held_by
               from appointments
               join doctors on doctors.id = doctor_id
               join clinics on clinics.id = clinic_id
               join services on services.id = service_id
               left join patients on patients.id = patient_id "# + $condition,
            $($argument),+
        )
    };
}

fn into_items(rows: Vec<Row>) -> Result<Vec<Item>, Failure> {
    rows.into_iter().map(Row::into_item).collect()
}

/// Whether a caller, or a visitor with this token, may see an item.
fn is_visible(item: &Item, caller: Option<&Caller>, visitor: Option<&[u8]>) -> bool {
    let held_here = item.status == Status::Held || item.patient_id.is_none();
    let visitors = held_here && visitor.is_some() && item.held_by.as_deref() == visitor;
    visitors
        || match caller {
            Some(Caller::Patient { id, .. }) => item.patient_id == Some(*id),
            Some(Caller::Doctor { doctor_id, .. }) => {
                item.doctor_id == *doctor_id && item.status != Status::Held
            }
            Some(Caller::Admin { .. }) => true,
            None => false,
        }
}

/// One appointment, for who may see it.
///
/// # Errors
/// `NOT_FOUND`, also for what is somebody else's.
pub async fn find(
    database: &Database,
    caller: Option<Caller>,
    visitor: Option<Vec<u8>>,
    reference: String,
) -> Result<Item, AppError> {
    database
        .read("appointment.find", move |mut connection| async move {
            let item = items!("where reference = $1", reference)
                .fetch_optional(&mut *connection)
                .await?
                .ok_or(AppError::NotFound)?
                .into_item()?;
            if is_visible(&item, caller.as_ref(), visitor.as_deref()) {
                Ok(item)
            } else {
                Err(AppError::NotFound.into())
            }
        })
        .await
}

/// A patient's appointments, newest first, without holds that came to nothing.
///
/// # Errors
/// Those of the database.
pub async fn of_patient(database: &Database, patient_id: i64) -> Result<Vec<Item>, AppError> {
    database
        .read("appointment.of_patient", move |mut connection| async move {
            into_items(
                items!(
                    "where patient_id = $1 and status <> 'held'
                     order by starts_at desc, appointments.id desc limit 200",
                    patient_id
                )
                .fetch_all(&mut *connection)
                .await?,
            )
        })
        .await
}

/// The requests that wait for a doctor's answer, the most urgent first.
///
/// # Errors
/// Those of the database.
pub async fn requests(database: &Database, doctor_id: i64) -> Result<Vec<Item>, AppError> {
    database
        .read("appointment.requests", move |mut connection| async move {
            into_items(
                items!(
                    "where doctor_id = $1 and status = 'pending' order by answer_until, appointments.id limit 200",
                    doctor_id
                )
                .fetch_all(&mut *connection)
                .await?,
            )
        })
        .await
}

/// A doctor's appointments whose date at their clinic is this one, in time order. What is not going
/// to happen is left out.
///
/// # Errors
/// Those of the database.
pub async fn day_sheet(database: &Database, doctor_id: i64, date: civil::Date) -> Result<Vec<Item>, AppError> {
    database
        .read("appointment.day_sheet", move |mut connection| async move {
            into_items(
                items!(
                    "where doctor_id = $1
                       and (starts_at at time zone clinics.time_zone)::date = $2
                       and starts_at > ($2::date - 2)::timestamp at time zone 'UTC'
                       and starts_at < ($2::date + 3)::timestamp at time zone 'UTC'
                       and status in ('confirmed', 'in_progress', 'completed', 'no_show')
                     order by starts_at, appointments.id",
                    doctor_id,
                    date.to_sqlx()
                )
                .fetch_all(&mut *connection)
                .await?,
            )
        })
        .await
}

/// What the board shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub status: Option<Status>,
    pub doctor_id: Option<i64>,
    pub clinic_id: Option<i64>,
    /// Dates at the clinics.
    pub from: Option<civil::Date>,
    pub until: Option<civil::Date>,
    /// Part of a reference, or of a patient's name or phone number.
    pub search: String,
    pub page: u32,
}

/// A page of the board.
#[derive(Clone, Debug)]
pub struct ListPage {
    pub items: Vec<Item>,
    pub has_more: bool,
}

const PER_PAGE: i64 = 25;

/// Appointments of the whole organisation: for admins.
///
/// # Errors
/// Those of the database.
pub async fn board(database: &Database, filter: Filter) -> Result<ListPage, AppError> {
    database
        .read("appointment.board", move |mut connection| async move {
            let mut items = into_items(
                items!(
                    "where status <> 'held'
                       and ($1::text is null or status = $1)
                       and ($2::bigint is null or doctor_id = $2)
                       and ($3::bigint is null or clinic_id = $3)
                       and ($4::date is null or (starts_at at time zone clinics.time_zone)::date >= $4)
                       and ($5::date is null or (starts_at at time zone clinics.time_zone)::date <= $5)
                       and ($6 = '' or strpos(reference, upper($6)) > 0
                            or strpos(lower(patients.name), lower($6)) > 0 or strpos(patients.phone, $6) > 0)
                     order by starts_at, appointments.id
                     limit $7 offset $8",
                    filter.status.map(Status::as_str),
                    filter.doctor_id,
                    filter.clinic_id,
                    filter.from.map(ToSqlx::to_sqlx) as _,
                    filter.until.map(ToSqlx::to_sqlx) as _,
                    filter.search,
                    PER_PAGE + 1,
                    i64::from(filter.page.min(10_000)) * PER_PAGE
                )
                .fetch_all(&mut *connection)
                .await?,
            )?;
            let per_page = usize::try_from(PER_PAGE).unwrap_or(usize::MAX);
            let has_more = items.len() > per_page;
            items.truncate(per_page);
            Ok(ListPage { items, has_more })
        })
        .await
}

/// How many appointments from this date on are in each status: for admins.
///
/// # Errors
/// Those of the database.
pub async fn counts(database: &Database, from: civil::Date) -> Result<Vec<(Status, i64)>, AppError> {
    database
        .read("appointment.counts", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select status, count(*) as "count!" from appointments
                   where starts_at >= $1::date::timestamp at time zone 'UTC' and status <> 'held'
                   group by status"#,
                from.to_sqlx(),
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(Status::ALL
                .into_iter()
                .filter_map(|status| {
                    rows.iter()
                        .find(|row| row.status == status.as_str())
                        .map(|row| (status, row.count))
                })
                .collect())
        })
        .await
}

/// A change of an appointment, as people are told about it.
#[derive(Clone, Debug)]
pub struct Change {
    pub changed_at: Timestamp,
    pub from: Option<Status>,
    pub to: Status,
    pub from_starts_at: Option<Timestamp>,
    pub to_starts_at: Timestamp,
    pub actor: crate::account::Role,
    /// The name of who did it, where it is one of staff, or the patient.
    pub actor_name: Option<String>,
    pub for_doctor: bool,
    pub reason: String,
    pub version: i32,
}

/// An appointment with everything that happened to it.
#[derive(Clone, Debug)]
pub struct History {
    pub changes: Vec<Change>,
}

/// The history of an appointment that the caller may see, oldest change first.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn history(database: &Database, caller: Caller, reference: String) -> Result<History, AppError> {
    database
        .read("appointment.history", move |mut connection| async move {
            let appointment: Appointment = super::peek(&mut connection, &reference).await?;
            if !appointment.is_visible_to(&caller) {
                return Err(AppError::NotFound.into());
            }
            let rows = sqlx::query!(
                r#"select changed_at, from_status, to_status, from_starts_at, to_starts_at, actor, for_doctor, reason, version,
                          coalesce(staff.name, patients.name) as "name?"
                   from appointment_changes
                   left join staff on staff.id = staff_id
                   left join patients on patients.id = patient_id
                   where appointment_id = $1
                   order by version"#,
                appointment.id,
            )
            .fetch_all(&mut *connection)
            .await?;
            let changes = rows
                .into_iter()
                .map(|row| {
                    Ok(Change {
                        changed_at: row.changed_at.to_jiff(),
                        from: row.from_status.as_deref().and_then(Status::parse),
                        to: Status::parse(&row.to_status).ok_or(AppError::Internal)?,
                        from_starts_at: row.from_starts_at.map(jiff_sqlx::Timestamp::to_jiff),
                        to_starts_at: row.to_starts_at.to_jiff(),
                        actor: crate::account::Role::parse(&row.actor).ok_or(AppError::Internal)?,
                        actor_name: row.name,
                        for_doctor: row.for_doctor,
                        reason: row.reason,
                        version: row.version,
                    })
                })
                .collect::<Result<_, AppError>>()?;
            Ok(History { changes })
        })
        .await
}
