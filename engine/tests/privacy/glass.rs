//! Breaking the glass.

use engine::{
    account::{Country, Phone},
    desk,
    error::{AppError, Field, FieldProblem},
    privacy::glass::{BreakGlass, OPEN_MINUTES, break_glass, broken, see},
    time::plus_minutes,
};

use super::{PHONE, person};
use crate::support::{TestApp, patient_caller};

#[tokio::test]
async fn who_says_why_sees_the_patient_for_a_day_and_admins_hear_of_it() {
    let app = TestApp::new().await;
    let patient_id = person(&app).await;
    let doctor = app.doctor_caller(0);
    let unknown = desk::patient(&app.database, &doctor, patient_id, app.now).await;
    assert_eq!(unknown.err(), Some(AppError::NotFound));
    let breaks = |why: &str| BreakGlass {
        caller: app.doctor_caller(0),
        phone: Phone::parse(PHONE, Country::default()).unwrap(),
        why: why.to_owned(),
    };
    let silent = break_glass(&app.database, breaks(" "), app.now).await;
    assert_eq!(
        silent,
        Err(AppError::invalid(Field::Reason, FieldProblem::Missing))
    );
    let opened = break_glass(&app.database, breaks("She was brought in"), app.now).await;
    assert_eq!(opened, Ok(vec![patient_id]));
    assert!(
        desk::patient(&app.database, &doctor, patient_id, app.now)
            .await
            .is_ok()
    );
    let later = plus_minutes(app.now, OPEN_MINUTES);
    let closed = desk::patient(&app.database, &doctor, patient_id, later).await;
    assert_eq!(closed.err(), Some(AppError::NotFound));
    let admin = app.admin_caller();
    let told = broken(&app.database, &admin, 10).await.unwrap();
    assert_eq!(
        (told[0].why.as_str(), told[0].is_seen),
        ("She was brought in", false)
    );
    see(&app.database, &admin, told[0].id, app.now).await.unwrap();
    assert!(broken(&app.database, &admin, 10).await.unwrap()[0].is_seen);
    assert_eq!(
        broken(&app.database, &doctor, 10).await.err(),
        Some(AppError::NotFound)
    );
    let patient = BreakGlass {
        caller: patient_caller(patient_id),
        ..breaks("Because")
    };
    assert_eq!(
        break_glass(&app.database, patient, app.now).await,
        Err(AppError::NotFound)
    );
}
