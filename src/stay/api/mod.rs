//! Stays, for programs.

pub mod book;
pub mod change;
pub mod details;
pub mod pay;
pub mod put_room_type;
pub mod room_types;

use axum::extract::State;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::server::{
    AppState,
    api::{
        Answer, Authenticated, Done, Fault, Id, Listed, Query, RequestTexts, amount::Amount, found_version,
        listed, number, page_of, paged,
    },
    openapi::STAYS,
};
use engine::{
    account::reads,
    i18n::Texts,
    stay::{self, Item, Search, Stay},
    time,
};

/// Reads a date in this input.
///
/// # Errors
/// `VALIDATION_FAILED`.
fn day(name: &str, text: &str) -> Result<Date, Fault> {
    time::date(text).ok_or_else(|| Fault::malformed(name))
}

/// The status of a stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StayStatus {
    /// Its rooms are kept while somebody decides.
    Held,
    Booked,
    Arrived,
    Left,
    Cancelled,
    /// A hold that ran out, and whose rooms somebody else wanted.
    Lapsed,
}

impl From<stay::Status> for StayStatus {
    fn from(status: stay::Status) -> Self {
        match status {
            stay::Status::Held => Self::Held,
            stay::Status::Booked => Self::Booked,
            stay::Status::Arrived => Self::Arrived,
            stay::Status::Left => Self::Left,
            stay::Status::Cancelled => Self::Cancelled,
            stay::Status::Lapsed => Self::Lapsed,
        }
    }
}

/// A stay: rooms of one kind for the nights from arrival to departure.
#[derive(Serialize, ToSchema)]
pub struct StayData {
    #[schema(example = 1)]
    id: i64,
    /// A short name to say on the phone.
    #[schema(example = "K7QM-4D2P")]
    reference: String,
    status: StayStatus,
    /// The version, which every change increments and can name.
    #[schema(example = 1)]
    version: i32,
    #[schema(example = 1)]
    room_type_id: i64,
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(example = 1)]
    patient_id: i64,
    /// The first night, a date of the clinic's calendar.
    #[schema(value_type = String, format = Date, example = "2026-12-04")]
    arrival: Date,
    /// The day of departure, whose night is not part of the stay.
    #[schema(value_type = String, format = Date, example = "2026-12-07")]
    departure: Date,
    #[schema(example = 2)]
    rooms: i32,
    /// The number of nights.
    #[schema(example = 3)]
    nights: i32,
    /// What all nights and rooms cost together.
    total_price: Amount,
    /// What is paid before it is booked: then it is held, and `pay` of the stay is called.
    paid_first: Option<Amount>,
    /// The end of a hold; null otherwise.
    #[schema(value_type = Option<String>, format = DateTime)]
    held_until: Option<Timestamp>,
}

impl From<&Stay> for StayData {
    fn from(stay: &Stay) -> Self {
        Self {
            id: stay.id,
            reference: stay.reference.clone(),
            status: stay.status.into(),
            version: stay.version,
            room_type_id: stay.room_type_id,
            clinic_id: stay.clinic_id,
            patient_id: stay.patient_id,
            arrival: stay.arrival,
            departure: stay.departure,
            rooms: stay.rooms,
            nights: stay.wanted().nights(),
            total_price: Amount::from(&stay.total()),
            paid_first: stay.first().as_ref().map(Amount::from),
            held_until: stay.held_until,
        }
    }
}

/// A stay with the names of what it is about.
#[derive(Serialize, ToSchema)]
pub struct StayItem {
    #[serde(flatten)]
    stay: StayData,
    /// The name of the kind of rooms, in the language of the request.
    #[schema(example = "Single room")]
    room_type: String,
    #[schema(example = "Klinik Menteng")]
    clinic_name: String,
    /// The name of the patient; null until it is known.
    #[schema(example = "Dewi Lestari")]
    patient_name: Option<String>,
}

fn item(item: &Item, texts: Texts) -> StayItem {
    StayItem {
        stay: StayData::from(&item.stay),
        room_type: item.room_type(texts.locale()).to_owned(),
        clinic_name: item.clinic_name.clone(),
        patient_name: item.patient_name.clone(),
    }
}

/// A search for stays.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StayFilter {
    #[param(value_type = Option<StayStatus>)]
    status: Option<String>,
    /// The id of a kind of rooms.
    #[param(value_type = Option<i64>)]
    room_type: Option<String>,
    /// The id of a clinic.
    #[param(value_type = Option<i64>)]
    clinic: Option<String>,
    /// The id of a patient.
    #[param(value_type = Option<i64>)]
    patient: Option<String>,
    /// A date: stays that end after it.
    #[param(format = Date)]
    from: Option<String>,
    /// A date: stays that begin on it at the latest.
    #[param(format = Date)]
    to: Option<String>,
    /// The size of a page; 50 by default.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// Lists stays, newest first: patients see their own, the desk those of its clinics.
#[utoipa::path(
    get, path = "/v1/stays", tag = STAYS, params(StayFilter), security(("token" = ["read"])),
    responses((status = 200, description = "A page of stays", body = Listed<StayItem>)),
)]
pub async fn stays(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<StayFilter>,
) -> Answer {
    let limit = page_of(filter.limit.as_deref())?;
    let date = |name, value: Option<&str>| value.map(|value| day(name, value)).transpose();
    let search = Search {
        status: match filter.status.as_deref() {
            None => None,
            Some(status) => Some(stay::Status::parse(status).ok_or_else(|| Fault::malformed("status"))?),
        },
        room_type_id: number("room_type", filter.room_type.as_deref())?,
        clinic_id: number("clinic", filter.clinic.as_deref())?,
        patient_id: number("patient", filter.patient.as_deref())?,
        from: date("from", filter.from.as_deref())?,
        to: date("to", filter.to.as_deref())?,
        before: number("cursor", filter.cursor.as_deref())?,
        limit: limit + 1,
    };
    let items = stay::search(&state.database, &caller, search).await?;
    let (items, next) = paged(items, limit, |item| item.stay.id.to_string());
    let patients = items.iter().map(|item| item.stay.patient_id);
    reads::record(&state.database, &caller, reads::What::List, patients, state.now()).await;
    let items = items.iter().map(|one| item(one, texts)).collect();
    Ok(listed::<StayItem>(texts, items, next))
}

/// Returns a stay.
#[utoipa::path(
    get, path = "/v1/stays/{id}", tag = STAYS, security(("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a stay")),
    responses((status = 200, description = "The stay; its version is in the `ETag`", body = Done<StayItem>)),
)]
pub async fn one_stay(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let one = stay::stay(&state.database, &caller, id).await?;
    let (patient, now) = ([one.stay.patient_id], state.now());
    reads::record(&state.database, &caller, reads::What::Appointment, patient, now).await;
    let version = one.stay.version;
    Ok(found_version(texts, item(&one, texts), version))
}
