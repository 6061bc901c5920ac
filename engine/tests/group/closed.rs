//! Sessions in closures and absences.

use engine::schedule::{Close, Dates, close};

use super::*;

#[tokio::test]
async fn a_closure_lists_seats_of_a_session_outside_the_hours_of_its_doctor() {
    let app = TestApp::new().await;
    let session = app.published(0, app.slot(20), 3).await;
    let me = app.patient(1).await;
    let seat = app.takes(session.id, me, 1).await.unwrap();
    sqlx::query("delete from working_hours")
        .execute(app.database.pool())
        .await
        .unwrap();
    let command = Close {
        caller: app.admin_caller(),
        clinic_id: Some(app.clinic),
        dates: Dates {
            first_day: app.day(20),
            last_day: app.day(20),
            hours: None,
            yearly: false,
            note: String::new(),
        },
        key: None,
    };
    let listed = |closed: engine::schedule::Closed| -> Vec<String> {
        let hit = closed.no_longer_held.into_iter();
        hit.map(|one| one.reference).collect()
    };
    let closed = close(&app.database, command.clone(), app.now).await.unwrap();
    assert_eq!(listed(closed), [seat.appointment.reference]);
    // Closed twice, it is hit once.
    let again = close(&app.database, command, app.now).await.unwrap();
    assert!(listed(again).is_empty());
    app.assert_whole().await;
}
