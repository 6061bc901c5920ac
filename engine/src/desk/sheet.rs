//! The sheet of a clinic: a day of all its doctors, or a week of one, with what is booked, planned and free. It is read with
//! as many statements for twenty doctors as for one.

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::Offer;
use crate::{
    account::{
        Caller, Role,
        reads::{self, What},
    },
    appointment::{Arrival, Status},
    availability::{Calendar, Except, Hours, Off, Offering, calendars, offerings_of_many},
    database::{Database, Failure},
    error::AppError,
    i18n::{Locale, Names},
    time::{self, Range},
};

/// A clinic that has a sheet.
#[derive(Clone, Debug)]
pub struct Clinic {
    pub id: i64,
    pub name: String,
    pub zone_name: String,
    pub zone: TimeZone,
}

/// An appointment or a hold on a sheet.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Empty for what is another clinic's, of which nothing but its time may be known.
    pub reference: String,
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub patient_id: Option<i64>,
    /// `None` where it is not known yet.
    pub patient_name: Option<String>,
    pub patient_phone: Option<String>,
    pub service_name: String,
    pub service_names: Names,
    pub status: Status,
    pub version: i32,
    pub time: Range,
    /// With its buffers.
    pub blocked: Range,
    pub arrived_at: Option<Timestamp>,
    pub overbooked: bool,
    /// The group session that it is, with all its seats.
    pub group: Option<Session>,
}

/// A group session on a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: i64,
    pub title: String,
    pub taken: i64,
    pub capacity: i32,
}

impl Visit {
    /// The name of the service, as somebody with this language reads it.
    pub fn service(&self, locale: Locale) -> &str {
        self.service_names.or(&self.service_name, locale)
    }

    pub fn has_started(&self, now: Timestamp) -> bool {
        self.time.start <= now
    }

    /// What of it is seen from a clinic that it is none of: that its doctor is busy then.
    fn without_names(self) -> Self {
        Self {
            reference: String::new(),
            patient_id: None,
            patient_name: None,
            patient_phone: None,
            service_name: String::new(),
            arrived_at: None,
            overbooked: false,
            group: None,
            ..self
        }
    }

    /// Whether more is known of it than that its doctor is busy.
    pub fn is_open(&self) -> bool {
        !self.reference.is_empty()
    }

    /// Whether staff may say now that its patient is here.
    pub fn may_arrive(&self, now: Timestamp) -> bool {
        self.status == Status::Confirmed
            && self.arrived_at.is_none()
            && Arrival::of(self.time).is_open_to(Role::Admin, now)
    }

    /// Whether it waits for a patient who should be here.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.status == Status::Confirmed && self.arrived_at.is_none() && self.has_started(now)
    }

    /// The minutes for which its patient has been waiting.
    pub fn waiting_minutes(&self, now: Timestamp) -> Option<i64> {
        let since = self.arrived_at.filter(|_| self.status == Status::Confirmed)?;
        Some(now.duration_since(since).as_mins().max(0))
    }
}

/// Hours that are taken out of those of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Out {
    Break,
    Absence,
    Closure,
}

/// A date of a doctor.
#[derive(Clone, Debug)]
pub struct Column {
    pub doctor_id: i64,
    pub doctor_name: String,
    pub date: civil::Date,
    /// The offer whose free times these are: the shortest one, so that no free time is missing. None where nothing can be
    /// booked.
    pub offer: Option<Offer>,
    /// Minutes from a free time to the end of what would be booked then.
    pub minutes: i64,
    /// By start.
    pub visits: Vec<Visit>,
    pub hours: Vec<Hours>,
    pub out: Vec<(Out, Hours)>,
    pub free: Vec<Timestamp>,
}

/// A sheet, with what another one can be chosen by.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub clinic: Clinic,
    pub clinics: Vec<Clinic>,
    /// The doctors of the clinic, by name.
    pub doctors: Vec<(i64, String)>,
    /// Today at the clinic.
    pub today: civil::Date,
    pub first: civil::Date,
    pub columns: Vec<Column>,
}

/// The sheet that is wanted.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    /// The day of all doctors.
    Day,
    /// The week, from Monday, of this doctor; of the first one, where there is no such doctor at the clinic.
    Week { doctor_id: Option<i64> },
    /// The week of a doctor who looks at it, and of nobody else.
    OwnWeek { doctor_id: i64 },
}

/// The sheet of a clinic on a date: of the first clinic where there is no such clinic, and of today without a date. `None`
/// where there is no clinic.
///
/// # Errors
/// Those of the database.
pub async fn sheet(
    database: &Database,
    caller: &Caller,
    clinic_id: Option<i64>,
    date: Option<civil::Date>,
    wanted: Wanted,
    now: Timestamp,
) -> Result<Option<Sheet>, AppError> {
    let own = caller.clinics().map(<[i64]>::to_vec);
    let sheet = database
        .read("desk.sheet", move |mut connection| async move {
            read(&mut connection, own.as_deref(), (clinic_id, date), wanted, now).await
        })
        .await?;
    let columns = sheet.iter().flat_map(|sheet| &sheet.columns);
    let patients = columns
        .flat_map(|column| &column.visits)
        .filter_map(|visit| visit.patient_id);
    reads::record(database, caller, What::List, patients, now).await;
    Ok(sheet)
}

