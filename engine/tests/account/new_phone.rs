//! A patient's new phone number.

use super::{OTHER, PHONE, request};
use crate::support::TestApp;
use engine::{
    account::{Limits, new_phone::change_phone, otp, session::SignedIn, token},
    error::{AppError, Field, FieldProblem},
    i18n::Texts,
};

async fn signed_in(app: &TestApp, phone: &str) -> i64 {
    let challenge = request(app, Limits::default(), phone, "192.0.2.1", app.now)
        .await
        .unwrap();
    let code = app.newest_code(phone).await;
    otp::verify(&app.database, &challenge, &code, app.now)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_new_phone_is_proved_by_its_code_and_told_to_the_old_one() {
    let app = TestApp::new().await;
    let database = &app.database;
    let id = signed_in(&app, PHONE).await;
    let program = token::issue(database, SignedIn::Patient(id), None, app.now)
        .await
        .unwrap();
    let challenge = request(&app, Limits::default(), OTHER, "192.0.2.1", app.now)
        .await
        .unwrap();
    let code = app.newest_code(OTHER).await;
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    let change = async |code: &str| {
        change_phone(
            database,
            (id, None),
            (&challenge, code),
            Texts::default(),
            app.now,
        )
        .await
    };
    assert_eq!(change(&wrong).await, Err(AppError::WrongCode));
    assert_eq!(change(&code).await, Ok(()));
    assert_eq!(change(&code).await, Err(AppError::WrongCode), "used up");
    let told = app.newest_message(PHONE).await;
    assert!(told.contains("was changed") && !told.contains(OTHER), "{told}");
    let shown = token::find(database, &program.token, app.now).await;
    assert_eq!(shown.map(|token| token.id), Err(AppError::Unauthenticated));
    // It is the same patient by the new number, and somebody new by the old one.
    assert_eq!(signed_in(&app, OTHER).await, id);
    let newcomer = signed_in(&app, PHONE).await;
    assert_ne!(newcomer, id);
    // Whose number it is already keeps it.
    let challenge = request(&app, Limits::default(), OTHER, "192.0.2.1", app.now)
        .await
        .unwrap();
    let code = app.newest_code(OTHER).await;
    let taken = change_phone(
        database,
        (newcomer, None),
        (&challenge, &code),
        Texts::default(),
        app.now,
    )
    .await;
    assert_eq!(taken, Err(AppError::invalid(Field::Phone, FieldProblem::Taken)));
    app.assert_sound().await;
}

#[tokio::test]
async fn who_shares_a_phone_follows_its_holder_to_the_new_one() {
    let app = TestApp::new().await;
    let id = signed_in(&app, PHONE).await;
    sqlx::query("insert into patients (phone, name, holder_id) values ($1, 'A child', $2)")
        .bind(PHONE)
        .bind(id)
        .execute(&mut *app.spare().await)
        .await
        .unwrap();
    let challenge = request(&app, Limits::default(), OTHER, "192.0.2.1", app.now)
        .await
        .unwrap();
    let code = app.newest_code(OTHER).await;
    change_phone(
        &app.database,
        (id, None),
        (&challenge, &code),
        Texts::default(),
        app.now,
    )
    .await
    .unwrap();
    assert_eq!(
        app.count("select count(*) from patients where phone = '+6281255500778'")
            .await,
        2
    );
    app.assert_sound().await;
}
