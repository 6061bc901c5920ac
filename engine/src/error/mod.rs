//! The closed set of errors, the same in server functions, API, logs and metrics.
//!
//! An [`AppError`] carries no text: a form that is posted without JavaScript takes its error along
//! in the URL, and what a URL can carry anybody can write. What it carries are numbers; whatever else
//! a page says about it (alternatives, who changed what) the page looks up again, under its own
//! guard.

mod field;

use serde::{Deserialize, Serialize};
use server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};

use jiff::civil::Date;

pub use self::field::{Field, FieldProblem};
use crate::{
    appointment::status::Status,
    booking::Wanted,
    stay::{status::Status as StayStatus, wanted::WantedRooms},
};

/// The error of an operation that failed. Nothing was written, unless the commit itself went unanswered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppError {
    /// The time cannot be booked.
    BookingFailed {
        reason: Refusal,
        wanted: Wanted,
    },
    /// The appointment cannot go from its present status to this one.
    InvalidTransition {
        appointment_id: i64,
        from: Status,
        to: Status,
    },
    /// Somebody changed the appointment since the caller read it. `to` is the status that the caller wanted to give
    /// it, if any.
    StaleVersion {
        appointment_id: i64,
        to: Option<Status>,
    },
    /// A night has fewer rooms left than are wanted.
    RoomsShort {
        wanted: WantedRooms,
        /// The rooms that are left in the night that has the fewest.
        available: i32,
        night: Date,
    },
    /// More rooms are taken in some nights than there would be.
    RoomsTaken {
        room_type_id: i64,
        total: i32,
        first: Date,
        last: Date,
    },
    /// There is no such kind of rooms, or it cannot be booked.
    RoomTypeNotFound,
    /// Somebody changed the stay since the caller read it.
    StaleStay {
        stay_id: i64,
    },
    /// The stay cannot go from its present status to this one.
    StayTransition {
        stay_id: i64,
        from: StayStatus,
        to: StayStatus,
    },
    /// Somebody changed the doctor since the caller read it.
    StaleDoctor,
    /// Somebody changed the service, the clinic or the kind of rooms since the caller read it.
    StaleOrganisation,
    /// Somebody changed the clinical note or the template since the caller read it.
    StaleText,
    /// The appointment has a prescription, and can have only one.
    PrescriptionExists,
    /// The prescription is void already.
    PrescriptionWithdrawn,
    /// The appointment has a rating, and can have only one.
    RatingExists,
    /// Whom a change of a schedule would hit is not what the caller decided on: somebody booked, moved or cancelled meanwhile.
    AffectedChanged,
    /// Two records of patients cannot become one: they have appointments at the same time.
    RecordsOverlap,
    /// The record of the patient is part of another one by now.
    RecordMerged,
    /// Somebody changed the patient since the caller read it.
    StalePatient,
    /// Somebody changed the group session since the caller read it.
    StaleGroup,
    /// Fewer are left than were asked for, or more are taken than there would be.
    InsufficientInventory {
        of: Inventory,
        requested: i32,
        available: i32,
    },
    /// It is paid before it is booked: by its patient on a page, or it is booked by the desk.
    PaymentRequired,
    /// The text consultation has not begun yet, or is over: nothing can be written.
    ConsultationClosed,
    /// The phone number belongs to somebody else, or to several, and nobody said for whom something is (I2).
    PhoneShared,
    /// The idempotency key was used for another request (B6).
    IdempotencyConflict,
    /// A range of time that ends before it begins, or is longer than what can be asked for.
    InvalidDateRange,
    /// A field of the input is not right.
    ValidationFailed {
        field: Field,
        problem: FieldProblem,
    },
    /// A code that is wrong, too old, used up or asked for by somebody else.
    WrongCode,
    /// An e-mail and password that do not belong together.
    WrongPassword,
    /// It does not exist, or this caller may not see it.
    NotFound,
    Unauthenticated,
    Forbidden,
    /// The caller has to prove again who they are: what they ask for opens doors.
    StepUpRequired,
    /// The caller has to set up a second factor first, on a page.
    FactorRequired,
    RateLimited,
    /// Too many wrong codes were typed for this phone: from a new place, a code alone signs nobody in.
    SignInGuarded,
    /// Transactions blocked each other, and retrying did not help.
    DeadlockDetected,
    ConcurrencyAbort,
    /// A lock could not be taken in time.
    InventoryLocked,
    TransactionTimeout,
    /// The database cannot be reached.
    Unavailable,
    /// A bug or a broken installation. The log has the details; the caller gets none.
    Internal,
}

/// Something that there is a number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inventory {
    /// The seats of a group session.
    Seats { group_id: i64 },
    /// The capacity that a group session would have, for the seats that are taken.
    Capacity { group_id: i64 },
}

