//! Prescriptions: races, who may write and read them, and the doctor's form without JavaScript (A4).

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::app::{Browser, TestApp, VISIT, one_winner};
use crate::{
    account::Caller,
    appointment::{
        Status,
        service::{ChangeStatus, change_status},
    },
    error::{AppError, Field, Problem},
    i18n::{Locale, Texts},
    prescription::{
        Medication,
        service::{self, Prescribe, prescribe},
    },
    ui::message,
};

fn medication(name: &str) -> Medication {
    Medication {
        name: name.to_owned(),
        dose: "500 mg".to_owned(),
        frequency: "three times a day".to_owned(),
        duration: "7 days".to_owned(),
        note: String::new(),
    }
}

fn command(caller: Caller, reference: &str, names: &[&str]) -> Prescribe {
    Prescribe {
        key: None,
        caller,
        which: reference.into(),
        medications: names.iter().map(|name| medication(name)).collect(),
        note: "Drink plenty".to_owned(),
    }
}

/// A visit of the first patient to the first doctor.
async fn visit(app: &TestApp, status: Status) -> (i64, String) {
    let patient_id = app.patient(1).await;
    (patient_id, app.visit(patient_id, 0, app.slot(18), status).await)
}

/// Several hands write the prescription of each visit at once.
async fn race(app: &TestApp) {
    const VISITS: i64 = 5;
    const HANDS: usize = 5;
    let mut references = Vec::new();
    for (slot, patient_id) in (18..).zip(app.patients(usize::try_from(VISITS).unwrap()).await) {
        let status = if slot % 2 == 0 {
            Status::InProgress
        } else {
            Status::Completed
        };
        references.push(app.visit(patient_id, 0, app.slot(slot), status).await);
    }
    let now = app.now;
    let racers: Vec<_> = references
        .iter()
        .flat_map(|reference| (0..HANDS).map(move |hand| (reference, hand)))
        .map(|(reference, hand)| {
            let database = app.database.clone();
            let name = format!("by hand {hand}");
            let command = command(app.doctor_caller(0), reference, &[&name, &name]);
            async move { prescribe(&database, command, now).await }
        })
        .collect();
    let results = app.race(racers).await;
    for (results, reference) in results.chunks(HANDS).zip(&references) {
        let (_, losers) = one_winner(results);
        assert!(
            losers.iter().all(|error| *error == AppError::PrescriptionExists),
            "{losers:?}"
        );
        // What can be read is what the winner wrote, all of it and nothing else.
        let winner = results.iter().position(Result::is_ok).unwrap();
        let read = service::find(&app.database, app.doctor_caller(0), reference.clone())
            .await
            .unwrap();
        assert_eq!(
            read.medications,
            vec![medication(&format!("by hand {winner}")); 2]
        );
    }
    for (what, query, expected) in [
        ("prescriptions", "select count(*) from prescriptions", VISITS),
        (
            "appointments with one",
            "select count(distinct appointment_id) from prescriptions",
            VISITS,
        ),
        ("medications", "select count(*) from medications", 2 * VISITS),
    ] {
        assert_eq!(app.count(query).await, expected, "{what}");
    }
}

#[sqlx::test]
async fn of_several_prescriptions_at_once_one_is_written_and_the_others_are_told(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    race(&TestApp::new(options).await).await;
}

/// The first layer by itself.
#[sqlx::test]
async fn the_lock_of_the_appointment_alone_lets_one_prescription_through(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.sql("alter table prescriptions drop constraint prescriptions_appointment_id_key")
        .await;
    race(&app).await;
}

/// The second layer by itself.
#[sqlx::test]
async fn the_database_itself_refuses_a_second_prescription_and_one_that_says_too_little(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let (_, reference) = visit(&app, Status::Completed).await;
    prescribe(
        &app.database,
        command(app.doctor_caller(0), &reference, &["Amoxicillin"]),
        app.now,
    )
    .await
    .unwrap();
    for (statement, constraint) in [
        (
            "insert into prescriptions (appointment_id, written_at) select appointment_id, now() from prescriptions",
            "prescriptions_appointment_id_key",
        ),
        (
            "insert into medications select prescription_id, 2, name, '', frequency, duration from medications",
            "medications_complete",
        ),
        (
            "insert into medications select prescription_id, 1, name, dose, frequency, duration from medications",
            "medications_pkey",
        ),
    ] {
        let error = sqlx::query(statement)
            .execute(&mut app.connection().await)
            .await
            .unwrap_err();
        assert_eq!(error.as_database_error().unwrap().constraint(), Some(constraint));
    }
}

