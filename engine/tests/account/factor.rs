//! The second factor of staff: codes of an app, recovery codes, and who has to have one (I6).

use jiff::{SignedDuration, Timestamp};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{TestApp, one_winner};
use engine::{
    account::{
        access::{SetAccess, set_access},
        factor::{
            self, Policy, Step, answer, confirm, enrolling, next_step,
            recovery::{self, COUNT, Codes},
            reset,
            seal::SecretKey,
            totp,
        },
        secret::Holder,
        session::{self, Beginner, Lifetimes, Row, SignedIn},
        token,
    },
    error::AppError,
    time::plus_minutes,
};

/// What the session keeps that sets an app up.
const OWN: &str = "a token of the session";

fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at + SignedDuration::from_secs(seconds)
}

fn codes(salt: &str) -> Codes {
    Codes::of(&Holder::new("a browser"), salt)
}

/// Sets an app up for somebody, and answers with its secret. Its codes are good from a minute later on.
async fn with_app(app: &TestApp, staff_id: i64) -> String {
    let (database, policy) = (&app.database, Policy::Optional);
    totp::begin(database, policy, None, (staff_id, OWN), app.now)
        .await
        .unwrap();
    let secret = totp::setup(database, None, (staff_id, OWN))
        .await
        .unwrap()
        .unwrap()
        .secret;
    let code = totp::code_of(&secret, app.now).unwrap();
    totp::finish(
        database,
        None,
        (staff_id, None),
        &code,
        Some(codes("first")),
        app.now,
    )
    .await
    .unwrap();
    secret
}

async fn challenge(app: &TestApp, staff_id: i64, now: Timestamp) -> String {
    match next_step(&app.database, Policy::Optional, staff_id, now)
        .await
        .unwrap()
    {
        Step::Factor(challenge) => challenge,
        other => panic!("{other:?}"),
    }
}

async fn signed_in(app: &TestApp, staff_id: i64, id: u8) -> Vec<u8> {
    let who = SignedIn::Staff(staff_id);
    let row = Row {
        id: vec![id; 32],
        data: serde_json::json!({}),
        signed_in: Some((who, app.now)),
        typed_until: None,
        expires_at: Lifetimes::default().end(Some((who, app.now)), app.now),
    };
    let id = row.id.clone();
    session::create(&app.database, row, Beginner::default(), app.now)
        .await
        .unwrap();
    id
}

#[sqlx::test]
async fn an_app_is_a_factor_once_its_first_code_was_right(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (database, staff_id) = (&app.database, app.doctors[0].staff_id);
    let step = next_step(database, Policy::Optional, staff_id, app.now)
        .await
        .unwrap();
    assert_eq!(step, Step::Done);
    assert_eq!(
        totp::begin(database, Policy::Off, None, (staff_id, OWN), app.now).await,
        Err(AppError::Forbidden)
    );
    totp::begin(database, Policy::Optional, None, (staff_id, OWN), app.now)
        .await
        .unwrap();
    let setup = totp::setup(database, None, (staff_id, OWN))
        .await
        .unwrap()
        .unwrap();
    assert!(
        setup
            .url
            .starts_with("otpauth://totp/Janji:doctor1%40test.example?secret=")
    );
    // Not a factor yet.
    let step = next_step(database, Policy::Optional, staff_id, app.now)
        .await
        .unwrap();
    assert_eq!(step, Step::Done);
    let (own, other) = (
        signed_in(&app, staff_id, 1).await,
        signed_in(&app, staff_id, 2).await,
    );
    let finish = async |code: &str| {
        let whose = (staff_id, Some(own.clone()));
        totp::finish(database, None, whose, code, Some(codes("first")), app.now).await
    };
    let right = totp::code_of(&setup.secret, app.now).unwrap();
    let wrong = format!("{:06}", (right.parse::<u32>().unwrap() + 1) % 1_000_000);
    assert_eq!(finish(&wrong).await, Err(AppError::WrongCode));
    assert_eq!(finish(&right).await, Ok(()));
    // It is shown no more, and not replaced by one that somebody begins.
    assert!(
        totp::setup(database, None, (staff_id, OWN))
            .await
            .unwrap()
            .is_none()
    );
    totp::begin(database, Policy::Optional, None, (staff_id, OWN), app.now)
        .await
        .unwrap();
    assert!(
        totp::setup(database, None, (staff_id, OWN))
            .await
            .unwrap()
            .is_none()
    );
    let factors = factor::factors(database, staff_id).await.unwrap();
    assert!(factors.has_totp);
    assert_eq!(factors.recovery_codes, i64::try_from(COUNT).unwrap());
    // Other sessions have ended, and this one has not.
    for (id, is_there) in [(own, 1), (other, 0)] {
        let count: i64 = sqlx::query_scalar("select count(*) from sessions where id = $1")
            .bind(id)
            .fetch_one(&mut app.connection().await)
            .await
            .unwrap();
        assert_eq!(count, is_there);
    }
    assert_eq!(
        app.count("select count(*) from security_notes where kind = 'factor_changed'")
            .await,
        1
    );
    // The policy decides: nobody is asked where it is off.
    assert!(matches!(
        next_step(database, Policy::Optional, staff_id, app.now)
            .await
            .unwrap(),
        Step::Factor(_)
    ));
    let step = next_step(database, Policy::Off, staff_id, app.now).await.unwrap();
    assert_eq!(step, Step::Done);
}

