//! Templates of prescriptions, and what was prescribed last: on pages without JavaScript, and by the API.

use serde_json::json;

use crate::support::{Answer, Browser, People, TestApp, data, refused};
use engine::{
    appointment::Status,
    error::{AppError, Field, FieldProblem},
};

const MEDICATION: [(&str, &str); 4] = [
    ("medications[0][name]", "Amoxicillin"),
    ("medications[0][dose]", "500 mg"),
    ("medications[0][frequency]", "three times a day"),
    ("medications[0][duration]", "7 days"),
];

async fn send(browser: &Browser, page: &str, form: &str, more: &[(&str, &str)]) -> Answer {
    let fields = [&MEDICATION[..], more].concat();
    browser.submit(page, form, &fields).await
}

#[tokio::test]
async fn a_template_is_made_used_and_deleted_without_javascript() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let first = app.visit(me, 0, app.slot(18), Status::InProgress).await;
    let second = app.visit(me, 0, app.slot(20), Status::InProgress).await;
    let site = app.serve().await;
    let doctor = site.staff("doctor1@test.example").await;
    let list = "/doctor/templates";
    assert!(doctor.get(list).await.body.contains("No templates yet"));

    // From a prescription that was written.
    let page = format!("/doctor/appointments/{first}/prescribe");
    let written = send(
        &doctor,
        &page,
        "prescribe",
        &[("reference", &first), ("note", "After meals")],
    )
    .await;
    assert_eq!(written.error(), None, "{written:?}");
    let view = format!("/doctor/appointments/{first}/prescription");
    let nameless = doctor
        .submit(&view, "save-template", &[("reference", &first)])
        .await;
    assert_eq!(
        nameless.error(),
        Some(AppError::invalid(Field::TemplateName, FieldProblem::Missing))
    );
    let fields = [("reference", &*first), ("template_name", "Sinusitis")];
    let saved = doctor.submit(&view, "save-template", &fields).await;
    assert!(saved.location().starts_with(list), "{saved:?}");
    let shown = doctor.get(list).await;
    assert!(shown.body.contains("Sinusitis") && shown.body.contains("Amoxicillin"));

    // Used: what was typed stays, and nothing is written yet.
    let id = app
        .count("select id from prescription_templates")
        .await
        .to_string();
    let page = format!("/doctor/appointments/{second}/prescribe");
    // Looking at the prescription was a read, and is noted once an hour.
    app.sql("delete from patient_reads").await;
    let form = doctor.get(&page).await;
    assert!(form.body.contains("Sinusitis") && form.body.contains("Repeat what I prescribed last"));
    // Whether there is something to repeat tells nobody what it is.
    let read = "select count(*) from patient_reads where what = 'history'";
    assert_eq!(app.count(read).await, 0);
    let typed = [
        ("reference", &*second),
        ("medications[0][name]", "Ibuprofen"),
        ("note", "With water"),
        ("template", &*id),
    ];
    let used = doctor.submit(&page, "prescribe", &typed).await;
    let filled = doctor.get(&used.location()).await.form("prescribe");
    for (name, value) in [
        ("medications[0][name]", "Ibuprofen"),
        ("medications[1][name]", "Amoxicillin"),
        ("medications[1][duration]", "7 days"),
        ("note", "With water"),
    ] {
        assert!(
            filled.contains(&(name.to_owned(), value.to_owned())),
            "{name}: {filled:?}"
        );
    }
    let repeated = doctor
        .submit(&page, "prescribe", &[("reference", &*second), ("repeat", "true")])
        .await;
    assert_eq!(app.count(read).await, 1);
    let filled = doctor.get(&repeated.location()).await.form("prescribe");
    assert!(filled.contains(&("medications[0][name]".to_owned(), "Amoxicillin".to_owned())));
    assert!(filled.contains(&("note".to_owned(), "After meals".to_owned())));
    assert_eq!(app.count("select count(*) from prescriptions").await, 1);

    // Changed, in two windows, and deleted.
    let edit = format!("{list}/{id}");
    let change = |name: &'static str| {
        let (doctor, edit, id) = (&doctor, edit.clone(), id.clone());
        async move {
            let more = [("id", &*id), ("version", "1"), ("template_name", name)];
            send(doctor, &edit, "put-template", &more).await
        }
    };
    assert_eq!(change("Sinus").await.error(), None);
    let late = change("Nose").await;
    assert_eq!(late.error(), Some(AppError::StaleText));
    let form = doctor.get(&late.location()).await.form("put-template");
    assert!(
        form.contains(&("template_name".to_owned(), "Nose".to_owned())),
        "{form:?}"
    );
    assert_eq!(
        doctor
            .submit(list, "delete-template", &[("id", &id)])
            .await
            .error(),
        None
    );
    assert_eq!(app.count("select count(*) from prescription_templates").await, 0);
    assert_eq!(app.count("select count(*) from prescriptions").await, 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn programs_of_a_doctor_keep_templates() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let line = json!({ "name": "A", "dose": "1", "frequency": "1", "duration": "1" });
    let body = json!({ "name": "Sinusitis", "medications": [line] });
    let made = data(&people.doctor.post("prescription-templates", &body).await, 201);
    let path = format!("prescription-templates/{}", made["id"]);
    let again = people.doctor.post("prescription-templates", &body).await;
    assert_eq!(refused(&again, 422, "VALIDATION_FAILED")["name"], "taken");
    let read = data(&people.doctor.get(&path).await, 200);
    assert_eq!(
        (&read["name"], &read["medications"][0]["name"]),
        (&json!("Sinusitis"), &json!("A"))
    );
    let change = json!({ "name": "Sinus", "medications": [line], "version": 1 });
    assert_eq!(data(&people.doctor.put(&path, &change).await, 200)["version"], 2);
    refused(&people.doctor.put(&path, &change).await, 409, "STALE_VERSION");
    refused(&people.other_doctor.get(&path).await, 404, "NOT_FOUND");
    refused(
        &people.patient.get("prescription-templates").await,
        403,
        "FORBIDDEN",
    );
    data(&people.doctor.delete(&path).await, 200);
    assert_eq!(
        data(&people.doctor.get("prescription-templates").await, 200),
        json!([])
    );
}
