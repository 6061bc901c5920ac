//! The second layer: appointments that the database itself refuses, whatever the program does.

use jiff_sqlx::ToSqlx;

use crate::support::TestApp;
use engine::time::plus_minutes;

/// Writes an appointment past the program; the name of the constraint that refused it, if one did.
async fn insert(
    app: &TestApp,
    doctor: usize,
    patient: i64,
    status: &str,
    minutes: (i64, i64),
) -> Result<(), Option<String>> {
    let starts_at = plus_minutes(app.slot(20), minutes.0);
    let ends_at = plus_minutes(app.slot(20), minutes.1);
    sqlx::query(
        "insert into appointments
             (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from,
              blocks_until, duration_minutes, mode, held_until, answer_until)
         values (gen_random_uuid()::text, $1, $2, $3, $4, $5, $6, $7, $6, $7, 30, 'in_person', $7, $7)",
    )
    .bind(app.doctors[doctor].id)
    .bind(app.clinic)
    .bind(app.services[0])
    .bind(patient)
    .bind(status)
    .bind(starts_at.to_sqlx())
    .bind(ends_at.to_sqlx())
    .execute(&mut *app.spare().await)
    .await
    .map(drop)
    .map_err(|error| error.as_database_error().and_then(|error| error.constraint().map(str::to_owned)))
}

const DOCTOR: &str = "appointments_no_overlap";

const PATIENT: &str = "appointments_patient_no_overlap";

#[tokio::test]
async fn a_doctor_cannot_have_two_appointments_at_once() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    insert(&app, 0, patients[0], "confirmed", (0, 30)).await.unwrap();
    let refused = Err(Some(DOCTOR.to_owned()));
    for minutes in [(0, 30), (29, 59), (-29, 1), (10, 20), (-60, 60)] {
        for status in [
            "held",
            "pending",
            "confirmed",
            "in_progress",
            "completed",
            "no_show",
        ] {
            assert_eq!(
                insert(&app, 0, patients[1], status, minutes).await,
                refused,
                "{status} {minutes:?}"
            );
        }
    }
    // Appointments that touch do not overlap, and those that have ended block no time.
    assert_eq!(insert(&app, 0, patients[1], "confirmed", (30, 60)).await, Ok(()));
    assert_eq!(insert(&app, 0, patients[1], "confirmed", (-30, 0)).await, Ok(()));
    for status in ["cancelled", "rejected", "expired"] {
        assert_eq!(
            insert(&app, 0, patients[1], status, (0, 30)).await,
            Ok(()),
            "{status}"
        );
    }
    // Another doctor is somebody else.
    assert_eq!(insert(&app, 1, patients[1], "confirmed", (0, 30)).await, Ok(()));
}

#[tokio::test]
async fn a_cancelled_appointment_cannot_return_to_a_time_that_is_taken() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    insert(&app, 0, patients[0], "cancelled", (0, 30)).await.unwrap();
    insert(&app, 0, patients[1], "confirmed", (0, 30)).await.unwrap();
    let error = sqlx::query("update appointments set status = 'confirmed' where status = 'cancelled'")
        .execute(&mut *app.spare().await)
        .await
        .unwrap_err();
    assert_eq!(error.as_database_error().unwrap().constraint(), Some(DOCTOR));
}

#[tokio::test]
async fn a_patient_cannot_have_two_appointments_at_once() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    insert(&app, 0, patient, "confirmed", (0, 30)).await.unwrap();
    for status in ["pending", "confirmed", "in_progress", "completed", "no_show"] {
        assert_eq!(
            insert(&app, 1, patient, status, (15, 45)).await,
            Err(Some(PATIENT.to_owned())),
            "{status}"
        );
    }
    // Choosing another time is no second visit.
    assert_eq!(insert(&app, 1, patient, "held", (15, 45)).await, Ok(()));
    assert_eq!(insert(&app, 2, patient, "cancelled", (15, 45)).await, Ok(()));
    assert_eq!(insert(&app, 2, patient, "confirmed", (30, 60)).await, Ok(()));
}

#[tokio::test]
async fn an_unknown_status_is_refused() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let refused = insert(&app, 0, patient, "done", (0, 30)).await;
    assert_eq!(refused, Err(Some("appointments_status_known".to_owned())));
}
