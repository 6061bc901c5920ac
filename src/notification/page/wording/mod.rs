//! The texts of messages, for admins: all of them, and one to edit.

mod edit;

use leptos::prelude::*;

pub use self::edit::MessageTextPage;
use crate::{
    account::guard,
    notification::forms::path_of,
    server::AppState,
    ui::{Page, Tone, icon, notice, page, query, texts},
};
use engine::{
    i18n::{Locale, Texts},
    notification::wording::{Entry, Wording, entries},
};

/// The path of the list.
pub const LIST: &str = "/admin/messages/texts";

/// The name of a text.
pub fn name_of(wording: Wording, texts: Texts) -> String {
    texts.text(&format!("wording-{}", wording.as_str().replace('_', "-")))
}

/// All texts, and which of them are the clinic's own.
#[component]
pub fn MessageTextsPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let entries = entries(&state.database).await?;
        let saved = match query("done").as_deref() {
            Some("saved") => Some("message-text-saved"),
            Some("restored") => Some("message-text-restored"),
            _ => None,
        };
        let saved = saved.map(|key| notice(Tone::Good, texts.text(key), ()));
        let title = texts.text("message-texts-title");
        let body = view! {
            <div class="page-head">
                <div><h1>{title.clone()}</h1><p>{texts.text("message-texts-intro")}</p></div>
            </div>
            <p><a class="back" href="/admin/messages">{icon("arrow-left")}{texts.text("messages-admin-title")}</a></p>
            {saved}
            {unfit(&entries, texts)}
            {table(&entries, texts)}
        };
        Ok(Page::new(title, body))
    })
}

/// The texts that no longer fit, each with the way to it.
pub fn unfit(entries: &[Entry], texts: Texts) -> Option<impl IntoView + use<>> {
    let list: Vec<_> = entries
        .iter()
        .filter(|entry| !entry.fits())
        .map(|entry| {
            let name = format!("{} ({})", name_of(entry.wording, texts), entry.locale.own_name());
            view! { <li><a href=path_of(entry.wording, entry.locale)>{name}</a></li> }
        })
        .collect();
    (!list.is_empty()).then(|| {
        let body = view! {
            <p>{texts.text("message-text-unfit-text")}</p>
            <ul>{list}</ul>
        };
        notice(Tone::Warn, texts.text("message-text-unfit-title"), body)
    })
}

fn table(entries: &[Entry], texts: Texts) -> impl IntoView + use<> {
    let head = Locale::ALL
        .map(|locale| view! { <th scope="col" lang=locale.code()>{locale.own_name()}</th> })
        .into_iter()
        .collect_view();
    let rows = (Wording::ALL.iter())
        .map(|wording| {
            let cells = entries
                .iter()
                .filter(|entry| entry.wording == *wording)
                .map(|entry| cell(entry, texts))
                .collect_view();
            view! { <tr><th scope="row">{name_of(*wording, texts)}</th>{cells}</tr> }
        })
        .collect_view();
    view! {
        <div class="table-wrap" role="region" aria-label=texts.text("message-texts-title") tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("message-texts-title")}</caption>
                <thead><tr><th scope="col">{texts.text("message-texts-text")}</th>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn cell(entry: &Entry, texts: Texts) -> impl IntoView + use<> {
    let said = match (&entry.own, entry.fits()) {
        (None, _) => "message-text-shipped",
        (Some(_), true) => "message-text-own",
        (Some(_), false) => "message-text-unfit",
    };
    let label = format!(
        "{}, {}: {}",
        name_of(entry.wording, texts),
        entry.locale.own_name(),
        texts.text(said)
    );
    view! {
        <td data-label=entry.locale.own_name()>
            <a href=path_of(entry.wording, entry.locale) aria-label=label>{texts.text(said)}</a>
        </td>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_a_name_in_every_language() {
        for texts in Locale::ALL.map(Texts::of) {
            for wording in Wording::ALL {
                let name = name_of(*wording, texts);
                assert!(!name.starts_with("Unknown localization"), "{name}");
            }
        }
    }
}
