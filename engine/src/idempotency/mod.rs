//! Idempotency keys: a repeated request is given the first answer and not carried out again (B6). A phone lost the answer,
//! a program tries again, a finger is impatient.

mod claim;

use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use claim::{answer, claim, is_answered, tidy};

use crate::{
    account::Caller,
    error::{AppError, Field, FieldProblem},
    stay::status::Status as StayStatus,
};

/// Number of characters that a key may have.
pub const MAX_KEY: usize = 200;

/// The owner of a key: the same key of somebody else is another one.
#[derive(Clone, Copy, Debug)]
pub enum KeyOwner<'a> {
    Caller(&'a Caller),
    /// SHA-256 of the token of a browser.
    Visitor(&'a [u8]),
}

impl KeyOwner<'_> {
    fn digest(self) -> Sha256 {
        let mut digest = Sha256::new();
        let (kind, id) = match self {
            Self::Caller(Caller::Patient { id, .. }) => ("patient", *id),
            Self::Caller(
                Caller::Doctor { staff_id, .. }
                | Caller::Admin { staff_id, .. }
                | Caller::Reception { staff_id, .. },
            ) => ("staff", *staff_id),
            Self::Visitor(visitor) => {
                digest.update(visitor);
                ("visitor", 0)
            }
        };
        digest.update(kind);
        digest.update(id.to_be_bytes());
        digest
    }
}

/// The key of a request, with the request that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// SHA-256 of the caller and the key.
    id: Vec<u8>,
    /// SHA-256 of the operation and its input.
    request: Vec<u8>,
    /// Whether the key stops counting when what it made is no longer what was asked for.
    while_it_stands: bool,
}

/// What a request made or changed, as far as it was asked for. A key that counts while this stands is over when it is an
/// old answer: the appointment was moved, ended or given to somebody else, or somebody has changed the rest since.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Made {
    Appointment(MadeAppointment),
    Stay(MadeStay),
    Version {
        changed: Changed,
        id: i64,
        version: i32,
    },
    /// SHA-256 of the secret in the address of a calendar, in hexadecimal digits.
    Calendar {
        calendar: String,
    },
    Token {
        token_id: i64,
    },
    /// The closure of a clinic.
    Closure {
        time_off_id: i64,
    },
}

/// An appointment that a request made or changed.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct MadeAppointment {
    pub appointment_id: i64,
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub service_id: i64,
    /// `None` where it was not known: whoever signs in has it.
    pub patient_id: Option<i64>,
    pub starts_at: Timestamp,
    /// The status that was asked for. `None`: any that has its time.
    pub status: Option<&'static str>,
    /// Whether it was asked for that its patient is here, or is not. `None`: neither.
    pub arrived: Option<bool>,
    /// The moment from which it is nothing that anybody would ask for again. `None`: never.
    pub until: Option<Timestamp>,
}

/// A stay that a request made or changed.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct MadeStay {
    pub stay_id: i64,
    pub arrival: Date,
    pub departure: Date,
    pub rooms: i32,
    pub status: StayStatus,
}

/// What counts its changes.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Changed {
    Service,
    Clinic,
    /// The name, the phone number and the pages of the organisation.
    Identity,
    Logo,
    #[serde(rename = "room_type")]
    RoomType,
    /// The text of a kind of message in a language.
    #[serde(rename = "message_text")]
    MessageText,
    /// A doctor, with the schedule.
    Doctor,
    /// Somebody who waits for a time.
    #[serde(rename = "waitlist_entry")]
    WaitlistEntry,
    /// A group session.
    Group,
}

impl Key {
    /// The key that a program sent with its request, in the header `Idempotency-Key`.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` for a key that is empty, too long or not printable ASCII.
    pub fn sent(
        whose: KeyOwner<'_>,
        key: &str,
        operation: &'static str,
        request: &impl Serialize,
    ) -> Result<Self, AppError> {
        let key = checked(key)?;
        Ok(Self {
            id: hash(whose.digest(), &["sent", key]),
            request: of_request(operation, request)?,
            while_it_stands: false,
        })
    }

    /// The key of a form, made with it. Many forms of one page may have the same one, and differ in their `subject`. It
    /// counts while what the form made is what was asked for: a patient who comes *back* to the page of a booking that
    /// has ended or moved may book again.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` for a key that is empty, too long or not printable ASCII.
    pub fn of_form(
        whose: KeyOwner<'_>,
        key: &str,
        operation: &'static str,
        subject: &str,
        request: &impl Serialize,
    ) -> Result<Self, AppError> {
        let key = checked(key)?;
        Ok(Self {
            id: hash(whose.digest(), &["form", key, operation, subject]),
            request: of_request(operation, request)?,
            while_it_stands: true,
        })
    }

