//! The pages of the second factor.

use leptos::{prelude::*, server_fn::ServerFn};
use qrcode::{QrCode, render::svg};

use super::{
    forms::{AnswerFactor, BeginTotp, CodesKept, ConfirmSelf, FinishTotp, RECOVERY, RemoveTotp, RenewCodes},
    owner::owner,
    passkeys, setup,
};
use crate::{
    account::guard,
    server::AppState,
    ui::{
        Cookies, Hidden, Page, TextField, Tone, icon, in_textarea, notice, page, query, redirect,
        request_error, texts,
    },
};
use engine::{
    account::{
        factor::{self, Factors, Policy, passkey, recovery::Codes},
        local_path,
    },
    error::{AppError, Field},
    i18n::Texts,
};

/// The width of a picture for apps, in pixels.
const PICTURE: u32 = 220;

/// The second step of a sign-in.
#[component]
pub fn FactorPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let step = guard::session()
            .second_step()
            .await?
            .filter(|step| !step.is_enrolment);
        let Some(step) = step else {
            redirect("/staff/sign-in");
            return Ok(Page::new(texts.text("factor-title"), ()));
        };
        let state = expect_context::<AppState>();
        // Of a challenge that is too old, the form says so.
        let factors = factor::of_challenge(&state.database, &step.token, state.now()).await;
        let has_passkeys = factors.unwrap_or_default().passkeys > 0;
        let passkey = (has_passkeys && state.config.public_url().is_some()).then(|| passkeys::sign_in(texts));
        Ok(Page::new(
            texts.text("factor-title"),
            view! {
                <div class="narrow stack">
                    <a class="back" href="/staff/sign-in">{icon("arrow-left")}{texts.text("factor-other-account")}</a>
                    <div class="page-head">
                        <div><h1>{texts.text("factor-title")}</h1><p>{texts.text("factor-intro")}</p></div>
                    </div>
                    {passkey}
                    <form method="post" action=AnswerFactor::url() class="stack">
                        <Cookies />
                        <TextField
                            field=Field::Code
                            label=texts.text("factor-code")
                            hint=texts.text("factor-code-hint")
                            autocomplete="one-time-code"
                        />
                        <div class="actions">
                            <button class="btn primary big">{texts.text("continue")}</button>
                        </div>
                    </form>
                    <p class="soft">{texts.text("factor-lost")}</p>
                </div>
            },
        ))
    })
}

/// The factors of one's own account.
#[component]
pub fn FactorsPage() -> impl IntoView {
    page(async {
        let caller = guard::anyone().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let staff_id = caller.staff_id().ok_or(AppError::Forbidden)?;
        let policy = state.config.accounts.second_factor;
        let factors = factor::factors(&state.database, staff_id).await?;
        let must = policy
            .requires(caller.role())
            .then(|| view! { <p class="hint">{icon("info")} " " {texts.text("factors-required")}</p> });
        let body = match policy {
            Policy::Off => view! { <p>{texts.text("factors-off")}</p> }.into_any(),
            _ => {
                let own = passkey::list(&state.database, staff_id).await?;
                let can_be_added = state.config.public_url().is_some_and(passkey::is_possible_at);
                view! {
                    {app(factors, texts)}
                    {passkeys::own(own, can_be_added, texts)}
                    {codes(factors, texts)}
                }
                .into_any()
            }
        };
        Ok(Page::new(
            texts.text("factors-title"),
            view! {
                {said(factors, texts)}
                <div class="stack">
                    <a class="back" href="/account">{icon("arrow-left")}{texts.text("account-title")}</a>
                    <div class="page-head">
                        <div><h1>{texts.text("factors-title")}</h1><p>{texts.text("factors-intro")}</p></div>
                    </div>
                    {must}
                    {body}
                </div>
            },
        ))
    })
}

/// What the form that led here has done.
fn said(factors: Factors, texts: Texts) -> Option<AnyView> {
    if request_error().is_some() {
        return None;
    }
    let key = match query("done")?.as_str() {
        "app" => "factors-app-done",
        "passkey" => "factors-passkey-done",
        "removed" => "factors-removed",
        _ => return None,
    };
    let codes = (factors.is_any() && factors.recovery_codes == 0)
        .then(|| view! { <p>{texts.text("factors-codes-none")}</p> });
    Some(notice(Tone::Good, texts.text(key), codes).into_any())
}

fn app(factors: Factors, texts: Texts) -> impl IntoView {
    let form = match factors.has_totp {
        true => view! {
            <p>{icon("circle-check")} " " {texts.text("factors-app-there")}</p>
            <form method="post" action=RemoveTotp::url()>
                <button class="btn danger">{icon("trash")}{texts.text("factors-app-remove")}</button>
            </form>
        }
        .into_any(),
        false => view! {
            <form method="post" action=BeginTotp::url()>
                <button class="btn primary">{icon("plus")}{texts.text("factors-app-add")}</button>
            </form>
        }
        .into_any(),
    };
    view! {
        <section class="stack-s" aria-labelledby="factors-app">
            <h2 id="factors-app">{texts.text("factors-app")}</h2>
            <p class="soft">{texts.text("factors-app-text")}</p>
            {form}
        </section>
    }
}

