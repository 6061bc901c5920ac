//! The reading of a sheet: the clinics, the doctors of one, what they have booked, and their columns.

use jiff::{Timestamp, ToSpan, civil};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{super::Offer, Clinic, Column, Out, Session, Sheet, Visit, Wanted};
use crate::{
    account::Role,
    appointment::Status,
    availability::{Calendar, Except, Hours, Off, Offering, calendars, offerings_of_many},
    database::Failure,
    error::AppError,
    i18n::Names,
    time::{self, Range},
};

pub(super) async fn read(
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
