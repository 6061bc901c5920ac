//! The tokens that programs show: made, listed and revoked by whoever they act for (I5).

use crate::{
    account::{
        forms::{MakeToken, RevokeToken, TOKEN, WantedToken},
        guard,
    },
    idempotency::page::KeyField,
    server::{AppState, HeadersOnly},
    ui::{
        Hidden, Page, TextField, Tone, error_text, field_error, icon, in_textarea, isolate, notice, page,
        query, request_error, texts,
    },
};
use http::request::Parts;
use jiff::{Timestamp, tz::TimeZone};
use leptos::{prelude::*, server_fn::ServerFn};

use engine::{
    account::{
        Caller, Role,
        scope::Scope,
        token::named::{self, Named, USUAL_DAYS},
    },
    error::{AppError, Field},
    i18n::Texts,
    time,
};

/// The caller's tokens, and a form for another one.
#[component]
pub fn TokensPage() -> impl IntoView {
    page(async {
        let caller = guard::anyone().await?;
        let (texts, now) = (texts(), crate::server::now());
        let state = expect_context::<AppState>();
        let tokens = named::list(&state.database, &caller, now).await?;
        let said = news(&state, &caller, &tokens, now, texts).await?;
        let wanted: Option<WantedToken> = match request_error() {
            Some(_) => guard::session().typed(TOKEN, "").await?,
            None => None,
        };
        let list = match tokens.as_slice() {
            [] => view! {
                <div class="empty">
                    {icon("lock")}
                    <h3>{texts.text("tokens-empty-title")}</h3>
                    <p>{texts.text("tokens-empty-text")}</p>
                </div>
            }
            .into_any(),
            tokens => list(tokens, texts).into_any(),
        };
        Ok(Page::new(
            texts.text("tokens-title"),
            view! {
                {said}
                <div class="page-head">
                    <div>
                        <h1>{texts.text("tokens-title")}</h1>
                        <p>{texts.text("tokens-intro")}</p>
                    </div>
                    <a class="btn quiet" href="/api/docs">{icon("info")}{texts.text("tokens-how")}</a>
                </div>
                <section class="stack" id="tokens">
                    <h2 id="tokens-list">{texts.text("tokens-list")}</h2>
                    {list}
                </section>
                <section class="stack" aria-labelledby="tokens-new">
                    <h2 id="tokens-new">{texts.text("tokens-new")}</h2>
                    {form(caller.role(), &wanted.unwrap_or_default(), texts)}
                </section>
            },
        ))
    })
}

/// Shows the outcome of the form. A token that was just made is shown here once and then forgotten: this page alone changes
/// something by being looked at, since there is no other way to show a thing once.
async fn news(
    state: &AppState,
    caller: &Caller,
    tokens: &[Named],
    now: Timestamp,
    texts: Texts,
) -> Result<Option<AnyView>, AppError> {
    if request_error().is_some() {
        return Ok(None);
    }
    if query("revoked").is_some() {
        let body = view! { <p>{texts.text("tokens-revoked-text")}</p> };
        return Ok(Some(
            notice(Tone::Good, texts.text("tokens-revoked"), body).into_any(),
        ));
    }
    let made: Option<i64> = query("made").and_then(|id| id.parse().ok());
    let Some(made) = tokens.iter().find(|token| Some(token.id) == made) else {
        return Ok(None);
    };
    // Who asks for the headers alone sees nothing.
    let is_seen = use_context::<Parts>().is_some_and(|parts| parts.extensions.get::<HeadersOnly>().is_none());
    let told = match guard::session().holder().filter(|_| is_seen) {
        Some(browser) => named::tell(&state.database, caller, made.id, browser, now).await?,
        None => None,
    };
    let title = |key| texts.with(key, &[("name", made.name.clone().unwrap_or_default().into())]);
    Ok(Some(match told {
        Some(token) => {
            let body = view! {
                <div class="stack-s">
                    <p>{texts.text("tokens-told-text")}</p>
                    <div class="field">
                        <label for="token">{texts.text("tokens-token")}</label>
                        // All of it is seen, and can be chosen with the keyboard.
                        <textarea id="token" class="mono" rows="2" readonly autocomplete="off" spellcheck="false">
                            {in_textarea(&token)}
                        </textarea>
                    </div>
                </div>
            };
            notice(Tone::Good, title("tokens-told"), body).into_any()
        }
        None => {
            let body = view! { <p>{texts.text("tokens-was-told-text")}</p> };
            notice(Tone::Good, title("tokens-was-told"), body).into_any()
        }
    }))
}

