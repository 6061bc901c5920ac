//! What a worker does outside: leased, asked again with patience, and once more before a hold ends.

use engine::{
    payment::{
        self, Done, FactKind, GRACE_MINUTES, OpenedSession, Provider, SESSION_MINUTES, Settled, Started,
        Work, done_work, due_work,
    },
    time::plus_minutes,
};

use super::{fact, goes_to_pay, held, is, paid, session_of, start, state};
use crate::support::{RULES, TestApp};

async fn due(app: &TestApp, minutes: i64) -> Vec<Work> {
    due_work(
        &app.database,
        &[Provider::Demo],
        10,
        plus_minutes(app.now, minutes),
    )
    .await
    .unwrap()
}

async fn done(app: &TestApp, work: &Work, done: Done, minutes: i64) -> Settled {
    done_work(&app.database, work, done, RULES, plus_minutes(app.now, minutes))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_page_that_was_not_heard_of_is_opened_again_under_its_key() {
    let (app, patient, reference) = held().await;
    let started = payment::start(&app.database, start(1, patient, &reference), app.now)
        .await
        .unwrap();
    let Started::Paying { payment_id } = started else {
        panic!("{started:?}");
    };
    assert_eq!(due(&app, 0).await, []);
    let work = due(&app, 1).await;
    let [Work::Open(page)] = work.as_slice() else {
        panic!("{work:?}");
    };
    assert_eq!(page.key(), format!("janji-{payment_id}"));
    let opened = Done::Opened(OpenedSession {
        session: session_of(payment_id),
        url: "https://provider.example/1".to_owned(),
    });
    done(&app, &work[0], opened, 1).await;
    assert_eq!(state(&app, payment_id).await, is("paying", None));
    // Of other providers nothing is due here.
    let others = due_work(&app.database, &[Provider::Stripe], 10, plus_minutes(app.now, 9)).await;
    assert_eq!(others, Ok(Vec::new()));
}

#[tokio::test]
async fn a_page_is_asked_about_in_time_whatever_the_pauses() {
    let (app, patient, reference) = held().await;
    let payment_id = goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    let mut asked = Vec::new();
    for minute in 0..SESSION_MINUTES + GRACE_MINUTES {
        for work in due(&app, minute).await {
            assert!(matches!(work, Work::Ask(_)), "{work:?}");
            asked.push(minute);
            done(&app, &work, Done::StillOpen, minute).await;
        }
    }
    assert!(asked.contains(&(SESSION_MINUTES + 1)), "{asked:?}");
    assert!(asked.len() <= 8, "{asked:?}");
    assert_eq!(state(&app, payment_id).await, is("paying", None));
}

#[tokio::test]
async fn an_event_that_was_lost_is_made_up_for_by_our_own_question() {
    let (app, patient, reference) = held().await;
    let payment_id = goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    let work = due(&app, 3).await;
    let told = done(&app, &work[0], Done::Told(fact(payment_id, paid(), None)), 3).await;
    assert!(matches!(told, Settled::Booked { .. }), "{told:?}");
    assert_eq!(due(&app, 600).await, []);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_provider_that_is_down_is_asked_again_with_patience() {
    let (app, patient, reference) = held().await;
    goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    let mut asked = 0;
    for minute in 0..24 * 60 {
        for work in due(&app, minute).await {
            done(&app, &work, Done::Later, minute).await;
            asked += 1;
        }
    }
    assert!((24..40).contains(&asked), "{asked}");
}

#[tokio::test]
async fn a_page_that_was_given_up_is_ended_and_what_was_paid_there_is_heard() {
    let (app, patient, reference) = held().await;
    let first = goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    let second = goes_to_pay(&app, (1, patient), &reference, app.now)
        .await
        .unwrap();
    let work = due(&app, 0).await;
    let [Work::Expire(page)] = work.as_slice() else {
        panic!("{work:?}");
    };
    assert_eq!(page.payment_id, first);
    done(
        &app,
        &work[0],
        Done::Told(fact(first, FactKind::Expired, None)),
        0,
    )
    .await;
    assert_eq!(state(&app, first).await, is("expired", None));
    // The hold of the newer page stays.
    let held = "select count(*) from appointments where held_until > created_at + interval '30 minutes'";
    assert_eq!(app.count(held).await, 1);
    assert_eq!(state(&app, second).await, is("paying", None));
}
