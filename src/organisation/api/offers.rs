//! The call for the offers of a doctor.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Described;
use super::stale::not_changed;
use crate::server::{
    AppState,
    api::{Answer, Done, Edit, IfMatch, RequestTexts, done, versioned},
    openapi::ORGANISATION,
};
use engine::organisation::{self, Offer, PutOffers, Subject, must_be_admin};

/// A service at a clinic.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferData {
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(example = 1)]
    service_id: i64,
}

impl From<Offer> for OfferData {
    fn from(offer: Offer) -> Self {
        Self {
            clinic_id: offer.clinic_id,
            service_id: offer.service_id,
        }
    }
}

impl From<OfferData> for Offer {
    fn from(offer: OfferData) -> Self {
        Self {
            clinic_id: offer.clinic_id,
            service_id: offer.service_id,
        }
    }
}

/// All offers of a doctor.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OffersChange {
    offers: Vec<OfferData>,
    /// The version of the doctor that was read, if it is not in `If-Match`.
    #[schema(example = 3)]
    version: Option<i32>,
}

versioned!(OffersChange);

/// Replaces the services that a doctor offers, and the clinics where they do.
///
/// Appointments that are booked stay booked.
#[utoipa::path(
    put, path = "/v1/doctors/{id}/offers", tag = ORGANISATION, request_body = OffersChange, security(("token" = ["organise"])),
    params(("id" = i64, Path, description = "The id of a doctor"), IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<Described>),
        (status = 409, description = "`STALE_VERSION`: somebody changed the doctor since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn change_offers(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<OffersChange>,
) -> Answer {
    must_be_admin(&edit.caller)?;
    let doctor_id = edit.id;
    let mut offers: Vec<Offer> = edit.body.offers.iter().copied().map(Offer::from).collect();
    offers.sort_unstable();
    offers.dedup();
    let command = PutOffers {
        key: edit.key("put-offers")?,
        version: edit.version()?,
        caller: edit.caller,
        doctor_id,
        offers,
    };
    let saved = organisation::put_offers(&state.database, command, state.now())
        .await
        .map_err(|error| not_changed(error, Subject::Doctor(doctor_id)))?;
    Ok(done(StatusCode::OK, texts, "api-changed", Described::from(saved)))
}
