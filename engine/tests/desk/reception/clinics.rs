//! The clinics that an admin gives somebody of staff, and takes.

use std::collections::BTreeSet;

use crate::support::TestApp;
use engine::{
    account::{
        Caller, Clinics, Role,
        access::{SetAccess, set_access},
        clinics::{SetClinics, set_clinics},
        find_caller,
        invite::set_role,
        session::SignedIn,
    },
    error::AppError,
};

/// The command of the admin of the fixture.
fn clinics_of(app: &TestApp, staff_id: i64, clinics: &[i64]) -> SetClinics {
    SetClinics {
        caller: app.admin_caller(),
        staff_id,
        clinics: clinics.iter().copied().collect(),
        key: None,
    }
}

async fn caller(app: &TestApp, staff_id: i64) -> Caller {
    let found = find_caller(&app.database, SignedIn::Staff(staff_id))
        .await
        .unwrap();
    found.unwrap()
}

#[tokio::test]
async fn clinics_are_given_and_taken_and_roles_follow() {
    let app = TestApp::new().await;
    let (database, now) = (&app.database, app.now);
    let elsewhere = app.another_clinic().await;
    let id = app.reception("here@test.example", &[app.clinic]).await;
    let given = async |staff_id: i64, clinics: &[i64]| {
        set_clinics(database, clinics_of(&app, staff_id, clinics), now).await
    };
    given(id, &[app.clinic, elsewhere]).await.unwrap();
    let mut both = vec![app.clinic, elsewhere];
    both.sort_unstable();
    assert_eq!(caller(&app, id).await.clinics(), Some(both.as_slice()));
    given(id, &[elsewhere]).await.unwrap();
    assert_eq!(caller(&app, id).await.clinics(), Some([elsewhere].as_slice()));
    // None would be nothing, and one that is not there is none.
    assert!(matches!(
        given(id, &[]).await,
        Err(AppError::ValidationFailed { .. })
    ));
    assert!(matches!(
        given(id, &[-1]).await,
        Err(AppError::ValidationFailed { .. })
    ));
    // A doctor has patients. The last admin of all clinics stays one.
    let doctor = app.doctors[0].staff_id;
    assert_eq!(given(doctor, &[elsewhere]).await, Err(AppError::Forbidden));
    assert_eq!(
        given(app.admin_staff_id, &[elsewhere]).await,
        Err(AppError::Forbidden)
    );
    // Reception becomes an admin of the same clinics, who gives nobody anything; and reception again.
    let admin = app.admin_caller();
    set_role(database, &admin, id, Role::Admin, now).await.unwrap();
    let limited = caller(&app, id).await;
    assert_eq!(
        (limited.role(), limited.clinics()),
        (Role::Admin, Some([elsewhere].as_slice()))
    );
    let more = SetClinics {
        caller: limited.clone(),
        ..clinics_of(&app, id, &[])
    };
    assert_eq!(set_clinics(database, more, now).await, Err(AppError::NotFound));
    assert_eq!(
        set_role(database, &limited, doctor, Role::Admin, now).await,
        Err(AppError::NotFound)
    );
    // Beside an admin of one clinic, the one of all is the last one still.
    let close = |who: i64| SetAccess {
        caller: None,
        who: SignedIn::Staff(who),
        active: false,
        key: None,
    };
    let closed = set_access(database, close(app.admin_staff_id), now).await;
    assert_eq!(closed, Err(AppError::Forbidden));
    set_role(database, &admin, id, Role::Reception, now)
        .await
        .unwrap();
    assert_eq!(caller(&app, id).await.role(), Role::Reception);
    // A doctor is no reception, and an admin of all clinics is the reception of none.
    assert_eq!(
        set_role(database, &admin, doctor, Role::Reception, now).await,
        Err(AppError::Forbidden)
    );
    set_role(database, &admin, doctor, Role::Admin, now)
        .await
        .unwrap();
    assert_eq!(
        set_role(database, &admin, doctor, Role::Reception, now).await,
        Err(AppError::Forbidden)
    );
}

#[tokio::test]
async fn admins_who_limit_each_other_at_once_leave_one_of_all_clinics() {
    let app = TestApp::crowded().await;
    let mut admins = vec![app.admin_staff_id];
    for doctor in &app.doctors[..2] {
        set_role(
            &app.database,
            &app.admin_caller(),
            doctor.staff_id,
            Role::Admin,
            app.now,
        )
        .await
        .unwrap();
        admins.push(doctor.staff_id);
    }
    let racers: Vec<_> = (0..30)
        .map(|number| {
            let (database, now) = (app.database.clone(), app.now);
            let command = SetClinics {
                caller: Caller::Admin {
                    staff_id: admins[number % 3],
                    name: "An admin".to_owned(),
                    clinics: Clinics::All,
                },
                staff_id: admins[(number + 1) % 3],
                clinics: BTreeSet::from([app.clinic]),
                key: None,
            };
            async move { set_clinics(&database, command, now).await }
        })
        .collect();
    let results = app.race(racers).await;
    assert!(
        results
            .iter()
            .all(|result| matches!(result, Ok(()) | Err(AppError::Forbidden)))
    );
    let left = "select count(*) from staff
                where role = 'admin' and active and id not in (select staff_id from staff_clinics)";
    assert_eq!(app.count(left).await, 1);
}
