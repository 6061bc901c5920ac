//! Cancelling a visit, whole or in part.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{book, visit};
use crate::support::{INSTANT, TestApp, patient_caller};
use engine::{
    account::Caller,
    appointment::{ChangeStatus, Status, change_status},
    booking,
    error::AppError,
    time::plus_minutes,
};

#[sqlx::test]
async fn a_part_is_cancelled_alone_and_the_rest_together_or_not_at_all(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let id = app.patient(1).await;
    let segments = (0..3).map(|place| app.wanted(place, INSTANT, app.slot(20 + 2 * place as i64)));
    let booked = book(&app, visit(id, segments.collect())).await.unwrap();
    let cancel = ChangeStatus {
        caller: patient_caller(id),
        which: booked.appointments[0].reference.clone().into(),
        to: Status::Cancelled,
        version: Some(1),
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, cancel, app.now).await.unwrap();
    let statuses = "select count(*) from appointments where status = 'confirmed'";
    assert_eq!(app.count(statuses).await, 2, "the others stand");

    let whole = |caller: Caller, now| {
        booking::cancel_visit(&app.database, caller, booked.id, String::new(), None, now)
    };
    for stranger in [patient_caller(id + 1), app.doctor_caller(1)] {
        assert_eq!(whole(stranger, app.now).await, Err(AppError::NotFound));
    }
    // Past the cut-off of the second part, which is an hour: neither of the two is cancelled.
    let late = plus_minutes(app.slot(22), -30);
    assert!(matches!(
        whole(patient_caller(id), late).await,
        Err(AppError::InvalidTransition { appointment_id, .. }) if appointment_id == booked.appointments[1].id
    ));
    assert_eq!(app.count(statuses).await, 2);
    let cancelled = whole(patient_caller(id), app.now).await.unwrap();
    assert!(
        cancelled
            .appointments
            .iter()
            .all(|one| one.status == Status::Cancelled)
    );
    assert!(matches!(
        whole(patient_caller(id), app.now).await,
        Err(AppError::InvalidTransition { .. })
    ));

    // Whoever was there does not lose that part when the rest is cancelled.
    let segments = vec![
        app.wanted(0, INSTANT, app.slot(30)),
        app.wanted(1, INSTANT, app.slot(40)),
    ];
    let begun = book(&app, visit(id, segments)).await.unwrap();
    let rest = booking::cancel_visit(
        &app.database,
        patient_caller(id),
        begun.id,
        String::new(),
        None,
        app.slot(31),
    );
    let statuses: Vec<Status> = rest
        .await
        .unwrap()
        .appointments
        .iter()
        .map(|one| one.status)
        .collect();
    assert_eq!(statuses, [Status::Confirmed, Status::Cancelled]);
    app.assert_whole().await;
}
