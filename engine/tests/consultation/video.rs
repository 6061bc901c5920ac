//! The room of a video consultation.

use engine::{
    account::Caller,
    consultation::{Door, Pattern, Rules, door, tidy},
    error::AppError,
    time::plus_minutes,
};
use jiff::Timestamp;

use crate::support::{TestApp, VISIT, patient_caller};

fn rules() -> Rules {
    Rules {
        video: Some(Pattern::parse("https://meet.example/{room}").unwrap()),
        ..Rules::default()
    }
}

async fn by_video(app: &TestApp) -> (Caller, String) {
    let patient_id = app.patient(1).await;
    let reference = app.confirmed(patient_id, 0, app.slot(10)).await;
    app.sql("update appointments set mode = 'video'").await;
    (patient_caller(patient_id), reference)
}

async fn come(app: &TestApp, caller: &Caller, reference: &str, now: Timestamp) -> Result<Door, AppError> {
    door(&app.database, caller.clone(), reference.into(), &rules(), now).await
}

fn address(door: Result<Door, AppError>) -> String {
    match door.unwrap() {
        Door::Open { address, .. } => address.as_str().to_owned(),
        door => panic!("{door:?}"),
    }
}

#[tokio::test]
async fn all_who_come_at_once_meet_in_one_room() {
    let app = TestApp::crowded().await;
    let (patient, reference) = by_video(&app).await;
    let now = app.slot(10);
    let comers = (0..20)
        .map(|number| {
            let caller = if number % 2 == 0 {
                patient.clone()
            } else {
                app.doctor_caller(0)
            };
            let (database, reference) = (app.database.clone(), reference.clone());
            async move { door(&database, caller, reference.into(), &rules(), now).await }
        })
        .collect();
    let addresses: Vec<String> = app.race(comers).await.into_iter().map(address).collect();
    let room = addresses[0].strip_prefix("https://meet.example/").unwrap();
    assert!(
        room.len() == 32 && room.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{room}"
    );
    assert!(
        addresses.iter().all(|other| *other == addresses[0]),
        "{addresses:?}"
    );
    assert_eq!(app.count("select count(*) from video_rooms").await, 1);
}

#[tokio::test]
async fn each_appointment_has_a_room_of_its_own() {
    let app = TestApp::new().await;
    let (patient, first) = by_video(&app).await;
    let second = app
        .confirmed(patient.patient_id().unwrap(), 0, app.slot(11))
        .await;
    app.sql("update appointments set mode = 'video'").await;
    let now = app.slot(11);
    let rooms = [
        address(come(&app, &patient, &first, now).await),
        address(come(&app, &patient, &second, now).await),
    ];
    assert_ne!(rooms[0], rooms[1]);
}

#[tokio::test]
async fn the_door_is_open_from_a_quarter_before_until_an_hour_after() {
    let app = TestApp::new().await;
    let (patient, reference) = by_video(&app).await;
    let (opens_at, closes_at) = (plus_minutes(app.slot(10), -15), plus_minutes(app.slot(11), 60));
    let early = come(&app, &patient, &reference, plus_minutes(opens_at, -1)).await;
    assert_eq!(early, Ok(Door::NotYet { opens_at }));
    assert_eq!(app.count("select count(*) from video_rooms").await, 0);
    address(come(&app, &patient, &reference, opens_at).await);
    address(come(&app, &patient, &reference, plus_minutes(closes_at, -1)).await);
    assert_eq!(come(&app, &patient, &reference, closes_at).await, Ok(Door::Over));
}

#[tokio::test]
async fn a_request_has_no_room_yet() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let reference = app
        .requested(patient_id, app.wanted(0, VISIT, app.slot(10)))
        .await;
    app.sql("update appointments set mode = 'video'").await;
    let opens_at = plus_minutes(app.slot(10), -15);
    let asked = come(&app, &patient_caller(patient_id), &reference, app.now).await;
    assert_eq!(asked, Ok(Door::NotYet { opens_at }));
    assert_eq!(app.count("select count(*) from video_rooms").await, 0);
}

#[tokio::test]
async fn nobody_else_finds_the_door() {
    let app = TestApp::new().await;
    let (_, reference) = by_video(&app).await;
    let stranger = app.patient(2).await;
    for caller in [patient_caller(stranger), app.doctor_caller(1), app.admin_caller()] {
        let come = come(&app, &caller, &reference, app.slot(10)).await;
        assert_eq!(come, Err(AppError::NotFound), "{caller:?}");
    }
    assert_eq!(app.count("select count(*) from video_rooms").await, 0);
}

#[tokio::test]
async fn without_a_pattern_there_is_no_room() {
    let app = TestApp::new().await;
    let (patient, reference) = by_video(&app).await;
    let rules = Rules::default();
    let come = door(&app.database, patient, reference.into(), &rules, app.slot(10)).await;
    assert_eq!(come, Ok(Door::NotConfigured));
}

#[tokio::test]
async fn a_room_is_forgotten_some_days_after_its_appointment() {
    let app = TestApp::new().await;
    let (patient, reference) = by_video(&app).await;
    address(come(&app, &patient, &reference, app.slot(10)).await);
    for (days, rooms) in [(6, 1), (8, 0)] {
        let now = plus_minutes(app.slot(10), days * 24 * 60);
        app.database
            .write("test.tidy", move |mut tx| async move {
                tidy(&mut tx, now).await?;
                tx.commit().await
            })
            .await
            .unwrap();
        assert_eq!(
            app.count("select count(*) from video_rooms").await,
            rooms,
            "{days}"
        );
    }
}
