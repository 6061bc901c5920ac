//! Whom to call, on pages and for programs.

use serde_json::json;

use crate::support::{Everybody, TestApp, VISIT};
use engine::{
    error::AppError,
    i18n::{Locale, Texts},
    schedule::{Act, CancelDay, Dates, Edit, cancel_day, edit},
};

impl TestApp {
    /// An absence of the first doctor tomorrow, with the list of whom to call.
    async fn absent_tomorrow(&self) -> i64 {
        let command = Edit {
            caller: self.admin_caller(),
            doctor_id: self.doctors[0].id,
            version: self.doctor_version(0).await,
            act: Act::Absence {
                clinic_id: None,
                dates: Dates {
                    first_day: self.day(20),
                    last_day: self.day(20),
                    hours: None,
                    yearly: false,
                    note: String::new(),
                },
            },
            key: None,
        };
        let edited = edit(&self.database, command, self.now).await.unwrap();
        edited.call_list.unwrap()
    }
}

#[tokio::test]
async fn a_call_is_ticked_off_once_and_the_second_is_told() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let reference = app.confirmed(app.patient(1).await, 0, app.slot(20)).await;
    let list = app.absent_tomorrow().await;
    let (admin, doctor) = (
        site.staff("admin@test.example").await,
        site.staff("doctor1@test.example").await,
    );
    let lists = admin.get("/admin/calls").await;
    assert!(
        lists.links("main a").contains(&format!("/admin/calls/{list}")),
        "{}",
        lists.body
    );
    let path = format!("/admin/calls/{list}");
    let page = admin.get(&path).await;
    assert!(page.body.contains("Patient 1") && page.body.contains("tel:+6281255500001"));
    assert!(
        page.links("main a")
            .iter()
            .any(|link| link.contains(&format!("{reference}/reschedule?next=")))
    );
    let appointment = app.id_of(&reference).await.to_string();
    let tick = [
        ("list", &*list.to_string()),
        ("appointment", &appointment),
        ("reference", &reference),
        ("done", "true"),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    let tick: Vec<(&str, &str)> = tick.iter().map(|(name, value)| (*name, &**value)).collect();
    let answer = doctor
        .submit(&format!("/doctor/calls/{list}"), "tick-call", &tick)
        .await;
    assert_eq!(answer.location(), format!("/doctor/calls/{list}"));
    let answer = admin.submit(&path, "tick-call", &tick).await;
    let told = admin.get(&answer.location()).await;
    let notice = told.texts("section.notice").join(" ");
    assert!(
        notice.contains("had called") && notice.contains("Patient 1"),
        "{notice}"
    );
    // Only who has called takes it back.
    assert!(told.form("tick-call").is_empty(), "{}", told.body);
    let own = doctor.get(&format!("/doctor/calls/{list}")).await;
    assert_eq!(own.field("tick-call", "done"), "false");
    let other = site.staff("doctor2@test.example").await;
    assert_eq!(other.get(&format!("/doctor/calls/{list}")).await.status, 404);
    app.assert_sound().await;
}

#[tokio::test]
async fn all_of_a_list_are_moved_to_free_times() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let patients = app.patients(3).await;
    let mut references = Vec::new();
    for (patient, slot) in patients.into_iter().zip([20, 22, 24]) {
        references.push(app.confirmed(patient, 0, app.slot(slot)).await);
    }
    let list = app.absent_tomorrow().await;
    let admin = site.staff("admin@test.example").await;
    let path = format!("/admin/calls/{list}");
    let page = admin.get(&format!("{path}/move")).await;
    let moves: Vec<(String, String)> = page
        .form("move-all-calls")
        .into_iter()
        .filter(|(name, _)| name != "key")
        .collect();
    assert_eq!(
        moves.iter().filter(|(name, _)| name.starts_with("moves")).count(),
        3,
        "{}",
        page.body
    );
    // One is cancelled by its patient meanwhile: the others are moved all the same.
    app.sql("update appointments set status = 'cancelled', version = version + 1 where id = (select min(id) from appointments)")
        .await;
    app.sql(
        "insert into appointment_changes (appointment_id, changed_at, from_status, to_status, to_starts_at, version, actor)
         select id, now(), 'confirmed', 'cancelled', starts_at, version, 'system' from appointments
         where id = (select min(id) from appointments)",
    )
    .await;
    let fields: Vec<(&str, &str)> = moves.iter().map(|(name, value)| (&**name, &**value)).collect();
    let answer = admin
        .submit(&format!("{path}/move"), "move-all-calls", &fields)
        .await;
    assert_eq!(answer.location(), format!("{path}?done=2&left=1"));
    let (first, second) = (
        app.appointment(&references[1]).await,
        app.appointment(&references[2]).await,
    );
    assert_ne!(first.2, second.2);
    assert_ne!(first.2, app.slot(22));
    // Whoever was moved out of harm is neither cancelled nor moved once more.
    let page = admin.get(&path).await;
    assert!(page.form("cancel-all-calls").is_empty(), "{}", page.body);
    let page = admin.get(&format!("{path}/move")).await;
    let proposed = page.form("move-all-calls");
    assert!(
        proposed.iter().all(|(name, _)| !name.starts_with("moves")),
        "{proposed:?}"
    );
    let list_id = list.to_string();
    let shown = format!("{} {}", references[2], second.1);
    let cancel = [
        ("list", &*list_id),
        ("appointments[0]", &*shown),
        ("reason", "The doctor is away"),
    ];
    let answer = admin.submit(&path, "cancel-all-calls", &cancel).await;
    assert_eq!(answer.location(), format!("{path}?done=0&left=1"));
    assert_eq!(app.appointment(&references[2]).await, second);
}