#[sqlx::test]
async fn nobody_but_the_doctor_of_the_appointment_prescribes(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (patient_id, reference) = visit(&app, Status::InProgress).await;
    for caller in [
        Caller::Patient {
            id: patient_id,
            name: None,
        },
        app.doctor_caller(1),
        app.admin_caller(),
    ] {
        let result = prescribe(&app.database, command(caller, &reference, &["Opium"]), app.now).await;
        assert_eq!(result, Err(AppError::NotFound));
    }
    let nowhere = prescribe(
        &app.database,
        command(app.doctor_caller(0), "AAAA-AAAA", &["Opium"]),
        app.now,
    )
    .await;
    assert_eq!(nowhere, Err(AppError::NotFound));
    assert_eq!(app.count("select count(*) from prescriptions").await, 0);
}

#[sqlx::test]
async fn there_is_no_prescription_before_the_visit_and_none_for_one_that_will_not_be(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patient_id = app.patient(1).await;
    let requested = app
        .requested(patient_id, app.wanted(0, VISIT, app.slot(18)))
        .await;
    let confirmed = app.confirmed(patient_id, 0, app.slot(20)).await;
    let cancelled = app.confirmed(patient_id, 0, app.slot(22)).await;
    let cancel = ChangeStatus {
        key: None,
        caller: app.doctor_caller(0),
        which: cancelled.clone().into(),
        to: Status::Cancelled,
        version: Some(3),
        reason: "because".to_owned(),
    };
    change_status(&app.database, &app.live, cancel, app.now)
        .await
        .unwrap();
    for (reference, status) in [
        (requested, Status::Pending),
        (confirmed, Status::Confirmed),
        (cancelled, Status::Cancelled),
    ] {
        let result = prescribe(
            &app.database,
            command(app.doctor_caller(0), &reference, &["Amoxicillin"]),
            app.now,
        )
        .await;
        assert!(
            matches!(result, Err(AppError::InvalidTransition { from, .. }) if from == status),
            "{result:?}"
        );
        assert_eq!(result.unwrap_err().status(), 422);
    }
    assert_eq!(app.count("select count(*) from prescriptions").await, 0);
}

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

