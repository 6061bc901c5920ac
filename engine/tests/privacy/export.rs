//! A copy of one's own data.

use std::process::Command;

use engine::{
    appointment::Status,
    error::AppError,
    i18n::Locale,
    privacy::export::{self, AskExport, KEEP_MINUTES, State},
    time::plus_minutes,
};

use super::{NAME, person};
use crate::support::{TestApp, patient_caller};

fn asked(patient_id: i64) -> AskExport {
    AskExport {
        caller: patient_caller(patient_id),
        patient_id,
        locale: Locale::De,
    }
}

#[tokio::test]
async fn a_copy_is_made_is_there_for_a_day_and_is_for_its_patient_alone() {
    let app = TestApp::new().await;
    let patient_id = person(&app).await;
    let reference = app.visit(patient_id, 0, app.slot(2), Status::Completed).await;
    app.sql(
        "insert into room_types (clinic_id, name, rooms, price_minor, currency)
         select id, 'Single room', 2, 100, 'EUR' from clinics;
         insert into stays (reference, room_type_id, patient_id, arrival, departure, rooms, status, total_minor,
                            currency, created_at)
         select 'AAAA-2222', id, (select min(id) from patients), '2020-01-01', '2020-01-03', 1, 'left', 200, 'EUR', now()
         from room_types;
         insert into payments (stay_id, provider, state, amount_minor, currency, taken_by, created_at, paid_at,
                               receipt_number)
         select max(stays.id), 'terminal', 'paid', 200, 'EUR', min(staff.id), now(), now(), 1 from stays, staff",
    )
    .await;
    let other = app.patient(1).await;
    app.visit(other, 1, app.slot(2), Status::Completed).await;
    let own = patient_caller(patient_id);
    export::ask(&app.database, asked(patient_id), app.now)
        .await
        .unwrap();
    let state = export::state(&app.database, &own, patient_id, app.now)
        .await
        .unwrap();
    assert!(matches!(state, State::Waiting { .. }));
    assert_eq!(export::make(&app.database, app.now).await, Ok(1));
    assert_eq!(export::make(&app.database, app.now).await, Ok(0));
    let content = export::content(&app.database, &own, patient_id, app.now)
        .await
        .unwrap();
    assert!(content.starts_with(b"PK\x03\x04"));
    for stranger in [patient_caller(other), app.doctor_caller(0)] {
        let theirs = export::content(&app.database, &stranger, patient_id, app.now).await;
        assert_eq!(theirs, Err(AppError::NotFound));
    }
    assert!(
        export::content(&app.database, &app.admin_caller(), patient_id, app.now)
            .await
            .is_ok()
    );
    let late = plus_minutes(app.now, KEEP_MINUTES);
    assert_eq!(
        export::content(&app.database, &own, patient_id, late).await,
        Err(AppError::NotFound)
    );
    assert_eq!(
        export::state(&app.database, &own, patient_id, late).await,
        Ok(State::None)
    );
    let Some(read) = unpacked(&content) else {
        return;
    };
    for part in [
        "index.html",
        "janji.json",
        "csv/appointments.csv",
        // What was paid for a stay.
        "terminal",
        "BEGIN:VCALENDAR",
        NAME,
        reference.as_str(),
    ] {
        assert!(read.contains(part), "{part}");
    }
    assert!(!read.contains("Patient 1"), "somebody else is in it");
}

/// All that is in a ZIP file, as another program reads it; `None` where there is none.
fn unpacked(content: &[u8]) -> Option<String> {
    let path = std::env::temp_dir().join(format!("janji-copy-{}.zip", std::process::id()));
    std::fs::write(&path, content).unwrap();
    let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; \
                  [print(n, z.read(n).decode()) for n in z.namelist()]";
    let read = Command::new("python3")
        .env("PYTHONIOENCODING", "utf-8")
        .arg("-c")
        .arg(script)
        .arg(&path)
        .output();
    std::fs::remove_file(&path).unwrap();
    let read = read.ok()?;
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    Some(String::from_utf8(read.stdout).unwrap())
}

#[tokio::test]
async fn asked_for_twice_in_a_row_it_is_one_copy_and_later_a_new_one() {
    let app = TestApp::new().await;
    let patient_id = person(&app).await;
    let own = patient_caller(patient_id);
    export::ask(&app.database, asked(patient_id), app.now)
        .await
        .unwrap();
    assert_eq!(export::make(&app.database, app.now).await, Ok(1));
    export::ask(&app.database, asked(patient_id), app.now)
        .await
        .unwrap();
    assert!(
        export::content(&app.database, &own, patient_id, app.now)
            .await
            .is_ok()
    );
    let later = plus_minutes(app.now, 10);
    export::ask(&app.database, asked(patient_id), later)
        .await
        .unwrap();
    let state = export::state(&app.database, &own, patient_id, later)
        .await
        .unwrap();
    assert_eq!(
        state,
        State::Waiting {
            asked_at: state_of(state)
        }
    );
}

fn state_of(state: State) -> jiff::Timestamp {
    match state {
        State::Waiting { asked_at } => asked_at,
        other => panic!("{other:?}"),
    }
}
