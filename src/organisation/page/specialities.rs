//! The page on which specialities are named in other languages.

use leptos::{prelude::*, server_fn::ServerFn};

use super::services::name_label;
use crate::{
    account::guard,
    idempotency::page::KeyField,
    organisation::forms::NameSpeciality,
    server::AppState,
    ui::{Hidden, Page, Tone, icon, isolate, notice, page, problem, query, request_error, texts},
};
use engine::{
    i18n::{Locale, Texts},
    organisation::{self, Speciality, name_field},
};

/// All specialities of doctors, each with a form for its names.
#[component]
pub fn SpecialitiesPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let specialities = organisation::specialities(&state.database).await?;
        let said = match request_error() {
            Some(error) => Some(problem(error, texts)),
            None => query("saved").map(|_| notice(Tone::Good, texts.text("names-saved"), ()).into_any()),
        };
        let list = match specialities.is_empty() {
            true => view! {
                <div class="empty">
                    {icon("stethoscope")}
                    <h2>{texts.text("specialities-empty-title")}</h2>
                    <p>{texts.text("specialities-empty-text")}</p>
                </div>
            }
            .into_any(),
            false => specialities
                .into_iter()
                .enumerate()
                .map(|(place, speciality)| one(place, speciality, texts))
                .collect_view()
                .into_any(),
        };
        let title = texts.text("specialities-title");
        Ok(Page::new(
            title.clone(),
            view! {
                {said}
                <div class="narrow stack">
                    <a class="back" href="/admin/services">{icon("arrow-left")}{texts.text("services-title")}</a>
                    <h1>{title}</h1>
                    <p>{texts.text("specialities-intro")}</p>
                    {list}
                </div>
            },
        )
        .shows_problem())
    })
}

fn one(place: usize, speciality: Speciality, texts: Texts) -> impl IntoView {
    let fields = Locale::ALL
        .map(|locale| {
            let name = name_field(locale).name();
            let id = format!("{name}-{place}");
            view! {
                <div class="field">
                    <label for=id.clone()>
                        {texts.text(name_label(locale))} " " <span class="optional">{texts.text("optional")}</span>
                    </label>
                    <input id=id name=name dir="auto" autocomplete="off" value=speciality.names.get(locale).to_owned() />
                </div>
            }
        })
        .collect_view();
    let title_id = format!("speciality-{place}");
    let labelled_by = title_id.clone();
    view! {
        <section class="card stack" aria-labelledby=labelled_by>
            <h2 id=title_id>{isolate(speciality.name.clone())}</h2>
            <form method="post" action=NameSpeciality::url() class="stack">
                <KeyField />
                <Hidden name="speciality" value=speciality.name.clone() />
                <Hidden name="version" value=speciality.version.to_string() />
                <div class="fields">{fields}</div>
                <div class="actions">
                    <button class="btn">
                        {icon("check")}
                        <span>{texts.text("org-save")}<span class="hide">": " {isolate(speciality.name)}</span></span>
                    </button>
                </div>
            </form>
        </section>
    }
}
