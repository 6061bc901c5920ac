//! The forms of appointments: booking, paying, seats, courses, stays, and the visit itself.

use super::{Known, Row, ask};
use crate::support::Everybody;

/// The answers to these forms that are others than they should be.
pub(super) async fn wrong(everybody: &Everybody, known: Known<'_>) -> Vec<String> {
    let Known {
        theirs,
        held,
        doctor,
        starts_at,
        later,
        wanted,
        group,
        ..
    } = known;
    let cancel = [
        ("reference", theirs),
        ("to", "cancelled"),
        ("version", "2"),
        ("reason", "x"),
    ];
    let confirm = [
        ("reference", theirs),
        ("to", "confirmed"),
        ("version", "2"),
        ("reason", ""),
    ];
    let found = [
        ("reference", "17"),
        ("refund", "1"),
        ("paid_back_reference", "17"),
        ("trouble", "1"),
    ];
    let reschedule = [("reference", theirs), ("version", "2"), ("starts_at", starts_at)];
    let hold = [
        ("doctor_id", doctor),
        ("clinic_id", &wanted[0]),
        ("service_id", &wanted[1]),
        ("starts_at", &wanted[2]),
    ];
    let of_held = [
        ("reference", held),
        ("name", "X"),
        ("phone", "+6281255500001"),
        ("reason", "x"),
    ];
    let number = [("id", "1")];
    let course = [
        ("doctor_id", doctor),
        ("clinic_id", &*wanted[0]),
        ("service_id", &*wanted[1]),
        // Nobody has this number.
        ("patient", "1"),
        ("times[0]", &*wanted[2]),
        ("times[1]", later),
    ];
    // Nobody has this number, and no stay this reference.
    let rooms = [
        ("room_type_id", "999"),
        ("patient", "1"),
        ("arrival", "2030-01-01"),
        ("departure", "2030-01-02"),
        ("rooms", "1"),
    ];
    let stay = [
        ("reference", "AAAA-AAAA"),
        ("presence", "arrived"),
        ("arrival", "2030-01-01"),
        ("departure", "2030-01-02"),
        ("rooms", "1"),
    ];
    let nights = [
        ("room_type_id", "999"),
        ("from", "2030-01-01"),
        ("to", "2030-01-02"),
        ("total", "1"),
    ];
    let session = [
        ("group", group),
        ("version", "9"),
        ("reason", "x"),
        ("seats", "1"),
    ];
    let one = format!("{theirs}:2");
    let chosen = [("chosen[0]", &*one)];
    let written = [("reference", theirs), ("message", "x")];
    let shown = [("reference", theirs), ("position", "1")];
    // Nobody has paid here.
    let payment = [("payment", "999")];
    let taken = [("reference", theirs), ("means", "cash")];
    let table: &[Row<'_>] = &[
        ("hold", &hold, [0, 0, 0, 403, 403, 403, 403, 403]),
        ("details", &of_held, [404, 404, 404, 404, 404, 0, 0, 404]),
        ("extend", &of_held[..1], [404, 404, 404, 404, 404, 404, 404, 404]),
        ("submit", &of_held[..1], [401, 404, 422, 403, 403, 403, 403, 403]),
        // There is no provider here.
        ("pay", &of_held[..1], [401, 0, 0, 403, 403, 403, 403, 403]),
        ("go-on-paying", &payment, [401, 404, 404, 403, 403, 403, 403, 403]),
        ("find-payment", &found, [401, 404, 404, 404, 404, 0, 0, 0]),
        // There is none of this number.
        (
            "pay-back-by-hand",
            &found,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("see-to-payment", &found, [401, 404, 404, 404, 404, 404, 404, 404]),
        ("take-payment", &taken, [401, 404, 404, 404, 404, 0, 0, 404]),
        ("reschedule", &reschedule, [401, 0, 404, 0, 404, 0, 0, 404]),
        ("change-status", &cancel, [401, 0, 404, 422, 404, 0, 0, 404]),
        ("change-status", &confirm, [401, 422, 404, 0, 404, 0, 0, 404]),
        // It takes place at the clinic, so that nobody writes; for those whose it is, that is tested elsewhere.
        (
            "write-message",
            &written,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("see-messages", &shown, [401, 404, 404, 404, 404, 404, 404, 404]),
        ("take-seats", &session, [401, 404, 404, 403, 403, 403, 403, 403]),
        // There is no provider here.
        ("pay-for-seats", &session, [401, 0, 0, 403, 403, 403, 403, 403]),
        // Nobody has this number; the session is a draft.
        ("seat-patient", &session, [401, 404, 404, 404, 404, 404, 404, 404]),
        ("plan-group", &session, [401, 404, 404, 422, 422, 422, 404, 404]),
        ("change-group", &session, [401, 404, 404, 422, 404, 422, 404, 404]),
        (
            "publish-group",
            &session,
            [401, 404, 404, 409, 404, 409, 404, 404],
        ),
        ("cancel-group", &session, [401, 404, 404, 409, 404, 409, 404, 404]),
        ("book-course", &course, [401, 404, 404, 404, 404, 404, 404, 404]),
        ("take-rooms", &rooms, [401, 404, 404, 404, 404, 404, 404, 404]),
        (
            "book-held-rooms",
            &stay[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "pay-for-rooms",
            &stay[..1],
            [401, 404, 404, 403, 403, 403, 403, 403],
        ),
        (
            "cancel-stay",
            &stay[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("change-stay", &stay, [401, 404, 404, 404, 404, 404, 404, 404]),
        (
            "set-stay-presence",
            &stay[..2],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("put-room-type", &[], [401, 404, 404, 404, 404, 422, 404, 404]),
        (
            "set-room-nights",
            &nights,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "cancel-rest",
            &cancel[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("clinical-note", &written, [401, 404, 404, 0, 404, 404, 404, 404]),
        ("confirm-several", &chosen, [401, 404, 404, 0, 0, 404, 404, 404]),
        ("put-template", &number, [401, 404, 404, 422, 422, 404, 404, 404]),
        // Nothing was prescribed.
        (
            "save-template",
            &written,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("delete-template", &number, [401, 404, 404, 0, 0, 404, 404, 404]),
        ("arrive", &cancel[..1], [401, 422, 404, 422, 404, 422, 422, 404]),
        (
            "take-back-arrival",
            &cancel[..1],
            [401, 422, 404, 422, 404, 422, 422, 404],
        ),
        ("show-sheet", &[], [401, 404, 404, 0, 0, 0, 0, 0]),
    ];
    ask(everybody, table).await
}
