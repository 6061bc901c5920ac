//! The hold of a booking, wherever a page speaks of it: until when the time is kept, the way back to it, and what is said of
//! one that was let go.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};

use super::times_of;
use crate::{
    account::guard,
    booking::{
        forms::{Extend, Hold},
        island::HoldCountdown,
    },
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, KeptForm, Page, Tone, icon, notice, with_error},
};
use engine::{
    appointment::{Item, Status, find},
    availability::{Except, is_free},
    booking::Wanted,
    error::{AppError, Refusal},
    i18n::Texts,
    text::isolated,
    time,
};

/// "Dr Sari, Tuesday 24 November 2026, 09:20".
pub fn in_short(item: &Item, texts: Texts) -> String {
    format!(
        "{}, {}",
        isolated(&item.doctor_name),
        time::moment(item.starts_at, &item.zone, texts)
    )
}

/// Until when the time is held, with *Keep it longer* where that is possible. It takes the words of the page's form along.
pub fn hold_line(item: &Item, form: Option<KeptForm>, texts: Texts) -> Option<impl IntoView + use<>> {
    let until = item.held_until.filter(|_| item.status == Status::Held)?;
    let now = crate::server::now();
    if until <= now {
        return None;
    }
    let state = expect_context::<AppState>();
    let may_keep = until < state.config.rules.booking.may_be_held_until(item.created_at);
    let clock = |at| time::clock(at, &item.zone, texts.locale());
    let text = texts.with(
        "holding",
        &[
            ("time", clock(item.starts_at).into()),
            ("until", clock(until).into()),
            ("zone", time::zone_name(&item.zone_name, &item.zone, until).into()),
        ],
    );
    let reference = item.reference.clone();
    let seconds = until.duration_since(now).as_secs_f64();
    let keep = may_keep.then(|| match form {
        Some(form) => Either::Left(view! {
            <button class="btn" form=form.id formaction=form.left_by(Extend::url()) formnovalidate>
                {texts.text("keep-longer")}
            </button>
        }),
        None => Either::Right(view! {
            <form method="post" action=Extend::url()>
                <Hidden name="reference" value=reference />
                <button class="btn">{texts.text("keep-longer")}</button>
            </form>
        }),
    });
    Some(view! {
        <div class="hold">
            <p>
                {icon("clock")}
                <HoldCountdown
                    seconds=seconds
                    holding=text
                    left=texts.with("hold-minutes-left", &[("minutes", "{minutes}".into())])
                    last_minute=texts.text("hold-last-minute")
                    ran_out=texts.text("hold-ran-out")
                />
            </p>
            {keep}
        </div>
    })
}

/// The hold that this browser chose last, while it runs.
///
/// # Errors
/// Those of the database.
pub async fn running() -> Result<Option<Item>, AppError> {
    let session = guard::session();
    let reference = session.draft().await?.held;
    if reference.is_empty() {
        return Ok(None);
    }
    let state = expect_context::<AppState>();
    let (caller, visitor) = (guard::caller().await?, session.visitor().await?);
    match find(&state.database, caller, visitor, reference).await {
        Ok(item) => Ok(Some(item).filter(|item| item.status_at(state.now()) == Status::Held)),
        Err(AppError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The page that says so, where the time of the hold that this browser chose last has run out and somebody else has it: that
/// is told before anybody is asked for more.
///
/// # Errors
/// Those of the database.
pub async fn lost() -> Result<Option<String>, AppError> {
    let session = guard::session();
    let reference = session.draft().await?.held;
    if reference.is_empty() {
        return Ok(None);
    }
    let state = expect_context::<AppState>();
    let (caller, visitor) = (guard::caller().await?, session.visitor().await?);
    let item = match find(&state.database, caller, visitor.clone(), reference).await {
        Ok(item) if item.status_at(state.now()) == Status::Expired => item,
        Ok(_) | Err(AppError::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let wanted = Wanted::from(&item);
    let except = Except {
        appointment_id: Some(item.id),
        holds_of: visitor,
    };
    let is_lost = match is_free(&state.database, wanted, except, state.now()).await {
        Ok(is_free) => !is_free,
        Err(AppError::NotFound) => true,
        Err(error) => return Err(error),
    };
    let error = Refusal::HoldExpired.of(wanted);
    Ok(is_lost.then(|| with_error(&format!("/book/{}", item.reference), error, None)))
}

/// Leads back to a booking that was left unfinished, where this browser has one.
///
/// # Errors
/// Those of the database.
pub async fn unfinished(texts: Texts) -> Result<Option<impl IntoView>, AppError> {
    Ok(running().await?.map(|item| {
        let body = view! {
            <p>{in_short(&item, texts)}</p>
            <div class="actions">
                <a class="btn primary" href=format!("/book/{}", item.reference)>{texts.text("unfinished-go-on")}</a>
            </div>
        };
        view! {
            <section class="notice good" aria-labelledby="unfinished">
                {icon("clock")}
                <h2 id="unfinished">{texts.text("unfinished-title")}</h2>
                {body}
            </section>
        }
    }))
}

/// Says that a time is no longer held, since another one was chosen, perhaps in another tab, and how to go on with either.
///
/// # Errors
/// Those of the database.
pub(super) async fn let_go(item: &Item, texts: Texts) -> Result<Page, AppError> {
    let state = expect_context::<AppState>();
    let title = texts.text("let-go-title");
    let other = running().await?.map(|held| {
        let text = texts.with("let-go-other", &[("time", in_short(&held, texts).into())]);
        let go_on = texts.text("let-go-go-on");
        view! {
            <p>{text}</p>
            <div class="actions">
                <a class="btn primary" href=format!("/book/{}", held.reference)>{go_on}</a>
            </div>
        }
    });
    let wanted = Wanted::from(item);
    let except = Except {
        appointment_id: Some(item.id),
        holds_of: guard::session().who_lets_go().await?,
    };
    let again = is_free(&state.database, wanted, except, state.now())
        .await?
        .then(|| {
            view! {
                <form method="post" action=Hold::url()>
                    <KeyField />
                    <Hidden name="doctor_id" value=wanted.doctor_id.to_string() />
                    <Hidden name="clinic_id" value=wanted.clinic_id.to_string() />
                    <Hidden name="service_id" value=wanted.service_id.to_string() />
                    <button class="btn" name="starts_at" value=wanted.starts_at.to_string()>
                        {texts.text("let-go-again")}
                    </button>
                </form>
            }
        });
    let text = texts.with("let-go-text", &[("time", in_short(item, texts).into())]);
    let body = view! {
        <p>{text}</p>
        {other}
        <div class="actions">
            {again}
            <a class="btn quiet" href=times_of(item)>{texts.text("all-times")}</a>
        </div>
    };
    let said = notice(Tone::Warn, texts.text("let-go-notice"), body);
    Ok(Page::new(
        title.clone(),
        view! {
            <div class="narrow stack">
                <h1>{title}</h1>
                {said}
            </div>
        },
    )
    .shows_problem())
}