/// Whether somebody at the desk may hear of changes in the days of these doctors: all of them work at the caller's clinics, or
/// have had somebody there.
///
/// # Errors
/// Those of the database.
pub async fn may_hear_of(database: &Database, caller: &Caller, doctors: Vec<i64>) -> Result<bool, AppError> {
    let Some(own) = caller.clinics().map(<[i64]>::to_vec) else {
        return Ok(true);
    };
    database
        .read("desk.may_hear_of", move |mut connection| async move {
            let may = sqlx::query_scalar!(
                r#"select bool_and(
                       exists (select from offers where doctor_id = asked.id and clinic_id = any($2))
                       or exists (select from appointments where doctor_id = asked.id and clinic_id = any($2))
                   ) as "may" from unnest($1::bigint[]) as asked (id)"#,
                &doctors,
                &own,
            );
            Ok(may.fetch_one(&mut *connection).await?.unwrap_or(false))
        })
        .await
}

async fn read(
    connection: &mut PgConnection,
    own: Option<&[i64]>,
    (clinic_id, date): (Option<i64>, Option<civil::Date>),
    wanted: Wanted,
    now: Timestamp,
) -> Result<Option<Sheet>, Failure> {
    let clinics = clinics(connection, own).await?;
    let chosen = clinics.iter().find(|clinic| Some(clinic.id) == clinic_id);
    let Some(clinic) = chosen.or(clinics.first()).cloned() else {
        return Ok(None);
    };
    let today = time::local_date(now, &clinic.zone);
    let date = date.unwrap_or(today);
    let (first, last) = match wanted {
        Wanted::Day => (date, date),
        Wanted::Week { .. } | Wanted::OwnWeek { .. } => {
            let monday = time::monday(date);
            (monday, monday.saturating_add(6.days()))
        }
    };
    const MIDNIGHT: i32 = 24 * 60;
    let start = time::first_instant(first, 0, &clinic.zone).unwrap_or(now);
    let end = time::last_instant(last, MIDNIGHT, &clinic.zone).unwrap_or(now);
    let range = Range::new(start, end);
    let doctors = doctors(connection, clinic.id, range, now).await?;
    let shown: Vec<(i64, String)> = match wanted {
        Wanted::Day => doctors.clone(),
        Wanted::Week { doctor_id } => {
            let chosen = doctors.iter().find(|(id, _)| Some(*id) == doctor_id);
            chosen.or(doctors.first()).cloned().into_iter().collect()
        }
        Wanted::OwnWeek { doctor_id } => {
            let own = doctors.iter().find(|(id, _)| *id == doctor_id);
            own.cloned().into_iter().collect()
        }
    };
    let ids: Vec<i64> = shown.iter().map(|(id, _)| *id).collect();
    let visits: Vec<Visit> = visits(connection, &ids, range, now)
        .await?
        .into_iter()
        .map(
            |visit| match own.is_none_or(|own| own.contains(&visit.clinic_id)) {
                true => visit,
                false => visit.without_names(),
            },
        )
        .collect();
    let offerings = shortest(offerings_of_many(connection, &ids).await?, clinic.id);
    let calendars = match offerings.is_empty() {
        true => Vec::new(),
        false => calendars(connection, &offerings, first, last, &Except::default(), now).await?,
    };
    let known: Vec<(Offering, Calendar)> = offerings.into_iter().zip(calendars).collect();
    let dates: Vec<civil::Date> = first.series(1.day()).take_while(|date| *date <= last).collect();
    let columns = shown
        .iter()
        .flat_map(|doctor| dates.iter().map(move |date| (doctor, *date)))
        .map(|((id, name), date)| {
            let known = known.iter().find(|(offering, _)| offering.doctor_id == *id);
            let visits = visits
                .iter()
                .filter(|visit| {
                    visit.doctor_id == *id && time::local_date(visit.time.start, &clinic.zone) == date
                })
                .cloned()
                .collect();
            column(*id, name.clone(), date, known, visits)
        })
        .collect();
    Ok(Some(Sheet {
        clinic,
        clinics,
        doctors,
        today,
        first,
        columns,
    }))
}

fn column(
    doctor_id: i64,
    doctor_name: String,
    date: civil::Date,
    known: Option<&(Offering, Calendar)>,
    visits: Vec<Visit>,
) -> Column {
    let mut column = Column {
        doctor_id,
        doctor_name,
        date,
        offer: None,
        minutes: 0,
        visits,
        hours: Vec::new(),
        out: Vec::new(),
        free: Vec::new(),
    };
    if let Some((offering, calendar)) = known {
        let plan = calendar.plan.of(date);
        let off = calendar.plan.time_off.iter().filter(|off| off.covers(date));
        let off = off.map(|off| {
            let out = match off.kind {
                Off::Absence => Out::Absence,
                Off::Closure => Out::Closure,
            };
            (out, off.hours.unwrap_or(Hours::WHOLE_DAY))
        });
        let breaks = plan.breaks.iter().map(|hours| (Out::Break, *hours));
        column.out = breaks.chain(off).collect();
        column.hours = plan.hours;
        column.offer = Some(Offer::from(offering));
        column.minutes = offering.rules.duration;
        let slots = calendar.day(date).slots.into_iter();
        column.free = slots
            .filter(|slot| slot.free)
            .map(|slot| slot.starts_at)
            .collect();
    }
    column
}

