//! Sessions are planned, published, changed and cancelled.

use jiff::ToSpan;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::details;
use crate::{
    notification::{Postbox, listening},
    support::{INSTANT, RULES, TestApp, hold, patient_caller, refusal},
};
use engine::{
    account::Caller,
    appointment::{ChangeStatus, Status, change_status},
    booking::{self, Book, Reschedule, book},
    error::{AppError, Field, FieldProblem, Inventory, Refusal},
    group::{
        Cancel, Change, Details, Plan, Publish, Seen, State, Take, cancel, change, coming, find, people,
        plan, publish, seats_of, take,
    },
    i18n::{Locale, Texts},
    money::Price,
    schedule::{CancelDay, cancel_day},
    time::plus_minutes,
};

#[sqlx::test]
async fn a_draft_is_nobodys_and_takes_no_time(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn a_published_session_occupies_its_doctor_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn a_session_is_not_published_over_what_the_doctor_has(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn a_session_is_not_published_while_the_doctor_is_away(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let draft = app.draft(0, app.slot(20), 5).await;
    let day = app.day(20);
    sqlx::query(
        "insert into time_off (doctor_id, first_day, last_day, from_minute, until_minute) values ($1, $2::date, $2::date, 620, 640)",
    )
    .bind(app.doctors[0].id)
    .bind(jiff_sqlx::ToSqlx::to_sqlx(day))
    .execute(&mut app.connection().await)
    .await
    .unwrap();
    assert_eq!(refusal(&app.publishes(draft.id).await), Some(Refusal::SlotClosed));
    app.sql("update time_off set from_minute = 660, until_minute = 700")
        .await;
    app.publishes(draft.id).await.unwrap();
    app.assert_whole().await;
}

#[sqlx::test]
async fn a_weekly_series_is_planned_and_published_whole_or_not_at_all(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn drafts_of_a_series_are_published_together(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn a_patient_is_in_one_place(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patients = app.patients(2).await;
    let group = app.published(0, app.slot(20), 5).await;
    app.confirmed(patients[0], 1, app.slot(21)).await;
    let refused = app.takes(group.id, patients[0], 1).await;
    assert_eq!(refusal(&refused), Some(Refusal::PatientOverlap));
    app.takes(group.id, patients[1], 1).await.unwrap();
    let twice = app.takes(group.id, patients[1], 1).await;
    assert_eq!(refusal(&twice), Some(Refusal::PatientOverlap));
    let elsewhere = app.books(patients[1], app.wanted(1, INSTANT, app.slot(20))).await;
    assert_eq!(refusal(&elsewhere), Some(Refusal::PatientOverlap));
    app.assert_whole().await;
}

#[sqlx::test]
async fn seats_are_taken_by_their_patient_and_by_staff_who_see_the_session(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(3).await;
    let group = app.published(0, app.slot(20), 5).await;
    let by = |caller: Caller, patient_id: i64| Take {
        caller,
        ..app.taking(group.id, patient_id, 1)
    };
    let wrong = take(
        &app.database,
        by(patient_caller(patients[0]), patients[1]),
        app.now,
    )
    .await;
    assert_eq!(wrong, Err(AppError::NotFound));
    let wrong = take(&app.database, by(app.doctor_caller(1), patients[1]), app.now).await;
    assert_eq!(wrong, Err(AppError::NotFound));
    app.given(0, patients[0]).await;
    take(&app.database, by(app.doctor_caller(0), patients[0]), app.now)
        .await
        .unwrap();
    take(&app.database, by(app.admin_caller(), patients[1]), app.now)
        .await
        .unwrap();
    for seats in [0, 21] {
        let refused = app.takes(group.id, patients[2], seats).await;
        assert_eq!(
            refused,
            Err(AppError::invalid(Field::Seats, FieldProblem::Malformed))
        );
    }
    let seen = people(&app.database, app.doctor_caller(0), group.id, app.now)
        .await
        .unwrap();
    assert_eq!(seen.len(), 2);
    for stranger in [app.doctor_caller(1), patient_caller(patients[0])] {
        assert!(people(&app.database, stranger, group.id, app.now).await.is_err());
    }
    app.assert_whole().await;
}

#[sqlx::test]
async fn a_party_has_one_appointment_with_its_price_and_gives_it_up_whole(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(2).await;
    let draft = app.draft(0, app.slot(20), 4).await;
    let price = Price::of(Some(150_000), Some("IDR".to_owned()));
    let priced = Details {
        price,
        ..details(app.slot(20), 4)
    };
    app.changes(&draft, priced).await.unwrap();
    let group = app.publishes(draft.id).await.unwrap();
    let party = app.takes(group.id, patients[0], 3).await.unwrap();
    assert_eq!(party.seats, [1, 2, 3]);
    assert_eq!(
        app.count("select price_minor from appointments where patient_id is not null")
            .await,
        450_000
    );
    let seats = seats_of(&app.database, party.appointment.id).await.unwrap();
    assert_eq!(seats, Some((group.id, "Birth class".to_owned(), vec![1, 2, 3])));
    // A seat has the time of its session.
    let command = Reschedule {
        caller: patient_caller(patients[0]),
        which: party.appointment.reference.as_str().into(),
        version: None,
        starts_at: app.slot(30),
        visitor: None,
        rules: RULES,
        key: None,
    };
    let moved = booking::reschedule(&app.database, command, app.now).await;
    assert!(matches!(moved, Err(AppError::InvalidTransition { .. })));
    let command = ChangeStatus {
        caller: patient_caller(patients[0]),
        which: party.appointment.reference.into(),
        to: Status::Cancelled,
        version: None,
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, command, app.now).await.unwrap();
    assert_eq!(app.seats_taken().await, 0);
    // The time is the session's all the same.
    assert!(!app.is_free(app.wanted(0, INSTANT, app.slot(20))).await);
    assert_eq!(
        app.takes(group.id, patients[1], 4).await.unwrap().seats,
        [1, 2, 3, 4]
    );
    app.assert_whole().await;
}

#[sqlx::test]
async fn a_session_does_not_get_smaller_than_what_is_taken(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patients = app.patients(4).await;
    let group = app.published(0, app.slot(20), 12).await;
    let first = app.takes(group.id, patients[0], 5).await.unwrap();
    app.takes(group.id, patients[1], 2).await.unwrap();
    let refused = app.changes(&group, details(app.slot(20), 6)).await;
    assert_eq!(
        refused,
        Err(AppError::InsufficientInventory {
            of: Inventory::Capacity { group_id: group.id },
            requested: 7,
            available: 6
        })
    );
    // Those with the higher numbers get lower ones.
    let command = ChangeStatus {
        caller: patient_caller(patients[0]),
        which: first.appointment.reference.into(),
        to: Status::Cancelled,
        version: None,
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, command, app.now).await.unwrap();
    let smaller = app.changes(&group, details(app.slot(20), 3)).await.unwrap();
    assert_eq!((smaller.capacity, smaller.version), (3, 3));
    assert_eq!(
        app.count("select max(seat)::bigint from group_seats where freed_at is null")
            .await,
        2
    );
    assert!(app.takes(group.id, patients[2], 2).await.is_err());
    app.takes(group.id, patients[2], 1).await.unwrap();
    // Whoever looked at an older one is told.
    assert_eq!(
        app.changes(&group, details(app.slot(20), 9)).await,
        Err(AppError::StaleGroup)
    );
    app.assert_whole().await;
}

#[sqlx::test]
async fn a_session_that_moves_takes_its_seats_along_and_tells_each_once(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    listening(&app, &Postbox::new());
    let patients = app.patients(3).await;
    let group = app.published(0, app.slot(20), 12).await;
    app.takes(group.id, patients[0], 2).await.unwrap();
    app.takes(group.id, patients[1], 1).await.unwrap();
    // It may overlap where it was.
    let moved = app.changes(&group, details(app.slot(21), 12)).await.unwrap();
    let told = "select count(*) from messages where kind = 'moved'";
    assert_eq!(app.count(told).await, 2);
    assert!(app.is_free(app.wanted(0, INSTANT, app.slot(20))).await);
    assert!(!app.is_free(app.wanted(0, INSTANT, app.slot(22))).await);
    app.assert_whole().await;
    // Another title moves nobody, and neither does another length.
    app.sql("update appointments set coming_at = created_at where patient_id is not null")
        .await;
    let titled = Details {
        title: "Evening class".to_owned(),
        minutes: 90,
        ..details(app.slot(21), 12)
    };
    let titled = app.changes(&moved, titled).await.unwrap();
    assert_eq!(app.count(told).await, 2);
    let coming = "select count(*) from appointments where coming_at is not null";
    assert_eq!(app.count(coming).await, 2);
    // Somebody in it is somewhere else then.
    app.confirmed(patients[1], 1, app.slot(30)).await;
    let refused = app.changes(&titled, details(app.slot(30), 12)).await;
    assert_eq!(refusal(&refused), Some(Refusal::PatientOverlap));
    // So is the doctor.
    app.confirmed(patients[2], 0, app.slot(40)).await;
    let refused = app.changes(&titled, details(app.slot(40), 12)).await;
    assert_eq!(refusal(&refused), Some(Refusal::SlotTaken));
    let command = Change {
        caller: app.doctor_caller(1),
        group_id: group.id,
        version: titled.version,
        details: details(app.slot(21), 12),
        key: None,
    };
    assert_eq!(
        change(&app.database, command, app.now).await,
        Err(AppError::NotFound)
    );
    app.assert_whole().await;
}

#[sqlx::test]
async fn a_cancelled_session_gives_everything_back(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patients = app.patients(2).await;
    let group = app.published(0, app.slot(20), 2).await;
    app.takes(group.id, patients[0], 1).await.unwrap();
    let cancelled = app.cancels(group.id).await.unwrap();
    assert_eq!((cancelled.state, cancelled.version), (State::Cancelled, 3));
    assert_eq!(app.cancels(group.id).await, Ok(cancelled));
    assert!(app.is_free(app.wanted(0, INSTANT, app.slot(20))).await);
    let late = app.takes(group.id, patients[1], 1).await;
    assert_eq!(refusal(&late), Some(Refusal::SlotClosed));
    assert_eq!(app.publishes(group.id).await, Err(AppError::StaleGroup));
    // The doctor and the patient have the time for something else.
    let command = Book {
        caller: patient_caller(patients[0]),
        wanted: app.wanted(0, INSTANT, app.slot(20)),
        patient_id: patients[0],
        reason: String::new(),
        overbook: None,
        rules: RULES,
        key: None,
    };
    book(&app.database, command, app.now).await.unwrap();
    app.assert_whole().await;
}

#[sqlx::test]
async fn sessions_that_have_begun_are_not_listed_and_have_no_seats(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn only_its_doctor_and_admins_plan_a_session(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn a_day_that_is_cancelled_cancels_its_sessions(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patients = app.patients(2).await;
    let group = app.published(0, app.slot(20), 5).await;
    app.takes(group.id, patients[0], 2).await.unwrap();
    let next_day = app.published(0, app.slot(48 + 20), 5).await;
    let command = CancelDay {
        caller: app.admin_caller(),
        doctor_id: app.doctors[0].id,
        version: app.doctor_version(0).await,
        clinic_id: app.clinic,
        day: app.day(20),
        reason: "The doctor is ill".to_owned(),
        texts: Texts::of(Locale::En),
        key: None,
    };
    let cancelled = cancel_day(&app.database, command, app.now).await.unwrap();
    assert_eq!((cancelled.appointments.len(), cancelled.told), (1, 1));
    assert_eq!(app.seats_taken().await, 0);
    let late = app.takes(group.id, patients[1], 1).await;
    assert_eq!(refusal(&late), Some(Refusal::SlotClosed));
    app.takes(next_day.id, patients[1], 1).await.unwrap();
    app.assert_whole().await;
}

#[sqlx::test]
async fn a_session_moves_to_an_earlier_time_that_overlaps_its_own(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let group = app.published(0, app.slot(21), 5).await;
    app.takes(group.id, app.patient(1).await, 2).await.unwrap();
    let moved = app.changes(&group, details(app.slot(20), 5)).await.unwrap();
    assert_eq!(moved.starts_at, app.slot(20));
    assert!(app.is_free(app.wanted(0, INSTANT, app.slot(22))).await);
    app.assert_whole().await;
}
