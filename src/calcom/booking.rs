//! Bookings as Cal.com writes them (API v2), and as it reads them from us.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The names in the metadata of a booking by which it is known to be ours: the name of the entry that it stands for, and the
/// version of its appointment when it was made. Cal.com copies metadata when a booking is moved, which gives it another uid;
/// nothing else stays the same.
const ENTRY: &str = "janjiEntry";
const VERSION: &str = "janjiVersion";

/// How the reason begins for which we move a booking. The version of the appointment follows: metadata keep the one before.
const MOVED: &str = "Janji ";

/// A booking.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Booking {
    pub uid: String,
    /// `accepted`, `pending`, `cancelled` or `rejected`; a word that is none of these is a newer server's.
    pub status: String,
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
    /// The kind of bookings that it is of.
    pub event_type_id: i64,
    pub metadata: Option<Map<String, Value>>,
    /// The booking in whose place it is, and why that was moved.
    pub rescheduled_from_uid: Option<String>,
    pub rescheduling_reason: Option<String>,
    /// The booking that is in its place.
    pub rescheduled_to_uid: Option<String>,
}

impl Booking {
    /// Whether it takes its time.
    pub fn is_live(&self) -> bool {
        !matches!(self.status.as_str(), "cancelled" | "rejected") && self.rescheduled_to_uid.is_none()
    }

    fn said(&self, name: &str) -> Option<&str> {
        let said = self.metadata.as_ref()?.get(name)?.as_str()?;
        (!said.is_empty()).then_some(said)
    }

    /// The name of the entry of ours that it stands for. Whoever books can say something there: it is believed of the kind of
    /// bookings alone that the name is of.
    pub fn entry(&self) -> Option<&str> {
        self.said(ENTRY)
            .filter(|entry| event_type_of(entry) == Some(self.event_type_id))
    }

    /// The version of the appointment that we have written; `None` where somebody else has moved it since.
    pub fn version(&self) -> Option<i32> {
        match (&self.rescheduled_from_uid, &self.rescheduling_reason) {
            (None, _) => self.said(VERSION)?.parse().ok(),
            (Some(_), reason) => reason.as_deref()?.strip_prefix(MOVED)?.parse().ok(),
        }
    }

    /// The time that it takes.
    pub fn time(&self) -> Option<(Timestamp, Timestamp)> {
        self.start.zip(self.end).filter(|(start, end)| start < end)
    }

    /// A text that is another one whenever it is at another time or in the place of another booking. It begins with the uid.
    pub fn etag(&self) -> String {
        let second = |at: Option<Timestamp>| at.map(Timestamp::as_second).unwrap_or_default();
        format!("{} {} {}", self.uid, second(self.start), second(self.end))
    }
}

/// The id of the kind of bookings that the name of an entry begins with.
fn event_type_of(entry: &str) -> Option<i64> {
    let (id, _) = entry.strip_prefix("event-types/")?.split_once('/')?;
    id.parse().ok()
}

/// The uid in a text that [`Booking::etag`] has made.
pub fn uid_of(etag: &str) -> Option<&str> {
    etag.split(' ').next().filter(|uid| !uid.is_empty())
}

/// An answer of the API, around what was asked for.
#[derive(Debug, Deserialize)]
pub struct Answer<T> {
    pub data: T,
    #[serde(default)]
    pub pagination: Pagination,
}

/// Whether a list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Pagination {
    pub has_next_page: bool,
}

/// A kind of booking there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EventType {
    pub id: i64,
    pub title: String,
    /// The lengths from which whoever books can choose; empty where there is one.
    pub length_in_minutes_options: Option<Vec<i64>>,
}

/// The kind of bookings that appointments become, as it is kept: its id and the lengths that it can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub event_type_id: i64,
    lengths: Vec<i64>,
}