/// Of each doctor, what blocks the shortest time at the clinic, for staff.
fn shortest(offerings: Vec<Offering>, clinic_id: i64) -> Vec<Offering> {
    let mut here: Vec<Offering> = offerings
        .into_iter()
        .filter(|offering| offering.clinic_id == clinic_id && offering.closed().is_none())
        .collect();
    let blocks = |offering: &Offering| {
        let rules = &offering.rules;
        rules.buffer_before + rules.duration + rules.buffer_after
    };
    here.sort_by_key(|offering| (offering.doctor_id, blocks(offering), offering.service_id));
    here.dedup_by_key(|offering| offering.doctor_id);
    for offering in &mut here {
        offering.rules = offering.rules.asked_of(Role::Admin);
    }
    here
}

/// The clinics, or those of them that are whoever's who looks.
async fn clinics(connection: &mut PgConnection, own: Option<&[i64]>) -> Result<Vec<Clinic>, Failure> {
    let own = own.map(<[i64]>::to_vec);
    let rows = sqlx::query!(
        "select id, name, time_zone from clinics where $1::bigint[] is null or id = any($1) order by name, id",
        own.as_deref(),
    )
        .fetch_all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Clinic {
            id: row.id,
            name: row.name,
            zone: time::shown_zone(&row.time_zone),
            zone_name: row.time_zone,
        })
        .collect())
}

/// The doctors who can be booked at a clinic, and those who have somebody there in this range.
async fn doctors(
    connection: &mut PgConnection,
    clinic_id: i64,
    range: Range,
    now: Timestamp,
) -> Result<Vec<(i64, String)>, Failure> {
    let rows = sqlx::query!(
        "select id, name from doctors
         where id <> 0
           and (active and id in (select doctor_id from offers where clinic_id = $1)
                or id in (select doctor_id from appointments
                          where starts_at >= $2 and starts_at < $3 and clinic_id = $1 and occupies(appointments, $4)))
         order by name, id",
        clinic_id,
        range.start.to_sqlx(),
        range.end.to_sqlx(),
        now.to_sqlx(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// What has a time with these doctors in this range, at whichever clinic, by start.
async fn visits(
    connection: &mut PgConnection,
    doctors: &[i64],
    range: Range,
    now: Timestamp,
) -> Result<Vec<Visit>, Failure> {
    let rows = sqlx::query!(
        r#"select reference, doctor_id, clinic_id, patient_id, patients.name as "patient_name?",
                  patients.phone as "patient_phone?", service_name, service_names, status, version, starts_at, ends_at,
                  blocks_from,
                  blocks_until, arrived_at, overbooked_because is not null as "overbooked!", group_id,
                  (select title from groups where groups.id = group_id) as "group_title?",
                  (select capacity from groups where groups.id = group_id) as "capacity?",
                  case when group_id is null then 0
                       else (select count(*) from taken_seats(appointments.group_id, $4)) end as "taken!"
           from appointments left join patients on patients.id = patient_id
           where doctor_id = any($1) and starts_at >= $2 and starts_at < $3
             -- A session is one block, by the hold that keeps its time, also once it is over.
             and (occupies(appointments, $4)
                  or group_id is not null and patient_id is null and status in ('held', 'expired'))
             and (group_id is null or patient_id is null)
           order by starts_at, appointments.id"#,
        doctors,
        range.start.to_sqlx(),
        range.end.to_sqlx(),
        now.to_sqlx(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Visit {
                reference: row.reference,
                doctor_id: row.doctor_id,
                clinic_id: row.clinic_id,
                patient_id: row.patient_id,
                patient_name: row.patient_name,
                patient_phone: row.patient_phone,
                service_name: row.service_name,
                service_names: Names::stored(row.service_names),
                status: Status::parse(&row.status).ok_or(AppError::Internal)?,
                version: row.version,
                time: Range::new(row.starts_at.to_jiff(), row.ends_at.to_jiff()),
                blocked: Range::new(row.blocks_from.to_jiff(), row.blocks_until.to_jiff()),
                arrived_at: row.arrived_at.map(jiff_sqlx::Timestamp::to_jiff),
                overbooked: row.overbooked,
                group: row
                    .group_id
                    .zip(row.group_title)
                    .zip(row.capacity)
                    .map(|((id, title), capacity)| Session {
                        id,
                        title,
                        taken: row.taken,
                        capacity,
                    }),
            })
        })
        .collect()
}
