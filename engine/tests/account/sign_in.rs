//! Signing in with a password.

use crate::support::{PASSWORD, TestApp};
use engine::{
    account::{Limits, Role, put_staff, staff_sign_in},
    error::AppError,
};

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Result<i64, AppError> {
    staff_sign_in(
        &app.database,
        Limits::default(),
        email,
        password.to_owned(),
        String::new(),
        app.now,
    )
    .await
}

#[tokio::test]
async fn every_failed_sign_in_is_answered_alike() {
    let app = TestApp::new().await;
    app.sql("update staff set active = false where email = 'doctor2@test.example'")
        .await;
    for (email, password) in [
        ("admin@test.example", "wrong"),
        ("admin@test.example", ""),
        ("nobody@test.example", PASSWORD),
        ("doctor2@test.example", PASSWORD),
        ("' or true --", PASSWORD),
        ("no account", "no account"),
    ] {
        assert_eq!(
            sign_in(&app, email, password).await,
            Err(AppError::WrongPassword),
            "{email}"
        );
    }
}

#[tokio::test]
async fn the_case_of_an_email_does_not_matter() {
    let app = TestApp::new().await;
    assert_eq!(
        sign_in(&app, " Admin@Test.Example ", PASSWORD).await,
        Ok(app.admin_staff_id)
    );
}

#[tokio::test]
async fn a_password_is_the_same_however_a_keyboard_writes_its_letters() {
    let app = TestApp::new().await;
    let (composed, decomposed) = ("caf\u{e9} am kleinen See", "cafe\u{301} am kleinen See");
    for (chosen, typed) in [(composed, decomposed), (decomposed, composed)] {
        put_staff(
            &app.database,
            Role::Admin,
            "Ame\u{301}lie\tB".to_owned(),
            "amelie@test.example".to_owned(),
            chosen.to_owned(),
        )
        .await
        .unwrap();
        assert!(sign_in(&app, "amelie@test.example", typed).await.is_ok());
        assert!(sign_in(&app, "amelie@test.example", chosen).await.is_ok());
        let named = "select count(*) from staff where name = 'Am\u{e9}lie B'";
        assert_eq!(app.count(named).await, 1);
    }
    assert!(
        sign_in(&app, "amelie@test.example", "cafe am kleinen See")
            .await
            .is_err()
    );
}
