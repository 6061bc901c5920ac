//! The second step of a sign-in, and the factors of one's own account.

use leptos::prelude::*;

use super::{owner::owner, setup};
use crate::{
    account::{entry::enter, guard},
    audit,
    server::AppState,
    ui::redirect,
};
use engine::{
    account::{
        check_own_password,
        factor::{
            self, passkey,
            recovery::{self, Codes},
            totp,
        },
        local_path,
        session::random_token,
    },
    audit::{Kind, Note},
    error::{AppError, Field, FieldProblem},
};

/// Under which name a session keeps what recovery codes are made from, until they have been written down.
pub(super) const RECOVERY: &str = "recovery";

/// Takes the second step of a sign-in, with a code of the app or a recovery code.
#[server(prefix = "/form", endpoint = "answer-factor")]
pub async fn answer_factor(#[server(default)] code: String) -> Result<(), AppError> {
    // public: this is the second half of the door.
    let state = expect_context::<AppState>();
    if code.trim().is_empty() {
        return Err(AppError::invalid(Field::Code, FieldProblem::Missing));
    }
    let step = guard::session()
        .second_step()
        .await?
        .ok_or(AppError::Unauthenticated)?;
    let key = state.config.accounts.secret_key.clone();
    let answered = factor::answer(&state.database, key, &step.token, &code, state.now()).await?;
    guard::note(
        Note::new(Kind::SignIn)
            .of_staff(answered.staff_id)
            .about("second factor"),
    )
    .await;
    enter(answered.staff_id, answered.since, &step.next).await
}

/// Begins to set up an app for codes.
#[server(prefix = "/form", endpoint = "begin-totp")]
pub async fn begin_totp() -> Result<(), AppError> {
    // public: who may not sign in before there is a factor sets one up here; `owner` asks the guard about everybody else.
    let owner = owner().await?;
    let now = expect_context::<AppState>().now();
    setup::begin(owner.staff_id, now).await?;
    redirect("/account/factors/app");
    Ok(())
}

/// Shows by a first code that the app is set up.
#[server(prefix = "/form", endpoint = "finish-totp")]
pub async fn finish_totp(#[server(default)] code: String) -> Result<(), AppError> {
    // public: who may not sign in before there is a factor sets one up here; `owner` asks the guard about everybody else.
    let owner = owner().await?;
    let state = expect_context::<AppState>();
    let session = guard::session();
    let code = engine::phone::code(&code)?;
    // Who is about to sign in gets a new session, to which no codes can be shown before.
    let salt = random_token();
    let codes = match &owner.enrolling {
        None => session.holder().map(|holder| Codes::of(&holder, &salt)),
        Some(_) => None,
    };
    let has_codes = codes.is_some();
    totp::finish(
        &state.database,
        state.config.accounts.secret_key.clone(),
        (owner.staff_id, session.stored_id()),
        &code,
        codes,
        state.now(),
    )
    .await?;
    if let Some(since) = owner.enrolling {
        guard::note(
            Note::new(Kind::SignIn)
                .of_staff(owner.staff_id)
                .about("second factor"),
        )
        .await;
        return enter(owner.staff_id, since, "/account/factors?done=app").await;
    }
    if has_codes {
        session.keep_typed(RECOVERY, String::new(), salt).await?;
        redirect("/account/codes");
    } else {
        redirect("/account/factors?done=app");
    }
    Ok(())
}

/// Takes the app away.
#[server(prefix = "/form", endpoint = "remove-totp")]
pub async fn remove_totp() -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    guard::fresh().await?;
    let state = expect_context::<AppState>();
    let staff_id = caller.staff_id().ok_or(AppError::Forbidden)?;
    let own_session = guard::session().stored_id();
    totp::remove(
        &state.database,
        state.config.accounts.second_factor,
        (staff_id, own_session),
        state.now(),
    )
    .await?;
    redirect("/account/factors?done=removed");
    Ok(())
}

/// Makes new recovery codes, in place of the old ones.
#[server(prefix = "/form", endpoint = "renew-codes")]
pub async fn renew_codes() -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    guard::fresh().await?;
    let state = expect_context::<AppState>();
    let session = guard::session();
    let staff_id = caller.staff_id().ok_or(AppError::Forbidden)?;
    let holder = session.holder().ok_or(AppError::Unauthenticated)?;
    let salt = random_token();
    recovery::renew(
        &state.database,
        (staff_id, session.stored_id()),
        Codes::of(&holder, &salt),
        state.now(),
    )
    .await?;
    session.keep_typed(RECOVERY, String::new(), salt).await?;
    redirect("/account/codes");
    Ok(())
}

/// Forgets the recovery codes that were shown: they have been written down.
#[server(prefix = "/form", endpoint = "codes-kept")]
pub async fn codes_kept() -> Result<(), AppError> {
    guard::anyone().await?;
    guard::session().forget_typed(RECOVERY).await?;
    redirect("/account/factors");
    Ok(())
}

/// Proves again who one is, by the password or a code, before what opens doors.
#[server(prefix = "/form", endpoint = "confirm-self")]
pub async fn confirm_self(
    #[server(default)] own_password: String,
    #[server(default)] code: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let staff_id = caller.staff_id().ok_or(AppError::Forbidden)?;
    let now = state.now();
    if code.trim().is_empty() {
        let limits = state.config.limits;
        check_own_password(&state.database, limits, staff_id, Some(own_password), now).await?;
    } else {
        let key = state.config.accounts.secret_key.clone();
        factor::confirm(&state.database, key, staff_id, &code, now).await?;
    }
    guard::session().prove().await?;
    guard::note(audit::note_by(&caller, Kind::SignIn).about("proved again")).await;
    redirect(match local_path(&next) {
        "/" => "/account",
        path => path,
    });
    Ok(())
}

