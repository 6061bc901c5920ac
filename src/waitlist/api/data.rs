//! What programs say to the waitlist, and what they are told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    schedule::api::Date,
    server::api::{Fault, TimeInput},
};
use engine::{
    account::Caller,
    nobody::somebody,
    waitlist::{self, DayParts, EntryState, OfferView, View, Weekdays, range_of_place},
};

/// The names of the days of a week, from Monday on.
const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

const PARTS: [(&str, DayParts); 3] = [
    ("morning", DayParts::MORNING),
    ("afternoon", DayParts::AFTERNOON),
    ("evening", DayParts::EVENING),
];

/// Reads the names of days; all of them where there are none.
pub(super) fn weekdays(names: &[String]) -> Result<Weekdays, Fault> {
    let mut bits = 0;
    for name in names {
        let place = DAYS.iter().position(|day| day == name);
        bits |= 1 << place.ok_or_else(|| Fault::malformed("weekdays"))?;
    }
    Ok(match bits {
        0 => Weekdays::ALL,
        bits => Weekdays(bits),
    })
}

/// Reads the names of parts of the day; all of them where there are none.
pub(super) fn day_parts(names: &[String]) -> Result<DayParts, Fault> {
    let mut bits = 0;
    for name in names {
        let part = PARTS.iter().find(|(known, _)| known == name);
        bits |= part.ok_or_else(|| Fault::malformed("day_parts"))?.1.0;
    }
    Ok(match bits {
        0 => DayParts::ALL,
        bits => DayParts(bits),
    })
}

/// A wish for a time that may come free.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "type": "video_consultation", "doctor_id": 1, "first_day": "2026-11-24",
    "weekdays": ["monday", "tuesday"], "day_parts": ["morning"], "notice_minutes": 120
}))]
pub struct NewWaitlistEntry {
    /// The key of a service. It may be missing with `instead_of` or `group_id`.
    #[serde(rename = "type")]
    #[schema(example = "video_consultation")]
    pub(super) service: Option<String>,
    /// The doctor; any who offers the service if it is missing.
    #[schema(example = 1)]
    pub(super) doctor_id: Option<i64>,
    /// The clinic; any if it is missing.
    #[schema(example = 1)]
    pub(super) clinic_id: Option<i64>,
    /// The first date; today if it is missing.
    pub(super) first_day: Option<Date>,
    /// The last date; sixty days ahead if it is missing.
    pub(super) last_day: Option<Date>,
    /// Days of the week, such as `monday`; all if it is missing.
    #[serde(default)]
    #[schema(example = json!(["monday"]))]
    pub(super) weekdays: Vec<String>,
    /// `morning` (until noon), `afternoon` (until five) and `evening`; all if it is missing.
    #[serde(default)]
    #[schema(example = json!(["morning"]))]
    pub(super) day_parts: Vec<String>,
    /// The shortest time before the start at which an offer is still of use, in minutes; a day if it is missing, and two hours
    /// for seats.
    #[schema(minimum = 0, maximum = 43200, example = 1440)]
    pub(super) notice_minutes: Option<i32>,
    /// The id or the reference of an appointment that moves to the time. The doctor, the clinic and the service are its own.
    #[schema(example = "K7QM-4D2P")]
    pub(super) instead_of: Option<String>,
    /// The id of a group session in which seats are waited for, instead of a time. The doctor, the clinic, the service and the
    /// day are its own.
    #[schema(example = 1)]
    pub(super) group_id: Option<i64>,
    /// The number of seats, of which all come or none; one if it is missing.
    #[schema(minimum = 1, maximum = 20, example = 2)]
    pub(super) seats: Option<i32>,
    /// The patient's reason to come.
    #[schema(max_length = 500, example = "A cough")]
    pub(super) reason: Option<String>,
    /// The id of a patient. For staff, and for patients who wait for somebody who shares their phone.
    #[schema(example = 1)]
    pub(super) patient_id: Option<i64>,
}

/// A place on the list, as a range.
#[derive(Serialize, ToSchema)]
pub struct WaitlistPlace {
    #[schema(example = 1)]
    from: i64,
    /// Missing where there is no end.
    #[schema(example = 3)]
    to: Option<i64>,
}

/// A time that is offered, or was.
#[derive(Serialize, ToSchema)]
pub struct WaitlistOffer {
    #[schema(example = 1)]
    id: i64,
    /// `offered`, `accepted`, `declined`, `lapsed` or `withdrawn`. Where nothing was kept and the patient only told: `told` of
    /// what is free for everybody, `skipped` for an appointment at that time, or that the session `moved` or was `called_off`.
    #[schema(example = "offered")]
    state: &'static str,
    #[schema(example = 1)]
    /// Missing for seats in a session without a doctor.
    doctor_id: Option<i64>,
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:00:00Z")]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:20:00Z")]
    ends_at: Timestamp,
    #[schema(example = "Asia/Jakarta")]
    time_zone: String,
    /// The id of the group session, where seats are offered.
    #[schema(example = 1)]
    group_id: Option<i64>,
    /// The number of these.
    #[schema(example = 2)]
    seats: Option<i32>,
    /// Until when the time is kept; missing where it is not.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-23T03:30:00Z")]
    kept_until: Option<Timestamp>,
    /// The reference of the appointment that came of it.
    #[schema(example = "K7QM-4D2P")]
    appointment: Option<String>,
    /// Why the time was offered: `freed`, `opened`, or `by_hand`.
    #[schema(example = "freed")]
    why: &'static str,
    /// The number of those who had waited longer and whom the time did not fit. For staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0)]
    passed_over: Option<i32>,
}

