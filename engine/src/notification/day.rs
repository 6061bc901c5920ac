//! The mail of the morning: what a doctor has to do on the day.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::kind::{Channel, Kind};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
    event::Event,
    i18n::Locale,
    time::plus_minutes,
};

/// The hours of the clinic's morning in which the day is told.
const FROM_HOUR: i32 = 6;
const UNTIL_HOUR: i32 = 10;
const NEWS_MINUTES: i64 = 4 * 60;

/// Puts out the day of every doctor in whose clinic it is morning, once: the key has doctor and day. Answers with how many.
///
/// # Errors
/// Those of the database.
pub async fn tell_days(database: &Database, locale: Locale, now: Timestamp) -> Result<u64, AppError> {
    database
        .write("messages.tell_days", move |tx| attempt(tx, locale, now))
        .await
}

async fn attempt(mut tx: Tx, locale: Locale, now: Timestamp) -> Result<u64, Failure> {
    let told = sqlx::query!(
        "insert into messages (body, kind, channel, recipient, locale, staff_id, day, due_at, not_after, dedupe_key)
         select distinct on (staff.id) '', $1, $2, staff.email, coalesce(feeds.language, $3), staff.id, local.day, $4, $5,
                'day:' || staff.id || ':' || local.day
         from clinics
         cross join lateral (
             select (($4::timestamptz) at time zone clinics.time_zone)::date as day,
                    extract(hour from ($4::timestamptz) at time zone clinics.time_zone) as hour
         ) as local
         join appointments on appointments.clinic_id = clinics.id and status = 'confirmed'
              and starts_at >= $4::timestamptz and starts_at < $4::timestamptz + interval '1 day'
              and (starts_at at time zone clinics.time_zone)::date = local.day
         join doctors on doctors.id = appointments.doctor_id
         join staff on staff.id = doctors.staff_id and staff.active
         left join calendar_feeds as feeds on feeds.doctor_id = doctors.id
         where local.hour >= $6::integer and local.hour < $7::integer
           and not exists (select from messages where dedupe_key = 'day:' || staff.id || ':' || local.day)
         order by staff.id, starts_at
         on conflict (dedupe_key) where dedupe_key is not null do nothing",
        Kind::DoctorsDay.as_str(),
        Channel::Email.as_str(),
        locale.code(),
        now.to_sqlx() as _,
        plus_minutes(now, NEWS_MINUTES).to_sqlx(),
        FROM_HOUR,
        UNTIL_HOUR,
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if told > 0 {
        tx.tell(Event::MessageDue { is_code: false });
        tx.commit().await?;
    }
    Ok(told)
}
