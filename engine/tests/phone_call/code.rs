//! Hearing, cancelling and moving what is booked takes the code that was sent to the number.

use engine::{
    appointment::{ChangeStatus, Status, change_status},
    group::{Details, Plan, plan, take},
    nobody::NOBODY,
    phone_call::{Answer, Proof, Tool},
};

use super::{
    APPOINTMENTS, CALLER, answer, asked, book, call, cancel, clinic, hidden, move_to, prove, said, visit,
};
use crate::support::{INSTANT, TestApp, patient_caller};

const CODES: &str = "select count(*) from login_codes";

fn mine(proof: Proof) -> Tool {
    Tool::MyAppointments { proof }
}

/// A caller who has booked a visit in a call of this name.
async fn booked(app: &TestApp) {
    let answer = answer(app, call("before"), Tool::Book(book(visit(app, 20), "Ibu Sari"))).await;
    assert!(matches!(answer, Answer::Booked { .. }), "{answer:?}");
}

#[tokio::test]
async fn a_number_alone_opens_nothing() {
    let app = clinic().await;
    booked(&app).await;
    for tool in [mine(Proof::default()), cancel(""), move_to(visit(&app, 40))] {
        let said = asked(&app, call("c1"), tool).await;
        assert_eq!(said.answer, Answer::CodeSent);
        assert!(!said.say.contains("Dr"), "{}", said.say);
    }
    // Once for the call, however often it is asked for within a minute.
    assert_eq!(app.count(CODES).await, 1);
    assert_eq!(app.count(APPOINTMENTS).await, 1);
}

#[tokio::test]
async fn the_code_opens_what_is_ahead_until_the_call_ends() {
    let app = clinic().await;
    booked(&app).await;
    answer(&app, call("c1"), mine(Proof::default())).await;
    let code = app.newest_code(CALLER).await;
    let wrong = if code == "111111" { "222222" } else { "111111" };
    assert_eq!(
        answer(&app, call("c1"), mine(said(wrong))).await,
        Answer::CodeWrong
    );
    assert_eq!(
        answer(&app, call("c1"), mine(said("hello"))).await,
        Answer::CodeWrong
    );
    let heard = answer(&app, call("c1"), mine(said(&code))).await;
    let Answer::Appointments { appointments } = heard else {
        panic!("{heard:?}");
    };
    assert_eq!(appointments.len(), 1);
    // It is proved for this call, and for no other one.
    let again = answer(&app, call("c1"), mine(Proof::default())).await;
    assert!(matches!(again, Answer::Appointments { .. }));
    let other = answer(&app, call("c2"), mine(said(&code))).await;
    assert_eq!(other, Answer::CodeSent);
    app.sql("update phone_calls set ended_at = now(), proved_number = null where call_id = 'c1'")
        .await;
    assert_eq!(
        answer(&app, call("c1"), mine(said(&code))).await,
        Answer::CodeWrong
    );
}

#[tokio::test]
async fn a_move_and_a_cancellation_happen_once() {
    let app = clinic().await;
    booked(&app).await;
    answer(&app, call("c1"), mine(Proof::default())).await;
    let code = app.newest_code(CALLER).await;
    let there = visit(&app, 40);
    let move_there = || Tool::Move {
        appointment: String::new(),
        time: Some(there),
        proof: said(&code),
    };
    let moved = asked(&app, call("c1"), move_there()).await;
    assert!(
        matches!(&moved.answer, Answer::Moved { time, is_request: true } if time.wanted == there),
        "{moved:?}"
    );
    assert_eq!(asked(&app, call("c1"), move_there()).await, moved);
    let cancelled = asked(&app, call("c1"), cancel("")).await;
    assert!(
        matches!(cancelled.answer, Answer::Cancelled { .. }),
        "{cancelled:?}"
    );
    assert_eq!(asked(&app, call("c1"), cancel("")).await, cancelled);
    assert_eq!(app.count(APPOINTMENTS).await, 0);
    assert_eq!(
        app.count("select count(*) from phone_call_steps where appointment_id is not null")
            .await,
        3
    );
    app.assert_whole().await;
}

