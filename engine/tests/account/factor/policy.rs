//! Who has to have a second factor, and who takes one away.

use super::{codes, signed_in, with_app};
use crate::support::TestApp;
use engine::{
    account::{
        factor::{self, Policy, Step, next_step, recovery, reset, totp},
        session::SignedIn,
        token,
    },
    error::AppError,
};

#[tokio::test]
async fn the_last_factor_stays_where_one_is_required() {
    let app = TestApp::new().await;
    let (database, staff_id) = (&app.database, app.admin_staff_id);
    with_app(&app, staff_id).await;
    for policy in [Policy::Admins, Policy::Staff] {
        assert_eq!(
            totp::remove(database, policy, (staff_id, None), app.now).await,
            Err(AppError::Forbidden)
        );
    }
    assert!(factor::factors(database, staff_id).await.unwrap().has_totp);
    totp::remove(database, Policy::Optional, (staff_id, None), app.now)
        .await
        .unwrap();
    // Recovery codes stand in for nothing then.
    assert_eq!(
        factor::factors(database, staff_id).await.unwrap(),
        factor::Factors::default()
    );
    assert_eq!(
        totp::remove(database, Policy::Optional, (staff_id, None), app.now).await,
        Err(AppError::NotFound)
    );
    assert_eq!(
        recovery::renew(database, (staff_id, None), codes("second"), app.now).await,
        Err(AppError::NotFound)
    );
}

#[tokio::test]
async fn an_admin_takes_the_factors_of_somebody_else_away() {
    let app = TestApp::new().await;
    let (admin, doctor) = (app.admin_caller(), app.doctors[0].staff_id);
    with_app(&app, doctor).await;
    signed_in(&app, doctor, 1).await;
    let program = token::issue(&app.database, SignedIn::Staff(doctor), None, app.now)
        .await
        .unwrap();
    assert_eq!(
        reset(&app.database, Some(&app.doctor_caller(1)), doctor, app.now).await,
        Err(AppError::NotFound)
    );
    assert_eq!(
        reset(&app.database, Some(&admin), app.admin_staff_id, app.now).await,
        Err(AppError::Forbidden)
    );
    reset(&app.database, Some(&admin), doctor, app.now).await.unwrap();
    assert_eq!(
        factor::factors(&app.database, doctor).await.unwrap(),
        factor::Factors::default()
    );
    assert_eq!(app.count("select count(*) from sessions").await, 0);
    let shown = token::find(&app.database, &program.token, app.now).await;
    assert_eq!(shown.map(|token| token.id), Err(AppError::Unauthenticated));
    let step = next_step(&app.database, Policy::Staff, doctor, app.now)
        .await
        .unwrap();
    assert!(matches!(step, Step::Enrol(_)));
}

#[tokio::test]
async fn who_has_to_have_a_factor_and_has_none_is_signed_out_when_a_server_begins() {
    let app = TestApp::new().await;
    let (doctor, other) = (app.doctors[0].staff_id, app.doctors[1].staff_id);
    with_app(&app, doctor).await;
    for (number, staff_id) in [(1, doctor), (2, other), (3, app.admin_staff_id)] {
        signed_in(&app, staff_id, number).await;
    }
    let mut tokens = Vec::new();
    for staff_id in [doctor, other] {
        let issued = token::issue(&app.database, SignedIn::Staff(staff_id), None, app.now).await;
        tokens.push(issued.unwrap().token);
    }
    for (policy, ended) in [
        (Policy::Off, 0),
        (Policy::Optional, 0),
        (Policy::Admins, 1),
        (Policy::Staff, 1),
        (Policy::Staff, 0),
    ] {
        assert_eq!(
            factor::enforce(&app.database, policy).await,
            Ok(ended),
            "{policy:?}"
        );
    }
    let stays = async |token: &str| token::find(&app.database, token, app.now).await.is_ok();
    assert!(stays(&tokens[0]).await && !stays(&tokens[1]).await);
}
