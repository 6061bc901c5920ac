//! The pages that an organisation writes about itself: privacy, and imprint.

use crate::{
    server::AppState,
    ui::{Page, isolate, page, texts},
};
use leptos::prelude::*;

use super::prose::prose;
use engine::{
    error::AppError,
    i18n::Texts,
    organisation::{Identity, OwnPage, clinics, identity},
};

/// What is done with the data of patients: in the words of the organisation, or else what the program keeps.
#[component]
pub fn PrivacyPage() -> impl IntoView {
    page(async {
        // public: whoever is asked for data may know.
        let texts = texts();
        let state = expect_context::<AppState>();
        let seen = identity(&state.database).await?.identity;
        let body = match written(&seen, OwnPage::Privacy, texts) {
            Some(body) => body,
            None => shipped(&state, &seen, texts).await?,
        };
        Ok(own_page("privacy-title", body, texts))
    })
}

/// Who runs the site, where the organisation has written it.
#[component]
pub fn ImprintPage() -> impl IntoView {
    page(async {
        // public: it is there to be read.
        let texts = texts();
        let state = expect_context::<AppState>();
        let seen = identity(&state.database).await?.identity;
        let body = written(&seen, OwnPage::Imprint, texts).ok_or(AppError::NotFound)?;
        Ok(own_page("imprint-title", body, texts))
    })
}

fn own_page(title: &str, body: AnyView, texts: Texts) -> Page {
    Page::new(
        texts.text(title),
        view! {
            <article class="narrow stack prose">
                <h1>{texts.text(title)}</h1>
                {body}
            </article>
        },
    )
}

/// A page in the language of the reader, or in one in which it is written, and which is named.
fn written(identity: &Identity, page: OwnPage, texts: Texts) -> Option<AnyView> {
    let (locale, text) = identity.page(page).best(texts.locale())?;
    let other = (locale != texts.locale()).then(|| {
        let language = texts.with("written-only", &[("language", locale.own_name().into())]);
        view! { <p class="hint">{language}</p> }
    });
    let body = view! {
        {other}
        <div class="stack" lang=locale.code()>{prose(text)}</div>
    };
    Some(body.into_any())
}

/// The parts of what the program says of itself.
const PARTS: [&str; 4] = [
    "privacy-what",
    "privacy-who",
    "privacy-how-long",
    "privacy-cookies",
];

/// What the program keeps, and whom to ask.
async fn shipped(state: &AppState, identity: &Identity, texts: Texts) -> Result<AnyView, AppError> {
    let parts = PARTS.map(|key| {
        view! {
            <h2>{texts.text(key)}</h2>
            <p>{texts.text(&format!("{key}-text"))}</p>
        }
    });
    let phones = match identity.phone.as_str() {
        "" => clinics(&state.database)
            .await?
            .into_iter()
            .map(|clinic| (clinic.what.name, clinic.what.phone))
            .collect(),
        phone => vec![(identity.name.clone(), phone.to_owned())],
    };
    let phones = phones
        .into_iter()
        .map(|(name, phone)| {
            let joint = (!name.is_empty()).then_some(": ");
            view! { <li>{isolate(name)} {joint} <a class="num" href=format!("tel:{phone}")>{phone.clone()}</a></li> }
        })
        .collect_view();
    let body = view! {
        <p>{texts.text("privacy-intro")}</p>
        {parts}
        <h2>{texts.text("privacy-ask")}</h2>
        <p>{texts.text("privacy-ask-text")}</p>
        <ul>{phones}</ul>
    };
    Ok(body.into_any())
}
