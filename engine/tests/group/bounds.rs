//! Where sessions and their seats end: what stops them, who knows of them, and what is in their way.

use sqlx::Connection;

use super::details;
use crate::support::{TestApp, VISIT, patient_caller, refusal};
use engine::{
    desk::sheet,
    error::{AppError, Refusal},
    group::{Change, Plan, Seen, Take, change, coming, find, plan, take},
    schedule::{Act, Edit, edit},
    time::plus_minutes,
    waitlist,
};

#[tokio::test]
async fn no_seat_is_taken_where_bookings_are_stopped() {
    let app = TestApp::new().await;
    let patients = app.patients(4).await;
    let group = app.published(0, app.slot(20), 5).await;
    app.takes(group.id, patients[0], 1).await.unwrap();
    let listed = async || {
        let seen = Seen {
            limit: 10,
            ..Seen::default()
        };
        coming(&app.database, seen, app.now).await.unwrap().len()
    };
    for (stop, go_on) in [
        (
            "update doctors set active = false",
            "update doctors set active = true",
        ),
        (
            "update services set active = false",
            "update services set active = true",
        ),
    ] {
        assert_eq!(listed().await, 1);
        app.sql(stop).await;
        let refused = app.takes(group.id, patients[1], 1).await;
        assert_eq!(refusal(&refused), Some(Refusal::SlotClosed), "{stop}");
        assert_eq!(listed().await, 0);
        app.sql(go_on).await;
    }
    app.takes(group.id, patients[1], 1).await.unwrap();
    let command = Edit {
        caller: app.admin_caller(),
        doctor_id: app.doctors[0].id,
        version: app.doctor_version(0).await,
        act: Act::StopDay {
            clinic_id: app.clinic,
            day: app.day(20),
            note: String::new(),
        },
        key: None,
    };
    edit(&app.database, command, app.now).await.unwrap();
    for caller in [patient_caller(patients[2]), app.admin_caller()] {
        let command = Take {
            caller,
            ..app.taking(group.id, patients[2], 1)
        };
        let refused = take(&app.database, command, app.now).await;
        assert_eq!(refusal(&refused), Some(Refusal::SlotClosed));
    }
    // Those who have seats keep them.
    assert_eq!(app.seats_taken().await, 2);
    app.assert_whole().await;
}

#[tokio::test]
async fn no_seat_is_taken_in_a_session_that_moves_to_a_stopped_day_meanwhile() {
    let app = TestApp::crowded().await;
    let patients = app.patients(1).await;
    let group = app.published(0, app.slot(20), 5).await;
    let stop = Edit {
        caller: app.admin_caller(),
        doctor_id: app.doctors[0].id,
        version: app.doctor_version(0).await,
        act: Act::StopDay {
            clinic_id: app.clinic,
            day: app.day(20 + 48),
            note: String::new(),
        },
        key: None,
    };
    edit(&app.database, stop, app.now).await.unwrap();
    let mut mover = app.connection().await;
    let mut moving = mover.begin().await.unwrap();
    sqlx::raw_sql(
        "update groups set starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day', version = version + 1",
    )
    .execute(&mut *moving)
    .await
    .unwrap();
    let (database, now) = (app.database.clone(), app.now);
    let wish = app.taking(group.id, patients[0], 1);
    let waiting = tokio::spawn(async move { take(&database, wish, now).await });
    app.until_waiting(1).await;
    moving.commit().await.unwrap();
    assert_eq!(refusal(&waiting.await.unwrap()), Some(Refusal::SlotClosed));
    assert_eq!(app.seats_taken().await, 0);
}

#[tokio::test]
async fn a_session_is_planned_where_its_doctor_works() {
    let app = TestApp::new().await;
    app.sql(
        "insert into clinics (name, address, city, phone, time_zone)
         values ('Elsewhere', 'Street 2', 'Town', '+1 555 0101', 'UTC')",
    )
    .await;
    let command = Plan {
        caller: app.doctor_caller(0),
        clinic_id: app.count("select id from clinics where name = 'Elsewhere'").await,
        ..app.planned(0, app.slot(20), 5)
    };
    let refused = plan(&app.database, command.clone(), app.now).await;
    assert_eq!(refused, Err(AppError::NotFound));
    // Hours of the week are enough.
    app.sql(
        "insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
         select doctors.id, clinics.id, 1, 0, 60 from doctors, clinics where clinics.name = 'Elsewhere'",
    )
    .await;
    plan(&app.database, command, app.now).await.unwrap();
}

#[tokio::test]
async fn a_draft_that_is_cancelled_stays_among_those_who_plan_it() {
    let app = TestApp::new().await;
    let patient = patient_caller(app.patient(1).await);
    let (draft, group) = (
        app.draft(0, app.slot(20), 5).await,
        app.published(0, app.slot(30), 5).await,
    );
    for id in [draft.id, group.id] {
        app.cancels(id).await.unwrap();
    }
    for (caller, is_staff) in [
        (None, false),
        (Some(patient), false),
        (Some(app.doctor_caller(1)), false),
        (Some(app.doctor_caller(0)), true),
    ] {
        let found = find(&app.database, caller.clone(), draft.id).await;
        assert_eq!(found.is_ok(), is_staff);
        find(&app.database, caller, group.id).await.unwrap();
    }
}

#[tokio::test]
async fn a_request_that_ran_out_with_another_doctor_keeps_no_session_from_moving() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let group = app.published(0, app.slot(60), 5).await;
    app.takes(group.id, patient, 1).await.unwrap();
    let request = app.requested(patient, app.wanted(1, VISIT, app.slot(70))).await;
    let refused = app.changes(&group, details(app.slot(70), 5)).await;
    assert_eq!(refusal(&refused), Some(Refusal::PatientOverlap));
    let command = Change {
        caller: app.admin_caller(),
        group_id: group.id,
        version: group.version,
        details: details(app.slot(70), 5),
        key: None,
    };
    let later = plus_minutes(app.now, 24 * 60 + 1);
    change(&app.database, command, later).await.unwrap();
    assert_eq!(app.appointment(&request).await.0, "expired");
    app.assert_whole().await;
}

#[tokio::test]
async fn nobody_waits_for_something_sooner_than_a_seat() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let group = app.published(0, app.slot(60), 5).await;
    let taken = app.takes(group.id, patient, 1).await.unwrap();
    let command = waitlist::Join {
        instead_of: Some(taken.appointment.reference.into()),
        ..crate::waitlist::join(patient, crate::waitlist::wishes(&app))
    };
    let refused = waitlist::join(&app.database, command, app.now).await;
    assert!(matches!(refused, Err(AppError::InvalidTransition { .. })));
}

#[tokio::test]
async fn a_session_is_in_the_calendar_once_it_is_over() {
    let app = TestApp::new().await;
    let group = app.published(0, app.slot(20), 5).await;
    app.takes(group.id, app.patient(1).await, 2).await.unwrap();
    let over = plus_minutes(group.ends_at, 1);
    let day = Some(app.day(20));
    let shown = sheet::sheet(
        &app.database,
        &app.admin_caller(),
        Some(app.clinic),
        day,
        sheet::Wanted::Day,
        over,
    )
    .await
    .unwrap()
    .unwrap();
    let visits: Vec<_> = shown.columns.iter().flat_map(|column| &column.visits).collect();
    assert_eq!(visits.len(), 1, "{visits:?}");
    assert_eq!(visits[0].group.as_ref().map(|group| group.taken), Some(2));
}
