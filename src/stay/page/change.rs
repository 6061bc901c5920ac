//! Extending, shortening and moving a stay.

use jiff::ToSpan;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    calendar::{Calendar, Choice},
    conflict::conflict,
    parts::summary,
};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    server::AppState,
    stay::forms::{CHANGE, ChangeStay, Typed, path_of},
    ui::{Hidden, Page, TextArea, icon, page, path_parameter, query, request_error, texts},
};
use engine::{
    account::Caller,
    error::{AppError, Field},
    stay::{self, MAX_ROOMS, Status, WantedRooms},
    time,
};

/// Other nights or rooms, for a patient.
#[component]
pub fn ChangeStayPage() -> impl IntoView {
    page(async {
        guard::patient().await?;
        change_page(guard::anyone().await?).await
    })
}

/// Other nights or rooms, for the desk.
#[component]
pub fn AdminChangeStayPage() -> impl IntoView {
    page(async { change_page(guard::desk().await?).await })
}

async fn change_page(caller: Caller) -> Result<Page, AppError> {
    let (texts, state) = (texts(), expect_context::<AppState>());
    let now = state.now();
    let item = stay::stay_of_reference(&state.database, &caller, path_parameter("reference")?).await?;
    let path = path_of(&caller, &item.stay.reference);
    if !item.stay.status.can_be_changed() {
        crate::ui::redirect(&path);
        return Ok(Page::new(texts.text("stay-change"), ()));
    }
    let stay = &item.stay;
    let here = format!("{path}/change");
    let error = request_error();
    let kept: Typed = match error {
        Some(_) => guard::session().typed(CHANGE, &stay.reference).await?,
        None => Typed::default(),
    };
    // What was typed, what an offer asks for, or what is there.
    let value = |name: &str, typed: &str, there: String| match typed {
        "" => query(name).unwrap_or(there),
        typed => typed.to_owned(),
    };
    let arrival = value("arrival", &kept.arrival, stay.arrival.to_string());
    let departure = value("departure", &kept.departure, stay.departure.to_string());
    let rooms = value("rooms", &kept.rooms, stay.rooms.to_string());
    let said = match error {
        Some(error) => {
            let own = stay.room_type_id;
            let address = |wanted: WantedRooms| {
                let dates = format!(
                    "arrival={}&departure={}&rooms={}",
                    wanted.arrival, wanted.departure, wanted.rooms
                );
                match wanted.room_type_id == own {
                    true => format!("{here}?{dates}"),
                    // Another kind of rooms is another stay.
                    false if caller.role().is_staff() => format!(
                        "/admin/rooms/{}?{dates}&patient={}",
                        wanted.room_type_id, stay.patient_id
                    ),
                    false => format!("/rooms/{}?{dates}", wanted.room_type_id),
                }
            };
            Some(conflict(error, Some(&caller), address).await?)
        }
        None => None,
    };
    let month = query("month")
        .and_then(|month| time::date(&format!("{month}-01")))
        .or(time::date(&departure))
        .unwrap_or(stay.departure);
    let nights = stay::nights(&state.database, stay.room_type_id, Calendar::range(month), now).await?;
    let address = {
        let here = here.clone();
        move |_: Choice, month: jiff::civil::Date| {
            format!("{here}?month={:04}-{:02}", month.year(), month.month())
        }
    };
    let calendar = Calendar {
        month,
        today: item.today(now),
        nights,
        choice: Choice {
            arrival: Some(stay.arrival),
            departure: Some(stay.departure),
            rooms: 1,
        },
        can_choose: false,
        address: Some(Box::new(address)),
    };
    let has_arrived = stay.status == Status::Arrived;
    let second = stay.arrival.saturating_add(1.day()).to_string();
    let title = texts.text("stay-change-title");
    Ok(Page::new(
        title.clone(),
        view! {
            {said}
            <div class="narrow stack">
                <a class="back" href=path.clone()>
                    {icon("arrow-left")}
                    {texts.with("stay-title", &[("reference", stay.reference.clone().into())])}
                </a>
                <h1>{title}</h1>
                {summary(&item, texts)}
                <p class="soft">{texts.text("stay-change-text")}</p>
                <form method="post" action=ChangeStay::url() class="card stack" id="choose">
                    <KeyField />
                    <Hidden name="reference" value=stay.reference.clone() />
                    <Hidden name="version" value=stay.version.to_string() />
                    <div class="fields">
                        <div class="field">
                            <label for="arrival">{texts.text("stay-arrival")}</label>
                            <input id="arrival" name="arrival" type="date" required=true readonly=has_arrived value=arrival />
                        </div>
                        <div class="field">
                            <label for="departure">{texts.text("stay-departure")}</label>
                            <input id="departure" name="departure" type="date" required=true min=has_arrived.then_some(second) value=departure />
                        </div>
                        <div class="field w-s">
                            <label for="rooms">{texts.text("stay-rooms-label")}</label>
                            <input
                                id="rooms"
                                name="rooms"
                                type="number"
                                min="1"
                                max=MAX_ROOMS.to_string()
                                required=true
                                readonly=has_arrived
                                value=rooms
                            />
                        </div>
                    </div>
                    <TextArea field=Field::Reason label=texts.text("reason-label") value=kept.reason />
                    <div class="actions">
                        <button class="btn primary">{texts.text("stay-change-do")}</button>
                        <a class="btn quiet" href=path>{texts.text("stay-leave-it")}</a>
                    </div>
                </form>
                <h2>{texts.text("rooms-nights")}</h2>
                {calendar.view()}
            </div>
        },
    )
    .shows_problem())
}
