//! Reception on pages and by calls: invited, of named clinics, and nothing of what runs them.

use serde_json::json;

use super::staff::{choose, newest_link, sign_in, with_links};
use crate::support::{PHONE, People, Program, TestApp, VISIT, data, refused};
use engine::account::session::SignedIn;

#[tokio::test]
async fn reception_is_invited_chooses_a_password_and_has_the_desk_of_its_clinic() {
    let app = TestApp::with(with_links()).await;
    let elsewhere = app.another_clinic().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let clinic = app.clinic.to_string();
    let mut fields = vec![
        ("name", "Rina Hartati"),
        ("email", "rina@test.example"),
        ("role", "reception"),
    ];
    // Of no clinic it would be nothing.
    let answer = admin.submit("/admin/staff", "invite-admin", &fields).await;
    assert!(answer.error().is_some(), "{}", answer.location());
    fields.push(("clinics[0]", &clinic));
    let answer = admin.submit("/admin/staff", "invite-admin", &fields).await;
    assert_eq!(answer.location(), "/admin/staff?done=invited");
    let link = newest_link(&app, "rina@test.example").await;
    choose(&site.visitor(), &link, "tulips on a barge").await;
    let (rina, answer) = sign_in(&site, "rina@test.example", "tulips on a barge").await;
    assert_eq!(answer.location(), "/admin/day");
    let day = rina.get("/admin/day").await;
    assert_eq!(day.status, 200);
    let links = day.links("nav.nav a");
    assert!(links.contains(&"/admin/book".to_owned()), "{links:?}");
    for hidden in [
        "/admin/locks",
        "/admin/integrity",
        "/admin/staff",
        "/admin/services",
        "/admin/clinics",
        "/admin/doctors",
        "/admin/messages",
        "/admin/security",
        "/admin/closures",
        "/admin/organisation",
        "/admin/import",
        "/admin/overdue",
        "/admin/phones",
        "/admin/block",
    ] {
        assert!(!links.contains(&hidden.to_owned()), "{hidden}");
        assert_eq!(rina.get(hidden).await.status, 404, "{hidden}");
    }
    // Her desk is another clinic's from the next request on.
    let id = app.count("select id from staff where role = 'reception'").await;
    let (id, other) = (id.to_string(), elsewhere.to_string());
    let moved = [("staff_id", &*id), ("clinics[1]", &*other)];
    let answer = admin.submit("/admin/staff", "staff-clinics", &moved).await;
    assert_eq!(answer.location(), "/admin/staff?done=clinics");
    let day = rina.get("/admin/day").await;
    assert!(day.body.contains("Other clinic"), "{}", day.body);
    assert!(admin.get("/admin/staff").await.body.contains("Other clinic"));
    let notes = "select count(*) from security_notes where kind = 'role_changed' and about = 'clinics'";
    assert_eq!(app.count(notes).await, 1);
}

#[tokio::test]
async fn reception_stops_a_day_on_a_page_of_its_own() {
    stops_a_day("reception").await;
}

#[tokio::test]
async fn an_admin_of_named_clinics_stops_a_day_on_the_same_page() {
    stops_a_day("admin").await;
}

