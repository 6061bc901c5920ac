//! The waitlist of the demo: people who wait for the last doctors and for seats, so that there is a list to look at.

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::Ids;
use crate::{
    database::{Failure, Tx},
    time::local_date,
};

/// The patients who wait for a new appointment, by their place in the list of people.
const WAITING: [usize; 3] = [3, 7, 9];
/// The patients who wait for seats of the vaccination afternoon, and how many each wants.
const PARTIES: [usize; 2] = [5, 8];
const PARTY: i32 = 4;
/// The number of days for which they wait.
const DAYS: i32 = 21;

/// Puts people on the list of the last doctor: three for a new appointment, and one who would come sooner. They wait for
/// that doctor alone, so that whoever tries out the others finds every time free that was given up.
///
/// # Errors
/// Those of the database.
pub(super) async fn insert(tx: &mut Tx, ids: &Ids, now: Timestamp) -> Result<(), Failure> {
    let Some((doctor_id, _)) = ids.doctors.last().copied() else {
        return Ok(());
    };
    let today = local_date(now, &TimeZone::UTC);
    let last_day = today.saturating_add(DAYS.days());
    let patients: Vec<i64> = WAITING
        .iter()
        .filter_map(|place| ids.patients.get(*place).copied())
        .collect();
    sqlx::query!(
        "insert into waitlist_entries
             (patient_id, service_id, doctor_id, clinic_id, first_day, last_day, weekdays, day_parts, notice_minutes,
              joined_at)
         select patient_id, offered.service_id, $1, offered.clinic_id, $3, $4,
                case when place = 2 then 31 else 127 end, case when place = 3 then 1 else 7 end, 1440,
                $5::timestamptz - make_interval(days => 6 - place::integer)
         from unnest($2::bigint[]) with ordinality as waits (patient_id, place)
         cross join (select service_id, clinic_id from offers where doctor_id = $1
                     order by clinic_id, service_id limit 1) as offered",
        doctor_id,
        &patients,
        today.to_sqlx() as _,
        last_day.to_sqlx() as _,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into waitlist_entries
             (patient_id, service_id, doctor_id, clinic_id, instead_of, first_day, last_day, notice_minutes, joined_at)
         select patient_id, service_id, doctor_id, clinic_id, id, $2, greatest($2::date, wall_time::date), 1440,
                $3::timestamptz - interval '1 day'
         from appointments
         where doctor_id = $1 and status = 'confirmed' and starts_at > $3::timestamptz + interval '5 days'
           and patient_id <> all($4) and group_id is null
         order by starts_at desc
         limit 1",
        doctor_id,
        today.to_sqlx() as _,
        now.to_sqlx(),
        &patients,
    )
    .execute(&mut **tx)
    .await?;
    wait_for_seats(tx, ids, now).await
}

/// Lets two parties wait for seats of the session that is nearly full: more than are left.
async fn wait_for_seats(tx: &mut Tx, ids: &Ids, now: Timestamp) -> Result<(), Failure> {
    let patients: Vec<i64> = PARTIES
        .iter()
        .filter_map(|place| ids.patients.get(*place).copied())
        .collect();
    sqlx::query!(
        "insert into waitlist_entries
             (patient_id, service_id, doctor_id, clinic_id, group_id, seats, first_day, last_day, notice_minutes, joined_at)
         select patient_id, session.service_id, session.doctor_id, session.clinic_id, session.id, $2, session.day, session.day,
                120, $3::timestamptz - make_interval(days => 3 - place::integer)
         from unnest($1::bigint[]) with ordinality as waits (patient_id, place)
         cross join (select groups.*, (starts_at at time zone time_zone)::date as day
                     from groups join clinics on clinics.id = clinic_id
                     where state = 'published'
                     order by groups.id limit 1) as session",
        &patients,
        PARTY,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