/// The reason why a time cannot be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Somebody else has it.
    SlotTaken,
    /// The caller's hold ran out, and somebody else has the time now.
    HoldExpired,
    /// The patient has another appointment then.
    PatientOverlap,
    /// The time is not, or no longer, part of the schedule.
    SlotClosed,
    /// The patient has as many requests or appointments open as the clinic allows.
    TooManyOpen,
    /// The patient has as many appointments of the service ahead as it allows. `again` is the moment from which there is
    /// room for another one, in seconds since 1970.
    TooManyOfService { again: Option<i64> },
    /// The patient has as many appointments of the service in that week as it allows. `again` is the beginning of the next
    /// week with room, in seconds since 1970.
    TooManyInWeek { again: Option<i64> },
}

impl Refusal {
    /// The error of a booking of this time that is refused for this reason.
    pub fn of(self, wanted: Wanted) -> AppError {
        AppError::BookingFailed { reason: self, wanted }
    }

    /// Whether a limit of the service refuses it: staff may book it all the same, by saying so.
    pub fn is_limit_of_service(self) -> bool {
        matches!(self, Self::TooManyOfService { .. } | Self::TooManyInWeek { .. })
    }

    /// The moment from which a limit of the service has room, where one refuses the time.
    pub fn again(self) -> Option<jiff::Timestamp> {
        match self {
            Self::TooManyOfService { again } | Self::TooManyInWeek { again } => {
                again.and_then(|again| jiff::Timestamp::from_second(again).ok())
            }
            _ => None,
        }
    }

    /// The same refusal without the moment from which there is room.
    #[must_use]
    pub fn without_again(self) -> Self {
        match self {
            Self::TooManyOfService { .. } => Self::TooManyOfService { again: None },
            Self::TooManyInWeek { .. } => Self::TooManyInWeek { again: None },
            other => other,
        }
    }

    /// The value of `details.reason`.
    pub fn code(self) -> &'static str {
        match self {
            Self::SlotTaken => "slot_taken",
            Self::HoldExpired => "hold_expired",
            Self::PatientOverlap => "patient_overlap",
            Self::SlotClosed => "slot_closed",
            Self::TooManyOpen => "too_many_open",
            Self::TooManyOfService { .. } => "too_many_of_service",
            Self::TooManyInWeek { .. } => "too_many_in_week",
        }
    }
}

impl AppError {
    /// The stable code that programs rely on.
    pub fn code(self) -> &'static str {
        match self {
            Self::BookingFailed { .. } => "BOOKING_FAILED",
            Self::InvalidTransition { .. } | Self::StayTransition { .. } => "INVALID_TRANSITION",
            Self::RoomsShort { .. } | Self::RoomsTaken { .. } => "INSUFFICIENT_INVENTORY",
            Self::RoomTypeNotFound => "ROOM_TYPE_NOT_FOUND",
            Self::StaleVersion { .. }
            | Self::StaleStay { .. }
            | Self::StaleDoctor
            | Self::StaleOrganisation
            | Self::StaleText
            | Self::StalePatient
            | Self::StaleGroup => "STALE_VERSION",
            Self::InsufficientInventory { .. } => "INSUFFICIENT_INVENTORY",
            Self::AffectedChanged => "AFFECTED_CHANGED",
            Self::RecordsOverlap => "RECORDS_OVERLAP",
            Self::RecordMerged => "RECORD_MERGED",
            Self::PrescriptionExists => "PRESCRIPTION_EXISTS",
            Self::PrescriptionWithdrawn => "PRESCRIPTION_WITHDRAWN",
            Self::RatingExists => "RATING_EXISTS",
            Self::PaymentRequired => "PAYMENT_REQUIRED",
            Self::ConsultationClosed => "CONSULTATION_CLOSED",
            Self::PhoneShared => "PHONE_SHARED",
            Self::IdempotencyConflict => "IDEMPOTENCY_CONFLICT",
            Self::InvalidDateRange => "INVALID_DATE_RANGE",
            Self::ValidationFailed { .. } => "VALIDATION_FAILED",
            Self::WrongCode | Self::WrongPassword | Self::Unauthenticated => "UNAUTHENTICATED",
            Self::NotFound => "NOT_FOUND",
            Self::Forbidden => "FORBIDDEN",
            Self::StepUpRequired => "STEP_UP_REQUIRED",
            Self::FactorRequired => "FACTOR_REQUIRED",
            Self::RateLimited => "RATE_LIMITED",
            Self::SignInGuarded => "SIGN_IN_GUARDED",
            Self::DeadlockDetected => "DEADLOCK_DETECTED",
            Self::ConcurrencyAbort => "CONCURRENCY_ABORT",
            Self::InventoryLocked => "INVENTORY_LOCKED",
            Self::TransactionTimeout => "TRANSACTION_TIMEOUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }

    /// An error of each code, as the description of the API shows it.
    pub const EXAMPLES: [Self; 31] = [
        Self::BookingFailed {
            reason: Refusal::SlotTaken,
            wanted: Wanted {
                doctor_id: 1,
                clinic_id: 1,
                service_id: 1,
                starts_at: 0,
            },
        },
        Self::InsufficientInventory {
            of: Inventory::Seats { group_id: 1 },
            requested: 2,
            available: 1,
        },
        Self::InvalidTransition {
            appointment_id: 1,
            from: Status::Completed,
            to: Status::Cancelled,
        },
        Self::StaleVersion {
            appointment_id: 1,
            to: None,
        },
        Self::RoomsShort {
            wanted: WantedRooms {
                room_type_id: 1,
                arrival: Date::constant(2026, 12, 4),
                departure: Date::constant(2026, 12, 7),
                rooms: 3,
            },
            available: 2,
            night: Date::constant(2026, 12, 5),
        },
        Self::RoomTypeNotFound,
        Self::PrescriptionExists,
        Self::PrescriptionWithdrawn,
        Self::RatingExists,
        Self::AffectedChanged,
        Self::RecordsOverlap,
        Self::RecordMerged,
        Self::PaymentRequired,
        Self::ConsultationClosed,
        Self::PhoneShared,
        Self::IdempotencyConflict,
        Self::InvalidDateRange,
        Self::ValidationFailed {
            field: Field::Phone,
            problem: FieldProblem::Missing,
        },
        Self::Unauthenticated,
        Self::NotFound,
        Self::Forbidden,
        Self::StepUpRequired,
        Self::FactorRequired,
        Self::RateLimited,
        Self::SignInGuarded,
        Self::DeadlockDetected,
        Self::ConcurrencyAbort,
        Self::InventoryLocked,
        Self::TransactionTimeout,
        Self::Unavailable,
        Self::Internal,
    ];

    /// Every kind of conflict that [`Self::conflict`] tells apart.
    pub const CONFLICTS: [&str; 16] = [
        "slot_taken",
        "hold_expired",
        "patient_overlap",
        "slot_closed",
        "too_many_open",
        "too_many_of_service",
        "too_many_in_week",
        "insufficient_inventory",
        "stale_version",
        "invalid_transition",
        "prescription_exists",
        "prescription_withdrawn",
        "rating_exists",
        "affected_changed",
        "records_overlap",
        "idempotency_conflict",
    ];

    /// The kind of the conflict that this refusal prevented, as the metrics name it; none where it is no conflict.
    pub fn conflict(self) -> Option<&'static str> {
        match self {
            Self::BookingFailed { reason, .. } => Some(reason.code()),
            Self::RoomsShort { .. } | Self::RoomsTaken { .. } => Some("insufficient_inventory"),
            Self::StaleVersion { .. }
            | Self::StaleStay { .. }
            | Self::StaleDoctor
            | Self::StaleOrganisation
            | Self::StaleText
            | Self::StalePatient
            | Self::StaleGroup => Some("stale_version"),
            Self::InsufficientInventory { .. } => Some("insufficient_inventory"),
            Self::AffectedChanged => Some("affected_changed"),
            Self::RecordsOverlap => Some("records_overlap"),
            Self::InvalidTransition { .. } | Self::StayTransition { .. } => Some("invalid_transition"),
            Self::PrescriptionExists => Some("prescription_exists"),
            Self::PrescriptionWithdrawn => Some("prescription_withdrawn"),
            Self::RatingExists => Some("rating_exists"),
            Self::IdempotencyConflict => Some("idempotency_conflict"),
            _ => None,
        }
    }