#[sqlx::test]
async fn thirty_uses_of_one_code_of_an_app_let_one_in(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn thirty_uses_of_one_recovery_code_let_one_in(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn thirty_uses_of_one_challenge_let_one_in(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn a_code_is_good_for_a_step_around_its_own_and_none_before_one_that_was_used(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn wrong_codes_make_the_next_one_wait(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn a_challenge_is_good_for_its_owner_and_some_minutes(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn the_last_factor_stays_where_one_is_required(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn an_admin_takes_the_factors_of_somebody_else_away(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn a_secret_is_sealed_where_there_is_a_key(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (database, staff_id) = (&app.database, app.doctors[0].staff_id);
    let key = SecretKey::parse("a key of more than thirty-two characters");
    totp::begin(database, Policy::Optional, key.clone(), (staff_id, OWN), app.now)
        .await
        .unwrap();
    let setup = totp::setup(database, key.as_ref(), (staff_id, OWN))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        totp::setup(database, None, (staff_id, OWN)).await.err(),
        Some(AppError::Internal)
    );
    let stored: String = sqlx::query_scalar("select secret from totp_factors")
        .fetch_one(&mut app.connection().await)
        .await
        .unwrap();
    assert!(stored.starts_with("1:") && !stored.contains(&setup.secret));
    let code = totp::code_of(&setup.secret, app.now).unwrap();
    totp::finish(database, key, (staff_id, None), &code, None, app.now)
        .await
        .unwrap();
}

#[sqlx::test]
async fn who_has_to_have_a_factor_and_has_none_is_signed_out_when_a_server_begins(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn what_was_begun_with_a_password_ends_with_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (database, staff_id) = (&app.database, app.doctors[0].staff_id);
    let step = next_step(database, Policy::Staff, staff_id, app.now).await;
    let Ok(Step::Enrol(challenge)) = step else {
        panic!("{step:?}")
    };
    totp::begin(database, Policy::Staff, None, (staff_id, OWN), app.now)
        .await
        .unwrap();
    assert!(enrolling(database, &challenge, app.now).await.is_ok());
    for active in [false, true] {
        let command = SetAccess {
            caller: None,
            who: SignedIn::Staff(staff_id),
            active,
            key: None,
        };
        set_access(database, command, app.now).await.unwrap();
    }
    let ended = enrolling(database, &challenge, app.now).await;
    assert_eq!(ended.map(|whose| whose.staff_id), Err(AppError::WrongCode));
    assert!(
        totp::setup(database, None, (staff_id, OWN))
            .await
            .unwrap()
            .is_none()
    );
}

#[sqlx::test]
async fn what_is_put_into_an_app_is_shown_to_the_session_that_began_alone(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let (database, staff_id) = (&app.database, app.doctors[0].staff_id);
    totp::begin(database, Policy::Optional, None, (staff_id, OWN), app.now)
        .await
        .unwrap();
    let setup = |token: &'static str| totp::setup(database, None, (staff_id, token));
    assert!(setup(OWN).await.unwrap().is_some());
    for other in ["another token", ""] {
        assert!(setup(other).await.unwrap().is_none());
    }
    // Another session may begin anew. Then it is shown to that one.
    totp::begin(
        database,
        Policy::Optional,
        None,
        (staff_id, "another token"),
        app.now,
    )
    .await
    .unwrap();
    assert!(setup("another token").await.unwrap().is_some());
    assert!(setup(OWN).await.unwrap().is_none());
    // What a server one release older began is shown to nobody.
    app.sql("update totp_factors set begun_by = null").await;
    assert!(setup("another token").await.unwrap().is_none());
}

#[sqlx::test]
async fn of_sessions_that_begin_at_once_one_is_shown_its_secret(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let staff_id = app.doctors[0].staff_id;
    let tokens: Vec<String> = (0..10).map(|number| format!("token {number}")).collect();
    let racers = tokens
        .iter()
        .cloned()
        .map(|token| {
            let (database, now) = (app.database.clone(), app.now);
            async move { totp::begin(&database, Policy::Optional, None, (staff_id, &token), now).await }
        })
        .collect();
    for result in app.race(racers).await {
        result.unwrap();
    }
    let mut shown = 0;
    for token in &tokens {
        let setup = totp::setup(&app.database, None, (staff_id, token)).await.unwrap();
        shown += i32::from(setup.is_some());
    }
    assert_eq!(shown, 1);
}
