//! Two admins who edit the same thing.

use super::always;
use crate::support::{TestApp, VISIT, one_winner};
use engine::{
    error::AppError,
    organisation::{Offer, PutOffers, SetActive, doctor_details, put_offers, set_doctor_active},
    schedule::{Act, Edit, edit, schedule},
};

#[tokio::test]
async fn one_of_many_editors_of_a_service_at_once_wins() {
    let app = TestApp::crowded().await;
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

#[tokio::test]
async fn every_change_of_a_doctor_counts_in_one_history() {
    let app = TestApp::new().await;
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
    let seen = doctor_details(&app.database, doctor_id, app.now).await.unwrap();
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
    let seen = doctor_details(&app.database, doctor_id, app.now).await.unwrap();
    let last = seen.last_change.unwrap();
    assert_eq!(
        (last.what.as_str(), last.by.as_str(), last.version),
        ("week", "doctor1", 4)
    );
}

#[tokio::test]
async fn a_doctor_cannot_offer_a_service_at_an_unknown_clinic() {
    let app = TestApp::new().await;
    let nowhere = PutOffers {
        offers: vec![Offer {
            clinic_id: 999,
            service_id: app.services[VISIT],
        }],
        ..app.withdrawal().await
    };
    let refused = put_offers(&app.database, nowhere, app.now).await;
    assert_eq!(refused, Err(AppError::NotFound));
}