impl WaitlistOffer {
    fn new(offer: &OfferView, is_staff: bool, now: Timestamp) -> Self {
        Self {
            id: offer.id,
            state: offer.state_at(now).as_str(),
            doctor_id: somebody(offer.doctor_id),
            clinic_id: offer.clinic_id,
            starts_at: offer.starts_at,
            ends_at: offer.ends_at,
            time_zone: offer.zone_name.clone(),
            group_id: offer.session.map(|(group_id, _)| group_id),
            seats: offer.session.map(|(_, seats)| seats),
            kept_until: offer.kept_until,
            appointment: offer.booked.clone(),
            why: offer.why.as_str(),
            passed_over: is_staff.then_some(offer.passed_over),
        }
    }
}

/// Somebody on the waitlist.
#[derive(Serialize, ToSchema)]
pub struct WaitlistEntry {
    #[schema(example = 1)]
    id: i64,
    /// `waiting`, `offered`, `accepted` or `ended`.
    #[schema(example = "waiting")]
    state: &'static str,
    /// Why it ended: `left`, `dates_over`, `appointment_over`, `unanswered`, or for seats `declined` or `session_cancelled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "left")]
    ended_because: Option<&'static str>,
    /// The version, which every change increments.
    #[schema(example = 1)]
    version: i32,
    #[schema(example = 1)]
    patient_id: i64,
    /// The key of the service.
    #[serde(rename = "type")]
    #[schema(example = "video_consultation")]
    service: String,
    #[schema(example = 1)]
    doctor_id: Option<i64>,
    #[schema(example = 1)]
    clinic_id: Option<i64>,
    first_day: Date,
    last_day: Date,
    #[schema(example = json!(["monday"]))]
    weekdays: Vec<&'static str>,
    #[schema(example = json!(["morning"]))]
    day_parts: Vec<&'static str>,
    #[schema(example = 1440)]
    notice_minutes: i32,
    /// The reference of the appointment that moves.
    #[schema(example = "K7QM-4D2P")]
    instead_of: Option<String>,
    /// The id of the group session in which seats are waited for.
    #[schema(example = 1)]
    group_id: Option<i64>,
    /// The number of these.
    #[schema(example = 2)]
    seats: Option<i32>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T03:00:00Z")]
    joined_at: Timestamp,
    /// The place among those who wait for the service, or for seats of the session, as a range; missing for who does not wait.
    place: Option<WaitlistPlace>,
    /// The newest first.
    offers: Vec<WaitlistOffer>,
}

impl WaitlistEntry {
    pub(super) fn new(view: View, caller: &Caller, now: Timestamp) -> Self {
        let is_staff = caller.role().is_staff();
        let place = (view.state == EntryState::Waiting).then(|| {
            let (from, to) = range_of_place(view.place);
            WaitlistPlace { from, to }
        });
        let days = DAYS.iter().enumerate();
        let days = days.filter(|(place, _)| view.weekdays.0 & (1 << place) != 0);
        Self {
            id: view.id,
            state: view.state.as_str(),
            ended_because: view.ended_because.map(waitlist::EndedBecause::as_str),
            version: view.version,
            patient_id: view.patient_id,
            weekdays: days.map(|(_, day)| *day).collect(),
            day_parts: PARTS
                .iter()
                .filter(|(_, part)| view.day_parts.has(*part))
                .map(|(name, _)| *name)
                .collect(),
            offers: view
                .offers
                .iter()
                .map(|offer| WaitlistOffer::new(offer, is_staff, now))
                .collect(),
            group_id: view.session.as_ref().map(|session| session.id),
            seats: view.session.as_ref().map(|session| session.seats),
            service: view.service_key,
            doctor_id: view.doctor_id.and_then(somebody),
            clinic_id: view.clinic_id,
            first_day: Date(view.first_day),
            last_day: Date(view.last_day),
            notice_minutes: view.notice_minutes,
            instead_of: view.instead_of.map(|own| own.reference),
            joined_at: view.joined_at,
            place,
        }
    }
}

/// A free time that staff offer to somebody who waits; nothing of it for whoever waits for seats of a group session.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "doctor_id": 1, "clinic_id": 1, "starts_at": "2026-11-24T03:00:00Z" }))]
pub struct WaitlistTime {
    #[schema(example = 1)]
    pub(super) doctor_id: Option<i64>,
    #[schema(example = 1)]
    pub(super) clinic_id: Option<i64>,
    pub(super) starts_at: Option<TimeInput>,
}
