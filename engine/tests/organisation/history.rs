//! A change of a service leaves past bookings as they were.

use crate::support::{TestApp, VISIT, patient_caller};
use engine::{
    appointment::{ChangeStatus, Status, change_status, find},
    availability::Horizon,
    money::Price,
    time::plus_minutes,
};

#[tokio::test]
async fn a_change_of_a_service_leaves_its_bookings_as_they_were() {
    let app = TestApp::new().await;
    let first = app
        .changing_service(VISIT, |service| {
            service.price = Some(Price {
                minor: 15_000_000,
                currency: "IDR".to_owned(),
            });
        })
        .await;
    app.describing(first).await.unwrap();
    let patient = app.patient(1).await;
    let starts_at = app.slot(60);
    let booked = app.confirmed(patient, 0, starts_at).await;
    let row = async || -> serde_json::Value {
        sqlx::query_scalar("select to_jsonb(appointments) from appointments where reference = $1")
            .bind(&booked)
            .fetch_one(&mut *app.spare().await)
            .await
            .unwrap()
    };
    let before = row().await;
    let everything = app
        .changing_service(VISIT, |service| {
            service.name = "Something else".to_owned();
            service.key = "else".to_owned();
            service.mode = "video".to_owned();
            service.rules.duration = 55;
            service.rules.buffer_before = 30;
            service.rules.buffer_after = 30;
            service.rules.interval = 60;
            service.rules.notice = 10_000;
            service.rules.horizon = Horizon::WorkingDays(1);
            service.cutoff_minutes = 20_000;
            service.instant = true;
            service.price = None;
            service.active = false;
        })
        .await;
    app.describing(everything).await.unwrap();
    assert_eq!(row().await, before);
    let me = patient_caller(patient);
    let item = find(&app.database, Some(me.clone()), None, booked.clone())
        .await
        .unwrap();
    assert_eq!(
        (item.service_name.as_str(), item.mode.as_str()),
        ("Visit", "in_person")
    );
    assert_eq!(item.price.map(|price| price.minor), Some(15_000_000));
    // It was promised that it can be cancelled up to an hour before.
    let cancel = ChangeStatus {
        key: None,
        caller: me,
        which: booked.clone().into(),
        to: Status::Cancelled,
        version: None,
        reason: String::new(),
    };
    change_status(&app.database, cancel, plus_minutes(starts_at, -60))
        .await
        .unwrap();
    app.assert_sound().await;
}
