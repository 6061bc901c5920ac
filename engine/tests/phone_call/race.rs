//! Everything is sent many times at once: one effect, one answer, and each time has one owner.

use std::pin::Pin;

use engine::{
    account::Phone,
    booking,
    phone_call::{self, Answer, Call, CallEvent, Tool, What, note_event},
};

use super::{
    APPOINTMENTS, PATIENTS, answer, ask, book, call, cancel, clinic, move_to, phone, prove, rules, visit,
};
use crate::support::{HOURS, RULES, TestApp, patient_caller};

const COPIES: usize = 30;
const DEADLOCKS: &str =
    "select coalesce(deadlocks, 0) from pg_stat_database where datname = current_database()";

type Deed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

fn asking(app: &TestApp, call: Call, tool: Tool) -> Deed<Answer> {
    let (database, now) = (app.database.clone(), app.now);
    Box::pin(async move { phone_call::answer(&database, ask(call, tool), now).await.answer })
}

fn telling(app: &TestApp, call: Call, what: What) -> Deed<Answer> {
    let (database, now) = (app.database.clone(), app.now);
    Box::pin(async move {
        let event = CallEvent {
            call,
            what,
            began_at: Some(now),
            ended_at: (what != What::Started).then_some(now),
            because: (what != What::Started).then(|| "user_hangup".to_owned()),
            is_faulty: false,
            transcript: Some("Hello".to_owned()),
        };
        note_event(&database, event, &rules(), now).await.unwrap();
        Answer::CallbackNoted
    })
}

/// So many numbers, each of somebody else.
fn number(of: usize) -> Phone {
    phone(&format!("+62812555{:05}", 30_000 + of))
}

