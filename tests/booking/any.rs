//! Booking with any doctor, without JavaScript.

use crate::support::{TestApp, VISIT};
use engine::{
    booking::Wanted,
    error::{AppError, Refusal},
};

#[tokio::test]
async fn a_page_holds_a_time_with_any_free_doctor() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.visitor();
    let start = browser.get("/").await;
    let service = app.services[VISIT];
    assert!(start.body.contains(&format!("/services/{service}?clinic=")));
    let path = format!("/services/{service}?clinic={}", app.clinic);
    let page = browser.get(&path).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.texts("h1"), ["Visit with any doctor"]);
    let mut fields = page.form("hold-any");
    fields.push(("starts_at".to_owned(), app.slot(10).as_second().to_string()));
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = browser.submit(&path, "hold-any", &fields).await;
    assert!(answer.location().starts_with("/book/"), "{answer:?}");
    let again = browser.submit(&path, "hold-any", &fields).await;
    assert_eq!(again.location(), answer.location(), "a double click");
    let details = browser.get(&answer.location()).await;
    assert!(details.body.contains("Dr 1"), "{}", details.body);

    // Three more, and nobody is left for the fifth.
    for number in 1..4 {
        let wanted = app.wanted(number, VISIT, app.slot(10));
        app.hold(number, wanted, app.now).await.unwrap();
    }
    let late = site.visitor();
    late.get(&path).await;
    let answer = late.submit(&path, "hold-any", &fields).await;
    let wanted = Wanted {
        doctor_id: Wanted::ANY,
        clinic_id: app.clinic,
        service_id: service,
        starts_at: app.slot(10).as_second(),
    };
    assert_eq!(
        answer.error(),
        Some(AppError::BookingFailed {
            reason: Refusal::SlotTaken,
            wanted
        })
    );
    let conflict = late.get(&answer.location()).await;
    assert_eq!(conflict.texts("#errors h2"), ["05:00 has just been taken."]);
    assert_eq!(conflict.texts("#errors .offers button").len(), 3);
    assert!(conflict.body.contains(&format!("href=\"{path}\"")));
    app.assert_sound().await;
}
