//! What a patient wants to be told how: language, e-mail address, and the way of each kind of message. Codes always go by
//! SMS, since they are for who has the phone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};

use super::{
    email_address,
    link::{self, PublicUrl, Purpose},
    mail::{self, Mail},
    session::SignedIn,
};
use crate::{
    audit::{self, Kind, Note},
    database::{Database, Failure, Lock, Tx, locking},
    error::{AppError, Field, FieldProblem},
    i18n::{Locale, Texts},
    time::plus_minutes,
};

/// What patients are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// What becomes of appointments: requested, confirmed, declined, moved, cancelled.
    Appointment,
    /// That an appointment is near.
    Reminder,
    /// That a prescription is ready.
    Prescription,
    /// That a rating is asked for.
    Rating,
}

impl Topic {
    pub const ALL: [Self; 4] = [
        Self::Appointment,
        Self::Reminder,
        Self::Prescription,
        Self::Rating,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Appointment => "appointment",
            Self::Reminder => "reminder",
            Self::Prescription => "prescription",
            Self::Rating => "rating",
        }
    }
}

/// The way on which patients are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    #[default]
    Sms,
    Whatsapp,
    /// Once the address is confirmed; by SMS until then.
    Email,
    /// Not at all.
    None,
}

impl Way {
    pub const ALL: [Self; 4] = [Self::Sms, Self::Whatsapp, Self::Email, Self::None];

    pub fn name(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Whatsapp => "whatsapp",
            Self::Email => "email",
            Self::None => "none",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }
}

/// The ways that somebody chose; what is not named goes by SMS.
pub type Ways = BTreeMap<Topic, Way>;

/// What a patient wishes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// None: whatever the page was in when they booked.
    pub locale: Option<Locale>,
    pub email: Option<String>,
    /// Whether the link that was sent there has been followed.
    pub is_confirmed: bool,
    pub ways: Ways,
}

impl Wishes {
    /// The way on which the patient is told of this: by mail only where the address is confirmed.
    pub fn way(&self, topic: Topic) -> Way {
        match self.ways.get(&topic).copied().unwrap_or_default() {
            Way::Email if !self.is_confirmed => Way::Sms,
            way => way,
        }
    }
}

/// Looks up what a patient wishes.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn wishes(database: &Database, patient_id: i64) -> Result<Wishes, AppError> {
    database
        .read("wishes.load", move |mut connection| async move {
            let row = sqlx::query!(
                r#"select locale, email, email_confirmed_at is not null as "is_confirmed!", wishes
                   from patients where id = $1"#,
                patient_id,
            )
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(AppError::NotFound)?;
            Ok(Wishes {
                locale: row.locale.as_deref().and_then(Locale::parse),
                email: row.email,
                is_confirmed: row.is_confirmed,
                // What an older or newer program wrote otherwise is nothing that was chosen.
                ways: serde_json::from_value(row.wishes).unwrap_or_default(),
            })
        })
        .await
}

/// The command to change what a patient wishes.
#[derive(Clone, Debug)]
pub struct ChangeWishes {
    pub patient_id: i64,
    pub locale: Option<Locale>,
    /// As typed; empty for none.
    pub email: String,
    pub ways: Ways,
    /// From which the link to confirm an address is made; without it, no new address can be given.
    pub site: Option<PublicUrl>,
    pub texts: Texts,
}

/// Changes what a patient wishes. A new address is sent a link, and nothing else before it was followed. Answers whether a
/// link was sent.
///
/// # Errors
/// `VALIDATION_FAILED` for an address that is none, for a new one where no links can be sent, and for mails without an
/// address.
pub async fn change_wishes(
    database: &Database,
    command: ChangeWishes,
    now: Timestamp,
) -> Result<bool, AppError> {
    let email = match command.email.trim() {
        "" => None,
        typed => Some(email_address(typed)?),
    };
    if email.is_none() && command.ways.values().any(|way| *way == Way::Email) {
        return Err(AppError::invalid(Field::Email, FieldProblem::Missing));
    }
    database
        .write("wishes.change", move |tx| {
            change(tx, command.clone(), email.clone(), now)
        })
        .await
}

