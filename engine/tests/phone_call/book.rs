//! Booking on the phone: who it is for, once, and what is said where it cannot be.

use engine::{
    account::{
        access::{SetAccess, set_access},
        session::SignedIn,
    },
    appointment::{AppointmentName, Status, history},
    booking::{self, Wanted},
    phone_call::{self, Answer, BookTime, Call, CallEvent, Tool, What, names_to_check, note_event},
};

use super::{APPOINTMENTS, CALLER, PATIENTS, answer, ask, asked, book, call, clinic, hidden, rules, visit};
use crate::support::{INSTANT, RULES, TestApp, VISIT, patient_caller};

fn booked(answer: &Answer) -> &str {
    match answer {
        Answer::Booked { reference, .. } => reference,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_booking_is_a_patient_an_appointment_and_a_history_by_phone() {
    let app = clinic().await;
    let said = asked(&app, call("c1"), Tool::Book(book(visit(&app, 20), "Ibu Sari"))).await;
    assert!(said.say.starts_with("I have asked for Visit on "), "{}", said.say);
    let reference = booked(&said.answer).to_owned();
    let (phone, name): (String, String) = sqlx::query_as("select phone, name from patients")
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap();
    assert_eq!((phone.as_str(), name.as_str()), (CALLER, "Ibu Sari"));
    let which = AppointmentName::Reference(reference);
    let history = history(&app.database, app.admin_caller(), which).await.unwrap();
    assert_eq!(history.changes.len(), 1);
    assert!(history.changes[0].by_phone);
    assert_eq!(history.changes[0].to, Status::Pending);
    let heard = names_to_check(&app.database, &app.admin_caller(), app.now)
        .await
        .unwrap();
    assert_eq!(heard.len(), 1);
    app.assert_whole().await;
}

#[tokio::test]
async fn the_same_step_has_one_effect_and_one_answer() {
    let app = clinic().await;
    let first = asked(&app, call("c1"), Tool::Book(book(visit(&app, 20), "Ibu Sari"))).await;
    for (name, reason, confirm_second) in [
        ("Ibu Sari", "A cough", false),
        (" ibu  sari ", "Something else", false),
        ("Ibu Sari", "A cough", true),
    ] {
        let again = BookTime {
            reason: reason.to_owned(),
            confirm_second,
            ..book(visit(&app, 20), name)
        };
        assert_eq!(asked(&app, call("c1"), Tool::Book(again)).await, first);
    }
    assert_eq!(app.count(APPOINTMENTS).await, 1);
    assert_eq!(app.count(PATIENTS).await, 1);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_second_booking_of_a_call_is_asked_for_twice() {
    let app = clinic().await;
    answer(&app, call("c1"), Tool::Book(book(visit(&app, 20), "Ibu Sari"))).await;
    let second = book(visit(&app, 30), "Ibu Sari");
    assert_eq!(
        answer(&app, call("c1"), Tool::Book(second.clone())).await,
        Answer::Second
    );
    assert_eq!(app.count(APPOINTMENTS).await, 1);
    let confirmed = BookTime {
        confirm_second: true,
        ..second
    };
    booked(&answer(&app, call("c1"), Tool::Book(confirmed)).await);
    // Another call is another one.
    booked(&answer(&app, call("c2"), Tool::Book(book(visit(&app, 40), "Ibu Sari"))).await);
    assert_eq!(app.count(APPOINTMENTS).await, 3);
    assert_eq!(app.count(PATIENTS).await, 1);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_service_that_is_booked_at_once_is_booked_at_once() {
    let app = clinic().await;
    let wanted = app.wanted(0, INSTANT, app.slot(20));
    match answer(&app, call("c1"), Tool::Book(book(wanted, "Ibu Sari"))).await {
        Answer::Booked { is_request, .. } => assert!(!is_request),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn it_is_asked_for_whom_it_is_where_several_share_a_number() {
    let app = clinic().await;
    answer(&app, call("c1"), Tool::Book(book(visit(&app, 20), "Ibu Sari"))).await;
    let child = book(visit(&app, 30), "Anak Dewi");
    let said = asked(&app, call("c2"), Tool::Book(child.clone())).await;
    assert_eq!(said.answer, Answer::WhoFor);
    // Nobody hears who has the number.
    assert!(!said.say.contains("Sari"), "{}", said.say);
    assert_eq!(app.count(PATIENTS).await, 1);
    let new = BookTime {
        is_new_person: true,
        ..child
    };
    booked(&answer(&app, call("c2"), Tool::Book(new)).await);
    assert_eq!(app.count(PATIENTS).await, 2);
    // Now that she is known, her name is enough; without one it has to be said.
    let nobody = answer(&app, call("c3"), Tool::Book(book(visit(&app, 40), ""))).await;
    assert_eq!(nobody, Answer::WhoFor);
    booked(&answer(&app, call("c3"), Tool::Book(book(visit(&app, 40), "anak dewi"))).await);
    assert_eq!(app.count(PATIENTS).await, 2);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_new_number_says_a_name_first() {
    let app = clinic().await;
    for name in ["", "  ", &"x".repeat(200)] {
        let refused = answer(&app, call("c1"), Tool::Book(book(visit(&app, 20), name))).await;
        assert_eq!(refused, Answer::NameMissing, "{name}");
    }
    assert_eq!(app.count(PATIENTS).await, 0);
}

#[tokio::test]
async fn a_time_that_is_gone_is_answered_with_others() {
    let app = clinic().await;
    let other = app.patient(1).await;
    app.books(other, visit(&app, 20)).await.unwrap();
    let said = asked(&app, call("c1"), Tool::Book(book(visit(&app, 20), "Ibu Sari"))).await;
    let Answer::Taken { times } = &said.answer else {
        panic!("{said:?}");
    };
    assert_eq!(times.len(), 3);
    assert!(times.iter().all(|time| time.wanted.clinic_id == app.clinic));
    // Who was refused leaves nobody behind.
    assert_eq!(app.count(PATIENTS).await, 1);
    booked(&answer(&app, call("c1"), Tool::Book(book(times[0].wanted, "Ibu Sari"))).await);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_time_that_the_call_holds_is_its_own() {
    let app = clinic().await;
    let wanted = visit(&app, 20);
    for _ in 0..2 {
        let held = answer(&app, call("c1"), Tool::HoldTime { time: Some(wanted) }).await;
        assert!(matches!(held, Answer::Held { minutes: 10, .. }), "{held:?}");
    }
    let other = answer(&app, call("c2"), Tool::HoldTime { time: Some(wanted) }).await;
    assert!(matches!(other, Answer::Taken { .. }), "{other:?}");
    booked(&answer(&app, call("c1"), Tool::Book(book(wanted, "Ibu Sari"))).await);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_caller_who_is_somewhere_else_or_has_enough_hears_so() {
    let app = clinic().await;
    booked(&answer(&app, call("c1"), Tool::Book(book(visit(&app, 20), "Ibu Sari"))).await);
    let elsewhere = app.wanted(1, VISIT, app.slot(20));
    let refused = answer(&app, call("c2"), Tool::Book(book(elsewhere, "Ibu Sari"))).await;
    assert_eq!(refused, Answer::Overlap);
    let mut much = ask(call("c3"), Tool::Book(book(visit(&app, 40), "Ibu Sari")));
    much.rules.booking.open_requests = 1;
    let said = phone_call::answer(&app.database, much, app.now).await;
    assert_eq!(said.answer, Answer::TooMany);
}

#[tokio::test]
async fn a_patient_whose_account_is_closed_is_called_back() {
    let app = clinic().await;
    booked(&answer(&app, call("c1"), Tool::Book(book(visit(&app, 20), "Ibu Sari"))).await);
    let id = app.count("select id from patients").await;
    let close = SetAccess {
        caller: Some(app.admin_caller()),
        who: SignedIn::Patient(id),
        active: false,
        key: None,
    };
    set_access(&app.database, close, app.now).await.unwrap();
    let refused = answer(&app, call("c2"), Tool::Book(book(visit(&app, 30), "Ibu Sari"))).await;
    assert_eq!(refused, Answer::Closed);
    assert_eq!(
        app.count("select count(*) from phone_calls where needs = 'failed' and call_id = 'c2'")
            .await,
        1
    );
    assert_eq!(app.count(PATIENTS).await, 1);
    app.assert_whole().await;
}

#[tokio::test]
async fn nothing_is_booked_where_nobody_knows_the_clinic() {
    let app = clinic().await;
    let unknown = Call {
        line: "+62215559999".to_owned(),
        ..call("c1")
    };
    let tool = Tool::Book(book(visit(&app, 20), "Ibu Sari"));
    assert_eq!(answer(&app, unknown, tool).await, Answer::ClinicUnknown);
    // A time of another clinic is none of this one's.
    let elsewhere = Wanted {
        clinic_id: app.another_clinic().await,
        ..visit(&app, 20)
    };
    let tool = Tool::Book(book(elsewhere, "Ibu Sari"));
    assert_eq!(answer(&app, call("c2"), tool).await, Answer::NotFound);
    assert_eq!(app.count(PATIENTS).await, 0);
}

#[tokio::test]
async fn a_hidden_number_has_to_be_said() {
    let app = clinic().await;
    let tool = Tool::Book(book(visit(&app, 20), "Ibu Sari"));
    assert_eq!(answer(&app, hidden("c1"), tool).await, Answer::NumberMissing);
    assert_eq!(app.count(PATIENTS).await, 0);
}

#[tokio::test]
async fn a_number_that_calls_without_end_is_asked_to_call_later() {
    let app = clinic().await;
    let find = || Tool::FindTimes {
        service: "visit".to_owned(),
        doctor: String::new(),
        day: None,
        part: None,
    };
    for (number, expected) in [(1, true), (2, true), (3, false), (2, true)] {
        // The provider tells of the call before its agent asks for anything.
        let began = CallEvent {
            call: call(&format!("c{number}")),
            what: What::Started,
            began_at: Some(app.now),
            ended_at: None,
            because: None,
            is_faulty: false,
            transcript: None,
        };
        note_event(&app.database, began, &rules(), app.now).await.unwrap();
        let mut few = ask(call(&format!("c{number}")), find());
        few.rules.calls_per_number = 2;
        let said = phone_call::answer(&app.database, few, app.now).await;
        assert_eq!(said.answer != Answer::Later, expected, "{number}: {said:?}");
    }
}

#[tokio::test]
async fn what_is_paid_before_it_is_booked_is_a_task_of_the_desk() {
    let app = clinic().await;
    app.sql(
        "update services set price_minor = 15000000, currency = 'IDR', pay_when = 'before' where key = 'instant'",
    )
    .await;
    let wanted = app.wanted(0, INSTANT, app.slot(20));
    let find = Tool::FindTimes {
        service: "instant".to_owned(),
        doctor: String::new(),
        day: None,
        part: None,
    };
    let tools = [
        find,
        Tool::HoldTime { time: Some(wanted) },
        Tool::Book(book(wanted, "Ibu Sari")),
    ];
    for (number, tool) in tools.into_iter().enumerate() {
        let said = asked(&app, call(&format!("c{number}")), tool).await;
        assert_eq!(said.answer, Answer::PayFirst);
        assert!(said.say.contains("paid"), "{}", said.say);
    }
    assert_eq!(app.count("select count(*) from appointments").await, 0);
    assert_eq!(app.count(PATIENTS).await, 0);
    let open = "select count(*) from phone_calls where needs = 'failed' and done_at is null and needs_number = number";
    assert_eq!(app.count(open).await, 3);
    app.assert_whole().await;
}

/// What an appointment of a known patient looks like to the page is not changed by who rings.
#[tokio::test]
async fn an_appointment_that_was_made_on_a_page_is_not_by_phone() {
    let app: TestApp = clinic().await;
    let patient = app.patient(1).await;
    let booked = booking::Book {
        caller: patient_caller(patient),
        wanted: visit(&app, 20),
        patient_id: patient,
        reason: String::new(),
        overbook: None,
        rules: RULES,
        key: None,
    };
    let booked = booking::book(&app.database, booked, app.now).await.unwrap();
    let which = AppointmentName::Id(booked.id);
    let history = history(&app.database, app.admin_caller(), which).await.unwrap();
    assert!(!history.changes[0].by_phone);
}
