//! A service with any doctor: for whom the time matters more than the face.

use crate::{
    account::guard,
    booking::{forms::HoldAny, page::conflict::conflict},
    server::AppState,
    ui::{Page, icon, isolate, page, path_parameter, query, request_error, texts},
};
use jiff::civil;
use leptos::{prelude::*, server_fn::ServerFn};

use super::times::{TimesForm, busy_times, list_of_days, mode_icon, write_days};
use engine::{
    availability::{self, AnyPage, Offering},
    i18n::Texts,
    time,
};

fn path(service_id: i64, clinic_id: Option<i64>) -> String {
    match clinic_id {
        Some(clinic_id) => format!("/services/{service_id}?clinic={clinic_id}"),
        // With a query, for paging.
        None => format!("/services/{service_id}?clinic="),
    }
}

/// Lists the services that any doctor can be booked for, on the start page.
pub(super) fn services(
    services: Vec<Offering>,
    clinic_id: Option<i64>,
    texts: Texts,
) -> impl IntoView + use<> {
    let picks = services
        .into_iter()
        .map(|offering| {
            pick(
                path(offering.service_id, clinic_id),
                &offering,
                offering.service(texts.locale()).to_owned(),
                None,
                false,
                texts,
            )
        })
        .collect_view();
    view! {
        <section class="stack" aria-labelledby="any-doctor">
            <h2 id="any-doctor">{texts.text("any-doctor-start")}</h2>
            <p class="soft">{texts.text("any-doctor-start-text")}</p>
            <ul class="picks">{picks}</ul>
        </section>
    }
}

fn pick(
    href: String,
    offering: &Offering,
    name: String,
    about: Option<String>,
    is_chosen: bool,
    texts: Texts,
) -> impl IntoView + use<> {
    let about = about.unwrap_or_else(|| {
        let minutes = texts.with("minutes", &[("count", offering.rules.duration.into())]);
        match &offering.price {
            Some(price) => format!("{minutes} · {}", price.text(texts.locale())),
            None => minutes,
        }
    });
    view! {
        <li>
            <a class="pick" href=href aria-current=is_chosen.then_some("true")>
                {icon(mode_icon(&offering.mode))}
                <span><b>{isolate(name)}</b><small>{isolate(about)}</small></span>
            </a>
        </li>
    }
}

/// The times at which any doctor is free.
#[component]
pub fn AnyDoctorPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let state = expect_context::<AppState>();
        let service_id = path_parameter("service")?;
        let clinic_id: Option<i64> = query("clinic").and_then(|id| id.parse().ok());
        let from: Option<civil::Date> = query("from").and_then(|date| time::date(&date));
        let AnyPage {
            places,
            anywhere,
            times,
        } = availability::page_of_any(
            &state.database,
            service_id,
            clinic_id,
            from,
            guard::session().visitor().await?,
            state.now(),
        )
        .await?;
        let problem = conflict(request_error(), None).await?;
        let groups = crate::group::page::section(&state, Some(service_id), texts).await?;
        let offering = times.offering.clone();
        let chosen = (!anywhere).then_some(offering.clinic_id);
        let one_clock = places.iter().all(|place| place.zone_name == offering.zone_name);
        let several = places.len() > 1;
        let place_name = match anywhere {
            true => texts.text("any-clinic"),
            false => offering.clinic_name.clone(),
        };
        let everywhere = (several && one_clock).then(|| {
            let href = format!("{}#times", path(service_id, None));
            let name = texts.text("any-clinic");
            pick(href, &offering, name, None, anywhere, texts)
        });
        let each = places
            .iter()
            .map(|place| {
                let href = format!("{}#times", path(service_id, Some(place.clinic_id)));
                let (name, about) = (place.clinic_name.clone(), Some(place.clinic_address.clone()));
                pick(href, place, name, about, chosen == Some(place.clinic_id), texts)
            })
            .collect_view();
        let mut hidden = vec![("service_id", service_id.to_string())];
        hidden.extend(chosen.map(|id| ("clinic_id", id.to_string())));
        let title = texts.with(
            "any-doctor-title",
            &[("service", offering.service(texts.locale()).to_owned().into())],
        );
        let form = TimesForm {
            action: HoldAny::url().to_owned(),
            hidden,
            base: path(service_id, chosen),
            with: title.clone(),
            busy: busy_times().await?,
            ..TimesForm::default()
        };
        let written = write_days(&times, &form.busy, texts);
        Ok(Page::new(
            title.clone(),
            view! {
                {problem}
                <div class="stack">
                    <a class="back" href="/">{icon("arrow-left")}{texts.text("all-doctors")}</a>
                    <div class="page-head"><div><h1>{title}</h1><p>{texts.text("any-doctor-intro")}</p></div></div>
                </div>
                <details class="fold">
                    <summary>
                        <span><b>{place_name}</b><small>{texts.text("another-clinic")}</small></span>
                        {icon("chevron-down")}
                    </summary>
                    <ul class="picks">{everywhere}{each}</ul>
                </details>
                <section class="stack" aria-labelledby="times">
                    <h2 id="times">{texts.text("choose-a-time")}</h2>
                    {list_of_days(&times, written, form, texts)}
                </section>
                {groups}
            },
        )
        .shows_problem())
    })
}