async fn change(
    mut tx: Tx,
    command: ChangeWishes,
    email: Option<String>,
    now: Timestamp,
) -> Result<bool, Failure> {
    let id = command.patient_id;
    let there = sqlx::query!(
        "select name, email, email_confirmed_at is not null as \"is_confirmed!\" from patients where id = $1 for no key update",
        id
    );
    let there = locking(Lock::Patient, there.fetch_optional(&mut *tx))
        .await?
        .ok_or(AppError::NotFound)?;
    let is_new = there.email != email;
    let ways = serde_json::to_value(&command.ways).map_err(|_| AppError::Internal)?;
    sqlx::query!(
        "update patients set locale = $2, email = $3, wishes = $4,
                email_confirmed_at = case when $5 then null else email_confirmed_at end
         where id = $1",
        id,
        command.locale.map(Locale::code),
        email,
        ways,
        is_new,
    )
    .execute(&mut *tx)
    .await?;
    let asks = email.filter(|_| is_new || !there.is_confirmed);
    let is_sent = match (asks, command.site) {
        (None, _) => false,
        // An address that nobody can confirm is good for nothing.
        (Some(_), None) if is_new => {
            return Err(AppError::invalid(Field::Email, FieldProblem::Unconfirmable).into());
        }
        (Some(_), None) => false,
        (Some(email), Some(site)) => {
            let purpose = Purpose::Email;
            let secret = link::make(&mut tx, purpose, SignedIn::Patient(id), &email, now).await?;
            let letter = Mail {
                subject: command.texts.text("mail-email-subject"),
                body: command.texts.with(
                    "mail-email-body",
                    &[
                        ("name", there.name.unwrap_or_default().into()),
                        ("link", site.link(&secret).into()),
                        ("hours", (purpose.lifetime_minutes() / 60).into()),
                    ],
                ),
                until: Some(plus_minutes(now, purpose.lifetime_minutes())),
            };
            mail::send(&mut tx, &email, &letter).await?;
            true
        }
    };
    tx.commit().await?;
    Ok(is_sent)
}

/// Confirms the address of a patient by the link that was sent there, which is used up.
///
/// # Errors
/// `NOT_FOUND` for a link that is not good, or not any more: the address is another one now.
pub async fn confirm_email(database: &Database, secret: &str, now: Timestamp) -> Result<(), AppError> {
    let followed = link::follow(database, secret, now)
        .await?
        .filter(|followed| followed.purpose == Purpose::Email)
        .ok_or(AppError::NotFound)?;
    let SignedIn::Patient(id) = followed.who else {
        return Err(AppError::NotFound);
    };
    let secret = secret.to_owned();
    let note = Note::new(Kind::AccountChanged)
        .of_patient(id)
        .about("e-mail confirmed");
    let told = note.clone();
    database
        .write("wishes.confirm_email", move |mut tx| {
            let (secret, note) = (secret.clone(), note.clone());
            async move {
                let email =
                    sqlx::query_scalar!("select email from patients where id = $1 for no key update", id);
                let email = locking(Lock::Patient, email.fetch_optional(&mut *tx))
                    .await?
                    .flatten()
                    .ok_or(AppError::NotFound)?;
                let link = (secret.as_str(), email.as_str());
                link::redeem(&mut tx, Purpose::Email, SignedIn::Patient(id), link, now).await?;
                sqlx::query!(
                    "update patients set email_confirmed_at = $2 where id = $1",
                    id,
                    now.to_sqlx()
                )
                .execute(&mut *tx)
                .await?;
                audit::write(&mut tx, &note).await?;
                tx.commit().await
            }
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_go_to_confirmed_addresses_alone() {
        let mut wishes = Wishes {
            ways: Ways::from([(Topic::Reminder, Way::Email), (Topic::Rating, Way::None)]),
            ..Wishes::default()
        };
        assert_eq!(wishes.way(Topic::Reminder), Way::Sms);
        wishes.is_confirmed = true;
        assert_eq!(wishes.way(Topic::Reminder), Way::Email);
        assert_eq!(wishes.way(Topic::Rating), Way::None);
        assert_eq!(wishes.way(Topic::Appointment), Way::Sms);
    }

    #[test]
    fn ways_are_kept_by_their_names() {
        let ways = Ways::from([(Topic::Reminder, Way::Email)]);
        let json = serde_json::to_value(&ways).unwrap();
        assert_eq!(json, serde_json::json!({ "reminder": "email" }));
        assert_eq!(serde_json::from_value::<Ways>(json).unwrap(), ways);
        for way in Way::ALL {
            assert_eq!(Way::parse(way.name()), Some(way));
        }
    }
}
