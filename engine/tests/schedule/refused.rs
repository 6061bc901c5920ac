//! Changes of a schedule that are refused.

use jiff::ToSpan;

use super::{dates, every_day, hours};
use crate::support::{TestApp, VISIT, patient_caller};
use engine::{
    error::{AppError, Field},
    schedule::{Act, Dates, Edit, edit, schedule},
};

#[tokio::test]
async fn only_doctors_themselves_and_admins_plan() {
    let app = TestApp::new().await;
    let clinic_id = app.clinic;
    let patient = app.patient(1).await;
    let act = Act::StopDay {
        clinic_id,
        day: app.day(20),
        note: String::new(),
    };
    let command = app.change_of(act.clone()).await;
    for caller in [app.doctor_caller(1), patient_caller(patient)] {
        let theirs = Edit {
            caller: caller.clone(),
            ..command.clone()
        };
        let refused = edit(&app.database, theirs, app.now).await;
        assert_eq!(refused, Err(AppError::NotFound));
        let seen = schedule(&app.database, caller, app.doctors[0].id, app.now).await;
        assert_eq!(seen.map(drop), Err(AppError::NotFound));
    }
    let own = Edit {
        caller: app.doctor_caller(0),
        ..command
    };
    edit(&app.database, own, app.now).await.unwrap();
    assert!(!app.offers(app.wanted(0, VISIT, app.slot(20))).await);
}

#[tokio::test]
async fn a_malformed_plan_changes_nothing() {
    let app = TestApp::new().await;
    let clinic_id = app.clinic;
    let malformed = |field| Err(AppError::invalid(field, engine::error::FieldProblem::Malformed));
    let nowhere = Act::StopDay {
        clinic_id: 999,
        day: app.day(20),
        note: String::new(),
    };
    for (act, expected) in [
        (
            Act::Week {
                clinic_id,
                week: every_day(&[(hours(600, 600), false)]),
            },
            malformed(Field::Hours),
        ),
        (
            Act::Week {
                clinic_id: 999,
                week: every_day(&[(hours(0, 600), false)]),
            },
            Err(AppError::NotFound),
        ),
        (nowhere, Err(AppError::NotFound)),
        (
            Act::Absence {
                clinic_id: None,
                dates: Dates {
                    last_day: app.day(0).saturating_sub(2.days()),
                    ..dates(app.day(0), None)
                },
            },
            Err(AppError::InvalidDateRange),
        ),
        (Act::RemoveAbsence { id: 999 }, Err(AppError::NotFound)),
    ] {
        assert_eq!(app.plan(act.clone()).await.map(drop), expected, "{act:?}");
    }
    assert_eq!(app.doctor_version(0).await, 1);
}
