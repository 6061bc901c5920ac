//! A step that is being done, with what all tools need.

use jiff::Timestamp;
use sqlx::PgConnection;

use super::{
    Answer, Call, Rules, TimeSaid,
    open::{Open, Place},
};
use crate::{
    account::Phone,
    availability::{Asker, Except, alternatives},
    booking::Wanted,
    database::{Database, Failure},
    error::AppError,
    i18n::Locale,
};

/// A step that is being done.
pub(super) struct Work<'a> {
    pub database: &'a Database,
    pub call: &'a Call,
    pub open: &'a Open,
    pub place: &'a Place,
    pub step_id: i64,
    pub rules: &'a Rules,
    pub locale: Locale,
    pub now: Timestamp,
}

impl Work<'_> {
    /// The answer for a time that is gone: others that are near.
    pub(super) async fn taken(&self, wanted: Wanted) -> Result<Answer, AppError> {
        let except = Except {
            appointment_id: None,
            holds_of: Some(self.open.visitor()),
        };
        let mut others = alternatives(self.database, wanted, except, Asker::PATIENT, self.now).await?;
        others.retain(|other| other.offering.clinic_id == self.place.clinic_id);
        let times = others
            .iter()
            .map(|other| TimeSaid::new(&other.offering, other.starts_at, self.locale));
        Ok(Answer::Taken {
            times: times.collect(),
        })
    }
}

/// Whether the clinic has closed the account of the holder of this number.
pub(super) async fn is_closed(connection: &mut PgConnection, number: &Phone) -> Result<bool, Failure> {
    let is_closed = sqlx::query_scalar!(
        r#"select exists (select from patients where phone = $1 and holder_id is null and not active
                            and merged_into is null) as "is_closed!""#,
        number.as_str(),
    );
    Ok(is_closed.fetch_one(connection).await?)
}
