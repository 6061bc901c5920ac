use super::*;
use crate::{i18n::Locale, time::plus_minutes};

const START: Timestamp = Timestamp::UNIX_EPOCH;

fn event(status: Status) -> Event {
    Event {
        reference: "K7QM-4D2P".to_owned(),
        status,
        starts_at: plus_minutes(START, 60),
        ends_at: plus_minutes(START, 80),
        version: 2,
        changed_at: START,
        shown_version: 0,
        shown_at: None,
        answer_until: (status == Status::Pending).then(|| plus_minutes(START, 30)),
        is_at_clinic: true,
        service: "Fertility, first visit; with \\ tests".to_owned(),
        service_names: crate::i18n::Names::default(),
        doctor: "Dr Sari".to_owned(),
        clinic: "Klinik Harapan".to_owned(),
        address: "Jl. Kenanga 12, Jakarta".to_owned(),
        patient: Some("Maya".to_owned()),
        session: None,
    }
}

fn telling(role: Role, details: bool) -> Telling {
    Telling {
        role,
        details,
        texts: Texts::of(Locale::En),
        origin: Some("https://clinic.example".to_owned()),
        installation: "7f".to_owned(),
    }
}

/// The lines of a file, as a program puts them together again.
fn lines(text: &str) -> Vec<String> {
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
    for line in text.split("\r\n") {
        assert!(line.len() <= MAX_IN_LINE, "{} bytes: {line}", line.len());
    }
    text.replace("\r\n ", "").lines().map(str::to_owned).collect()
}

fn has(text: &str, expected: &str) {
    let lines = lines(text);
    assert!(
        lines.iter().any(|line| line == expected),
        "no {expected} in {lines:#?}"
    );
}

