//! Group sessions, for programs: those that are ahead.

pub mod plan;
pub mod seats;

use axum::extract::State;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::server::{
    AppState,
    api::{
        Answer, Done, Id, OptionalCaller, Query, RequestTexts, amount::Amount, bound, found, found_version,
        number,
    },
    openapi::GROUPS,
};
use engine::{
    group::{Group, Listed, Seen, State as GroupState, coming, find},
    nobody::{name_of, somebody},
    time::{Bound, GivenTime},
};

/// The most sessions in an answer.
pub(super) const MOST: i64 = 200;

/// A group session.
#[derive(Serialize, ToSchema)]
pub struct GroupData {
    #[schema(example = 1)]
    id: i64,
    /// The version, which every change of the session increments and names. Seats that are taken do not change it.
    #[schema(example = 3)]
    version: i32,
    /// `draft`, `published` or `cancelled`.
    #[schema(value_type = String, example = "published")]
    state: GroupState,
    #[schema(example = "Vaccination afternoon")]
    title: String,
    /// The first session of the weekly series that it belongs to.
    #[schema(example = 1)]
    series_id: Option<i64>,
    /// The doctor; null where the session has none.
    #[schema(example = 1)]
    doctor_id: Option<i64>,
    #[schema(example = "dr. Sari Wijaya")]
    doctor_name: Option<String>,
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(example = "Klinik Sehat")]
    clinic_name: String,
    /// The key of the service.
    #[serde(rename = "type")]
    #[schema(example = "in_person")]
    service: String,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T08:00:00Z")]
    ends_at: Timestamp,
    #[schema(example = "Asia/Jakarta")]
    time_zone: String,
    /// The number of seats.
    #[schema(example = 12)]
    capacity: i32,
    /// The number of seats that are left.
    #[schema(example = 3)]
    free: i32,
    /// The price of a seat.
    price: Option<Amount>,
    /// What is paid for a seat before it is booked (`POST groups/{id}/pay`); null where nothing is.
    paid_first: Option<Amount>,
}

impl From<Listed> for GroupData {
    fn from(listed: Listed) -> Self {
        Self {
            free: listed.free(),
            price: listed.group.price_of(1).as_ref().map(Amount::from),
            paid_first: listed.first().as_ref().map(Amount::from),
            id: listed.group.id,
            version: listed.group.version,
            state: listed.group.state,
            title: listed.group.title,
            series_id: listed.group.series_id,
            doctor_id: somebody(listed.group.doctor_id),
            doctor_name: name_of(listed.group.doctor_id, listed.doctor_name),
            clinic_id: listed.group.clinic_id,
            clinic_name: listed.clinic_name,
            service: listed.service_key,
            starts_at: listed.group.starts_at,
            ends_at: listed.group.ends_at,
            time_zone: listed.zone_name,
            capacity: listed.group.capacity,
        }
    }
}

/// A group session after a change.
#[derive(Serialize, ToSchema)]
pub struct ChangedGroup {
    #[schema(example = 1)]
    id: i64,
    /// The version, which every change increments.
    #[schema(example = 3)]
    version: i32,
    #[schema(value_type = String, example = "published")]
    state: GroupState,
    #[schema(example = "Vaccination afternoon")]
    title: String,
    /// The first session of the weekly series that it belongs to.
    #[schema(example = 1)]
    series_id: Option<i64>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T06:00:00Z")]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T08:00:00Z")]
    ends_at: Timestamp,
    #[schema(example = 12)]
    capacity: i32,
}

impl From<Group> for ChangedGroup {
    fn from(group: Group) -> Self {
        Self {
            id: group.id,
            version: group.version,
            state: group.state,
            title: group.title,
            series_id: group.series_id,
            starts_at: group.starts_at,
            ends_at: group.ends_at,
            capacity: group.capacity,
        }
    }
}

/// A search for group sessions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GroupFilter {
    /// The key of a service.
    #[param(example = "in_person")]
    service: Option<String>,
    /// The id of a clinic.
    #[param(value_type = Option<i64>, example = 1)]
    clinic: Option<String>,
    /// The id of a doctor.
    #[param(value_type = Option<i64>, example = 1)]
    doctor: Option<String>,
    /// A date at the clinic, or a time: sessions that begin then or later.
    #[param(example = "2026-11-24")]
    from: Option<String>,
    /// A date at the clinic, or a time: sessions that begin on that date, or before that time.
    #[param(example = "2026-12-24")]
    to: Option<String>,
}

/// Lists the group sessions that are ahead and that seats can be taken in, earliest first.
///
/// At most 200 are listed: narrow the range to see others.
#[utoipa::path(
    get, path = "/v1/groups", tag = GROUPS, params(GroupFilter), security((), ("token" = ["read"])),
    responses((status = 200, description = "The sessions", body = Done<Vec<GroupData>>)),
)]
pub async fn groups(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<GroupFilter>,
) -> Answer {
    // public: patients choose among them.
    let from = bound("from", filter.from.as_deref())?.map(Bound::start);
    let to = bound("to", filter.to.as_deref())?.map(Bound::end);
    // By the clock of each clinic below: in whatever zone, it is within a day of this.
    let utc = |end: Option<GivenTime>| end.and_then(|end| end.in_zone(&TimeZone::UTC));
    let day = SignedDuration::from_hours(24);
    let seen = Seen {
        service: filter
            .service
            .filter(|service| !service.is_empty() && !service.contains('\0')),
        clinic_id: number("clinic", filter.clinic.as_deref())?,
        doctor_id: number("doctor", filter.doctor.as_deref())?,
        from: utc(from).and_then(|at| at.saturating_sub(day).ok()),
        until: utc(to).and_then(|at| at.saturating_add(day).ok()),
        limit: MOST,
        ..Seen::default()
    };
    let mut listed = coming(&state.database, seen, state.now()).await?;
    listed.retain(|one| {
        let starts_at = one.group.starts_at;
        let at = |end: Option<GivenTime>| end.and_then(|end| end.in_zone(&one.zone));
        at(from).is_none_or(|from| starts_at >= from) && at(to).is_none_or(|to| starts_at < to)
    });
    let listed: Vec<GroupData> = listed.into_iter().map(GroupData::from).collect();
    Ok(found(texts, listed))
}

/// Returns a group session; a draft only to those who see who has seats in it.
#[utoipa::path(
    get, path = "/v1/groups/{id}", tag = GROUPS, security((), ("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a group session")),
    responses((status = 200, description = "The session; its version is in the `ETag`", body = Done<GroupData>)),
)]
pub async fn group(
    State(state): State<AppState>,
    OptionalCaller(caller): OptionalCaller,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    // public: so is the list.
    let listed = find(&state.database, caller, id).await?;
    let version = listed.group.version;
    Ok(found_version(texts, GroupData::from(listed), version))
}
