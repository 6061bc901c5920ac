//! A kind of rooms: its nights with what is left, arrival and departure, the exact price, and the button.

mod book;
mod price;

use jiff::{Timestamp, ToSpan, civil::Date};
use leptos::prelude::*;

use super::{
    calendar::{Calendar, Choice},
    conflict::conflict,
};
use crate::{
    account::guard,
    server::AppState,
    stay::forms::{Said, TAKE},
    ui::{Hidden, Page, icon, isolate, page, path_parameter, query, request_error, texts},
};
use engine::{
    account::Caller,
    error::AppError,
    i18n::Texts,
    stay::{self, MAX_ROOMS, Night, SeenRoomType, WantedRooms},
    time,
};

/// A kind of rooms, for everybody.
#[component]
pub fn RoomPage() -> impl IntoView {
    page(async {
        let caller = guard::caller().await?;
        let caller = caller.filter(|caller| !caller.role().is_staff());
        room_page("/rooms", caller, None).await
    })
}

/// A kind of rooms, for a patient whom the desk books.
#[component]
pub fn AdminRoomPage() -> impl IntoView {
    page(async {
        let caller = guard::desk().await?;
        let patient = query("patient").and_then(|id| id.parse().ok());
        room_page("/admin/rooms", Some(caller), patient).await
    })
}

/// The page of one kind of rooms.
struct RoomPageOf {
    base: &'static str,
    caller: Option<Caller>,
    /// The patient whom the desk books.
    patient: Option<i64>,
    room_type: SeenRoomType,
    state: AppState,
    texts: Texts,
    now: Timestamp,
    today: Date,
    /// What was typed and not taken.
    kept: Said,
}

async fn room_page(
    base: &'static str,
    caller: Option<Caller>,
    patient: Option<i64>,
) -> Result<Page, AppError> {
    let state = expect_context::<AppState>();
    let room_type = stay::room_type(&state.database, path_parameter("type")?)
        .await
        .map_err(|_| AppError::NotFound)?;
    let is_kept = caller
        .as_ref()
        .is_some_and(|caller| caller.is_kept_from(room_type.what.clinic_id));
    if !room_type.what.active || is_kept {
        return Err(AppError::NotFound);
    }
    let now = state.now();
    let about = match &caller {
        Some(Caller::Patient { id, .. }) => Some(*id),
        _ => patient,
    };
    let kept = match about {
        Some(about) => guard::session().typed(TAKE, &about.to_string()).await?,
        None => Said::default(),
    };
    let page = RoomPageOf {
        base,
        caller,
        patient,
        kept,
        today: room_type.today(now),
        room_type,
        state,
        texts: texts(),
        now,
    };
    page.view().await
}

