//! Roles that change hands, and the last admin, who cannot be lost.

use crate::support::TestApp;
use engine::{
    account::{
        Caller, Role,
        access::{SetAccess, set_access},
        find_caller,
        invite::set_role,
        session::SignedIn,
        token,
    },
    error::AppError,
};

#[tokio::test]
async fn a_doctor_becomes_an_admin_and_a_doctor_again() {
    let app = TestApp::new().await;
    let (admin, doctor) = (app.admin_caller(), app.doctors[0].staff_id);
    let who = SignedIn::Staff(doctor);
    let issued = token::issue(&app.database, who, None, app.now).await.unwrap();
    let later = app.database.now();
    set_role(&app.database, &admin, doctor, Role::Admin, later)
        .await
        .unwrap();
    let caller = find_caller(&app.database, who).await.unwrap();
    assert!(matches!(caller, Some(Caller::Admin { .. })), "{caller:?}");
    // Who was signed in as a doctor is not, as an admin.
    let shown = token::find(&app.database, &issued.token, later).await;
    assert_eq!(shown.map(|token| token.id), Err(AppError::Unauthenticated));
    // The clinic's own admin steps down no further: no patient knows them as a doctor.
    assert_eq!(
        set_role(&app.database, &admin, app.admin_staff_id, Role::Doctor, later).await,
        Err(AppError::Forbidden)
    );
    set_role(&app.database, &admin, doctor, Role::Doctor, later)
        .await
        .unwrap();
    let caller = find_caller(&app.database, who).await.unwrap();
    assert!(matches!(caller, Some(Caller::Doctor { .. })), "{caller:?}");
    for role in [Role::Patient, Role::System, Role::Visitor] {
        assert_eq!(
            set_role(&app.database, &admin, doctor, role, later).await,
            Err(AppError::Forbidden)
        );
    }
    assert_eq!(
        set_role(&app.database, &app.doctor_caller(0), doctor, Role::Admin, later).await,
        Err(AppError::NotFound)
    );
    assert_eq!(
        set_role(&app.database, &admin, -1, Role::Admin, later).await,
        Err(AppError::NotFound)
    );
    let notes = "select count(*) from security_notes where kind = 'role_changed'";
    assert_eq!(app.count(notes).await, 2);
}

#[tokio::test]
async fn admins_who_take_each_others_place_at_once_leave_one() {
    let app = TestApp::crowded().await;
    let admin = app.admin_caller();
    // Three doctors are the only admins.
    let doctors: Vec<i64> = app.doctors[..3].iter().map(|doctor| doctor.staff_id).collect();
    for &doctor in &doctors {
        set_role(&app.database, &admin, doctor, Role::Admin, app.now)
            .await
            .unwrap();
    }
    let close = SetAccess {
        caller: None,
        who: SignedIn::Staff(app.admin_staff_id),
        active: false,
        key: None,
    };
    set_access(&app.database, close, app.now).await.unwrap();
    // Everybody is made a doctor by somebody else, and closed by another one, ten times over.
    let racers: Vec<_> = (0..30)
        .map(|number| {
            let (database, now) = (app.database.clone(), app.now);
            let (by, of) = (doctors[number % 3], doctors[(number + 1) % 3]);
            let caller = Caller::Admin {
                clinics: engine::account::Clinics::All,
                staff_id: by,
                name: "An admin".to_owned(),
            };
            async move {
                match number % 2 {
                    0 => set_role(&database, &caller, of, Role::Doctor, now).await,
                    _ => {
                        let command = SetAccess {
                            caller: Some(caller),
                            who: SignedIn::Staff(of),
                            active: false,
                            key: None,
                        };
                        set_access(&database, command, now).await
                    }
                }
            }
        })
        .collect();
    let results = app.race(racers).await;
    assert!(results.contains(&Err(AppError::Forbidden)), "{results:?}");
    assert_eq!(
        app.count("select count(*) from staff where role = 'admin' and active")
            .await,
        1
    );
}
