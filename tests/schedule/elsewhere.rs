//! What is busy by a calendar elsewhere, on pages and by the API.

use serde_json::json;

use crate::support::{People, TestApp, data};

#[tokio::test]
async fn doctors_and_planners_see_what_lies_under_a_busy_time_and_which_calendar_it_is() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = app.confirmed(people.patient_id, 0, app.slot(44)).await;
    let doctor_id = app.doctors[0].id;
    sqlx::query(
        "with account as (
             insert into calendar_accounts (doctor_id, kind, url, username, secret, language, linked_at, pull_at)
             values ($1, 'caldav', 'https://cal.example/', 'ayu', '', 'en', now(), now()) returning id),
         collection as (
             insert into calendar_collections (account_id, href, name, reads_busy)
             select id, '/private', 'Private', true from account returning id),
         item as (
             insert into external_items (collection_id, doctor_id, href, etag, state, read_at)
             select id, $1, '/private/a.ics', '', 'busy', now() from collection returning id)
         insert into external_busy (item_id, sequence, doctor_id, span)
         select id, 1, $1, tstzrange(to_timestamp($2), to_timestamp($2 + 3600)) from item",
    )
    .bind(doctor_id)
    .bind(app.slot(44).as_second())
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    let doctor = site.staff("doctor1@test.example").await;
    let admin = site.staff("admin@test.example").await;
    for (who, path) in [
        (&doctor, "/doctor".to_owned()),
        (&doctor, "/doctor/plan".to_owned()),
        (&admin, format!("/admin/doctors/{doctor_id}/plan")),
    ] {
        let page = who.get(&path).await;
        let told = page.texts("#busy-elsewhere");
        assert!(
            told[0].contains(&reference) && told[0].contains("Private"),
            "{path}: {told:?}"
        );
        assert!(page.texts("#attention").is_empty(), "{path}");
    }
    let other = site.staff("doctor2@test.example").await;
    assert!(other.get("/doctor").await.texts("#busy-elsewhere").is_empty());
    let path = format!(
        "doctors/{doctor_id}/schedule/why-not?service=visit&clinic={}&at={}",
        app.clinic,
        app.slot(45)
    );
    let why = data(&people.doctor.get(&path).await, 200);
    assert_eq!(why["reason"], json!("busy_elsewhere"));
    assert_eq!(why["calendars"], json!(["Private"]));
}
