//! Tokens that people make for their programs: races for them.

use jiff::Timestamp;

use crate::support::{TestApp, one_winner, patient_caller};
use engine::{
    account::{
        Caller,
        scope::Scope,
        secret::Holder,
        session::SignedIn,
        token::{
            issue,
            named::{CreateToken, MAX_LIVE, make, revoke, tell},
        },
    },
    error::{AppError, Field, FieldProblem},
    time::plus_minutes,
};

const TOO_MANY: AppError = AppError::ValidationFailed {
    field: Field::Tokens,
    problem: FieldProblem::TooMany,
};

fn wish(caller: &Caller, name: &str) -> CreateToken {
    CreateToken::new(caller.clone(), name, Some(vec![Scope::Read]), 30).unwrap()
}

/// Makes all the tokens that somebody may have but for the last one, and signs them in once, which is none of them.
async fn make_all_but_one(app: &TestApp, caller: &Caller) {
    for number in 1..MAX_LIVE {
        let command = wish(caller, &format!("Program {number}"));
        make(&app.database, command, app.now).await.unwrap();
    }
    let who = match caller {
        Caller::Patient { id, .. } => SignedIn::Patient(*id),
        Caller::Doctor { staff_id, .. }
        | Caller::Admin { staff_id, .. }
        | Caller::Reception { staff_id, .. } => SignedIn::Staff(*staff_id),
    };
    issue(&app.database, who, None, app.now).await.unwrap();
}

#[tokio::test]
async fn one_of_ten_requests_at_once_gets_the_last_token_allowed() {
    let app = TestApp::crowded().await;
    for (caller, gate) in [
        (
            patient_caller(app.patient(0).await),
            "select from patients for update",
        ),
        (app.admin_caller(), "select from staff for update"),
    ] {
        make_all_but_one(&app, &caller).await;
        let now = app.now;
        let racers: Vec<_> = (0..10)
            .map(|number| {
                let (database, command) = (app.database.clone(), wish(&caller, &format!("Racer {number}")));
                async move { make(&database, command, now).await.map(|(named, _)| named.id) }
            })
            .collect();
        let (_, losers) = one_winner(&app.race_behind(gate, vec![racers]).await);
        assert_eq!(losers, vec![TOO_MANY; 9]);
    }
}

#[tokio::test]
async fn a_revoked_or_expired_token_makes_room_for_another() {
    let app = TestApp::new().await;
    for caller in [patient_caller(app.patient(0).await), app.admin_caller()] {
        make_all_but_one(&app, &caller).await;
        let now = app.now;
        let (last, _) = make(&app.database, wish(&caller, "Last"), now).await.unwrap();
        revoke(&app.database, &caller, last.id, now).await.unwrap();
        make(&app.database, wish(&caller, "Instead"), now).await.unwrap();
        let more = make(&app.database, wish(&caller, "More"), now).await;
        assert_eq!(more.map(drop), Err(TOO_MANY));
        let later = plus_minutes(now, 30 * 24 * 60);
        make(&app.database, wish(&caller, "Later"), later).await.unwrap();
    }
}

#[tokio::test]
async fn one_of_ten_requests_at_once_is_shown_a_new_token() {
    let app = TestApp::crowded().await;
    let caller = patient_caller(app.patient(0).await);
    let browser = Holder::new([7]);
    let mut command = wish(&caller, "Wall");
    command.browser = Some(browser.clone());
    let (named, token) = make(&app.database, command, app.now).await.unwrap();
    let racers: Vec<_> = (0..10)
        .map(|_| {
            let (database, caller, browser) = (app.database.clone(), caller.clone(), browser.clone());
            let (id, now) = (named.id, app.now);
            async move { tell(&database, &caller, id, browser, now).await.unwrap() }
        })
        .collect();
    let told = app
        .race_behind("select from tokens for update", vec![racers])
        .await;
    let told: Vec<String> = told.into_iter().flatten().collect();
    assert_eq!(told, [token.unwrap()]);
}

#[tokio::test]
async fn the_first_of_two_revocations_at_once_sets_the_time() {
    let app = TestApp::crowded().await;
    let caller = patient_caller(app.patient(0).await);
    let (named, _) = make(&app.database, wish(&caller, "Wall"), app.now).await.unwrap();
    let wave = |now: Timestamp| {
        let (database, caller, id) = (app.database.clone(), caller.clone(), named.id);
        vec![async move { revoke(&database, &caller, id, now).await }]
    };
    let waves = vec![wave(app.now), wave(plus_minutes(app.now, 5))];
    let results = app.race_behind("select from tokens for update", waves).await;
    assert_eq!(results, [Ok(()), Ok(())]);
    let revoked_at: jiff_sqlx::Timestamp = sqlx::query_scalar("select revoked_at from tokens")
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap();
    assert_eq!(revoked_at.to_jiff().as_millisecond(), app.now.as_millisecond());
}
