//! Two records side by side, and the choice of what is kept.

use leptos::{prelude::*, server_fn::ServerFn};

use super::forms::{FindSame, MergePatients, SEARCH, UndoMerge};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    server::AppState,
    ui::{
        Hidden, Page, Tone, icon, isolate, notice, page, path_parameter, problem, query, request_error, texts,
    },
};
use engine::{
    account::Caller,
    appointment::{Search, path_of},
    desk::{
        self, Card, Listing, Person,
        merge::{self, Comparison, MergeDone, Overlap, Side},
    },
    error::AppError,
    i18n::Texts,
    time,
};
use jiff::tz::TimeZone;

/// How many records a search shows.
const MOST_FOUND: i64 = 20;

/// Chooses the other record of a patient, or compares the two.
#[component]
pub fn MergePage() -> impl IntoView {
    page(async {
        let caller = guard::admin().await?;
        let id: i64 = path_parameter("patient")?;
        match query("with").and_then(|other| other.parse().ok()) {
            Some(other) => compare_page(&caller, id, other).await,
            None => choose_page(&caller, id).await,
        }
    })
}

async fn choose_page(caller: &Caller, id: i64) -> Result<Page, AppError> {
    let texts = texts();
    let state = expect_context::<AppState>();
    let now = state.now();
    let person = desk::patient(&state.database, caller, id, now).await?;
    let alike = merge::candidates(&state.database, caller, id).await?;
    let words: String = match query("searched") {
        Some(_) => guard::session().typed(SEARCH, &id.to_string()).await?,
        None => String::new(),
    };
    let found = match words.trim() {
        "" => Vec::new(),
        _ => {
            let listing = Listing {
                search: Search::new(&words, state.config.rules.country),
                after: None,
                limit: MOST_FOUND,
            };
            desk::patients(&state.database, caller, listing, now).await?
        }
    };
    let none_found = !words.trim().is_empty() && found.is_empty();
    let link = |other: Person| {
        let name = other.name.unwrap_or_else(|| texts.text("no-patient-name"));
        view! {
            <li class="row">
                <div>
                    <h3><a href=format!("/admin/patients/{id}/merge?with={}", other.id)>{isolate(name)}</a></h3>
                    <p class="num">{other.phone}</p>
                </div>
            </li>
        }
    };
    let alike_rows = alike.into_iter().map(link).collect_view();
    let found_rows = found
        .into_iter()
        .filter(|found| found.id != id)
        .map(link)
        .collect_view();
    let name = person.name.unwrap_or_else(|| texts.text("no-patient-name"));
    let title = texts.with("merge-choose-title", &[("patient", name.into())]);
    Ok(Page::new(
        title.clone(),
        view! {
            <div class="stack">
                <a class="back" href=format!("/admin/patients/{id}")>{icon("arrow-left")}{texts.text("patient-open")}</a>
                <div class="page-head"><div><h1>{title}</h1><p>{texts.text("merge-choose-text")}</p></div></div>
            </div>
            <section class="stack" aria-labelledby="alike-title">
                <h2 id="alike-title">{texts.text("merge-alike")}</h2>
                <ul class="rows">{alike_rows}</ul>
            </section>
            <section class="stack" aria-labelledby="search-title">
                <h2 id="search-title">{texts.text("merge-search")}</h2>
                <form class="filters" method="post" action=FindSame::url() role="search">
                    <Hidden name="patient" value=id.to_string() />
                    <div class="fields">
                        <div class="field">
                            <label for="search">{texts.text("merge-search-label")}</label>
                            <input id="search" name="search" type="search" value=words autocomplete="off" />
                        </div>
                        <button class="btn">{icon("search")}{texts.text("find")}</button>
                    </div>
                </form>
                {none_found.then(|| view! { <p role="status">{texts.text("merge-nobody")}</p> })}
                <ul class="rows">{found_rows}</ul>
            </section>
        },
    ))
}

