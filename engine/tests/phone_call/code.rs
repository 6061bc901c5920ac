//! Hearing, cancelling and moving what is booked takes the code that was sent to the number.

use engine::{
    booking::Wanted,
    phone_call::{Answer, Proof, Tool},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{APPOINTMENTS, CALLER, answer, asked, book, call, clinic, hidden, said, visit};
use crate::support::TestApp;

const CODES: &str = "select count(*) from login_codes";

fn mine(proof: Proof) -> Tool {
    Tool::MyAppointments { proof }
}

fn move_to(time: Wanted, proof: Proof) -> Tool {
    Tool::Move {
        appointment: String::new(),
        time: Some(time),
        proof,
    }
}

fn cancel(proof: Proof) -> Tool {
    Tool::Cancel {
        appointment: String::new(),
        proof,
    }
}

/// A caller who has booked a visit in a call of this name.
async fn booked(app: &TestApp) {
    let answer = answer(app, call("before"), Tool::Book(book(visit(app, 20), "Ibu Sari"))).await;
    assert!(matches!(answer, Answer::Booked { .. }), "{answer:?}");
}

#[sqlx::test]
async fn a_number_alone_opens_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let app = clinic(options).await;
    booked(&app).await;
    for tool in [
        mine(Proof::default()),
        cancel(Proof::default()),
        move_to(visit(&app, 40), Proof::default()),
    ] {
        let said = asked(&app, call("c1"), tool).await;
        assert_eq!(said.answer, Answer::CodeSent);
        assert!(!said.say.contains("Dr"), "{}", said.say);
    }
    // Once for the call, however often it is asked for within a minute.
    assert_eq!(app.count(CODES).await, 1);
    assert_eq!(app.count(APPOINTMENTS).await, 1);
}

#[sqlx::test]
async fn the_code_opens_what_is_ahead_until_the_call_ends(_: PgPoolOptions, options: PgConnectOptions) {
    let app = clinic(options).await;
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

#[sqlx::test]
async fn a_move_and_a_cancellation_happen_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = clinic(options).await;
    booked(&app).await;
    answer(&app, call("c1"), mine(Proof::default())).await;
    let code = app.newest_code(CALLER).await;
    let there = visit(&app, 40);
    let moved = asked(&app, call("c1"), move_to(there, said(&code))).await;
    assert!(
        matches!(&moved.answer, Answer::Moved { time, is_request: true } if time.wanted == there),
        "{moved:?}"
    );
    assert_eq!(asked(&app, call("c1"), move_to(there, said(&code))).await, moved);
    let cancelled = asked(&app, call("c1"), cancel(Proof::default())).await;
    assert!(
        matches!(cancelled.answer, Answer::Cancelled { .. }),
        "{cancelled:?}"
    );
    assert_eq!(asked(&app, call("c1"), cancel(Proof::default())).await, cancelled);
    assert_eq!(app.count(APPOINTMENTS).await, 0);
    assert_eq!(
        app.count("select count(*) from phone_call_steps where appointment_id is not null")
            .await,
        3
    );
    app.assert_whole().await;
}

#[sqlx::test]
async fn a_hidden_number_is_proved_by_its_code(_: PgPoolOptions, options: PgConnectOptions) {
    let app = clinic(options).await;
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

#[sqlx::test]
async fn thirty_copies_of_a_code_send_one_and_use_one_up(_: PgPoolOptions, options: PgConnectOptions) {
    let app = clinic(options).await;
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