#[tokio::test]
async fn thirty_copies_of_a_booking_make_one() {
    let app = clinic().await;
    app.without_constraints().await;
    let deeds = (0..COPIES)
        .map(|_| asking(&app, call("c1"), Tool::Book(book(visit(&app, 20), "Ibu Sari"))))
        .collect();
    let answers = app.race(deeds).await;
    assert!(matches!(answers[0], Answer::Booked { .. }), "{answers:?}");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(app.count(APPOINTMENTS).await, 1);
    assert_eq!(app.count(PATIENTS).await, 1);
    assert_eq!(app.count("select count(*) from phone_calls").await, 1);
    assert_eq!(app.count(DEADLOCKS).await, 0);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_booking_and_the_events_of_its_call_come_in_every_order() {
    let app = clinic().await;
    let mut deeds = Vec::new();
    for number in 0..COPIES {
        let book = Tool::Book(book(visit(&app, 20), "Ibu Sari"));
        deeds.push(match number % 5 {
            0 => telling(&app, call("c1"), What::Ended),
            1 => telling(&app, call("c1"), What::Started),
            2 => telling(&app, call("c1"), What::Analyzed),
            _ => asking(&app, call("c1"), book),
        });
    }
    let answers = app.race(deeds).await;
    let booked: Vec<&Answer> = answers
        .iter()
        .filter(|answer| **answer != Answer::CallbackNoted)
        .collect();
    assert!(matches!(booked[0], Answer::Booked { .. }), "{booked:?}");
    assert!(booked.iter().all(|answer| *answer == booked[0]), "{booked:?}");
    assert_eq!(app.count(APPOINTMENTS).await, 1);
    assert_eq!(app.count("select count(*) from phone_calls").await, 1);
    assert_eq!(
        app.count(
            "select count(*) from phone_calls where ended_because = 'user_hangup' and transcript is null"
        )
        .await,
        1
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn thirty_calls_of_one_new_number_make_one_patient() {
    let app = clinic().await;
    let deeds = (0..COPIES)
        .map(|number| {
            let slot = 20 + 2 * i64::try_from(number).unwrap();
            let tool = Tool::Book(book(visit(&app, slot), "Ibu Sari"));
            asking(&app, call(&format!("c{number}")), tool)
        })
        .collect();
    let answers = app.race(deeds).await;
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer, Answer::Booked { .. })),
        "{answers:?}"
    );
    assert_eq!(app.count(PATIENTS).await, 1);
    assert_eq!(app.count("select count(*) from phone_call_names").await, 1);
    assert_eq!(app.count(DEADLOCKS).await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn of_twenty_calls_and_twenty_programs_for_one_time_one_wins() {
    let app = clinic().await;
    app.without_constraints().await;
    app.first_booked(app.slot(20)).await;
    let patients = app.patients(20).await;
    let wanted = visit(&app, 20);
    let mut deeds: Vec<Deed<Answer>> = Vec::new();
    for (of, patient_id) in patients.into_iter().enumerate() {
        let caller = Call {
            number: Some(number(of)),
            ..call(&format!("c{of}"))
        };
        deeds.push(asking(&app, caller, Tool::Book(book(wanted, "Somebody"))));
        let (database, now) = (app.database.clone(), app.now);
        deeds.push(Box::pin(async move {
            let command = booking::Book {
                caller: patient_caller(patient_id),
                wanted,
                patient_id,
                reason: String::new(),
                overbook: None,
                rules: RULES,
                key: None,
            };
            match booking::book(&database, command, now).await {
                Ok(_) => Answer::CallbackNoted,
                Err(_) => Answer::NotFound,
            }
        }));
    }
    let answers = app.race_behind(HOURS, vec![deeds]).await;
    let won = |answer: &&Answer| matches!(answer, Answer::Booked { .. } | Answer::CallbackNoted);
    assert_eq!(answers.iter().filter(won).count(), 1, "{answers:?}");
    for answer in answers.iter().step_by(2).filter(|answer| !won(answer)) {
        let Answer::Taken { times } = answer else {
            panic!("{answer:?}");
        };
        assert!(!times.is_empty() && times.len() <= 3);
        assert!(times.iter().all(|time| time.wanted != wanted));
    }
    assert_eq!(app.count(APPOINTMENTS).await, 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn thirty_copies_of_a_cancellation_are_one() {
    let app = clinic().await;
    for (call_id, is_named) in [("c1", false), ("c2", true)] {
        let booked = answer(
            &app,
            call("before"),
            Tool::Book(book(visit(&app, 20), "Ibu Sari")),
        )
        .await;
        let Answer::Booked { reference, .. } = booked else {
            panic!("{booked:?}");
        };
        prove(&app, call_id).await;
        let named = if is_named { reference.as_str() } else { "" };
        let deeds = (0..COPIES)
            .map(|_| asking(&app, call(call_id), cancel(named)))
            .collect();
        let answers = app.race(deeds).await;
        assert!(matches!(answers[0], Answer::Cancelled { .. }), "{answers:?}");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }
    let cancelled = "select count(*) from appointment_changes where to_status = 'cancelled'";
    assert_eq!(app.count(cancelled).await, 2);
    assert_eq!(app.count(DEADLOCKS).await, 0);
    app.assert_whole().await;
}

/// A booking and its answer are one: a server that goes down between them has booked nothing.
#[tokio::test]
async fn a_booking_whose_answer_cannot_be_kept_is_none() {
    let app = clinic().await;
    let tool = || Tool::Book(book(visit(&app, 20), "Ibu Sari"));
    app.sql("alter table phone_call_steps add constraint phone_call_steps_none check (answer is null)")
        .await;
    assert_eq!(asking(&app, call("c1"), tool()).await, Answer::Trouble);
    assert_eq!(app.count("select count(*) from appointments").await, 0);
    assert_eq!(app.count(PATIENTS).await, 0);
    app.sql("alter table phone_call_steps drop constraint phone_call_steps_none")
        .await;
    let booked = asking(&app, call("c1"), tool()).await;
    assert!(matches!(booked, Answer::Booked { .. }), "{booked:?}");
    assert_eq!(asking(&app, call("c1"), tool()).await, booked);
    assert_eq!(app.count(APPOINTMENTS).await, 1);
    app.assert_whole().await;
}

/// A change and its answer are two transactions: a server that goes down between them answers the next copy as the first.
#[tokio::test]
async fn an_answer_that_was_lost_after_the_change_is_given_again() {
    let app = clinic().await;
    let booked = answer(
        &app,
        call("before"),
        Tool::Book(book(visit(&app, 20), "Ibu Sari")),
    )
    .await;
    let Answer::Booked { reference, .. } = booked else {
        panic!("{booked:?}");
    };
    prove(&app, "c1").await;
    let changes = "select count(*) from appointment_changes";
    for (tool, expected) in [(move_to(visit(&app, 40)), 2), (cancel(""), 3)] {
        let lost = asking(&app, call("c1"), tool.clone()).await;
        assert!(
            matches!(lost, Answer::Moved { .. } | Answer::Cancelled { .. }),
            "{lost:?}"
        );
        app.sql(
            "update phone_call_steps set answer = null, outcome = 'asked', appointment_id = null, version = null
             where outcome in ('moved', 'cancelled')",
        )
        .await;
        assert_eq!(asking(&app, call("c1"), tool.clone()).await, lost);
        assert_eq!(asking(&app, call("c1"), tool).await, lost);
        assert_eq!(app.count(changes).await, expected);
    }
    // That it was cancelled by another step is no answer to this one.
    assert_eq!(
        asking(&app, call("c1"), cancel(&reference)).await,
        Answer::NotFound
    );
    app.assert_whole().await;
}
