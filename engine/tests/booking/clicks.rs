//! Forms that are sent several times.

use super::{hold_all, submit_all};
use crate::support::{INSTANT, TestApp, VISIT};
use engine::{appointment, time::plus_minutes};

#[tokio::test]
async fn ten_clicks_at_once_book_once() {
    let app = TestApp::crowded().await;
    let patient_id = app.patient(1).await;
    for service in [VISIT, INSTANT] {
        let wanted = app.wanted(0, service, app.slot(2 * i64::try_from(service).unwrap()));
        let held = app.hold(1, wanted, app.now).await.unwrap();
        let results = submit_all(&app, vec![(1, patient_id, held.clone()); 10], app.now).await;
        assert_eq!(results, vec![Ok(held); 10]);
    }
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    assert_eq!(app.count("select count(*) from appointment_changes").await, 4);
    app.assert_sound().await;
}

/// The hold ran out and was ended, the time is free: it is held again, and still booked once.
#[tokio::test]
async fn ten_clicks_on_an_expired_hold_book_once() {
    let app = TestApp::crowded().await;
    let patient_id = app.patient(1).await;
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(18)), app.now)
        .await
        .unwrap();
    let later = plus_minutes(app.now, 11);
    assert_eq!(appointment::expire(&app.database, later).await, Ok(1));
    let results = submit_all(&app, vec![(1, patient_id, held.clone()); 10], later).await;
    let first = results[0].clone().unwrap();
    assert_ne!(first, held);
    assert_eq!(results, vec![Ok(first.clone()); 10]);
    // And an eleventh, after Back.
    assert_eq!(app.submit(1, patient_id, &held, later).await, Ok(first));
    assert_eq!(
        app.count("select count(*) from appointments where status = 'pending'")
            .await,
        1
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn choosing_another_time_releases_the_first_hold() {
    let app = TestApp::new().await;
    let (first, second) = (
        app.wanted(0, VISIT, app.slot(18)),
        app.wanted(1, VISIT, app.slot(30)),
    );
    let held = app.hold(1, first, app.now).await.unwrap();
    app.hold(1, second, app.now).await.unwrap();
    assert_eq!(app.appointment(&held).await.0, "cancelled");
    app.hold(2, first, app.now).await.unwrap();
    app.assert_sound().await;
}

#[tokio::test]
async fn one_browser_choosing_twenty_times_at_once_ends_with_one_hold() {
    let app = TestApp::crowded().await;
    let choices = (0..20).map(|number| {
        (
            1,
            app.wanted(number % 4, VISIT, app.slot(2 * i64::try_from(number).unwrap())),
        )
    });
    let results = hold_all(&app, choices.collect(), app.now).await;
    assert!(results.iter().any(Result::is_ok), "{results:?}");
    app.assert_sound().await;
    // The last of them may not have seen the others; the next click tidies up.
    app.hold(1, app.wanted(0, VISIT, app.slot(100)), app.now)
        .await
        .unwrap();
    assert_eq!(
        app.count("select count(*) from appointments where status = 'held'")
            .await,
        1
    );
}
