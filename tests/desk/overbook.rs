//! Overbooking.

use super::{WHY, fill, filled, send};
use crate::support::{Browser, PHONE, Site, TestApp, VISIT};
use engine::error::{AppError, Field, FieldProblem};

/// A time of the first doctor that somebody has already, and the doctor's page to book the patient at it.
struct Taken {
    doctor: Browser,
    patient: Browser,
    path: String,
    day: String,
}

impl Taken {
    async fn at(site: &Site<'_>) -> Self {
        let app = site.app;
        let doctor = site.staff("doctor1@test.example").await;
        let patient = site.patient(PHONE).await;
        let other = app.patient(5).await;
        app.books(other, app.wanted(0, VISIT, app.slot(20)))
            .await
            .unwrap();
        let answer = fill(&doctor, "/doctor/book", "desk-patient", &[("phone", PHONE)]).await;
        Self {
            path: answer.location(),
            day: app.slot(20).to_string()[..10].to_owned(),
            doctor,
            patient,
        }
    }

    /// The form with the time, and this reason.
    async fn form(&self, reason: &str) -> Vec<(String, String)> {
        let page = self.doctor.get(&self.path).await;
        let fields = [("day", &*self.day), ("hours", "10:00"), ("reason", reason)];
        filled(&page, "desk-overbook", &fields)
    }

    /// Overbooks the time; answers with the page of the appointment.
    async fn overbook(&self) -> String {
        let form = self.form(WHY).await;
        send(&self.doctor, &self.path, "desk-overbook", &form)
            .await
            .location()
    }
}

#[tokio::test]
async fn overbooking_without_a_reason_is_refused_and_keeps_the_time() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let taken = Taken::at(&site).await;
    let form = taken.form("").await;
    let answer = send(&taken.doctor, &taken.path, "desk-overbook", &form).await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Reason, FieldProblem::Missing))
    );
    let page = taken.doctor.get(&answer.location()).await;
    assert!(
        page.form("desk-overbook")
            .contains(&("hours".to_owned(), "10:00".to_owned()))
    );
}

#[tokio::test]
async fn a_doctor_overbooks_once_with_a_form_that_is_sent_twice() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let taken = Taken::at(&site).await;
    let form = taken.form(WHY).await;
    let first = send(&taken.doctor, &taken.path, "desk-overbook", &form).await;
    let second = send(&taken.doctor, &taken.path, "desk-overbook", &form).await;
    assert_eq!(first.location(), second.location());
    assert_eq!(
        app.count("select count(*) from appointments where overbooked_because = 'Severe pain'")
            .await,
        1
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn staff_see_that_an_appointment_is_overbooked_and_why() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let taken = Taken::at(&site).await;
    let page = taken.doctor.get(&taken.overbook().await).await;
    assert_eq!(page.texts(".page-head .badge"), ["Confirmed", "Overbooked"]);
    assert!(page.texts("ol.timeline").join(" ").contains(WHY));
    let sheet = taken.doctor.get(&format!("/doctor?date={}", taken.day)).await;
    assert_eq!(sheet.texts(".badge.overbooked"), ["Overbooked"]);
    let board = site.staff("admin@test.example").await.get("/admin?from=").await;
    assert_eq!(board.texts(".badge.overbooked"), ["Overbooked"]);
}

#[tokio::test]
async fn a_patient_does_not_see_that_they_were_overbooked() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let taken = Taken::at(&site).await;
    let shown = taken.overbook().await;
    let reference = shown.split('=').next_back().unwrap();
    let theirs = taken.patient.get(&format!("/appointments/{reference}")).await;
    assert_eq!(theirs.status, 200);
    assert!(!theirs.body.contains(WHY) && !theirs.body.contains("Overbooked"));
}
