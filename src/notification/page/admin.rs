//! What went, what waits and what was given up, for admins.

use jiff::tz::TimeZone;
use leptos::{prelude::*, server_fn::ServerFn};

use super::wording::unfit;
use crate::{
    account::guard,
    monitoring::page::chart::bars,
    notification::forms::{SendMessageAgain, SendTestMessage},
    server::AppState,
    ui::{Hidden, Page, TextField, Tone, csv_link, icon, isolate, notice, page, pager, query, texts},
};
use engine::{
    error::Field,
    i18n::Texts,
    notification::{
        Channel, Kind, State, Trouble,
        board::{self, Entry, Search, Summary, Sums},
        wording,
    },
    time,
};

/// The number of messages on a page.
const PER_PAGE: usize = 50;

/// The messages of the clinic: sums first, then the list, newest first.
#[component]
pub fn AdminMessagesPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let filter = Filter {
            state: query("state").as_deref().and_then(State::parse),
            kind: query("kind").as_deref().and_then(Kind::parse),
            patient_id: query("patient").and_then(|id| id.parse().ok()),
        };
        let before: Option<i64> = query("before").and_then(|id| id.parse().ok());
        let search = Search {
            state: filter.state,
            kind: filter.kind,
            patient_id: filter.patient_id,
            before,
            limit: i64::try_from(PER_PAGE + 1).unwrap_or(i64::MAX),
        };
        let mut entries = board::entries(&state.database, search).await?;
        let is_more = entries.len() > PER_PAGE;
        entries.truncate(PER_PAGE);
        let older = (entries.last().filter(|_| is_more)).map(|last| filter.path(Some(last.id)));
        let newest = before.map(|_| filter.path(None));
        let csv = filter
            .path(None)
            .replacen("/admin/messages", "/admin/messages.csv", 1);
        let wordings = wording::entries(&state.database).await?;
        let summary = board::summary(&state.database, state.now()).await?;
        let list = if entries.is_empty() {
            view! { <div class="empty">{icon("message")}<h2>{texts.text("messages-none")}</h2></div> }
                .into_any()
        } else {
            table(&entries, texts).into_any()
        };
        Ok(Page::new(
            texts.text("messages-admin-title"),
            view! {
                <div class="page-head">
                    <div><h1>{texts.text("messages-admin-title")}</h1><p>{texts.text("messages-admin-intro")}</p></div>
                    <a class="btn" href="/admin/messages/texts">{icon("pencil")}{texts.text("message-texts-title")}</a>
                </div>
                {said(texts)}
                {unfit(&wordings, texts)}
                {sums(&summary, texts)}
                {test_form(texts)}
                <div class="stack">
                    <h2>{texts.text("messages-list")}</h2>
                    {filters(filter, texts)}
                    {list}
                    {csv_link(csv, texts)}
                    {pager((newest, "pages-newest"), (older, "pages-older"), texts)}
                </div>
            },
        ))
    })
}

/// What the list is cut down to.
#[derive(Clone, Copy, Debug, Default)]
struct Filter {
    state: Option<State>,
    kind: Option<Kind>,
    patient_id: Option<i64>,
}

