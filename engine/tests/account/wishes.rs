//! What patients wish, and a new phone number.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{OTHER, PHONE, links::site, request};
use crate::support::{TestApp, one_winner};
use engine::{
    account::{
        Limits,
        link::Purpose,
        new_phone::change_phone,
        otp,
        session::SignedIn,
        token,
        wishes::{ChangeWishes, Topic, Way, Ways, change_wishes, confirm_email, wishes},
    },
    error::{AppError, Field, FieldProblem},
    i18n::{Locale, Texts},
    time::plus_minutes,
};

const EMAIL: &str = "dewi@mail.example";

fn wish(patient_id: i64, email: &str) -> ChangeWishes {
    ChangeWishes {
        patient_id,
        locale: Some(Locale::Id),
        email: email.to_owned(),
        ways: Ways::from([(Topic::Reminder, Way::Email), (Topic::Rating, Way::None)]),
        site: Some(site()),
        texts: Texts::default(),
    }
}

async fn newest_link(app: &TestApp, email: &str) -> String {
    let body = app.newest_message(email).await;
    let after = body.split("key=").nth(1).expect("a link");
    after.split_whitespace().next().unwrap().to_owned()
}

#[sqlx::test]
async fn an_address_is_used_once_its_link_was_followed(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (database, id) = (&app.database, app.patients(1).await[0]);
    assert_eq!(
        change_wishes(database, wish(id, " Dewi@mail.example"), app.now).await,
        Ok(true)
    );
    let there = wishes(database, id).await.unwrap();
    assert_eq!(
        (there.email.as_deref(), there.locale),
        (Some(EMAIL), Some(Locale::Id))
    );
    assert_eq!(there.way(Topic::Reminder), Way::Sms, "not confirmed yet");
    assert_eq!(there.way(Topic::Rating), Way::None);
    let secret = newest_link(&app, EMAIL).await;
    let late = plus_minutes(app.now, Purpose::Email.lifetime_minutes());
    assert_eq!(
        confirm_email(database, &secret, late).await,
        Err(AppError::NotFound)
    );
    let racers: Vec<_> = (0..30)
        .map(|_| {
            let (database, secret, now) = (database.clone(), secret.clone(), app.now);
            async move { confirm_email(&database, &secret, now).await }
        })
        .collect();
    one_winner(&app.race(racers).await);
    let there = wishes(database, id).await.unwrap();
    assert_eq!(there.way(Topic::Reminder), Way::Email);
    // The same again asks for nothing, and another one asks anew.
    assert_eq!(change_wishes(database, wish(id, EMAIL), app.now).await, Ok(false));
    assert!(wishes(database, id).await.unwrap().is_confirmed);
    assert_eq!(
        change_wishes(database, wish(id, "other@mail.example"), app.now).await,
        Ok(true)
    );
    let old = newest_link(&app, "other@mail.example").await;
    assert!(!wishes(database, id).await.unwrap().is_confirmed);
    // A link is good for the address that it was sent to.
    assert_eq!(change_wishes(database, wish(id, EMAIL), app.now).await, Ok(true));
    assert_eq!(
        confirm_email(database, &old, app.now).await,
        Err(AppError::NotFound)
    );
}

#[sqlx::test]
async fn what_cannot_be_wished_is_refused(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (database, id) = (&app.database, app.patients(1).await[0]);
    let email = |problem| Err(AppError::invalid(Field::Email, problem));
    assert_eq!(
        change_wishes(database, wish(id, ""), app.now).await,
        email(FieldProblem::Missing)
    );
    assert_eq!(
        change_wishes(database, wish(id, "dewi"), app.now).await,
        email(FieldProblem::Malformed)
    );
    let without_links = ChangeWishes {
        site: None,
        ..wish(id, EMAIL)
    };
    assert_eq!(
        change_wishes(database, without_links, app.now).await,
        email(FieldProblem::Unconfirmable)
    );
    assert_eq!(app.count("select count(*) from messages").await, 0);
    assert_eq!(
        wishes(database, id).await.unwrap(),
        engine::account::wishes::Wishes::default()
    );
    assert_eq!(
        change_wishes(database, wish(-1, EMAIL), app.now).await,
        Err(AppError::NotFound)
    );
}

/// Signs in by phone, and answers with the id of the patient.
async fn signed_in(app: &TestApp, phone: &str) -> i64 {
    let challenge = request(app, Limits::default(), phone, "192.0.2.1", app.now)
        .await
        .unwrap();
    let code = app.newest_code(phone).await;
    otp::verify(&app.database, &challenge, &code, app.now)
        .await
        .unwrap()
}

#[sqlx::test]
async fn a_new_phone_is_proved_by_its_code_and_told_to_the_old_one(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn who_shares_a_phone_follows_its_holder_to_the_new_one(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let id = signed_in(&app, PHONE).await;
    sqlx::query("insert into patients (phone, name, holder_id) values ($1, 'A child', $2)")
        .bind(PHONE)
        .bind(id)
        .execute(&mut app.connection().await)
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
