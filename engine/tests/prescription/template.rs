//! Templates of prescriptions, and what was prescribed last.

use crate::support::{DOCTORS, TestApp, patient_caller};
use engine::{
    account::Caller,
    appointment::Status,
    error::{AppError, Field, FieldProblem},
    prescription::{
        MAX_TEMPLATES, Medication, Prescribe, PutTemplate, Typed, Withdraw, delete_template,
        has_last_of_patient, last_of_patient, prescribe, put_template, template, templates, withdraw,
    },
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

fn content(name: &str) -> Typed {
    Typed {
        medications: vec![medication(name), Medication::default()],
        note: "After meals".to_owned(),
    }
}

fn put(caller: Caller, which: Option<(i64, i32)>, name: &str) -> PutTemplate {
    PutTemplate {
        caller,
        which,
        name: name.to_owned(),
        content: content("Amoxicillin"),
        key: None,
    }
}

#[tokio::test]
async fn a_template_is_its_doctors_alone() {
    let app = TestApp::new().await;
    let (mine, other) = (app.doctor_caller(0), app.doctor_caller(1));
    let database = &app.database;
    let saved = put_template(database, put(mine.clone(), None, " Sinusitis "), app.now)
        .await
        .unwrap();
    let read = template(database, &mine, saved.id).await.unwrap();
    assert_eq!((read.name.as_str(), read.version), ("Sinusitis", 1));
    // Rows that were left empty do not count.
    assert_eq!(read.medications, [medication("Amoxicillin")]);
    // The same name in other letters; another doctor may have it.
    let again = put_template(database, put(mine.clone(), None, "SINUSITIS"), app.now).await;
    let taken = AppError::invalid(Field::TemplateName, FieldProblem::Taken);
    assert_eq!(again, Err(taken));
    put_template(database, put(other.clone(), None, "Sinusitis"), app.now)
        .await
        .unwrap();
    assert_eq!(
        template(database, &other, saved.id).await,
        Err(AppError::NotFound)
    );
    let which = Some((saved.id, 1));
    let by_other = put_template(database, put(other.clone(), which, "Mine"), app.now).await;
    assert_eq!(by_other, Err(AppError::NotFound));
    assert_eq!(
        delete_template(database, &other, saved.id).await,
        Err(AppError::NotFound)
    );
    for caller in [patient_caller(1), app.admin_caller()] {
        assert_eq!(templates(database, &caller).await, Err(AppError::Forbidden));
        let put = put_template(database, put(caller, None, "Mine"), app.now).await;
        assert_eq!(put, Err(AppError::Forbidden));
    }
    // The second of two editors is told.
    let changed = put_template(database, put(mine.clone(), which, "Sinus"), app.now).await;
    assert_eq!(changed.map(|saved| saved.version), Ok(2));
    let late = put_template(database, put(mine.clone(), which, "Late"), app.now).await;
    assert_eq!(late, Err(AppError::StaleText));
    let empty = PutTemplate {
        content: Typed::default(),
        ..put(mine.clone(), None, "Empty")
    };
    let nothing = AppError::invalid(Field::Medications, FieldProblem::Missing);
    assert_eq!(put_template(database, empty, app.now).await, Err(nothing));
    delete_template(database, &mine, saved.id).await.unwrap();
    delete_template(database, &mine, saved.id).await.unwrap();
    assert_eq!(templates(database, &mine).await, Ok(Vec::new()));
}

#[tokio::test]
async fn of_ten_templates_with_one_name_at_once_one_is_made() {
    let app = TestApp::crowded().await;
    let racers = (0..10).map(|_| {
        let command = put(app.doctor_caller(0), None, "Sinusitis");
        let (database, now) = (app.database.clone(), app.now);
        async move { put_template(&database, command, now).await }
    });
    let results = app.race(racers.collect()).await;
    assert_eq!(results.iter().flatten().count(), 1, "{results:?}");
}

#[tokio::test]
async fn of_ten_templates_at_once_there_is_room_for_one() {
    let app = TestApp::crowded().await;
    let room: i64 = MAX_TEMPLATES - 1;
    sqlx::query(
        r#"insert into prescription_templates (doctor_id, name, medications, note, changed_at)
           select $1, 'Template ' || number, '[{"name": "Paracetamol"}]', '', now() from generate_series(1, $2) as number"#,
    )
    .bind(app.doctors[0].id)
    .bind(room)
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    let racers = (0..10).map(|number| {
        let command = put(app.doctor_caller(0), None, &format!("Sinusitis {number}"));
        let (database, now) = (app.database.clone(), app.now);
        async move { put_template(&database, command, now).await }
    });
    let results = app.race_behind(DOCTORS, vec![racers.collect()]).await;
    assert_eq!(results.iter().flatten().count(), 1, "{results:?}");
    assert_eq!(
        app.count("select count(*) from prescription_templates").await,
        MAX_TEMPLATES
    );
}

#[tokio::test]
async fn what_was_prescribed_last_to_this_patient_by_this_doctor_is_repeated() {
    let app = TestApp::new().await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    let mut written = Vec::new();
    for (patient, doctor, slot, name, late) in [
        (me, 0, 20, "Amoxicillin", 0),
        (me, 0, 22, "Ibuprofen", 60),
        (me, 1, 24, "Paracetamol", 120),
        (other, 0, 26, "Cetirizine", 180),
    ] {
        let reference = app
            .visit(patient, doctor, app.slot(slot), Status::Completed)
            .await;
        let command = Prescribe {
            caller: app.doctor_caller(doctor),
            which: reference.as_str().into(),
            medications: vec![medication(name)],
            note: String::new(),
            key: None,
        };
        let now = jiff::Timestamp::from_second(app.now.as_second() + late).unwrap();
        written.push(prescribe(&app.database, command, now).await.unwrap());
    }
    let now_here = app.visit(me, 0, app.slot(30), Status::InProgress).await;
    let last = |doctor: usize| {
        let (database, caller, now) = (app.database.clone(), app.doctor_caller(doctor), app.now);
        let which = now_here.as_str().into();
        async move {
            let last = last_of_patient(&database, caller, which, now).await;
            last.map(|last| last.medications[0].name.clone())
        }
    };
    assert_eq!(last(0).await.as_deref(), Ok("Ibuprofen"));
    assert_eq!(last(1).await, Err(AppError::NotFound));
    for (doctor, has_one) in [(0, true), (1, false)] {
        let which = now_here.as_str().into();
        let found = has_last_of_patient(&app.database, app.doctor_caller(doctor), which).await;
        assert_eq!(found, Ok(has_one));
    }
    // One that was withdrawn is not repeated.
    let command = Withdraw {
        caller: app.doctor_caller(0),
        prescription_id: written[1],
        reason: "A wrong dose".to_owned(),
        key: None,
    };
    withdraw(&app.database, command, app.now).await.unwrap();
    assert_eq!(last(0).await.as_deref(), Ok("Amoxicillin"));
    app.assert_sound().await;
}
