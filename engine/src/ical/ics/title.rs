//! The title of an event, as a person's calendar shows it.

use super::{super::Event, Telling};
use crate::{appointment::Status, text::isolated};

/// Returns the title of an event, also for calendars that do not show its status.
pub(super) fn title(event: &Event, telling: &Telling) -> String {
    let texts = telling.texts;
    let is_staffs = telling.role.is_staff();
    let service = event.service_names.or(&event.service, texts.locale());
    let what = match (telling.details, is_staffs) {
        _ if event.session.is_some() => session_title(event, telling),
        (true, false) if event.doctor.is_empty() => isolated(service).into_owned(),
        (true, false) => format!("{}, {}", isolated(service), isolated(&event.doctor)),
        (true, true) => {
            let patient = event.patient.clone();
            let patient = patient.unwrap_or_else(|| texts.text("no-patient-name"));
            format!("{}, {}", isolated(&patient), isolated(service))
        }
        (false, false) => texts.text("calendar-event"),
        // Doctors have many, and find this one by it.
        (false, true) => format!("{} {}", texts.text("calendar-event"), event.reference),
    };
    let key = match event.status {
        Status::Held | Status::Pending => "calendar-requested",
        status if !status.occupies() => "calendar-cancelled",
        _ => return what,
    };
    texts.with(key, &[("what", what.into())])
}

/// Returns the title of a group session. What it is about is told where names are.
fn session_title(event: &Event, telling: &Telling) -> String {
    let texts = telling.texts;
    let Some(session) = &event.session else {
        return String::new();
    };
    let what = match telling.details {
        true => isolated(&session.title).into_owned(),
        false => texts.text("group-session"),
    };
    let (taken, capacity) = (session.taken.into(), session.capacity.into());
    let taken = texts.with("group-taken", &[("taken", taken), ("capacity", capacity)]);
    format!("{what}, {taken}")
}
