//! The texts of messages. Each is shipped in every language, and an admin may put it into the clinic's own words: with
//! placeholders such as `{when}`, which are filled in when a message is sent.
//!
//! Words that no longer fit their placeholders after an upgrade stay where they are, for the admin to see; what is shipped is
//! sent in their place.

mod check;
pub mod integrity;
mod sample;
mod shipped;
mod store;

use serde::{Deserialize, Serialize};

use super::kind::words;
use crate::{error::AppError, i18n::Locale};

pub(crate) use self::{check::fill, store::say};
pub(super) use self::{check::filled, store::find};
pub use self::{
    check::{Wrong, check, fits},
    sample::{Sample, sample},
    shipped::shipped,
    store::{Entry, PutWords, SavedWords, entries, entry, log_unfit, put_words},
};

words! {
    /// A text of a kind of message. Some kinds have several, by what happened.
    Wording {
        /// A code to sign in with.
        Code = "code",
        Requested = "requested",
        Confirmed = "confirmed",
        Moved = "moved",
        /// A request that nobody has answered yet has moved.
        RequestMoved = "request_moved",
        Declined = "declined",
        CancelledByClinic = "cancelled_by_clinic",
        CancelledByPatient = "cancelled_by_patient",
        /// All that somebody had on a day of a doctor was cancelled.
        DayCancelled = "day_cancelled",
        Expired = "expired",
        ReminderWeek = "reminder_week",
        ReminderDay = "reminder_day",
        PrescriptionReady = "prescription_ready",
        RatingAsked = "rating_asked",
        DoctorWrote = "doctor_wrote",
        /// Whether an address is a patient's.
        ConfirmEmail = "confirm_email",
        PatientWrote = "patient_wrote",
        /// The appointments of a doctor on a day.
        DoctorsDay = "doctors_day",
        /// A doctor's calendar elsewhere lets us in no more, or asks what becomes of an appointment.
        CalendarPaused = "calendar_paused",
        CalendarAsks = "calendar_asks",
        /// A time is kept for somebody on the waitlist.
        TimeKept = "time_kept",
        /// Somebody on the waitlist is told of a time that is everybody's.
        TimeFree = "time_free",
        StayBooked = "stay_booked",
        StayChanged = "stay_changed",
        StayCancelledByClinic = "stay_cancelled_by_clinic",
        StayCancelledByPatient = "stay_cancelled_by_patient",
        StayReminder = "stay_reminder",
        /// What was paid on a provider's page has come; it came too late; it went back.
        Paid = "paid",
        PaymentLate = "payment_late",
        PaidBack = "paid_back",
        /// Somebody on the waitlist is told of a time that overlaps an appointment of theirs.
        TimeOverlaps = "time_overlaps",
        /// A session in which somebody waits for seats has another time, or does not take place.
        SessionMoved = "session_moved",
        SessionCancelled = "session_cancelled",
        /// Of several appointments that were booked together.
        VisitRequested = "visit_requested",
        VisitConfirmed = "visit_confirmed",
        VisitDeclined = "visit_declined",
        VisitCancelledByClinic = "visit_cancelled_by_clinic",
        VisitCancelledByPatient = "visit_cancelled_by_patient",
        VisitExpired = "visit_expired",
        VisitReminderWeek = "visit_reminder_week",
        VisitReminderDay = "visit_reminder_day",
    }
}

impl Wording {
    /// Reads the names of a text and of a language, as paths and forms have them.
    ///
    /// # Errors
    /// `NOT_FOUND` where there is no such text or language.
    pub fn named(text: &str, language: &str) -> Result<(Self, Locale), AppError> {
        Self::parse(text)
            .zip(Locale::parse(language))
            .ok_or(AppError::NotFound)
    }

    /// What says the same of several appointments that were booked together.
    pub fn of_visit(self) -> Self {
        match self {
            Self::Requested => Self::VisitRequested,
            Self::Confirmed => Self::VisitConfirmed,
            Self::Declined => Self::VisitDeclined,
            Self::CancelledByClinic => Self::VisitCancelledByClinic,
            Self::CancelledByPatient => Self::VisitCancelledByPatient,
            Self::Expired => Self::VisitExpired,
            Self::ReminderWeek => Self::VisitReminderWeek,
            Self::ReminderDay => Self::VisitReminderDay,
            other => other,
        }
    }

    fn is_of_visit(self) -> bool {
        matches!(
            self,
            Self::VisitRequested
                | Self::VisitConfirmed
                | Self::VisitDeclined
                | Self::VisitCancelledByClinic
                | Self::VisitCancelledByPatient
                | Self::VisitExpired
                | Self::VisitReminderWeek
                | Self::VisitReminderDay
        )
    }

    /// Whether it says something about a stay.
    pub(super) fn is_of_stay(self) -> bool {
        matches!(
            self,
            Self::StayBooked
                | Self::StayChanged
                | Self::StayCancelledByClinic
                | Self::StayCancelledByPatient
                | Self::StayReminder
        )
    }

    /// Whether it goes to phones.
    pub fn has_sms(self) -> bool {
        !matches!(
            self,
            Self::ConfirmEmail
                | Self::PatientWrote
                | Self::DoctorsDay
                | Self::CalendarPaused
                | Self::CalendarAsks
        )
    }

    /// Whether it goes out by e-mail.
    pub fn has_mail(self) -> bool {
        !matches!(self, Self::Code | Self::DayCancelled)
    }

    /// The placeholders that something takes the place of. None of them says what somebody has, or what for they come.
    pub fn placeholders(self) -> &'static [&'static str] {
        match self {
            Self::Code => &["code", "minutes"],
            Self::DayCancelled => &["date", "times", "zone", "clinic", "doctor", "reason", "phone"],
            Self::ConfirmEmail | Self::CalendarPaused | Self::CalendarAsks => &[],
            Self::PatientWrote => &["reference"],
            Self::DoctorsDay => &["date", "count", "first", "last"],
            Self::TimeKept => &["when", "place", "until", "phone"],
            Self::TimeFree | Self::TimeOverlaps | Self::SessionMoved | Self::SessionCancelled => {
                &["when", "place", "phone"]
            }
            of_stay if of_stay.is_of_stay() => &["arrival", "departure", "place", "reference", "phone"],
            Self::Paid => &["amount", "receipt", "reference", "phone"],
            Self::PaymentLate | Self::PaidBack => &["amount", "reference", "phone"],
            of_visit if of_visit.is_of_visit() => &["parts", "when", "phone"],
            _ => &["when", "place", "reference", "phone"],
        }
    }

    /// The placeholders that have to be in its text to phones, and in the text of its mail.
    pub fn needed(self) -> &'static [&'static str] {
        match self {
            Self::Code => &["code"],
            Self::DayCancelled => &["date", "times"],
            Self::DoctorsDay => &["date"],
            Self::TimeKept => &["when", "until"],
            Self::Paid | Self::PaymentLate | Self::PaidBack => &["amount", "reference"],
            Self::ConfirmEmail | Self::CalendarPaused | Self::CalendarAsks => &[],
            Self::PrescriptionReady | Self::RatingAsked | Self::DoctorWrote | Self::PatientWrote => {
                &["reference"]
            }
            of_stay if of_stay.is_of_stay() => &["arrival"],
            of_visit if of_visit.is_of_visit() => &["parts"],
            _ => &["when"],
        }
    }
}

/// The words of a text, with placeholders. What goes out in one way alone has no words for the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    pub sms: String,
    pub subject: String,
    /// The text of a mail; an empty line separates paragraphs.
    pub mail: String,
}