    /// The key of a part of the request that is carried out by itself.
    #[must_use]
    pub fn part(&self, part: i64) -> Self {
        let digest = Sha256::new().chain_update(&self.id);
        Self {
            id: hash(digest, &["part", &part.to_string()]),
            ..self.clone()
        }
    }

    /// The key of a request without one: the request itself, while what it made is what was asked for. To book again after
    /// a cancellation or a move is a new booking.
    ///
    /// # Errors
    /// `INTERNAL`.
    pub fn derived(
        whose: KeyOwner<'_>,
        operation: &'static str,
        request: &impl Serialize,
    ) -> Result<Self, AppError> {
        let request = of_request(operation, request)?;
        let mut id = whose.digest();
        id.update(b"derived");
        id.update(&request);
        Ok(Self {
            id: id.finalize().to_vec(),
            request,
            while_it_stands: true,
        })
    }
}

fn checked(key: &str) -> Result<&str, AppError> {
    let problem = match key.len() {
        0 => FieldProblem::Missing,
        1..=MAX_KEY if key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') => return Ok(key),
        1..=MAX_KEY => FieldProblem::Malformed,
        _ => FieldProblem::TooLong,
    };
    Err(AppError::invalid(Field::IdempotencyKey, problem))
}

/// Hashes parts with their lengths, so that no part can be taken for the end of the one before it.
fn hash(mut digest: Sha256, parts: &[&str]) -> Vec<u8> {
    for part in parts {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    digest.finalize().to_vec()
}

fn of_request(operation: &str, request: &impl Serialize) -> Result<Vec<u8>, AppError> {
    let input = serde_json::to_string(request).map_err(|_| AppError::Internal)?;
    Ok(hash(Sha256::new(), &[operation, &input]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASHA: Caller = Caller::Patient {
        id: 1,
        name: None,
        family: Vec::new(),
        opened_since: None,
    };
    const BIMA: Caller = Caller::Patient {
        id: 2,
        name: None,
        family: Vec::new(),
        opened_since: None,
    };

    fn sent(caller: &Caller, key: &str, operation: &'static str, request: i32) -> Key {
        Key::sent(KeyOwner::Caller(caller), key, operation, &request).unwrap()
    }

    #[test]
    fn a_key_is_its_callers_alone() {
        assert_eq!(sent(&ASHA, "k", "book", 1), sent(&ASHA, "k", "book", 1));
        assert_ne!(sent(&ASHA, "k", "book", 1).id, sent(&BIMA, "k", "book", 1).id);
        let staff = Caller::Admin {
            clinics: crate::account::Clinics::All,
            staff_id: 1,
            name: String::new(),
        };
        assert_ne!(sent(&ASHA, "k", "book", 1).id, sent(&staff, "k", "book", 1).id);
    }

    #[test]
    fn another_request_under_a_key_differs_from_the_first() {
        let first = sent(&ASHA, "k", "book", 1);
        for other in [sent(&ASHA, "k", "book", 2), sent(&ASHA, "k", "move", 1)] {
            assert_eq!(first.id, other.id);
            assert_ne!(first.request, other.request);
        }
    }

    #[test]
    fn the_forms_of_a_page_do_not_meet_each_other() {
        let form =
            |operation, subject| Key::of_form(KeyOwner::Visitor(b"v"), "k", operation, subject, &()).unwrap();
        let forms = [
            form("hold", "1"),
            form("hold", "2"),
            form("move", "1"),
            form("hol", "d1"),
        ];
        for (at, one) in forms.iter().enumerate() {
            assert!(forms[at + 1..].iter().all(|other| one.id != other.id));
        }
    }

    #[test]
    fn a_key_is_a_line_of_printable_characters() {
        for (key, problem) in [
            ("", Some(FieldProblem::Missing)),
            ("8e03978e-40d5-43dd-bc93-6894a57f9324", None),
            ("with space", None),
            ("zwei\nZeilen", Some(FieldProblem::Malformed)),
            ("ü", Some(FieldProblem::Malformed)),
            (&"k".repeat(MAX_KEY), None),
            (&"k".repeat(MAX_KEY + 1), Some(FieldProblem::TooLong)),
        ] {
            let expected = problem.map(|problem| AppError::invalid(Field::IdempotencyKey, problem));
            assert_eq!(checked(key).err(), expected, "{key}");
        }
    }
}
