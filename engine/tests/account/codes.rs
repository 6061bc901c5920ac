//! One-time codes: how often one may be tried, by whom, and for how long.

use super::{OTHER, PHONE, request};
use crate::support::{TestApp, one_winner};
use engine::{
    account::{
        Country, Limits, Phone,
        otp::{self, find_or_create_patient},
    },
    error::AppError,
    i18n::{Locale, Texts},
    time::plus_minutes,
};

/// A challenge and the code that belongs to it.
async fn asked(app: &TestApp, phone: &str) -> (String, String) {
    let challenge = request(app, Limits::default(), phone, "192.0.2.1", app.now)
        .await
        .unwrap();
    (challenge, app.newest_code(phone).await)
}

fn another(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn thirty_first_logins_of_one_phone_make_one_patient() {
    let app = TestApp::crowded().await;
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

#[tokio::test]
async fn thirty_uses_of_one_code_sign_in_once() {
    let app = TestApp::crowded().await;
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
    // Those who come when ten are being checked wait.
    assert!(
        losers
            .iter()
            .all(|error| matches!(error, AppError::WrongCode | AppError::RateLimited)),
        "{losers:?}"
    );
    assert_eq!(
        otp::verify(&app.database, &challenge, &code, now).await,
        Err(AppError::WrongCode)
    );
    assert_eq!(app.count("select count(*) from patients").await, 1);
    assert_eq!(app.count("select count(*) from login_codes").await, 0);
}

#[tokio::test]
async fn five_wrong_guesses_of_ten_at_once_use_up_a_code() {
    let app = TestApp::crowded().await;
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

#[tokio::test]
async fn four_wrong_guesses_leave_one_try() {
    let app = TestApp::new().await;
    let (challenge, code) = asked(&app, PHONE).await;
    for _ in 0..4 {
        let guess = otp::verify(&app.database, &challenge, &another(&code), app.now).await;
        assert_eq!(guess, Err(AppError::WrongCode));
    }
    otp::verify(&app.database, &challenge, &code, app.now)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes() {
    let app = TestApp::new().await;
    let (challenge, code) = asked(&app, PHONE).await;
    let late = otp::verify(&app.database, &challenge, &code, plus_minutes(app.now, 10)).await;
    assert_eq!(late, Err(AppError::WrongCode));
    let almost = plus_minutes(app.now, 10) - jiff::SignedDuration::from_secs(1);
    otp::verify(&app.database, &challenge, &code, almost)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_code_works_only_with_the_request_that_asked_for_it() {
    let app = TestApp::new().await;
    let (first_challenge, first_code) = asked(&app, PHONE).await;
    let (others_challenge, others_code) = asked(&app, OTHER).await;
    let (challenge, code) = asked(&app, PHONE).await;
    for (challenge, code) in [
        (&first_challenge, &another(&first_code)),
        (&challenge, &another(&code)),
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
    // The older one ends when a newer one is used.
    assert_eq!(
        otp::verify(&app.database, &first_challenge, &first_code, app.now).await,
        Err(AppError::WrongCode)
    );
    let others_id = otp::verify(&app.database, &others_challenge, &others_code, app.now)
        .await
        .unwrap();
    assert_ne!(patient_id, others_id);
}

#[tokio::test]
async fn ten_requests_for_one_phone_at_once_make_ten_codes_of_which_each_has_its_own_challenge() {
    let app = TestApp::crowded().await;
    let now = app.now;
    let racers: Vec<_> = (0..10)
        .map(|_| {
            let (database, limits) = (app.database.clone(), Limits::default());
            let phone = Phone::parse(PHONE, Country::default()).unwrap();
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
    assert_eq!(app.count("select count(*) from login_codes").await, 10);
    let code = app.newest_code(PHONE).await;
    let mut signed_in = 0;
    for challenge in challenges {
        signed_in += usize::from(otp::verify(&app.database, &challenge, &code, now).await.is_ok());
    }
    assert_eq!(signed_in, 1);
}

#[tokio::test]
async fn a_deactivated_patient_cannot_sign_in() {
    let app = TestApp::new().await;
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
