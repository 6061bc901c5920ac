//! Reading sessions: those that are ahead, one of them, and who has seats in it.

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::{Group, State};
use crate::{
    account::{
        Caller,
        reads::{self, What},
    },
    appointment::Status,
    database::{Database, Failure},
    error::AppError,
    i18n::{Locale, Names, Texts},
    money::Price,
    nobody::name_of,
    payment::terms::Terms,
    time,
};

/// A session with the names that belong to it, and how many of its seats are taken or kept for somebody at this moment.
#[derive(Clone, Debug)]
pub struct Listed {
    pub group: Group,
    pub doctor_name: String,
    pub clinic_name: String,
    pub clinic_address: String,
    pub zone_name: String,
    pub zone: TimeZone,
    /// The name of the service for programs.
    pub service_key: String,
    pub service_name: String,
    pub service_names: Names,
    /// How seats are paid, and what goes back.
    pub terms: Terms,
    pub taken: i32,
    /// Whether it was ever published.
    pub was_published: bool,
}

impl Listed {
    /// The number of seats that are left.
    pub fn free(&self) -> i32 {
        (self.group.capacity - self.taken).max(0)
    }

    /// What is paid for a seat before it is booked.
    pub fn first(&self) -> Option<Price> {
        let price = self.group.price_of(1)?;
        Price::of(self.terms.when.first(Some(&price)), Some(price.currency))
    }

    /// The name of the doctor, or that there is none.
    pub fn doctor(&self, texts: Texts) -> String {
        name_of(self.group.doctor_id, self.doctor_name.clone()).unwrap_or_else(|| texts.text("no-doctor"))
    }

    /// The name of the service, as somebody with this language reads it.
    pub fn service(&self, locale: Locale) -> &str {
        self.service_names.or(&self.service_name, locale)
    }
}

struct Row {
    id: i64,
    series_id: Option<i64>,
    doctor_id: i64,
    clinic_id: i64,
    service_id: i64,
    title: String,
    starts_at: jiff_sqlx::Timestamp,
    ends_at: jiff_sqlx::Timestamp,
    capacity: i32,
    price_minor: Option<i64>,
    currency: Option<String>,
    state: String,
    version: i32,
    doctor_name: String,
    clinic_name: String,
    clinic_address: String,
    time_zone: String,
    service_key: String,
    service_name: String,
    service_names: serde_json::Value,
    pay_when: Option<String>,
    deposit_minor: Option<i64>,
    refund_minutes: i32,
    late_refund_percent: i32,
    taken: i64,
    was_published: bool,
}

impl Row {
    fn into_listed(self) -> Result<Listed, Failure> {
        Ok(Listed {
            group: Group {
                id: self.id,
                series_id: self.series_id,
                doctor_id: self.doctor_id,
                clinic_id: self.clinic_id,
                service_id: self.service_id,
                title: self.title,
                starts_at: self.starts_at.to_jiff(),
                ends_at: self.ends_at.to_jiff(),
                capacity: self.capacity,
                price: self.price_minor.zip(self.currency),
                state: State::parse(&self.state).ok_or(AppError::Internal)?,
                version: self.version,
            },
            doctor_name: self.doctor_name,
            clinic_name: self.clinic_name,
            clinic_address: self.clinic_address,
            zone: time::shown_zone(&self.time_zone),
            zone_name: self.time_zone,
            service_key: self.service_key,
            service_name: self.service_name,
            service_names: Names::stored(Some(self.service_names)),
            terms: Terms::stored(
                self.pay_when.as_deref(),
                self.deposit_minor,
                Some(self.refund_minutes),
                Some(self.late_refund_percent),
            ),
            taken: i32::try_from(self.taken).unwrap_or(i32::MAX),
            was_published: self.was_published,
        })
    }
}

/// Reads sessions with their names: one list of columns and joins for every condition.
macro_rules! listed {
    ($condition:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            Row,
            r#"select groups.id, series_id, doctor_id, clinic_id, service_id, title, starts_at, ends_at, capacity,
                      groups.price_minor, groups.currency, state, groups.version,
                      doctors.name as doctor_name, clinics.name as clinic_name,
                      clinics.address || ', ' || clinics.city as "clinic_address!", clinics.time_zone,
                      services.key as service_key, services.name as service_name, services.names as service_names,
                      services.pay_when, services.deposit_minor, services.refund_minutes, services.late_refund_percent,
                      (select count(*) from taken_seats(groups.id, $1)) as "taken!",
                      -- The hold that keeps its time, or did.
                      exists (select from appointments where group_id = groups.id) as "was_published!"
               from groups
               join doctors on doctors.id = doctor_id
               join clinics on clinics.id = clinic_id
               join services on services.id = service_id "# + $condition,
            $($argument),+
        )
    };
}

/// The sessions that somebody looks for.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The key of a service.
    pub service: Option<String>,
    pub service_id: Option<i64>,
    pub doctor_id: Option<i64>,
    pub clinic_id: Option<i64>,
    /// The clinics that whoever looks is limited to.
    pub clinics: Option<Vec<i64>>,
    /// Those that end after this moment, and begin before that one.
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// For staff: drafts and those that were cancelled as well.
    pub is_planning: bool,
    pub limit: i64,
}

