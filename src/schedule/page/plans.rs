//! The doctors whose working plans an admin of named clinics makes, clinic by clinic.

use leptos::prelude::*;

use super::stop::doctors_by_clinic;
use crate::{
    account::guard,
    schedule::forms::path_of,
    server::AppState,
    ui::{Page, icon, isolate, page, texts},
};

/// The doctors at the clinics of an admin, each with the way to the working plan there.
#[component]
pub fn PlansPage() -> impl IntoView {
    page(async {
        let caller = guard::planner().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let all = doctors_by_clinic(&state, &caller).await?;
        let list = all
            .iter()
            .map(|whose| {
                let path = format!("{}?clinic={}", path_of(&caller, whose.doctor_id), whose.clinic_id);
                view! {
                    <li>
                        <a href=path>{isolate(whose.doctor.clone())}</a>
                        " "
                        <span class="soft">{isolate(whose.clinic.clone())}</span>
                    </li>
                }
            })
            .collect_view();
        let body = match all.is_empty() {
            true => view! {
                <div class="empty">{icon("calendar-x")}<h2>{texts.text("plans-none")}</h2></div>
            }
            .into_any(),
            false => view! { <ul class="plain">{list}</ul> }.into_any(),
        };
        let title = texts.text("plans-title");
        Ok(Page::new(
            title.clone(),
            view! {
                <div class="page-head">
                    <div><h1>{title}</h1><p>{texts.text("plans-text")}</p></div>
                </div>
                {body}
            },
        ))
    })
}