/// Under which name a session keeps what an authenticator was asked.
const PASSKEY: &str = "passkey";

/// What an authenticator is to be asked, for the script of the page: for a new passkey (`add`), for the second step of a
/// sign-in (`sign-in`), or for another proof of who one is (`confirm`).
#[server(prefix = "/form", endpoint = "passkey-options")]
pub async fn passkey_options(#[server(default)] purpose: String) -> Result<String, AppError> {
    // public: who takes the second step of a sign-in has not signed in yet; the others ask the guard.
    let state = expect_context::<AppState>();
    let session = guard::session();
    let accounts = &state.config.accounts;
    let site = state.config.public_url().ok_or(AppError::NotFound)?;
    let (database, now) = (&state.database, state.now());
    let asked = match purpose.as_str() {
        "add" => {
            let staff_id = guard::fresh().await?.staff_id().ok_or(AppError::Forbidden)?;
            passkey::begin_adding(database, accounts.second_factor, site, staff_id, now).await?
        }
        "sign-in" => {
            let step = session.second_step().await?.ok_or(AppError::Unauthenticated)?;
            passkey::begin_answer(database, site, &step.token, now).await?
        }
        "confirm" => {
            let staff_id = guard::anyone().await?.staff_id().ok_or(AppError::Forbidden)?;
            passkey::begin(database, site, staff_id, now).await?
        }
        _ => return Err(AppError::invalid(Field::Body, FieldProblem::Malformed)),
    };
    session.keep_typed(PASSKEY, purpose, asked.token).await?;
    Ok(asked.options)
}

/// Takes the token of what an authenticator was asked for this purpose out of the session.
async fn asked(purpose: &str) -> Result<String, AppError> {
    let session = guard::session();
    let token: String = session.typed(PASSKEY, purpose).await?;
    session.forget_typed(PASSKEY).await?;
    match token.is_empty() {
        true => Err(AppError::WrongCode),
        false => Ok(token),
    }
}

/// Adds a passkey to one's own account.
#[server(prefix = "/form", endpoint = "add-passkey")]
pub async fn add_passkey(
    #[server(default)] passkey_name: String,
    #[server(default)] credential: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    guard::fresh().await?;
    let state = expect_context::<AppState>();
    let session = guard::session();
    let staff_id = caller.staff_id().ok_or(AppError::Forbidden)?;
    let site = state.config.public_url().ok_or(AppError::NotFound)?;
    let token = asked("add").await?;
    let is_first = !factor::factors(&state.database, staff_id).await?.is_any();
    let salt = random_token();
    let codes = session
        .holder()
        .filter(|_| is_first)
        .map(|holder| Codes::of(&holder, &salt));
    let has_codes = codes.is_some();
    passkey::add(
        &state.database,
        site,
        (staff_id, session.stored_id()),
        (&token, &credential, &passkey_name),
        codes,
        state.now(),
    )
    .await?;
    if has_codes {
        session.keep_typed(RECOVERY, String::new(), salt).await?;
        redirect("/account/codes");
    } else {
        redirect("/account/factors?done=passkey");
    }
    Ok(())
}

/// Takes a passkey of one's own away.
#[server(prefix = "/form", endpoint = "remove-passkey")]
pub async fn remove_passkey(id: i64) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    guard::fresh().await?;
    let state = expect_context::<AppState>();
    let staff_id = caller.staff_id().ok_or(AppError::Forbidden)?;
    passkey::remove(
        &state.database,
        state.config.accounts.second_factor,
        (staff_id, guard::session().stored_id()),
        id,
        state.now(),
    )
    .await?;
    redirect("/account/factors?done=removed");
    Ok(())
}

/// Takes the second step of a sign-in, with a passkey.
#[server(prefix = "/form", endpoint = "answer-passkey")]
pub async fn answer_passkey(#[server(default)] credential: String) -> Result<(), AppError> {
    // public: this is the second half of the door.
    let state = expect_context::<AppState>();
    let step = guard::session()
        .second_step()
        .await?
        .ok_or(AppError::Unauthenticated)?;
    let site = state.config.public_url().ok_or(AppError::NotFound)?;
    let token = asked("sign-in").await?;
    let answer = (token.as_str(), credential.as_str());
    let answered = passkey::answer(&state.database, site, &step.token, answer, state.now()).await?;
    guard::note(
        Note::new(Kind::SignIn)
            .of_staff(answered.staff_id)
            .about("passkey"),
    )
    .await;
    enter(answered.staff_id, answered.since, &step.next).await
}

/// Proves again who one is, by a passkey.
#[server(prefix = "/form", endpoint = "confirm-passkey")]
pub async fn confirm_passkey(
    #[server(default)] credential: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let staff_id = caller.staff_id().ok_or(AppError::Forbidden)?;
    let site = state.config.public_url().ok_or(AppError::NotFound)?;
    let token = asked("confirm").await?;
    passkey::confirm(
        &state.database,
        site,
        staff_id,
        (&token, &credential),
        state.now(),
    )
    .await?;
    guard::session().prove().await?;
    guard::note(audit::note_by(&caller, Kind::SignIn).about("proved again")).await;
    redirect(match local_path(&next) {
        "/" => "/account",
        path => path,
    });
    Ok(())
}
