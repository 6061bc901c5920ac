//! Overbooking.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{WHY, fill, filled, send};
use crate::support::{PHONE, TestApp, VISIT};
use engine::error::{AppError, Field, Problem};

#[sqlx::test]
async fn overbooking_needs_a_reason_is_shown_as_such_and_is_none_of_the_patients_business(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let (doctor, patient) = (
        site.staff("doctor1@test.example").await,
        site.patient(PHONE).await,
    );
    let other = app.patient(5).await;
    app.books(other, app.wanted(0, VISIT, app.slot(20)))
        .await
        .unwrap();
    let path = fill(&doctor, "/doctor/book", "desk-patient", &[("phone", PHONE)])
        .await
        .location();
    let day = app.slot(20).to_string()[..10].to_owned();
    let when = [("day", &*day), ("hours", "10:00")];
    let answer = fill(&doctor, &path, "desk-overbook", &when).await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Reason, Problem::Missing))
    );
    let page = doctor.get(&answer.location()).await;
    assert!(
        page.form("desk-overbook")
            .contains(&("hours".to_owned(), "10:00".to_owned()))
    );
    let form = filled(&page, "desk-overbook", &[("reason", WHY)]);
    let shown = send(&doctor, &path, "desk-overbook", &form).await.location();
    assert_eq!(
        send(&doctor, &path, "desk-overbook", &form).await.location(),
        shown
    );
    assert_eq!(
        app.count("select count(*) from appointments where overbooked_because = 'Severe pain'")
            .await,
        1
    );
    let page = doctor.get(&shown).await;
    assert_eq!(page.texts(".page-head .badge"), ["Confirmed", "Overbooked"]);
    assert!(page.texts("ol.timeline").join(" ").contains(WHY));
    let sheet = doctor.get(&format!("/doctor?date={day}")).await;
    assert_eq!(sheet.texts(".badge.overbooked"), ["Overbooked"]);
    let reference = shown.split('=').next_back().unwrap().to_owned();
    let theirs = patient.get(&format!("/appointments/{reference}")).await;
    assert!(theirs.status == 200 && !theirs.body.contains(WHY) && !theirs.body.contains("Overbooked"));
    let board = site.staff("admin@test.example").await.get("/admin?from=").await;
    assert_eq!(board.texts(".badge.overbooked"), ["Overbooked"]);
    app.assert_sound().await;
}
