//! The receipt of a payment.

use jiff::Timestamp;

use super::{Provider, Subject, row::read, subject::find_of};
use crate::{account::Caller, database::Database, error::AppError, money::Price};

/// A receipt of a payment, to print.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub number: i64,
    pub subject: Subject,
    pub reference: String,
    pub provider: Provider,
    pub price: Price,
    pub paid_at: Timestamp,
    pub taken_by: Option<String>,
    pub patient_name: Option<String>,
    pub clinic_name: String,
    pub clinic_address: String,
    pub clinic_phone: String,
    pub zone_name: String,
    /// The start of the appointment, or the day of the arrival.
    pub starts_at: Timestamp,
    /// What went back of it.
    pub paid_back: Option<Price>,
}

/// The receipt of a payment, for its patient and for the desk.
///
/// # Errors
/// `NOT_FOUND`, also for a payment that has not been paid.
pub async fn receipt(database: &Database, caller: Caller, payment_id: i64) -> Result<Receipt, AppError> {
    database
        .read("payment.receipt", move |mut connection| async move {
            let row = sqlx::query!(
                r#"select receipt_number as "number!", provider, amount_minor, payments.currency,
                          paid_at as "paid_at!: jiff_sqlx::Timestamp", staff.name as "taken_by?", patients.name as "patient_name?",
                          clinics.name as clinic_name, clinics.address || ', ' || clinics.city as "clinic_address!",
                          clinics.phone as clinic_phone, time_zone,
                          coalesce(starts_at, arrival::timestamp at time zone time_zone) as "starts_at!: jiff_sqlx::Timestamp",
                          (select sum(refunds.amount_minor)::bigint from refunds
                           where payment_id = payments.id and refunds.state in ('refunded', 'by_hand')) as back
                   from payments
                   left join appointments on appointments.id = appointment_id
                   left join stays on stays.id = stay_id
                   left join room_types on room_types.id = stays.room_type_id
                   join clinics on clinics.id = coalesce(appointments.clinic_id, room_types.clinic_id)
                   left join patients on patients.id = coalesce(appointments.patient_id, stays.patient_id)
                   left join staff on staff.id = taken_by
                   where payments.id = $1 and receipt_number is not null"#,
                payment_id,
            )
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(AppError::NotFound)?;
            let payment = read(&mut connection, payment_id).await?;
            let seen = find_of(&mut connection, &caller, payment.subject).await?;
            Ok(Receipt {
                number: row.number,
                subject: seen.subject,
                reference: seen.reference,
                provider: Provider::parse(&row.provider).ok_or(AppError::Internal)?,
                paid_back: row.back.map(|minor| Price {
                    minor,
                    currency: row.currency.clone(),
                }),
                price: Price {
                    minor: row.amount_minor,
                    currency: row.currency,
                },
                paid_at: row.paid_at.to_jiff(),
                taken_by: row.taken_by,
                patient_name: row.patient_name,
                clinic_name: row.clinic_name,
                clinic_address: row.clinic_address,
                clinic_phone: row.clinic_phone,
                zone_name: row.time_zone,
                starts_at: row.starts_at.to_jiff(),
            })
        })
        .await
}
