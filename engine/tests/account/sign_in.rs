//! Signing in with a password.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{PASSWORD, TestApp};
use engine::{
    account::{Limits, staff_sign_in},
    error::AppError,
};

#[sqlx::test]
async fn a_wrong_password_an_unknown_account_and_a_closed_one_are_answered_alike(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.sql("update staff set active = false where email = 'doctor2@test.example'")
        .await;
    let try_as = async |email: &str, password: &str| {
        staff_sign_in(
            &app.database,
            Limits::default(),
            email,
            password.to_owned(),
            String::new(),
            app.now,
        )
        .await
    };
    for (email, password) in [
        ("admin@test.example", "wrong"),
        ("admin@test.example", ""),
        ("nobody@test.example", PASSWORD),
        ("doctor2@test.example", PASSWORD),
        ("' or true --", PASSWORD),
        ("no account", "no account"),
    ] {
        assert_eq!(
            try_as(email, password).await,
            Err(AppError::WrongPassword),
            "{email}"
        );
    }
    // Letters are not what an address is about.
    assert_eq!(
        try_as(" Admin@Test.Example ", PASSWORD).await,
        Ok(app.admin_staff_id)
    );
}
