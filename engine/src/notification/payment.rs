//! What is said of payments on a provider's page: that the money has come, that it came too late and goes back, and that it
//! went back.

use jiff_sqlx::ToSqlx;

use super::{
    claimed::Claimed,
    kind::{Channel, Kind},
};
use crate::{
    database::{Failure, Tx},
    event::Event,
    i18n::Locale,
    money::Price,
    payment::{PaymentState, Why},
    time::plus_minutes,
};

/// The time for which it is news, in minutes.
const NEWS_MINUTES: i64 = 24 * 60;

/// What is said of a payment that came to this state, if anything is. What the desk takes and gives back, it says itself.
fn kind_of(to: PaymentState, why: Option<Why>) -> Option<Kind> {
    match (to, why) {
        (PaymentState::Paid, _) => Some(Kind::Paid),
        (PaymentState::RefundDue, Some(Why::TooLate | Why::Twice)) => Some(Kind::PaymentLate),
        (PaymentState::Refunded, _) => Some(Kind::PaidBack),
        _ => None,
    }
}

/// Puts out what is to be said of a payment.
///
/// # Errors
/// Those of the database.
pub(super) async fn plan(
    tx: &mut Tx,
    (payment_id, to): (i64, PaymentState),
    has: impl Fn(Channel) -> bool,
) -> Result<(), Failure> {
    let now = tx.now();
    let row = sqlx::query!(
        r#"select appointment_id, stay_id, lead_id is not null as "is_share!", patients.id as patient_id, patients.phone,
                  (select why from refunds where payment_id = payments.id and why not in ('outside', 'fewer')) as why,
                  case when reached.email_confirmed_at is not null then reached.email end as email,
                  coalesce(
                      reached.locale,
                      (select locale from messages
                       where recipient = patients.phone and sent_at is not null and kind = 'code'
                       order by sent_at desc limit 1),
                      payments.locale
                  ) as "locale!"
           from payments
           left join appointments on appointments.id = appointment_id
           left join stays on stays.id = stay_id
           join patients on patients.id = coalesce(appointments.patient_id, stays.patient_id)
           join patients as reached on reached.id = coalesce(patients.holder_id, patients.id)
           where payments.id = $1 and provider not in ('cash', 'terminal')"#,
        payment_id,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else {
        return Ok(());
    };
    let Some(kind) = kind_of(to, row.why.as_deref().and_then(Why::parse)) else {
        return Ok(());
    };
    if row.is_share && kind != Kind::PaidBack {
        // What is paid on one page is told of once. What goes back of it is told of each appointment.
        return Ok(());
    }
    let (channel, recipient) = match &row.email {
        Some(email) if has(Channel::Email) || !has(Channel::Sms) => (Channel::Email, email),
        _ => (Channel::Sms, &row.phone),
    };
    sqlx::query!(
        "insert into messages
             (body, kind, channel, recipient, locale, patient_id, appointment_id, payment_id, due_at, not_after, dedupe_key,
              stay_id)
         values ('', $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (dedupe_key) where dedupe_key is not null do nothing",
        kind.as_str(),
        channel.as_str(),
        recipient,
        Locale::parse(&row.locale).unwrap_or_default().code(),
        row.patient_id,
        row.appointment_id,
        payment_id,
        now.to_sqlx(),
        plus_minutes(now, NEWS_MINUTES).to_sqlx(),
        format!("payment:{}:{payment_id}", kind.as_str()),
        row.stay_id,
    )
    .execute(&mut **tx)
    .await?;
    tx.tell(Event::MessageDue { is_code: false });
    Ok(())
}

/// A payment, as far as its message may know it.
#[derive(Clone, Debug)]
pub(super) struct PaidFor {
    pub recipient: String,
    pub payment_id: i64,
    /// What was paid; of one that went back, what did.
    pub amount: Price,
    /// Those of all appointments of a visit that was paid at once, with commas between them, as the references are.
    pub receipts: String,
    pub references: String,
    pub clinic_phone: String,
}

/// Reads what a message about a payment speaks of; `None` where it is no longer so.
///
/// # Errors
/// Those of the database.
pub(super) async fn load(tx: &mut Tx, claimed: &Claimed) -> Result<Option<PaidFor>, Failure> {
    let row = sqlx::query!(
        r#"select payments.id, payments.state, payments.amount_minor, payments.currency,
                  payments.receipt_number as "receipt!", refunds.amount_minor as "back?",
                  coalesce(appointments.reference, stays.reference) as "reference!",
                  payments.amount_minor + shares.amount_minor as "whole!", shares.receipts, shares.named,
                  clinics.phone as clinic_phone, patients.phone,
                  case when reached.email_confirmed_at is not null then reached.email end as email
           from payments
           left join appointments on appointments.id = payments.appointment_id
           left join stays on stays.id = payments.stay_id
           cross join lateral (
               select coalesce(sum(share.amount_minor), 0)::bigint as amount_minor,
                      string_agg(share.receipt_number::text, ', ' order by share.id) as receipts,
                      string_agg(parts.reference, ', ' order by share.id) as named
               from payments as share
               join appointments as parts on parts.id = share.appointment_id
               where share.lead_id = payments.id
           ) as shares
           left join room_types on room_types.id = stays.room_type_id
           join clinics on clinics.id = coalesce(appointments.clinic_id, room_types.clinic_id)
           join patients on patients.id = coalesce(appointments.patient_id, stays.patient_id) and patients.active
           join patients as reached on reached.id = coalesce(patients.holder_id, patients.id)
           left join refunds on refunds.payment_id = payments.id and refunds.why not in ('outside', 'fewer')
           where payments.id = $1 and payments.receipt_number is not null"#,
        claimed.payment_id,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.and_then(|row| {
        use PaymentState::{Paid, RefundDue, RefundFailed, Refunded, Refunding};

        let state = PaymentState::parse(&row.state)?;
        let is_so = match claimed.kind {
            Kind::Paid => state == Paid,
            Kind::PaymentLate => matches!(state, RefundDue | Refunding | RefundFailed),
            _ => state == Refunded,
        };
        let recipient = match claimed.channel {
            Channel::Sms => Some(row.phone),
            Channel::Email => row.email,
        };
        let is_back = claimed.kind == Kind::PaidBack;
        let all = |own: String, others: Option<String>| match others.filter(|_| !is_back) {
            Some(others) => format!("{own}, {others}"),
            None => own,
        };
        Some(PaidFor {
            recipient: recipient.filter(|_| is_so)?,
            payment_id: row.id,
            amount: Price {
                minor: match is_back {
                    true => row.back.unwrap_or(row.amount_minor),
                    false => row.whole,
                },
                currency: row.currency,
            },
            receipts: all(row.receipt.to_string(), row.receipts),
            references: all(row.reference, row.named),
            clinic_phone: row.clinic_phone,
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_cancels_is_told_when_the_money_went_back_and_not_before() {
        assert_eq!(kind_of(PaymentState::RefundDue, Some(Why::Cancelled)), None);
        assert_eq!(
            kind_of(PaymentState::Refunded, Some(Why::Cancelled)),
            Some(Kind::PaidBack)
        );
        assert_eq!(
            kind_of(PaymentState::RefundDue, Some(Why::TooLate)),
            Some(Kind::PaymentLate)
        );
        assert_eq!(kind_of(PaymentState::Failed, None), None);
    }
}
