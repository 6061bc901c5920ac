//! What Cal.com posts to us. It is believed in one thing alone: that something became of a booking. What became of it is asked
//! of its API, where no trigger is the wrong one, no id is missing and nothing is told twice.

use jiff::Timestamp;
use serde::Deserialize;

/// The length of a uid, in characters.
const MAX_UID: usize = 200;

/// Something that happened to a booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// A name that no other event of the account has.
    pub event_id: String,
    /// When it happened, by the clock there. It is signed with the rest.
    pub at: Timestamp,
}

/// How a body is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    Said(Said),
    /// Of something that is not about the time of a booking.
    Nothing,
    Malformed,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    trigger_event: String,
    created_at: Timestamp,
    #[serde(default)]
    payload: Payload,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Payload {
    uid: Option<String>,
}

/// The triggers that are about the time of a booking.
const TRIGGERS: [&str; 5] = [
    "BOOKING_CREATED",
    "BOOKING_REQUESTED",
    "BOOKING_RESCHEDULED",
    "BOOKING_CANCELLED",
    "BOOKING_REJECTED",
];

/// Reads a body.
pub fn read(body: &[u8]) -> Reading {
    let Ok(body) = serde_json::from_slice::<Body>(body) else {
        return Reading::Malformed;
    };
    if !TRIGGERS.contains(&body.trigger_event.as_str()) {
        return Reading::Nothing;
    }
    let is_uid = |uid: &String| !uid.is_empty() && uid.chars().count() <= MAX_UID;
    match body.payload.uid.filter(is_uid) {
        Some(uid) => Reading::Said(Said {
            event_id: format!("{} {} {uid}", body.trigger_event, body.created_at),
            at: body.created_at,
        }),
        None => Reading::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// As it is posted, with some of what is not read here.
    fn body(trigger: &str, uid: &Value) -> Vec<u8> {
        let payload = json!({
            "type": "visit", "title": "Visit between Dr. Sari and Budi", "description": "", "customInputs": {},
            "startTime": "2026-12-07T02:00:00.000Z", "endTime": "2026-12-07T02:30:00.000Z",
            "organizer": { "id": 1, "name": "Dr. Sari", "email": "sari@example.com", "timeZone": "Asia/Jakarta",
                           "language": { "locale": "en" }, "utcOffset": 420 },
            "attendees": [{ "email": "budi@example.com", "name": "Budi", "timeZone": "Asia/Jakarta",
                            "language": { "locale": "en" }, "utcOffset": 420 }],
            "location": "integrations:daily", "uid": uid, "eventTypeId": 50, "length": 30, "status": "ACCEPTED",
            "metadata": {}, "cancellationReason": null
        });
        json!({ "triggerEvent": trigger, "createdAt": "2026-11-30T02:00:00.123Z", "payload": payload })
            .to_string()
            .into_bytes()
    }

    #[test]
    fn each_event_of_a_booking_has_a_name_of_its_own() {
        let mut names = std::collections::BTreeSet::new();
        for trigger in TRIGGERS {
            for uid in ["one", "two"] {
                let Reading::Said(said) = read(&body(trigger, &json!(uid))) else {
                    panic!("{trigger}");
                };
                assert_eq!(said.at.to_string(), "2026-11-30T02:00:00.123Z");
                assert!(names.insert(said.event_id));
            }
        }
    }

    #[test]
    fn what_is_of_something_else_is_nothing_and_what_is_broken_is_malformed() {
        for trigger in ["MEETING_ENDED", "BOOKING_PAID", "PING", "BOOKING_NO_SHOW_UPDATED"] {
            assert_eq!(read(&body(trigger, &json!("one"))), Reading::Nothing, "{trigger}");
        }
        for uid in [json!(""), json!(null), json!(7), json!("x".repeat(201))] {
            assert_eq!(read(&body("BOOKING_CREATED", &uid)), Reading::Malformed, "{uid}");
        }
        for body in [&b"{}"[..], b"[]", b"", b"{\"triggerEvent\":\"BOOKING_CREATED\"}"] {
            assert_eq!(read(body), Reading::Malformed);
        }
    }
}
