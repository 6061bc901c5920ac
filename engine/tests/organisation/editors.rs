//! Two admins who edit the same thing.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::always;
use crate::support::{TestApp, VISIT, one_winner};
use engine::{
    error::AppError,
    organisation::{Offer, PutOffers, SetActive, desk, put_offers, set_doctor_active},
    schedule::{Act, Edit, edit, schedule},
};

#[sqlx::test]
async fn of_editors_of_a_service_at_once_one_wins_and_the_others_hear(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let mut racers = Vec::new();
    for number in 0..10 {
        let change = app
            .changing_service(VISIT, |service| service.rules.duration = 20 + number)
            .await;
        racers.push(app.describing(change));
    }
    let results = app
        .race_behind("select from services for update", vec![racers])
        .await;
    let (_, losers) = one_winner(&results);
    assert_eq!(losers, [AppError::StaleOrganisation; 9]);
    let (_, version, _) = app.seen_service(VISIT).await;
    assert_eq!(version, 2);
    assert_eq!(app.count("select count(*) from organisation_changes").await, 1);
}

#[sqlx::test]
async fn every_change_of_a_doctor_is_one_of_the_same_history(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let doctor_id = app.doctors[0].id;
    let stale = app.withdrawal().await;
    let command = SetActive {
        caller: app.admin_caller(),
        doctor_id,
        active: false,
        version: 1,
        key: None,
    };
    set_doctor_active(&app.database, command, app.now).await.unwrap();
    let seen = desk(&app.database, doctor_id, app.now).await.unwrap();
    assert_eq!((seen.version, seen.active), (2, false));
    assert_eq!(seen.last_change.unwrap().what, "doctor_deactivated");
    let refused = put_offers(&app.database, stale, app.now).await;
    assert_eq!(refused, Err(AppError::StaleDoctor));
    put_offers(&app.database, app.withdrawal().await, app.now)
        .await
        .unwrap();
    let week = Edit {
        caller: app.doctor_caller(0),
        doctor_id,
        version: 3,
        act: Act::Week {
            clinic_id: app.clinic,
            week: always(),
        },
        key: None,
    };
    let plan = schedule(&app.database, app.admin_caller(), doctor_id, app.now)
        .await
        .unwrap();
    assert_eq!(plan.last_change.unwrap().what, "offers_changed");
    edit(&app.database, week, app.now).await.unwrap();
    let seen = desk(&app.database, doctor_id, app.now).await.unwrap();
    let last = seen.last_change.unwrap();
    assert_eq!(
        (last.what.as_str(), last.by.as_str(), last.version),
        ("week", "doctor1", 4)
    );
    let nowhere = PutOffers {
        offers: vec![Offer {
            clinic_id: 999,
            service_id: app.services[VISIT],
        }],
        version: 4,
        ..app.withdrawal().await
    };
    let refused = put_offers(&app.database, nowhere, app.now).await;
    assert_eq!(refused, Err(AppError::NotFound));
}
