//! Whom the one box found.

use leptos::prelude::*;

use super::name_of;
use crate::{
    account::guard,
    appointment::page::{badge, patient_name},
    desk::find::forms::{FORM, shortened},
    server::AppState,
    ui::{Page, csv_link, icon, isolate, page, texts},
};
use engine::{
    account::{Role, must_be_admin},
    appointment::{Item, path_of},
    desk::{
        Person,
        find::{Anybody, Asked, find_anybody},
    },
    i18n::Texts,
    time,
};

/// The page that Enter leads to: the patients and the appointments that the words in the session are after.
#[component]
pub fn FoundPage() -> impl IntoView {
    page(async {
        let caller = guard::staff().await?;
        let (texts, now) = (texts(), crate::server::now());
        let state = expect_context::<AppState>();
        let typed: String = guard::session().typed(FORM, "").await?;
        let asked = Asked::new(&shortened(&typed), state.config.rules.country);
        let found = find_anybody(&state.database, &caller, asked, now).await?;
        let title = texts.text("found-title");
        // Whoever sees everybody has no need of it.
        let is_limited = must_be_admin(&caller).is_err();
        let for_what = (!typed.is_empty()).then(|| view! { <p>{isolate(typed)}</p> });
        Ok(Page::new(
            title.clone(),
            view! {
                <div class="narrow stack">
                    // What was found comes next.
                    <div class="page-head"><div><h1 tabindex="-1" autofocus>{title}</h1>{for_what}</div></div>
                    {results(&found, caller.role(), texts)}
                    {is_limited.then(|| view! { <p><a href="/staff/glass">{texts.text("glass-title")}</a></p> })}
                    {(!found.people.is_empty()).then(|| csv_link("/staff/patients.csv".to_owned(), texts))}
                </div>
            },
        ))
    })
}

/// The list of whom and what was found, each with the ways to go on.
pub fn results(found: &Anybody, role: Role, texts: Texts) -> impl IntoView + use<> {
    if found.is_empty() {
        return view! { <p class="soft">{texts.text("found-nobody")}</p> }.into_any();
    }
    let people = found
        .people
        .iter()
        .map(|person| one_person(person, role, texts))
        .collect_view();
    let appointments = found
        .appointments
        .iter()
        .map(|item| one_appointment(item, role, texts))
        .collect_view();
    let more = found
        .has_more
        .then(|| view! { <p class="soft">{texts.text("found-more")}</p> });
    view! { <ul class="found">{appointments}{people}</ul> {more} }.into_any()
}

/// The page of a patient for somebody in this role.
fn path_of_person(role: Role, id: i64) -> String {
    match role {
        Role::Doctor => format!("/doctor/patients/{id}"),
        _ => format!("/admin/patients/{id}"),
    }
}

fn one_person(person: &Person, role: Role, texts: Texts) -> impl IntoView + use<> {
    let base = if role.is_at_desk() { "/admin" } else { "/doctor" };
    let name = name_of(person, texts);
    view! {
        <li>
            <a href=path_of_person(role, person.id)>{icon("user")} " " {isolate(name.clone())}</a>
            <span class="num">{person.phone.clone()}</span>
            <a href=format!("{base}/book?patient={}", person.id)>
                {texts.text("desk-book")}
                <span class="hide">": " {name}</span>
            </a>
        </li>
    }
}

fn one_appointment(item: &Item, role: Role, texts: Texts) -> impl IntoView + use<> {
    view! {
        <li>
            <a href=path_of(role, &item.reference)>
                {icon("calendar")}
                " "
                {item.reference.clone()}
                ", "
                {isolate(patient_name(item, texts))}
            </a>
            <span>{time::moment(item.starts_at, &item.zone, texts)}</span>
            {badge(item.status, texts)}
        </li>
    }
}
