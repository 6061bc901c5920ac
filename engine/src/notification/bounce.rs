//! Mails that come back: what a mail server reports later about a mail that it took (RFC 3464).

use std::fmt;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    kind::{Channel, Kind, Trouble},
    stops,
};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
    event::Event,
};

/// The status of a report, as RFC 3463 has it: of class 4 for what may pass, of class 5 for what does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BounceStatus {
    class: u8,
    subject: u16,
    detail: u16,
}

impl BounceStatus {
    /// Reads a status, such as `5.1.1`. One of a delivery that succeeded is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('.');
        let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
        let number = |text: &str| -> Option<u16> {
            let is_one = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| is_one)
        };
        let class = match class {
            "4" => 4,
            "5" => 5,
            _ => return None,
        };
        parts.next().is_none().then_some(Self {
            class,
            subject: number(subject)?,
            detail: number(detail)?,
        })
    }

    /// Whether it says no more than that something went wrong.
    pub fn is_vague(self) -> bool {
        self.subject == 0
    }
}

impl fmt::Display for BounceStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// What a report means for the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BounceClass {
    /// There is no such address, or nobody there any more.
    Gone,
    /// The mail was refused, and nothing says that it is not the address.
    Refused,
    /// This mail did not arrive; another one may.
    Undelivered,
    /// The mail server goes on trying.
    Delayed,
}

/// A report about one mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BounceReport {
    /// Whether the mail server has given the mail up.
    pub is_over: bool,
    pub status: BounceStatus,
}

impl BounceReport {
    pub fn class(self) -> BounceClass {
        let BounceStatus {
            class,
            subject,
            detail,
        } = self.status;
        match (self.is_over, class, subject, detail) {
            (false, ..) => BounceClass::Delayed,
            // A bad mailbox, host or form of address; a mailbox that moved away; a host that takes no mail.
            (true, 5, 1, 0..=3 | 6 | 10) => BounceClass::Gone,
            // A mailbox that is switched off.
            (true, 5, 2, 1) => BounceClass::Gone,
            (true, 5, 0, _) => BounceClass::Refused,
            (true, ..) => BounceClass::Undelivered,
        }
    }
}

/// A report whose token is genuine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// The name of the message, as providers know it.
    pub name: String,
    pub report: BounceReport,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounced {
    Noted(BounceClass),
    /// As much was known before.
    Known,
    /// There is no such message any more.
    NoMessage,
}

/// Writes down that a mail came back. Where its address is gone, nothing goes there any more until it is confirmed anew: its
/// patients are reached by phone from then on, also about this, where `has_sms`. A report that comes again changes nothing.
///
/// # Errors
/// Those of the database.
pub async fn take_bounce(
    database: &Database,
    bounce: Bounce,
    has_sms: bool,
    now: Timestamp,
) -> Result<Bounced, AppError> {
    database
        .write("messages.bounce", move |tx| {
            attempt(tx, bounce.clone(), has_sms, now)
        })
        .await
}

/// The id and the time of creation in the name of a message.
fn read_name(name: &str) -> Option<(i64, Timestamp)> {
    let (id, microseconds) = name.split_once('.')?;
    let created_at = Timestamp::from_microsecond(microseconds.parse().ok()?).ok()?;
    Some((id.parse().ok()?, created_at))
}

