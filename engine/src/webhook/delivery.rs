//! A delivery that a worker has, and what is posted of it.

use jiff::Timestamp;
use serde::Serialize;

use super::topic::{Subject, Topic};
use crate::nobody::somebody;

/// A delivery that this worker has.
#[derive(Clone)]
pub struct Claimed {
    pub id: i64,
    pub webhook_id: i64,
    pub staff_id: i64,
    pub url: String,
    pub(super) secret: String,
    pub(super) old_secret: Option<String>,
    pub(super) with_details: bool,
    pub topic: Topic,
    pub(super) about: Option<About>,
    pub happened_at: Timestamp,
    /// With this one.
    pub attempts: i32,
    pub(super) first_tried_at: Timestamp,
    /// The name of the claim.
    pub(super) claim: String,
}

/// What an appointment, a stay or a group session was like when it happened.
#[derive(Clone, Debug)]
pub(super) struct About {
    pub subject: Subject,
    pub id: i64,
    pub version: i32,
    pub status: String,
    /// `None` for stays.
    pub doctor_id: Option<i64>,
    pub clinic_id: i64,
    /// Of appointments alone.
    pub times: Option<Times>,
}

/// What is told of an appointment where it is asked for.
#[derive(Clone, Debug)]
pub(super) struct Times {
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// As they are now: a patient may have become another one, and is nobody in a copy that was kept here.
    pub service_id: i64,
    pub patient_id: Option<i64>,
}

/// The name of a delivery, the same at every attempt. A database that was made anew counts from one again, but not at the same
/// time.
pub(super) fn name(id: i64, happened_at: Timestamp) -> String {
    format!("msg_{id}_{}", happened_at.as_microsecond())
}

/// Hides the secrets.
impl std::fmt::Debug for Claimed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Claimed({}, {})", self.id, self.topic.name())
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    topic: &'static str,
    timestamp: Timestamp,
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Data<'a> {
    Test {
        webhook_id: i64,
    },
    Thing {
        id: i64,
        version: i32,
        status: &'a str,
        /// Null for sessions without a doctor, and seats in them; left out for stays.
        #[serde(skip_serializing_if = "Option::is_none")]
        doctor_id: Option<Option<i64>>,
        clinic_id: i64,
        #[serde(flatten)]
        details: Option<Details>,
    },
}

#[derive(Serialize)]
struct Details {
    service_id: i64,
    patient_id: Option<i64>,
    starts_at: Timestamp,
    ends_at: Timestamp,
}

impl Claimed {
    /// The name of the delivery for its receiver.
    pub fn name(&self) -> String {
        name(self.id, self.happened_at)
    }

    /// What is posted.
    pub fn body(&self) -> String {
        let data = match &self.about {
            None => Data::Test {
                webhook_id: self.webhook_id,
            },
            Some(about) => Data::Thing {
                id: about.id,
                version: about.version,
                status: &about.status,
                doctor_id: match about.subject {
                    Subject::Stay => None,
                    _ => Some(about.doctor_id.and_then(somebody)),
                },
                clinic_id: about.clinic_id,
                details: (about.times.as_ref())
                    .filter(|_| self.with_details)
                    .map(|times| Details {
                        service_id: times.service_id,
                        patient_id: times.patient_id,
                        starts_at: times.starts_at,
                        ends_at: times.ends_at,
                    }),
            },
        };
        let body = Body {
            topic: self.topic.name(),
            timestamp: self.happened_at,
            data,
        };
        // Numbers and words alone: this does not fail.
        serde_json::to_string(&body).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimed(with_details: bool) -> Claimed {
        let at = |second| Timestamp::from_second(second).unwrap();
        Claimed {
            id: 7,
            webhook_id: 1,
            staff_id: 1,
            url: String::new(),
            secret: String::new(),
            old_secret: None,
            with_details,
            topic: Topic::Confirmed,
            about: Some(About {
                subject: Subject::Appointment,
                id: 9,
                version: 3,
                status: "confirmed".to_owned(),
                doctor_id: Some(2),
                clinic_id: 4,
                times: Some(Times {
                    starts_at: at(1_800_000_000),
                    ends_at: at(1_800_001_800),
                    service_id: 5,
                    patient_id: Some(6),
                }),
            }),
            happened_at: at(1_700_000_000),
            attempts: 1,
            first_tried_at: at(1_700_000_000),
            claim: String::new(),
        }
    }

    #[test]
    fn ids_are_told_and_the_rest_where_it_is_asked_for() {
        assert_eq!(
            claimed(false).body(),
            r#"{"type":"appointment.confirmed","timestamp":"2023-11-14T22:13:20Z","data":{"id":9,"version":3,"status":"confirmed","doctor_id":2,"clinic_id":4}}"#
        );
        assert_eq!(
            claimed(true).body(),
            r#"{"type":"appointment.confirmed","timestamp":"2023-11-14T22:13:20Z","data":{"id":9,"version":3,"status":"confirmed","doctor_id":2,"clinic_id":4,"service_id":5,"patient_id":6,"starts_at":"2027-01-15T08:00:00Z","ends_at":"2027-01-15T08:30:00Z"}}"#
        );
        assert_eq!(claimed(true).name(), "msg_7_1700000000000000");
    }

    #[test]
    fn nobody_is_no_doctor() {
        let mut class = claimed(false);
        if let Some(about) = &mut class.about {
            about.doctor_id = Some(crate::nobody::NOBODY);
        }
        let body = class.body();
        assert!(body.contains(r#""doctor_id":null"#), "{body}");
    }

    #[test]
    fn of_a_stay_there_is_no_doctor() {
        let mut stay = claimed(true);
        stay.topic = Topic::StayBooked;
        stay.about = Some(About {
            subject: Subject::Stay,
            id: 8,
            version: 2,
            status: "booked".to_owned(),
            doctor_id: None,
            clinic_id: 4,
            times: None,
        });
        assert_eq!(
            stay.body(),
            r#"{"type":"stay.booked","timestamp":"2023-11-14T22:13:20Z","data":{"id":8,"version":2,"status":"booked","clinic_id":4}}"#
        );
    }
}