async fn stops_a_day(role: &str) {
    let app = TestApp::new().await;
    let rina = app.staff(role, "rina@test.example").await;
    app.give_clinics(rina, &[app.clinic]).await;
    let patient = app.patient(1).await;
    let reference = app.requested(patient, app.wanted(0, VISIT, app.slot(20))).await;
    let site = app.serve().await;
    let rina = site.staff("rina@test.example").await;
    let page = format!("/admin/stop?whose={}-{}", app.doctors[0].id, app.clinic);
    let day = app.day(20).to_string();
    let form = |doing: &'static str, fields: Vec<(String, String)>| {
        let mut fields = fields;
        fields.retain(|(name, _)| !["day", "reason", "doing"].contains(&name.as_str()));
        fields.push(("day".to_owned(), day.clone()));
        fields.push(("reason".to_owned(), "The doctor is ill".to_owned()));
        fields.push(("doing".to_owned(), doing.to_owned()));
        fields
    };
    let shown = rina.get(&page).await;
    assert_eq!(shown.status, 200);
    let fields = form("stop", shown.form("stop-day"));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let answer = rina.submit(&page, "stop-day", &fields).await;
    let said = answer.location();
    assert!(
        said.starts_with("/admin/stop?") && said.contains("saved=day-stopped"),
        "{said}"
    );
    assert_eq!(rina.get(&said).await.status, 200);
    assert_eq!(app.appointment(&reference).await.0, "pending");
    // Before a day is cancelled, whom it hits is asked.
    let shown = rina.get(&page).await;
    let fields = form("cancel", shown.form("stop-day"));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let asked = rina.submit(&page, "stop-day", &fields).await.location();
    assert!(
        asked.starts_with("/admin/stop?") && asked.contains("ask=day"),
        "{asked}"
    );
    let question = rina.get(asked.split('#').next().unwrap()).await;
    assert!(question.body.contains(&reference), "{}", question.body);
    assert_eq!(app.appointment(&reference).await.0, "pending");
    let fields = question.form("cancel-day");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let done = rina.submit(&asked, "cancel-day", &fields).await.location();
    assert!(done.contains("saved=day-cancelled"), "{done}");
    assert!(rina.get(&done).await.body.contains("/admin/calls/"));
    assert_eq!(app.appointment(&reference).await.0, "cancelled");
    // The page shows what is stopped, and opens it again; what was cancelled stays so.
    let shown = rina.get(&page).await;
    let stopped = shown.texts("#stopped li");
    assert!(
        stopped.len() == 1
            && stopped[0].contains("The doctor is ill")
            && stopped[0].contains("stays cancelled"),
        "{stopped:?}"
    );
    let fields = shown.form("open-day");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let opened = rina.submit(&page, "open-day", &fields).await.location();
    assert!(
        opened.starts_with("/admin/stop?") && opened.contains("saved=day-opened"),
        "{opened}"
    );
    let shown = rina.get(&opened).await;
    assert!(
        shown.texts("section.notice").join(" ").contains("stay cancelled"),
        "{}",
        shown.body
    );
    assert!(shown.texts("#stopped").is_empty());
    assert_eq!(app.appointment(&reference).await.0, "cancelled");
    assert!(app.is_free(app.wanted(0, VISIT, app.slot(20))).await);
}

