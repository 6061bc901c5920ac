//! Forms of the pages that links in messages lead to, and of admins.

use leptos::prelude::*;

use super::test::{Test, TestError};
use crate::{
    account::guard,
    idempotency::forms::of_form,
    server::AppState,
    ui::{redirect, texts},
};
use engine::{
    appointment::{self, Arrive, ChangeStatus, Status},
    booking::{self, Reschedule},
    error::{AppError, Field, FieldProblem},
    i18n::Locale,
    idempotency::KeyOwner,
    notification::{
        self, Outcome, Trouble, appointment_path, open,
        wording::{self, PutWords, Wording, Words, put_words},
    },
    text::storable,
};

/// Under which name a session keeps words that were typed.
pub(super) const TEXT: &str = "message_text";

/// Which form it is of those of texts.
pub(super) fn name_of_form(wording: Wording, locale: Locale) -> String {
    format!("{} {}", wording.as_str(), locale.code())
}

/// Says that the patient comes.
#[server(prefix = "/form", endpoint = "link-come")]
pub async fn link_come(secret: String) -> Result<(), AppError> {
    // public: whoever has the link answers for its patient, and for this appointment alone.
    let state = expect_context::<AppState>();
    notification::come(&state.database, secret.clone(), state.now()).await?;
    lead_back(&secret, "come");
    Ok(())
}

/// Says that the patient is here.
#[server(prefix = "/form", endpoint = "link-arrive")]
pub async fn link_arrive(secret: String) -> Result<(), AppError> {
    // public: whoever has the link answers for its patient, and for this appointment alone.
    let state = expect_context::<AppState>();
    let now = state.now();
    let linked = open(&state.database, secret.clone(), now).await?;
    let command = Arrive {
        caller: linked.caller,
        which: linked.item.reference.into(),
        key: None,
    };
    appointment::arrive(&state.database, command, now).await?;
    lead_back(&secret, "arrive");
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

/// Changes how the patient is reached.
#[server(prefix = "/form", endpoint = "save-contact")]
pub async fn save_contact(
    #[server(default)] email: String,
    #[server(default)] language: String,
    #[server(default)] reminders: bool,
) -> Result<(), AppError> {
    let patient_id = guard::patient().await?;
    guard::anyone().await?.must_be_confirmed()?;
    let state = expect_context::<AppState>();
    let before = notification::contact(&state.database, patient_id).await?;
    let command = notification::SaveContact {
        patient_id,
        // Where no mails go out, the page does not ask for an address.
        email: match state.outbox.can_ask() {
            true => email,
            false => before.email.clone().unwrap_or_default(),
        },
        locale: Locale::parse(&language),
        wants_reminders: reminders,
        asked_in: texts().locale(),
    };
    let saved = notification::save_contact(&state.database, command, state.now()).await?;
    let is_asked = saved.email.is_some() && !saved.is_confirmed;
    redirect(match is_asked {
        true => "/contact?saved=asked",
        false => "/contact?saved=1",
    });
    Ok(())
}

/// Confirms the address that got a link.
#[server(prefix = "/form", endpoint = "link-email")]
pub async fn link_email(secret: String) -> Result<(), AppError> {
    // public: whoever has the link got the mail.
    let state = expect_context::<AppState>();
    notification::confirm_email(&state.database, secret.clone(), state.now()).await?;
    redirect(&format!("/e/{secret}?done=1"));
    Ok(())
}

/// Puts a text of messages into other words, or shows first how they would go out.
#[server(prefix = "/form", endpoint = "put-message-text")]
pub async fn put_message_text(
    wording: String,
    language: String,
    #[server(default)] version: i32,
    #[server(default)] sms: String,
    #[server(default)] subject: String,
    #[server(default)] mail: String,
    #[server(default)] act: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let (wording, locale) = Wording::named(&wording, &language)?;
    let words = Words {
        sms: storable(&sms),
        subject: storable(&subject),
        mail: storable(&mail),
    };
    let name = name_of_form(wording, locale);
    let session = guard::session();
    if act == "preview" {
        let checked = wording::check(wording, &words);
        session.keep_typed(TEXT, name, words).await?;
        checked.map_err(|wrong| wrong.first().map_or(AppError::Internal, |wrong| wrong.error))?;
        redirect(&format!("{}?preview=1", path_of(wording, locale)));
        return Ok(());
    }
    let attempt = async {
        let key = of_form(
            KeyOwner::Caller(&caller),
            &key,
            None,
            "put-message-text",
            &name,
            &words,
        )?;
        let command = PutWords {
            caller: caller.clone(),
            wording,
            locale,
            version,
            words: Some(words.clone()),
            key,
        };
        put_words(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    session.settle_typed(TEXT, name, words, &result).await?;
    result.map(|_| redirect("/admin/messages/texts?done=saved"))
}

/// Brings the words of a text back that are shipped.
#[server(prefix = "/form", endpoint = "restore-message-text")]
pub async fn restore_message_text(
    wording: String,
    language: String,
    #[server(default)] version: i32,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let (wording, locale) = Wording::named(&wording, &language)?;
    // What was typed into the form beside it is another matter.
    guard::session().forget_typed(TEXT).await?;
    let name = name_of_form(wording, locale);
    let key = of_form(
        KeyOwner::Caller(&caller),
        &key,
        None,
        "restore-message-text",
        &name,
        &version,
    )?;
    let command = PutWords {
        caller,
        wording,
        locale,
        version,
        words: None,
        key,
    };
    put_words(&state.database, command, state.now()).await?;
    redirect("/admin/messages/texts?done=restored");
    Ok(())
}

/// The path of the page on which a text is edited.
pub(super) fn path_of(wording: Wording, locale: Locale) -> String {
    format!("/admin/messages/texts/{}/{}", wording.as_str(), locale.code())
}

fn lead_back(secret: &str, done: &str) {
    redirect(&format!("{}?done={done}", appointment_path(secret)));
}
