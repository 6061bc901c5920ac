//! Clinical notes: every version is kept, the second editor is told, and nobody but doctors reads them.

use crate::support::{APPOINTMENTS, TestApp, patient_caller};
use engine::{
    account::Caller,
    clinical_note::{self, WriteNote},
    error::AppError,
};

fn note(caller: Caller, reference: &str, version: i32, text: &str) -> WriteNote {
    WriteNote {
        caller,
        which: reference.into(),
        version,
        text: text.to_owned(),
        key: None,
    }
}

async fn written(app: &TestApp, command: WriteNote) -> Result<i32, AppError> {
    clinical_note::write(&app.database, command, app.now).await
}

#[tokio::test]
async fn every_version_is_kept_and_the_second_editor_is_told() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let reference = app.confirmed(me, 0, app.slot(20)).await;
    let doctor = app.doctor_caller(0);
    let first = note(doctor.clone(), &reference, 0, "A cough");
    assert_eq!(written(&app, first.clone()).await, Ok(1));
    // Another window still shows that there is none; what it says is not written.
    let late = note(doctor.clone(), &reference, 0, "No cough");
    assert_eq!(written(&app, late).await, Err(AppError::StaleText));
    // The very same words again are no new version.
    assert_eq!(written(&app, first).await, Ok(1));
    let second = note(doctor.clone(), &reference, 1, "A cough; no fever");
    assert_eq!(written(&app, second).await, Ok(2));
    assert_eq!(
        written(&app, note(doctor.clone(), &reference, 2, "")).await,
        Ok(3)
    );
    let read = clinical_note::read(&app.database, doctor, reference.as_str().into(), app.now)
        .await
        .unwrap();
    let texts: Vec<&str> = read.versions.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, ["", "A cough; no fever", "A cough"]);
    assert_eq!((read.version(), read.text(), read.may_write), (3, "", true));
    app.assert_sound().await;
}

#[tokio::test]
async fn of_ten_editors_at_once_one_writes() {
    let app = TestApp::crowded().await;
    let me = app.patient(1).await;
    let reference = app.confirmed(me, 0, app.slot(20)).await;
    let racers = (0..10).map(|number| {
        let command = note(app.doctor_caller(0), &reference, 0, &format!("Words {number}"));
        let (database, now) = (app.database.clone(), app.now);
        async move { clinical_note::write(&database, command, now).await }
    });
    let results = app.race_behind(APPOINTMENTS, vec![racers.collect()]).await;
    assert_eq!(results.iter().flatten().collect::<Vec<_>>(), [&1], "{results:?}");
    for result in results.iter().filter(|result| result.is_err()) {
        assert_eq!(*result, Err(AppError::StaleText));
    }
    assert_eq!(app.count("select count(*) from clinical_notes").await, 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn only_doctors_who_have_to_do_with_the_patient_read_them() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let reference = app.confirmed(me, 0, app.slot(20)).await;
    written(&app, note(app.doctor_caller(0), &reference, 0, "A cough"))
        .await
        .unwrap();
    let read = |caller: Caller| {
        let (database, which, now) = (app.database.clone(), reference.as_str().into(), app.now);
        async move {
            let note = clinical_note::read(&database, caller, which, now).await;
            note.map(|note| (note.text().to_owned(), note.may_write))
        }
    };
    let of_patient = |caller: Caller| {
        let (database, now) = (app.database.clone(), app.now);
        async move {
            let noted = clinical_note::of_patient(&database, caller, me, now).await;
            noted.map(|noted| noted.len())
        }
    };
    for caller in [patient_caller(me), app.admin_caller(), app.doctor_caller(1)] {
        assert_eq!(read(caller.clone()).await, Err(AppError::NotFound), "{caller:?}");
        assert_eq!(of_patient(caller.clone()).await, Err(AppError::NotFound));
        let write = note(caller, &reference, 1, "Mine");
        assert_eq!(written(&app, write).await, Err(AppError::NotFound));
    }
    // A doctor to whom an admin gave the patient reads, and does not write.
    app.given(1, me).await;
    assert_eq!(
        read(app.doctor_caller(1)).await,
        Ok(("A cough".to_owned(), false))
    );
    assert_eq!(of_patient(app.doctor_caller(1)).await, Ok(1));
    let write = note(app.doctor_caller(1), &reference, 1, "Mine");
    assert_eq!(written(&app, write).await, Err(AppError::NotFound));
    let reads = "select count(distinct staff_id) from patient_reads where what = 'history'";
    assert_eq!(app.count(reads).await, 1);
    assert_eq!(of_patient(app.doctor_caller(0)).await, Ok(1));
    assert_eq!(app.count(reads).await, 2);
    app.assert_sound().await;
}
