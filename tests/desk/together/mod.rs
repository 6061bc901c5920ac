//! Two receptionists and a patient at one calendar: whoever comes too late is told what the others did, and loses nothing.

mod race;

use std::time::Duration;

use jiff::Timestamp;
use sqlx::Connection;

use super::{fill, filled, send};
use crate::{
    engine_support::{DOCTORS, settings},
    support::{Answer, Browser, PHONE, Setup, Site, TestApp, VISIT, borrowed, choose, of_wanted},
};
use engine::database::Settings;

/// Everybody who is there.
struct Cast {
    one: Browser,
    two: Browser,
    patient: Browser,
    patient_id: i64,
}

impl Cast {
    async fn of(site: &Site<'_>) -> Self {
        let app = site.app;
        app.reception("one@test.example", &[app.clinic]).await;
        app.reception("two@test.example", &[app.clinic]).await;
        let patient = site.patient(PHONE).await;
        app.sql("update patients set name = 'Maya Putri'").await;
        let patient_id = app.count("select max(id) from patients").await;
        app.confirmed(patient_id, 3, app.slot(50 * 48)).await;
        Self {
            one: site.staff("one@test.example").await,
            two: site.staff("two@test.example").await,
            patient,
            patient_id,
        }
    }
}

/// A patient whom the clinic knows from elsewhere in its calendar.
async fn known(app: &TestApp, number: usize) -> i64 {
    let id = app.patient(number).await;
    let slot = 50 * 48 + i64::try_from(number).unwrap();
    app.confirmed(id, 3, app.slot(slot)).await;
    id
}

/// The last step of a booking at the desk.
fn check(app: &TestApp, doctor: usize, patient_id: i64, slot: i64) -> String {
    let offer = format!(
        "{}-{}-{}",
        app.doctors[doctor].id, app.clinic, app.services[VISIT]
    );
    let at = app.slot(slot).as_second();
    format!("/admin/book?patient={patient_id}&offer={offer}&at={at}")
}

async fn books(browser: &Browser, check: &str) {
    let answer = fill(browser, check, "desk-book", &[("reason", "Fever")]).await;
    assert!(
        answer.location().starts_with("/admin/appointments/"),
        "{answer:?}"
    );
}

fn moving(reference: &str, version: i32, to: Timestamp) -> Vec<(&'static str, String)> {
    vec![
        ("reference", reference.to_owned()),
        ("version", version.to_string()),
        ("starts_at", to.as_second().to_string()),
    ]
}

fn cancelling(reference: &str, version: i32) -> Vec<(&'static str, String)> {
    vec![
        ("reference", reference.to_owned()),
        ("version", version.to_string()),
        ("to", "cancelled".to_owned()),
        ("reason", "Cannot come".to_owned()),
    ]
}

/// The page that a refused form leads to, with what it says.
async fn told(browser: &Browser, answer: &Answer) -> (Answer, String) {
    assert!(answer.error().is_some(), "{answer:?}");
    let page = browser.get(&answer.location()).await;
    assert_eq!(page.status, 200, "{page:?}");
    let said = page.texts("section.notice").join(" ");
    (page, said)
}

fn said(notice: &str, sentences: &[&str]) {
    for sentence in sentences {
        assert!(notice.contains(sentence), "{sentence}: {notice}");
    }
}

