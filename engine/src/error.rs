//! The closed set of errors, the same in server functions, API, logs and metrics.
//!
//! An [`AppError`] carries no text: a form that is posted without JavaScript takes its error along
//! in the URL, and what a URL can carry anybody can write. What it carries are numbers; whatever else
//! a page says about it (alternatives, who changed what) the page looks up again, under its own
//! guard.

use serde::{Deserialize, Serialize};
use server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};

use jiff::civil::Date;

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

/// The inputs that are checked at the edge.
///
/// The enum is closed although its names belong to slices: a plain form carries the error in the URL, which anybody can
/// write, so reading it back must accept known names only. Names that the slices bring would need a second, central list
/// of all of them for that, and would lose the compiler's check that each has a name. A new input is one line here and
/// one in [`Field::name`]; its texts are in the file of its slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Phone,
    Code,
    Name,
    /// The birthday of a patient.
    Birthday,
    /// What the desk notes about a patient.
    DeskNote,
    /// For whom something is, of those who share a phone.
    Whose,
    Reason,
    Email,
    Password,
    StartsAt,
    /// The reference of an appointment.
    Reference,
    Status,
    Version,
    /// The medications of a prescription as a whole, and the parts of one.
    Medications,
    MedicationName,
    Dose,
    Frequency,
    Duration,
    MedicationNote,
    /// The note of a prescription.
    Note,
    Score,
    Comment,
    /// A message of a text consultation.
    Message,
    /// What a doctor notes about an appointment.
    ClinicalNote,
    /// The name of a template of prescriptions.
    TemplateName,
    /// Requests that are confirmed together.
    Chosen,
    IdempotencyKey,
    /// Hours of a schedule.
    Hours,
    /// A date of a schedule.
    Day,
    /// The name of a doctor, a service, a clinic or the organisation.
    Title,
    Speciality,
    About,
    Languages,
    /// A password that an account is given.
    NewPassword,
    /// The password of whoever changes what somebody signs in with.
    OwnPassword,
    Address,
    City,
    ClinicPhone,
    TimeZone,
    /// The key of a service.
    ServiceKey,
    /// The length of a service.
    Length,
    Interval,
    BufferBefore,
    BufferAfter,
    Notice,
    Horizon,
    Cutoff,
    /// The limits of a service for each patient.
    MostOpen,
    MostPerWeek,
    Price,
    Currency,
    Clinic,
    Services,
    /// The appointments of a visit.
    Segments,
    /// The pattern of a course.
    Pattern,
    /// The number of seats in a group session, and of those that somebody wants.
    Capacity,
    Seats,
    /// The number of dates of a weekly series.
    Weeks,
    Doctor,
    Service,
    /// The lines of an import, one for each doctor.
    Lines,
    /// The name of a token.
    TokenName,
    /// The scopes of a token.
    Scopes,
    /// The lifetime of a token.
    Days,
    /// The number of tokens.
    Tokens,
    /// The file with the logo of the organisation.
    Logo,
    /// The name of a service or a speciality in each language.
    NameEn,
    NameId,
    NameDe,
    /// The pages that the organisation writes about itself, in each language.
    PrivacyEn,
    PrivacyId,
    PrivacyDe,
    ImprintEn,
    ImprintId,
    ImprintDe,
    /// The first day of a stay, and the day on which it ends.
    Arrival,
    Departure,
    /// A number of rooms.
    Rooms,
    /// The name of a passkey.
    PasskeyName,
    /// The text of a message to a phone; the subject and the text of a mail.
    SmsText,
    MailSubject,
    MailText,
    /// The cookies of a browser.
    Cookies,
    /// The body as a whole: not a form, not UTF-8, a field missing or of another type.
    Body,
}

impl Field {
    /// Whether the input has several lines. In all others, a line break is a space.
    pub fn has_lines(self) -> bool {
        matches!(
            self,
            Self::Reason
                | Self::Note
                | Self::DeskNote
                | Self::Comment
                | Self::Message
                | Self::ClinicalNote
                | Self::About
                | Self::Lines
                | Self::PrivacyEn
                | Self::PrivacyId
                | Self::PrivacyDe
                | Self::ImprintEn
                | Self::ImprintId
                | Self::ImprintDe
                | Self::MailText
        )
    }

