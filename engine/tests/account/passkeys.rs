//! Passkeys: added, shown once, and good at their own site alone (I6).

use super::authenticator::Authenticator;
use crate::support::{TestApp, one_winner};
use engine::{
    account::{
        factor::{
            self, Policy, Step, next_step,
            passkey::{self, add, answer, begin, begin_adding, begin_answer, confirm, list, remove},
        },
        link::PublicUrl,
    },
    error::{AppError, Field, FieldProblem},
    time::plus_minutes,
};

const ORIGIN: &str = "https://clinic.example";

fn site() -> PublicUrl {
    PublicUrl::parse(ORIGIN).unwrap()
}

/// Adds the passkey of an authenticator to somebody's account.
async fn with_passkey(app: &TestApp, staff_id: i64, authenticator: &Authenticator) {
    let asked = begin_adding(&app.database, Policy::Optional, &site(), staff_id, app.now)
        .await
        .unwrap();
    let made = authenticator.make(&asked.options, ORIGIN);
    let answer = (asked.token.as_str(), made.as_str(), "My phone");
    add(&app.database, &site(), (staff_id, None), answer, None, app.now)
        .await
        .unwrap();
}

async fn challenge(app: &TestApp, staff_id: i64) -> String {
    match next_step(&app.database, Policy::Optional, staff_id, app.now)
        .await
        .unwrap()
    {
        Step::Factor(challenge) => challenge,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_passkey_is_added_once_and_signs_in() {
    let app = TestApp::new().await;
    let (database, staff_id) = (&app.database, app.doctors[0].staff_id);
    let mut authenticator = Authenticator::new(1);
    with_passkey(&app, staff_id, &authenticator).await;
    let own = list(database, staff_id).await.unwrap();
    assert_eq!((own.len(), own[0].name.as_str()), (1, "My phone"));
    assert!(own[0].last_used_at.is_none());
    assert_eq!(factor::factors(database, staff_id).await.unwrap().passkeys, 1);

    let challenge = challenge(&app, staff_id).await;
    let asked = begin_answer(database, &site(), &challenge, app.now)
        .await
        .unwrap();
    let shown = authenticator.answer(&asked.options, ORIGIN);
    let answered = answer(database, &site(), &challenge, (&asked.token, &shown), app.now)
        .await
        .unwrap();
    assert_eq!(answered.staff_id, staff_id);
    // The database keeps microseconds.
    assert_eq!(answered.since.as_microsecond(), app.now.as_microsecond());
    assert!(list(database, staff_id).await.unwrap()[0].last_used_at.is_some());

    // It proves again who one is, too.
    let asked = begin(database, &site(), staff_id, app.now).await.unwrap();
    let shown = authenticator.answer(&asked.options, ORIGIN);
    let again = (asked.token.as_str(), shown.as_str());
    assert_eq!(confirm(database, &site(), staff_id, again, app.now).await, Ok(()));
    assert_eq!(
        confirm(database, &site(), staff_id, again, app.now).await,
        Err(AppError::WrongCode),
        "the same answer again"
    );
    // An authenticator that has a passkey for the account makes no second one, and the database takes none.
    let asked = begin_adding(database, Policy::Optional, &site(), staff_id, app.now)
        .await
        .unwrap();
    assert!(asked.options.contains("excludeCredentials"));
    let other = app.doctors[1].staff_id;
    let asked = begin_adding(database, Policy::Optional, &site(), other, app.now)
        .await
        .unwrap();
    let made = authenticator.make(&asked.options, ORIGIN);
    let taken = add(
        database,
        &site(),
        (other, None),
        (&asked.token, &made, "x"),
        None,
        app.now,
    )
    .await;
    assert_eq!(
        taken,
        Err(AppError::invalid(Field::PasskeyName, FieldProblem::Taken))
    );
}

#[tokio::test]
async fn thirty_uses_of_one_answer_let_one_in() {
    let app = TestApp::crowded().await;
    let staff_id = app.doctors[0].staff_id;
    let mut authenticator = Authenticator::new(1);
    with_passkey(&app, staff_id, &authenticator).await;
    let challenge = challenge(&app, staff_id).await;
    let asked = begin_answer(&app.database, &site(), &challenge, app.now)
        .await
        .unwrap();
    let shown = authenticator.answer(&asked.options, ORIGIN);
    let racers: Vec<_> = (0..30)
        .map(|_| {
            let (database, now) = (app.database.clone(), app.now);
            let (challenge, token, shown) = (challenge.clone(), asked.token.clone(), shown.clone());
            async move { answer(&database, &site(), &challenge, (&token, &shown), now).await }
        })
        .collect();
    let (answered, losers) = one_winner(&app.race(racers).await);
    assert_eq!(answered.staff_id, staff_id);
    assert!(
        losers.iter().all(|error| *error == AppError::WrongCode),
        "{losers:?}"
    );
}

#[tokio::test]
async fn an_answer_is_good_at_its_own_site_for_its_owner_and_some_minutes() {
    let app = TestApp::new().await;
    let (database, staff_id, other) = (&app.database, app.doctors[0].staff_id, app.doctors[1].staff_id);
    let mut authenticator = Authenticator::new(1);
    with_passkey(&app, staff_id, &authenticator).await;
    with_passkey(&app, other, &Authenticator::new(2)).await;
    let mut answer_at = async |origin: &str, whose: i64, minutes: i64| {
        let asked = begin(database, &site(), whose, app.now).await.unwrap();
        let shown = authenticator.answer(&asked.options, origin);
        let at = plus_minutes(app.now, minutes);
        confirm(database, &site(), whose, (&asked.token, &shown), at).await
    };
    assert_eq!(
        answer_at("https://evil.example", staff_id, 0).await,
        Err(AppError::WrongCode)
    );
    assert_eq!(
        answer_at(ORIGIN, other, 0).await,
        Err(AppError::WrongCode),
        "somebody else's"
    );
    assert_eq!(
        answer_at(ORIGIN, staff_id, 5).await,
        Err(AppError::WrongCode),
        "too late"
    );
    assert_eq!(answer_at(ORIGIN, staff_id, 0).await, Ok(()));
    // What was asked of one is not answered by another.
    let asked = begin(database, &site(), staff_id, app.now).await.unwrap();
    let shown = authenticator.answer(&asked.options, ORIGIN);
    let wrong = confirm(database, &site(), other, (&asked.token, &shown), app.now).await;
    assert_eq!(wrong, Err(AppError::WrongCode));
    // What was asked for a new passkey is no answer to a sign-in.
    let asked = begin_adding(database, Policy::Optional, &site(), staff_id, app.now)
        .await
        .unwrap();
    let wrong = confirm(database, &site(), staff_id, (&asked.token, &shown), app.now).await;
    assert_eq!(wrong, Err(AppError::WrongCode));
    for nonsense in ["", "{}", "null", "[]", "{\"id\": 1}"] {
        let asked = begin(database, &site(), staff_id, app.now).await.unwrap();
        let wrong = confirm(database, &site(), staff_id, (&asked.token, nonsense), app.now).await;
        assert_eq!(
            wrong,
            Err(AppError::invalid(Field::Body, FieldProblem::Malformed)),
            "{nonsense}"
        );
    }
}

#[tokio::test]
async fn a_passkey_is_removed_by_its_owner_and_the_last_factor_stays_where_one_is_required() {
    let app = TestApp::new().await;
    let (database, staff_id) = (&app.database, app.doctors[0].staff_id);
    with_passkey(&app, staff_id, &Authenticator::new(1)).await;
    with_passkey(&app, staff_id, &Authenticator::new(2)).await;
    let own = list(database, staff_id).await.unwrap();
    let other = app.doctors[1].staff_id;
    let policy = Policy::Staff;
    assert_eq!(
        remove(database, policy, (other, None), own[0].id, app.now).await,
        Err(AppError::NotFound)
    );
    assert_eq!(
        remove(database, policy, (staff_id, None), own[0].id, app.now).await,
        Ok(())
    );
    assert_eq!(
        remove(database, policy, (staff_id, None), own[1].id, app.now).await,
        Err(AppError::Forbidden)
    );
    assert_eq!(list(database, staff_id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn there_are_no_passkeys_at_a_number_and_where_the_policy_is_off() {
    let app = TestApp::new().await;
    let staff_id = app.doctors[0].staff_id;
    for (url, is_possible) in [
        ("http://localhost:3000", true),
        ("https://clinic.example", true),
        ("http://127.0.0.1:3000", false),
        ("http://[::1]:3000", false),
    ] {
        let site = PublicUrl::parse(url).unwrap();
        assert_eq!(passkey::is_possible_at(&site), is_possible, "{url}");
        let asked = begin_adding(&app.database, Policy::Optional, &site, staff_id, app.now).await;
        assert_eq!(asked.is_ok(), is_possible, "{url}");
    }
    let off = begin_adding(&app.database, Policy::Off, &site(), staff_id, app.now).await;
    assert_eq!(off.err(), Some(AppError::Forbidden));
    let none = begin(&app.database, &site(), staff_id, app.now).await;
    assert_eq!(none.err(), Some(AppError::NotFound));
}
