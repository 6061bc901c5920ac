//! The way to a video room.

use super::PHONE;
use crate::support::{People, Setup, TestApp, data, refused};
use engine::consultation::{Pattern, Rules};

fn with_video() -> Setup {
    Setup {
        consultation: Rules {
            video: Some(Pattern::parse("https://meet.example/{room}").unwrap()),
            ..Rules::default()
        },
        ..Setup::default()
    }
}

/// A confirmed video consultation of the first doctor, some days ahead.
async fn by_video(app: &TestApp, patient_id: i64) -> String {
    let reference = app.confirmed(patient_id, 0, app.slot(100)).await;
    app.sql("update appointments set mode = 'video'").await;
    reference
}

/// Its time has come: it begins in ten minutes.
const SOON: &str = "update appointments set
    starts_at = now() + interval '10 minutes', ends_at = now() + interval '40 minutes',
    blocks_from = now() + interval '10 minutes', blocks_until = now() + interval '40 minutes'";

#[tokio::test]
async fn the_two_are_led_to_one_room_when_it_is_time() {
    let app = TestApp::with(with_video()).await;
    let patient_id = app.patient(1).await;
    let reference = by_video(&app, patient_id).await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let doctor = site.staff("doctor1@test.example").await;
    let other = site.staff("doctor2@test.example").await;
    let admin = site.staff("admin@test.example").await;
    let path = format!("/appointments/{reference}/video");
    let doctors_path = format!("/doctor{path}");
    let early = patient.get(&path).await;
    assert_eq!(early.status, 200);
    assert!(early.body.contains("You can join from"), "{}", early.body);
    assert!(!patient.get("/appointments").await.links("main a").contains(&path));

    app.sql(SOON).await;
    for from in ["/appointments".to_owned(), format!("/appointments/{reference}")] {
        assert!(patient.get(&from).await.links("main a").contains(&path), "{from}");
    }
    let appointment = doctor.get(&format!("/doctor/appointments/{reference}")).await;
    assert!(appointment.links("main a").contains(&doctors_path));
    let led = [patient.get(&path).await, doctor.get(&doctors_path).await];
    let room = led[0].location();
    assert!(
        room.starts_with("https://meet.example/") && room.len() > 50,
        "{room}"
    );
    assert_eq!((led[0].status, led[1].status), (303, 303));
    assert_eq!(led[1].location(), room);

    for stranger in [&other, &admin] {
        assert_eq!(stranger.get(&doctors_path).await.status, 404);
        assert_eq!(stranger.get(&path).await.status, 403);
    }
    // It stands on no page.
    for (browser, page) in [
        (&patient, "/appointments".to_owned()),
        (&patient, format!("/appointments/{reference}")),
        (&doctor, "/doctor".to_owned()),
        (&doctor, format!("/doctor/appointments/{reference}")),
        (&admin, format!("/admin/appointments/{reference}")),
        (&admin, "/admin".to_owned()),
    ] {
        let body = browser.get(&page).await.body;
        assert!(!body.contains(&room) && !body.contains("meet.example"), "{page}");
    }
}

#[tokio::test]
async fn where_there_are_no_video_links_that_is_said() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let reference = by_video(&app, patient_id).await;
    app.sql(SOON).await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    for page in [
        format!("/appointments/{reference}"),
        format!("/appointments/{reference}/video"),
    ] {
        let shown = patient.get(&page).await;
        assert_eq!(shown.status, 200, "{page}");
        assert!(shown.body.contains("has not set up video links"), "{page}");
    }
}

#[tokio::test]
async fn a_program_of_the_two_is_told_the_room_when_it_is_time() {
    let app = TestApp::with(with_video()).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = by_video(&app, people.patient_id).await;
    let path = format!("appointments/{reference}/video");
    let early = data(&people.patient.get(&path).await, 200);
    assert_eq!(
        (early["door"].as_str(), early["url"].as_str()),
        (Some("not_yet"), None)
    );
    app.sql(SOON).await;
    let door = data(&people.patient.get(&path).await, 200);
    assert_eq!(door["door"], "open");
    assert_eq!(data(&people.doctor.get(&path).await, 200)["url"], door["url"]);
    for stranger in [&people.other, &people.other_doctor, &people.admin] {
        refused(&stranger.get(&path).await, 404, "NOT_FOUND");
    }
}
