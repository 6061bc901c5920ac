//! Limits of codes and of sign-ins.

use super::{OTHER, PHONE, request};
use crate::support::TestApp;
use engine::{
    account::{Country, Limits, Phone, otp},
    error::AppError,
    i18n::{Locale, Texts},
    time::plus_minutes,
};

#[tokio::test]
async fn requests_at_once_are_counted_together() {
    let limits = Limits {
        codes_per_phone: 3,
        ..Limits::default()
    };
    let app = TestApp::crowded().await;
    let now = app.now;
    let racers: Vec<_> = (0..12)
        .map(|_| {
            let database = app.database.clone();
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
    let results = app.race(racers).await;
    assert_eq!(results.iter().flatten().count(), 3);
    assert!(
        results
            .iter()
            .all(|result| matches!(result, Ok(_) | Err(AppError::RateLimited)))
    );
    assert_eq!(app.count("select count(*) from messages").await, 3);
    request(&app, limits, OTHER, "192.0.2.1", now).await.unwrap();
}

#[tokio::test]
async fn the_limit_of_a_phone_starts_anew_after_a_quarter_of_an_hour() {
    let app = TestApp::new().await;
    let limits = Limits {
        codes_per_phone: 3,
        ..Limits::default()
    };
    for _ in 0..3 {
        request(&app, limits, PHONE, "192.0.2.1", app.now).await.unwrap();
    }
    assert_eq!(
        request(&app, limits, PHONE, "192.0.2.2", plus_minutes(app.now, 14)).await,
        Err(AppError::RateLimited)
    );
    request(&app, limits, PHONE, "192.0.2.1", plus_minutes(app.now, 15))
        .await
        .unwrap();
}

/// Asks from these addresses one after the other, each time for another phone; says who is sent a code.
async fn ask_from(app: &TestApp, limits: Limits, addresses: &[&str]) -> Vec<bool> {
    let mut answers = Vec::new();
    for (number, address) in addresses.iter().enumerate() {
        let phone = format!("+62812555009{number:02}");
        answers.push(request(app, limits, &phone, address, app.now).await.is_ok());
    }
    answers
}

#[tokio::test]
async fn codes_are_limited_for_each_address() {
    let app = TestApp::new().await;
    let limits = Limits {
        codes_per_address: 2,
        ..Limits::default()
    };
    let answers = ask_from(&app, limits, &["a", "a", "a", "b", "b"]).await;
    assert_eq!(answers, [true, true, false, true, true]);
}

#[tokio::test]
async fn codes_are_limited_for_all_addresses_together() {
    let app = TestApp::new().await;
    let limits = Limits {
        codes_per_address: 2,
        codes_overall: 5,
        ..Limits::default()
    };
    let answers = ask_from(&app, limits, &["a", "a", "a", "b", "b", "c", "d"]).await;
    assert_eq!(answers, [true, true, false, true, true, true, false]);
}
