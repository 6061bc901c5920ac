//! Staff move appointments: choose a time, check, move.

use crate::support::{Everybody, TestApp, VISIT, request};
use engine::error::{AppError, Refusal};

#[tokio::test]
async fn staff_choose_a_time_see_both_and_move() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let theirs = request(&app).await;
    let before = app.appointment(&theirs).await;
    for (base, staff, slot) in [
        ("admin", &everybody.admin, 9 * 48),
        ("doctor", &everybody.doctor, 10 * 48),
    ] {
        let path = format!("/{base}/appointments/{theirs}");
        let page = staff.get(&path).await;
        assert!(
            page.links("main a").contains(&format!("{path}/reschedule")),
            "{}",
            page.body
        );
        let times = staff.get(&format!("{path}/reschedule")).await;
        assert_eq!(times.status, 200, "{}", times.body);
        let to = app.slot(slot);
        let check = staff
            .get(&format!("{path}/reschedule?starts_at={}", to.as_second()))
            .await;
        // Nothing is moved by looking.
        assert_ne!(app.appointment(&theirs).await.2, to);
        let mut fields = check.form("reschedule");
        fields.push(("starts_at".to_owned(), to.as_second().to_string()));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        let answer = staff.submit(&path, "reschedule", &fields).await;
        assert_eq!(answer.location(), format!("{path}?moved={theirs}"));
        let said = staff.get(&answer.location()).await;
        assert!(
            said.texts("section.notice").join(" ").contains("is moved to"),
            "{}",
            said.body
        );
        assert_eq!(app.appointment(&theirs).await.2, to);
    }
    assert_ne!(app.appointment(&theirs).await, before);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_time_that_was_taken_meanwhile_leads_staff_to_others() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let theirs = request(&app).await;
    let taken = app.slot(9 * 48);
    app.confirmed(app.patient(900).await, 0, taken).await;
    let path = format!("/admin/appointments/{theirs}/reschedule");
    let starts_at = taken.as_second().to_string();
    let fields = [
        ("reference", &*theirs),
        ("version", "2"),
        ("starts_at", &starts_at),
    ];
    let answer = everybody.admin.submit(&path, "reschedule", &fields).await;
    assert!(matches!(
        answer.error(),
        Some(AppError::BookingFailed {
            reason: Refusal::SlotTaken,
            ..
        })
    ));
    let page = everybody.admin.get(&answer.location()).await;
    let offers = page.links(".offers a");
    assert!(
        !offers.is_empty() && offers.iter().all(|link| link.starts_with(&path)),
        "{offers:?}"
    );
}

#[tokio::test]
async fn what_is_over_is_not_moved() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let theirs = request(&app).await;
    let cancel = [
        ("reference", &*theirs),
        ("to", "cancelled"),
        ("version", "2"),
        ("reason", "x"),
    ];
    everybody.admin.submit("/admin", "change-status", &cancel).await;
    let path = format!("/admin/appointments/{theirs}");
    let answer = everybody.admin.get(&format!("{path}/reschedule")).await;
    assert_eq!((answer.status, answer.location()), (303, path.clone()));
    let page = everybody.admin.get(&path).await;
    assert!(!page.links("main a").contains(&format!("{path}/reschedule")));
}

#[tokio::test]
async fn a_free_time_of_a_calendar_is_asked_about_and_one_of_another_doctor_is_none_to_move_to() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let theirs = request(&app).await;
    let before = app.appointment(&theirs).await;
    let wanted = app.wanted(0, VISIT, app.slot(9 * 48));
    let path = |base: &str, doctor: usize| {
        format!(
            "/{base}/appointments/{theirs}/reschedule?starts_at={}&offer={}-{}-{}&next=/{base}/week",
            wanted.starts_at, app.doctors[doctor].id, wanted.clinic_id, wanted.service_id
        )
    };
    for (base, staff) in [
        ("admin", &everybody.admin),
        ("admin", &everybody.reception),
        ("doctor", &everybody.doctor),
    ] {
        let check = staff.get(&path(base, 0)).await;
        assert_eq!(check.field("reschedule", "next"), format!("/{base}/week"));
        assert!(check.texts("section.notice").is_empty(), "{}", check.body);

        let other = staff.get(&path(base, 1)).await;
        assert!(other.form("reschedule").is_empty(), "{}", other.body);
        let notice = other.texts("section.notice").join(" ");
        assert!(notice.contains("with another doctor"), "{notice}");
        let books = other.links("section.notice a");
        let expected = format!("offer={}-", app.doctors[1].id);
        match base {
            "admin" => assert!(books.iter().any(|link| link.contains(&expected)), "{books:?}"),
            _ => assert!(books.is_empty(), "{books:?}"),
        }
    }
    // An offer that is none changes nothing.
    let check = everybody
        .admin
        .get(&path("admin", 0).replace("offer=", "offer=x"))
        .await;
    assert_eq!(check.status, 200);
    assert_eq!(app.appointment(&theirs).await, before);
}
