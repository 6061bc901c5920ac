//! The page of the security log, for admins.

use jiff::tz::TimeZone;
use leptos::prelude::*;

use crate::{
    account::guard,
    server::AppState,
    ui::{Page, csv_link, icon, page, pager, query, texts},
};
use engine::{
    audit::{self, Entry, Kind, Search},
    i18n::Texts,
    time,
};

/// The number of notes on a page.
const PER_PAGE: usize = 50;

/// The security log, newest first, of one kind or all.
#[component]
pub fn SecurityPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let kind = query("kind").as_deref().and_then(Kind::parse);
        let before: Option<i64> = query("before").and_then(|id| id.parse().ok());
        let search = Search {
            kind,
            before,
            limit: i64::try_from(PER_PAGE + 1).unwrap_or(i64::MAX),
            ..Search::default()
        };
        let mut entries = audit::entries(&state.database, search).await?;
        let is_more = entries.len() > PER_PAGE;
        entries.truncate(PER_PAGE);
        let older = entries
            .last()
            .filter(|_| is_more)
            .map(|last| path_to(kind, Some(last.id)));
        let newest = before.map(|_| path_to(kind, None));
        let csv = path_to(kind, None).replacen("/admin/security", "/admin/security.csv", 1);
        let list = if entries.is_empty() {
            view! { <div class="empty">{icon("shield-check")}<h2>{texts.text("security-empty")}</h2></div> }
                .into_any()
        } else {
            table(&entries, texts).into_any()
        };
        Ok(Page::new(
            texts.text("security-title"),
            view! {
                <div class="page-head">
                    <div><h1>{texts.text("security-title")}</h1><p>{texts.text("security-intro")}</p></div>
                </div>
                {filter(kind, texts)}
                {list}
                {csv_link(csv, texts)}
                <p>
                    <a class="btn quiet" href="/admin/changes.csv" rel="external" download>
                        {icon("download")}
                        {texts.text("changes-csv")}
                    </a>
                </p>
                {pager((newest, "pages-newest"), (older, "pages-older"), texts)}
            },
        ))
    })
}

fn path_to(kind: Option<Kind>, before: Option<i64>) -> String {
    let pairs: Vec<String> = [
        kind.map(|kind| format!("kind={}", kind.name())),
        before.map(|id| format!("before={id}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    match pairs.is_empty() {
        true => "/admin/security".to_owned(),
        false => format!("/admin/security?{}", pairs.join("&")),
    }
}

/// The text of a kind, by the name that a row has.
pub(super) fn kind_text(name: &str, texts: Texts) -> String {
    match Kind::parse(name) {
        Some(kind) => texts.text(&format!("security-{}", kind.name().replace('_', "-"))),
        None => name.to_owned(),
    }
}

fn filter(chosen: Option<Kind>, texts: Texts) -> impl IntoView {
    let options = Kind::ALL
        .into_iter()
        .map(|kind| {
            view! {
                <option value=kind.name() selected=chosen == Some(kind)>{kind_text(kind.name(), texts)}</option>
            }
        })
        .collect_view();
    view! {
        <form class="filters" method="get" action="/admin/security" role="search" aria-label=texts.text("security-kind")>
            <div class="fields">
                <div class="field">
                    <label for="kind">{texts.text("security-kind")}</label>
                    <select id="kind" name="kind">
                        <option value="">{texts.text("security-all")}</option>
                        {options}
                    </select>
                </div>
                <button class="btn">{icon("filter")}{texts.text("board-do-filter")}</button>
            </div>
        </form>
    }
}

fn table(entries: &[Entry], texts: Texts) -> impl IntoView + use<> {
    let rows = entries.iter().map(|entry| row(entry, texts)).collect_view();
    let head = [
        "column-time",
        "security-kind",
        "security-by",
        "security-whom",
        "security-about",
        "security-address",
    ]
    .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    view! {
        <div class="table-wrap" role="region" aria-label=texts.text("security-title") tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("security-title")}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(entry: &Entry, texts: Texts) -> impl IntoView + use<> {
    let patient = |id: i64| texts.with("security-patient", &[("id", id.to_string().into())]);
    let staff = |id: i64, name: &Option<String>| {
        name.clone()
            .unwrap_or_else(|| texts.with("security-staff", &[("id", id.to_string().into())]))
    };
    let by = match (entry.by_staff_id, entry.by_patient_id) {
        (Some(id), _) => staff(id, &entry.by_staff_name),
        (None, Some(id)) => patient(id),
        (None, None) => texts.text(match entry.actor.as_str() {
            "system" => "security-system",
            _ => "security-visitor",
        }),
    };
    let whom = [
        entry.staff_id.map(|id| staff(id, &entry.staff_name)),
        entry.patient_id.map(patient),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(", ");
    let cell = |key: &'static str, text: String| view! { <td data-label=texts.text(key)>{text}</td> };
    view! {
        <tr>
            <th scope="row">
                <time datetime=entry.noted_at.to_string()>{time::moment(entry.noted_at, &TimeZone::UTC, texts)}</time>
            </th>
            {cell("security-kind", kind_text(&entry.kind, texts))}
            {cell("security-by", by)}
            {cell("security-whom", whom)}
            {cell("security-about", entry.about.clone())}
            {cell("security-address", entry.address.clone())}
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use engine::i18n::Locale;

    use super::*;

    #[test]
    fn every_kind_has_a_text_in_every_language() {
        for locale in Locale::ALL {
            for kind in Kind::ALL {
                let text = kind_text(kind.name(), Texts::of(locale));
                assert!(
                    !text.is_empty() && !text.contains("security-"),
                    "{locale:?} {kind:?}: {text}"
                );
            }
        }
    }

    #[test]
    fn a_link_has_the_kind_and_where_to_go_on() {
        assert_eq!(path_to(None, None), "/admin/security");
        assert_eq!(path_to(Some(Kind::Denied), None), "/admin/security?kind=denied");
        assert_eq!(
            path_to(Some(Kind::SignIn), Some(17)),
            "/admin/security?kind=sign_in&before=17"
        );
    }
}