/// The moment of the only appointment, in seconds.
const STARTS_AT: &str = "select extract(epoch from starts_at)::bigint from appointments";

#[tokio::test]
async fn a_time_that_was_left_is_moved_to_once_more() {
    let app = clinic().await;
    booked(&app).await;
    prove(&app, "c1").await;
    // To where it is already, there, elsewhere and there again.
    for slot in [20, 40, 60, 40] {
        let there = visit(&app, slot);
        for _ in 0..2 {
            let moved = answer(&app, call("c1"), move_to(there)).await;
            assert!(
                matches!(&moved, Answer::Moved { time, .. } if time.wanted == there),
                "{moved:?}"
            );
            assert_eq!(app.count(STARTS_AT).await, there.starts_at);
        }
    }
    let moves = "select count(*) from appointment_changes where from_starts_at <> to_starts_at";
    assert_eq!(app.count(moves).await, 3);
    app.assert_whole().await;
}

#[tokio::test]
async fn what_was_cancelled_is_booked_and_cancelled_once_more() {
    let app = clinic().await;
    let time = visit(&app, 20);
    let first = answer(&app, call("c1"), Tool::Book(book(time, "Ibu Sari"))).await;
    assert!(matches!(first, Answer::Booked { .. }), "{first:?}");
    prove(&app, "c1").await;
    for _ in 0..2 {
        let cancelled = answer(&app, call("c1"), cancel("")).await;
        assert!(matches!(cancelled, Answer::Cancelled { .. }), "{cancelled:?}");
        assert_eq!(app.count(APPOINTMENTS).await, 0);
    }
    // Nothing that was booked in this call stands, so nobody is asked whether it is a second one.
    let again = answer(&app, call("c1"), Tool::Book(book(time, "Ibu Sari"))).await;
    assert!(matches!(again, Answer::Booked { .. }), "{again:?}");
    assert_ne!(again, first);
    assert_eq!(
        answer(&app, call("c1"), Tool::Book(book(time, "Ibu Sari"))).await,
        again
    );
    assert_eq!(app.count(APPOINTMENTS).await, 1);
    for _ in 0..2 {
        let cancelled = answer(&app, call("c1"), cancel("")).await;
        assert!(matches!(cancelled, Answer::Cancelled { .. }), "{cancelled:?}");
        assert_eq!(app.count(APPOINTMENTS).await, 0);
    }
    app.assert_whole().await;
}

/// The caller said once that the only appointment is to go. What somebody books elsewhere since then is another one.
#[tokio::test]
async fn a_cancellation_that_is_sent_again_does_not_cancel_what_came_since() {
    let app = clinic().await;
    booked(&app).await;
    prove(&app, "c1").await;
    let cancelled = answer(&app, call("c1"), cancel("")).await;
    let patient = app.count("select id from patients").await;
    app.books(patient, visit(&app, 30)).await.unwrap();
    assert_eq!(answer(&app, call("c1"), cancel("")).await, cancelled);
    // Nor where the answer to the first one was lost.
    app.sql(
        "update phone_call_steps set answer = null, outcome = 'asked', appointment_id = null, version = null
         where outcome = 'cancelled'",
    )
    .await;
    assert_eq!(answer(&app, call("c1"), cancel("")).await, cancelled);
    assert_eq!(app.count(APPOINTMENTS).await, 1);
    app.assert_whole().await;
}

