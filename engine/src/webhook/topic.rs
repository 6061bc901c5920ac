//! What a webhook can be told.

use crate::{appointment::status::Status, event::Event, stay::status::Status as StayStatus};

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
    /// Somebody said that the patient is here.
    PatientArrived,
    /// It was taken back.
    ArrivalUndone,
    StayBooked,
    /// It has other nights or rooms.
    StayChanged,
    StayArrived,
    StayLeft,
    StayCancelled,
    GroupPublished,
    /// A group session begins at another time.
    GroupMoved,
    GroupCancelled,
    /// Somebody tries the webhook out.
    Test,
}

impl Topic {
    /// Those that a webhook can ask for.
    pub const ALL: [Self; 20] = [
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
        Self::PatientArrived,
        Self::ArrivalUndone,
        Self::StayBooked,
        Self::StayChanged,
        Self::StayArrived,
        Self::StayLeft,
        Self::StayCancelled,
        Self::GroupPublished,
        Self::GroupMoved,
        Self::GroupCancelled,
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
            Self::PatientArrived => "patient.arrived",
            Self::ArrivalUndone => "patient.arrival_undone",
            Self::StayBooked => "stay.booked",
            Self::StayChanged => "stay.changed",
            Self::StayArrived => "stay.arrived",
            Self::StayLeft => "stay.left",
            Self::StayCancelled => "stay.cancelled",
            Self::GroupPublished => "group.published",
            Self::GroupMoved => "group.moved",
            Self::GroupCancelled => "group.cancelled",
            Self::Test => "webhook.test",
        }
    }

    /// Whether it is about stays, which have no doctor: doctors are never told of it.
    pub fn is_of_stays(self) -> bool {
        matches!(
            self,
            Self::StayBooked | Self::StayChanged | Self::StayArrived | Self::StayLeft | Self::StayCancelled
        )
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

    /// The topic of a change of a stay. A hold is nobody's business yet, as with appointments.
    pub fn of_stay(from: Option<StayStatus>, to: StayStatus) -> Option<Self> {
        let was_booked = !matches!(from, None | Some(StayStatus::Held));
        match to {
            StayStatus::Held | StayStatus::Lapsed => None,
            _ if from == Some(to) => to.can_be_changed().then_some(Self::StayChanged),
            StayStatus::Booked if !was_booked => Some(Self::StayBooked),
            // An arrival that was taken back.
            StayStatus::Booked => Some(Self::StayChanged),
            StayStatus::Arrived => Some(Self::StayArrived),
            StayStatus::Left => Some(Self::StayLeft),
            StayStatus::Cancelled => was_booked.then_some(Self::StayCancelled),
        }
    }
}

/// The thing that something is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Appointment,
    Stay,
    Group,
}

impl Subject {
    /// The thing that a row names, with its id. A test names none.
    pub fn of(
        appointment_id: Option<i64>,
        stay_id: Option<i64>,
        group_id: Option<i64>,
    ) -> Option<(Self, i64)> {
        let named = [
            (Self::Appointment, appointment_id),
            (Self::Stay, stay_id),
            (Self::Group, group_id),
        ];
        (named.into_iter()).find_map(|(subject, id)| Some((subject, id?)))
    }
}

/// What an event is told as.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    pub topic: Topic,
    pub subject: Subject,
    /// That of the appointment, the stay or the session.
    pub id: i64,
    /// The version and the status from then on; none where these are the present ones.
    pub version: Option<i32>,
    pub status: Option<&'static str>,
}

impl Told {
    fn now(topic: Topic, subject: Subject, id: i64) -> Self {
        Self {
            topic,
            subject,
            id,
            version: None,
            status: None,
        }
    }

    pub fn of(event: &Event) -> Option<Self> {
        let (appointment, group) = (Subject::Appointment, Subject::Group);
        match *event {
            Event::AppointmentChanged {
                appointment_id,
                version,
                from,
                to,
            } => Some(Self {
                version: Some(version),
                status: Some(to.as_str()),
                ..Self::now(Topic::of_change(from, to)?, appointment, appointment_id)
            }),
            Event::PrescriptionWritten { appointment_id } => {
                Some(Self::now(Topic::PrescriptionWritten, appointment, appointment_id))
            }
            Event::ArrivalChanged {
                appointment_id,
                version,
                is_here,
                ..
            } => {
                let topic = match is_here {
                    true => Topic::PatientArrived,
                    false => Topic::ArrivalUndone,
                };
                Some(Self {
                    version: Some(version),
                    ..Self::now(topic, appointment, appointment_id)
                })
            }
            Event::StayChanged {
                stay_id,
                version,
                from,
                to,
            } => Some(Self {
                version: Some(version),
                status: Some(to.as_str()),
                ..Self::now(Topic::of_stay(from, to)?, Subject::Stay, stay_id)
            }),
            Event::GroupPublished { group_id } => Some(Self::now(Topic::GroupPublished, group, group_id)),
            Event::GroupMoved { group_id } => Some(Self::now(Topic::GroupMoved, group, group_id)),
            Event::GroupCancelled { group_id } => Some(Self::now(Topic::GroupCancelled, group, group_id)),
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

    #[test]
    fn each_change_of_a_booked_stay_is_told_as_what_it_is() {
        use StayStatus::{Arrived, Booked, Cancelled, Held, Lapsed, Left};

        for (from, to, expected) in [
            (None, Held, None),
            (Some(Held), Cancelled, None),
            (Some(Held), Lapsed, None),
            (None, Booked, Some(Topic::StayBooked)),
            (Some(Held), Booked, Some(Topic::StayBooked)),
            (Some(Booked), Booked, Some(Topic::StayChanged)),
            (Some(Booked), Arrived, Some(Topic::StayArrived)),
            (Some(Arrived), Arrived, Some(Topic::StayChanged)),
            (Some(Arrived), Left, Some(Topic::StayLeft)),
            (Some(Booked), Cancelled, Some(Topic::StayCancelled)),
        ] {
            assert_eq!(Topic::of_stay(from, to), expected, "{from:?} {to:?}");
        }
    }
}
