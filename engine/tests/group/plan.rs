//! Sessions and series are planned and published, and take the time of their doctor.

use jiff::ToSpan;

use crate::support::{INSTANT, TestApp, hold, patient_caller, refusal};
use engine::{
    booking,
    error::{AppError, Refusal},
    group::{Cancel, Plan, Publish, Seen, State, cancel, coming, find, plan, publish, take},
    time::plus_minutes,
};

#[tokio::test]
async fn a_draft_is_nobodys_and_takes_no_time() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let draft = app.draft(0, app.slot(20), 5).await;
    assert_eq!((draft.state, draft.version), (State::Draft, 1));
    assert_eq!(app.takes(draft.id, patient, 1).await, Err(AppError::NotFound));
    assert!(app.is_free(app.wanted(0, INSTANT, app.slot(20))).await);
    let found = find(&app.database, Some(patient_caller(patient)), draft.id).await;
    assert_eq!(found.err(), Some(AppError::NotFound));
    assert!(
        find(&app.database, Some(app.doctor_caller(0)), draft.id)
            .await
            .is_ok()
    );
    assert!(
        find(&app.database, Some(app.doctor_caller(1)), draft.id)
            .await
            .is_err()
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn a_published_session_occupies_its_doctor_once() {
    let app = TestApp::new().await;
    let patients = app.patients(3).await;
    let group = app.published(0, app.slot(20), 5).await;
    assert_eq!((group.state, group.version), (State::Published, 2));
    app.takes(group.id, patients[0], 1).await.unwrap();
    app.takes(group.id, patients[1], 2).await.unwrap();
    for slot in [20, 21] {
        let wanted = app.wanted(0, INSTANT, app.slot(slot));
        assert!(!app.is_free(wanted).await);
        let held = booking::hold(&app.database, hold(1, wanted), app.now).await;
        assert_eq!(refusal(&held), Some(Refusal::SlotTaken));
        let booked = app.books(patients[2], wanted).await;
        assert_eq!(refusal(&booked), Some(Refusal::SlotTaken));
    }
    // However its browser is called that holds a time, the session is held by none.
    let wanted = app.wanted(1, INSTANT, app.slot(20));
    let token = usize::try_from(group.id).unwrap();
    booking::hold(&app.database, hold(token, wanted), app.now)
        .await
        .unwrap();
    // Neither before nor after it.
    for slot in [19, 22] {
        assert!(app.is_free(app.wanted(0, INSTANT, app.slot(slot))).await);
    }
    let overlapping = Plan {
        publish: true,
        ..app.planned(0, app.slot(21), 5)
    };
    let refused = plan(&app.database, overlapping, app.now).await;
    assert_eq!(refusal(&refused), Some(Refusal::SlotTaken));
    assert_eq!(app.count("select count(*) from groups").await, 1);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_session_is_not_published_over_what_the_doctor_has() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    app.confirmed(patient, 0, app.slot(21)).await;
    let draft = app.draft(0, app.slot(20), 5).await;
    assert_eq!(refusal(&app.publishes(draft.id).await), Some(Refusal::SlotTaken));
    // A hold that ran out gives way.
    let wanted = app.wanted(1, INSTANT, app.slot(20));
    app.hold(1, wanted, app.now).await.unwrap();
    let other = app.draft(1, app.slot(20), 5).await;
    assert_eq!(refusal(&app.publishes(other.id).await), Some(Refusal::SlotTaken));
    let command = Publish {
        caller: app.doctor_caller(1),
        group_id: other.id,
        version: Some(1),
        with_rest: false,
        key: None,
    };
    let later = plus_minutes(app.now, 11);
    publish(&app.database, command, later).await.unwrap();
    app.assert_whole().await;
}

#[tokio::test]
async fn a_session_is_not_published_while_the_doctor_is_away() {
    let app = TestApp::new().await;
    let draft = app.draft(0, app.slot(20), 5).await;
    let day = app.day(20);
    sqlx::query(
        "insert into time_off (doctor_id, first_day, last_day, from_minute, until_minute) values ($1, $2::date, $2::date, 620, 640)",
    )
    .bind(app.doctors[0].id)
    .bind(jiff_sqlx::ToSqlx::to_sqlx(day))
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    assert_eq!(refusal(&app.publishes(draft.id).await), Some(Refusal::SlotClosed));
    app.sql("update time_off set from_minute = 660, until_minute = 700")
        .await;
    app.publishes(draft.id).await.unwrap();
    app.assert_whole().await;
}

#[tokio::test]
async fn a_weekly_series_is_planned_and_published_whole_or_not_at_all() {
    let app = TestApp::new().await;
    let series = Plan {
        weeks: 4,
        publish: true,
        ..app.planned(0, app.slot(20), 5)
    };
    let third = plus_minutes(app.slot(21), 2 * 7 * 24 * 60);
    let patient = app.patient(1).await;
    app.confirmed(patient, 0, third).await;
    let refused = plan(&app.database, series.clone(), app.now).await;
    assert_eq!(refusal(&refused), Some(Refusal::SlotTaken));
    assert_eq!(app.count("select count(*) from groups").await, 0);

    let other = Plan {
        doctor_id: app.doctors[1].id,
        ..series
    };
    let groups = plan(&app.database, other, app.now).await.unwrap();
    assert_eq!(groups.len(), 4);
    for (week, group) in groups.iter().enumerate() {
        assert_eq!(group.series_id, Some(groups[0].id));
        let weeks = i64::try_from(week).unwrap();
        assert_eq!(
            group.starts_at,
            app.slot(20).checked_add((weeks * 7 * 24).hours()).unwrap()
        );
    }
    // The rest from the second on is cancelled, and the first stays.
    let command = Cancel {
        with_rest: true,
        ..app.cancelling(groups[1].id, app.doctor_caller(1))
    };
    cancel(&app.database, command, app.now).await.unwrap();
    assert_eq!(
        app.count("select count(*) from groups where state = 'cancelled'")
            .await,
        3
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn drafts_of_a_series_are_published_together() {
    let app = TestApp::new().await;
    let series = Plan {
        weeks: 3,
        ..app.planned(0, app.slot(20), 5)
    };
    let groups = plan(&app.database, series, app.now).await.unwrap();
    let command = Publish {
        caller: app.admin_caller(),
        group_id: groups[0].id,
        version: Some(1),
        with_rest: true,
        key: None,
    };
    let published = publish(&app.database, command.clone(), app.now).await.unwrap();
    assert_eq!((published.id, published.state), (groups[0].id, State::Published));
    assert_eq!(
        app.count("select count(*) from groups where state = 'published'")
            .await,
        3
    );
    // The second click changes nothing.
    assert_eq!(publish(&app.database, command, app.now).await, Ok(published));
    app.assert_whole().await;
}

#[tokio::test]
async fn sessions_that_have_begun_are_not_listed_and_have_no_seats() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let group = app.published(0, app.slot(20), 2).await;
    app.draft(1, app.slot(20), 2).await;
    let seen = Seen {
        limit: 10,
        ..Seen::default()
    };
    let listed = coming(&app.database, seen.clone(), app.now).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].group.id, listed[0].free()), (group.id, 2));
    let planned = Seen {
        is_planning: true,
        ..seen.clone()
    };
    assert_eq!(coming(&app.database, planned, app.now).await.unwrap().len(), 2);
    let begun = app.slot(20);
    assert!(coming(&app.database, seen, begun).await.unwrap().is_empty());
    let late = take(&app.database, app.taking(group.id, patient, 1), begun).await;
    assert_eq!(refusal(&late), Some(Refusal::SlotClosed));
}

#[tokio::test]
async fn only_its_doctor_and_admins_plan_a_session() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    for stranger in [app.doctor_caller(1), patient_caller(patient)] {
        let command = Plan {
            caller: stranger,
            ..app.planned(0, app.slot(20), 5)
        };
        assert_eq!(
            plan(&app.database, command, app.now).await,
            Err(AppError::NotFound)
        );
    }
    let group = app.published(0, app.slot(20), 5).await;
    for stranger in [app.doctor_caller(1), patient_caller(patient)] {
        let refused = cancel(&app.database, app.cancelling(group.id, stranger), app.now).await;
        assert_eq!(refused, Err(AppError::NotFound));
    }
    app.assert_whole().await;
}