    /// The name of the input that the error belongs to.
    pub fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Code => "code",
            Self::Name => "name",
            Self::Birthday => "birthday",
            Self::DeskNote => "desk_note",
            Self::Whose => "whose",
            Self::Reason => "reason",
            Self::Email => "email",
            Self::Password => "password",
            Self::StartsAt => "starts_at",
            Self::Reference => "reference",
            Self::Status => "status",
            Self::Version => "version",
            Self::Medications => "medications",
            Self::MedicationName => "medication_name",
            Self::Dose => "dose",
            Self::Frequency => "frequency",
            Self::Duration => "duration",
            Self::MedicationNote => "medication_note",
            Self::Note => "note",
            Self::Score => "score",
            Self::Comment => "comment",
            Self::Message => "message",
            Self::ClinicalNote => "clinical_note",
            Self::TemplateName => "template_name",
            Self::Chosen => "chosen",
            Self::IdempotencyKey => "idempotency_key",
            Self::Hours => "hours",
            Self::Day => "day",
            Self::Title => "title",
            Self::Speciality => "speciality",
            Self::About => "about",
            Self::Languages => "languages",
            Self::NewPassword => "new_password",
            Self::OwnPassword => "own_password",
            Self::Address => "address",
            Self::City => "city",
            Self::ClinicPhone => "clinic_phone",
            Self::TimeZone => "time_zone",
            Self::ServiceKey => "service_key",
            Self::Length => "length",
            Self::Interval => "interval",
            Self::BufferBefore => "buffer_before",
            Self::BufferAfter => "buffer_after",
            Self::Notice => "notice_minutes",
            Self::Horizon => "horizon",
            Self::Cutoff => "cutoff",
            Self::MostOpen => "most_open",
            Self::MostPerWeek => "most_per_week",
            Self::Price => "price",
            Self::Currency => "currency",
            Self::Clinic => "clinic",
            Self::Services => "services",
            Self::Segments => "segments",
            Self::Pattern => "pattern",
            Self::Capacity => "capacity",
            Self::Seats => "seats",
            Self::Weeks => "weeks",
            Self::Doctor => "doctor",
            Self::Service => "service",
            Self::Lines => "lines",
            Self::TokenName => "token_name",
            Self::Scopes => "scopes",
            Self::Days => "days",
            Self::Tokens => "tokens",
            Self::Logo => "logo",
            Self::NameEn => "name_en",
            Self::NameId => "name_id",
            Self::NameDe => "name_de",
            Self::PrivacyEn => "privacy_en",
            Self::PrivacyId => "privacy_id",
            Self::PrivacyDe => "privacy_de",
            Self::ImprintEn => "imprint_en",
            Self::ImprintId => "imprint_id",
            Self::ImprintDe => "imprint_de",
            Self::Arrival => "arrival",
            Self::Departure => "departure",
            Self::Rooms => "rooms",
            Self::PasskeyName => "passkey_name",
            Self::SmsText => "sms",
            Self::MailSubject => "subject",
            Self::MailText => "mail",
            Self::Cookies => "cookies",
            Self::Body => "body",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldProblem {
    Missing,
    /// Too many things, or a text that is too long by a number of characters that nobody counted.
    TooLong,
    /// A text with this many characters too many.
    TooLongBy(u32),
    Malformed,
    /// Somebody or something else has it, and only one can.
    Taken,
    TooMany,
    /// Hours that end on the next day.
    PastMidnight,
    /// A password that is easily guessed.
    Common,
    /// A phone of a country to which no codes are sent.
    Abroad,
    /// Nobody is known by it.
    Unknown,
    /// A text with a placeholder that nothing takes the place of, or without one that has to be there.
    UnknownPlaceholder,
    MissingPlaceholder,
    /// A text with something that can be taken for a link, or for a code.
    HasLink,
    HasCode,
}

impl FieldProblem {
    /// A text with this many characters too many.
    pub fn too_long_by(characters: usize) -> Self {
        Self::TooLongBy(u32::try_from(characters).unwrap_or(u32::MAX))
    }

    /// The name for programs: hours past midnight are hours that cannot be read, as they always were.
    pub fn code(self) -> &'static str {
        match self {
            Self::PastMidnight => Self::Malformed.name(),
            problem => problem.name(),
        }
    }

    /// The name for texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLong | Self::TooLongBy(_) => "too-long",
            Self::Malformed => "malformed",
            Self::Taken => "taken",
            Self::TooMany => "too-many",
            Self::PastMidnight => "past-midnight",
            Self::Common => "common",
            Self::Abroad => "abroad",
            Self::Unknown => "unknown",
            Self::UnknownPlaceholder => "unknown-placeholder",
            Self::MissingPlaceholder => "missing-placeholder",
            Self::HasLink => "has-link",
            Self::HasCode => "has-code",
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
    pub const EXAMPLES: [Self; 30] = [
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
