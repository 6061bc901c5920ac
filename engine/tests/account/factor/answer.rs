//! Answers with a code of an app or a recovery code: once each, in time, and by who was asked.

use super::{challenge, codes, later, with_app};
use crate::support::{TestApp, one_winner};
use engine::{
    account::factor::{self, Policy, Step, answer, confirm, enrolling, next_step, recovery::COUNT, totp},
    error::AppError,
    time::plus_minutes,
};

#[tokio::test]
async fn thirty_uses_of_one_code_of_an_app_let_one_in() {
    let app = TestApp::crowded().await;
    let staff_id = app.doctors[0].staff_id;
    let secret = with_app(&app, staff_id).await;
    let now = later(app.now, 90);
    let code = totp::code_of(&secret, now).unwrap();
    let mut racers = Vec::new();
    for _ in 0..30 {
        let (database, code) = (app.database.clone(), code.clone());
        let challenge = challenge(&app, staff_id, now).await;
        racers.push(async move { answer(&database, None, &challenge, &code, now).await });
    }
    let (answered, losers) = one_winner(&app.race(racers).await);
    assert_eq!(answered.staff_id, staff_id);
    // The database keeps microseconds.
    assert_eq!(answered.since.as_microsecond(), now.as_microsecond());
    assert!(
        losers
            .iter()
            .all(|error| matches!(error, AppError::WrongCode | AppError::RateLimited)),
        "{losers:?}"
    );
}

#[tokio::test]
async fn thirty_uses_of_one_recovery_code_let_one_in() {
    let app = TestApp::crowded().await;
    let staff_id = app.doctors[0].staff_id;
    with_app(&app, staff_id).await;
    let code = codes("first").all()[3].clone();
    let mut racers = Vec::new();
    for number in 0..30 {
        let database = app.database.clone();
        let challenge = challenge(&app, staff_id, app.now).await;
        // However it is typed.
        let code = if number % 2 == 0 {
            code.clone()
        } else {
            code.to_uppercase().replace('-', " ")
        };
        let now = app.now;
        racers.push(async move { answer(&database, None, &challenge, &code, now).await });
    }
    let (answered, _) = one_winner(&app.race(racers).await);
    assert_eq!(answered.staff_id, staff_id);
    let left = factor::factors(&app.database, staff_id)
        .await
        .unwrap()
        .recovery_codes;
    assert_eq!(left, i64::try_from(COUNT).unwrap() - 1);
}

#[tokio::test]
async fn thirty_uses_of_one_challenge_let_one_in() {
    let app = TestApp::crowded().await;
    let staff_id = app.doctors[0].staff_id;
    with_app(&app, staff_id).await;
    let challenge = challenge(&app, staff_id, app.now).await;
    let racers: Vec<_> = (0..30)
        .map(|number| {
            let (database, now, challenge) = (app.database.clone(), app.now, challenge.clone());
            let code = codes("first").all()[number % COUNT].clone();
            async move { answer(&database, None, &challenge, &code, now).await }
        })
        .collect();
    one_winner(&app.race(racers).await);
    // The codes of those who came too late are still there.
    let left = factor::factors(&app.database, staff_id)
        .await
        .unwrap()
        .recovery_codes;
    assert_eq!(left, i64::try_from(COUNT).unwrap() - 1);
}

#[tokio::test]
async fn a_code_is_good_for_a_step_around_its_own_and_none_before_one_that_was_used() {
    let app = TestApp::new().await;
    let staff_id = app.doctors[0].staff_id;
    let secret = with_app(&app, staff_id).await;
    let now = later(app.now, 300);
    let answer_with = async |of: i64| {
        let code = totp::code_of(&secret, later(now, of)).unwrap();
        let challenge = challenge(&app, staff_id, now).await;
        answer(&app.database, None, &challenge, &code, now)
            .await
            .map(|_| ())
    };
    assert_eq!(answer_with(-60).await, Err(AppError::WrongCode));
    assert_eq!(answer_with(60).await, Err(AppError::WrongCode));
    assert_eq!(answer_with(30).await, Ok(()));
    assert_eq!(
        answer_with(0).await,
        Err(AppError::WrongCode),
        "one before the last"
    );
    assert_eq!(
        answer_with(30).await,
        Err(AppError::WrongCode),
        "the last one again"
    );
}

#[tokio::test]
async fn wrong_codes_make_the_next_one_wait() {
    let app = TestApp::new().await;
    let staff_id = app.doctors[0].staff_id;
    let secret = with_app(&app, staff_id).await;
    let now = later(app.now, 300);
    let right = totp::code_of(&secret, now).unwrap();
    let wrong = format!("{:06}", (right.parse::<u32>().unwrap() + 1) % 1_000_000);
    for _ in 0..5 {
        let challenge = challenge(&app, staff_id, now).await;
        let answered = answer(&app.database, None, &challenge, &wrong, now).await;
        assert_eq!(answered, Err(AppError::WrongCode));
    }
    // Neither a right code nor another challenge helps, nor proving again who one is.
    let again = challenge(&app, staff_id, now).await;
    assert_eq!(
        answer(&app.database, None, &again, &right, now).await,
        Err(AppError::RateLimited)
    );
    assert_eq!(
        confirm(&app.database, None, staff_id, &right, now).await,
        Err(AppError::RateLimited)
    );
    let after = later(now, 2);
    assert_eq!(
        answer(&app.database, None, &again, &right, after)
            .await
            .map(|_| ()),
        Ok(())
    );
    // Nobody else waits.
    let other = app.doctors[1].staff_id;
    with_app(&app, other).await;
}

#[tokio::test]
async fn a_challenge_is_good_for_its_owner_and_some_minutes() {
    let app = TestApp::new().await;
    let (one, other) = (app.doctors[0].staff_id, app.doctors[1].staff_id);
    let secret = with_app(&app, one).await;
    let of_other = with_app(&app, other).await;
    let now = later(app.now, 90);
    let code = totp::code_of(&secret, now).unwrap();
    let theirs = challenge(&app, other, now).await;
    assert_eq!(
        answer(&app.database, None, &theirs, &code, now).await,
        Err(AppError::WrongCode)
    );
    assert_eq!(
        answer(&app.database, None, "no challenge", &code, now).await,
        Err(AppError::WrongCode)
    );
    let late = plus_minutes(now, 10);
    let code = totp::code_of(&of_other, late).unwrap();
    assert_eq!(
        answer(&app.database, None, &theirs, &code, late).await,
        Err(AppError::WrongCode)
    );
    // One that asks to set a factor up lets nobody in by a code.
    let third = app.doctors[2].staff_id;
    let step = next_step(&app.database, Policy::Staff, third, now).await.unwrap();
    let Step::Enrol(enrol) = step else {
        panic!("{step:?}")
    };
    assert_eq!(
        answer(&app.database, None, &enrol, &code, now).await,
        Err(AppError::WrongCode)
    );
    assert_eq!(
        enrolling(&app.database, &enrol, now).await.unwrap().staff_id,
        third
    );
    assert_eq!(
        enrolling(&app.database, &theirs, now).await,
        Err(AppError::WrongCode),
        "who has a factor shows it"
    );
}
