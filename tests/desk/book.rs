//! Booking for a patient.

use std::collections::HashSet;

use super::{WHY, fill, filled, send};
use crate::support::{PHONE, TestApp, VISIT, refusal};
use engine::error::{AppError, Field, FieldProblem, Refusal};

#[tokio::test]
async fn a_receptionist_books_for_a_caller_without_the_phone_in_a_url() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    // A new patient needs a name, and nothing that was typed is lost.
    let answer = fill(
        &admin,
        "/admin/book",
        "desk-patient",
        &[("phone", "0812 5550 0777")],
    )
    .await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Name, FieldProblem::Missing))
    );
    let page = admin.get(&answer.location()).await;
    assert!(
        page.form("desk-patient")
            .contains(&("phone".to_owned(), "0812 5550 0777".to_owned()))
    );
    let fields = [("phone", "0812 5550 0777"), ("name", "Maya Putri")];
    let path = fill(&admin, "/admin/book", "desk-patient", &fields)
        .await
        .location();
    assert!(
        !path.contains("5550") && path.starts_with("/admin/book?patient="),
        "{path}"
    );
    // Known from now on.
    let again = fill(&admin, "/admin/book", "desk-patient", &[("phone", PHONE)]).await;
    assert_eq!(again.location(), path);
    assert!(admin.get(&path).await.body.contains("Maya Putri"));

    let offer = format!("{}-{}-{}", app.doctors[0].id, app.clinic, app.services[VISIT]);
    let list = format!("{path}&offer={offer}");
    let offers = admin.get(&path).await.texts("#offer option");
    assert!(
        offers[0] == "Choose" && offers[1] == "Dr 1: Visit, 30 minutes, Clinic",
        "{offers:?}"
    );
    assert_eq!(offers.len(), 1 + app.doctors.len() * app.services.len());
    let starts_at = app.slot(20).as_second().to_string();
    let check = fill(&admin, &list, "desk-choose", &[("starts_at", &starts_at)])
        .await
        .location();
    assert_eq!(check, format!("{list}&at={starts_at}"));
    // While the page is open, somebody else is faster.
    let form = filled(
        &admin.get(&check).await,
        "desk-book",
        &[("reason", "A <fever> & a cough")],
    );
    let other = app.patient(5).await;
    app.books(other, app.wanted(0, VISIT, app.slot(20)))
        .await
        .unwrap();
    let answer = send(&admin, &check, "desk-book", &form).await;
    assert_eq!(
        refusal::<()>(&Err(answer.error().unwrap())),
        Some(Refusal::SlotTaken)
    );
    let page = admin.get(&answer.location()).await;
    let notice = page.texts("section.notice").join(" ");
    assert!(
        notice.contains("has just been taken.") && notice.contains("Nothing you entered is lost."),
        "{notice}"
    );
    assert_eq!(page.texts(".offers button").len(), 3);
    let offers = page.form("desk-book");
    assert!(offers.contains(&("reason".to_owned(), "A <fever> & a cough".to_owned())));

    // One of the offers, twice at once and once more: one appointment.
    let nearest = app.slot(21).as_second().to_string();
    let mut form: Vec<_> = offers.into_iter().take(4).collect();
    form.push(("starts_at".to_owned(), nearest));
    let racers = (0..6)
        .map(|_| {
            let (admin, form, check) = (admin.clone(), form.clone(), check.clone());
            async move { send(&admin, &check, "desk-book", &form).await.location() }
        })
        .collect();
    let shown: HashSet<String> = app.race(racers).await.into_iter().collect();
    assert_eq!(shown.len(), 1, "{shown:?}");
    let shown = shown.into_iter().next().unwrap();
    assert_eq!(send(&admin, &check, "desk-book", &form).await.location(), shown);
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    let page = admin.get(&shown).await;
    assert!(page.body.contains("Booked for the patient"), "{}", page.body);
    assert_eq!(page.texts(".page-head .badge"), ["Confirmed"]);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_doctor_books_only_known_patients_in_their_own_calendar() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let (doctor, other) = (
        site.staff("doctor1@test.example").await,
        site.staff("doctor2@test.example").await,
    );
    let fields = [("phone", PHONE), ("name", "Maya Putri")];
    let path = fill(&doctor, "/doctor/book", "desk-patient", &fields)
        .await
        .location();
    assert!(doctor.get(&path).await.body.contains("Maya Putri"));
    // Booking begins with the phone number.
    let page = other.get(&path).await;
    assert!(page.status == 200 && !page.body.contains("Maya") && !page.body.contains("5550"));
    let patient = path.split('=').next_back().unwrap();
    let offer = format!("{}-{}-{}", app.doctors[0].id, app.clinic, app.services[VISIT]);
    let starts_at = app.slot(20).as_second().to_string();
    let day = app.slot(20).to_string()[..10].to_owned();
    let wish = [
        ("patient", patient),
        ("offer", &*offer),
        ("starts_at", &*starts_at),
        ("day", &*day),
        ("hours", "10:00"),
        ("reason", WHY),
        ("phone", PHONE),
    ];
    let nobody = site.visitor();
    let themselves = site.patient(PHONE).await;
    for form in ["desk-book", "desk-overbook", "desk-walk-in"] {
        assert_eq!(nobody.call(form, &wish).await.status, 401, "{form}");
        assert_eq!(themselves.call(form, &wish).await.status, 404, "{form}");
        assert_eq!(other.call(form, &wish).await.status, 404, "{form}");
    }
    for form in ["desk-patient", "desk-choose"] {
        assert_eq!(nobody.call(form, &wish).await.status, 401, "{form}");
        assert_eq!(themselves.call(form, &wish).await.status, 404, "{form}");
    }
    assert_eq!(app.count("select count(*) from appointments").await, 0);
    let answer = doctor.submit(&path, "desk-book", &wish).await;
    assert!(
        answer.location().starts_with("/doctor/appointments/"),
        "{answer:?}"
    );
    // A patient of the doctor is known without the number.
    let again = site.staff("doctor1@test.example").await;
    assert!(again.get(&path).await.body.contains("Maya Putri"));
}
