//! Codes, patients and staff: races and refusals.

use jiff::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::app::{PASSWORD, Setup, TestApp, one_winner};
use crate::{
    account::{
        Limits, Phone,
        otp::{self, find_or_create_patient},
        service::staff_sign_in,
    },
    error::AppError,
    i18n::{Locale, Texts},
    time::plus_minutes,
};

const PHONE: &str = "+6281255500777";
const OTHER: &str = "+6281255500778";

async fn request(app: &TestApp, phone: &str, address: &str, now: Timestamp) -> Result<String, AppError> {
    otp::request(
        &app.database,
        app.state.config.limits,
        Phone::parse(phone, "+62").unwrap(),
        address.to_owned(),
        Texts::of(Locale::En),
        now,
    )
    .await
}

/// A challenge and the code that belongs to it.
async fn asked(app: &TestApp, phone: &str) -> (String, String) {
    let challenge = request(app, phone, "192.0.2.1", app.now).await.unwrap();
    (challenge, app.newest_code(phone).await)
}

fn another(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[sqlx::test]
async fn thirty_first_logins_of_one_phone_make_one_patient(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let racers: Vec<_> = (0..30)
        .map(|_| {
            let database = app.database.clone();
            async move {
                database
                    .write("test", |mut tx| async move {
                        let id = find_or_create_patient(&mut tx, PHONE).await?;
                        tx.commit().await?;
                        Ok(id)
                    })
                    .await
            }
        })
        .collect();
    let results = app
        .race_behind("lock table patients in share mode", vec![racers])
        .await;
    assert!(results[0].is_ok());
    assert!(results.iter().all(|result| result == &results[0]), "{results:?}");
    assert_eq!(app.count("select count(*) from patients").await, 1);
}

#[sqlx::test]
async fn thirty_uses_of_one_code_sign_in_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (challenge, code) = asked(&app, PHONE).await;
    // More than its attempts would allow, so that it is the code that is used up.
    app.sql("update login_codes set attempts_left = 100").await;
    let now = app.now;
    let racers: Vec<_> = (0..30)
        .map(|_| {
            let (database, challenge, code) = (app.database.clone(), challenge.clone(), code.clone());
            async move { otp::verify(&database, &challenge, &code, now).await }
        })
        .collect();
    let (_, losers) = one_winner(&app.race(racers).await);
    assert!(
        losers.iter().all(|error| *error == AppError::WrongCode),
        "{losers:?}"
    );
    assert_eq!(
        otp::verify(&app.database, &challenge, &code, now).await,
        Err(AppError::WrongCode)
    );
    assert_eq!(app.count("select count(*) from patients").await, 1);
    assert_eq!(app.count("select count(*) from login_codes").await, 0);
}

#[sqlx::test]
async fn of_ten_guesses_at_once_five_are_looked_at_and_then_the_right_code_is_refused(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let (challenge, code) = asked(&app, PHONE).await;
    let now = app.now;
    let racers: Vec<_> = (0..10)
        .map(|_| {
            let (database, challenge, guess) = (app.database.clone(), challenge.clone(), another(&code));
            async move { otp::verify(&database, &challenge, &guess, now).await }
        })
        .collect();
    let results = app.race(racers).await;
    assert_eq!(results, vec![Err(AppError::WrongCode); 10]);
    assert_eq!(
        app.count("select attempts_left::bigint from login_codes").await,
        0
    );
    assert_eq!(
        otp::verify(&app.database, &challenge, &code, now).await,
        Err(AppError::WrongCode)
    );
    assert_eq!(app.count("select count(*) from patients").await, 0);
}

#[sqlx::test]
async fn four_wrong_guesses_leave_one_try(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (challenge, code) = asked(&app, PHONE).await;
    for _ in 0..4 {
        let guess = otp::verify(&app.database, &challenge, &another(&code), app.now).await;
        assert_eq!(guess, Err(AppError::WrongCode));
    }
    otp::verify(&app.database, &challenge, &code, app.now)
        .await
        .unwrap();
}

#[sqlx::test]
async fn a_code_is_good_for_ten_minutes(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (challenge, code) = asked(&app, PHONE).await;
    let late = otp::verify(&app.database, &challenge, &code, plus_minutes(app.now, 10)).await;
    assert_eq!(late, Err(AppError::WrongCode));
    let almost = plus_minutes(app.now, 10) - jiff::SignedDuration::from_secs(1);
    otp::verify(&app.database, &challenge, &code, almost)
        .await
        .unwrap();
}

