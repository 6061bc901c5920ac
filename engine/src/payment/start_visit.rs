//! Starting to pay for a visit that a browser holds: all of it is held until the provider's page ends.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    PaymentState, Provider, Subject,
    row::{give_up_open, of_subject, promised},
    start::{MAX_PAGES, Started, keep, open_again_at},
};
use crate::{
    appointment::{Status, Summary},
    database::{Database, Failure, Tx},
    error::{AppError, Refusal},
    i18n::Locale,
    idempotency,
    money::Price,
    visit::{Part, SubmitVisit, check_parts, lock_parts},
};

/// The command to go and pay for what a browser holds for a visit.
#[derive(Clone, Debug)]
pub struct StartVisit {
    /// What is booked once it is paid.
    pub submit: SubmitVisit,
    pub provider: Provider,
    /// The language of the provider's page.
    pub locale: Locale,
}

/// Begins one payment for a visit: the sum of what is paid first for its appointments, on one page. Each appointment gets its share.
/// Older pages for any of them are given up.
///
/// # Errors
/// `NOT_FOUND` for holds of another browser, and where nothing is paid first; `PAYMENT_REQUIRED` where it is paid in several currencies, so
/// that it cannot be one payment; `BOOKING_FAILED` as when it is booked, and where a part has been held for long enough;
/// `VALIDATION_FAILED` where there are too few or too many parts; `RATE_LIMITED` for who goes to pay again and again.
pub async fn start_visit(
    database: &Database,
    command: StartVisit,
    now: Timestamp,
) -> Result<Started, AppError> {
    database
        .write("payment.start_visit", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: StartVisit, now: Timestamp) -> Result<Started, Failure> {
    let asked = &command.submit;
    let key = asked.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let (patient_id, mut parts) = lock_parts(&mut tx, asked, now).await?;
    if let Some(reference) = booked_already(patient_id, &parts) {
        // In another tab.
        return Ok(Started::Booked { reference });
    }
    if let Some((time, _)) = parts.iter().find(|(_, own)| own.status != Status::Held) {
        return Err(Refusal::HoldExpired.of(time.wanted).into());
    }
    let exceeds = check_parts(&mut tx, asked, patient_id, &mut parts, now).await?;
    // A patient exceeds no limit.
    exceeds.record(&mut tx, &[]).await?;
    let mut ends_at = now;
    for (_, own) in &parts {
        ends_at = keep(&mut tx, own, (patient_id, &asked.reason), now).await?;
    }
    let shares = shares(&mut tx, &parts).await?;
    let payment_id = begin(&mut tx, &command, &parts, &shares, (now, ends_at)).await?;
    let started = Started::Paying { payment_id };
    let made: Vec<_> = (parts.iter())
        .map(|(_, own)| Summary::from(&**own).at_its_time())
        .collect();
    idempotency::answer(&mut tx, key, &started, &made).await?;
    tx.commit().await?;
    Ok(started)
}

/// The reference of the first part, where the patient has booked all of them.
fn booked_already(patient_id: i64, parts: &[Part]) -> Option<String> {
    let is_booked = parts.iter().all(|(_, own)| {
        matches!(own.status, Status::Pending | Status::Confirmed) && own.patient_id == Some(patient_id)
    });
    let (_, first) = parts.first().filter(|_| is_booked)?;
    Some(first.reference.clone())
}

/// What is paid first for each part, where anything is.
async fn shares(tx: &mut Tx, parts: &[Part]) -> Result<Vec<(i64, Price)>, Failure> {
    let mut shares: Vec<(i64, Price)> = Vec::with_capacity(parts.len());
    for (_, own) in parts {
        let Some(price) = promised(tx, Subject::Appointment(own.id)).await?.first else {
            continue;
        };
        if shares
            .first()
            .is_some_and(|(_, first)| first.currency != price.currency)
        {
            return Err(AppError::PaymentRequired.into());
        }
        shares.push((own.id, price));
    }
    Ok(shares)
}

/// Writes the payment that has the page, and one for each other share. Answers with the first one.
async fn begin(
    tx: &mut Tx,
    command: &StartVisit,
    parts: &[Part],
    shares: &[(i64, Price)],
    (now, ends_at): (Timestamp, Timestamp),
) -> Result<i64, Failure> {
    let (first_id, _) = shares.first().ok_or(AppError::NotFound)?;
    if of_subject(tx, Subject::Appointment(*first_id)).await?.len() >= MAX_PAGES {
        return Err(AppError::RateLimited.into());
    }
    let parts: Vec<i64> = parts.iter().map(|(_, own)| own.id).collect();
    for id in &parts {
        give_up_open(tx, Subject::Appointment(*id), now).await?;
    }
    let mut lead_id: Option<i64> = None;
    for (appointment_id, price) in shares {
        let id = sqlx::query_scalar!(
            "insert into payments
                 (appointment_id, lead_id, parts, provider, state, amount_minor, currency, started_by, locale, session_ends_at,
                  created_at, work_due_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             returning id",
            *appointment_id,
            lead_id,
            lead_id.is_none().then_some(parts.as_slice()),
            command.provider.as_str(),
            PaymentState::Created.as_str(),
            price.minor,
            price.currency,
            command.submit.booked_by,
            command.locale.code(),
            ends_at.to_sqlx() as _,
            now.to_sqlx(),
            // The page is that of the first one.
            lead_id.is_none().then(|| open_again_at(now).to_sqlx()) as _,
        )
        .fetch_one(&mut **tx)
        .await?;
        lead_id.get_or_insert(id);
    }
    Ok(lead_id.ok_or(AppError::NotFound)?)
}