#[test]
fn a_file_contains_the_time_and_place_but_not_the_reason() {
    let text = file(&event(Status::Confirmed), &telling(Role::Patient, false), START);
    for line in [
        "UID:K7QM-4D2P@7f",
        "SEQUENCE:2",
        "DTSTAMP:19700101T000000Z",
        "DTSTART:19700101T010000Z",
        "DTEND:19700101T012000Z",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "CLASS:PRIVATE",
        "SUMMARY:Appointment",
        "LOCATION:Jl. Kenanga 12\\, Jakarta",
        "URL:https://clinic.example/appointments/K7QM-4D2P",
    ] {
        has(&text, line);
    }
    for secret in ["Fertility", "Sari", "Maya", "Harapan"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn details_contain_the_name_of_the_other_person() {
    let of = |role, details| file(&event(Status::Confirmed), &telling(role, details), START);
    let patients = of(Role::Patient, true);
    has(
        &patients,
        "SUMMARY:Fertility\\, first visit\\; with \\\\ tests\\, Dr Sari",
    );
    has(&patients, "LOCATION:Klinik Harapan\\, Jl. Kenanga 12\\, Jakarta");
    assert!(!patients.contains("Maya"));
    has(
        &of(Role::Doctor, true),
        "SUMMARY:Maya\\, Fertility\\, first visit\\; with \\\\ tests",
    );
    let doctors = of(Role::Doctor, false);
    has(&doctors, "SUMMARY:Appointment K7QM-4D2P");
    has(
        &doctors,
        "URL:https://clinic.example/doctor/appointments/K7QM-4D2P",
    );
    assert!(!doctors.contains("Maya"));
}

#[test]
fn a_status_is_one_of_the_three_of_icalendar() {
    for (status, expected, title) in [
        (Status::Pending, "TENTATIVE", "Appointment (requested)"),
        (Status::Confirmed, "CONFIRMED", "Appointment"),
        (Status::InProgress, "CONFIRMED", "Appointment"),
        (Status::Completed, "CONFIRMED", "Appointment"),
        // Its time was kept.
        (Status::NoShow, "CONFIRMED", "Appointment"),
        (Status::Cancelled, "CANCELLED", "Appointment (cancelled)"),
        (Status::Rejected, "CANCELLED", "Appointment (cancelled)"),
        (Status::Expired, "CANCELLED", "Appointment (cancelled)"),
    ] {
        let text = file(&event(status), &telling(Role::Patient, false), START);
        has(&text, &format!("STATUS:{expected}"));
        has(&text, &format!("SUMMARY:{title}"));
    }
}

#[test]
fn an_expired_request_reads_the_same_before_and_after_it_is_written() {
    let ran_out = plus_minutes(START, 30);
    let telling = telling(Role::Patient, false);
    let before = file(&event(Status::Pending), &telling, START);
    has(&before, "SEQUENCE:2");
    let text = file(&event(Status::Pending), &telling, ran_out);
    has(&text, "STATUS:CANCELLED");
    has(&text, "SEQUENCE:3");
    let mut written_down = event(Status::Expired);
    written_down.version = 3;
    // Some time later, as the worker comes by.
    written_down.changed_at = plus_minutes(ran_out, 5);
    written_down.answer_until = Some(ran_out);
    assert_eq!(file(&written_down, &telling, ran_out), text);
}

#[test]
fn names_from_right_to_left_are_isolated() {
    let mut event = event(Status::Confirmed);
    event.patient = Some("سارة\u{202e}".to_owned());
    has(
        &file(&event, &telling(Role::Doctor, true), START),
        "SUMMARY:\u{2068}سارة\u{2069}\\, Fertility\\, first visit\\; with \\\\ tests",
    );
}

#[test]
fn long_lines_are_folded_between_characters() {
    for length in 1..400 {
        for unit in ["a", "ü", "診", "🩺", "a ", "a,", "診 療"] {
            let mut event = event(Status::Confirmed);
            event.service = unit.repeat(length);
            event.doctor = "\r\nATTENDEE:mailto:a@b.example".to_owned();
            let text = file(&event, &telling(Role::Patient, true), START);
            let expected = format!("{}, \\nATTENDEE:mailto:a@b.example", event.service);
            let expected = expected.replace(",", "\\,");
            has(&text, &format!("SUMMARY:{expected}"));
        }
    }
}

#[test]
fn a_feed_has_a_name_and_an_interval_of_refresh() {
    let events = [event(Status::Confirmed), event(Status::Cancelled)];
    let text = feed(&events, &telling(Role::Patient, false), START);
    for line in [
        "X-WR-CALNAME:Appointments",
        "NAME;VALUE=TEXT:Appointments",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ] {
        has(&text, line);
    }
    assert_eq!(text.matches("BEGIN:VEVENT\r\n").count(), 2);
    assert!(!text.contains("METHOD"));
}

#[test]
fn whatever_is_shown_counts_as_a_change_of_the_entry() {
    let telling = telling(Role::Patient, true);
    let mut event = event(Status::Confirmed);
    event.shown_version = 3;
    event.shown_at = Some(plus_minutes(START, 7));
    let text = file(&event, &telling, START);
    has(&text, "SEQUENCE:5");
    has(&text, "LAST-MODIFIED:19700101T000700Z");
    has(&text, "DTSTAMP:19700101T000700Z");
    // A later change of the appointment itself.
    event.changed_at = plus_minutes(START, 9);
    event.version = 3;
    let text = file(&event, &telling, START);
    has(&text, "SEQUENCE:6");
    has(&text, "LAST-MODIFIED:19700101T000900Z");
}

#[test]
fn an_empty_feed_has_a_component() {
    let telling = telling(Role::Patient, false);
    let text = feed(&[], &telling, START);
    assert_eq!(text.matches("BEGIN:VTIMEZONE\r\n").count(), 1, "{text}");
    assert!(
        text.ends_with("END:STANDARD\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n"),
        "{text}"
    );
    lines(&text);
    let full = feed(&[event(Status::Confirmed)], &telling, START);
    assert!(!full.contains("VTIMEZONE"), "{full}");
}