    /// The HTTP status of an answer that carries this error.
    pub fn status(self) -> u16 {
        match self {
            Self::BookingFailed { .. }
            | Self::RoomsShort { .. }
            | Self::RoomsTaken { .. }
            | Self::StaleVersion { .. }
            | Self::StaleStay { .. }
            | Self::StaleDoctor
            | Self::StaleOrganisation
            | Self::StaleText
            | Self::StalePatient
            | Self::StaleGroup
            | Self::InsufficientInventory { .. }
            | Self::AffectedChanged
            | Self::RecordsOverlap
            | Self::RecordMerged
            | Self::PrescriptionExists
            | Self::PrescriptionWithdrawn
            | Self::RatingExists
            | Self::ConsultationClosed
            | Self::PhoneShared
            | Self::IdempotencyConflict
            | Self::DeadlockDetected
            | Self::ConcurrencyAbort
            | Self::InventoryLocked => 409,
            Self::InvalidDateRange => 400,
            Self::PaymentRequired => 402,
            Self::InvalidTransition { .. } | Self::StayTransition { .. } | Self::ValidationFailed { .. } => {
                422
            }
            Self::WrongCode | Self::WrongPassword | Self::Unauthenticated => 401,
            Self::NotFound | Self::RoomTypeNotFound => 404,
            Self::Forbidden | Self::StepUpRequired | Self::FactorRequired | Self::SignInGuarded => 403,
            Self::RateLimited => 429,
            Self::TransactionTimeout => 504,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }

    /// Whether the very same request may succeed when it is sent again a little later.
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::DeadlockDetected
                | Self::ConcurrencyAbort
                | Self::InventoryLocked
                | Self::TransactionTimeout
                | Self::Unavailable
        )
    }

    /// A field of the input is not right.
    pub fn invalid(field: Field, problem: FieldProblem) -> Self {
        Self::ValidationFailed { field, problem }
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for AppError {}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => Self::invalid(Field::Body, FieldProblem::Malformed),
            ServerFnErrorErr::Request(_) => Self::Unavailable,
            _ => Self::Internal,
        }
    }
}
