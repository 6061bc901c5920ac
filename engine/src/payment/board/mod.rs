//! Payments as the desk oversees them: a list, what waits for a person, and what each day brought. Whether the caller is at
//! the desk is not asked here; whoever has named clinics sees those alone.

mod numbers;
mod revenue;
mod to_do;

use jiff::Timestamp;

pub use self::{
    numbers::measure_waiting,
    revenue::{Revenue, revenue},
    to_do::{OpenRefund, OpenTrouble, ToDo, TroubleKind, open_refund, to_do},
};
use super::{PaymentState, Provider, Subject};
use crate::{account::Caller, database::Database, error::AppError, money::Price};

/// A search for payments.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// `None`: all of them.
    pub state: Option<PaymentState>,
    pub provider: Option<Provider>,
    /// The reference of an appointment or a stay, the number of a receipt, or an id of the provider.
    pub about: Option<String>,
    /// The id of the last one that the caller has.
    pub before: Option<i64>,
    pub limit: i64,
}

/// A payment of the list.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: i64,
    pub provider: Provider,
    pub state: PaymentState,
    pub price: Price,
    /// What went back of it.
    pub paid_back: Price,
    /// The reference of the appointment or the stay.
    pub reference: String,
    pub subject: Subject,
    pub clinic: String,
    pub patient_id: Option<i64>,
    pub receipt_number: Option<i64>,
    /// Who of the staff took it.
    pub taken_by: Option<String>,
    /// As the provider has it.
    pub provider_payment: Option<String>,
    pub created_at: Timestamp,
    pub paid_at: Option<Timestamp>,
}

/// The clinics to which a caller is kept; none for all.
fn clinics_of(caller: &Caller) -> Option<Vec<i64>> {
    caller.clinics().map(<[i64]>::to_vec)
}

/// Payments, newest first.
///
/// # Errors
/// Those of the database.
pub async fn entries(database: &Database, caller: &Caller, search: Search) -> Result<Vec<Entry>, AppError> {
    let clinics = clinics_of(caller);
    let providers: Vec<String> = (Provider::ALL.iter())
        .filter(|provider| search.provider.is_none_or(|wanted| wanted == **provider))
        .map(|provider| provider.as_str().to_owned())
        .collect();
    let about = search.about.map(|about| about.trim().to_owned());
    let receipt: Option<i64> = about.as_deref().and_then(|about| about.parse().ok());
    database
        .search("payment.entries", move |mut tx| async move {
            let rows = sqlx::query!(
                r#"select payments.id, provider, payments.state, payments.amount_minor, payments.currency,
                          appointment_id, stay_id, coalesce(appointments.reference, stays.reference) as "reference!",
                          clinics.name as clinic, coalesce(appointments.patient_id, stays.patient_id) as patient_id, receipt_number, staff.name as "taken_by?",
                          coalesce(payments.provider_payment,
                                   (select page.provider_payment from payments as page where page.id = payments.lead_id)) as provider_payment,
                          payments.created_at as "created_at: jiff_sqlx::Timestamp",
                          paid_at as "paid_at: jiff_sqlx::Timestamp",
                          (select coalesce(sum(refunds.amount_minor), 0)::bigint from refunds
                           where payment_id = payments.id and refunds.state in ('refunded', 'by_hand')) as "back!"
                   from payments
                   left join appointments on appointments.id = appointment_id
                   left join stays on stays.id = stay_id
                   left join room_types on room_types.id = stays.room_type_id
                   join clinics on clinics.id = coalesce(appointments.clinic_id, room_types.clinic_id)
                   left join staff on staff.id = taken_by
                   where provider = any($1)
                     and ($2::text is null or payments.state = $2)
                     and ($3::text is null or payments.id in (
                             select found.id from payments as found
                             where found.provider = any($1)
                               and (found.provider_payment = $3 or found.provider_session = $3 or found.receipt_number = $4)
                             union all
                             -- Shares of a visit are found by the number of their page, too.
                             select share.id from payments as found
                             join payments as share on share.lead_id = found.id
                             where found.provider = any($1) and (found.provider_payment = $3 or found.provider_session = $3)
                             union all
                             select found.id from payments as found
                             join appointments as named on named.id = found.appointment_id
                             where named.reference = upper($3)
                             union all
                             select found.id from payments as found
                             join stays as named on named.id = found.stay_id
                             where named.reference = upper($3)))
                     and ($5::bigint[] is null or clinics.id = any($5))
                     and ($6::bigint is null or payments.id < $6)
                   order by payments.id desc
                   limit $7"#,
                &providers,
                search.state.map(PaymentState::as_str),
                about,
                receipt,
                clinics.as_deref(),
                search.before,
                search.limit,
            )
            .fetch_all(&mut *tx)
            .await?;
            rows.into_iter()
                .map(|row| {
                    let price = |minor| Price {
                        minor,
                        currency: row.currency.clone(),
                    };
                    Ok(Entry {
                        id: row.id,
                        provider: Provider::parse(&row.provider).ok_or(AppError::Internal)?,
                        state: PaymentState::parse(&row.state).ok_or(AppError::Internal)?,
                        price: price(row.amount_minor),
                        paid_back: price(row.back),
                        reference: row.reference,
                        subject: Subject::of(row.appointment_id, row.stay_id)?,
                        clinic: row.clinic,
                        patient_id: row.patient_id,
                        receipt_number: row.receipt_number,
                        taken_by: row.taken_by,
                        provider_payment: row.provider_payment,
                        created_at: row.created_at.to_jiff(),
                        paid_at: row.paid_at.map(|at| at.to_jiff()),
                    })
                })
                .collect()
        })
        .await
}
