//! One's own sessions: seen, and ended (I8).

use crate::support::{PASSWORD, TestApp, one_winner};
use engine::{
    account::{
        Limits,
        choose::change_own,
        own_sessions::{end, end_others, list},
        secret::hex,
        session::{self, Beginner, Lifetimes, Row, SignedIn},
        token,
    },
    error::{AppError, Field, FieldProblem},
    i18n::Texts,
    time::plus_minutes,
};

async fn signed_in(app: &TestApp, who: SignedIn, id: u8) -> Row {
    let row = Row {
        id: vec![id; 32],
        data: serde_json::json!({ "signed_in_from": { "agent": format!("Browser {id}"), "address": "192.0.2.1" } }),
        signed_in: Some((who, app.now)),
        typed_until: None,
        expires_at: Lifetimes::default().end(Some((who, app.now)), app.now),
    };
    session::create(&app.database, row.clone(), Beginner::default(), app.now)
        .await
        .unwrap();
    row
}

async fn names(app: &TestApp, who: SignedIn) -> Vec<String> {
    let sessions = list(&app.database, who, app.now).await.unwrap();
    let mut agents: Vec<String> = sessions.into_iter().map(|session| session.agent).collect();
    agents.sort();
    agents
}

#[tokio::test]
async fn people_see_and_end_their_own_sessions_and_no_others() {
    let app = TestApp::new().await;
    let me = SignedIn::Staff(app.admin_staff_id);
    let other = SignedIn::Patient(app.patients(1).await[0]);
    let mine = signed_in(&app, me, 1).await;
    signed_in(&app, me, 2).await;
    signed_in(&app, me, 3).await;
    let theirs = signed_in(&app, other, 4).await;
    assert_eq!(names(&app, me).await, ["Browser 1", "Browser 2", "Browser 3"]);
    assert_eq!(names(&app, other).await, ["Browser 4"]);
    assert_eq!(
        end(&app.database, me, hex(&theirs.id)).await,
        Err(AppError::NotFound)
    );
    end(&app.database, me, hex(&[2; 32])).await.unwrap();
    assert_eq!(
        end(&app.database, me, hex(&[2; 32])).await,
        Err(AppError::NotFound)
    );
    assert_eq!(names(&app, me).await, ["Browser 1", "Browser 3"]);
    let program = token::issue(&app.database, me, None, app.now).await.unwrap();
    end_others(&app.database, me, Some(mine.id.clone()), app.now)
        .await
        .unwrap();
    assert_eq!(names(&app, me).await, ["Browser 1"]);
    assert_eq!(names(&app, other).await, ["Browser 4"]);
    let shown = token::find(&app.database, &program.token, app.now).await;
    assert_eq!(shown.map(|token| token.id), Err(AppError::Unauthenticated));
}

#[tokio::test]
async fn a_new_password_of_ones_own_ends_all_sessions() {
    let app = TestApp::new().await;
    let me = SignedIn::Staff(app.admin_staff_id);
    signed_in(&app, me, 1).await;
    let change = async |old: &str, new: &str| {
        let passwords = (old.to_owned(), new.to_owned());
        let later = plus_minutes(app.now, 1);
        change_own(
            &app.database,
            Limits::default(),
            app.admin_staff_id,
            passwords,
            Texts::default(),
            later,
        )
        .await
    };
    assert_eq!(
        change("wrong", "tulips on a barge").await,
        Err(AppError::invalid(Field::OwnPassword, FieldProblem::Malformed))
    );
    assert_eq!(
        change(PASSWORD, "password1234").await,
        Err(AppError::invalid(Field::NewPassword, FieldProblem::Common))
    );
    assert_eq!(names(&app, me).await, ["Browser 1"]);
    change(PASSWORD, "tulips on a barge").await.unwrap();
    assert_eq!(names(&app, me).await, [""; 0]);
    assert_eq!(
        change(PASSWORD, "barges and tulips").await,
        Err(AppError::invalid(Field::OwnPassword, FieldProblem::Malformed))
    );
    assert!(
        app.newest_message("admin@test.example")
            .await
            .contains("was changed")
    );
}

#[tokio::test]
async fn a_password_that_was_replaced_meanwhile_replaces_none() {
    let app = TestApp::crowded().await;
    let racers = ["tulips on a barge", "herons at the mill", "lanterns in the rain"]
        .map(|new| {
            let (database, staff_id) = (app.database.clone(), app.admin_staff_id);
            let (passwords, now) = ((PASSWORD.to_owned(), new.to_owned()), app.now);
            async move {
                let texts = Texts::default();
                change_own(&database, Limits::default(), staff_id, passwords, texts, now).await
            }
        })
        .into();
    // All of them have shown the old password before one of them gets on.
    let results = app
        .race_behind("lock table staff in exclusive mode", vec![racers])
        .await;
    let (_, losers) = one_winner(&results);
    assert_eq!(losers, [AppError::Unauthenticated; 2]);
}
