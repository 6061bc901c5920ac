//! Group sessions on pages, without JavaScript.

use crate::support::{Answer, Browser, OTHER, PHONE, TestApp};
use engine::error::{AppError, Inventory};

/// Sends the form of a page as it stands there, but for these fields.
async fn send(browser: &Browser, path: &str, form: &str, changed: &[(&str, &str)]) -> Answer {
    let page = browser.get(path).await;
    let mut fields = page.form(form);
    fields.retain(|(name, _)| changed.iter().all(|(other, _)| other != name));
    let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fields: Vec<(&str, &str)> = fields.chain(changed.iter().copied()).collect();
    browser.submit(path, form, &fields).await
}

#[tokio::test]
async fn a_patient_takes_seats_and_one_who_is_late_is_told_and_tries_again() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let group = app.group(3, true).await;
    let path = format!("/groups/{group}");
    let visitor = site.visitor();
    let start = visitor.get("/").await;
    assert!(start.body.contains(&path), "the start page has no session");
    let list = visitor.get("/groups").await;
    assert!(
        list.texts(".free")
            .iter()
            .any(|text| text.contains("3 of 3 left")),
        "{list:?}"
    );
    let page = visitor.get(&path).await;
    assert!(page.body.contains("/sign-in?next=") && page.form("take-seats").is_empty());

    let (dewi, adi) = (site.patient(PHONE).await, site.patient(OTHER).await);
    // Both look at three seats.
    let seen = adi.get(&path).await;
    assert!(!seen.form("take-seats").is_empty(), "{seen:?}");
    let two = [("seats", "2"), ("name", "Dewi"), ("reason", "")];
    let booked = send(&dewi, &path, "take-seats", &two).await;
    assert!(booked.location().ends_with("/done"), "{booked:?}");
    let done = dewi.get(&booked.location()).await;
    assert!(done.body.contains("Class 3"), "{done:?}");

    let late = [("seats", "2"), ("name", "Adi"), ("reason", "With my father")];
    let refused = send(&adi, &path, "take-seats", &late).await;
    let of = Inventory::Seats { group_id: group };
    assert_eq!(
        refused.error(),
        Some(AppError::InsufficientInventory {
            of,
            requested: 2,
            available: 1
        })
    );
    let page = adi.get(&refused.location()).await;
    assert!(page.body.contains("Only one seat is left."), "{page:?}");
    // Nothing that was typed is lost.
    assert_eq!(page.field("take-seats", "seats"), "2");
    assert!(page.body.contains("With my father"));
    let one = [("seats", "1"), ("name", "Adi"), ("reason", "With my father")];
    let booked = send(&adi, &path, "take-seats", &one).await;
    assert!(booked.location().ends_with("/done"), "{booked:?}");
    let full = visitor.get("/groups").await;
    assert!(
        full.texts(".free")
            .iter()
            .any(|text| text.contains("No seats left")),
        "{full:?}"
    );
    // Members of a group never see each other.
    for page in ["/groups".to_owned(), path.clone(), booked.location()] {
        let page = adi.get(&page).await;
        assert!(
            !page.body.contains("Dewi") && !page.body.contains(PHONE),
            "{page:?}"
        );
    }
    app.assert_whole().await;
}

#[tokio::test]
async fn a_doctor_plans_changes_and_cancels_a_weekly_class() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let doctor = site.staff("doctor1@test.example").await;
    let (clinic, service, day) = (
        app.clinic.to_string(),
        app.services[0].to_string(),
        app.day(20).to_string(),
    );
    let mut fields = vec![
        ("clinic", &*clinic),
        ("service", &*service),
        ("title", "Birth class"),
        ("day", &*day),
        ("hours", "10:00"),
        ("length", "60"),
        ("capacity", "none"),
        ("weeks", "3"),
        ("publish", "true"),
    ];
    let wrong = send(&doctor, "/doctor/groups/new", "plan-group", &fields).await;
    let page = doctor.get(&wrong.location()).await;
    assert!(page.body.contains("A session has 1 to 500 seats."), "{page:?}");
    // What was typed is still there.
    assert_eq!(page.field("plan-group", "title"), "Birth class");
    fields[6] = ("capacity", "8");
    let planned = send(&doctor, "/doctor/groups/new", "plan-group", &fields).await;
    assert_eq!(planned.error(), None, "{planned:?}");
    assert_eq!(
        app.count("select count(*) from groups where state = 'published'")
            .await,
        3
    );
    let path = planned.location();
    let path = path.split('?').next().unwrap();
    let list = doctor.get("/doctor/groups").await;
    assert!(
        list.body.contains("Birth class") && list.body.contains("8 of 8 left"),
        "{list:?}"
    );

    let group = app.count("select min(id) from groups").await;
    let patient = site.patient(PHONE).await;
    let taken = [("seats", "3"), ("name", "Dewi"), ("reason", "")];
    let taken = send(&patient, &format!("/groups/{group}"), "take-seats", &taken).await;
    assert!(taken.location().ends_with("/done"), "{taken:?}");
    let page = doctor.get(path).await;
    assert!(
        page.body.contains("Dewi") && page.body.contains("1, 2, 3"),
        "{page:?}"
    );
    // One block, with its count.
    let today = doctor.get(&format!("/doctor?date={day}")).await;
    assert!(today.body.contains("3 of 8 seats taken"), "{today:?}");
    let admin = site.staff("admin@test.example").await;
    let sheet = admin.get(&format!("/admin/day?date={day}")).await;
    assert!(sheet.body.contains("3 of 8 seats taken"), "{sheet:?}");

    let fewer = send(&doctor, path, "change-group", &[("capacity", "2")]).await;
    let page = doctor.get(&fewer.location()).await;
    assert!(page.body.contains("3 seats are taken already"), "{page:?}");
    let later = send(
        &doctor,
        path,
        "change-group",
        &[("hours", "11:00"), ("capacity", "8")],
    )
    .await;
    assert_eq!(later.error(), None, "{later:?}");
    let flooded = [("reason", "The room is flooded"), ("with_rest", "true")];
    let cancelled = send(&doctor, path, "cancel-group", &flooded).await;
    assert_eq!(cancelled.error(), None, "{cancelled:?}");
    assert_eq!(
        app.count("select count(*) from groups where state = 'cancelled'")
            .await,
        3
    );
    assert_eq!(
        app.count("select count(*) from group_seats where freed_at is null")
            .await,
        0
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn the_desk_takes_seats_for_a_patient() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let group = app.group(3, true).await;
    let patient = app.patient(5).await;
    let admin = site.staff("admin@test.example").await;
    let path = format!("/admin/groups/{group}?patient={patient}");
    let book = admin.get(&format!("/admin/book?patient={patient}")).await;
    assert!(book.links("a").contains(&path), "{book:?}");
    let many = send(&admin, &path, "seat-patient", &[("seats", "4")]).await;
    let page = admin.get(&many.location()).await;
    assert!(page.body.contains("Only 3 seats are left."), "{page:?}");
    let taken = send(&admin, &path, "seat-patient", &[("seats", "3")]).await;
    assert_eq!(taken.error(), None, "{taken:?}");
    let page = admin.get(&taken.location()).await;
    assert!(
        page.body.contains("Patient 5") && page.body.contains("1, 2, 3"),
        "{page:?}"
    );
    app.assert_whole().await;
}