#[tokio::test]
async fn all_of_a_list_are_cancelled_but_who_was_moved_since() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let mut references = Vec::new();
    for (patient, slot) in app.patients(4).await.into_iter().zip([20, 22, 24, 26]) {
        references.push(app.confirmed(patient, 0, app.slot(slot)).await);
    }
    let list = app.absent_tomorrow().await;
    let admin = site.staff("admin@test.example").await;
    let path = format!("/admin/calls/{list}");
    let move_page = admin.get(&format!("{path}/move")).await;
    // Moves one appointment as the page proposes it.
    let moving = |reference: &str| {
        let list = list.to_string();
        let moves: Vec<(String, String)> = move_page
            .form("move-all-calls")
            .into_iter()
            .filter(|(name, value)| name.starts_with("moves") && value.starts_with(reference))
            .map(|(_, value)| ("moves[0]".to_owned(), value))
            .chain([("list".to_owned(), list)])
            .collect();
        let (admin, path) = (&admin, &path);
        async move {
            let fields: Vec<(&str, &str)> = moves.iter().map(|(name, value)| (&**name, &**value)).collect();
            let answer = admin
                .submit(&format!("{path}/move"), "move-all-calls", &fields)
                .await;
            assert_eq!(answer.location(), format!("{path}?done=1&left=0"));
        }
    };
    moving(&references[0]).await;
    let page = admin.get(&path).await;
    let shown: Vec<(String, String)> = page
        .form("cancel-all-calls")
        .into_iter()
        .filter(|(name, _)| name != "reason")
        .collect();
    let named = |reference: &str| shown.iter().any(|(_, value)| value.starts_with(reference));
    assert!(!named(&references[0]), "{shown:?}");
    assert!(references[1..].iter().all(|reference| named(reference)));
    // Another is moved a moment before the form is sent.
    moving(&references[1]).await;
    let with = |reason: &'static str| {
        let mut fields: Vec<(&str, &str)> = shown.iter().map(|(name, value)| (&**name, &**value)).collect();
        fields.push(("reason", reason));
        fields
    };
    let without = admin.submit(&path, "cancel-all-calls", &with(" ")).await;
    assert!(matches!(without.error(), Some(AppError::ValidationFailed { .. })));
    // Sent twice, it says the same and cancels nothing else.
    for _ in 0..2 {
        let answer = admin
            .submit(&path, "cancel-all-calls", &with("The doctor is away"))
            .await;
        assert_eq!(answer.location(), format!("{path}?done=2&left=1"));
    }
    for (reference, status) in references
        .iter()
        .zip(["confirmed", "confirmed", "cancelled", "cancelled"])
    {
        assert_eq!(app.appointment(reference).await.0, status, "{reference}");
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn programs_see_whom_to_call_and_decide_on_whom_they_saw() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = crate::support::People::of(&site).await;
    let reference = app.confirmed(people.patient_id, 0, app.slot(20)).await;
    let path = format!("doctors/{}/schedule/cancel-day", app.doctors[0].id);
    let mut cancel = json!({
        "clinic_id": app.clinic, "day": app.day(20).to_string(), "reason": "Ill", "version": 1, "preview": true
    });
    let preview = people.doctor.post(&path, &cancel).await.json();
    assert_eq!(preview["data"]["appointments"][0]["reference"], json!(reference));
    assert_eq!(app.appointment(&reference).await.0, "confirmed");
    app.confirmed(people.other_id, 0, app.slot(22)).await;
    cancel["preview"] = json!(false);
    cancel["decided_on"] = preview["data"]["decided_on"].clone();
    let refused = people.doctor.post(&path, &cancel).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (409, "AFFECTED_CHANGED")
    );
    cancel["preview"] = json!(true);
    let preview = people.doctor.post(&path, &cancel).await.json();
    cancel["preview"] = json!(false);
    cancel["decided_on"] = preview["data"]["decided_on"].clone();
    let done = people.doctor.post(&path, &cancel).await.json();
    let list = done["data"]["call_list"].as_i64().unwrap();
    let calls = people.doctor.get(&format!("call-lists/{list}")).await.json();
    assert_eq!(calls["data"]["open"], json!(2));
    let appointment = calls["data"]["appointments"][0]["appointment_id"].clone();
    let tick = json!({ "appointment_id": appointment, "done": true });
    let ticked = people
        .doctor
        .post(&format!("call-lists/{list}/tick"), &tick)
        .await
        .json();
    assert_eq!(
        ticked["data"]["called"]["staff_id"],
        json!(app.doctors[0].staff_id)
    );
    let theirs = people.other_doctor.get(&format!("call-lists/{list}")).await;
    assert_eq!(theirs.status, 404);
    assert_eq!(people.patient.get("call-lists").await.status, 404);
}