fn list(tokens: &[Named], texts: Texts) -> impl IntoView + use<> {
    let rows = tokens.iter().map(|token| row(token, texts)).collect_view();
    let head = [
        "column-name",
        "tokens-may",
        "tokens-made",
        "tokens-last-used",
        "tokens-expires",
        "tokens-revoke",
    ]
    .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    view! {
        <div class="table-wrap" role="region" aria-labelledby="tokens-list" tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("tokens-list")}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(token: &Named, texts: Texts) -> impl IntoView + use<> {
    let name = match &token.name {
        Some(name) => name.clone(),
        None => texts.text("tokens-sign-in"),
    };
    let may = match &token.scopes {
        Some(scopes) => scopes
            .iter()
            .map(|&scope| scope_text(scope, texts))
            .collect::<Vec<_>>()
            .join(", "),
        None => texts.text("scope-everything"),
    };
    let last_used = match token.last_used_at {
        Some(at) => {
            let clock = time::clock(at, &TimeZone::UTC, texts.locale());
            format!("{}, {clock} UTC", day(at, texts))
        }
        None => texts.text("tokens-never"),
    };
    view! {
        <tr>
            <th scope="row">{name.clone()}</th>
            <td data-label=texts.text("tokens-may")><span>{may}</span></td>
            <td data-label=texts.text("tokens-made")><span>{day(token.made_at, texts)}</span></td>
            <td data-label=texts.text("tokens-last-used")><span>{last_used}</span></td>
            <td data-label=texts.text("tokens-expires")><span>{day(token.expires_at, texts)}</span></td>
            <td>
                <details class="more">
                    <summary>
                        <span>{texts.text("tokens-revoke")}<span class="hide">": " {isolate(name.clone())}</span></span>
                        {icon("chevron-down")}
                    </summary>
                    <form method="post" action=RevokeToken::url() class="stack-s">
                        <Hidden name="id" value=token.id.to_string() />
                        <p>{texts.text("tokens-revoke-text")}</p>
                        <div class="actions">
                            <button class="btn danger">
                                {icon("ban")}
                                {texts.text("tokens-revoke-really")}
                                <span class="hide">": " {isolate(name)}</span>
                            </button>
                        </div>
                    </form>
                </details>
            </td>
        </tr>
    }
}

/// `Sun 22 Nov 2026`.
fn day(at: Timestamp, texts: Texts) -> String {
    let date = time::local_date(at, &TimeZone::UTC);
    format!("{} {}", time::short_date(date, texts), date.year())
}

fn scope_text(scope: Scope, texts: Texts) -> String {
    texts.text(&format!("scope-{}", scope.name()))
}

fn form(role: Role, wanted: &WantedToken, texts: Texts) -> impl IntoView + use<> {
    let scopes = Scope::of_role(role)
        .iter()
        .enumerate()
        .map(|(index, &scope)| {
            let explanation = texts.text(&format!("scope-{}-{}", scope.name(), role.as_str()));
            let checked = wanted.scopes.iter().any(|name| name == scope.name());
            // The first is where the summary of errors leads.
            let id = (index == 0).then(|| Field::Scopes.name());
            view! {
                <label class="choice">
                    <input
                        type="checkbox"
                        id=id
                        name=format!("scopes[{index}]")
                        value=scope.name()
                        checked=checked
                    />
                    <span>{scope_text(scope, texts)} <small>{explanation}</small></span>
                </label>
            }
        })
        .collect_view();
    let error = request_error()
        .and_then(|error| field_error(error, Field::Scopes, texts))
        .map(|error| error_text("scopes-error".to_owned(), error));
    let described_by = error.is_some().then_some("scopes-error");
    let days = USUAL_DAYS
        .map(|days| {
            let selected = days == wanted.days;
            let text = texts.with("tokens-days-of", &[("count", days.into())]);
            view! { <option value=days selected=selected>{text}</option> }
        })
        .collect_view();
    view! {
        <form method="post" action=MakeToken::url() class="narrow stack">
            <KeyField />
            <TextField
                field=Field::TokenName
                label=texts.text("tokens-name")
                hint=texts.text("tokens-name-hint")
                value=wanted.name.clone()
            />
            <fieldset class="field" aria-describedby=described_by>
                <legend>{texts.text("tokens-scopes")}</legend>
                {error}
                <div class="choices">{scopes}</div>
            </fieldset>
            <div class="field w-m">
                <label for="days">{texts.text("tokens-days")}</label>
                <select id="days" name="days">{days}</select>
            </div>
            <div class="actions">
                <button class="btn primary">{icon("lock")}{texts.text("tokens-make")}</button>
            </div>
        </form>
    }
}
