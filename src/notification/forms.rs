//! Forms of the pages that links in messages lead to, and of admins.

use leptos::prelude::*;

use super::test::{Test, TestError};
use crate::{
    account::guard,
    server::AppState,
    ui::{redirect, texts},
};
use engine::{
    appointment::{self, ChangeStatus, Status},
    booking::{self, Reschedule},
    error::{AppError, Field, FieldProblem},
    notification::{self, Outcome, Trouble, appointment_path, open},
};

/// Says that the patient comes.
#[server(prefix = "/form", endpoint = "link-come")]
pub async fn link_come(secret: String) -> Result<(), AppError> {
    // public: whoever has the link answers for its patient, and for this appointment alone.
    let state = expect_context::<AppState>();
    notification::come(&state.database, secret.clone(), state.now()).await?;
    lead_back(&secret, "come");
    Ok(())
}

/// Cancels the appointment of a link.
#[server(prefix = "/form", endpoint = "link-cancel")]
pub async fn link_cancel(secret: String, version: i32) -> Result<(), AppError> {
    // public: whoever has the link answers for its patient, and for this appointment alone.
    let state = expect_context::<AppState>();
    let now = state.now();
    let linked = open(&state.database, secret.clone(), now).await?;
    let command = ChangeStatus {
        caller: linked.caller,
        which: linked.item.reference.into(),
        to: Status::Cancelled,
        version: Some(version),
        reason: String::new(),
        key: None,
    };
    appointment::change_status(&state.database, command, now).await?;
    lead_back(&secret, "cancel");
    Ok(())
}

/// Moves the appointment of a link.
#[server(prefix = "/form", endpoint = "link-move")]
pub async fn link_move(secret: String, version: i32, starts_at: i64) -> Result<(), AppError> {
    // public: whoever has the link answers for its patient, and for this appointment alone.
    let state = expect_context::<AppState>();
    let now = state.now();
    let linked = open(&state.database, secret.clone(), now).await?;
    let malformed = AppError::invalid(Field::StartsAt, FieldProblem::Malformed);
    let command = Reschedule {
        caller: linked.caller,
        which: linked.item.reference.into(),
        version: Some(version),
        starts_at: jiff::Timestamp::from_second(starts_at).map_err(|_| malformed)?,
        visitor: guard::session().visitor().await?,
        rules: state.config.rules.booking,
        key: None,
    };
    booking::reschedule(&state.database, command, now).await?;
    lead_back(&secret, "move");
    Ok(())
}

/// Ends the reminders to whoever got a link.
#[server(prefix = "/form", endpoint = "link-unsubscribe")]
pub async fn link_unsubscribe(secret: String) -> Result<(), AppError> {
    // public: whoever has the link got the reminder.
    let state = expect_context::<AppState>();
    notification::unsubscribe(&state.database, secret.clone(), state.now()).await?;
    redirect(&format!("/u/{secret}?done=1"));
    Ok(())
}

/// Sends a message again that was given up, and leads back to the list.
#[server(prefix = "/form", endpoint = "send-message-again")]
pub async fn send_message_again(id: i64) -> Result<(), AppError> {
    let admin = guard::admin().await?;
    let state = expect_context::<AppState>();
    notification::send_again(&state.database, admin, id, state.now()).await?;
    redirect("/admin/messages?done=again");
    Ok(())
}

/// Sends a test to a phone, or to an e-mail address, and leads to what became of it.
#[server(prefix = "/form", endpoint = "send-test-message")]
pub async fn send_test_message(#[server(default)] phone: String) -> Result<(), AppError> {
    guard::admin().await?;
    let state = expect_context::<AppState>();
    let said = match Test::parse(&phone, state.config.rules.country) {
        Ok((test, recipient)) => {
            test.send(&state.outbox.senders, recipient, texts().locale())
                .await
        }
        Err(TestError::Recipient) => return Err(AppError::invalid(Field::Phone, FieldProblem::Malformed)),
        Err(error) => Err(error),
    };
    let word = match said {
        Ok(Outcome::Sent { .. }) => "sent",
        Ok(Outcome::Later(trouble) | Outcome::Refused(trouble)) => trouble.as_str(),
        Ok(Outcome::Unsure) => Trouble::Unsure.as_str(),
        Err(_) => "no_sender",
    };
    redirect(&format!("/admin/messages?test={word}"));
    Ok(())
}

fn lead_back(secret: &str, done: &str) {
    redirect(&format!("{}?done={done}", appointment_path(secret)));
}
