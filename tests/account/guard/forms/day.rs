//! The forms of the work around a day: plans, patients, phone calls, the waitlist and messages.

use super::{Known, Row, ask};
use crate::support::Everybody;

/// The answers to these forms that are others than they should be.
pub(super) async fn wrong(everybody: &Everybody, known: Known<'_>) -> Vec<String> {
    let Known {
        doctor,
        starts_at,
        wanted,
        clinic,
        ..
    } = known;
    let active = [("doctor_id", doctor), ("version", "1"), ("active", "false")];
    let plan = [
        ("doctor_id", doctor),
        ("clinic_id", clinic),
        ("version", "1"),
        ("day", "2030-01-01"),
        ("first_day", "2030-01-01"),
        ("reason", "x"),
        ("id", "1"),
        ("doing", "cancel"),
    ];
    let patient = [("patient", "1"), ("phone", "+6281255500001")];
    let given = [("patient", "1"), ("doctor_id", doctor)];
    let close = [("phone", "+6281255500001"), ("act", "close")];
    let days = [("days", "90")];
    let link = [("secret", "nowhere"), ("version", "1"), ("starts_at", starts_at)];
    let message = [("id", "1"), ("phone", "+6281255500001")];
    let text = [("wording", "confirmed"), ("language", "en"), ("version", "0")];
    let waits = [
        ("service", &*wanted[1]),
        ("doctor", doctor),
        ("clinic", &*wanted[0]),
        // Nobody has this number.
        ("patient", "999999"),
    ];
    // No call and no patient have these numbers.
    let ring = [
        ("call", "999"),
        ("patient", "999999"),
        ("number", "+62215550101"),
        ("part", "begin"),
    ];
    let offered = [("entry", "999"), ("offer", "999")];
    let by_hand = [
        ("entry", "999"),
        ("offer", "1-1"),
        ("day", "2030-01-01"),
        ("hours", "09:00"),
    ];
    let table: &[Row<'_>] = &[
        (
            "set-doctor-active",
            &active,
            [401, 404, 404, 404, 404, 0, 404, 404],
        ),
        ("plan-week", &plan, [401, 404, 404, 0, 404, 0, 404, 404]),
        ("plan-exception", &plan, [401, 404, 404, 0, 404, 0, 404, 404]),
        ("remove-exception", &plan, [401, 404, 404, 0, 404, 0, 404, 404]),
        ("plan-absence", &plan, [401, 404, 404, 0, 404, 0, 404, 404]),
        ("remove-absence", &plan, [401, 404, 404, 0, 404, 0, 404, 404]),
        ("stop-day", &plan, [401, 404, 404, 0, 404, 0, 0, 404]),
        ("open-day", &plan, [401, 404, 404, 0, 404, 0, 0, 404]),
        ("cancel-day", &plan, [401, 404, 404, 0, 404, 0, 0, 404]),
        ("block-time", &plan, [401, 404, 404, 0, 404, 0, 404, 404]),
        ("share-phone", &patient, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("correct-phone", &patient, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("give-patient", &given, [401, 404, 404, 404, 404, 0, 404, 404]),
        (
            "take-patient-back",
            &given,
            [401, 404, 404, 404, 404, 0, 404, 404],
        ),
        ("confirm-number", &patient, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("number-days", &days, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("phone-access", &close, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("doctor-access", &active, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("phone-call-done", &ring, [401, 404, 404, 404, 404, 404, 404, 404]),
        (
            "check-heard-name",
            &ring,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("put-phone-line", &ring, [401, 404, 404, 404, 404, 422, 404, 404]),
        ("remove-phone-line", &ring, [401, 404, 404, 404, 404, 0, 404, 404]),
        // Without a key there is nobody to call.
        ("play-call", &ring, [404, 404, 404, 404, 404, 404, 404, 404]),
        ("join-waitlist", &waits, [401, 404, 404, 404, 404, 404, 404, 404]),
        (
            "leave-waitlist",
            &offered[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "accept-offer",
            &offered[1..],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "decline-offer",
            &offered[1..],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "offer-by-hand",
            &by_hand,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "offer-seats-by-hand",
            &offered[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("link-accept", &link, [404, 404, 404, 404, 404, 404, 404, 404]),
        ("link-decline", &link, [404, 404, 404, 404, 404, 404, 404, 404]),
        ("link-leave", &link, [404, 404, 404, 404, 404, 404, 404, 404]),
        ("link-come", &link, [404, 404, 404, 404, 404, 404, 404, 404]),
        ("link-arrive", &link, [404, 404, 404, 404, 404, 404, 404, 404]),
        (
            "link-cancel-stay",
            &link,
            [404, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("link-cancel", &link, [404, 404, 404, 404, 404, 404, 404, 404]),
        ("link-move", &link, [404, 404, 404, 404, 404, 404, 404, 404]),
        (
            "link-unsubscribe",
            &link,
            [404, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("link-email", &link, [404, 404, 404, 404, 404, 404, 404, 404]),
        ("save-contact", &[], [401, 0, 0, 403, 403, 403, 403, 403]),
        (
            "send-message-again",
            &message,
            [401, 404, 404, 404, 404, 0, 404, 404],
        ),
        (
            "send-test-message",
            &message,
            [401, 404, 404, 404, 404, 0, 404, 404],
        ),
        ("put-message-text", &text, [401, 404, 404, 404, 404, 0, 404, 404]),
        (
            "restore-message-text",
            &text,
            [401, 404, 404, 404, 404, 0, 404, 404],
        ),
    ];
    ask(everybody, table).await
}
