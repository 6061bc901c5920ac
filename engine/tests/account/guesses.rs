//! Guesses: who guesses is slowed down, and nobody else.

use jiff::{SignedDuration, Timestamp};

use super::{OTHER, PHONE, request};
use crate::support::{PASSWORD, TestApp};
use engine::{
    account::{Country, Limits, Phone, otp, staff_sign_in, tries::CODE_BUDGET},
    error::AppError,
    time::plus_minutes,
};

const LIMITS: Limits = Limits {
    codes_per_phone: 0,
    codes_per_address: 0,
    codes_per_prefix: 0,
    codes_overall: 0,
    sign_ins: 3,
    holds_per_address: 0,
    phones_per_staff: 0,
    sessions_per_address: 0,
};

fn plus_seconds(at: Timestamp, seconds: i64) -> Timestamp {
    at + SignedDuration::from_secs(seconds)
}

fn another(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

/// Asks for a code from this address, and answers with the challenge and a wrong code.
async fn asked(
    app: &TestApp,
    phone: &str,
    address: &str,
    now: Timestamp,
) -> Result<(String, String), AppError> {
    let challenge = request(app, LIMITS, phone, address, now).await?;
    Ok((challenge, app.newest_code(phone).await))
}

/// Guesses a code wrong so often from this address, an hour apart, and answers with the last moment.
async fn guess(app: &TestApp, phone: &str, address: &str, times: i32, mut now: Timestamp) -> Timestamp {
    for number in 0..times {
        let (challenge, code) = asked(app, phone, address, now).await.unwrap();
        let guess = otp::verify(&app.database, &challenge, &another(&code), now).await;
        assert_eq!(guess, Err(AppError::WrongCode), "{number}");
        now = plus_minutes(now, 61);
    }
    now
}

async fn sign_in(
    app: &TestApp,
    email: &str,
    password: &str,
    address: &str,
    now: Timestamp,
) -> Result<i64, AppError> {
    let (password, address) = (password.to_owned(), address.to_owned());
    staff_sign_in(&app.database, LIMITS, email, password, address, now).await
}

#[tokio::test]
async fn wrong_codes_make_the_next_ones_wait() {
    let app = TestApp::new().await;
    for _ in 0..2 {
        let (challenge, code) = asked(&app, PHONE, "192.0.2.1", app.now).await.unwrap();
        for _ in 0..5 {
            let guess = otp::verify(&app.database, &challenge, &another(&code), app.now).await;
            assert_eq!(guess, Err(AppError::WrongCode));
        }
    }
    // From wherever: the phone has signed in nowhere.
    let (challenge, code) = asked(&app, PHONE, "192.0.2.2", app.now).await.unwrap();
    let at_once = otp::verify(&app.database, &challenge, &code, app.now).await;
    assert_eq!(at_once, Err(AppError::RateLimited));
    assert_eq!(
        app.count("select attempts_left::bigint from login_codes where place = '192.0.2.2'")
            .await,
        5,
        "a guess that comes too early costs none"
    );
    // Another phone does not wait.
    let (other, others_code) = asked(&app, OTHER, "192.0.2.1", app.now).await.unwrap();
    otp::verify(&app.database, &other, &others_code, app.now)
        .await
        .unwrap();
    let wrong = otp::verify(
        &app.database,
        &challenge,
        &another(&code),
        plus_seconds(app.now, 1),
    )
    .await;
    assert_eq!(wrong, Err(AppError::WrongCode));
    let second = otp::verify(&app.database, &challenge, &code, plus_seconds(app.now, 2)).await;
    assert_eq!(second, Err(AppError::RateLimited));
    otp::verify(&app.database, &challenge, &code, plus_seconds(app.now, 3))
        .await
        .unwrap();
}

#[tokio::test]
async fn many_wrong_codes_at_once_count_like_one_after_the_other() {
    let app = TestApp::crowded().await;
    let mut racers = Vec::new();
    for _ in 0..6 {
        let (challenge, code) = asked(&app, PHONE, "192.0.2.1", app.now).await.unwrap();
        for _ in 0..5 {
            let (database, challenge, guess) = (app.database.clone(), challenge.clone(), another(&code));
            let now = app.now;
            racers.push(async move { otp::verify(&database, &challenge, &guess, now).await });
        }
    }
    let results = app.race(racers).await;
    let compared = results
        .iter()
        .filter(|result| **result == Err(AppError::WrongCode))
        .count();
    assert_eq!(compared, 10, "{results:?}");
    assert!(
        results
            .iter()
            .all(|result| matches!(result, Err(AppError::WrongCode | AppError::RateLimited))),
        "{results:?}"
    );
}

#[tokio::test]
async fn after_many_wrong_codes_a_phone_needs_more_than_a_code_in_a_new_place() {
    let app = TestApp::new().await;
    // A patient who signs in at home.
    let (challenge, code) = asked(&app, PHONE, "198.51.100.7", app.now).await.unwrap();
    let patient_id = otp::verify(&app.database, &challenge, &code, app.now)
        .await
        .unwrap();
    let now = guess(&app, PHONE, "203.0.113.1", CODE_BUDGET - 1, app.now).await;
    // The last guess, and a code that was asked for before it.
    let (early, early_code) = asked(&app, PHONE, "203.0.113.2", now).await.unwrap();
    let now = guess(&app, PHONE, "203.0.113.1", 1, now).await - SignedDuration::from_mins(60);
    for address in ["203.0.113.1", "2001:db8::1", "192.0.2.99"] {
        let refused = request(&app, LIMITS, PHONE, address, now).await;
        assert_eq!(refused, Err(AppError::SignInGuarded), "{address}");
    }
    assert_eq!(
        otp::verify(&app.database, &early, &early_code, now).await,
        Err(AppError::SignInGuarded)
    );
    // At home, a code is enough, at once, and nobody else is told anything.
    let (challenge, code) = asked(&app, PHONE, "198.51.100.7", now).await.unwrap();
    assert_eq!(
        otp::verify(&app.database, &challenge, &code, now).await,
        Ok(patient_id)
    );
    asked(&app, OTHER, "203.0.113.1", now).await.unwrap();
    // The clinic lets the phone in.
    otp::let_in(
        &app.database,
        None,
        Phone::parse(PHONE, Country::default()).unwrap(),
    )
    .await
    .unwrap();
    let (challenge, code) = asked(&app, PHONE, "192.0.2.99", now).await.unwrap();
    assert_eq!(
        otp::verify(&app.database, &challenge, &code, now).await,
        Ok(patient_id)
    );
}

#[tokio::test]
async fn the_failures_of_a_phone_are_forgotten_after_a_week_without_one() {
    let app = TestApp::new().await;
    let now = guess(&app, PHONE, "203.0.113.1", CODE_BUDGET, app.now).await;
    let refused = request(&app, LIMITS, PHONE, "203.0.113.9", plus_minutes(now, 6 * 24 * 60)).await;
    assert_eq!(refused, Err(AppError::SignInGuarded));
    guess(&app, PHONE, "203.0.113.9", 1, plus_minutes(now, 7 * 24 * 60)).await;
}

#[tokio::test]
async fn a_code_that_a_stranger_asks_for_does_not_end_that_of_the_patient() {
    let app = TestApp::new().await;
    let (mine, my_code) = asked(&app, PHONE, "192.0.2.1", app.now).await.unwrap();
    let (theirs, _) = asked(&app, PHONE, "203.0.113.1", app.now).await.unwrap();
    assert_eq!(
        otp::verify(&app.database, &theirs, &my_code, app.now).await,
        Err(AppError::WrongCode),
        "a code answers only its own challenge"
    );
    otp::verify(&app.database, &mine, &my_code, app.now)
        .await
        .unwrap();
    assert_eq!(
        app.count("select count(*) from login_codes").await,
        0,
        "the older ones end with it"
    );
}

#[tokio::test]
async fn the_body_of_a_code_is_erased_when_it_has_expired_or_was_sent() {
    let app = TestApp::new().await;
    asked(&app, PHONE, "192.0.2.1", app.now).await.unwrap();
    asked(&app, OTHER, "192.0.2.1", app.now).await.unwrap();
    app.sql("update messages set sent_at = now() where recipient = '+6281255500778'")
        .await;
    let tidy = async |now: Timestamp| {
        app.database
            .write("test", move |mut tx| async move {
                engine::notification::outbox::tidy(&mut tx, now).await?;
                tx.commit().await
            })
            .await
            .unwrap();
    };
    let bodies = "select count(*) from messages where body <> ''";
    tidy(plus_minutes(app.now, 9)).await;
    assert_eq!(app.count(bodies).await, 1, "the one that was not sent");
    tidy(plus_minutes(app.now, 10)).await;
    assert_eq!(app.count(bodies).await, 0);
    assert_eq!(app.count("select count(*) from messages").await, 2);
}

#[tokio::test]
async fn twenty_wrong_passwords_from_one_address_lock_nobody_out_elsewhere() {
    let app = TestApp::new().await;
    let (mut wrong, mut early) = (0, 0);
    for _ in 0..20 {
        match sign_in(&app, "admin@test.example", "wrong", "203.0.113.1", app.now).await {
            Err(AppError::WrongPassword) => wrong += 1,
            Err(AppError::RateLimited) => early += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((wrong, early), (3, 17));
    let elsewhere = sign_in(&app, "admin@test.example", PASSWORD, "192.0.2.1", app.now).await;
    assert_eq!(elsewhere, Ok(app.admin_staff_id));
    // There, they wait a little, and are not refused for good.
    let there = sign_in(&app, "admin@test.example", PASSWORD, "203.0.113.1", app.now).await;
    assert_eq!(there, Err(AppError::RateLimited));
    let later = sign_in(
        &app,
        "admin@test.example",
        PASSWORD,
        "203.0.113.1",
        plus_seconds(app.now, 1),
    )
    .await;
    assert_eq!(later, Ok(app.admin_staff_id));
}

#[tokio::test]
async fn right_passwords_are_not_limited() {
    let app = TestApp::new().await;
    for (number, email) in ["admin@test.example", "doctor1@test.example"]
        .into_iter()
        .cycle()
        .enumerate()
        .take(30)
    {
        let right = sign_in(&app, email, PASSWORD, "192.0.2.1", app.now).await;
        assert!(right.is_ok(), "{number}: {right:?}");
    }
    assert_eq!(
        app.count("select coalesce(sum(count), 0) from sign_in_tries")
            .await,
        0
    );
}

#[tokio::test]
async fn twenty_right_sign_ins_at_once_behind_one_router_all_work() {
    let app = TestApp::crowded().await;
    let limits = Limits {
        sign_ins: 10,
        ..LIMITS
    };
    let (database, now) = (app.database.clone(), app.now);
    let racers = (0..20)
        .map(|number| {
            let email = match number % 5 {
                0 => "admin@test.example".to_owned(),
                doctor => format!("doctor{doctor}@test.example"),
            };
            let database = database.clone();
            async move {
                let (password, address) = (PASSWORD.to_owned(), "203.0.113.80".to_owned());
                staff_sign_in(&database, limits, &email, password, address, now).await
            }
        })
        .collect();
    for result in app.race(racers).await {
        assert!(result.is_ok(), "{result:?}");
    }
    // Nor does the next one wait, of whomever.
    let next = sign_in(&app, "doctor4@test.example", PASSWORD, "203.0.113.80", app.now).await;
    assert!(next.is_ok(), "{next:?}");
}

#[tokio::test]
async fn passwords_from_many_addresses_slow_down_new_places_alone() {
    let app = TestApp::new().await;
    sign_in(&app, "admin@test.example", PASSWORD, "192.0.2.1", app.now)
        .await
        .unwrap();
    for number in 0..12 {
        let address = format!("203.0.113.{number}");
        let wrong = sign_in(&app, "admin@test.example", "wrong", &address, app.now).await;
        assert_eq!(wrong, Err(AppError::WrongPassword));
    }
    let new_place = sign_in(&app, "admin@test.example", PASSWORD, "198.51.100.1", app.now).await;
    assert_eq!(new_place, Err(AppError::RateLimited));
    let known = sign_in(&app, "admin@test.example", PASSWORD, "192.0.2.1", app.now).await;
    assert_eq!(known, Ok(app.admin_staff_id));
}

#[tokio::test]
async fn one_network_of_ipv6_is_one_caller() {
    let app = TestApp::new().await;
    let limits = Limits {
        codes_per_address: 2,
        ..LIMITS
    };
    let mut answers = Vec::new();
    for (number, address) in [
        "2001:db8:0:1::1",
        "2001:db8:0:1:ffff::2",
        "[2001:db8:0:1::3]:4711",
        "2001:db8:0:2::1",
    ]
    .into_iter()
    .enumerate()
    {
        let phone = format!("+62812555009{number:02}");
        answers.push(request(&app, limits, &phone, address, app.now).await.is_ok());
    }
    assert_eq!(answers, [true, true, false, true]);
}

#[tokio::test]
async fn patients_have_a_reserve_that_strangers_cannot_use_up() {
    let app = TestApp::new().await;
    let patient = app.patients(1).await[0];
    let phone = sqlx::query_scalar::<_, String>("select phone from patients where id = $1")
        .bind(patient)
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap();
    let limits = Limits {
        codes_overall: 4,
        ..LIMITS
    };
    for number in 0..6 {
        let stranger = format!("+62812555009{number:02}");
        let asked = request(&app, limits, &stranger, "203.0.113.1", app.now).await;
        assert_eq!(asked.is_ok(), number < 4, "{asked:?}");
    }
    request(&app, limits, &phone, "192.0.2.1", app.now).await.unwrap();
    let over = request(&app, limits, &phone, "192.0.2.1", app.now).await;
    assert_eq!(over, Err(AppError::RateLimited), "a reserve has an end, too");
}

#[tokio::test]
async fn strangers_numbers_in_a_row_are_limited() {
    let app = TestApp::new().await;
    let limits = Limits {
        codes_per_prefix: 3,
        ..LIMITS
    };
    let mut answers = Vec::new();
    for (number, phone) in [
        "+6281255500901",
        "+6281255500902",
        "+6281255500903",
        "+6281255500904",
        "+6281255510904",
    ]
    .into_iter()
    .enumerate()
    {
        let address = format!("203.0.113.{number}");
        answers.push(request(&app, limits, phone, &address, app.now).await.is_ok());
    }
    assert_eq!(answers, [true, true, true, false, true]);
}

#[tokio::test]
async fn one_address_does_not_use_up_the_codes_of_a_phone() {
    let app = TestApp::new().await;
    let limits = Limits {
        codes_per_phone: 5,
        ..LIMITS
    };
    let mut sent = 0;
    for _ in 0..20 {
        sent += i32::from(request(&app, limits, PHONE, "203.0.113.1", app.now).await.is_ok());
    }
    assert_eq!(sent, 4);
    let challenge = request(&app, limits, PHONE, "192.0.2.1", app.now).await.unwrap();
    let code = app.newest_code(PHONE).await;
    otp::verify(&app.database, &challenge, &code, app.now)
        .await
        .unwrap();
    // And where its holder has signed in, they have codes of their own.
    for _ in 0..5 {
        request(&app, limits, PHONE, "192.0.2.1", app.now).await.unwrap();
    }
    let over = request(&app, limits, PHONE, "192.0.2.1", app.now).await;
    assert_eq!(over, Err(AppError::RateLimited));
}
