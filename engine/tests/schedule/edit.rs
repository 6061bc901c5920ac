//! Changes of a schedule, and two people who make them.

use super::{Became, dates, every_day, hours};
use crate::support::{DOCTORS, TestApp, VISIT};
use engine::{
    appointment::{ChangeStatus, Status, change_status},
    error::AppError,
    idempotency::{Key, KeyOwner},
    schedule::{Act, Edit, edit, preview, schedule},
};

/// A plan of mornings, two of three appointments that it no longer holds, and the one that it does.
struct Mornings {
    act: Act,
    within: String,
    outside: [String; 2],
}

impl Mornings {
    async fn of(app: &TestApp) -> Self {
        let patients = app.patients(3).await;
        // At ten, at two in the afternoon, and at half past two.
        let within = app.confirmed(patients[0], 0, app.slot(20)).await;
        let at_two = app
            .requested(patients[1], app.wanted(0, VISIT, app.slot(28)))
            .await;
        let last = app.confirmed(patients[2], 0, app.slot(29)).await;
        Self {
            act: Act::Week {
                clinic_id: app.clinic,
                week: every_day(&[(hours(8 * 60, 14 * 60 + 15), false)]),
            },
            within,
            outside: [at_two, last],
        }
    }
}

#[tokio::test]
async fn a_preview_lists_the_appointments_outside_of_a_new_plan() {
    let app = TestApp::new().await;
    let mornings = Mornings::of(&app).await;
    let command = app.change_of(mornings.act).await;
    let seen = preview(&app.database, command, app.now).await.unwrap();
    let outside = seen
        .no_longer_held
        .iter()
        .map(|appointment| &appointment.reference);
    assert!(outside.eq(&mornings.outside));
    let (offering, days) = &seen.days[VISIT];
    assert_eq!(offering.service_id, app.services[VISIT]);
    // Half an hour has its last time at half past one.
    let tomorrow = days.iter().find(|day| day.date == app.day(20)).unwrap();
    assert_eq!(
        (tomorrow.slots.len(), tomorrow.free()),
        (12, 11),
        "from eight to half past one, and one is taken"
    );
    assert_eq!(app.doctor_version(0).await, 1, "nothing has happened");
    assert!(app.offers(app.wanted(0, VISIT, app.slot(40))).await);
}

#[tokio::test]
async fn an_edit_keeps_and_lists_the_appointments_outside_of_the_new_plan() {
    let app = TestApp::new().await;
    let mornings = Mornings::of(&app).await;
    let edited = app.plan(mornings.act).await.unwrap();
    assert_eq!(edited.version, 2);
    let outside = edited
        .no_longer_held
        .iter()
        .map(|appointment| &appointment.reference);
    assert!(outside.eq(&mornings.outside));
    for (reference, status, slot) in [
        (&mornings.within, "confirmed", 20),
        (&mornings.outside[0], "pending", 28),
        (&mornings.outside[1], "confirmed", 29),
    ] {
        let (now, _, starts_at) = app.appointment(reference).await;
        assert_eq!((now.as_str(), starts_at), (status, app.slot(slot)));
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn a_later_edit_lists_only_appointments_that_it_leaves_out_itself() {
    let app = TestApp::new().await;
    let mornings = Mornings::of(&app).await;
    app.plan(mornings.act.clone()).await.unwrap();
    let again = app.plan(mornings.act).await.unwrap();
    assert_eq!(again.no_longer_held, []);
    // The page of the schedule lists all of them.
    let schedule = schedule(&app.database, app.admin_caller(), app.doctors[0].id, app.now)
        .await
        .unwrap();
    assert_eq!(schedule.outside.len(), 2);
    assert_eq!(schedule.places[0].plan.weekly.len(), 7);
}

#[tokio::test]
async fn a_request_outside_of_the_plan_can_be_confirmed() {
    let app = TestApp::new().await;
    let mornings = Mornings::of(&app).await;
    app.plan(mornings.act).await.unwrap();
    let confirm = ChangeStatus {
        caller: app.doctor_caller(0),
        which: mornings.outside[0].clone().into(),
        to: Status::Confirmed,
        version: None,
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, confirm, app.now).await.unwrap();
    app.assert_sound().await;
}

#[tokio::test]
async fn the_second_of_two_editors_is_told_of_the_first() {
    let app = TestApp::new().await;
    let clinic_id = app.clinic;
    let doctor_id = app.doctors[0].id;
    let week = |until| Act::Week {
        clinic_id,
        week: every_day(&[(hours(0, until), false)]),
    };
    let first = app.change_of(week(600)).await;
    let second = Edit {
        caller: app.doctor_caller(0),
        ..app.change_of(week(700)).await
    };
    edit(&app.database, first, app.now).await.unwrap();
    let refused = edit(&app.database, second.clone(), app.now).await;
    assert_eq!(refused, Err(AppError::StaleDoctor));
    let refused = preview(&app.database, second.clone(), app.now).await.map(drop);
    assert_eq!(refused, Err(AppError::StaleDoctor));
    let seen = schedule(&app.database, app.doctor_caller(0), doctor_id, app.now)
        .await
        .unwrap();
    let last = seen.last_change.unwrap();
    assert_eq!(
        (last.what.as_str(), last.by.as_str(), last.version, seen.version),
        ("week", "admin", 2, 2)
    );
    let fresh = Edit {
        version: seen.version,
        ..second
    };
    edit(&app.database, fresh, app.now).await.unwrap();
    assert_eq!(
        app.count("select count(*) from working_hours where until_minute = 700")
            .await,
        7
    );
    assert_eq!(app.count("select count(*) from schedule_changes").await, 2);
}

#[tokio::test]
async fn one_of_many_editors_of_a_schedule_at_once_wins() {
    let app = TestApp::crowded().await;
    let mut editors = Vec::new();
    for number in 0..12 {
        let week = every_day(&[(hours(0, 600 + number), false)]);
        let act = Act::Week {
            clinic_id: app.clinic,
            week,
        };
        editors.push(app.racing_to_edit(app.change_of(act).await));
    }
    let results = app.race_behind(DOCTORS, vec![editors]).await;
    let (mut winners, mut losers) = (0, 0);
    for result in results {
        match result {
            Became::Edited(Ok(_)) => winners += 1,
            Became::Edited(Err(AppError::StaleDoctor)) => losers += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((winners, losers, app.doctor_version(0).await), (1, 11, 2));
    let weeks = "select count(distinct until_minute) from working_hours
                 where doctor_id = (select min(id) from doctors)";
    assert_eq!(app.count(weeks).await, 1);
}

#[tokio::test]
async fn a_change_that_is_sent_twice_is_made_once() {
    let app = TestApp::new().await;
    let admin = app.admin_caller();
    let key = Key::of_form(KeyOwner::Caller(&admin), "0123", "plan", "1", &"absence").unwrap();
    let mut command = app
        .change_of(Act::Absence {
            clinic_id: None,
            dates: dates(app.day(20), None),
        })
        .await;
    command.key = Some(key);
    let first = edit(&app.database, command.clone(), app.now).await;
    assert_eq!(first, edit(&app.database, command, app.now).await);
    assert!(first.is_ok());
    assert_eq!(app.count("select count(*) from time_off").await, 1);
}
