//! What a webhook can be told.

use crate::{appointment::status::Status, event::Event};

/// The type of an event, as programs know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// A patient asked for a time, which waits for an answer.
    Requested,
    Confirmed,
    /// The clinic declined a request.
    Declined,
    Cancelled,
    /// It has another time.
    Moved,
    /// The visit began.
    Started,
    Completed,
    NoShow,
    /// Nobody answered the request in time.
    Expired,
    PrescriptionWritten,
    /// Somebody tries the webhook out.
    Test,
}

impl Topic {
    /// Those that a webhook can ask for.
    pub const ALL: [Self; 10] = [
        Self::Requested,
        Self::Confirmed,
        Self::Declined,
        Self::Cancelled,
        Self::Moved,
        Self::Started,
        Self::Completed,
        Self::NoShow,
        Self::Expired,
        Self::PrescriptionWritten,
    ];

    /// The name in rows, in the API and in what is posted.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "appointment.requested",
            Self::Confirmed => "appointment.confirmed",
            Self::Declined => "appointment.declined",
            Self::Cancelled => "appointment.cancelled",
            Self::Moved => "appointment.moved",
            Self::Started => "appointment.started",
            Self::Completed => "appointment.completed",
            Self::NoShow => "appointment.no_show",
            Self::Expired => "appointment.expired",
            Self::PrescriptionWritten => "prescription.written",
            Self::Test => "webhook.test",
        }
    }

    /// Reads what [`Topic::name`] writes.
    pub fn parse(name: &str) -> Option<Self> {
        (Self::ALL.into_iter())
            .chain([Self::Test])
            .find(|topic| topic.name() == name)
    }

    /// The topic of a change of an appointment. A hold is nobody's business yet: neither that it begins nor that it ends.
    pub fn of_change(from: Option<Status>, to: Status) -> Option<Self> {
        if from == Some(to) {
            return to.occupies().then_some(Self::Moved);
        }
        let was_booked = !matches!(from, None | Some(Status::Held));
        match to {
            Status::Held => None,
            Status::Pending => Some(Self::Requested),
            Status::Confirmed => Some(Self::Confirmed),
            Status::InProgress => Some(Self::Started),
            Status::Completed => Some(Self::Completed),
            Status::NoShow => Some(Self::NoShow),
            Status::Rejected => Some(Self::Declined),
            Status::Cancelled => was_booked.then_some(Self::Cancelled),
            Status::Expired => was_booked.then_some(Self::Expired),
        }
    }
}

/// What an event is told as.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    pub topic: Topic,
    pub appointment_id: i64,
    /// The version and the status of the appointment from then on; none where these are the present ones.
    pub version: Option<i32>,
    pub status: Option<Status>,
}

impl Told {
    pub fn of(event: &Event) -> Option<Self> {
        match *event {
            Event::AppointmentChanged {
                appointment_id,
                version,
                from,
                to,
            } => Some(Self {
                topic: Topic::of_change(from, to)?,
                appointment_id,
                version: Some(version),
                status: Some(to),
            }),
            Event::PrescriptionWritten { appointment_id } => Some(Self {
                topic: Topic::PrescriptionWritten,
                appointment_id,
                version: None,
                status: None,
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_has_one_name() {
        for topic in Topic::ALL.into_iter().chain([Topic::Test]) {
            assert_eq!(Topic::parse(topic.name()), Some(topic));
        }
        assert_eq!(Topic::parse("appointment.held"), None);
    }

    #[test]
    fn each_change_of_a_booked_appointment_is_told_as_what_it_is() {
        use Status::{Cancelled, Completed, Confirmed, Expired, Held, InProgress, NoShow, Pending, Rejected};

        for (from, to, expected) in [
            (None, Held, None),
            (Some(Held), Cancelled, None),
            (Some(Held), Expired, None),
            (Some(Held), Pending, Some(Topic::Requested)),
            (None, Pending, Some(Topic::Requested)),
            (Some(Held), Confirmed, Some(Topic::Confirmed)),
            (None, Confirmed, Some(Topic::Confirmed)),
            (Some(Pending), Confirmed, Some(Topic::Confirmed)),
            (Some(Pending), Pending, Some(Topic::Moved)),
            (Some(Confirmed), Confirmed, Some(Topic::Moved)),
            (Some(Pending), Rejected, Some(Topic::Declined)),
            (Some(Pending), Expired, Some(Topic::Expired)),
            (Some(Pending), Cancelled, Some(Topic::Cancelled)),
            (Some(Confirmed), Cancelled, Some(Topic::Cancelled)),
            (Some(Confirmed), InProgress, Some(Topic::Started)),
            (Some(InProgress), Completed, Some(Topic::Completed)),
            (Some(Confirmed), NoShow, Some(Topic::NoShow)),
        ] {
            assert_eq!(Topic::of_change(from, to), expected, "{from:?} {to:?}");
        }
    }
}
