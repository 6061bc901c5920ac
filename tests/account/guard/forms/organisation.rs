//! The forms of the organisation: searches, its identity, closures, patients' cards, webhooks, calendars and calls.

use super::{Known, Row, ask};
use crate::support::Everybody;

/// The answers to these forms that are others than they should be.
pub(super) async fn wrong(everybody: &Everybody, known: Known<'_>) -> Vec<String> {
    let Known { doctor, clinic, .. } = known;
    // There is none of this number.
    let calendar = [
        ("account", "999"),
        ("busy[0]", "999"),
        ("question", "999"),
        ("answer", "keep"),
    ];
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
    let card = [("patient", "1"), ("version", "0"), ("name", "X")];
    let merging = [("stays", "1"), ("goes", "2"), ("merge", "999")];
    let call = [
        ("list", "999"),
        ("appointment", "1"),
        ("done", "true"),
        ("reason", "x"),
    ];
    let speciality = [("speciality", "Astrology"), ("name_de", "Sterndeutung")];
    let decision = [("decision", "expire")];
    // There is none of this number.
    let hook = [
        ("id", "999"),
        ("act", "pause"),
        ("hours", "1"),
        ("seen[id]", "999"),
        ("seen[version]", "1"),
        ("url", "https://hooks.example.com/"),
        ("description", "x"),
        ("events[0]", "appointment.confirmed"),
    ];
    let table: &[Row<'_>] = &[
        // Nobody has it.
        (
            "name-speciality",
            &speciality,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("find-anybody", &[], [401, 404, 404, 0, 0, 0, 0, 0]),
        ("search-board", &[], [401, 404, 404, 404, 404, 0, 0, 0]),
        ("search-day", &[], [401, 404, 404, 0, 0, 404, 404, 404]),
        (
            "put-identity",
            &active[1..2],
            [401, 404, 404, 404, 404, 0, 404, 404],
        ),
        ("put-logo", &active[1..2], [401, 404, 404, 404, 404, 0, 404, 404]),
        (
            "remove-logo",
            &active[1..2],
            [401, 404, 404, 404, 404, 0, 404, 404],
        ),
        (
            "decide-overdue",
            &decision,
            [401, 404, 404, 404, 404, 0, 404, 404],
        ),
        ("close-clinic", &plan, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("reopen-clinic", &plan, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("save-card", &card, [401, 404, 404, 404, 404, 404, 404, 404]),
        ("change-name", &card, [401, 404, 404, 403, 403, 403, 403, 403]),
        ("find-same", &card[..1], [401, 404, 404, 404, 404, 0, 404, 404]),
        (
            "merge-patients",
            &merging,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "undo-merge",
            &merging[2..],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("make-webhook", &[], [401, 404, 404, 422, 422, 422, 404, 404]),
        ("change-webhook", &hook, [401, 404, 404, 404, 404, 404, 404, 404]),
        (
            "webhook-state",
            &hook[..2],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "rotate-webhook-secret",
            &hook[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "test-webhook",
            &hook[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "replay-webhook",
            &hook[..3],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("link-calendar", &[], [401, 404, 404, 422, 422, 404, 404, 404]),
        (
            "choose-calendars",
            &calendar[..2],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "sync-calendar",
            &calendar[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "unlink-calendar",
            &calendar[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "answer-calendar",
            &calendar[2..],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("tick-call", &call, [401, 404, 404, 404, 404, 404, 404, 404]),
        (
            "cancel-all-calls",
            &call,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("move-all-calls", &call[..1], [401, 404, 404, 0, 0, 0, 0, 0]),
    ];
    ask(everybody, table).await
}
