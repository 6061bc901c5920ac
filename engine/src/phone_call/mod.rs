//! Calls that a phone agent answers (X4): a machine that speaks with the caller, and asks Janji by its tools.
//!
//! Whatever is sent is about a *call*, whose row is locked while something is done for it. What the agent asks for is a
//! *step*: the same step, however often it is sent, does what it does once and has one answer. A booking is one
//! transaction: the patient found or made, the appointment, its history, its message, and the answer. The caller's
//! number asks for appointments; to hear, move or cancel what there is takes a code that was sent to it. What came to
//! nothing is a task of the desk.

mod answer;
mod appointments;
mod ask;
mod book;
mod callback;
mod choose;
mod event;
mod find;
mod hold;
pub mod integrity;
mod line;
mod names;
mod open;
mod prove;
mod read;
mod speech;
mod tidy;
mod work;

use jiff::{Timestamp, civil};

pub use self::{
    answer::{Answer, Own, TimeSaid},
    ask::{Ask, Said, answer, begin_counting, count_event},
    event::{CallEvent, MAX_TRANSCRIPT, What, note_event},
    line::{Line, language_of, line_of, lines, remove_line, set_line},
    names::{HeardName, check_name, names_to_check},
    read::{Booked, Filter, MAX_CALLS, Step, View, call, calls, set_done},
    speech::{clock_in_words, date_in_words, time_in_words},
    tidy::tidy,
};
use crate::{
    account::{Country, Limits, Phone},
    booking::{self, Wanted},
};

/// The length of the name that a provider has for a call, in characters.
pub const MAX_CALL_ID: usize = 200;
/// The length of what the agent notes for a callback, in characters.
pub const MAX_NOTE: usize = 500;
/// The length of a name that was heard, in characters.
const MAX_NAME: usize = 120;
/// The number of times that an agent may ask in one call.
const MAX_ASKED: i32 = 120;
/// The number of times and of appointments that are said at once: nobody keeps more in mind.
const MAX_SAID: usize = 3;

/// A call, as its provider describes it.
#[derive(Clone, Debug)]
pub struct Call {
    /// The provider's name for it.
    pub call_id: String,
    /// The caller; none where the number is hidden or is none.
    pub number: Option<Phone>,
    /// The number that was called; empty where nobody knows.
    pub line: String,
}

/// The limits on what calls may do.
#[derive(Clone, Debug)]
pub struct Rules {
    pub booking: booking::Rules,
    pub limits: Limits,
    /// The country of numbers that are said without a country code.
    pub country: Country,
    /// The countries to whose numbers codes are sent; none for all.
    pub code_countries: Option<Vec<Country>>,
    /// Calls of one number in a quarter of an hour; 0 is no limit.
    pub calls_per_number: u32,
    /// The days for which it is kept what was said; 0 for not at all.
    pub transcript_days: u32,
}

/// A part of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartOfDay {
    /// Until noon.
    Morning,
    /// Until five.
    Afternoon,
    Evening,
}

impl PartOfDay {
    pub fn parse(word: &str) -> Option<Self> {
        match word.trim().to_lowercase().as_str() {
            "morning" => Some(Self::Morning),
            "afternoon" => Some(Self::Afternoon),
            "evening" => Some(Self::Evening),
            _ => None,
        }
    }

    fn has(self, time: civil::Time) -> bool {
        match self {
            Self::Morning => time.hour() < 12,
            Self::Afternoon => (12..17).contains(&time.hour()),
            Self::Evening => time.hour() >= 17,
        }
    }
}

/// Something that the agent asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tool {
    FindTimes {
        /// The key or the name of a service, as it was said.
        service: String,
        /// A part of a doctor's name; empty for any doctor.
        doctor: String,
        day: Option<civil::Date>,
        part: Option<PartOfDay>,
    },
    HoldTime {
        time: Option<Wanted>,
    },
    Book(BookTime),
    MyAppointments {
        proof: Proof,
    },
    Cancel {
        /// The reference of an appointment.
        appointment: String,
        proof: Proof,
    },
    Move {
        appointment: String,
        time: Option<Wanted>,
        proof: Proof,
    },
    RequestCallback {
        /// The number to call, as it was said; empty for the caller's own.
        number: String,
        note: String,
    },
}

/// What a caller says to prove that a number is theirs.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// The number, as it was said; empty for the caller's own.
    pub number: String,
    /// The code that was sent to it; empty where none was said yet.
    pub code: String,
    /// Whether another code is wanted.
    pub again: bool,
}

/// Numbers and codes do not belong in logs.
impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proof(…)")
    }
}

/// A booking of a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookTime {
    pub time: Option<Wanted>,
    /// Of the patient, as it was heard.
    pub name: String,
    pub reason: String,
    /// Whether it is for somebody who shares the phone and was never here.
    pub is_new_person: bool,
    /// Whether the caller wants it beside what was booked in this call already.
    pub confirm_second: bool,
    pub proof: Proof,
}

impl Tool {
    /// Every tool by its name.
    pub const NAMES: [&'static str; 7] = [
        "find_times",
        "hold_time",
        "book",
        "my_appointments",
        "cancel_appointment",
        "move_appointment",
        "request_callback",
    ];

    pub fn name(&self) -> &'static str {
        match self {
            Self::FindTimes { .. } => "find_times",
            Self::HoldTime { .. } => "hold_time",
            Self::Book(_) => "book",
            Self::MyAppointments { .. } => "my_appointments",
            Self::Cancel { .. } => "cancel_appointment",
            Self::Move { .. } => "move_appointment",
            Self::RequestCallback { .. } => "request_callback",
        }
    }
}

/// Writes a time as the agent is given it, to say which one it means.
pub fn slot_of(wanted: Wanted) -> String {
    format!(
        "{}-{}-{}-{}",
        wanted.doctor_id, wanted.clinic_id, wanted.service_id, wanted.starts_at
    )
}

/// Reads what [`slot_of`] writes.
pub fn read_slot(text: &str) -> Option<Wanted> {
    let numbers: Vec<i64> = text
        .trim()
        .split('-')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    match numbers[..] {
        [doctor_id, clinic_id, service_id, starts_at]
            if doctor_id > 0 && Timestamp::from_second(starts_at).is_ok() =>
        {
            Some(Wanted {
                doctor_id,
                clinic_id,
                service_id,
                starts_at,
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_written() {
        let wanted = Wanted {
            doctor_id: 3,
            clinic_id: 1,
            service_id: 2,
            starts_at: 1_795_489_200,
        };
        assert_eq!(slot_of(wanted), "3-1-2-1795489200");
        assert_eq!(read_slot(" 3-1-2-1795489200"), Some(wanted));
        for wrong in [
            "",
            "3-1-2",
            "3-1-2-x",
            "0-1-2-5",
            "3-1-2-99999999999999999",
            "3-1-2-5-6",
        ] {
            assert_eq!(read_slot(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn parts_of_the_day_meet_without_a_gap() {
        for (hour, part) in [
            (0, PartOfDay::Morning),
            (11, PartOfDay::Morning),
            (12, PartOfDay::Afternoon),
            (16, PartOfDay::Afternoon),
            (17, PartOfDay::Evening),
            (23, PartOfDay::Evening),
        ] {
            let time = civil::time(hour, 59, 0, 0);
            let all = [PartOfDay::Morning, PartOfDay::Afternoon, PartOfDay::Evening];
            let those: Vec<PartOfDay> = all.into_iter().filter(|part| part.has(time)).collect();
            assert_eq!(those, [part]);
        }
    }
}
