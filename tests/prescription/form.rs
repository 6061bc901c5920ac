//! Writing a prescription without JavaScript.

use super::visit;
use crate::support::{Answer, Browser, TestApp};
use engine::{
    appointment::Status,
    error::{AppError, Field, FieldProblem},
    i18n::{Locale, Texts},
    prescription,
};
use janji::ui::message;

/// As many characters as nobody needs.
fn long() -> String {
    "x".repeat(81)
}

/// The form as it is, with some fields typed into.
fn filled(form: Vec<(String, String)>, typed: &[(&str, &str)]) -> Vec<(String, String)> {
    form.into_iter()
        .map(
            |(name, value)| match typed.iter().find(|(field, _)| *field == name) {
                Some((_, typed)) => (name, (*typed).to_owned()),
                None => (name, value),
            },
        )
        .collect()
}

async fn send(browser: &Browser, page: &str, form: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser.submit(page, form, &fields).await
}

fn value<'a>(form: &'a [(String, String)], field: &str) -> &'a str {
    form.iter()
        .find(|(name, _)| name == field)
        .map(|(_, value)| value.as_str())
        .unwrap()
}

#[tokio::test]
async fn a_doctor_prescribes_without_javascript() {
    let app = TestApp::new().await;
    let (_, reference) = visit(&app, Status::InProgress).await;
    let site = app.serve().await;
    let doctor = site.staff("doctor1@test.example").await;
    let page = format!("/doctor/appointments/{reference}/prescribe");
    let today = doctor.get(&format!("/doctor/appointments/{reference}")).await;
    assert!(today.body.contains(&page), "no way to the form");

    let form = doctor.get(&page).await.form("prescribe");
    assert_eq!(
        form.iter().filter(|(name, _)| name.ends_with("[name]")).count(),
        5
    );
    let nothing = send(&doctor, &page, "prescribe", &form).await;
    assert_eq!(
        nothing.error(),
        Some(AppError::invalid(Field::Medications, FieldProblem::Missing))
    );

    // The second row says too little, the fourth too much; those between were left empty.
    let too_long = long();
    let typed = [
        ("medications[1][name]", "Amoxicillin"),
        ("medications[1][frequency]", "three times a day"),
        ("medications[1][duration]", "7 days"),
        ("medications[3][name]", "Ibuprofen"),
        ("medications[3][dose]", too_long.as_str()),
        ("medications[3][frequency]", "twice a day"),
        ("medications[3][duration]", "3 days"),
        ("medications[3][note]", "\"><script>alert(1)</script>"),
        ("note", "Drink & rest </textarea><script>alert(2)</script>"),
    ];
    let answer = send(&doctor, &page, "prescribe", &filled(form, &typed)).await;
    assert_eq!(answer.status, 303);
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Dose, FieldProblem::Missing))
    );
    // However the reference was said, what was typed is there.
    let said = reference.to_lowercase().replace('-', "");
    let spoken = doctor.get(&answer.location().replace(&reference, &said)).await;
    let kept = ("medications[3][name]".to_owned(), "Ibuprofen".to_owned());
    assert!(spoken.form("prescribe").contains(&kept), "{}", spoken.body);
    let back = doctor.get(&answer.location()).await;
    assert_eq!(
        back.texts("#errors li a"),
        [
            "Medication 2: Enter the dose.",
            "Medication 4: Say the dose in at most 80 characters. That is one character too many.",
        ]
    );
    assert_eq!(
        back.texts(".error span"),
        [
            "Enter the dose.",
            "Say the dose in at most 80 characters. That is one character too many."
        ]
    );
    assert!(
        !back.body.contains("<script>alert"),
        "what was typed became markup"
    );
    let form = back.form("prescribe");
    for (field, text) in typed {
        assert_eq!(value(&form, field), text, "{field}");
    }

    let better = [
        ("medications[1][dose]", "500 mg"),
        ("medications[3][dose]", "400 mg"),
    ];
    let answer = send(&doctor, &page, "prescribe", &filled(form, &better)).await;
    assert_eq!(
        answer.location(),
        format!("/doctor/appointments/{reference}?prescribed=1")
    );
    let read = prescription::find(&app.database, app.doctor_caller(0), reference.clone())
        .await
        .unwrap()
        .remove(0);
    assert_eq!(read.note, "Drink & rest </textarea><script>alert(2)</script>");
    let names: Vec<&str> = read
        .medications
        .iter()
        .map(|medication| medication.name.as_str())
        .collect();
    assert_eq!(names, ["Amoxicillin", "Ibuprofen"]);
    assert_eq!(
        app.count("select max(position)::bigint from medications").await,
        2
    );

    // The form leads to the prescription once it is written.
    let again = doctor.get(&page).await;
    assert_eq!(
        again.location(),
        format!("/doctor/appointments/{reference}/prescription")
    );
}

