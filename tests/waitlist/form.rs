//! The waitlist without JavaScript: joining, the patient's page, and the link of an offer.

use engine::{
    appointment::Status,
    error::{AppError, Refusal},
};

use super::clinic;
use crate::support::{TestApp, VISIT};

const FREED: i64 = 60;
const PHONE: &str = "+6281255500001";

/// Somebody else's appointment is taken back.
async fn frees(app: &TestApp, slot: i64) {
    let patient_id = app.patient(80 + usize::try_from(slot).unwrap()).await;
    let reference = app.confirmed(patient_id, 0, app.slot(slot)).await;
    let command = engine::appointment::ChangeStatus {
        caller: app.doctor_caller(0),
        which: reference.into(),
        to: Status::Cancelled,
        version: None,
        reason: String::new(),
        key: None,
    };
    engine::appointment::change_status(&app.database, command, app.now)
        .await
        .unwrap();
}

/// The link of an offer, as a message would have it.
async fn link(app: &TestApp) -> String {
    sqlx::raw_sql(
        "with said as (
             insert into messages (kind, channel, recipient, body, patient_id, offer_id, state, not_after)
             select 'time_kept', 'sms', '+6281255500001', '', patient_id, id, 'due', now() + interval '3 days'
             from waitlist_offers where state = 'offered'
             returning id)
         insert into message_links (hash, message_id, purpose, good_until)
         select sha256(convert_to('abcdefgh', 'UTF8')), id, 'offer', now() + interval '3 days' from said",
    )
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    "/w/abcdefgh".to_owned()
}

#[tokio::test]
async fn a_patient_joins_and_takes_the_time_on_the_page() {
    let app = clinic().await;
    app.patient(1).await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let wanted = app.wanted(0, VISIT, app.slot(FREED));
    let page = format!(
        "/waitlist/join?service={}&doctor={}&clinic={}",
        wanted.service_id, wanted.doctor_id, wanted.clinic_id
    );
    let form = patient.get(&page).await.form("join-waitlist");
    let mut fields: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| *name != "days[notice]")
        .collect();
    // What the choices begin with.
    let chosen = [wanted.service_id, wanted.doctor_id, wanted.clinic_id].map(|id| id.to_string());
    fields.extend([
        ("service", &*chosen[0]),
        ("doctor", &*chosen[1]),
        ("clinic", &*chosen[2]),
        ("days[notice]", "120"),
    ]);
    let answer = patient.submit(&page, "join-waitlist", &fields).await;
    assert_eq!(answer.location(), "/waitlist?done=join", "{}", answer.body);
    frees(&app, FREED).await;
    let mine = patient.get("/waitlist").await;
    let accept = mine.form("accept-offer");
    let fields: Vec<(&str, &str)> = accept
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = patient.submit("/waitlist", "accept-offer", &fields).await;
    assert!(answer.location().ends_with("/done"), "{}", answer.location());
    assert_eq!(
        app.count("select count(*) from waitlist_entries where state = 'accepted'")
            .await,
        1
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn what_was_typed_is_kept_where_the_dates_are_over() {
    let app = clinic().await;
    app.patient(1).await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let page = format!("/waitlist/join?service={}", app.services[VISIT]);
    let service = app.services[VISIT].to_string();
    let fields = [
        ("service", service.as_str()),
        ("days[first_day]", "2020-01-05"),
        ("days[last_day]", "2020-01-06"),
        ("reason", "It itches"),
    ];
    let doctor = app.doctors[1].id.to_string();
    let fields = [&fields[..], &[("doctor", doctor.as_str())]].concat();
    let answer = patient.submit(&page, "join-waitlist", &fields).await;
    assert_eq!(answer.error(), Some(AppError::InvalidDateRange));
    let again = patient.get(&page).await;
    assert!(again.body.contains("2020-01-06") && again.body.contains("It itches"));
    let chosen = format!("value=\"{doctor}\" selected");
    assert!(again.body.contains(&chosen), "{}", again.body);
}

#[tokio::test]
async fn a_link_shows_and_only_a_button_takes() {
    let app = clinic().await;
    let patient_id = app.patient(1).await;
    sqlx::query(
        "insert into waitlist_entries (patient_id, service_id, first_day, last_day, notice_minutes, joined_at)
         values ($1, $2, current_date - 2, current_date + 30, 0, now())",
    )
    .bind(patient_id)
    .bind(app.services[VISIT])
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    frees(&app, FREED).await;
    let path = link(&app).await;
    let site = app.serve().await;
    let scanner = site.visitor();
    for _ in 0..3 {
        let page = scanner.get(&path).await;
        assert_eq!(page.status, 200);
        // With whom and what for is nobody's business who found the message.
        assert!(!page.body.contains("Dr 1"), "{}", page.body);
    }
    let offered = "select count(*) from waitlist_offers where state = 'offered'";
    assert_eq!(app.count(offered).await, 1);
    let fields = [("secret", "abcdefgh")];
    let answer = scanner.submit(&path, "link-accept", &fields).await;
    assert_eq!(answer.location(), "/w/abcdefgh?done=accept");
    // The second click of two.
    let answer = scanner.submit(&path, "link-accept", &fields).await;
    assert_eq!(answer.location(), "/w/abcdefgh?done=accept");
    assert_eq!(app.count(offered).await, 0);
    assert_eq!(scanner.get(&path).await.status, 200);
    app.assert_whole().await;
}

#[tokio::test]
async fn who_takes_a_time_too_late_is_told_and_led_on() {
    let app = clinic().await;
    let patient_id = app.patient(1).await;
    sqlx::query(
        "insert into waitlist_entries (patient_id, service_id, first_day, last_day, notice_minutes, joined_at)
         values ($1, $2, current_date - 2, current_date + 30, 0, now())",
    )
    .bind(patient_id)
    .bind(app.services[VISIT])
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    frees(&app, FREED).await;
    let path = link(&app).await;
    app.sql(
        "update appointments set held_until = created_at where status = 'held';
         update waitlist_offers set kept_until = offered_at where state = 'offered'",
    )
    .await;
    app.hold(9, app.wanted(0, VISIT, app.slot(FREED)), app.database.now())
        .await
        .unwrap();
    let site = app.serve().await;
    let visitor = site.visitor();
    let answer = visitor
        .submit(&path, "link-accept", &[("secret", "abcdefgh")])
        .await;
    let wanted = app.wanted(0, VISIT, app.slot(FREED));
    assert_eq!(answer.error(), Some(Refusal::HoldExpired.of(wanted)));
    let page = visitor.get(&path).await;
    assert_eq!(page.status, 200);
    // Other times, each a button that holds it. With whom is nobody's business who found the message.
    assert!(page.body.contains("/form/hold"), "{}", page.body);
    assert!(
        !page.body.contains("Dr 1") && !page.body.contains("?clinic="),
        "{}",
        page.body
    );
    let patient = site.patient(PHONE).await;
    let page = patient.get(&path).await;
    assert!(
        page.body.contains("Dr 1") && page.body.contains("?clinic="),
        "{}",
        page.body
    );
}
