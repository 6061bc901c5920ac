//! Signing in: patients by phone and code, staff by e-mail and password. Then the tokens for programs.

mod code;
mod find;
mod phones;
mod tokens;

pub use self::{
    code::CodePage,
    find::FindPage,
    phones::{PhonesPage, phones_notice},
    tokens::TokensPage,
};

use crate::ui::{
    Cookies, Hidden, KeptForm, Page, TextField, Tone, encode, error_text, field_error, notice, page, query,
    request_error, texts,
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    forms::{RequestCode, StaffSignIn},
    guard,
};
use engine::{
    account::{
        family::{Relative, Whose},
        local_path,
    },
    error::Field,
    i18n::Texts,
};

/// The path to go to after signing in.
fn next() -> String {
    local_path(&query("next").unwrap_or_default()).to_owned()
}

/// The other door, for those who came to this one: it leads to where they wanted to go as well.
fn other_door(door: &str) -> String {
    match next().as_str() {
        "/" => door.to_owned(),
        next => format!("{door}?next={}", encode(next)),
    }
}

/// Says why somebody has to sign in who was filling in a form.
fn ended(texts: Texts) -> Option<impl IntoView> {
    query("ended")?;
    let text = view! { <p>{texts.text("session-ended-text")}</p> };
    Some(notice(Tone::Warn, texts.text("session-ended-title"), text))
}

/// A patient's phone number.
#[component]
pub fn SignInPage() -> impl IntoView {
    page(async {
        let texts = texts();
        if let Some(caller) = guard::caller().await? {
            crate::ui::redirect(caller.home());
        }
        let draft = guard::session().draft().await?;
        Ok(Page::new(
            texts.text("sign-in"),
            view! {
                <div class="narrow stack">
                    {ended(texts)}
                    <div class="page-head">
                        <div><h1>{texts.text("sign-in-title")}</h1><p>{texts.text("sign-in-intro")}</p></div>
                    </div>
                    {phone_form(texts, draft.phone, next())}
                    <p class="soft">
                        {texts.text("staff-question")} " "
                        <a href=other_door("/staff/sign-in")>{texts.text("staff-sign-in")}</a>
                    </p>
                </div>
            },
        )
        .keeps(PHONE_FORM))
    })
}

/// The form that asks for a phone number.
const PHONE_FORM: KeptForm = KeptForm {
    id: "phone-form",
    action: "/form/request-code",
};

/// Asks for a phone number and sends it a code; afterwards leads to `next`.
fn phone_form(texts: Texts, phone: String, next: String) -> impl IntoView {
    view! {
        <form method="post" action=RequestCode::url() id=PHONE_FORM.id class="stack" novalidate>
            <Cookies />
            <Hidden name="next" value=next />
            <TextField
                field=Field::Phone
                label=texts.text("phone-label")
                hint=texts.text("phone-hint")
                value=phone
                kind="tel"
                autocomplete="tel"
            />
            <div class="actions">
                <button class="btn primary big">{texts.text("send-code")}</button>
            </div>
        </form>
    }
}

/// Asks for whom something is, of those who share a phone, or whether it is for somebody else.
#[component]
pub fn WhoseField(people: Vec<Relative>, whose: String, name: String) -> impl IntoView {
    let texts = texts();
    let error = request_error().and_then(|error| field_error(error, Field::Whose, texts));
    let described_by = error.is_some().then_some("whose-error");
    let (first, only) = (people.first().map(|person| person.id), people.len() == 1);
    let chosen = match whose.as_str() {
        // Who is alone with a phone, and gave no other name, comes for themselves.
        "" if only && name.is_empty() => first.map(|id| id.to_string()).unwrap_or_default(),
        _ => whose,
    };
    let choices = people
        .into_iter()
        .map(|person| {
            let id = person.id.to_string();
            let name = person.name.unwrap_or_else(|| texts.text("no-patient-name"));
            view! {
                <label class="choice">
                    <input
                        type="radio"
                        id=(first == Some(person.id)).then_some("whose")
                        name=Field::Whose.name()
                        value=id.clone()
                        checked=chosen == id
                        aria-describedby=described_by
                        required
                    />
                    <span dir="auto">{name}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="choices">
            <legend>{texts.text("whose-label")}</legend>
            {error.map(|error| error_text("whose-error".to_owned(), error))}
            {choices}
            <label class="choice">
                <input
                    type="radio"
                    name=Field::Whose.name()
                    value=Whose::SOMEBODY_ELSE
                    checked=chosen == Whose::SOMEBODY_ELSE
                    required
                />
                <span>{texts.text("whose-somebody-else")}</span>
            </label>
        </fieldset>
    }
}

/// E-mail and password of doctors and admins.
#[component]
pub fn StaffSignInPage() -> impl IntoView {
    page(async {
        let texts = texts();
        if let Some(caller) = guard::caller().await? {
            crate::ui::redirect(caller.home());
        }
        let draft = guard::session().draft().await?;
        Ok(Page::new(
            texts.text("staff-sign-in"),
            view! {
                <div class="narrow stack">
                    {ended(texts)}
                    {query("chosen").map(|_| notice(Tone::Good, texts.text("link-chosen"), ()))}
                    <div class="page-head">
                        <div><h1>{texts.text("staff-sign-in")}</h1><p>{texts.text("staff-sign-in-intro")}</p></div>
                    </div>
                    <form method="post" action=StaffSignIn::url() class="stack" novalidate>
                        <Cookies />
                        <Hidden name="next" value=next() />
                        <TextField
                            field=Field::Email
                            label=texts.text("email-label")
                            value=draft.email
                            kind="email"
                            autocomplete="username"
                        />
                        <TextField
                            field=Field::Password
                            label=texts.text("password-label")
                            kind="password"
                            autocomplete="current-password"
                        />
                        <div class="actions">
                            <button class="btn primary">{texts.text("sign-in")}</button>
                        </div>
                    </form>
                    <p class="soft"><a href="/staff/forgotten">{texts.text("forgotten-title")}</a></p>
                    <p class="soft">
                        {texts.text("patient-question")} " "
                        <a href=other_door("/sign-in")>{texts.text("sign-in-by-phone")}</a>
                    </p>
                </div>
            },
        ))
    })
}