async fn compare_page(caller: &Caller, id: i64, other: i64) -> Result<Page, AppError> {
    let texts = texts();
    let state = expect_context::<AppState>();
    let comparison = merge::compare(&state.database, caller, id, other, state.now()).await?;
    let said = request_error().map(|error| problem(error, texts));
    let overlaps = overlaps(&comparison.overlaps, texts);
    let form = comparison.overlaps.is_empty().then(|| form(&comparison, texts));
    let title = texts.text("merge-title");
    Ok(Page::new(
        title.clone(),
        view! {
            {said}
            <div class="stack">
                <a class="back" href=format!("/admin/patients/{id}/merge")>
                    {icon("arrow-left")}
                    {texts.text("merge-other")}
                </a>
                <div class="page-head"><div><h1>{title}</h1><p>{texts.text("merge-text")}</p></div></div>
            </div>
            {overlaps}
            {form}
            <p><a class="btn" href=format!("/admin/patients/{other}/merge?with={id}")>{texts.text("merge-swap")}</a></p>
        },
    )
    .shows_problem())
}

fn overlaps(overlaps: &[Overlap], texts: Texts) -> Option<impl IntoView + use<>> {
    let rows = overlaps
        .iter()
        .map(|overlap| {
            let link = |item: &engine::appointment::Item| {
                let href = path_of(engine::account::Role::Admin, &item.reference);
                let when = time::moment(item.starts_at, &item.zone, texts);
                view! { <a href=href>{when} ", " {isolate(item.doctor(texts))}</a> }
            };
            view! { <li>{link(&overlap.stays)} " / " {link(&overlap.goes)}</li> }
        })
        .collect_view();
    (!overlaps.is_empty()).then(|| {
        let body = view! { <ul class="plain">{rows}</ul> };
        notice(Tone::Warn, texts.text("error-records-overlap"), body)
    })
}

/// A part of a record, as each of the two has it.
struct Choice {
    name: &'static str,
    label: &'static str,
    stays: String,
    goes: String,
}

fn choices(comparison: &Comparison, texts: Texts) -> Vec<Choice> {
    let (stays, goes) = (&comparison.stays.card, &comparison.goes.card);
    let of = |read: fn(&Card) -> Option<String>| {
        let said = |card| read(card).unwrap_or_else(|| texts.text("merge-nothing"));
        (said(stays), said(goes))
    };
    let choice = |name, label, (stays, goes)| Choice {
        name,
        label,
        stays,
        goes,
    };
    vec![
        choice("name", "card-name", of(|card| card.person.name.clone())),
        choice("phone", "phone-label", of(|card| Some(card.person.phone.clone()))),
        choice("contact", "card-email", of(|card| card.email.clone())),
        choice(
            "birthday",
            "card-birthday",
            of(|card| card.birthday.map(|day| day.to_string())),
        ),
    ]
}

