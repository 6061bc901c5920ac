//! `Appointment/$hold`: keeps a time for a patient while the program collects the rest (B5).

use axum::{
    extract::State,
    http::{
        HeaderValue, StatusCode,
        header::{EXPIRES, LOCATION},
    },
    response::Response,
};
use engine::{appointment, booking, i18n::Locale};
use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};

use crate::{
    booking::api::holds::Holder,
    fhir::{
        answer::{answer, of_version},
        base::Base,
        input::{Parameters, slot_of},
        refusal::not_had,
        shown,
    },
    server::{
        AppState,
        api::{Answer, Authenticated, Body, Fault, RequestTexts, SentKey},
    },
};
use engine::appointment::Item;

/// Holds a time. The other holds of the patient's programs end.
pub async fn hold(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    base: Base,
    Body(parameters): Body<Parameters>,
) -> Answer {
    let holder = Holder::of(&caller)?;
    let key = sent.of(&caller, "fhir-hold", &parameters)?;
    let parameters = parameters.checked(&["appointment-reference"])?;
    let named = parameters
        .one("appointment-reference")?
        .ok_or_else(|| Fault::missing("appointment-reference"))?;
    let name = named
        .value_reference
        .as_ref()
        .and_then(|reference| slot_of(reference, "Appointment"))
        .ok_or_else(|| Fault::malformed("appointment-reference"))?;
    let command = booking::Hold {
        wanted: name.into(),
        visitor: holder.visitor,
        patient_id: Some(holder.patient_id),
        // Of who has signed in, no address is counted.
        address: String::new(),
        holds_per_address: 0,
        rules: state.config.rules.booking,
        keeps: Vec::new(),
        key,
    };
    let now = state.now();
    let held = booking::hold(&state.database, command, now).await;
    let reference = held.map_err(|error| not_had(error, &caller, None, texts.locale()))?;
    let item = appointment::find(&state.database, Some(caller), None, reference).await?;
    Ok(of_item(StatusCode::CREATED, &base, &item, texts.locale(), now))
}

/// Answers with an appointment as it is now: where it is, its version, and when it ends by itself, if it is held.
pub fn of_item(status: StatusCode, base: &Base, item: &Item, locale: Locale, now: Timestamp) -> Response {
    let resource = shown::appointment(item, locale, now);
    let location = base.at(&resource.address());
    let mut response = of_version(answer(status, &resource), item.version);
    let headers = response.headers_mut();
    if let (true, Ok(location)) = (status == StatusCode::CREATED, HeaderValue::from_str(&location)) {
        headers.insert(LOCATION, location);
    }
    let is_held = item.status_at(now) == appointment::Status::Held;
    let expires = item
        .held_until
        .filter(|_| is_held)
        .and_then(|until| DateTimePrinter::new().timestamp_to_rfc9110_string(&until).ok())
        .and_then(|text| HeaderValue::from_str(&text).ok());
    if let Some(expires) = expires {
        headers.insert(EXPIRES, expires);
    }
    response
}