impl Filter {
    fn path(self, before: Option<i64>) -> String {
        let pairs: Vec<String> = [
            self.state.map(|state| format!("state={}", state.as_str())),
            self.kind.map(|kind| format!("kind={}", kind.as_str())),
            self.patient_id.map(|id| format!("patient={id}")),
            before.map(|id| format!("before={id}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        match pairs.is_empty() {
            true => "/admin/messages".to_owned(),
            false => format!("/admin/messages?{}", pairs.join("&")),
        }
    }
}

/// The text of a word of the database.
pub fn word(prefix: &str, word: &str, texts: Texts) -> String {
    texts.text(&format!("{prefix}-{}", word.replace('_', "-")))
}

pub fn kind_text(kind: Option<Kind>, texts: Texts) -> String {
    kind.map_or_else(String::new, |kind| word("kind", kind.as_str(), texts))
}

/// What became of a form of this page.
fn said(texts: Texts) -> Option<AnyView> {
    if query("done").as_deref() == Some("again") {
        return Some(notice(Tone::Good, texts.text("messages-again-done"), ()).into_any());
    }
    let said = match query("test")?.as_str() {
        "sent" => return Some(notice(Tone::Good, texts.text("messages-test-sent"), ()).into_any()),
        "no_sender" => texts.text("messages-test-no-sender"),
        trouble => word("trouble", Trouble::parse(trouble)?.as_str(), texts),
    };
    let body = view! { <p>{said}</p> };
    Some(notice(Tone::Bad, texts.text("messages-test-failed"), body).into_any())
}

fn test_form(texts: Texts) -> impl IntoView {
    view! {
        <form method="post" action=SendTestMessage::url() class="card stack-s">
            <TextField
                field=Field::Phone
                label=texts.text("messages-test-to")
                hint=texts.text("messages-test-hint")
            />
            <div class="actions">
                <button class="btn">{icon("message")}{texts.text("messages-test")}</button>
            </div>
        </form>
    }
}

/// The sums by kind as a table, and by kind and day as a picture.
fn sums(summary: &Summary, texts: Texts) -> Option<impl IntoView + use<>> {
    if summary.kinds.is_empty() {
        return None;
    }
    let numbers = |sums: &Sums| {
        [
            sums.sent,
            sums.waiting,
            sums.planned,
            sums.failed,
            sums.suppressed,
        ]
    };
    let keys = [
        "state-sent",
        "state-waiting",
        "state-planned",
        "state-failed",
        "state-suppressed",
    ];
    let head = keys.map(|key| view! { <th scope="col" class="number">{texts.text(key)}</th> });
    let rows = summary
        .kinds
        .iter()
        .map(|(kind, sums)| {
            let cells = numbers(sums)
                .into_iter()
                .zip(keys)
                .map(|(number, key)| view! { <td class="number" data-label=texts.text(key)>{number}</td> })
                .collect_view();
            view! { <tr><th scope="row">{kind_text(Some(*kind), texts)}</th>{cells}</tr> }
        })
        .collect_view();
    let sent: Vec<(String, f64)> = days(summary, |sums| sums.sent, texts);
    let failed: Vec<(String, f64)> = days(summary, |sums| sums.failed, texts);
    let has_failed = failed.iter().any(|(_, count)| *count > 0.0);
    Some(view! {
        <div class="stack">
            <h2>{texts.text("messages-sums")}</h2>
            <div class="table-wrap" role="region" aria-label=texts.text("messages-sums") tabindex="0">
                <table class="cards">
                    <caption class="hide">{texts.text("messages-sums")}</caption>
                    <thead><tr><th scope="col">{texts.text("messages-kind")}</th>{head}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {(!sent.is_empty()).then(|| view! {
                <h3 id="sent-by-day">{texts.text("messages-sent-by-day")}</h3>
                {bars("sent-by-day", &sent, false)}
            })}
            {has_failed.then(|| view! {
                <h3 id="failed-by-day">{texts.text("messages-failed-by-day")}</h3>
                {bars("failed-by-day", &failed, true)}
            })}
        </div>
    })
}

fn days(summary: &Summary, number: fn(&Sums) -> i64, texts: Texts) -> Vec<(String, f64)> {
    (summary.days.iter())
        // A picture needs no more than one knows of numbers like these.
        .map(|(day, sums)| (time::short_date(*day, texts), number(sums) as f64))
        .collect()
}

fn filters(filter: Filter, texts: Texts) -> impl IntoView {
    let states = (State::ALL.iter())
        .map(|state| {
            view! {
                <option value=state.as_str() selected=filter.state == Some(*state)>{word("state", state.as_str(), texts)}</option>
            }
        })
        .collect_view();
    let kinds = (Kind::ALL.iter())
        .map(|kind| {
            view! {
                <option value=kind.as_str() selected=filter.kind == Some(*kind)>{kind_text(Some(*kind), texts)}</option>
            }
        })
        .collect_view();
    let patient = filter
        .patient_id
        .map(|id| view! { <Hidden name="patient" value=id.to_string() /> });
    view! {
        <form class="filters" method="get" action="/admin/messages" role="search" aria-label=texts.text("messages-list")>
            <div class="fields">
                {patient}
                <div class="field">
                    <label for="state">{texts.text("messages-state")}</label>
                    <select id="state" name="state"><option value="">{texts.text("messages-all")}</option>{states}</select>
                </div>
                <div class="field">
                    <label for="kind">{texts.text("messages-kind")}</label>
                    <select id="kind" name="kind"><option value="">{texts.text("messages-all")}</option>{kinds}</select>
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
        "messages-kind",
        "messages-to",
        "messages-state",
        "messages-text",
    ]
    .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    view! {
        <div class="table-wrap" role="region" aria-label=texts.text("messages-list") tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("messages-list")}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(entry: &Entry, texts: Texts) -> impl IntoView + use<> {
    // When it was sent, or else when it is due.
    let at = entry.sent_at.unwrap_or(entry.due_at);
    let channel = match entry.channel {
        Some(Channel::Email) => "E-mail",
        _ => "SMS",
    };
    let state = entry
        .state
        .map_or_else(String::new, |state| word("state", state.as_str(), texts));
    let why = entry
        .trouble
        .map(|trouble| view! { <p class="soft">{word("trouble", trouble.as_str(), texts)}</p> });
    let bounce = entry.bounce.clone().map(|status| {
        let said = texts.with("messages-bounce", &[("status", status.into())]);
        view! { <p class="soft">{said}</p> }
    });
    let again = entry.can_go_again().then(|| {
        view! {
            <form method="post" action=SendMessageAgain::url()>
                <Hidden name="id" value=entry.id.to_string() />
                <button class="btn quiet">{icon("refresh")}{texts.text("messages-again")}</button>
            </form>
        }
    });
    let about = entry.reference.clone().map(|reference| {
        let href = format!("/admin/appointments/{reference}");
        view! { <p><a href=href>{reference}</a></p> }
    });
    let stay = entry.stay.clone().map(|reference| {
        let href = format!("/admin/stays/{reference}");
        view! { <p><a href=href>{reference}</a></p> }
    });
    let theirs = entry.patient_id.map(|id| {
        let href = Filter {
            patient_id: Some(id),
            ..Filter::default()
        }
        .path(None);
        view! { <p><a href=href>{texts.text("messages-of-patient")}</a></p> }
    });
    view! {
        <tr>
            <th scope="row">
                <time datetime=at.to_string()>{format!("{} UTC", time::moment(at, &TimeZone::UTC, texts))}</time>
            </th>
            <td data-label=texts.text("messages-kind")>{kind_text(entry.kind, texts)}{about} {stay}</td>
            <td data-label=texts.text("messages-to")>{channel} " " {isolate(entry.recipient.clone())}{theirs}</td>
            <td data-label=texts.text("messages-state")>{state}{why}{bounce}{again}</td>
            <td data-label=texts.text("messages-text") class="said">{isolate(entry.text.clone())}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use engine::i18n::Locale;

    use super::*;

    #[test]
    fn every_word_has_a_text_in_every_language() {
        for texts in Locale::ALL.map(Texts::of) {
            let kinds = Kind::ALL.iter().map(|kind| kind_text(Some(*kind), texts));
            let states = State::ALL
                .iter()
                .map(|state| word("state", state.as_str(), texts));
            let troubles = Trouble::ALL
                .iter()
                .map(|trouble| word("trouble", trouble.as_str(), texts));
            for text in kinds.chain(states).chain(troubles) {
                assert!(!text.starts_with("Unknown localization"), "{text}");
            }
        }
    }

    #[test]
    fn a_link_has_what_the_list_is_cut_down_to() {
        assert_eq!(Filter::default().path(None), "/admin/messages");
        let filter = Filter {
            state: Some(State::Failed),
            kind: Some(Kind::ReminderDay),
            patient_id: Some(7),
        };
        assert_eq!(
            filter.path(Some(17)),
            "/admin/messages?state=failed&kind=reminder_day&patient=7&before=17"
        );
    }
}