fn form(comparison: &Comparison, texts: Texts) -> impl IntoView + use<> {
    let rows = choices(comparison, texts)
        .into_iter()
        .map(|choice| {
            let Choice {
                name,
                label,
                stays,
                goes,
            } = choice;
            // What both have alike is no choice.
            if stays == goes {
                return view! { <p>{texts.text(label)} ": " <b>{isolate(stays)}</b></p> }.into_any();
            }
            view! {
                <fieldset class="choices">
                    <legend>{texts.text(label)}</legend>
                    <label class="choice">
                        <input type="radio" name=name value="stays" checked required />
                        <span>{isolate(stays)}</span>
                    </label>
                    <label class="choice">
                        <input type="radio" name=name value="goes" />
                        <span>{isolate(goes)}</span>
                    </label>
                </fieldset>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <div class="with-aside">
            {side(&comparison.stays, "merge-stays", texts)}
            {side(&comparison.goes, "merge-goes", texts)}
        </div>
        <section class="card stack" aria-labelledby="keep-title">
            <h2 id="keep-title">{texts.text("merge-keep")}</h2>
            <form method="post" action=MergePatients::url() class="stack">
                <KeyField />
                <Hidden name="stays" value=comparison.stays.card.person.id.to_string() />
                <Hidden name="goes" value=comparison.goes.card.person.id.to_string() />
                {rows}
                <p class="soft">{texts.text("merge-moves")}</p>
                <div class="actions">
                    <button class="btn danger primary">{texts.text("merge-do")}</button>
                </div>
            </form>
        </section>
    }
}

fn side(side: &Side, heading: &'static str, texts: Texts) -> impl IntoView + use<> {
    let card = &side.card;
    let name = card
        .person
        .name
        .clone()
        .unwrap_or_else(|| texts.text("no-patient-name"));
    let count = i64::try_from(side.appointments.len()).unwrap_or(i64::MAX);
    let last = side.appointments.first().map(|item| {
        let when = time::moment(item.starts_at, &item.zone, texts);
        view! { <p>{texts.with("merge-last", &[("when", when.into())])}</p> }
    });
    let since = time::moment(side.created_at, &TimeZone::UTC, texts);
    let note = (!card.note.is_empty()).then(|| view! { <p class="said" dir="auto">{card.note.clone()}</p> });
    view! {
        <section class="card stack-s">
            <p class="soft">{texts.text(heading)}</p>
            <h2>{isolate(name)}</h2>
            <p class="num">{card.person.phone.clone()}</p>
            <p>{texts.with("patient-visits", &[("count", count.into())])}</p>
            {last}
            <p class="soft">{texts.with("merge-since", &[("when", since.into())])}</p>
            {note}
        </section>
    }
}

/// The merges into a record, with the way to take one back, and the way to another merge.
pub fn section(id: i64, merges: &[MergeDone], texts: Texts) -> impl IntoView + use<> {
    let rows = merges
        .iter()
        .map(|merge| {
            let values = [
                (
                    "name",
                    merge
                        .from_name
                        .clone()
                        .unwrap_or_else(|| texts.text("no-patient-name"))
                        .into(),
                ),
                ("who", merge.by.clone().into()),
                ("when", time::moment(merge.at, &TimeZone::UTC, texts).into()),
            ];
            let key = match merge.is_undone {
                true => "merge-was-undone",
                false => "merge-was-made",
            };
            let undo = merge.can_be_undone.then(|| {
                view! {
                    <form method="post" action=UndoMerge::url()>
                        <KeyField />
                        <Hidden name="merge" value=merge.id.to_string() />
                        <button class="btn">{texts.text("merge-undo")}</button>
                    </form>
                }
            });
            view! { <li class="row"><div><p>{texts.with(key, &values)}</p></div>{undo}</li> }
        })
        .collect_view();
    view! {
        <section class="stack" aria-labelledby="merge-section">
            <h2 id="merge-section">{texts.text("merge-section")}</h2>
            <ul class="rows">{rows}</ul>
            <p><a class="btn" href=format!("/admin/patients/{id}/merge")>{texts.text("merge-begin")}</a></p>
        </section>
    }
}

/// What became of the form that led to the page of a patient.
pub fn said(texts: Texts) -> Option<AnyView> {
    let number = |name: &str| query(name).and_then(|text| text.parse::<i64>().ok());
    if let Some(count) = number("merged") {
        let title = texts.with("merge-done", &[("count", count.into())]);
        let body = view! { <p>{texts.text("merge-done-text")}</p> };
        return Some(notice(Tone::Good, title, body).into_any());
    }
    let count = number("undone")?;
    let since = number("since").unwrap_or(0);
    let stays = (since > 0).then(|| {
        view! { <p>{texts.with("merge-undone-since", &[("count", since.into())])}</p> }
    });
    let phone = (query("phone").as_deref() == Some("false"))
        .then(|| view! { <p>{texts.text("merge-undone-phone")}</p> });
    let body = view! { {stays} {phone} };
    let title = texts.with("merge-undone", &[("count", count.into())]);
    Some(notice(Tone::Good, title, body).into_any())
}