async fn send(browser: &Browser, page: &str, form: &str, fields: &[(String, String)]) -> super::app::Answer {
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

#[sqlx::test]
async fn a_doctor_prescribes_without_javascript_and_loses_nothing_typed(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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
        Some(AppError::invalid(Field::Medications, Problem::Missing))
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
        Some(AppError::invalid(Field::Dose, Problem::Missing))
    );
    let back = doctor.get(&answer.location()).await;
    assert_eq!(
        back.texts("#errors li a"),
        [
            "Medication 2: Enter the dose.",
            "Medication 4: Say the dose in at most 80 characters.",
        ]
    );
    assert_eq!(
        back.texts(".error span"),
        ["Enter the dose.", "Say the dose in at most 80 characters."]
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
    let read = service::find(&app.database, app.doctor_caller(0), reference.clone())
        .await
        .unwrap();
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

    // Who comes back to the form is led to what was written.
    let again = doctor.get(&page).await;
    assert_eq!(
        again.location(),
        format!("/doctor/appointments/{reference}/prescription")
    );
}

#[sqlx::test]
async fn more_rows_than_a_page_has_keep_their_order(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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
    // However they arrive.
    form.reverse();
    let answer = send(&doctor, &page, "prescribe", &form).await;
    assert_eq!(answer.error(), None);
    let read = service::find(&app.database, app.doctor_caller(0), reference.clone())
        .await
        .unwrap();
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
        Some(AppError::invalid(Field::Medications, Problem::TooLong))
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

#[sqlx::test]
async fn a_second_prescription_is_told_that_there_is_one_and_what_was_typed_stays(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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
        ["There is already a prescription for this appointment."]
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

#[sqlx::test]
async fn its_patient_and_its_doctor_read_a_prescription_and_nobody_else(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    const HOSTILE: &str = "</td><script>alert(1)</script>\"'&";
    let app = TestApp::new(options).await;
    let (_, reference) = visit(&app, Status::Completed).await;
    app.patient(2).await;
    let mut command = command(app.doctor_caller(0), &reference, &["Amoxicillin", HOSTILE]);
    command.note = HOSTILE.to_owned();
    prescribe(&app.database, command, app.now).await.unwrap();

    let site = app.serve().await;
    let patient = site.patient("+6281255500001").await;
    let doctor = site.staff("doctor1@test.example").await;
    let path = format!("/appointments/{reference}/prescription");
    let appointment = patient.get(&format!("/appointments/{reference}")).await;
    assert!(appointment.body.contains(&path), "no way to the prescription");
    for page in [
        patient.get(&path).await,
        doctor.get(&format!("/doctor{path}")).await,
        doctor.get("/doctor/patients/1").await,
    ] {
        assert_eq!(page.status, 200);
        assert!(page.body.contains("Amoxicillin"));
        assert!(!page.body.contains("<script>alert"), "a medication became markup");
    }
    assert_eq!(
        patient.get(&path).await.texts("tbody th"),
        ["Amoxicillin", HOSTILE]
    );

    for (stranger, at_the_patients) in [
        (site.patient("+6281255500002").await, 404),
        // Pages of patients are not for staff, whosever they are.
        (site.staff("doctor2@test.example").await, 403),
        (site.staff("admin@test.example").await, 403),
    ] {
        for (path, status) in [
            (path.clone(), at_the_patients),
            (format!("/doctor{path}"), 404),
            (format!("/doctor/appointments/{reference}/prescribe"), 404),
            ("/doctor/patients/1".to_owned(), 404),
        ] {
            let page = stranger.get(&path).await;
            assert_eq!(page.status, status, "{path}");
            assert!(!page.body.contains("Amoxicillin"));
        }
        let fields = [
            ("reference", reference.as_str()),
            ("medications[0][name]", "1"),
            ("medications[0][dose]", "1"),
            ("medications[0][frequency]", "1"),
            ("medications[0][duration]", "1"),
        ];
        let answer = stranger.call("prescribe", &fields).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "NOT_FOUND"));
    }
    let nobody = site.visitor().get(&format!("/doctor{path}")).await;
    assert!(nobody.location().starts_with("/staff/sign-in?next="));
    let nobody = site
        .visitor()
        .call("prescribe", &[("reference", &reference)])
        .await;
    assert_eq!(nobody.status, 401);
    assert_eq!(app.count("select count(*) from prescriptions").await, 1);
}

#[sqlx::test]
async fn a_doctor_sees_the_visits_of_a_patient_to_them_and_no_others(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let (patient_id, theirs) = visit(&app, Status::Completed).await;
    let to_another = app.visit(patient_id, 1, app.slot(20), Status::Completed).await;
    // Somebody who has only looked is no patient yet.
    let other = app.patient(2).await;
    app.hold(7, app.wanted(0, VISIT, app.slot(30)), app.now)
        .await
        .unwrap();
    app.sql("update appointments set patient_id = (select max(id) from patients) where status = 'held'")
        .await;
    let site = app.serve().await;
    let doctor = site.staff("doctor1@test.example").await;
    let page = doctor.get(&format!("/doctor/patients/{patient_id}")).await;
    assert!(page.body.contains(&theirs));
    assert!(!page.body.contains(&to_another));
    for path in [
        format!("/doctor/patients/{other}"),
        "/doctor/patients/999999".to_owned(),
        "/doctor/patients/-1".to_owned(),
        "/doctor/patients/everybody".to_owned(),
    ] {
        assert_eq!(doctor.get(&path).await.status, 404, "{path}");
    }
    let third = site.staff("doctor3@test.example").await;
    let page = third.get(&format!("/doctor/patients/{patient_id}")).await;
    assert_eq!(page.status, 404);
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
    let problems = [Problem::Missing, Problem::TooLong, Problem::Malformed];
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
