//! The inputs that are checked, and what can be wrong with one.

use serde::{Deserialize, Serialize};

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
    /// When a service is paid.
    PayWhen,
    /// What is paid of it before it is booked.
    Deposit,
    /// Hours before the start until which everything goes back, and the percent that go back later.
    RefundHours,
    LateRefund,
    /// What the desk takes.
    Amount,
    /// Where what was paid back by hand can be found.
    PaidBackReference,
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
    /// The address of a webhook, what it is for, what it is told, and what becomes of it.
    WebhookUrl,
    WebhookDescription,
    WebhookEvents,
    WebhookState,
    /// The number of webhooks.
    Webhooks,
    /// Where a calendar elsewhere is, who signs in there, by which password, and which calendars of it are meant.
    CalendarServer,
    CalendarUser,
    CalendarPassword,
    CalendarWritten,
    /// The kind of bookings at Cal.com that appointments become, and the secret by which it signs what it posts.
    CalendarEventType,
    CalendarHookSecret,
    /// What a doctor decides about a change in a calendar elsewhere.
    CalendarAnswer,
    /// Years and months for which something is kept.
    Period,
    /// That somebody is sure.
    Sure,
    /// Those who share the phone of a patient.
    Sharing,
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
            Self::PayWhen => "pay_when",
            Self::Deposit => "deposit",
            Self::RefundHours => "refund_hours",
            Self::LateRefund => "late_refund_percent",
            Self::Amount => "amount",
            Self::PaidBackReference => "paid_back_reference",
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
            Self::WebhookUrl => "url",
            Self::WebhookDescription => "description",
            Self::WebhookEvents => "events",
            Self::WebhookState => "webhook_state",
            Self::Webhooks => "webhooks",
            Self::CalendarServer => "server",
            Self::CalendarUser => "user",
            Self::CalendarPassword => "app_password",
            Self::CalendarWritten => "written",
            Self::CalendarEventType => "event_type",
            Self::CalendarHookSecret => "hook_secret",
            Self::CalendarAnswer => "calendar_answer",
            Self::Period => "period",
            Self::Sure => "sure",
            Self::Sharing => "sharing",
            Self::Cookies => "cookies",
            Self::Body => "body",
        }
    }
}

/// What is wrong with an input.
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
