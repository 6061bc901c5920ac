//! Several workers and people at the same moment.

use std::{collections::BTreeSet, sync::Arc};

use engine::{
    caldav::{self, Answer, AnswerQuestion, Kind, answer, claim, questions, round},
    database::Database,
    error::AppError,
};

use super::{Server, choose, clinic, dispatch, later, link_of, linked, moved, own_starts, settle};
use crate::support::{TestApp, VISIT, crowded};

#[tokio::test]
async fn ten_workers_of_one_account_write_nothing_twice() {
    let app = clinic().await;
    linked(&app).await;
    let server = Arc::new(Server::default());
    for (patient_id, slot) in app.patients(12).await.into_iter().zip(20..) {
        app.confirmed(patient_id, 0, app.slot(slot)).await;
    }
    let servers: Vec<Database> = (0..3).map(|_| app.options.open(&crowded())).collect();
    let now = later(&app, 1);
    let workers = (0..10)
        .map(|number| {
            let mut dispatch = dispatch(&app, &server);
            dispatch.database = servers[number % 3].clone();
            async move {
                for _ in 0..20 {
                    round(&dispatch, now).await.unwrap();
                }
            }
        })
        .collect();
    app.race(workers).await;
    let writes = server.writes();
    assert_eq!(writes.len(), 12);
    assert_eq!(writes.iter().collect::<BTreeSet<_>>().len(), 12);
    assert_eq!(server.starts(), own_starts(&app).await);
    app.assert_sound().await;
}

#[tokio::test]
async fn of_ten_workers_at_once_one_has_the_account() {
    let app = clinic().await;
    linked(&app).await;
    let now = later(&app, 1);
    let workers = (0..10)
        .map(|_| {
            let database = app.database.clone();
            async move { claim(&database, &[Kind::CalDav], now).await.unwrap() }
        })
        .collect();
    let claimed = app.race(workers).await;
    assert_eq!(claimed.iter().flatten().count(), 1);
}

/// The page moves an appointment to one time, the calendar to another one.
async fn page_and_calendar(app: &TestApp, server: &Arc<Server>, reference: &str, slots: (i64, i64)) {
    let name = server.names().remove(0);
    let version = app.appointment(reference).await.1;
    app.sql("update calendar_accounts set pull_at = now() - interval '1 second'")
        .await;
    server.drag(&name, app.slot(slots.0));
    let dispatch = dispatch(app, server);
    let now = later(app, 10);
    let (database, doctor, to) = (app.database.clone(), app.doctor_caller(0), app.slot(slots.1));
    let by_page = {
        let command = engine::booking::Reschedule {
            caller: doctor,
            which: reference.to_owned().into(),
            version: Some(version),
            starts_at: to,
            visitor: None,
            rules: crate::support::RULES,
            key: None,
        };
        let now = app.database.now();
        tokio::spawn(async move {
            engine::booking::reschedule(&database, command, now)
                .await
                .map(drop)
        })
    };
    let by_calendar = tokio::spawn(async move { round(&dispatch, now).await.unwrap() });
    let (page, calendar) = (by_page.await.unwrap(), by_calendar.await.unwrap());
    assert_eq!(calendar, 1);
    let (_, after, start) = app.appointment(reference).await;
    // One of them has moved it, once.
    assert_eq!(after, version + 1);
    match page {
        Ok(()) => assert_eq!(start, app.slot(slots.1)),
        Err(error) => {
            assert!(matches!(error, AppError::StaleVersion { .. }), "{error}");
            assert_eq!(start, app.slot(slots.0));
        }
    }
}

