//! The texts that Janji ships, with placeholders.

use super::{Wording, Words};
use crate::i18n::{Locale, Texts};

/// The keys of a text to phones, of what follows it in a mail, and of the subject of the mail.
fn keys(wording: Wording) -> (&'static str, Option<&'static str>, &'static str) {
    let (said, next, subject) = match wording {
        Wording::Code => return ("sms-code", None, "message-code-subject"),
        Wording::DayCancelled => return ("message-day-cancelled", None, "message-cancelled-subject"),
        Wording::ConfirmEmail => return ("message-email", None, "message-email-subject"),
        Wording::DoctorsDay => return ("message-day", None, "message-day-subject"),
        Wording::PatientWrote => return ("message-written", None, "message-written-subject"),
        Wording::CalendarPaused => {
            return ("message-calendar-paused", None, "message-calendar-paused-subject");
        }
        Wording::CalendarAsks => return ("message-calendar-asks", None, "message-calendar-asks-subject"),
        Wording::Requested => (
            "message-requested",
            "message-requested-next",
            "message-requested-subject",
        ),
        Wording::Confirmed => (
            "message-confirmed",
            "message-coming-next",
            "message-confirmed-subject",
        ),
        Wording::Moved => ("message-moved", "message-coming-next", "message-moved-subject"),
        Wording::RequestMoved => (
            "message-request-moved",
            "message-requested-next",
            "message-moved-subject",
        ),
        Wording::Declined => (
            "message-declined",
            "message-again-next",
            "message-declined-subject",
        ),
        Wording::CancelledByClinic => (
            "message-cancelled-by-clinic",
            "message-again-next",
            "message-cancelled-subject",
        ),
        Wording::CancelledByPatient => (
            "message-cancelled-by-patient",
            "message-again-next",
            "message-cancelled-subject",
        ),
        Wording::Expired => ("message-expired", "message-again-next", "message-expired-subject"),
        Wording::ReminderWeek | Wording::ReminderDay => (
            "message-reminder",
            "message-coming-next",
            "message-reminder-subject",
        ),
        Wording::PrescriptionReady => (
            "message-prescription",
            "message-page-next",
            "message-prescription-subject",
        ),
        Wording::RatingAsked => ("message-rating", "message-page-next", "message-rating-subject"),
        Wording::VisitRequested => (
            "message-visit-requested",
            "message-requested-next",
            "message-requested-subject",
        ),
        Wording::VisitConfirmed => (
            "message-visit-confirmed",
            "message-coming-next",
            "message-confirmed-subject",
        ),
        Wording::VisitDeclined => (
            "message-visit-declined",
            "message-again-next",
            "message-declined-subject",
        ),
        Wording::VisitCancelledByClinic => (
            "message-visit-cancelled-by-clinic",
            "message-again-next",
            "message-cancelled-subject",
        ),
        Wording::VisitCancelledByPatient => (
            "message-visit-cancelled-by-patient",
            "message-again-next",
            "message-cancelled-subject",
        ),
        Wording::VisitExpired => (
            "message-visit-expired",
            "message-again-next",
            "message-expired-subject",
        ),
        Wording::VisitReminderWeek | Wording::VisitReminderDay => (
            "message-visit-reminder",
            "message-coming-next",
            "message-reminder-subject",
        ),
        Wording::TimeKept => (
            "message-time-kept",
            "message-time-kept-next",
            "message-time-kept-subject",
        ),
        Wording::TimeFree => (
            "message-time-free",
            "message-time-free-next",
            "message-time-free-subject",
        ),
        Wording::StayBooked => (
            "message-stay-booked",
            "message-stay-next",
            "message-stay-booked-subject",
        ),
        Wording::StayChanged => (
            "message-stay-changed",
            "message-stay-next",
            "message-stay-changed-subject",
        ),
        Wording::StayCancelledByClinic => (
            "message-stay-cancelled-by-clinic",
            "message-stay-again-next",
            "message-stay-cancelled-subject",
        ),
        Wording::StayCancelledByPatient => (
            "message-stay-cancelled-by-patient",
            "message-stay-again-next",
            "message-stay-cancelled-subject",
        ),
        Wording::StayReminder => (
            "message-stay-reminder",
            "message-stay-next",
            "message-stay-reminder-subject",
        ),
        Wording::Paid => ("message-paid", "message-paid-next", "message-paid-subject"),
        Wording::PaymentLate => (
            "message-payment-late",
            "message-payment-late-next",
            "message-payment-late-subject",
        ),
        Wording::PaidBack => (
            "message-paid-back",
            "message-paid-back-next",
            "message-paid-back-subject",
        ),
        Wording::TimeOverlaps => (
            "message-time-overlaps",
            "message-time-overlaps-next",
            "message-time-overlaps-subject",
        ),
        Wording::SessionMoved => (
            "message-session-moved",
            "message-session-moved-next",
            "message-session-moved-subject",
        ),
        Wording::SessionCancelled => (
            "message-session-cancelled",
            "message-session-cancelled-next",
            "message-session-cancelled-subject",
        ),
        Wording::DoctorWrote => ("message-written", "message-page-next", "message-written-subject"),
    };
    (said, Some(next), subject)
}

/// The words that Janji ships in this language.
pub fn shipped(wording: Wording, locale: Locale) -> Words {
    let texts = Texts::of(locale);
    let mut values: Vec<_> = (wording.placeholders().iter())
        .map(|name| (*name, format!("{{{name}}}").into()))
        .collect();
    // Own words have no number, and so the shipped ones are shown for one.
    values.push(("count", 1.into()));
    let (said, next, subject) = keys(wording);
    let text = |key: &str| texts.with(key, &values);
    let mail = || -> String {
        let next = next.map(|next| format!("\n\n{}", text(next)));
        text(said) + &next.unwrap_or_default()
    };
    let (sms, mail, subject) = match (wording.has_sms(), wording.has_mail()) {
        (true, true) => (text(said), mail(), text(subject)),
        (true, false) => (text(said), String::new(), String::new()),
        (false, _) => (String::new(), mail(), text(subject)),
    };
    Words { sms, subject, mail }
}
