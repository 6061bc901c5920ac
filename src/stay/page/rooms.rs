//! The kinds of rooms that can be booked.

use leptos::prelude::*;

use crate::{
    account::guard,
    server::AppState,
    ui::{Page, icon, isolate, page, query, texts},
};
use engine::{
    account::Caller,
    desk,
    error::AppError,
    i18n::Texts,
    stay::{SeenRoomType, room_types},
};

/// The kinds of rooms, for everybody.
#[component]
pub fn RoomsPage() -> impl IntoView {
    page(async { rooms_page("/rooms", None, None).await })
}

/// The kinds of rooms of the desk's clinics, for a patient.
#[component]
pub fn AdminRoomsPage() -> impl IntoView {
    page(async {
        let caller = guard::desk().await?;
        let patient = query("patient").and_then(|id| id.parse().ok());
        rooms_page("/admin/rooms", Some(caller), patient).await
    })
}

async fn rooms_page(
    base: &'static str,
    caller: Option<Caller>,
    patient: Option<i64>,
) -> Result<Page, AppError> {
    let (texts, state) = (texts(), expect_context::<AppState>());
    let mut types = room_types(&state.database).await?;
    types.retain(|one| {
        one.what.active
            && caller
                .as_ref()
                .is_none_or(|caller| !caller.is_kept_from(one.what.clinic_id))
    });
    let whose = match (&caller, patient) {
        (Some(caller), Some(id)) => {
            let person = desk::patient(&state.database, caller, id, state.now()).await?;
            let name = person.name.unwrap_or_else(|| texts.text("no-patient-name"));
            Some(view! { <p>{icon("user")} " " <b>{isolate(name)}</b></p> })
        }
        _ => None,
    };
    let list = match types.is_empty() {
        true => view! {
            <div class="empty">
                {icon("building")}
                <h2>{texts.text("rooms-empty-title")}</h2>
                <p>{texts.text("rooms-empty-text")}</p>
            </div>
        }
        .into_any(),
        false => {
            let cards = types
                .iter()
                .map(|one| card(one, base, patient, texts))
                .collect_view();
            view! { <ul class="rows">{cards}</ul> }.into_any()
        }
    };
    Ok(Page::new(
        texts.text("rooms-title"),
        view! {
            <div class="page-head">
                <div>
                    <h1>{texts.text("rooms-title")}</h1>
                    <p>{texts.text("rooms-intro")}</p>
                    {whose}
                </div>
            </div>
            {list}
        },
    ))
}

fn card(one: &SeenRoomType, base: &str, patient: Option<i64>, texts: Texts) -> impl IntoView + use<> {
    let patient = patient.map(|id| format!("?patient={id}")).unwrap_or_default();
    let path = format!("{base}/{}{patient}", one.id);
    let price = one.what.price.text(texts.locale());
    view! {
        <li class="row whole">
            <div>
                <h2><a href=path>{isolate(one.name(texts.locale()).to_owned())}</a></h2>
                <p>{isolate(one.clinic_name.clone())}</p>
                <p class="soft">{texts.with("rooms-per-night", &[("price", price.into())])}</p>
            </div>
        </li>
    }
}

/// The way to the rooms, from the start page; nothing where there are none.
///
/// # Errors
/// Those of the database.
pub async fn link_to_rooms(
    state: &AppState,
    texts: Texts,
) -> Result<Option<impl IntoView + use<>>, AppError> {
    let has_some = room_types(&state.database)
        .await?
        .iter()
        .any(|one| one.what.active);
    Ok(has_some.then(|| {
        view! {
            <p><a class="btn quiet" href="/rooms">{icon("building")}{texts.text("rooms-link")}</a></p>
        }
    }))
}
