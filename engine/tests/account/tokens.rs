//! Tokens that people make for their programs: races for them.

use jiff::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{TestApp, one_winner, patient_caller};
use engine::{
    account::{
        Caller,
        scope::Scope,
        secret::Holder,
        session::SignedIn,
        token::{
            issue,
            named::{MAX_LIVE, Make, make, revoke, tell},
        },
    },
    error::{AppError, Field, Problem},
    time::plus_minutes,
};

fn wish(caller: &Caller, name: &str) -> Make {
    Make::new(caller.clone(), name, Some(vec![Scope::Read]), 30).unwrap()
}

#[sqlx::test]
async fn of_ten_who_want_the_last_token_at_once_one_has_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    for (caller, gate) in [
        (
            patient_caller(app.patient(0).await),
            "select from patients for update",
        ),
        (app.admin_caller(), "select from staff for update"),
    ] {
        for number in 1..MAX_LIVE {
            let command = wish(&caller, &format!("Program {number}"));
            make(&app.database, command, app.now).await.unwrap();
        }
        // A sign-in is none of them.
        let who = match &caller {
            Caller::Patient { id, .. } => SignedIn::Patient(*id),
            Caller::Doctor { staff_id, .. } | Caller::Admin { staff_id, .. } => SignedIn::Staff(*staff_id),
        };
        issue(&app.database, who, None, app.now).await.unwrap();
        let now = app.now;
        let racers: Vec<_> = (0..10)
            .map(|number| {
                let (database, command) = (app.database.clone(), wish(&caller, &format!("Racer {number}")));
                async move { make(&database, command, now).await.map(|(named, _)| named.id) }
            })
            .collect();
        let (winner, losers) = one_winner(&app.race_behind(gate, vec![racers]).await);
        let too_many = AppError::invalid(Field::Tokens, Problem::TooMany);
        assert_eq!(losers, vec![too_many; 9]);
        // Room is made by revoking one, and by time.
        revoke(&app.database, &caller, winner, now).await.unwrap();
        make(&app.database, wish(&caller, "Instead"), now).await.unwrap();
        assert!(make(&app.database, wish(&caller, "More"), now).await.is_err());
        let later = plus_minutes(now, 30 * 24 * 60);
        make(&app.database, wish(&caller, "Later"), later).await.unwrap();
    }
}

#[sqlx::test]
async fn of_ten_looks_at_a_new_token_at_once_one_sees_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn of_two_who_revoke_a_token_at_once_the_first_one_does(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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
        .fetch_one(&mut app.connection().await)
        .await
        .unwrap();
    assert_eq!(revoked_at.to_jiff().as_millisecond(), app.now.as_millisecond());
}
