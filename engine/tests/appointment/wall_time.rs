//! The time of day that is promised with an appointment.

use std::time::Duration;

use jiff::civil;

use crate::support::{RULES, TestApp, VISIT, patient_caller};
use engine::{
    appointment::integrity::WALL_TIME_MOVED,
    booking::{Reschedule, reschedule},
    integrity::Finding,
    monitoring::verify::verify,
    time,
};

impl TestApp {
    async fn promised(&self, reference: &str) -> Option<civil::DateTime> {
        let promised: Option<jiff_sqlx::DateTime> =
            sqlx::query_scalar("select wall_time from appointments where reference = $1")
                .bind(reference)
                .fetch_one(&mut *self.spare().await)
                .await
                .unwrap();
        promised.map(jiff_sqlx::DateTime::to_jiff)
    }

    async fn moved_by_clocks(&self) -> Finding {
        let report = verify(&self.database, Duration::from_secs(60)).await.unwrap();
        let mut findings = report.findings.into_iter();
        findings.find(|finding| finding.rule == WALL_TIME_MOVED).unwrap()
    }
}

#[tokio::test]
async fn an_appointment_keeps_the_wall_time_that_was_promised() {
    let app = TestApp::new().await;
    app.sql("update clinics set time_zone = 'Asia/Jakarta'").await;
    let zone = time::zone("Asia/Jakarta").unwrap();
    let patients = app.patients(3).await;
    let booked = app.confirmed(patients[0], 0, app.slot(20)).await;
    let by_desk = app
        .books(patients[1], app.wanted(1, VISIT, app.slot(22)))
        .await
        .unwrap()
        .reference;
    assert_eq!(
        app.promised(&booked).await,
        Some(time::wall_time(app.slot(20), &zone))
    );
    assert_eq!(
        app.promised(&by_desk).await,
        Some(time::wall_time(app.slot(22), &zone))
    );
    let command = Reschedule {
        caller: patient_caller(patients[0]),
        which: booked.clone().into(),
        version: None,
        starts_at: app.slot(30),
        visitor: None,
        key: None,
        rules: RULES,
    };
    reschedule(&app.database, command, app.now).await.unwrap();
    assert_eq!(
        app.promised(&booked).await,
        Some(time::wall_time(app.slot(30), &zone))
    );
    assert_eq!(app.moved_by_clocks().await.total, 0);
}

#[tokio::test]
async fn verify_lists_the_appointments_whose_clock_has_moved() {
    let app = TestApp::new().await;
    app.sql("update clinics set time_zone = 'Asia/Jakarta'").await;
    let patients = app.patients(3).await;
    let coming = app.confirmed(patients[0], 0, app.slot(20)).await;
    let requested = app
        .requested(patients[1], app.wanted(1, VISIT, app.slot(20)))
        .await;
    // It is over, and its clock matters to nobody.
    let past = app.confirmed(patients[2], 2, app.slot(20)).await;
    sqlx::query(
        "update appointments set starts_at = starts_at - interval '9 days', ends_at = ends_at - interval '9 days',
             blocks_from = blocks_from - interval '9 days' where reference = $1",
    )
    .bind(&past)
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    assert_eq!(app.moved_by_clocks().await.total, 0);
    // As if the country had changed its clocks.
    app.sql("update clinics set time_zone = 'Asia/Makassar'").await;
    let found = app.moved_by_clocks().await;
    assert_eq!(found.total, 2, "{found:?}");
    for (row, reference) in found.rows.iter().zip([&coming, &requested]) {
        let shown = time::wall_time(app.slot(20), &time::zone("Asia/Makassar").unwrap());
        let promised = app.promised(reference).await.unwrap();
        assert!(row.contains(reference.as_str()), "{row}");
        assert!(
            row.contains(&format!("promised for {promised}, now at {shown}")),
            "{row}"
        );
    }
    // Moved to the time that was promised, it is as it was said.
    let command = Reschedule {
        caller: app.admin_caller(),
        which: coming.clone().into(),
        version: None,
        starts_at: app.slot(18),
        visitor: None,
        key: None,
        rules: RULES,
    };
    reschedule(&app.database, command, app.now).await.unwrap();
    assert_eq!(app.moved_by_clocks().await.total, 1);
}
