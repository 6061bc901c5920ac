//! Times of the grid as slots.

use engine::{
    availability::{Offering, SlotState},
    i18n::Locale,
};
use jiff::Timestamp;

use super::{instant, schedule_of, type_of};
use crate::fhir::{
    name::SlotName,
    resource::{Reference, Slot},
};

/// The code of what a time is.
pub fn slot_status(state: SlotState) -> &'static str {
    match state {
        SlotState::Free => "free",
        SlotState::Busy => "busy",
        SlotState::Tentative => "busy-tentative",
        SlotState::Unavailable => "busy-unavailable",
    }
}

pub fn slot(offering: &Offering, starts_at: Timestamp, state: SlotState, locale: Locale) -> Slot {
    let time = offering.rules.time(starts_at);
    Slot {
        id: SlotName::from(offering.at(starts_at)).to_string(),
        service_type: vec![type_of(offering, locale)],
        specialty: Vec::new(),
        schedule: Reference::to(format!("Schedule/{}", schedule_of(offering))),
        status: slot_status(state),
        start: instant(time.start, &offering.zone),
        end: instant(time.end, &offering.zone),
    }
}