#[tokio::test]
async fn a_day_that_was_cancelled_offers_to_book_again() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let patient = app.patient(1).await;
    app.books(patient, app.wanted(0, VISIT, app.slot(20)))
        .await
        .unwrap();
    let command = CancelDay {
        caller: app.admin_caller(),
        doctor_id: app.doctors[0].id,
        version: app.doctor_version(0).await,
        clinic_id: app.clinic,
        day: app.day(20),
        reason: "Ill".to_owned(),
        texts: Texts::of(Locale::En),
        key: None,
    };
    let done = cancel_day(&app.database, command, app.now).await.unwrap();
    let admin = site.staff("admin@test.example").await;
    let page = admin
        .get(&format!("/admin/calls/{}", done.call_list.unwrap()))
        .await;
    let again = format!("/admin/book?patient={patient}&offer=");
    assert!(
        page.links("main a").iter().any(|link| link.starts_with(&again)),
        "{}",
        page.body
    );
    // What is cancelled is neither moved nor cancelled again.
    assert!(
        page.links("main a")
            .iter()
            .all(|link| !link.contains("/reschedule"))
    );
    assert!(page.form("cancel-all-calls").is_empty());
}

#[tokio::test]
async fn a_list_of_whom_to_call_is_a_table_of_whose_it_is_without_formulas() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    sqlx::query("update patients set name = '=1+1' where id = $1")
        .bind(patients[0])
        .execute(&mut *app.spare().await)
        .await
        .unwrap();
    let first = app.confirmed(patients[0], 0, app.slot(20)).await;
    let second = app.confirmed(patients[1], 0, app.slot(22)).await;
    let list = app.absent_tomorrow().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let page = everybody.admin.get(&format!("/admin/calls/{list}")).await;
    let path = format!("/admin/calls.csv?list={list}");
    assert!(page.links("main a").contains(&path), "{}", page.body);
    for (who, browser) in everybody.all() {
        let path = match who {
            "doctor" | "other doctor" => format!("/doctor/calls.csv?list={list}"),
            _ => path.clone(),
        };
        let answer = browser.get(&path).await;
        // The doctor is away from all clinics, which is not for who has named ones.
        let expected = if ["admin", "doctor"].contains(&who) {
            200
        } else {
            404
        };
        assert_eq!(answer.status, expected, "{who}");
        let lines: Vec<&str> = answer.body.lines().collect();
        match expected {
            200 => assert!(
                lines.len() == 3
                    && lines[1].contains(",'=1+1,+62")
                    && lines[1].ends_with(&first)
                    && lines[2].ends_with(&second),
                "{who}: {}",
                answer.body
            ),
            _ => assert!(!answer.body.contains("Patient 1"), "{who}: {}", answer.body),
        }
    }
    let noted = "select count(*) from security_notes where kind = 'export' and about = 'calls'";
    assert_eq!(app.count(noted).await, 2);
}