/// The appointments of a doctor that begin at this time.
async fn count_at(app: &TestApp, doctor: usize, at: Timestamp) -> i64 {
    sqlx::query_scalar(
        "select count(*) from appointments
         where doctor_id = $1 and starts_at = to_timestamp($2::bigint) and status in ('pending', 'confirmed')",
    )
    .bind(app.doctors[doctor].id)
    .bind(at.as_second())
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_time_that_another_desk_gave_away_is_said_at_the_desk_and_to_the_patient() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let cast = Cast::of(&site).await;
    let (third, fourth) = (known(&app, 5).await, known(&app, 6).await);

    // One fills in the last step, while the other books: nothing that was typed is lost.
    let path = check(&app, 0, third, 20);
    let form = filled(
        &cast.one.get(&path).await,
        "desk-book",
        &[("reason", "A <deep> cut")],
    );
    books(&cast.two, &check(&app, 0, fourth, 20)).await;
    let answer = send(&cast.one, &path, "desk-book", &form).await;
    let (page, notice) = told(&cast.one, &answer).await;
    said(
        &notice,
        &["10:00 has just been taken.", "Nothing you entered is lost"],
    );
    assert_eq!(page.texts(".offers button").len(), 3);
    assert_eq!(page.field("desk-book", "reason"), "A <deep> cut");

    // A patient who chooses it from a list that was opened before.
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let list = format!("/doctors/{}", wanted.doctor_id);
    let answer = cast
        .patient
        .submit(&list, "hold", &borrowed(&of_wanted(wanted)))
        .await;
    let (page, notice) = told(&cast.patient, &answer).await;
    said(
        &notice,
        &["10:00 has just been taken.", "Nothing you entered is lost"],
    );
    assert_eq!(page.texts(".offers button").len(), 3);

    // A patient whose hold has run out, once while nobody wants the time and once when a desk has given it away.
    for (slot, is_taken) in [(22, false), (24, true)] {
        let reference = choose(&cast.patient, app.wanted(0, VISIT, app.slot(slot))).await;
        app.sql("update appointments set held_until = now() - interval '1 second' where status = 'held'")
            .await;
        if is_taken {
            books(&cast.two, &check(&app, 0, fourth, slot)).await;
        }
        let check = format!("/book/{reference}/check");
        let answer = cast
            .patient
            .submit(&check, "submit", &[("reference", &*reference)])
            .await;
        match is_taken {
            false => assert_eq!(answer.location(), format!("/appointments/{reference}/done")),
            true => {
                let (page, notice) = told(&cast.patient, &answer).await;
                said(&notice, &["Your held time ran out and someone else booked it."]);
                assert_eq!(page.texts(".offers button").len(), 3);
            }
        }
        assert_eq!(count_at(&app, 0, app.slot(slot)).await, 1);
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn a_patient_who_is_booked_elsewhere_meanwhile_is_told_so_everywhere() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let cast = Cast::of(&site).await;
    let held = choose(&cast.patient, app.wanted(0, VISIT, app.slot(24))).await;
    let path = check(&app, 2, cast.patient_id, 24);
    let form = filled(&cast.one.get(&path).await, "desk-book", &[("reason", "Fever")]);
    books(&cast.two, &check(&app, 1, cast.patient_id, 24)).await;

    let answer = send(&cast.one, &path, "desk-book", &form).await;
    let (page, notice) = told(&cast.one, &answer).await;
    said(
        &notice,
        &["The patient already has an appointment at 12:00 that day."],
    );
    let links = page.links("section.notice a");
    assert!(
        links.iter().any(|link| link.starts_with("/admin/appointments/")),
        "{links:?}"
    );

    let last = format!("/book/{held}/check");
    let answer = cast
        .patient
        .submit(&last, "submit", &[("reference", &*held)])
        .await;
    let (_, notice) = told(&cast.patient, &answer).await;
    said(&notice, &["You already have an appointment at 12:00 that day."]);
    assert_eq!(count_at(&app, 1, app.slot(24)).await, 1);
    assert_eq!(count_at(&app, 0, app.slot(24)).await, 0);
    app.assert_sound().await;
}

#[tokio::test]
async fn whoever_changes_what_another_one_changed_is_told_who_did_what() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let cast = Cast::of(&site).await;
    let reference = app.confirmed(cast.patient_id, 0, app.slot(30)).await;
    let (desk, own) = (
        format!("/admin/appointments/{reference}"),
        format!("/appointments/{reference}"),
    );

    // All three look at it. The second desk moves it.
    let move_it = moving(&reference, 3, app.slot(32));
    let answer = cast
        .two
        .submit(&format!("{desk}/reschedule"), "reschedule", &borrowed(&move_it))
        .await;
    assert_eq!(answer.location(), format!("{desk}?moved={reference}"));
    let answer = cast
        .one
        .submit(&desk, "change-status", &borrowed(&cancelling(&reference, 3)))
        .await;
    let (page, notice) = told(&cast.one, &answer).await;
    said(
        &notice,
        &[
            "two moved this appointment",
            "while you were looking at it",
            "Try again",
        ],
    );
    assert!(
        page.form("change-status")
            .contains(&("reason".to_owned(), "Cannot come".to_owned())),
        "{}",
        page.body
    );
    let late = moving(&reference, 3, app.slot(34));
    let answer = cast
        .patient
        .submit(&format!("{own}/reschedule"), "reschedule", &borrowed(&late))
        .await;
    let (_, notice) = told(&cast.patient, &answer).await;
    said(&notice, &["moved this appointment"]);

    // The patient cancels it. Neither desk can do anything with it any more.
    let answer = cast
        .patient
        .submit(
            &format!("{own}/cancel"),
            "change-status",
            &borrowed(&cancelling(&reference, 4)),
        )
        .await;
    assert!(answer.error().is_none(), "{answer:?}");
    let late = moving(&reference, 4, app.slot(36));
    let answer = cast
        .one
        .submit(&format!("{desk}/reschedule"), "reschedule", &borrowed(&late))
        .await;
    let (_, notice) = told(&cast.one, &answer).await;
    said(&notice, &["The patient cancelled this appointment"]);
    let answer = cast
        .two
        .submit(&desk, "change-status", &borrowed(&cancelling(&reference, 4)))
        .await;
    let (_, notice) = told(&cast.two, &answer).await;
    said(&notice, &["The patient cancelled this appointment"]);
    assert_eq!(app.appointment(&reference).await.0, "cancelled");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_time_that_the_clinic_closed_meanwhile_is_said_to_all() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let cast = Cast::of(&site).await;
    let path = check(&app, 0, cast.patient_id, 60);
    let form = filled(&cast.one.get(&path).await, "desk-book", &[("reason", "Fever")]);
    sqlx::query("insert into plan_exceptions (doctor_id, clinic_id, day) values ($1, $2, $3::text::date)")
        .bind(app.doctors[0].id)
        .bind(app.clinic)
        .bind(app.day(60).to_string())
        .execute(&mut *app.spare().await)
        .await
        .unwrap();
    let answer = send(&cast.one, &path, "desk-book", &form).await;
    let (page, notice) = told(&cast.one, &answer).await;
    said(&notice, &["The clinic has closed this time."]);
    assert_eq!(page.texts(".offers button").len(), 3);
    let wanted = app.wanted(0, VISIT, app.slot(60));
    let list = format!("/doctors/{}", wanted.doctor_id);
    let answer = cast
        .patient
        .submit(&list, "hold", &borrowed(&of_wanted(wanted)))
        .await;
    let (page, notice) = told(&cast.patient, &answer).await;
    said(&notice, &["The clinic has closed this time."]);
    assert_eq!(page.texts(".offers button").len(), 3);
    assert_eq!(count_at(&app, 0, app.slot(60)).await, 0);
}