async fn attempt(mut tx: Tx, bounce: Bounce, has_sms: bool, now: Timestamp) -> Result<Bounced, Failure> {
    let Some((id, created_at)) = read_name(&bounce.name) else {
        return Ok(Bounced::NoMessage);
    };
    let message = sqlx::query!(
        "select recipient, sent_at from messages where id = $1 and created_at = $2 and channel = $3",
        id,
        created_at.to_sqlx(),
        Channel::Email.as_str(),
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(message) = message else {
        return Ok(Bounced::NoMessage);
    };
    let class = bounce.report.class();
    // What was sent before an address was confirmed says nothing of it.
    let patients = match class {
        BounceClass::Gone | BounceClass::Refused => {
            let sent_at = message.sent_at.map(jiff_sqlx::Timestamp::to_jiff);
            stops::lock_people(&mut tx, &message.recipient, sent_at).await?
        }
        _ => None,
    };
    let trouble = match class {
        BounceClass::Gone => Trouble::Bounced,
        _ => Trouble::Undelivered,
    };
    let written = sqlx::query!(
        "update messages
         set bounce_status = $2,
             state = case when state = 'sent' and $3 then 'failed' else state end,
             last_error = case when state = 'sent' and $3 then $4 else last_error end
         where id = $1 and (bounce_status is null or bounce_status like '4.%' and $3 and state = 'sent')",
        id,
        bounce.report.status.to_string(),
        bounce.report.is_over,
        trouble.as_str(),
    )
    .execute(&mut *tx)
    .await?;
    if written.rows_affected() == 0 {
        return Ok(Bounced::Known);
    }
    match (class, patients) {
        (BounceClass::Gone, Some(patients)) => {
            stops::count(&mut tx, &message.recipient, Trouble::Bounced, now).await?;
            stops::unconfirm(&mut tx, &patients).await?;
            if has_sms {
                say_by_phone(&mut tx, id, &message.recipient, &patients, now).await?;
            }
        }
        (BounceClass::Refused, Some(patients)) => {
            let is_stopped = stops::count(&mut tx, &message.recipient, Trouble::NoSuchRecipient, now).await?;
            if is_stopped {
                stops::unconfirm(&mut tx, &patients).await?;
            }
        }
        _ => {}
    }
    tx.commit().await?;
    Ok(Bounced::Noted(class))
}

/// Lets what came back, and what is planned for the same address, go to the phones of its patients.
async fn say_by_phone(
    tx: &mut Tx,
    id: i64,
    email: &str,
    patients: &[i64],
    now: Timestamp,
) -> Result<(), Failure> {
    // What its patient is to hear, of which the phone of the holder gets to know as well.
    let moved = sqlx::query!(
        "update messages set channel = $3, recipient = patients.phone
         from patients
         where messages.recipient = $1 and messages.state = 'due' and messages.channel = $4 and appointment_id is not null
           and patients.id = messages.patient_id and coalesce(patients.holder_id, patients.id) = any($2)",
        email,
        patients,
        Channel::Sms.as_str(),
        Channel::Email.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    // Of the same moment: what was changed together is still told together.
    let again = sqlx::query_scalar!(
        "insert into messages
             (body, kind, channel, recipient, locale, appointment_id, version, patient_id, starts_at, due_at, not_after,
              created_at, dedupe_key)
         select '', kind, $3, patients.phone, messages.locale, appointment_id, version, patient_id, starts_at, $4, not_after,
                messages.created_at, 'bounced:' || messages.id
         from messages
         join patients on patients.id = patient_id
         where messages.id = $1 and appointment_id is not null and not_after > $4 and kind <> all($5)
           and coalesce(patients.holder_id, patients.id) = any($2)
         on conflict (dedupe_key) where dedupe_key is not null do nothing
         returning id",
        id,
        patients,
        Channel::Sms.as_str(),
        now.to_sqlx(),
        &Kind::ALL
            .iter()
            .filter(|kind| kind.is_written())
            .map(|kind| kind.as_str().to_owned())
            .collect::<Vec<_>>(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(again) = again {
        // What the mail said of a visit, nobody heard.
        sqlx::query!(
            "update message_parts set message_id = $2 where message_id = $1",
            id,
            again
        )
        .execute(&mut **tx)
        .await?;
    }
    if again.is_some() || moved.rows_affected() > 0 {
        tx.tell(Event::MessageDue { is_code: false });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(is_over: bool, status: &str) -> BounceClass {
        let status = BounceStatus::parse(status).unwrap();
        BounceReport { is_over, status }.class()
    }

    #[test]
    fn a_status_says_whether_it_is_the_address() {
        for status in ["5.1.1", "5.1.2", "5.1.10", "5.2.1", "5.1.6"] {
            assert_eq!(class(true, status), BounceClass::Gone, "{status}");
        }
        for status in ["5.2.2", "5.7.1", "5.3.4", "5.4.7", "4.4.7", "4.1.1"] {
            assert_eq!(class(true, status), BounceClass::Undelivered, "{status}");
        }
        assert_eq!(class(true, "5.0.0"), BounceClass::Refused);
        assert_eq!(class(false, "4.4.1"), BounceClass::Delayed);
        assert_eq!(class(false, "5.1.1"), BounceClass::Delayed);
    }

    #[test]
    fn a_status_is_three_numbers_of_class_four_or_five() {
        assert_eq!(BounceStatus::parse(" 5.1.10 ").unwrap().to_string(), "5.1.10");
        assert!(BounceStatus::parse("5.0.0").unwrap().is_vague());
        for text in [
            "", "5", "5.1", "2.0.0", "5.1.1.1", "5.x.1", "5.1.1000", "5..1", "550",
        ] {
            assert_eq!(BounceStatus::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_has_the_id_and_the_time_of_its_row() {
        let (id, created_at) = read_name("7.1700000000000001").unwrap();
        assert_eq!((id, created_at.as_microsecond()), (7, 1_700_000_000_000_001));
        for name in ["", "7", "7.", "test.0123", "7.1.2", "x.1"] {
            assert_eq!(read_name(name), None, "{name}");
        }
    }
}
