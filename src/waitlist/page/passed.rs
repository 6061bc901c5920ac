//! Why whom: the one who was offered a time, and those who had waited longer.

use engine::{
    account::Caller,
    error::AppError,
    time,
    waitlist::{self, Misfit},
};
use jiff::tz::TimeZone;
use leptos::prelude::*;

use super::{facts, offer_text};
use crate::{
    account::guard,
    server::AppState,
    ui::{Page, icon, page, path_parameter, texts},
    waitlist::forms::base_of,
};

/// Why whom, for the desk.
#[component]
pub fn AdminPassedOverPage() -> impl IntoView {
    page(async { passed_over_page(guard::desk().await?).await })
}

/// Why whom, for the doctor of the time.
#[component]
pub fn DoctorPassedOverPage() -> impl IntoView {
    page(async { passed_over_page(guard::doctor().await?.0).await })
}

async fn passed_over_page(caller: Caller) -> Result<Page, AppError> {
    let (texts, state) = (texts(), expect_context::<AppState>());
    let now = state.now();
    let base = base_of(&caller);
    let offer_id: i64 = path_parameter("offer")?;
    let (offer, among) = waitlist::passed_over(&state.database, &caller, offer_id, now).await?;
    let why = match &offer.offered_by {
        Some(name) => texts.with("waitlist-why-by-hand", &[("name", name.clone().into())]),
        None => texts.text(&format!("waitlist-why-{}", offer.why.as_str())),
    };
    let rows = vec![
        ("doctor", offer.doctor(texts)),
        ("service", offer.service(texts.locale()).to_owned()),
        ("where", offer.clinic_name.clone()),
    ];
    let passed = among
        .iter()
        .map(|one| {
            let key = match one.misfit {
                Some(misfit) => format!("waitlist-misfit-{}", Misfit::as_str(misfit)),
                None => "waitlist-misfit-none".to_owned(),
            };
            let name = one.patient_name.clone();
            let name = name.unwrap_or_else(|| texts.text("no-patient-name"));
            let patient = base.replace("/waitlist", &format!("/patients/{}", one.patient_id));
            let name = match one.is_known {
                true => view! { <a href=patient><bdi>{name}</bdi></a> }.into_any(),
                false => view! { <bdi>{name}</bdi> }.into_any(),
            };
            let since = time::moment(one.joined_at, &TimeZone::UTC, texts);
            let since = texts.with("waitlist-joined", &[("when", since.into())]);
            view! {
                <li>
                    <p>{name} ": " {texts.text(&key)}</p>
                    <p class="soft">{since}</p>
                </li>
            }
        })
        .collect_view();
    let list = match among.is_empty() {
        true => view! { <p>{texts.text("waitlist-why-nobody")}</p> }.into_any(),
        false => view! { <ol class="timeline">{passed}</ol> }.into_any(),
    };
    Ok(Page::new(
        texts.text("waitlist-why-title"),
        view! {
            <div class="stack">
                <a class="back" href=base>{icon("arrow-left")}{texts.text("waitlist-title")}</a>
                <h1>{texts.text("waitlist-why-title")}</h1>
                <p><b>{offer_text(&offer, now, texts)}</b></p>
                {facts(rows, texts)}
                <p>{why}</p>
                <p class="soft">{texts.text("waitlist-why-rule")}</p>
                <section class="stack-s" aria-labelledby="passed">
                    <h2 id="passed">{texts.text("waitlist-why-longer")}</h2>
                    {list}
                </section>
            </div>
        },
    ))
}
