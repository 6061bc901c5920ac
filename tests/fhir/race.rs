//! Many at once, by whichever door: one gets the time.

use serde_json::json;

use super::{about, issues, name};
use crate::support::{Answer, Program, TestApp, VISIT, borrowed, of_wanted, wish};
use engine::account::session::SignedIn;

/// Programs of so many patients.
async fn programs(site: &crate::support::Site<'_>, count: usize) -> Vec<Program> {
    let mut programs = Vec::new();
    for id in site.app.patients(count).await {
        programs.push(Program::acting_for(site, SignedIn::Patient(id)).await);
    }
    programs
}

#[tokio::test]
async fn thirty_who_hold_one_time_at_once_are_one() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let time = name(&app, 0, VISIT, app.slot(20));
    let racers = programs(&site, 30).await.into_iter().map(|program| {
        let body = about(&time);
        async move { program.send("Appointment/$hold", &body).await }
    });
    let answers = app.race(racers.collect()).await;
    let (held, taken): (Vec<Answer>, Vec<Answer>) =
        answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(held.len(), 1);
    for answer in taken {
        assert_eq!(issues(&answer, 409), ["not-found", "conflict"]);
    }
    assert_eq!(
        app.count("select count(*) from appointments where status = 'held'")
            .await,
        1
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn page_api_and_fhir_race_and_one_wins() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let (time, starts_at) = (name(&app, 0, VISIT, app.slot(20)), app.slot(20));
    let wanted = app.wanted(0, VISIT, starts_at);
    let mut racers: Vec<std::pin::Pin<Box<dyn Future<Output = bool> + Send>>> = Vec::new();
    for (number, program) in programs(&site, 20).await.into_iter().enumerate() {
        let (body, by_json) = (about(&time), wish(&app, 0, starts_at));
        racers.push(match number % 3 {
            0 => Box::pin(async move { program.send("Appointment/$book", &body).await.status == 201 }),
            1 => Box::pin(async move { program.post("appointments", &by_json).await.status == 201 }),
            _ => Box::pin(async move { program.send("Appointment/$hold", &body).await.status == 201 }),
        });
    }
    for number in 0..10 {
        let browser = site.visitor_from(&format!("192.0.2.{}", number + 10));
        let page = format!("/doctors/{}", wanted.doctor_id);
        racers.push(Box::pin(async move {
            let answer = browser.submit(&page, "hold", &borrowed(&of_wanted(wanted))).await;
            answer.location().starts_with("/book/") && answer.error().is_none()
        }));
    }
    let won = app.race(racers).await.into_iter().filter(|won| *won).count();
    assert_eq!(won, 1);
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn api_and_fhir_change_one_appointment_and_one_wins() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let patient_id = app.patient(99).await;
    let program = Program::acting_for(&site, SignedIn::Patient(patient_id)).await;
    let doctor = Program::acting_for(&site, SignedIn::Staff(app.doctors[0].staff_id)).await;
    app.confirmed(patient_id, 0, app.slot(20)).await;
    let id = app.count("select max(id) from appointments").await;
    let read = program.read(&format!("Appointment/{id}")).await.json();
    let version: i64 = read["meta"]["versionId"].as_str().unwrap().parse().unwrap();
    let mut racers: Vec<std::pin::Pin<Box<dyn Future<Output = u16> + Send>>> = Vec::new();
    for number in 0..10 {
        let (program, doctor) = (program.clone(), doctor.clone());
        let mut body = read.clone();
        body["slot"][0]["reference"] = format!("Slot/{}", name(&app, 0, VISIT, app.slot(30 + number))).into();
        body["start"] = app.slot(30 + number).to_string().into();
        racers.push(Box::pin(async move {
            program.put_version(&id.to_string(), version, &body).await.status
        }));
        let body = json!({ "scheduled_at": app.slot(50 + number).to_string(), "version": version });
        racers.push(Box::pin(async move {
            doctor
                .post(&format!("appointments/{id}/reschedule"), &body)
                .await
                .status
        }));
    }
    let statuses = app.race(racers).await;
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    assert!(
        statuses.iter().all(|status| [200, 409, 412].contains(status)),
        "{statuses:?}"
    );
    app.assert_sound().await;
}
