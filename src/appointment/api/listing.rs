//! The call that lists appointments, a page at a time.

use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{data::AppointmentData, status};
use crate::server::{
    AppState,
    api::{
        Answer, Authenticated, Fault, Listed, Query, RequestTexts, bound, listed, number, page_of, paged,
        words,
    },
    openapi::APPOINTMENTS,
};
use engine::{
    account::{Caller, storable},
    appointment::{self, Item, Order, Search},
    i18n::Texts,
    time::Bound,
};

/// A search for appointments.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    #[param(example = "confirmed")]
    pub(super) status: Option<String>,
    /// The id of a doctor.
    #[param(value_type = Option<i64>)]
    pub(super) doctor: Option<String>,
    /// The id of a patient.
    #[param(value_type = Option<i64>)]
    pub(super) patient: Option<String>,
    /// The id of a clinic.
    #[param(value_type = Option<i64>)]
    pub(super) clinic: Option<String>,
    /// The key of a service.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    pub(super) service: Option<String>,
    /// A part of a patient's name or phone number (deprecated: it stands in the URL, which proxies and logs keep; use
    /// `POST appointments/search`), or the beginning of a reference or of its second half.
    #[param(max_length = 200)]
    pub(super) q: Option<String>,
    /// `starts_at`, `-starts_at` (latest first), `id` (oldest booking first) or `-id`; `starts_at` by default.
    #[param(example = "-id")]
    pub(super) sort: Option<String>,
    /// A date, or a time: RFC 3339, or `2026-11-24 10:00:00` on the wall clock of each clinic.
    pub(super) from: Option<String>,
    /// A date, which is included as a whole, or a time.
    pub(super) to: Option<String>,
    /// The size of a page; 50 by default.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    pub(super) limit: Option<String>,
    /// The `next_cursor` of the previous page.
    pub(super) cursor: Option<String>,
}

/// Lists the caller's appointments in time order.
#[utoipa::path(
    get, path = "/v1/appointments", tag = APPOINTMENTS, params(Filter), security(("token" = ["read"])),
    responses(
        (status = 200, description = "A page of appointments", body = Listed<AppointmentData>),
        (status = 400, description = "`INVALID_DATE_RANGE`: the range ends before it begins"),
    ),
)]
pub async fn appointments(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<Filter>,
) -> Answer {
    found_appointments(&state, caller, texts, filter).await
}

/// A page of the caller's appointments that a search finds.
pub(super) async fn found_appointments(
    state: &AppState,
    caller: Caller,
    texts: Texts,
    filter: Filter,
) -> Answer {
    let limit = page_of(filter.limit.as_deref())?;
    let order = match &filter.sort {
        None => Order::default(),
        Some(sort) => Order::parse(sort).ok_or_else(|| Fault::malformed("sort"))?,
    };
    let (from, to) = (
        bound("from", filter.from.as_deref())?,
        bound("to", filter.to.as_deref())?,
    );
    let wanted = appointment::Listing {
        status: filter.status.as_deref().map(status).transpose()?,
        doctor_id: number("doctor", filter.doctor.as_deref())?,
        patient_id: number("patient", filter.patient.as_deref())?,
        clinic_id: number("clinic", filter.clinic.as_deref())?,
        service: filter.service.map(|key| storable(&key)),
        search: Search::new(&words("q", filter.q.as_deref())?, state.config.rules.country),
        order,
        from: from.map(Bound::start),
        until: to.map(Bound::end),
        after: match &filter.cursor {
            Some(cursor) => Some(parse_cursor(cursor, order).ok_or_else(|| Fault::malformed("cursor"))?),
            None => None,
        },
        // One more shows whether there is another page.
        limit: limit + 1,
    };
    let (now, role) = (state.now(), caller.role());
    let items = appointment::listing(&state.database, caller, wanted, now).await?;
    let (items, next) = paged(items, limit, |last| cursor(last, order));
    let items = items
        .into_iter()
        .map(|item| AppointmentData::new(item, role, now, texts.locale()))
        .collect();
    Ok(listed(texts, items, next))
}

/// Returns the cursor of the page after this appointment; it is valid in this order only.
fn cursor(item: &Item, order: Order) -> String {
    format!("{}.{}.{}", order.name(), item.starts_at.as_microsecond(), item.id)
}

fn parse_cursor(text: &str, order: Order) -> Option<(Timestamp, i64)> {
    let mut parts = text.split('.');
    let (name, starts_at, id) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || name != order.name() {
        return None;
    }
    let starts_at = Timestamp::from_microsecond(starts_at.parse().ok()?).ok()?;
    // Nothing is older, and the database has another first year than programs may name.
    (starts_at >= Timestamp::UNIX_EPOCH).then_some((starts_at, id.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_continues_in_the_same_order() {
        let at: Timestamp = "2026-11-24T10:00:00.123456Z".parse().unwrap();
        let micros = at.as_microsecond();
        assert_eq!(
            parse_cursor(&format!("-id.{micros}.7"), Order::Newest),
            Some((at, 7))
        );
        assert_eq!(parse_cursor(&format!("-id.{micros}.7"), Order::Soonest), None);
        for text in [
            "",
            ".",
            "7",
            "starts_at.7",
            "starts_at.a.b",
            "starts_at.1.2.3",
            "starts_at.99999999999999999999.1",
            "starts_at.9223372036854775807.1",
            "starts_at.-300000000000000000.1",
        ] {
            assert_eq!(parse_cursor(text, Order::Soonest), None, "{text}");
        }
    }
}