#[tokio::test]
async fn reception_of_another_clinic_finds_nothing_on_any_page() {
    let app = TestApp::new().await;
    let elsewhere = app.another_clinic().await;
    app.reception("there@test.example", &[elsewhere]).await;
    let site = app.serve().await;
    site.patient(PHONE).await;
    let patient = app.count("select id from patients").await;
    let reference = app.requested(patient, app.wanted(0, VISIT, app.slot(20))).await;
    let there = site.staff("there@test.example").await;
    for path in [
        "/admin?from=".to_owned(),
        format!("/admin?from=&clinic={}", app.clinic),
        "/admin/board.csv?from=".to_owned(),
        format!("/admin/day?clinic={}&date={}", app.clinic, app.day(20)),
        format!("/admin/day.csv?clinic={}&date={}", app.clinic, app.day(20)),
        format!("/admin/week?clinic={}&date={}", app.clinic, app.day(20)),
        format!("/admin/week.csv?clinic={}&date={}", app.clinic, app.day(20)),
        format!("/admin/book?patient={patient}"),
    ] {
        let answer = there.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        for secret in [reference.as_str(), PHONE] {
            assert!(!answer.body.contains(secret), "{path}: {}", answer.body);
        }
    }
    for path in [
        format!("/admin/appointments/{reference}"),
        format!("/admin/patients/{patient}"),
    ] {
        assert_eq!(there.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_program_of_reception_books_and_stops_a_day_at_its_clinic() {
    let app = TestApp::new().await;
    let elsewhere = app.another_clinic().await;
    let id = app.reception("here@test.example", &[app.clinic]).await;
    let site = app.serve().await;
    let here = Program::acting_for(&site, SignedIn::Staff(id)).await;
    let me = data(&here.get("me").await, 200);
    assert_eq!(me["role"], "reception");
    let wish = json!({ "phone": "+6281255500777", "name": "Dewi" });
    let patient = data(&here.post("patients", &wish).await, 200)["id"].take();
    let mut wish = crate::support::wish(&app, 0, app.slot(20));
    wish["patient_id"] = patient;
    let booked = data(&here.post("appointments", &wish).await, 201);
    assert_eq!(booked["status"], "confirmed");
    wish["clinic_id"] = json!(elsewhere);
    wish["scheduled_at"] = json!(app.slot(30).to_string());
    assert!(here.post("appointments", &wish).await.status >= 400);
    let doctor = app.doctors[0].id;
    let schedule = format!("doctors/{doctor}/schedule");
    refused(&here.get(&schedule).await, 404, "NOT_FOUND");
    refused(
        &here.get(&format!("{schedule}/version/{elsewhere}")).await,
        404,
        "NOT_FOUND",
    );
    let seen = data(
        &here.get(&format!("{schedule}/version/{}", app.clinic)).await,
        200,
    );
    let stop = |clinic: i64| {
        json!({
            "clinic_id": clinic, "day": app.day(20).to_string(), "reason": "Ill", "version": seen["version"],
        })
    };
    let cancel = format!("{schedule}/cancel-day");
    refused(&here.post(&cancel, &stop(elsewhere)).await, 404, "NOT_FOUND");
    let gone = data(&here.post(&cancel, &stop(app.clinic)).await, 200);
    assert_eq!(gone["appointments"][0]["id"], booked["id"]);
    let version = format!("{schedule}/version/{}", app.clinic);
    let seen = data(&here.get(&version).await, 200);
    assert_eq!(seen["stopped_days"][0]["cancelled"], 1);
    let open = |clinic: i64| json!({ "clinic_id": clinic, "day": app.day(20).to_string(), "version": seen["version"] });
    let path = format!("{schedule}/open-day");
    refused(&here.post(&path, &open(elsewhere)).await, 404, "NOT_FOUND");
    data(&here.post(&path, &open(app.clinic)).await, 200);
    let seen = data(&here.get(&version).await, 200);
    assert_eq!(seen["stopped_days"], json!([]));
    // What is the doctor's and what runs the clinic is not hers.
    let week = json!({ "week": [], "clinic_id": app.clinic, "version": 1 });
    refused(
        &here.put(&format!("{schedule}/week"), &week).await,
        404,
        "NOT_FOUND",
    );
    for path in [
        "admin/locks",
        "admin/integrity",
        "admin/changes",
        "admin/messages",
        "admin/security",
    ] {
        assert_eq!(here.get(path).await.status, 403, "{path}");
    }
    let reference = booked["id"].to_string();
    refused(
        &here.get(&format!("appointments/{reference}/consultation")).await,
        404,
        "NOT_FOUND",
    );
    refused(&here.get("prescriptions").await, 403, "FORBIDDEN");
}

#[tokio::test]
async fn programs_manage_the_desk_and_an_admin_of_one_clinic_does_not() {
    let app = TestApp::with(with_links()).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let wish = json!({
        "role": "reception", "name": "Rina", "email": "rina@test.example", "clinics": [app.clinic],
    });
    let id = data(&people.admin.post("admin/staff", &wish).await, 201)["id"]
        .as_i64()
        .unwrap();
    let listed = data(&people.admin.get("admin/staff").await, 200);
    let rina = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|member| member["id"] == id)
        .unwrap();
    assert_eq!(
        (&rina["role"], &rina["clinics"], &rina["is_invited"]),
        (&json!("reception"), &json!([app.clinic]), &json!(true))
    );
    let path = format!("admin/staff/{id}");
    let none = json!({ "clinics": [] });
    refused(
        &people.admin.put(&format!("{path}/clinics"), &none).await,
        422,
        "VALIDATION_FAILED",
    );
    data(
        &people
            .admin
            .put(&format!("{path}/role"), &json!({ "role": "admin" }))
            .await,
        200,
    );
    // An admin of one clinic has its desk, and nothing that is of no single clinic.
    app.sql("update staff set active = true, invited_at = null where email = 'rina@test.example'")
        .await;
    let limited = Program::acting_for(&site, SignedIn::Staff(id)).await;
    for path in ["admin/staff", "admin/messages", "admin/security", "admin/changes"] {
        refused(&limited.get(path).await, 403, "FORBIDDEN");
    }
    for path in ["admin/doctors", "admin/accounts"] {
        assert!([403, 404].contains(&limited.get(path).await.status), "{path}");
    }
    data(&limited.get("appointments").await, 200);
    let closed = json!({ "first_day": "2031-01-06", "last_day": "2031-01-06", "preview": true });
    refused(&limited.post("closures", &closed).await, 404, "NOT_FOUND");
    let stranger = format!("patients/{}", people.other_id);
    refused(&limited.get(&stranger).await, 404, "NOT_FOUND");
    refused(&limited.get(&format!("{stranger}/reads")).await, 403, "FORBIDDEN");
    let access = json!({ "active": false });
    refused(
        &limited.put(&format!("{stranger}/access"), &access).await,
        404,
        "NOT_FOUND",
    );
}
