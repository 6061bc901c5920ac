//! Starting to pay for a time that a browser holds: the hold lasts until the provider's page ends.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};

use super::{
    PaymentState, Provider, Subject,
    row::{give_up_open, of_subject, promised},
};
use crate::{
    account::name_patient,
    appointment::{Appointment, Locked, Status, Summary},
    booking::{
        Submit, Wanted,
        limit::Asked,
        locks::Locks,
        open::{Opened, refuse_too_many},
        submit,
    },
    database::{Database, Failure, Tx},
    error::{AppError, Refusal},
    i18n::Locale,
    idempotency,
    time::plus_minutes,
};

/// The time for which a provider's page is open, in minutes. Stripe has none that ends within thirty from when it is asked: the rest
/// is for asking again.
pub const SESSION_MINUTES: i64 = 35;
/// The time for which a time is held after the end of the page, in minutes: for what was paid in the last moment, and for our
/// own question.
pub const GRACE_MINUTES: i64 = 5;
/// The longest time for which somebody can go to pay for what they hold, from the beginning of the hold on, in minutes.
pub(super) const MAX_PAYING_MINUTES: i64 = 120;
/// The most pages that are opened for one hold: nobody has a provider open them without end.
pub(super) const MAX_PAGES: usize = 40;
/// The time after which a worker opens a page that was not heard of, in minutes.
const OPEN_MINUTES: i64 = 1;

/// When a worker opens a page that was not heard of.
pub(super) fn open_again_at(now: Timestamp) -> Timestamp {
    plus_minutes(now, OPEN_MINUTES)
}

/// The command to go and pay for what a browser holds.
#[derive(Clone, Debug)]
pub struct Start {
    /// What is booked once it is paid. Nothing is given up for it (`instead_of`).
    pub submit: Submit,
    pub provider: Provider,
    /// The language of the provider's page.
    pub locale: Locale,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Started {
    /// The page of this payment is to be opened, or is there.
    Paying { payment_id: i64 },
    /// The patient has booked it already.
    Booked { reference: String },
}

/// Begins a payment, and holds the time until the provider's page has ended. An older page for the same hold is given up.
///
/// # Errors
/// `NOT_FOUND` for a hold of another browser, and where nothing is paid first; `BOOKING_FAILED` as when it is booked, and where
/// it has been held for long enough; `RATE_LIMITED` for who goes to pay again and again.
pub async fn start(database: &Database, command: Start, now: Timestamp) -> Result<Started, AppError> {
    database
        .write("payment.start", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: Start, now: Timestamp) -> Result<Started, Failure> {
    let asked = &command.submit;
    let key = asked.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let found = submit::find(&mut tx, std::slice::from_ref(&asked.reference), &asked.visitor).await?;
    let locks = Locks {
        visitor: Some(&asked.visitor),
        patient_id: Some(asked.patient_id),
        newcomer: asked.newcomer.as_ref(),
        ..Locks::of_held(&found)
    };
    let locked = locks.take(&mut tx, now).await?;
    let patient_id = locked.patient_id.ok_or(AppError::Internal)?;
    let mut time = locked.single()?;
    let own = time.take_appointment()?;
    match own.status {
        Status::Held => {}
        Status::Pending | Status::Confirmed if own.patient_id == Some(patient_id) => {
            // In another tab.
            return Ok(Started::Booked {
                reference: own.reference.clone(),
            });
        }
        _ => return Err(Refusal::HoldExpired.of(time.wanted).into()),
    }
    submit::check(&mut tx, &mut time, &own, now).await?;
    time.refuse_overlap()?;
    let opened = Opened::of([time.offering.instant]);
    refuse_too_many(&mut tx, patient_id, opened, asked.rules, time.wanted, now).await?;
    let limits = Asked {
        patient_id,
        caller: None,
        rules: asked.rules,
        times: vec![&time],
        moved: None,
    };
    let exceeds = limits.check(&mut tx, now).await?;
    // A patient exceeds no limit.
    exceeds.record(&mut tx, &[]).await?;
    name_patient(&mut tx, patient_id, &asked.name).await?;
    let ends_at = keep(&mut tx, &own, (patient_id, &asked.reason), now).await?;
    let page = NewPage {
        subject: Subject::Appointment(own.id),
        provider: command.provider,
        locale: command.locale,
        started_by: asked.booked_by,
        ends_at,
    };
    let started = page.begin(&mut tx, now).await?;
    idempotency::answer(&mut tx, key, &started, &[Summary::from(&*own).at_its_time()]).await?;
    tx.commit().await?;
    Ok(started)
}

/// Holds the time until the provider's page has ended, for this patient. Answers with the end of the page.
pub(super) async fn keep(
    tx: &mut Tx,
    own: &Locked<Appointment>,
    (patient_id, reason): (i64, &str),
    now: Timestamp,
) -> Result<Timestamp, Failure> {
    let ends_at = plus_minutes(now, SESSION_MINUTES);
    if ends_at > plus_minutes(own.created_at, MAX_PAYING_MINUTES) {
        return Err(Refusal::HoldExpired.of(Wanted::from(&**own)).into());
    }
    sqlx::query!(
        "update appointments set held_until = greatest(held_until, $2), patient_id = $3, reason = $4 where id = $1",
        own.id,
        plus_minutes(ends_at, GRACE_MINUTES).to_sqlx(),
        patient_id,
        reason,
    )
    .execute(&mut **tx)
    .await?;
    Ok(ends_at)
}

/// A page of a provider that somebody is to pay on. What is paid is locked.
pub(super) struct NewPage {
    pub subject: Subject,
    pub provider: Provider,
    pub locale: Locale,
    /// The patient who pays.
    pub started_by: i64,
    pub ends_at: Timestamp,
}

impl NewPage {
    /// Begins the payment of what is paid first. An older page for the same is given up.
    ///
    /// # Errors
    /// `NOT_FOUND` where nothing is paid first; `RATE_LIMITED` for who goes to pay again and again.
    pub async fn begin(self, tx: &mut Tx, now: Timestamp) -> Result<Started, Failure> {
        let price = promised(tx, self.subject)
            .await?
            .first
            .ok_or(AppError::NotFound)?;
        if of_subject(tx, self.subject).await?.len() >= MAX_PAGES {
            return Err(AppError::RateLimited.into());
        }
        give_up_open(tx, self.subject, now).await?;
        let payment_id = sqlx::query_scalar!(
            "insert into payments
                 (appointment_id, stay_id, provider, state, amount_minor, currency, started_by, locale, session_ends_at,
                  created_at, work_due_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             returning id",
            self.subject.appointment_id(),
            self.subject.stay_id(),
            self.provider.as_str(),
            PaymentState::Created.as_str(),
            price.minor,
            price.currency,
            self.started_by,
            self.locale.code(),
            self.ends_at.to_sqlx() as _,
            now.to_sqlx(),
            open_again_at(now).to_sqlx() as _,
        )
        .fetch_one(&mut **tx)
        .await?;
        Ok(Started::Paying { payment_id })
    }
}