fn codes(factors: Factors, texts: Texts) -> Option<AnyView> {
    if !factors.is_any() {
        return None;
    }
    let left = texts.with("factors-codes-left", &[("count", factors.recovery_codes.into())]);
    let section = view! {
        <section class="stack-s" aria-labelledby="factors-codes">
            <h2 id="factors-codes">{texts.text("factors-codes")}</h2>
            <p class="soft">{texts.text("factors-codes-text")}</p>
            <p>{left}</p>
            <form method="post" action=RenewCodes::url()>
                <button class="btn">{icon("refresh")}{texts.text("factors-codes-renew")}</button>
            </form>
        </section>
    };
    Some(section.into_any())
}

/// Setting up an app: a picture for it, the same in letters, and a first code.
#[component]
pub fn AppPage() -> impl IntoView {
    page(async {
        let owner = owner().await?;
        let texts = texts();
        let Some(setup) = setup::begun(owner.staff_id).await? else {
            redirect("/account/factors");
            return Ok(Page::new(texts.text("app-title"), ()));
        };
        let picture = QrCode::new(&setup.url)
            .map_err(|_| AppError::Internal)?
            .render::<svg::Color<'_>>()
            .min_dimensions(PICTURE, PICTURE)
            .build();
        let intro = match owner.enrolling {
            Some(_) => "app-intro-required",
            None => "app-intro",
        };
        let letters: String = in_groups(&setup.secret);
        Ok(Page::new(
            texts.text("app-title"),
            view! {
                <div class="narrow stack">
                    <div class="page-head"><div><h1>{texts.text("app-title")}</h1><p>{texts.text(intro)}</p></div></div>
                    <div class="qr" role="img" aria-label=texts.text("app-picture") inner_html=svg_alone(&picture)></div>
                    <div class="field">
                        <label for="secret">{texts.text("app-secret")}</label>
                        <textarea id="secret" class="mono" rows="2" readonly autocomplete="off" spellcheck="false">
                            {in_textarea(&letters)}
                        </textarea>
                    </div>
                    <form method="post" action=FinishTotp::url() class="stack">
                        <TextField
                            field=Field::Code
                            label=texts.text("app-code")
                            autocomplete="one-time-code"
                            inputmode="numeric"
                            class="code"
                        />
                        <div class="actions">
                            <button class="btn primary big">{texts.text("app-finish")}</button>
                        </div>
                    </form>
                </div>
            },
        ))
    })
}

/// The letters of a secret, four by four.
fn in_groups(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters
        .chunks(4)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The picture without the declaration of a file of its own.
fn svg_alone(file: &str) -> String {
    file.find("<svg")
        .map_or_else(String::new, |at| file[at..].to_owned())
}

/// New recovery codes, until they have been written down.
#[component]
pub fn CodesPage() -> impl IntoView {
    page(async {
        guard::fresh().await?;
        let texts = texts();
        let session = guard::session();
        let salt: String = session.typed(RECOVERY, "").await?;
        let holder = session.holder().filter(|_| !salt.is_empty());
        let Some(holder) = holder else {
            redirect("/account/factors");
            return Ok(Page::new(texts.text("codes-title"), ()));
        };
        let codes = Codes::of(&holder, &salt);
        let list = codes
            .all()
            .iter()
            .map(|code| view! { <li class="mono">{code.clone()}</li> })
            .collect_view();
        Ok(Page::new(
            texts.text("codes-title"),
            view! {
                <div class="narrow stack">
                    <div class="page-head">
                        <div><h1>{texts.text("codes-title")}</h1><p>{texts.text("codes-intro")}</p></div>
                    </div>
                    <ol class="codes">{list}</ol>
                    <form method="post" action=CodesKept::url() class="actions">
                        <button class="btn primary">{icon("check")}{texts.text("codes-kept")}</button>
                    </form>
                </div>
            },
        ))
    })
}

/// Asks somebody who has signed in to prove again who they are.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    page(async {
        let caller = guard::anyone().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let staff_id = caller.staff_id().ok_or(AppError::Forbidden)?;
        let factors = factor::factors(&state.database, staff_id).await?;
        let next = local_path(&query("next").unwrap_or_default()).to_owned();
        let passkey = (factors.passkeys > 0 && state.config.public_url().is_some())
            .then(|| passkeys::confirm(next.clone(), texts));
        let code = (factors.has_totp && state.config.accounts.second_factor != Policy::Off).then(|| {
            view! {
                <TextField
                    field=Field::Code
                    label=texts.text("confirm-self-code")
                    autocomplete="one-time-code"
                    required=false
                />
            }
        });
        Ok(Page::new(
            texts.text("confirm-self-title"),
            view! {
                <div class="narrow stack">
                    <div class="page-head">
                        <div><h1>{texts.text("confirm-self-title")}</h1><p>{texts.text("confirm-self-intro")}</p></div>
                    </div>
                    {passkey}
                    <form method="post" action=ConfirmSelf::url() class="stack">
                        <Hidden name="next" value=next />
                        <TextField
                            field=Field::OwnPassword
                            label=texts.text("account-old-password")
                            kind="password"
                            autocomplete="current-password"
                            required=false
                        />
                        {code}
                        <div class="actions">
                            <button class="btn primary">{texts.text("continue")}</button>
                        </div>
                    </form>
                </div>
            },
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_four_letters_at_a_time() {
        assert_eq!(in_groups("ABCDEFGHIJ"), "ABCD EFGH IJ");
        assert_eq!(svg_alone("<?xml version=\"1.0\"?><svg></svg>"), "<svg></svg>");
    }
}
