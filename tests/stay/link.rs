//! Where the link in a message about a stay leads.

use serde_json::json;

use super::{day, room_type, rooms};
use crate::support::{People, TestApp, data};
use engine::error::AppError;

/// The link of a stay, as a message would have it.
async fn link(app: &TestApp, reference: &str, secret: &str) -> String {
    sqlx::query(
        "with said as (
             insert into messages (kind, channel, recipient, body, patient_id, stay_id, state, not_after, ended_at)
             select 'stay_booked', 'sms', '+6281255500000', 'Booked', patient_id, id, 'sent', now() + interval '1 day', now()
             from stays where reference = $1
             returning id)
         insert into message_links (hash, message_id, purpose, good_until)
         select sha256(convert_to($2, 'UTF8')), id, 'stay', now() + interval '20 days' from said",
    )
    .bind(reference)
    .bind(secret)
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    format!("/s/{secret}")
}

#[tokio::test]
async fn a_link_shows_the_stay_and_only_a_button_cancels() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let kind = room_type(&app, &people.admin, "Single room", 2).await;
    let booked = people
        .patient
        .post("stays", &rooms(&app, kind, (10, 13), 1))
        .await;
    let stay = data(&booked, 201);
    let reference = stay["reference"].as_str().unwrap();
    let path = link(&app, reference, "abcdefghjkmnpqrstuvwxyz234").await;
    let scanner = site.visitor();
    for _ in 0..2 {
        let page = scanner.get(&path).await;
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.body.contains(reference), "{page:?}");
        // Neither in which room nor whose it is.
        for secret in ["Single room", "Patient 0"] {
            assert!(!page.body.contains(secret), "{secret}: {page:?}");
        }
    }
    let page = scanner.get(&path).await;
    let fields = page.form("link-cancel-stay");
    // Somebody changes it meanwhile.
    let longer = json!({ "departure": day(&app, 14) });
    data(
        &people
            .patient
            .post(&format!("stays/{}/change", stay["id"]), &longer)
            .await,
        200,
    );
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let late = scanner.submit(&path, "link-cancel-stay", &fields).await;
    assert!(
        matches!(late.error(), Some(AppError::StaleStay { .. })),
        "{late:?}"
    );
    let page = scanner.get(&late.location()).await;
    assert!(page.body.contains("Somebody changed this stay"), "{page:?}");
    let fields = page.form("link-cancel-stay");
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let cancelled = scanner.submit(&path, "link-cancel-stay", &fields).await;
    assert_eq!(cancelled.location(), format!("{path}?done=cancel"));
    let page = scanner.get(&cancelled.location()).await;
    assert!(
        page.body.contains(&format!("{reference} is cancelled")),
        "{page:?}"
    );
    assert!(page.form("link-cancel-stay").is_empty());
    assert_eq!(
        app.count("select count(*) from stays where status = 'cancelled'")
            .await,
        1
    );
    // For something else, the link is none.
    let other = path.replace("/s/", "/w/");
    assert_eq!(scanner.get(&other).await.status, 404);
    // What was said is on the page of the stay, for staff alone.
    let desk = site.staff("admin@test.example").await;
    let page = desk.get(&format!("/admin/stays/{reference}")).await;
    assert!(page.body.contains("Stay booked"), "{page:?}");
    app.assert_sound().await;
}
