//! What the agent is told, before it is put into words.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{availability::Offering, booking::Wanted, i18n::Locale, nobody::name_of};

/// A time of a doctor, with what is said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeSaid {
    pub wanted: Wanted,
    /// None for a seat in a session without a doctor.
    pub doctor: Option<String>,
    /// The name of the service in the language of the call.
    pub service: String,
    /// The zone of the clinic.
    pub zone: String,
}

impl TimeSaid {
    pub(super) fn new(offering: &Offering, starts_at: Timestamp, locale: Locale) -> Self {
        Self {
            wanted: offering.at(starts_at),
            doctor: name_of(offering.doctor_id, offering.doctor_name.clone()),
            service: offering.service(locale).to_owned(),
            zone: offering.zone_name.clone(),
        }
    }
}

/// An appointment of the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    pub reference: String,
    pub time: TimeSaid,
    /// Whether the clinic has still to answer.
    pub is_request: bool,
}

/// What is answered to the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answer {
    Times {
        times: Vec<TimeSaid>,
        /// Whether the day that was asked for has nothing, and these are others.
        on_another_day: bool,
    },
    NoTimes,
    /// It has to be said which service is meant.
    WhichService {
        services: Vec<String>,
    },
    /// Nobody of that name offers it: these do.
    WhichDoctor {
        doctors: Vec<String>,
    },
    Held {
        time: TimeSaid,
        minutes: i64,
    },
    Booked {
        time: TimeSaid,
        reference: String,
        /// Whether the clinic has still to answer.
        is_request: bool,
    },
    /// The time is gone: these are others.
    Taken {
        times: Vec<TimeSaid>,
    },
    /// The patient is somewhere else then.
    Overlap,
    /// The patient has as much open as may be.
    TooMany,
    /// It is paid before it is booked, which nobody can on the phone: somebody calls back.
    PayFirst,
    /// Something was booked in this call: does the caller want another one?
    Second,
    NameMissing,
    /// Several share the number: it has to be said for whom it is.
    WhoFor,
    /// A code was sent, and has to be said.
    CodeSent,
    CodeWrong,
    /// No code can be sent to this number.
    NoCode,
    /// The caller's number is hidden, or one that nobody can read: it has to be said.
    NumberMissing,
    Appointments {
        appointments: Vec<Own>,
    },
    Cancelled {
        time: TimeSaid,
    },
    Moved {
        time: TimeSaid,
        is_request: bool,
    },
    /// It cannot be cancelled or moved any more.
    TooLate,
    /// Nobody knows which appointment or which time is meant.
    NotFound,
    CallbackNoted,
    /// The clinic has to look after it: somebody calls back.
    Closed,
    ClinicUnknown,
    /// The number has called too often.
    Later,
    /// It could not be done, and somebody calls back.
    Trouble,
}

impl Answer {
    /// The kind, as it is counted and kept.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Times { .. } => "times",
            Self::NoTimes => "no_times",
            Self::WhichService { .. } => "which_service",
            Self::WhichDoctor { .. } => "which_doctor",
            Self::Held { .. } => "held",
            Self::Booked { .. } => "booked",
            Self::Taken { .. } => "taken",
            Self::Overlap => "overlap",
            Self::TooMany => "too_many",
            Self::PayFirst => "pay_first",
            Self::Second => "second",
            Self::NameMissing => "name_missing",
            Self::WhoFor => "who_for",
            Self::CodeSent => "code_sent",
            Self::CodeWrong => "code_wrong",
            Self::NoCode => "no_code",
            Self::NumberMissing => "number_missing",
            Self::Appointments { .. } => "appointments",
            Self::Cancelled { .. } => "cancelled",
            Self::Moved { .. } => "moved",
            Self::TooLate => "too_late",
            Self::NotFound => "not_found",
            Self::CallbackNoted => "callback_noted",
            Self::Closed => "closed",
            Self::ClinicUnknown => "clinic_unknown",
            Self::Later => "later",
            Self::Trouble => "trouble",
        }
    }

    /// Every kind.
    pub const KINDS: [&'static str; 27] = [
        "times",
        "no_times",
        "which_service",
        "which_doctor",
        "held",
        "booked",
        "taken",
        "overlap",
        "too_many",
        "pay_first",
        "second",
        "name_missing",
        "who_for",
        "code_sent",
        "code_wrong",
        "no_code",
        "number_missing",
        "appointments",
        "cancelled",
        "moved",
        "too_late",
        "not_found",
        "callback_noted",
        "closed",
        "clinic_unknown",
        "later",
        "trouble",
    ];

    /// Whether the agent got what it asked for.
    pub fn is_ok(&self) -> bool {
        matches!(
            self,
            Self::Times { .. }
                | Self::Held { .. }
                | Self::Booked { .. }
                | Self::Appointments { .. }
                | Self::Cancelled { .. }
                | Self::Moved { .. }
                | Self::CallbackNoted
        )
    }

    /// Whether somebody has to call back because of it.
    pub(super) fn needs_somebody(&self) -> bool {
        matches!(self, Self::Closed | Self::PayFirst | Self::Trouble)
    }
}