#[tokio::test]
async fn what_a_busy_database_could_not_finish_is_done_once_when_it_is_sent_again() {
    let setup = Setup {
        settings: Settings {
            lock_timeout: Duration::from_millis(300),
            ..settings()
        },
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let site = app.serve().await;
    let cast = Cast::of(&site).await;
    let third = known(&app, 5).await;
    let path = check(&app, 0, third, 20);
    let form = filled(&cast.one.get(&path).await, "desk-book", &[("reason", "Fever")]);
    let key = form.iter().find(|(name, _)| name == "key").unwrap().1.clone();
    let held = choose(&cast.patient, app.wanted(0, VISIT, app.slot(22))).await;
    let last = format!("/book/{held}/check");
    let own = cast.patient.get(&last).await.form("submit");

    let mut keeper = app.connection().await;
    let mut gate = keeper.begin().await.unwrap();
    sqlx::raw_sql(DOCTORS).execute(&mut *gate).await.unwrap();
    let at_desk = send(&cast.one, &path, "desk-book", &form).await;
    let of_patient = send(&cast.patient, &last, "submit", &own).await;
    gate.rollback().await.unwrap();

    let (page, notice) = told(&cast.one, &at_desk).await;
    said(&notice, &["We could not finish in time. Nothing was booked"]);
    let again = page.form("desk-book");
    assert!(again.contains(&("key".to_owned(), key)), "{again:?}");
    assert!(
        again.contains(&("reason".to_owned(), "Fever".to_owned())),
        "{again:?}"
    );
    let (page, notice) = told(&cast.patient, &of_patient).await;
    said(
        &notice,
        &["We could not finish in time. Nothing was booked", "Try again"],
    );
    let own = page.form("submit");
    for _ in 0..2 {
        let answer = send(&cast.one, &path, "desk-book", &again).await;
        assert!(
            answer.location().starts_with("/admin/appointments/"),
            "{answer:?}"
        );
        let answer = send(&cast.patient, &last, "submit", &own).await;
        assert_eq!(answer.location(), format!("/appointments/{held}/done"));
    }
    assert_eq!(count_at(&app, 0, app.slot(20)).await, 1);
    assert_eq!(count_at(&app, 0, app.slot(22)).await, 1);
    app.assert_sound().await;
}