#[tokio::test]
async fn more_medications_than_a_page_has_rows_keep_their_order() {
    let app = TestApp::new().await;
    let (_, reference) = visit(&app, Status::Completed).await;
    let site = app.serve().await;
    let doctor = site.staff("doctor1@test.example").await;
    let page = format!("/doctor/appointments/{reference}/prescribe");
    let mut form = filled(
        doctor.get(&page).await.form("prescribe"),
        &[("medications[0][name]", "First of all")],
    );
    for (more, rows) in [("5", 10), ("10", 15), ("15", 20), ("9999999999", 20)] {
        form.push(("more".to_owned(), more.to_owned()));
        let answer = send(&doctor, &page, "prescribe", &form).await;
        assert_eq!(answer.error(), None);
        form = doctor.get(&answer.location()).await.form("prescribe");
        assert_eq!(
            form.iter().filter(|(name, _)| name.ends_with("[dose]")).count(),
            rows
        );
        assert_eq!(value(&form, "medications[0][name]"), "First of all");
    }
    for (name, value) in &mut form {
        if name.starts_with("medications[") && !name.ends_with("[note]") {
            let row = name.split(['[', ']']).nth(1).unwrap();
            *value = format!("text {row}");
        }
    }
    // The order in which they arrive does not matter.
    form.reverse();
    let answer = send(&doctor, &page, "prescribe", &form).await;
    assert_eq!(answer.error(), None);
    let read = prescription::find(&app.database, app.doctor_caller(0), reference.clone())
        .await
        .unwrap()
        .remove(0);
    let names: Vec<&str> = read
        .medications
        .iter()
        .map(|medication| medication.name.as_str())
        .collect();
    let expected: Vec<String> = (0..20).map(|row| format!("text {row}")).collect();
    assert_eq!(names, expected);

    // One more is too many, and so is nonsense.
    let long: Vec<(String, String)> = (0..21)
        .flat_map(|row| {
            ["name", "dose", "frequency", "duration"]
                .map(|part| (format!("medications[{row}][{part}]"), "1".to_owned()))
        })
        .chain([("reference".to_owned(), reference.clone())])
        .collect();
    let answer = send(&doctor, &page, "prescribe", &long).await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Medications, FieldProblem::TooLong))
    );
    for fields in [
        [("reference", reference.as_str()), ("medications", "all of them")],
        [
            ("reference", reference.as_str()),
            ("medications[a][b][c][d][e][f][g]", "1"),
        ],
    ] {
        let answer = doctor.call("prescribe", &fields).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (422, "VALIDATION_FAILED")
        );
    }
}

#[tokio::test]
async fn a_second_prescription_is_refused_and_kept_in_the_form() {
    let app = TestApp::new().await;
    let (_, reference) = visit(&app, Status::InProgress).await;
    let site = app.serve().await;
    let doctor = site.staff("doctor1@test.example").await;
    let page = format!("/doctor/appointments/{reference}/prescribe");
    let fields = |name: &'static str| {
        [
            ("reference", reference.clone()),
            ("medications[0][name]", name.to_owned()),
            ("medications[0][dose]", "1".to_owned()),
            ("medications[0][frequency]", "daily".to_owned()),
            ("medications[0][duration]", "always".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    };
    let first = send(&doctor, &page, "prescribe", &fields("Aspirin")).await;
    assert_eq!(first.error(), None);

    let second = send(&doctor, &page, "prescribe", &fields("Morphine")).await;
    assert_eq!(second.error(), Some(AppError::PrescriptionExists));
    let told = doctor.get(&second.location()).await;
    assert_eq!(
        told.texts("#errors-title"),
        ["An appointment has only one prescription. What you typed was not saved."]
    );
    assert!(told.body.contains("Morphine"));

    // The second click of two leads to what the first one wrote.
    let twice = send(&doctor, &page, "prescribe", &fields("Aspirin")).await;
    assert_eq!(twice.error(), Some(AppError::PrescriptionExists));
    let view = format!("/doctor/appointments/{reference}/prescription");
    assert_eq!(doctor.get(&twice.location()).await.location(), view);

    let fields = fields("Morphine");
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let program = doctor.call("prescribe", &fields).await;
    assert_eq!(
        (program.status, program.code().as_str()),
        (409, "PRESCRIPTION_EXISTS")
    );
    assert_eq!(app.count("select count(*) from prescriptions").await, 1);
}

#[test]
fn every_error_of_a_prescription_and_a_rating_has_a_text() {
    let fields = [
        Field::Medications,
        Field::MedicationName,
        Field::Dose,
        Field::Frequency,
        Field::Duration,
        Field::MedicationNote,
        Field::Note,
        Field::Score,
        Field::Comment,
    ];
    let problems = [
        FieldProblem::Missing,
        FieldProblem::TooLong,
        FieldProblem::Malformed,
    ];
    let invalid = fields
        .iter()
        .flat_map(|&field| problems.map(|problem| AppError::invalid(field, problem)));
    for error in invalid.chain([AppError::PrescriptionExists, AppError::RatingExists]) {
        for locale in Locale::ALL {
            let text = message(error, Texts::of(locale));
            assert!(!text.contains("Unknown localization"), "{error:?}: {text}");
        }
    }
}