/// The sessions that are looked for, by time: those that can be taken seats in, or for staff those of all states.
///
/// # Errors
/// Those of the database.
pub async fn coming(database: &Database, seen: Seen, now: Timestamp) -> Result<Vec<Listed>, AppError> {
    database
        .read("group.coming", move |mut connection| async move {
            listed!(
                "where ends_at > $4 and ($2::timestamptz is null or starts_at < $2)
                   and ($3 or state = 'published' and starts_at > $1 and (doctors.active or doctors.id = 0) and services.active)
                   and ($5::text is null or services.key = $5)
                   and ($6::bigint is null or service_id = $6)
                   and ($7::bigint is null or doctor_id = $7)
                   and ($8::bigint is null or clinic_id = $8)
                   and ($9::bigint[] is null or clinic_id = any($9))
                 order by starts_at, groups.id limit $10",
                now.to_sqlx(),
                seen.until.map(ToSqlx::to_sqlx) as _,
                seen.is_planning,
                seen.from.unwrap_or(now).to_sqlx(),
                seen.service,
                seen.service_id,
                seen.doctor_id,
                seen.clinic_id,
                seen.clinics.as_deref(),
                seen.limit
            )
            .fetch_all(&mut *connection)
            .await?
            .into_iter()
            .map(Row::into_listed)
            .collect()
        })
        .await
}

/// A session that this caller may know: everybody knows those that were published, and staff their own
/// drafts, also those that were cancelled.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn find(database: &Database, caller: Option<Caller>, id: i64) -> Result<Listed, AppError> {
    let now = database.now();
    database
        .read("group.find", move |mut connection| async move {
            let listed = listed!("where groups.id = $2", now.to_sqlx(), id)
                .fetch_optional(&mut *connection)
                .await?
                .ok_or(AppError::NotFound)?
                .into_listed()?;
            let is_public = match listed.group.state {
                State::Published => true,
                State::Draft => false,
                State::Cancelled => listed.was_published,
            };
            let is_known = is_public || caller.is_some_and(|caller| listed.group.is_seen_by(&caller));
            match is_known {
                true => Ok(listed),
                false => Err(AppError::NotFound.into()),
            }
        })
        .await
}

/// Somebody who has seats in a session, for staff.
#[derive(Clone, Debug)]
pub struct Person {
    pub appointment_id: i64,
    /// The reference of the appointment that has them.
    pub reference: String,
    pub patient_id: i64,
    pub patient_name: Option<String>,
    pub patient_phone: String,
    pub status: Status,
    pub arrived_at: Option<Timestamp>,
    pub reason: String,
    pub seats: Vec<i32>,
}

/// Who has booked seats in a session, by seat. That staff read it is recorded.
///
/// # Errors
/// `NOT_FOUND` for whoever does not see it.
pub async fn people(
    database: &Database,
    caller: Caller,
    id: i64,
    now: Timestamp,
) -> Result<Vec<Person>, AppError> {
    let listed = find(database, Some(caller.clone()), id).await?;
    if !listed.group.is_seen_by(&caller) {
        return Err(AppError::NotFound);
    }
    let people: Vec<Person> = database
        .read("group.people", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select appointments.id, reference, patients.id as patient_id, patients.name as "name?",
                          patients.phone, status, arrived_at, reason,
                          array_agg(seat order by seat) as "seats!"
                   from group_seats
                   join appointments on appointments.id = appointment_id
                   join patients on patients.id = patient_id
                   where group_seats.group_id = $1 and freed_at is null and status <> 'held'
                   group by appointments.id, patients.id
                   order by min(seat)"#,
                id,
            )
            .fetch_all(&mut *connection)
            .await?;
            rows.into_iter()
                .map(|row| {
                    Ok(Person {
                        appointment_id: row.id,
                        reference: row.reference,
                        patient_id: row.patient_id,
                        patient_name: row.name,
                        patient_phone: row.phone,
                        status: Status::parse(&row.status).ok_or(AppError::Internal)?,
                        arrived_at: row.arrived_at.map(jiff_sqlx::Timestamp::to_jiff),
                        reason: row.reason,
                        seats: row.seats,
                    })
                })
                .collect()
        })
        .await?;
    let patients: Vec<i64> = people.iter().map(|person| person.patient_id).collect();
    reads::record(database, &caller, What::List, patients, now).await;
    Ok(people)
}

/// The seats that an appointment has in a session, and the title of that; none of any other appointment. Who may see the
/// appointment is not asked here.
///
/// # Errors
/// Those of the database.
pub async fn seats_of(
    database: &Database,
    appointment_id: i64,
) -> Result<Option<(i64, String, Vec<i32>)>, AppError> {
    database
        .read("group.seats_of", move |mut connection| async move {
            let row = sqlx::query!(
                r#"select groups.id, title,
                          array(select seat from group_seats
                                where appointment_id = appointments.id and freed_at is null order by seat) as "seats!"
                   from appointments join groups on groups.id = group_id
                   where appointments.id = $1 and patient_id is not null"#,
                appointment_id,
            )
            .fetch_optional(&mut *connection)
            .await?;
            Ok(row.map(|row| (row.id, row.title, row.seats)))
        })
        .await
}

/// Which of these patients have seats in a session, and so wait for none.
///
/// # Errors
/// Those of the database.
pub async fn seated_of(database: &Database, group_id: i64, patients: Vec<i64>) -> Result<Vec<i64>, AppError> {
    database
        .read("group.seated_of", move |mut connection| async move {
            let seated = sqlx::query_scalar!(
                r#"select distinct patient_id as "patient_id!" from appointments
                   where group_id = $1 and patient_id = any($2) and status in ('pending', 'confirmed', 'in_progress')"#,
                group_id,
                &patients,
            );
            Ok(seated.fetch_all(&mut *connection).await?)
        })
        .await
}

/// The version and the state that a session has now, for those who know it.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn newest(database: &Database, id: i64) -> Result<(i32, State), AppError> {
    database
        .read("group.newest", move |mut connection| async move {
            let row = sqlx::query!("select version, state from groups where id = $1", id)
                .fetch_optional(&mut *connection)
                .await?
                .ok_or(AppError::NotFound)?;
            let state = State::parse(&row.state).ok_or(AppError::Internal)?;
            Ok((row.version, state))
        })
        .await
}
