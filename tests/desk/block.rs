//! Blocking time.

use super::{fill, filled, send};
use crate::support::{TestApp, VISIT};
use engine::error::{AppError, Field, FieldProblem};

#[tokio::test]
async fn blocking_time_keeps_and_names_the_appointments_in_it() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let (doctor, other) = (
        site.staff("doctor1@test.example").await,
        site.staff("doctor2@test.example").await,
    );
    let patient = app.patient(1).await;
    let inside = app
        .books(patient, app.wanted(0, VISIT, app.slot(21)))
        .await
        .unwrap();
    let outside = app
        .books(patient, app.wanted(0, VISIT, app.slot(24)))
        .await
        .unwrap();
    let day = app.slot(20).to_string()[..10].to_owned();
    let path = format!("/doctor/block?day={day}");
    let page = doctor.get(&path).await;
    assert!(
        page.form("block-time")
            .contains(&("dates[first_day]".to_owned(), day.clone()))
    );
    let hours = [
        ("dates[from]", "10:00"),
        ("dates[until]", "12:00"),
        ("dates[note]", "Dentist"),
    ];
    let form = filled(&page, "block-time", &hours);
    // Without hours, nothing is blocked, and what was typed is kept.
    let answer = fill(&doctor, &path, "block-time", &[("dates[note]", "Dentist")]).await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Hours, FieldProblem::Malformed))
    );
    assert!(
        doctor
            .get(&answer.location())
            .await
            .form("block-time")
            .contains(&("dates[note]".to_owned(), "Dentist".to_owned()))
    );
    assert_eq!(
        send(&other, &path, "block-time", &form).await.error(),
        Some(AppError::NotFound)
    );

    // Who is hit is asked first.
    let answer = send(&doctor, &path, "block-time", &form).await;
    let asked = doctor.get(&answer.location()).await;
    let hit = asked.texts("#ask .row").join(" ");
    assert!(
        hit.contains("Patient 1") && !hit.contains(&outside.reference),
        "{hit}"
    );
    assert_eq!(app.count("select count(*) from time_off").await, 0);
    let mut form = form;
    form.push(("decided".to_owned(), asked.field("block-time", "decided")));
    let answer = send(&doctor, &path, "block-time", &form).await;
    assert_eq!(
        send(&doctor, &path, "block-time", &form).await.location(),
        answer.location()
    );
    let page = doctor.get(&answer.location()).await;
    let notice = page.texts("section.notice").join(" ");
    assert!(
        notice.contains("10:00 to 12:00") && notice.contains(&inside.reference),
        "{notice}"
    );
    assert!(!notice.contains(&outside.reference), "{notice}");
    assert!(!app.is_free(app.wanted(0, VISIT, app.slot(20))).await);
    assert!(app.is_free(app.wanted(0, VISIT, app.slot(25))).await);
    assert_eq!(app.appointment(&inside.reference).await.0, "confirmed");
    assert_eq!(app.count("select count(*) from time_off").await, 1);

    // A page that is older is told of the change.
    let admin = site.staff("admin@test.example").await;
    let path = format!("/admin/block?doctor={}&day={day}", app.doctors[0].id);
    let hours = [
        ("dates[from]", "14:00"),
        ("dates[until]", "15:00"),
        ("version", "1"),
    ];
    let answer = fill(&admin, &path, "block-time", &hours).await;
    assert_eq!(answer.error(), Some(AppError::StaleDoctor));
    let page = admin.get(&answer.location()).await;
    assert!(
        page.texts("section.notice")
            .join(" ")
            .contains("doctor1 changed an absence"),
        "{}",
        page.body
    );
    assert!(
        page.form("block-time")
            .contains(&("dates[from]".to_owned(), "14:00".to_owned()))
    );
}