impl From<&EventType> for Target {
    fn from(event_type: &EventType) -> Self {
        Self {
            event_type_id: event_type.id,
            lengths: event_type.length_in_minutes_options.clone().unwrap_or_default(),
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lengths: Vec<String> = self.lengths.iter().map(i64::to_string).collect();
        write!(f, "event-types/{}/{}/", self.event_type_id, lengths.join(","))
    }
}

impl Target {
    /// Reads what is written of it.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, lengths) = (text.strip_prefix("event-types/")?.strip_suffix('/')?).split_once('/')?;
        let lengths = lengths.split(',').filter(|length| !length.is_empty());
        Some(Self {
            event_type_id: id.parse().ok()?,
            lengths: lengths.map(|length| length.parse().ok()).collect::<Option<_>>()?,
        })
    }

    /// The length to ask for, of an appointment of so many minutes: the shortest that has room for it, or the longest that there
    /// is. `None` where there is nothing to choose: the length is then not to be said.
    pub fn length_for(&self, minutes: i64) -> Option<i64> {
        let fitting = self.lengths.iter().filter(|length| **length >= minutes).min();
        fitting.or(self.lengths.iter().max()).copied()
    }
}

/// A booking that is to be made.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewBooking {
    pub start: Timestamp,
    pub event_type_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length_in_minutes: Option<i64>,
    pub attendee: Attendee,
    pub metadata: Map<String, Value>,
}

/// Who has a booking for Cal.com, which writes to them: the doctor's own address, and never a patient's.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attendee {
    pub name: String,
    pub email: String,
    pub time_zone: String,
}

/// A booking that is to be moved.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewTime {
    start: Timestamp,
    rescheduling_reason: String,
}

impl NewTime {
    /// The time of an appointment that has this version.
    pub fn new(start: Timestamp, version: i32) -> Self {
        Self {
            start,
            rescheduling_reason: format!("{MOVED}{version}"),
        }
    }
}

