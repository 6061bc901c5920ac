//! A time that was offered, as pages and programs read it.

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    account::Caller,
    booking::Wanted,
    database::Database,
    error::AppError,
    i18n::{Locale, Names, Texts},
    nobody::name_of,
    time::shown_zone,
    waitlist::{
        answer::{Which, find},
        rules::{OfferState, Why},
    },
};

/// A time that was offered.
#[derive(Clone, Debug)]
pub struct OfferView {
    pub id: i64,
    pub entry_id: i64,
    pub patient_id: i64,
    pub doctor_id: i64,
    doctor_name: String,
    pub clinic_id: i64,
    pub clinic_name: String,
    pub clinic_address: String,
    pub zone_name: String,
    pub zone: TimeZone,
    pub service_id: i64,
    service_name: String,
    service_names: Names,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// `None` where it was not kept, and the patient only told.
    pub kept_until: Option<Timestamp>,
    pub state: OfferState,
    pub why: Why,
    /// Who of the staff chose the patient.
    pub offered_by: Option<String>,
    /// Those who had waited longer and whom the time did not fit.
    pub passed_over: i32,
    pub offered_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    /// The reference of what came of it.
    pub booked: Option<String>,
    /// Who of the staff answered it for the patient, or took the patient off the list.
    pub answered_by: Option<String>,
    /// The session and the number of its seats, where it is not a time.
    pub session: Option<(i64, i32)>,
    /// The reference and the start of the appointment that it moves.
    pub instead_of: Option<(String, Timestamp)>,
}

impl OfferView {
    /// The name of the service, as somebody with this language reads it.
    pub fn service(&self, locale: Locale) -> &str {
        self.service_names.or(&self.service_name, locale)
    }

    /// The name of the doctor, or that there is none.
    pub fn doctor(&self, texts: Texts) -> String {
        name_of(self.doctor_id, self.doctor_name.clone()).unwrap_or_else(|| texts.text("no-doctor"))
    }

    pub fn wanted(&self) -> Wanted {
        Wanted {
            doctor_id: self.doctor_id,
            clinic_id: self.clinic_id,
            service_id: self.service_id,
            starts_at: self.starts_at.as_second(),
        }
    }

    /// Whether its time is kept at this moment.
    pub fn stands(&self, now: Timestamp) -> bool {
        self.state == OfferState::Offered && self.kept_until.is_some_and(|until| until > now)
    }

    /// Its state at this moment: one that has run out has lapsed, whether or not the worker has written that.
    pub fn state_at(&self, now: Timestamp) -> OfferState {
        match self.state {
            OfferState::Offered if !self.stands(now) => OfferState::Lapsed,
            state => state,
        }
    }
}

pub(super) struct OfferRow {
    pub(super) id: i64,
    pub(super) entry_id: i64,
    pub(super) patient_id: i64,
    pub(super) doctor_id: i64,
    pub(super) doctor_name: String,
    pub(super) clinic_id: i64,
    pub(super) clinic_name: String,
    pub(super) clinic_address: String,
    pub(super) time_zone: String,
    pub(super) service_id: i64,
    pub(super) service_name: String,
    pub(super) service_names: serde_json::Value,
    pub(super) starts_at: jiff_sqlx::Timestamp,
    pub(super) ends_at: jiff_sqlx::Timestamp,
    pub(super) kept_until: Option<jiff_sqlx::Timestamp>,
    pub(super) state: String,
    pub(super) why: String,
    pub(super) offered_by: Option<String>,
    pub(super) passed_over: i32,
    pub(super) offered_at: jiff_sqlx::Timestamp,
    pub(super) answered_at: Option<jiff_sqlx::Timestamp>,
    pub(super) booked: Option<String>,
    pub(super) answered_by: Option<String>,
    pub(super) group_id: Option<i64>,
    pub(super) seats: Option<i32>,
    pub(super) own_reference: Option<String>,
    pub(super) own_starts_at: Option<jiff_sqlx::Timestamp>,
}

impl OfferRow {
    pub fn into_view(self) -> Result<OfferView, AppError> {
        let moment = jiff_sqlx::Timestamp::to_jiff;
        Ok(OfferView {
            id: self.id,
            entry_id: self.entry_id,
            patient_id: self.patient_id,
            doctor_id: self.doctor_id,
            doctor_name: self.doctor_name,
            clinic_id: self.clinic_id,
            clinic_name: self.clinic_name,
            clinic_address: self.clinic_address,
            zone: shown_zone(&self.time_zone),
            zone_name: self.time_zone,
            service_id: self.service_id,
            service_name: self.service_name,
            service_names: Names::stored(Some(self.service_names)),
            starts_at: self.starts_at.to_jiff(),
            ends_at: self.ends_at.to_jiff(),
            kept_until: self.kept_until.map(moment),
            state: OfferState::parse(&self.state).ok_or(AppError::Internal)?,
            why: Why::parse(&self.why).ok_or(AppError::Internal)?,
            offered_by: self.offered_by,
            passed_over: self.passed_over,
            offered_at: self.offered_at.to_jiff(),
            answered_at: self.answered_at.map(moment),
            booked: self.booked,
            answered_by: self.answered_by,
            session: self.group_id.zip(self.seats),
            instead_of: self.own_reference.zip(self.own_starts_at.map(moment)),
        })
    }
}

/// Reads offers: one list of columns for every condition.
macro_rules! offers {
    ($condition:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            $crate::waitlist::read::offer::OfferRow,
            r#"select offers.id, entry_id, offers.patient_id, offers.doctor_id, doctors.name as doctor_name,
                      offers.clinic_id, clinics.name as clinic_name,
                      clinics.address || ', ' || clinics.city as "clinic_address!", clinics.time_zone,
                      offers.service_id, services.name as service_name, services.names as service_names,
                      offers.starts_at as "starts_at: jiff_sqlx::Timestamp",
                      offers.ends_at as "ends_at: jiff_sqlx::Timestamp",
                      kept_until as "kept_until: jiff_sqlx::Timestamp", offers.state, why,
                      staff.name as "offered_by?", passed_over, offered_at as "offered_at: jiff_sqlx::Timestamp",
                      answered_at as "answered_at: jiff_sqlx::Timestamp", booked.reference as "booked?",
                      answerers.name as "answered_by?", offers.group_id, offers.seats,
                      own.reference as "own_reference?", own.starts_at as "own_starts_at?: jiff_sqlx::Timestamp"
               from waitlist_offers as offers
               join waitlist_entries as entries on entries.id = entry_id
               join doctors on doctors.id = offers.doctor_id
               join clinics on clinics.id = offers.clinic_id
               join services on services.id = offers.service_id
               left join staff on staff.id = offers.offered_by
               left join staff as answerers on answerers.id = offers.answered_by
               left join appointments as booked on booked.id = booked_id
               left join appointments as own on own.id = entries.instead_of "# + $condition,
            $($argument),+
        )
    };
}
pub(super) use offers;

/// Reads an offer that this patient may answer, or has answered.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn offer_of(database: &Database, caller: &Caller, which: Which) -> Result<OfferView, AppError> {
    let caller = caller.clone();
    database
        .read("waitlist.offer", move |mut connection| async move {
            let id = match which {
                Which::Offer(id) => id,
                Which::OfEntry(_) => find(&mut connection, &caller, which).await?.id,
            };
            let row = offers!("where offers.id = $1", id)
                .fetch_optional(&mut *connection)
                .await?
                .ok_or(AppError::NotFound)?;
            match caller.acts_for(Some(row.patient_id)) {
                true => Ok(row.into_view()?),
                false => Err(AppError::NotFound.into()),
            }
        })
        .await
}
