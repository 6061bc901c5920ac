//! Pages that stand in for one that cannot be shown.

use http::{StatusCode, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use super::{Page, request::redirect};
use crate::{
    server::Refused,
    ui::{
        notice::{encode, without_error},
        texts,
    },
};
use engine::error::AppError;

/// The page of a request that was refused as such, where it was.
pub fn refused() -> Option<Page> {
    let refused = *use_context::<Parts>()?.extensions.get::<Refused>()?;
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(refused.0);
    }
    let (title, text) = refused.texts()?;
    Some(lost(title, text))
}

/// The path of the page where somebody signs in to see this one, or to send a form from it.
pub fn door(page: &str) -> &'static str {
    let first = page.trim_start_matches('/').split(['/', '?']).next();
    match first {
        Some("doctor" | "admin") => "/staff/sign-in",
        _ => "/sign-in",
    }
}

/// Makes the page that stands in for one that cannot be shown, and sets its status.
pub(super) fn instead(error: AppError) -> Page {
    if error == AppError::Unauthenticated {
        let here = use_context::<Parts>()
            .and_then(|parts| parts.uri.path_and_query().map(ToString::to_string))
            .unwrap_or_default();
        let door = door(&here);
        let here = encode(&without_error(&here));
        redirect(&format!("{door}?next={here}"));
    } else if error == AppError::StepUpRequired {
        let here = use_context::<Parts>()
            .and_then(|parts| parts.uri.path_and_query().map(ToString::to_string))
            .unwrap_or_default();
        redirect(&format!(
            "/account/confirm?next={}",
            encode(&without_error(&here))
        ));
    } else if let Some(response) = use_context::<ResponseOptions>() {
        response
            .set_status(StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    }
    let (title, text) = match error {
        AppError::NotFound => ("not-found-title", "not-found-text"),
        AppError::Forbidden => ("forbidden-title", "forbidden-text"),
        AppError::Unauthenticated => ("sign-in", "error-unauthenticated"),
        error if error.is_transient() => ("unavailable-title", "unavailable-text"),
        _ => ("internal-title", "internal-text"),
    };
    lost(title, text)
}

/// A page of a title and a text, with the way to the start page.
fn lost(title: &str, text: &str) -> Page {
    let texts = texts();
    Page::new(
        texts.text(title),
        view! {
            <section class="lost">
                <svg aria-hidden="true"><use href="/logo.svg#mark" /></svg>
                <h1>{texts.text(title)}</h1>
                <p>{texts.text(text)}</p>
                <div class="actions">
                    <a class="btn primary" href="/">{texts.text("to-start")}</a>
                </div>
            </section>
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_and_patients_have_doors_of_their_own() {
        for (page, expected) in [
            ("/doctor/book?patient=1", "/staff/sign-in"),
            ("/admin", "/staff/sign-in"),
            ("/doctors/1", "/sign-in"),
            ("/book/K7QM-4D2P/check", "/sign-in"),
        ] {
            assert_eq!(door(page), expected);
        }
    }
}
