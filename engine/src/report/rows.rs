//! The appointments of a report one by one, page by page.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Asked, Chosen};
use crate::{account::Caller, database::Database, error::AppError};

/// The number of rows that are read at a time.
pub const ROWS: i64 = 500;

/// An appointment, without anything about its patient.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportedAppointment {
    pub id: i64,
    pub reference: String,
    pub clinic: String,
    pub doctor: String,
    /// As it was called when it was booked.
    pub service: String,
    pub status: String,
    pub channel: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub time_zone: String,
    pub created_at: Timestamp,
    pub blocked_minutes: i64,
    pub is_late_cancellation: bool,
    pub is_new_patient: bool,
    pub price_minor: Option<i64>,
    pub currency: Option<String>,
    pub score: Option<i16>,
}

/// A place in the list: the start and the id of the last row that was read.
pub type Rows = Option<(Timestamp, i64)>;

/// The next appointments of a report, by start. Each page is read for itself: nothing is kept open while somebody's line is slow.
///
/// # Errors
/// `NOT_FOUND` for patients and reception, and for what is not the caller's; those of the database.
pub async fn rows(
    database: &Database,
    caller: &Caller,
    asked: Asked,
    after: Rows,
) -> Result<Vec<ReportedAppointment>, AppError> {
    let chosen = Chosen::new(caller, asked.period, asked.filter)?;
    database
        .report("report.rows", move |mut tx| async move {
            let (after_start, after_id) = after.unzip();
            let rows = sqlx::query!(
                r#"select reported.id as "id!", reference as "reference!", clinics.name as clinic, doctors.name as doctor,
                          service_name as "service!", status as "status!", channel as "channel!",
                          starts_at as "starts_at!: jiff_sqlx::Timestamp", ends_at as "ends_at!: jiff_sqlx::Timestamp",
                          reported.time_zone as "time_zone!", created_at as "created_at!: jiff_sqlx::Timestamp",
                          blocked_minutes as "blocked_minutes!", is_late as "is_late!",
                          is_first and stands as "is_new!", price_minor, currency, score as "score?"
                   from reported_appointments as reported
                   join clinics on clinics.id = reported.clinic_id
                   join doctors on doctors.id = reported.doctor_id
                   left join ratings on appointment_id = reported.id
                   where starts_at >= $1::date - interval '1 day' and starts_at < $2::date + interval '3 days'
                     and local_start >= $1::date and local_start < $2::date + 1
                     and ($3::bigint[] is null or reported.clinic_id = any($3))
                     and ($4::bigint is null or reported.doctor_id = $4)
                     and ($5::bigint is null or reported.service_id = $5)
                     and ($6::timestamptz is null or (starts_at, reported.id) > ($6, $7))
                   order by starts_at, reported.id
                   limit $8"#,
                chosen.period.first.to_sqlx() as _,
                chosen.period.last.to_sqlx() as _,
                chosen.clinics.as_deref(),
                chosen.doctor_id,
                chosen.service_id,
                after_start.map(ToSqlx::to_sqlx) as _,
                after_id,
                ROWS,
            )
            .fetch_all(&mut *tx)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| ReportedAppointment {
                    id: row.id,
                    reference: row.reference,
                    clinic: row.clinic,
                    doctor: row.doctor,
                    service: row.service,
                    status: row.status,
                    channel: row.channel,
                    starts_at: row.starts_at.to_jiff(),
                    ends_at: row.ends_at.to_jiff(),
                    time_zone: row.time_zone,
                    created_at: row.created_at.to_jiff(),
                    blocked_minutes: row.blocked_minutes,
                    is_late_cancellation: row.is_late,
                    is_new_patient: row.is_new,
                    price_minor: row.price_minor,
                    currency: row.currency,
                    score: row.score,
                })
                .collect())
        })
        .await
}
