//! An app is set up: its secret is shown to who began, sealed, and good once its first code was right.

use super::{OWN, codes, signed_in};
use crate::support::TestApp;
use engine::{
    account::{
        access::{SetAccess, set_access},
        factor::{self, Policy, Step, enrolling, next_step, recovery::COUNT, seal::SecretKey, totp},
        session::SignedIn,
    },
    error::AppError,
};

#[tokio::test]
async fn an_app_is_a_factor_once_its_first_code_was_right() {
    let app = TestApp::new().await;
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
            .fetch_one(&mut *app.spare().await)
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

#[tokio::test]
async fn a_secret_is_sealed_where_there_is_a_key() {
    let app = TestApp::new().await;
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
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap();
    assert!(stored.starts_with("1:") && !stored.contains(&setup.secret));
    let code = totp::code_of(&setup.secret, app.now).unwrap();
    totp::finish(database, key, (staff_id, None), &code, None, app.now)
        .await
        .unwrap();
}

#[tokio::test]
async fn what_was_begun_with_a_password_ends_with_it() {
    let app = TestApp::new().await;
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

#[tokio::test]
async fn what_is_put_into_an_app_is_shown_to_the_session_that_began_alone() {
    let app = TestApp::new().await;
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

#[tokio::test]
async fn of_sessions_that_begin_at_once_one_is_shown_its_secret() {
    let app = TestApp::crowded().await;
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
