//! News: what is said of an event to the patient of an appointment.

use crate::{appointment::Status, consultation::side::Side, event::Event, notification::kind::Kind};

/// Something that is said about an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct News {
    pub(super) appointment_id: i64,
    pub(super) version: Option<i32>,
    pub(super) kind: Kind,
    /// The newest message of a consultation that the patient had been shown before.
    pub(super) read_to: i32,
}

impl News {
    pub(super) fn of(event: &Event) -> Option<Self> {
        let mut shown = 0;
        let (appointment_id, version, kind) = match *event {
            Event::AppointmentChanged {
                appointment_id,
                version,
                from,
                to,
            } => (appointment_id, Some(version), kind_of(from, to)?),
            Event::PrescriptionWritten { appointment_id } => (appointment_id, None, Kind::PrescriptionReady),
            Event::ConsultationWritten {
                appointment_id,
                to: Side::Patient,
                read_to,
            } => {
                shown = read_to;
                (appointment_id, None, Kind::DoctorWrote)
            }
            _ => return None,
        };
        Some(Self {
            appointment_id,
            version,
            kind,
            read_to: shown,
        })
    }
}

/// What a change of status says to the patient. Holds say nothing, and neither does what happens in the clinic.
fn kind_of(from: Option<Status>, to: Status) -> Option<Kind> {
    use Status::{Cancelled, Completed, Confirmed, Expired, Held, Pending, Rejected};

    match (from, to) {
        (Some(Pending), Pending) | (Some(Confirmed), Confirmed) => Some(Kind::Moved),
        (None | Some(Held), Pending) => Some(Kind::Requested),
        (None | Some(Held | Pending), Confirmed) => Some(Kind::Confirmed),
        (Some(Pending), Rejected) => Some(Kind::Declined),
        (Some(Pending), Expired) => Some(Kind::Expired),
        (Some(Pending | Confirmed), Cancelled) => Some(Kind::Cancelled),
        (_, Completed) => Some(Kind::RatingAsked),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_and_what_happens_in_the_clinic_say_nothing() {
        use Status::{Cancelled, Confirmed, Expired, Held, InProgress, NoShow};

        for (from, to) in [
            (None, Held),
            (Some(Held), Cancelled),
            (Some(Held), Expired),
            (Some(Confirmed), InProgress),
            (Some(Confirmed), NoShow),
        ] {
            assert_eq!(kind_of(from, to), None, "{from:?} {to:?}");
        }
        assert_eq!(kind_of(Some(Confirmed), Cancelled), Some(Kind::Cancelled));
    }
}