#[sqlx::test]
async fn a_code_answers_only_to_the_request_that_asked_for_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (first_challenge, first_code) = asked(&app, PHONE).await;
    let (others_challenge, others_code) = asked(&app, OTHER).await;
    // Asking again replaces the code.
    let (challenge, code) = asked(&app, PHONE).await;
    for (challenge, code) in [
        (&first_challenge, &first_code),
        (&first_challenge, &code),
        (&others_challenge, &another(&others_code)),
        (&"nonsense".to_owned(), &code),
    ] {
        assert_eq!(
            otp::verify(&app.database, challenge, code, app.now).await,
            Err(AppError::WrongCode)
        );
    }
    let patient_id = otp::verify(&app.database, &challenge, &code, app.now)
        .await
        .unwrap();
    let others_id = otp::verify(&app.database, &others_challenge, &others_code, app.now)
        .await
        .unwrap();
    assert_ne!(patient_id, others_id);
}

#[sqlx::test]
async fn many_requests_for_one_phone_at_once_leave_one_code_that_works(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let now = app.now;
    let racers: Vec<_> = (0..10)
        .map(|_| {
            let (database, limits) = (app.database.clone(), app.state.config.limits);
            let phone = Phone::parse(PHONE, "+62").unwrap();
            async move {
                otp::request(
                    &database,
                    limits,
                    phone,
                    String::new(),
                    Texts::of(Locale::En),
                    now,
                )
                .await
            }
        })
        .collect();
    let challenges: Vec<String> = app.race(racers).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(app.count("select count(*) from login_codes").await, 1);
    let code = app.newest_code(PHONE).await;
    let mut signed_in = 0;
    for challenge in challenges {
        signed_in += usize::from(otp::verify(&app.database, &challenge, &code, now).await.is_ok());
    }
    assert_eq!(signed_in, 1);
}

#[sqlx::test]
async fn a_patient_whom_the_clinic_deactivated_does_not_get_in(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (challenge, code) = asked(&app, PHONE).await;
    otp::verify(&app.database, &challenge, &code, app.now)
        .await
        .unwrap();
    app.sql("update patients set active = false").await;
    let (challenge, code) = asked(&app, PHONE).await;
    assert_eq!(
        otp::verify(&app.database, &challenge, &code, app.now).await,
        Err(AppError::WrongCode)
    );
}

// Limits.

fn limited(limits: Limits) -> Setup {
    Setup {
        limits,
        ..Setup::default()
    }
}

#[sqlx::test]
async fn requests_at_once_are_counted_together_and_a_window_later_anew(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::with(
        options,
        limited(Limits {
            codes_per_phone: 3,
            ..Limits::default()
        }),
    )
    .await;
    let now = app.now;
    let racers: Vec<_> = (0..12)
        .map(|_| {
            let (database, limits) = (app.database.clone(), app.state.config.limits);
            let phone = Phone::parse(PHONE, "+62").unwrap();
            async move {
                otp::request(
                    &database,
                    limits,
                    phone,
                    String::new(),
                    Texts::of(Locale::En),
                    now,
                )
                .await
            }
        })
        .collect();
    let results = app.race(racers).await;
    assert_eq!(results.iter().flatten().count(), 3);
    assert!(
        results
            .iter()
            .all(|result| matches!(result, Ok(_) | Err(AppError::RateLimited)))
    );
    assert_eq!(app.count("select count(*) from messages").await, 3);
    request(&app, OTHER, "192.0.2.1", now).await.unwrap();
    assert_eq!(
        request(&app, PHONE, "192.0.2.2", plus_minutes(now, 14)).await,
        Err(AppError::RateLimited)
    );
    request(&app, PHONE, "192.0.2.1", plus_minutes(now, 15))
        .await
        .unwrap();
}

#[sqlx::test]
async fn addresses_are_limited_by_themselves_and_all_together(_: PgPoolOptions, options: PgConnectOptions) {
    let limits = Limits {
        codes_per_address: 2,
        codes_overall: 5,
        ..Limits::default()
    };
    let app = TestApp::with(options, limited(limits)).await;
    let mut answers = Vec::new();
    for (number, address) in ["a", "a", "a", "b", "b", "c", "d"].into_iter().enumerate() {
        let phone = format!("+62812555009{number:02}");
        answers.push(request(&app, &phone, address, app.now).await.is_ok());
    }
    assert_eq!(answers, [true, true, false, true, true, true, false]);
}

#[sqlx::test]
async fn sign_ins_of_staff_are_limited_right_or_wrong(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::with(
        options,
        limited(Limits {
            sign_ins: 3,
            ..Limits::default()
        }),
    )
    .await;
    let try_with = async |password: &str, address: &str| {
        let (limits, password) = (app.state.config.limits, password.to_owned());
        staff_sign_in(
            &app.database,
            limits,
            "admin@test.example",
            password,
            address.to_owned(),
            app.now,
        )
        .await
    };
    assert_eq!(try_with("wrong", "a").await, Err(AppError::WrongPassword));
    assert_eq!(try_with("wrong", "b").await, Err(AppError::WrongPassword));
    try_with(PASSWORD, "c").await.unwrap();
    assert_eq!(try_with(PASSWORD, "d").await, Err(AppError::RateLimited));
}

// Staff.

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