/// The metadata of the booking that stands for an entry of ours.
pub fn metadata(entry: &str, version: i32) -> Map<String, Value> {
    let of = |name: &str, value: String| (name.to_owned(), Value::String(value));
    Map::from_iter([of(ENTRY, entry.to_owned()), of(VERSION, version.to_string())])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// As the API answers `GET /v2/bookings/{uid}`, with what is not read here.
    fn answered(status: &str, metadata: &Value) -> Value {
        json!({
            "status": "success",
            "data": {
                "id": 4711, "uid": "nLVqfRmYXj9sGqz1", "title": "Visit between Dr. Sari and Janji", "description": "",
                "hosts": [{ "id": 1, "name": "Dr. Sari", "username": "sari", "timeZone": "Asia/Jakarta" }],
                "status": status, "start": "2026-12-07T02:00:00.000Z", "end": "2026-12-07T02:30:00.000Z", "duration": 30,
                "eventTypeId": 50, "eventType": { "id": 50, "slug": "visit" }, "absentHost": false,
                "createdAt": "2026-11-30T02:00:00.000Z", "updatedAt": null, "metadata": metadata,
                "attendees": [{ "name": "Janji", "email": "sari@example.com", "timeZone": "Asia/Jakarta", "absent": false }],
                "bookingFieldsResponses": {}
            }
        })
    }

    fn read(value: Value) -> Booking {
        serde_json::from_value::<Answer<Booking>>(value).unwrap().data
    }

    #[test]
    fn a_booking_of_ours_says_of_which_appointment_it_is() {
        let own = read(answered(
            "accepted",
            &Value::Object(metadata("event-types/50//K7QM-4D2P-7.ics", 3)),
        ));
        assert_eq!(own.entry(), Some("event-types/50//K7QM-4D2P-7.ics"));
        assert_eq!(own.version(), Some(3));
        assert!(own.is_live());
        let (start, _) = own.time().unwrap();
        assert_eq!(start.to_string(), "2026-12-07T02:00:00Z");
        for metadata in [
            json!({}),
            json!(null),
            // Of another kind of bookings, which somebody has copied.
            Value::Object(metadata("event-types/51//K7QM-4D2P-7.ics", 3)),
            Value::Object(metadata("event-types/500//K7QM-4D2P-7.ics", 3)),
            Value::Object(metadata("event-types/50", 3)),
            Value::Object(metadata("K7QM-4D2P-7.ics", 3)),
            json!({ "janjiEntry": 7 }),
            json!({ "janjiEntry": "" }),
        ] {
            assert_eq!(read(answered("accepted", &metadata)).entry(), None, "{metadata}");
        }
    }

    #[test]
    fn a_booking_that_was_moved_says_by_whom() {
        let mut moved = read(answered(
            "accepted",
            &Value::Object(metadata("event-types/50//K7QM-4D2P-7.ics", 3)),
        ));
        moved.rescheduled_from_uid = Some("old".to_owned());
        assert_eq!(moved.version(), None);
        let time = NewTime::new("2026-12-07T02:00:00Z".parse().unwrap(), 4);
        moved.rescheduling_reason = Some(time.rescheduling_reason);
        assert_eq!(moved.version(), Some(4));
        moved.rescheduling_reason = Some("The doctor is ill".to_owned());
        assert_eq!(moved.version(), None);
    }

    #[test]
    fn whatever_is_at_another_time_or_has_another_uid_is_something_else() {
        let first = read(answered("accepted", &json!({})));
        let (mut later, mut other) = (first.clone(), first.clone());
        later.end = later.end.map(|end| end + jiff::SignedDuration::from_mins(1));
        other.uid = "other".to_owned();
        assert_eq!(uid_of(&first.etag()), Some("nLVqfRmYXj9sGqz1"));
        assert!(first.etag() != later.etag() && first.etag() != other.etag());
        assert_eq!(uid_of(""), None);
    }

    #[test]
    fn what_was_cancelled_or_moved_takes_no_time() {
        for (status, expected) in [
            ("accepted", true),
            ("pending", true),
            ("cancelled", false),
            ("rejected", false),
        ] {
            assert_eq!(read(answered(status, &json!({}))).is_live(), expected, "{status}");
        }
        let mut moved = answered("accepted", &json!({}));
        moved["data"]["rescheduledToUid"] = json!("other");
        assert!(!read(moved).is_live());
    }

    #[test]
    fn a_length_is_said_where_there_are_several() {
        let of = |options: &[i64]| {
            Target::from(&EventType {
                id: 50,
                length_in_minutes_options: (!options.is_empty()).then(|| options.to_vec()),
                ..EventType::default()
            })
        };
        assert_eq!(of(&[]).length_for(20), None);
        for (minutes, expected) in [(20, 30), (30, 30), (90, 60)] {
            assert_eq!(of(&[15, 30, 60]).length_for(minutes), Some(expected));
        }
        for target in [of(&[]), of(&[15, 30, 60])] {
            assert_eq!(Target::parse(&target.to_string()), Some(target));
        }
        for text in [
            "",
            "event-types/50/",
            "event-types/x//",
            "event-types/50/x/",
            "/calendars/50//",
        ] {
            assert_eq!(Target::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_new_booking_is_written_as_it_is_read_there() {
        let new = NewBooking {
            start: "2026-12-07T02:00:00Z".parse().unwrap(),
            event_type_id: 50,
            length_in_minutes: None,
            attendee: Attendee {
                name: "Janji".to_owned(),
                email: "sari@example.com".to_owned(),
                time_zone: "Asia/Jakarta".to_owned(),
            },
            metadata: metadata("event-types/50//K7QM-4D2P-7.ics", 3),
        };
        assert_eq!(
            serde_json::to_value(new).unwrap(),
            json!({
                "start": "2026-12-07T02:00:00Z",
                "eventTypeId": 50,
                "attendee": { "name": "Janji", "email": "sari@example.com", "timeZone": "Asia/Jakarta" },
                "metadata": { "janjiEntry": "event-types/50//K7QM-4D2P-7.ics", "janjiVersion": "3" }
            })
        );
    }
}