impl RoomPageOf {
    async fn view(self) -> Result<Page, AppError> {
        let texts = self.texts;
        let said = |name: &str| query(name).unwrap_or_default();
        let (arrival, departure) = (time::date(&said("arrival")), time::date(&said("departure")));
        let rooms = said("rooms").parse().unwrap_or(1);
        let choice = Choice {
            arrival,
            departure,
            rooms,
        };
        let wanted = arrival.zip(departure).map(|(arrival, departure)| WantedRooms {
            room_type_id: self.room_type.id,
            arrival,
            departure,
            rooms,
        });
        let month = query("month")
            .and_then(|month| time::date(&format!("{month}-01")))
            .or(arrival)
            .unwrap_or(self.today)
            .max(self.today.first_of_month());
        let nights = stay::nights(
            &self.state.database,
            self.room_type.id,
            Calendar::range(month),
            self.now,
        )
        .await?;
        // What cannot be had is said before anybody tries.
        let checked = match wanted {
            Some(wanted) => Some((wanted, self.check(wanted).await?)),
            None => None,
        };
        let (price, not_had) = match checked {
            Some((wanted, Ok(price))) => (Some((wanted, price)), None),
            Some((_, Err(error))) => (None, Some(error)),
            None => (None, None),
        };
        // The form stays where only a name is missing, or the database was busy.
        let error = request_error().or(not_had);
        let notice = match error {
            Some(error) => {
                let address = |other: WantedRooms| self.address_of(other);
                Some(conflict(error, self.caller.as_ref(), address).await?)
            }
            None => None,
        };
        let book = match price {
            Some((wanted, price)) => Some(self.book(wanted, price).await?),
            None => None,
        };
        let whose = self.whose().await?;
        let name = self.room_type.name(texts.locale()).to_owned();
        let form = self.form(choice);
        let calendar = self.calendar(month, nights, choice);
        let price = self.room_type.what.price.text(texts.locale());
        let patient = self
            .patient
            .map(|id| format!("?patient={id}"))
            .unwrap_or_default();
        let zone = time::zone_name(&self.room_type.zone_name, &self.room_type.zone, self.now);
        Ok(Page::new(
            name.clone(),
            view! {
                {notice}
                <div class="stack">
                    <a class="back" href=format!("{}{patient}", self.base)>{icon("arrow-left")}{texts.text("rooms-title")}</a>
                    <div class="page-head">
                        <div>
                            <h1>{isolate(name)}</h1>
                            <p>{isolate(self.room_type.clinic_name.clone())}</p>
                            <p>{texts.with("rooms-per-night", &[("price", price.into())])}</p>
                            {whose}
                        </div>
                    </div>
                    {form}
                    {book}
                    <h2>{texts.text("rooms-nights")}</h2>
                    <p class="hint">{texts.text("rooms-calendar-hint")} " " {texts.with("clinic-time", &[("zone", zone.into())])}</p>
                    {calendar}
                </div>
            },
        )
        .shows_problem())
    }

    /// The address at which these rooms can be had.
    fn address_of(&self, wanted: WantedRooms) -> String {
        let patient = self
            .patient
            .map(|id| format!("&patient={id}"))
            .unwrap_or_default();
        format!(
            "{}/{}?arrival={}&departure={}&rooms={}{patient}",
            self.base, wanted.room_type_id, wanted.arrival, wanted.departure, wanted.rooms
        )
    }

    fn calendar(&self, month: Date, nights: Vec<Night>, choice: Choice) -> impl IntoView + use<> {
        let (base, id, patient) = (self.base, self.room_type.id, self.patient);
        let address = move |choice: Choice, month: Date| {
            let mut path = format!(
                "{base}/{id}?month={:04}-{:02}&rooms={}",
                month.year(),
                month.month(),
                choice.rooms
            );
            let dates = [("arrival", choice.arrival), ("departure", choice.departure)];
            for (name, date) in dates {
                if let Some(date) = date {
                    path.push_str(&format!("&{name}={date}"));
                }
            }
            if let Some(patient) = patient {
                path.push_str(&format!("&patient={patient}"));
            }
            path
        };
        Calendar {
            month,
            today: self.today,
            nights,
            choice,
            can_choose: true,
            address: Some(Box::new(address)),
        }
        .view()
    }

    /// The form that asks for a price. It changes nothing, and its answer has an address.
    fn form(&self, choice: Choice) -> impl IntoView + use<> {
        let texts = self.texts;
        let typed = |name: &str| query(name).unwrap_or_default();
        let (arrival, departure) = (typed("arrival"), typed("departure"));
        let first = self.today.to_string();
        let second = self.today.saturating_add(1.day()).to_string();
        let patient = self
            .patient
            .map(|id| view! { <Hidden name="patient" value=id.to_string() /> });
        view! {
            <form method="get" action=format!("{}/{}", self.base, self.room_type.id) class="card stack" id="choose">
                {patient}
                <div class="fields">
                    <div class="field">
                        <label for="arrival">{texts.text("stay-arrival")}</label>
                        <input id="arrival" name="arrival" type="date" required=true min=first value=arrival />
                    </div>
                    <div class="field">
                        <label for="departure">{texts.text("stay-departure")}</label>
                        <input id="departure" name="departure" type="date" required=true min=second value=departure />
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
                            value=choice.rooms.to_string()
                        />
                    </div>
                </div>
                <div class="actions">
                    <button class="btn">{icon("search")}{texts.text("rooms-show")}</button>
                </div>
            </form>
        }
    }
}
