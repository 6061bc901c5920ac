//! Patients who walk in.

use super::{WHY, fill, filled, send};
use crate::support::{PHONE, TestApp, VISIT, refusal};
use engine::error::{AppError, Refusal};

#[tokio::test]
async fn a_walk_in_gets_the_next_free_time_once() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    app.hours_before_midnight().await;
    let offer = format!("{}-{}-{}", app.doctors[0].id, app.clinic, app.services[VISIT]);
    let fields = [("phone", PHONE), ("name", "Maya Putri"), ("offer", &*offer)];
    let page = admin.get("/admin/walk-in").await;
    let form = filled(&page, "desk-walk-in", &fields);
    let shown = send(&admin, "/admin/walk-in", "desk-walk-in", &form)
        .await
        .location();
    assert!(shown.starts_with("/admin/appointments/"), "{shown}");
    assert_eq!(
        send(&admin, "/admin/walk-in", "desk-walk-in", &form)
            .await
            .location(),
        shown
    );
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    assert!(admin.get(&shown).await.body.contains("Maya Putri"));
    app.assert_sound().await;
}

#[tokio::test]
async fn a_phone_of_somebody_else_is_asked_about() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    app.hours_before_midnight().await;
    app.sql("insert into patients (phone, name) values ('+6281255590001', 'Ibu Sari')")
        .await;
    let offer = format!("{}-{}-{}", app.doctors[0].id, app.clinic, app.services[VISIT]);
    let fields = [
        ("phone", "+62 (0)812 5559 0001"),
        ("name", "Anak Dewi"),
        ("offer", &*offer),
    ];
    let answer = fill(&admin, "/admin/walk-in", "desk-walk-in", &fields).await;
    assert_eq!(answer.error(), Some(AppError::PhoneShared));
    assert_eq!(app.count("select count(*) from appointments").await, 0);
    let path = answer.location().split('#').next().unwrap().to_owned();
    let page = admin.get(&path).await;
    assert!(page.texts("section.notice").join(" ").contains("Ibu Sari"));
    assert!(page.texts("fieldset").join(" ").contains("Ibu Sari"));
    let form = filled(
        &page,
        "desk-walk-in",
        &[("whose", "somebody-else"), ("offer", &offer)],
    );
    let shown = send(&admin, &path, "desk-walk-in", &form).await.location();
    assert!(shown.starts_with("/admin/appointments/"), "{shown}");
    assert!(admin.get(&shown).await.body.contains("Anak Dewi"));
    assert_eq!(
        app.count("select count(*) from patients where holder_id is not null")
            .await,
        1
    );
    // At the other door of the desk as well.
    let fields = [("phone", "0812 5559 0001"), ("name", "Anak Budi")];
    let answer = fill(&admin, "/admin/book", "desk-patient", &fields).await;
    assert_eq!(answer.error(), Some(AppError::PhoneShared));
    app.assert_sound().await;
}

#[tokio::test]
async fn a_walk_in_without_a_free_time_is_led_to_overbooking() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let offer = format!("{}-{}-{}", app.doctors[0].id, app.clinic, app.services[VISIT]);
    app.sql("delete from working_hours").await;
    let fields = [
        ("phone", "+6281255500778"),
        ("name", "Agus"),
        ("offer", &*offer),
        ("reason", "A cut"),
    ];
    let answer = fill(&admin, "/admin/walk-in", "desk-walk-in", &fields).await;
    assert_eq!(
        refusal::<()>(&Err(answer.error().unwrap())),
        Some(Refusal::SlotClosed)
    );
    let page = admin.get(&answer.location()).await;
    assert!(
        page.texts("section.notice")
            .join(" ")
            .contains("has no free time left today")
    );
    assert!(
        page.form("desk-walk-in")
            .contains(&("name".to_owned(), "Agus".to_owned()))
    );
    // Who was refused is no patient yet; going on makes them one.
    assert_eq!(
        app.count("select count(*) from patients where name = 'Agus'")
            .await,
        0
    );
    let now = app.now.as_second().to_string();
    let overbook = fill(&admin, &answer.location(), "desk-patient", &[("overbook", &*now)])
        .await
        .location();
    let path = overbook.split('#').next().unwrap();
    let shown = fill(&admin, path, "desk-overbook", &[("reason", WHY)])
        .await
        .location();
    assert!(shown.starts_with("/admin/appointments/"), "{shown}");
    let page = admin.get(&shown).await;
    assert!(
        page.body.contains("A cut") && page.body.contains(WHY),
        "{}",
        page.body
    );
    app.assert_sound().await;
}
