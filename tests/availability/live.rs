//! Pages that hear of a time that has gone.

use std::time::Duration;

use crate::support::{Everybody, TestApp, VISIT, choose, request};

#[tokio::test]
async fn an_open_page_hears_that_a_time_is_taken() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let visitor = site.visitor();
    let mut stream = visitor
        .http
        .get(visitor.url(&format!("/live/times/{}", wanted.doctor_id)))
        .send()
        .await
        .unwrap();
    let mut told = String::new();
    let mut is_chosen = false;
    let expected = format!("[[{},{}]]", wanted.starts_at, wanted.starts_at + 1800);
    let listen = async {
        while !told.contains(&expected) {
            told += std::str::from_utf8(&stream.chunk().await.unwrap().expect("hung up")).unwrap();
            // First it says that nothing is busy; then somebody chooses a time.
            if !is_chosen && told.contains("data: []") {
                is_chosen = true;
                choose(&site.visitor(), wanted).await;
            }
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), listen).await;
    assert!(in_time.is_ok(), "{told}");
}

#[tokio::test]
async fn the_open_pages_of_one_address_are_limited() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let listen = || visitor.http.get(visitor.url("/live/times/1")).send();
    let mut open = Vec::new();
    let refused = loop {
        let answer = listen().await.unwrap();
        if answer.status() != 200 {
            break answer.status();
        }
        open.push(answer);
        assert!(open.len() < 1000, "nobody was refused");
    };
    assert_eq!(refused, 429);
    // Its times can be read and booked all the same.
    assert_eq!(visitor.get("/").await.status, 200);
    open.truncate(open.len() / 2);
    let room = async {
        while listen().await.unwrap().status() != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), room).await.unwrap();
}

#[tokio::test]
async fn a_page_that_moves_an_appointment_is_not_told_that_its_time_is_taken() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let reference = request(&app).await;
    let wanted = app.wanted(0, VISIT, app.slot(7 * 48));
    let page = everybody
        .patient
        .get(&format!("/appointments/{reference}/reschedule"))
        .await;
    let own = format!("/live/times/{}?moving={reference}", wanted.doctor_id);
    assert!(page.body.contains(&own), "{}", page.body);
    let taken = format!("[[{},{}]]", wanted.starts_at, wanted.starts_at + 1800);
    for (browser, expected) in [
        (&everybody.patient, "[]"),
        // It is nobody else's to move.
        (&everybody.other_patient, taken.as_str()),
        (&everybody.visitor, taken.as_str()),
        (&everybody.admin, "[]"),
    ] {
        let mut stream = browser.http.get(browser.url(&own)).send().await.unwrap();
        let first = tokio::time::timeout(Duration::from_secs(20), stream.chunk());
        let first = first.await.unwrap().unwrap().unwrap();
        let told = std::str::from_utf8(&first).unwrap();
        assert!(told.contains(&format!("data: {expected}\n")), "{told}");
    }
    // What others hold there is taken all the same.
    let other = app.wanted(0, VISIT, app.slot(20));
    choose(&site.visitor(), other).await;
    let mut stream = everybody
        .patient
        .http
        .get(everybody.patient.url(&own))
        .send()
        .await
        .unwrap();
    let told = stream.chunk().await.unwrap().unwrap();
    let told = std::str::from_utf8(&told).unwrap();
    let expected = format!("[[{},{}]]", other.starts_at, other.starts_at + 1800);
    assert!(told.contains(&expected), "{told}");
}

/// The number of times that busy times were read for open pages.
fn reads(app: &TestApp) -> u64 {
    let numbers = app.database.statistics().render();
    numbers
        .lines()
        .find_map(|line| line.strip_prefix("janji_live_reads_total "))
        .and_then(|count| count.parse().ok())
        .unwrap_or_default()
}

#[tokio::test]
async fn a_change_is_read_once_for_all_open_pages_of_a_doctor() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let mut streams = Vec::new();
    for number in 0..60 {
        let visitor = site.visitor_from(&format!("198.51.100.{}", number % 4));
        let path = visitor.url(&format!("/live/times/{}", wanted.doctor_id));
        let mut stream = visitor.http.get(path).send().await.unwrap();
        let first = tokio::time::timeout(Duration::from_secs(20), stream.chunk());
        let first = first.await.unwrap().unwrap().unwrap();
        assert!(std::str::from_utf8(&first).unwrap().contains("data: []"));
        streams.push(stream);
    }
    let before = reads(&app);
    choose(&site.visitor_from("192.0.2.9"), wanted).await;
    let expected = format!("[[{},{}]]", wanted.starts_at, wanted.starts_at + 1800);
    for stream in &mut streams {
        let mut told = String::new();
        let listen = async {
            while !told.contains(&expected) {
                told += std::str::from_utf8(&stream.chunk().await.unwrap().expect("hung up")).unwrap();
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(20), listen).await;
        assert!(in_time.is_ok(), "{told}");
    }
    // Once for the change, and perhaps for what came with it.
    let read = reads(&app) - before;
    assert!((1..=4).contains(&read), "{read} reads for 60 pages");
}
