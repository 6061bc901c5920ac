//! Whether a message can reach a patient.

use std::collections::BTreeMap;

use super::{kind::Channel, stops::UNSUBSCRIBED};
use crate::{database::Database, error::AppError};

/// The ways by which messages can reach a patient, as far as the clinic has a sender for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Nobody has said stop at the phone number, and it has not been refused.
    pub phone: bool,
    /// There is an address that the patient has confirmed, and that takes messages.
    pub email: bool,
}

impl Reach {
    /// The ways of these for which the clinic has a sender: by them a message does reach the patient.
    pub fn with_senders(self, has_sender: impl Fn(Channel) -> bool) -> Self {
        Self {
            phone: self.phone && has_sender(Channel::Sms),
            email: self.email && has_sender(Channel::Email),
        }
    }
}

/// Reads how messages can reach these patients.
///
/// # Errors
/// Those of the database.
pub async fn reach(database: &Database, patient_ids: Vec<i64>) -> Result<BTreeMap<i64, Reach>, AppError> {
    database
        .read("notification.reach", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select id,
                          not exists (select from message_stops
                                      where recipient = phone and reason <> $2) as "phone!",
                          email is not null and email_confirmed_at is not null
                              and not exists (select from message_stops
                                              where recipient = email and reason <> $2) as "email!"
                   from patients where id = any($1)"#,
                &patient_ids,
                UNSUBSCRIBED,
            )
            .fetch_all(&mut *connection)
            .await?;
            let reach = rows.into_iter().map(|row| {
                let reach = Reach {
                    phone: row.phone,
                    email: row.email,
                };
                (row.id, reach)
            });
            Ok(reach.collect())
        })
        .await
}
