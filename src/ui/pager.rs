//! The links between the pages of a list.

use engine::i18n::Texts;
use leptos::prelude::*;

use super::icon;

/// Links to the page before this one and to the page after it, with the keys of their texts; nothing where there is one page.
pub fn pager(
    (before, before_key): (Option<String>, &'static str),
    (after, after_key): (Option<String>, &'static str),
    texts: Texts,
) -> impl IntoView {
    (before.is_some() || after.is_some()).then(|| {
        view! {
            <nav aria-label=texts.text("pages")>
                <ul class="pager">
                    <li>
                        {before.map(|path| view! {
                            <a class="btn" href=path>{icon("arrow-left")}{texts.text(before_key)}</a>
                        })}
                    </li>
                    <li>
                        {after.map(|path| view! {
                            <a class="btn" href=path>{texts.text(after_key)}{icon("arrow-right")}</a>
                        })}
                    </li>
                </ul>
            </nav>
        }
    })
}

/// The way to a list as a table for other programs, with the same filter.
pub fn csv_link(path: String, texts: Texts) -> impl IntoView {
    view! {
        <p class="no-print">
            <a class="btn quiet" href=path rel="external" download>{icon("download")}{texts.text("list-csv")}</a>
        </p>
    }
}
