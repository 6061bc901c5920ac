//! Whose accounts they are, and how their passwords are kept.

use engine::{
    account::factor::seal::SecretKey,
    caldav::{Password, State, accounts, link, sync_now, unlink},
    error::{AppError, Field, FieldProblem},
};

use super::{account, choose, clinic, link_of, linked};
use crate::support::patient_caller;

#[tokio::test]
async fn an_account_is_its_doctors_alone() {
    let app = clinic().await;
    let id = linked(&app).await;
    let patient_id = app.patient(1).await;
    let now = app.database.now();
    for caller in [
        app.admin_caller(),
        patient_caller(patient_id),
        app.doctor_caller(1),
    ] {
        assert_eq!(
            unlink(&app.database, &caller, id, now).await,
            Err(AppError::NotFound)
        );
        assert_eq!(
            sync_now(&app.database, &caller, id, now).await,
            Err(AppError::NotFound)
        );
    }
    assert_eq!(
        accounts(&app.database, &app.admin_caller()).await.unwrap_err(),
        AppError::NotFound
    );
    assert!(
        accounts(&app.database, &app.doctor_caller(1))
            .await
            .unwrap()
            .is_empty()
    );
    let refused = link(&app.database, link_of(app.admin_caller()), now).await;
    assert_eq!(refused, Err(AppError::NotFound));
}

#[tokio::test]
async fn a_password_is_only_kept_sealed() {
    let app = clinic().await;
    let mut without = link_of(app.doctor_caller(0));
    without.secret_key = None;
    let refused = link(&app.database, without, app.database.now()).await;
    assert_eq!(
        refused,
        Err(AppError::invalid(Field::CalendarPassword, FieldProblem::Unknown))
    );
    linked(&app).await;
    let hex: String = "secret".bytes().map(|byte| format!("{byte:02x}")).collect();
    let kept: String = sqlx::query_scalar("select calendar_accounts::text from calendar_accounts")
        .fetch_one(app.database.pool())
        .await
        .unwrap();
    assert!(!kept.contains("secret") && !kept.contains(&hex), "{kept}");
}

#[tokio::test]
async fn a_key_that_was_replaced_is_needed_no_more_after_a_round() {
    let app = clinic().await;
    linked(&app).await;
    let server = std::sync::Arc::new(super::Server::default());
    let mut dispatch = super::dispatch(&app, &server);
    dispatch.secret_key = SecretKey::parse(&format!("{}\n{}", "n".repeat(32), "k".repeat(32)));
    super::settle_at(&dispatch, super::later(&app, 1)).await;
    dispatch.secret_key = SecretKey::parse(&"n".repeat(32));
    super::settle(&app, &dispatch).await;
    assert_eq!(account(&app).await.trouble, None);
}

#[tokio::test]
async fn linking_again_keeps_the_choice() {
    let app = clinic().await;
    let id = linked(&app).await;
    let mut again = link_of(app.doctor_caller(0));
    again.password = Password::new("another");
    again.offered[0].name = "Renamed".to_owned();
    assert_eq!(link(&app.database, again, app.database.now()).await, Ok(id));
    let view = account(&app).await;
    assert_eq!(view.state, State::Active);
    let written = view.collections.iter().find(|one| one.is_written).unwrap();
    assert_eq!(written.name, "Renamed");
}

#[tokio::test]
async fn only_calendars_of_the_account_can_be_chosen_and_written_where_one_may() {
    let app = clinic().await;
    link(&app.database, link_of(app.doctor_caller(0)), app.database.now())
        .await
        .unwrap();
    assert_eq!(account(&app).await.state, State::Choosing);
    let wrong = |problem| Err(AppError::invalid(Field::CalendarWritten, problem));
    assert_eq!(choose(&app, None, &[]).await, wrong(FieldProblem::Missing));
    assert_eq!(
        choose(&app, Some("Holidays"), &[]).await,
        wrong(FieldProblem::Malformed)
    );
    assert_eq!(
        choose(&app, Some("Nobody's"), &[]).await,
        wrong(FieldProblem::Malformed)
    );
    choose(&app, None, &["Holidays"]).await.unwrap();
    assert_eq!(account(&app).await.state, State::Active);
}