#[tokio::test]
async fn what_somebody_else_has_cancelled_is_not_found() {
    let app = clinic().await;
    let first = answer(
        &app,
        call("before"),
        Tool::Book(book(visit(&app, 20), "Ibu Sari")),
    )
    .await;
    let Answer::Booked { reference, .. } = first else {
        panic!("{first:?}");
    };
    prove(&app, "c1").await;
    let patient = app.count("select id from patients").await;
    let by_page = ChangeStatus {
        caller: patient_caller(patient),
        which: reference.as_str().into(),
        to: Status::Cancelled,
        version: None,
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, by_page, app.now).await.unwrap();
    for named in ["", reference.as_str()] {
        assert_eq!(answer(&app, call("c1"), cancel(named)).await, Answer::NotFound);
    }
    assert_eq!(
        answer(&app, call("c1"), move_to(visit(&app, 40))).await,
        Answer::NotFound
    );
    // A step that found nothing to cancel looks again.
    answer(&app, call("c1"), Tool::Book(book(visit(&app, 30), "Ibu Sari"))).await;
    let cancelled = answer(&app, call("c1"), cancel("")).await;
    assert!(matches!(cancelled, Answer::Cancelled { .. }), "{cancelled:?}");
    app.assert_whole().await;
}

#[tokio::test]
async fn a_seat_in_a_session_without_a_doctor_is_told_without_one() {
    let app = clinic().await;
    // The number of the caller.
    let patient_id = app.patient(777).await;
    let session = Plan {
        caller: app.admin_caller(),
        doctor_id: NOBODY,
        clinic_id: app.clinic,
        service_id: app.services[INSTANT],
        details: Details {
            title: "Birth class".to_owned(),
            starts_at: app.slot(20),
            minutes: 60,
            capacity: 5,
            price: None,
        },
        weeks: 1,
        publish: true,
        key: None,
    };
    let group_id = plan(&app.database, session, app.now).await.unwrap()[0].id;
    let seat = app.taking(group_id, patient_id, 1);
    take(&app.database, seat, app.now).await.unwrap();
    prove(&app, "c1").await;
    let heard = asked(&app, call("c1"), mine(Proof::default())).await;
    let Answer::Appointments { appointments } = &heard.answer else {
        panic!("{heard:?}");
    };
    assert_eq!(appointments[0].time.doctor, None);
    assert!(
        !heard.say.contains(" with ") && !heard.say.contains('–'),
        "{}",
        heard.say
    );
}

#[tokio::test]
async fn a_hidden_number_is_proved_by_its_code() {
    let app = clinic().await;
    let with = |code: &str| {
        let mut wish = book(visit(&app, 20), "Ibu Sari");
        wish.proof = Proof {
            number: "0812 5550 0777".to_owned(),
            code: code.to_owned(),
            again: false,
        };
        Tool::Book(wish)
    };
    assert_eq!(answer(&app, hidden("c1"), with("")).await, Answer::CodeSent);
    assert_eq!(app.count(APPOINTMENTS).await, 0);
    let code = app.newest_code(CALLER).await;
    let booked = answer(&app, hidden("c1"), with(&code)).await;
    assert!(matches!(booked, Answer::Booked { .. }), "{booked:?}");
    assert_eq!(
        app.count("select count(*) from patients where phone = '+6281255500777'")
            .await,
        1
    );
}

#[tokio::test]
async fn thirty_copies_of_a_code_send_one_and_use_one_up() {
    let app = clinic().await;
    booked(&app).await;
    let ask_all = |proof: Proof| {
        let (database, now) = (app.database.clone(), app.now);
        (0..30)
            .map(|_| {
                let (database, ask) = (database.clone(), super::ask(call("c1"), mine(proof.clone())));
                async move { engine::phone_call::answer(&database, ask, now).await.answer }
            })
            .collect::<Vec<_>>()
    };
    let sent = app.race(ask_all(Proof::default())).await;
    assert!(sent.iter().all(|answer| *answer == Answer::CodeSent), "{sent:?}");
    assert_eq!(app.count(CODES).await, 1);
    let code = app.newest_code(CALLER).await;
    app.sql("update login_codes set attempts_left = 100").await;
    let heard = app.race(ask_all(said(&code))).await;
    let is_open =
        |answer: &Answer| matches!(answer, Answer::Appointments { appointments } if appointments.len() == 1);
    // Guesses are slowed down where many come at once; nobody is told that the code is wrong.
    assert!(heard.iter().any(is_open), "{heard:?}");
    assert!(
        heard
            .iter()
            .all(|answer| is_open(answer) || *answer == Answer::Later),
        "{heard:?}"
    );
}