#[tokio::test]
async fn of_the_page_and_the_calendar_at_once_one_moves_it() {
    let app = clinic().await;
    linked(&app).await;
    let server = Arc::new(Server::default());
    let patient_id = app.patient(1).await;
    let reference = app.confirmed(patient_id, 0, app.slot(20)).await;
    settle(&app, &dispatch(&app, &server)).await;
    for turn in 0..5 {
        page_and_calendar(&app, &server, &reference, (40 + turn * 4, 42 + turn * 4)).await;
        settle(&app, &dispatch(&app, &server)).await;
        assert_eq!(server.starts(), own_starts(&app).await);
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn whoever_books_while_a_calendar_is_chosen_is_written() {
    let app = clinic().await;
    caldav::link(&app.database, link_of(app.doctor_caller(0)), app.database.now())
        .await
        .unwrap();
    let patients = app.patients(6).await;
    let app = Arc::new(app);
    let mut racers: Vec<std::pin::Pin<Box<dyn Future<Output = ()> + Send>>> = Vec::new();
    for (patient_id, slot) in patients.into_iter().zip(20..) {
        let app = app.clone();
        racers.push(Box::pin(async move {
            app.books(patient_id, app.wanted(0, VISIT, app.slot(slot)))
                .await
                .unwrap();
        }));
    }
    let chooser = app.clone();
    racers.push(Box::pin(async move {
        choose(&chooser, Some("Work"), &[]).await.unwrap()
    }));
    app.race(racers).await;
    let server = Arc::new(Server::default());
    settle(&app, &dispatch(&app, &server)).await;
    assert_eq!(server.starts().len(), 6);
    assert_eq!(server.starts(), own_starts(&app).await);
}

#[tokio::test]
async fn of_two_answers_at_once_one_counts() {
    let app = clinic().await;
    linked(&app).await;
    let server = Arc::new(Server::default());
    let patient_id = app.patient(1).await;
    let reference = app.confirmed(patient_id, 0, app.slot(20)).await;
    settle(&app, &dispatch(&app, &server)).await;
    server.change(&server.names()[0], None);
    settle(&app, &dispatch(&app, &server)).await;
    let id = questions(&app.database, &app.doctor_caller(0)).await.unwrap()[0].id;
    let racers = (0..8)
        .map(|number| {
            let (database, now) = (app.database.clone(), app.database.now());
            let command = AnswerQuestion {
                caller: app.doctor_caller(0),
                id,
                answer: if number % 2 == 0 {
                    Answer::Keep
                } else {
                    Answer::Cancel
                },
                reason: "Ill".to_owned(),
            };
            async move { answer(&database, command, now).await }
        })
        .collect();
    for result in app.race(racers).await {
        result.unwrap();
    }
    settle(&app, &dispatch(&app, &server)).await;
    let is_kept = app.appointment(&reference).await.0 == "confirmed";
    assert_eq!(server.names().len(), usize::from(is_kept));
    let answered: String = sqlx::query_scalar("select answer from calendar_questions")
        .fetch_one(app.database.pool())
        .await
        .unwrap();
    assert_eq!(answered, if is_kept { "keep" } else { "cancel" });
}

#[tokio::test]
async fn random_changes_on_both_sides_end_as_one_truth() {
    let app = clinic().await;
    linked(&app).await;
    let server = Arc::new(Server::default());
    let dispatch = dispatch(&app, &server);
    let mut random = 7_u64;
    let mut next = move |most: u64| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % most
    };
    for (patient_id, slot) in app.patients(8).await.into_iter().zip(20..) {
        app.confirmed(patient_id, 0, app.slot(slot * 2)).await;
    }
    for step in 0..60_i64 {
        let names = server.names();
        let own = own_starts(&app).await;
        let slot = app.slot(100 + i64::try_from(next(300)).unwrap());
        let pick = |count: usize, value: u64| usize::try_from(value).unwrap() % count;
        match (next(4), names.is_empty()) {
            (0, false) => server.drag(&names[pick(names.len(), next(100))], slot),
            (1, false) => server.change(&names[pick(names.len(), next(100))], None),
            _ => drop(moved(&app, &own[pick(own.len(), next(100))].0, None, slot).await),
        }
        if next(20) == 0 {
            server.forget_tokens();
        }
        server.lose(&[usize::try_from(next(6)).unwrap()]);
        for _ in 0..3 {
            round(&dispatch, later(&app, step * 10)).await.unwrap();
        }
        for question in questions(&app.database, &app.doctor_caller(0)).await.unwrap() {
            let given = match question.question {
                caldav::Question::Deleted => Answer::Keep,
                caldav::Question::Moved | caldav::Question::Refused => Answer::Read,
            };
            let command = AnswerQuestion {
                caller: app.doctor_caller(0),
                id: question.id,
                answer: given,
                reason: String::new(),
            };
            answer(&app.database, command, app.database.now()).await.unwrap();
        }
    }
    server.lose(&[]);
    for turn in 0..4 {
        super::settle_at(&dispatch, later(&app, 1000 + turn * 100)).await;
    }
    for question in questions(&app.database, &app.doctor_caller(0)).await.unwrap() {
        if question.question == caldav::Question::Deleted {
            let command = AnswerQuestion {
                caller: app.doctor_caller(0),
                id: question.id,
                answer: Answer::Keep,
                reason: String::new(),
            };
            answer(&app.database, command, app.database.now()).await.unwrap();
        }
    }
    for turn in 0..3 {
        super::settle_at(&dispatch, later(&app, 2000 + turn * 100)).await;
    }
    assert_eq!(server.starts(), own_starts(&app).await);
    assert_eq!(server.starts().len(), 8);
    let before = server.requests();
    super::settle_at(&dispatch, later(&app, 3000)).await;
    assert!(server.requests() - before <= 2);
    app.assert_sound().await;
}
