//! Joining and leaving, for oneself and by the desk.

use engine::{
    error::{AppError, Field, FieldProblem},
    waitlist::{self, Filter, Join, Leave, MAX_ENTRIES, Weekdays, Wishes, list, of_patients},
};
use jiff::ToSpan;

use super::{clinic, is, join, joins, joins_instead_of, leaves, state, waits, wishes};
use crate::support::{TestApp, patient_caller};

async fn tries(app: &TestApp, command: Join) -> Result<(), AppError> {
    waitlist::join(&app.database, command, app.now).await.map(drop)
}

#[tokio::test]
async fn who_joins_again_for_the_same_keeps_the_turn_with_new_wishes() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let first = joins(&app, patients[0], wishes(&app), 0).await;
    joins(&app, patients[1], wishes(&app), 1).await;
    let mondays = Wishes {
        weekdays: Weekdays(1),
        ..wishes(&app)
    };
    let again = joins(&app, patients[0], mondays, 2).await;
    assert_eq!((again.id, again.version), (first.id, 2));
    let entries = list(&app.database, &app.admin_caller(), Filter::default(), app.now)
        .await
        .unwrap();
    let order: Vec<(i64, i64)> = entries
        .iter()
        .map(|entry| (entry.patient_id, entry.place))
        .collect();
    assert_eq!(order, [(patients[0], 1), (patients[1], 2)]);
}

#[tokio::test]
async fn what_is_asked_for_has_to_be_there() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let all = wishes(&app);
    let unknown = Wishes {
        service_id: 999,
        ..all.clone()
    };
    let over = Wishes {
        last_day: all.first_day.saturating_sub(5.days()),
        ..all.clone()
    };
    let no_day = Wishes {
        weekdays: Weekdays(0),
        ..all.clone()
    };
    assert_eq!(
        tries(&app, join(patients[0], unknown)).await,
        Err(AppError::NotFound)
    );
    assert_eq!(
        tries(&app, join(patients[0], over)).await,
        Err(AppError::InvalidDateRange)
    );
    assert_eq!(
        tries(&app, join(patients[0], no_day)).await,
        Err(AppError::invalid(Field::Day, FieldProblem::Malformed))
    );
    // Nobody joins for somebody else.
    let other = Join {
        caller: patient_caller(patients[1]),
        ..join(patients[0], all)
    };
    assert_eq!(tries(&app, other).await, Err(AppError::NotFound));
    assert_eq!(app.count("select count(*) from waitlist_entries").await, 0);
}

#[tokio::test]
async fn nobody_waits_for_everything() {
    let app = clinic().await;
    let patient_id = app.patient(1).await;
    for number in 0..MAX_ENTRIES {
        let reference = app.confirmed(patient_id, 0, app.slot(60 + 2 * number)).await;
        joins_instead_of(&app, patient_id, &reference).await;
    }
    assert_eq!(
        tries(&app, join(patient_id, wishes(&app))).await,
        Err(AppError::RateLimited)
    );
}

#[tokio::test]
async fn a_patient_reads_their_own_entries_and_leaves() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let entry = joins(&app, patients[0], wishes(&app), 0).await;
    assert_eq!(
        of_patients(&app.database, &patient_caller(patients[0]))
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(
        of_patients(&app.database, &patient_caller(patients[1]))
            .await
            .unwrap()
            .is_empty()
    );
    let foreign = Leave {
        caller: patient_caller(patients[1]),
        entry_id: entry.id,
    };
    assert_eq!(
        waitlist::leave(&app.database, foreign, app.now).await,
        Err(AppError::NotFound)
    );
    assert_eq!(state(&app, entry.id).await, waits());
    leaves(&app, patients[0], entry.id).await;
    leaves(&app, patients[0], entry.id).await;
    assert_eq!(state(&app, entry.id).await, ("ended".to_owned(), None));
    app.assert_whole().await;
}

#[tokio::test]
async fn leaving_while_a_time_is_kept_gives_it_to_the_next() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let reference = app.confirmed(patients[0], 0, app.slot(60)).await;
    let first = joins(&app, patients[1], wishes(&app), 0).await;
    let second = joins(&app, patients[2], wishes(&app), 1).await;
    super::cancels(&app, 0, &reference).await;
    leaves(&app, patients[1], first.id).await;
    assert_eq!(state(&app, first.id).await, is("ended", "withdrawn"));
    assert_eq!(state(&app, second.id).await, is("offered", "offered"));
    app.assert_whole().await;
}

#[tokio::test]
async fn the_desk_of_a_clinic_puts_its_own_patients_on_the_list() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    app.confirmed(patients[0], 0, app.slot(60)).await;
    let reception = app.reception_caller("desk@test.example", &[app.clinic]).await;
    let command = |patient_id, clinic_id| Join {
        caller: reception.clone(),
        ..join(
            patient_id,
            Wishes {
                clinic_id,
                ..wishes(&app)
            },
        )
    };
    tries(&app, command(patients[0], Some(app.clinic))).await.unwrap();
    assert_eq!(
        tries(&app, command(patients[0], None)).await,
        Err(AppError::invalid(Field::Clinic, FieldProblem::Missing))
    );
    // Somebody whom the desk has nothing to do with.
    assert_eq!(
        tries(&app, command(patients[1], Some(app.clinic))).await,
        Err(AppError::NotFound)
    );
    let entries = list(&app.database, &reception, Filter::default(), app.now)
        .await
        .unwrap();
    assert_eq!(entries[0].joined_by.as_deref(), Some("desk"));
}
