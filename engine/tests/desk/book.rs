//! Booking for a patient at zero notice.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::support::{INSTANT, TestApp, VISIT, patient_caller, refusal};
use engine::{
    appointment::{Status, history},
    availability::{For, page},
    error::Refusal,
};

#[tokio::test]
async fn staff_can_book_exactly_the_times_that_they_are_shown() {
    let app = TestApp::new().await;
    app.sql("update services set notice_minutes = 3 * 24 * 60; update working_hours set until_minute = 600")
        .await;
    let patients = app.patients(30).await;
    app.requested(patients[29], app.wanted(0, VISIT, app.slot(5 * 48)))
        .await;
    let now = app.slot(0);
    let list = async |purpose: For| -> HashSet<i64> {
        let times = page(
            &app.database,
            app.doctors[0].id,
            app.clinic,
            app.services[VISIT],
            None,
            purpose,
            now,
        )
        .await
        .unwrap();
        let slots = times.days.into_iter().flat_map(|day| day.slots);
        slots
            .filter(|slot| slot.free)
            .map(|slot| slot.starts_at.as_second())
            .collect()
    };
    let (desk, online) = (list(For::Desk).await, list(For::Booking { visitor: None }).await);
    let first_days: Vec<Timestamp> = (1..=24).map(|number| app.slot(number)).collect();
    assert!(first_days.iter().any(|time| desk.contains(&time.as_second())));
    assert!(!first_days.iter().any(|time| online.contains(&time.as_second())));
    for (starts_at, patient_id) in first_days.into_iter().zip(patients) {
        let wanted = app.wanted(0, VISIT, starts_at);
        let own = patient_caller(patient_id);
        let online = app.sent(app.booking(own, patient_id, wanted, false), now).await;
        assert_eq!(refusal(&online), Some(Refusal::SlotClosed), "{starts_at}");
        app.given(0, patient_id).await;
        let by_staff = app.booking(app.doctor_caller(0), patient_id, wanted, false);
        let booked = app.sent(by_staff, now).await;
        assert_eq!(
            booked.is_ok(),
            desk.contains(&starts_at.as_second()),
            "{starts_at}: {booked:?}"
        );
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn the_history_of_a_confirmed_booking_by_staff_names_who_made_it() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    app.given(0, patient).await;
    for (caller, service, number, for_doctor) in [
        (app.admin_caller(), VISIT, 10, true),
        (app.doctor_caller(0), VISIT, 12, false),
        // Nobody would have asked the doctor.
        (app.admin_caller(), INSTANT, 14, false),
    ] {
        let wanted = app.wanted(0, service, app.slot(number));
        let command = app.booking(caller.clone(), patient, wanted, false);
        let booked = app.sent(command, app.now).await.unwrap();
        assert_eq!((booked.status, booked.overbooked), (Status::Confirmed, false));
        let history = history(&app.database, app.admin_caller(), booked.reference.into())
            .await
            .unwrap();
        let [change] = &*history.changes else {
            panic!("{history:?}")
        };
        assert_eq!((change.from, change.to), (None, Status::Confirmed));
        assert_eq!(
            (change.actor, change.staff_id),
            (caller.role(), caller.staff_id())
        );
        assert_eq!((change.for_doctor, &*change.reason), (for_doctor, ""));
    }
    app.assert_sound().await;
}
