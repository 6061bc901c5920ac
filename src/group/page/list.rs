//! The sessions that patients can take seats in.

use leptos::prelude::*;

use super::{from_to, left, live};
use crate::{
    server::AppState,
    ui::{Page, icon, isolate, page, query, texts},
};
use engine::{
    error::AppError,
    group::{Listed, Seen, coming},
    i18n::Texts,
    time,
};

/// The most sessions on a page.
const MOST: i64 = 100;
/// The most of them on another page.
const ON_START: i64 = 6;

/// The sessions that are ahead, all or of one service.
#[component]
pub fn GroupsPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let state = expect_context::<AppState>();
        let id = |name| query(name).and_then(|id| id.parse::<i64>().ok());
        let seen = Seen {
            service: query("service").filter(|service| !service.is_empty() && !service.contains('\0')),
            clinic_id: id("clinic"),
            doctor_id: id("doctor"),
            limit: MOST,
            ..Seen::default()
        };
        let is_filtered = seen.service.is_some() || seen.clinic_id.is_some() || seen.doctor_id.is_some();
        let listed = coming(&state.database, seen, state.now()).await?;
        let all = is_filtered.then(|| view! { <p><a href="/groups">{texts.text("group-all")}</a></p> });
        let live = live(&listed, "groups", texts);
        let view = if listed.is_empty() {
            view! {
                <div class="empty">
                    {icon("calendar")}
                    <h2>{texts.text("group-none-title")}</h2>
                    <p>{texts.text("group-none-text")}</p>
                    <a class="btn primary" href="/">{texts.text("nav-find")}</a>
                </div>
            }
            .into_any()
        } else {
            view! {
                <section aria-labelledby="ahead">
                    <h2 id="ahead" class="hide">{texts.text("coming")}</h2>
                    <ul class="visits">{listed.iter().map(|one| card(one, texts)).collect_view()}</ul>
                </section>
            }
            .into_any()
        };
        Ok(Page::new(
            texts.text("group-title"),
            view! {
                <div class="page-head">
                    <div><h1>{texts.text("group-title")}</h1><p>{texts.text("group-intro")}</p></div>
                </div>
                {all}
                <div id="groups" class="stack-l">{view}</div>
                {live}
            },
        ))
    })
}

/// The next sessions, all or of one service, on a page of others; nothing where there are none.
///
/// # Errors
/// Those of the database.
pub async fn section(
    state: &AppState,
    service_id: Option<i64>,
    texts: Texts,
) -> Result<Option<AnyView>, AppError> {
    let seen = Seen {
        service_id,
        limit: ON_START,
        ..Seen::default()
    };
    let listed = coming(&state.database, seen, state.now()).await?;
    if listed.is_empty() {
        return Ok(None);
    }
    let cards = listed.iter().map(|one| card(one, texts)).collect_view();
    Ok(Some(
        view! {
            <section class="stack" aria-labelledby="groups">
                <h2 id="groups">{texts.text("group-title")}</h2>
                <p class="soft">{texts.text("group-intro")}</p>
                <ul class="visits">{cards}</ul>
                <p><a class="btn quiet" href="/groups">{texts.text("group-all")}</a></p>
            </section>
        }
        .into_any(),
    ))
}

fn card(listed: &Listed, texts: Texts) -> impl IntoView + use<> {
    let group = &listed.group;
    let date = time::local_date(group.starts_at, &listed.zone);
    let [weekday, day, month] = time::leaf(date, texts);
    let price = group.price_of(1).map(|price| price.text(texts.locale()));
    view! {
        <li class="card visit">
            <span class="leaf" aria-hidden="true"><span>{weekday}</span><b>{day}</b><span>{month}</span></span>
            <div>
                <h3><a href=format!("/groups/{}", group.id)>{isolate(group.title.clone())}</a></h3>
                <p>{from_to(listed, texts)}</p>
                <p class="soft">
                    {isolate(listed.service(texts.locale()).to_owned())} " · " {isolate(listed.doctor(texts))} " · "
                    {isolate(listed.clinic_name.clone())}
                </p>
                {price.map(|price| view! { <p class="soft">{price}</p> })}
                <p class="free">{left(listed, texts)}</p>
            </div>
        </li>
    }
}
