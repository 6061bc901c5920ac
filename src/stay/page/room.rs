//! A kind of rooms: its nights with what is left, arrival and departure, the exact price, and the button.

use jiff::{Timestamp, ToSpan, civil::Date};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    calendar::{Calendar, Choice},
    conflict::conflict,
    parts::{amount, range},
};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    payment::page::{Asks, how, rule},
    server::AppState,
    stay::forms::{Said, TAKE, TakeRooms},
    ui::{
        Hidden, Page, TextArea, TextField, encode, icon, isolate, page, path_parameter, query, request_error,
        texts,
    },
};
use engine::{
    account::{Caller, family},
    desk,
    error::{AppError, Field},
    i18n::Texts,
    money::Price,
    stay::{self, MAX_ROOMS, Night, Search, SeenRoomType, Status, WantedRooms},
    text::isolated,
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

    /// The exact price of rooms that can be had, or why they cannot.
    async fn check(&self, wanted: WantedRooms) -> Result<Result<Price, AppError>, AppError> {
        let nights = wanted.nights();
        if wanted.arrival < self.today || nights < 1 || wanted.rooms < 1 {
            return Ok(Err(AppError::InvalidDateRange));
        }
        let range = (wanted.arrival, wanted.departure);
        let nights = match stay::nights(&self.state.database, self.room_type.id, range, self.now).await {
            Ok(nights) => nights,
            Err(error @ AppError::InvalidDateRange) => return Ok(Err(error)),
            Err(error) => return Err(error),
        };
        let own = self.held(wanted).await?;
        let left = |night: &Night| {
            let of_own = own
                .iter()
                .filter(|hold| hold.each_night().any(|other| other == night.night));
            night.free + of_own.map(|hold| hold.rooms).sum::<i32>()
        };
        let short = nights
            .iter()
            .filter(|night| left(night) < wanted.rooms)
            .min_by_key(|night| (left(night), night.night));
        Ok(match short {
            Some(night) => Err(AppError::RoomsShort {
                wanted,
                available: left(night).max(0),
                night: night.night,
            }),
            None => self.price(wanted),
        })
    }

    /// For whom the rooms are: whom the desk books, or whom of their family the patient has chosen.
    fn whom(&self) -> Option<i64> {
        let Some(caller @ Caller::Patient { id, .. }) = &self.caller else {
            return self.patient;
        };
        let chosen = Some(self.kept.patient).filter(|chosen| caller.acts_for(Some(*chosen)));
        Some(chosen.unwrap_or(*id))
    }

    /// What the patient holds of these rooms: another hold or a booking takes its place.
    async fn held(&self, wanted: WantedRooms) -> Result<Vec<WantedRooms>, AppError> {
        let (Some(caller), Some(patient)) = (&self.caller, self.whom()) else {
            return Ok(Vec::new());
        };
        let search = Search {
            status: Some(Status::Held),
            patient_id: Some(patient),
            room_type_id: Some(wanted.room_type_id),
            limit: 10,
            ..Search::default()
        };
        let held = stay::search(&self.state.database, caller, search).await?;
        let running = held.iter().filter(|item| !item.stay.has_run_out(self.now));
        Ok(running.map(|item| item.stay.wanted()).collect())
    }

    fn price(&self, wanted: WantedRooms) -> Result<Price, AppError> {
        let count = i64::from(wanted.nights()) * i64::from(wanted.rooms);
        let price = &self.room_type.what.price;
        Ok(Price {
            minor: price.minor.checked_mul(count).ok_or(AppError::InvalidDateRange)?,
            currency: price.currency.clone(),
        })
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

    /// What it costs, and the button: to hold it, to book it for a patient, or to sign in first.
    async fn book(&self, wanted: WantedRooms, price: Price) -> Result<AnyView, AppError> {
        let texts = self.texts;
        let one = self.room_type.what.price.text(texts.locale());
        let sum = texts.with(
            "rooms-sum",
            &[
                ("amount", amount(wanted, texts).into()),
                ("price", one.into()),
                ("total", price.text(texts.locale()).into()),
            ],
        );
        let action = match (&self.caller, self.patient) {
            (None, _) => {
                let next = encode(&self.address_of(wanted));
                view! {
                    <p>{texts.text("rooms-sign-in-text")}</p>
                    <div class="actions">
                        <a class="btn primary big" href=format!("/sign-in?next={next}")>{texts.text("rooms-sign-in")}</a>
                    </div>
                }
                .into_any()
            }
            (Some(Caller::Patient { id, .. }), _) => self.take(wanted, *id, "rooms-hold").await?,
            (Some(_), Some(patient)) => self.take(wanted, patient, "rooms-book").await?,
            (Some(_), None) => view! { <p>{texts.text("rooms-no-patient")}</p> }.into_any(),
        };
        let asks = Asks {
            first: Price::of(
                self.room_type.what.terms.when.first(Some(&price)),
                Some(price.currency.clone()),
            ),
            terms: self.room_type.what.terms,
            price: Some(price),
        };
        let how = how(asks.clone(), texts);
        let payment = (self.patient.is_none() && !how.is_empty()).then(|| {
            view! { <p>{texts.text("pay-how")} ": " {how}</p> {rule(asks, texts)} }
        });
        Ok(view! {
            <section class="card stack" aria-labelledby="price">
                <h2 id="price">{texts.text("rooms-price")}</h2>
                <p>{range(wanted, texts)}</p>
                <p><b>{sum}</b></p>
                {payment}
                {action}
            </section>
        }
        .into_any())
    }

    async fn take(&self, wanted: WantedRooms, patient: i64, key: &'static str) -> Result<AnyView, AppError> {
        let texts = self.texts;
        let is_staff = self
            .caller
            .as_ref()
            .is_some_and(|caller| caller.role().is_staff());
        let people = match is_staff {
            true => Vec::new(),
            false => family::of_holder(&self.state.database, patient).await?,
        };
        let chosen = self.whom();
        let whom = match people.len() {
            ..2 => view! { <Hidden name="patient" value=patient.to_string() /> }.into_any(),
            _ => {
                let options = people
                    .into_iter()
                    .map(|person| {
                        let name = person.name.unwrap_or_else(|| texts.text("no-patient-name"));
                        view! { <option value=person.id.to_string() selected=Some(person.id) == chosen>{name}</option> }
                    })
                    .collect_view();
                view! {
                    <div class="field">
                        <label for="patient">{texts.text("course-for-whom")}</label>
                        <select id="patient" name="patient">{options}</select>
                    </div>
                }
                .into_any()
            }
        };
        let kept = self.kept.clone();
        let is_unnamed = self.caller.as_ref().is_some_and(|caller| caller.name().is_none());
        let name = is_unnamed.then(|| {
            view! {
                <TextField
                    field=Field::Name
                    label=texts.text("rooms-your-name")
                    value=kept.name
                    autocomplete="name"
                />
            }
        });
        let reason = is_staff.then(|| {
            view! { <TextArea field=Field::Reason label=texts.text("reason-label") value=kept.reason /> }
        });
        let hint = (!is_staff).then(|| {
            let minutes = self.state.config.rules.booking.hold_minutes;
            view! { <p class="hint">{texts.with("rooms-hold-hint", &[("minutes", minutes.into())])}</p> }
        });
        Ok(view! {
            <form method="post" action=TakeRooms::url() class="stack">
                <KeyField />
                <Hidden name="room_type_id" value=wanted.room_type_id.to_string() />
                <Hidden name="arrival" value=wanted.arrival.to_string() />
                <Hidden name="departure" value=wanted.departure.to_string() />
                <Hidden name="rooms" value=wanted.rooms.to_string() />
                {whom}
                {name}
                {reason}
                {hint}
                <div class="actions">
                    <button class="btn primary big">{texts.text(key)}</button>
                </div>
            </form>
        }
        .into_any())
    }

    /// For whom the desk books.
    async fn whose(&self) -> Result<Option<AnyView>, AppError> {
        let (Some(caller), Some(id)) = (&self.caller, self.patient) else {
            return Ok(None);
        };
        let texts = self.texts;
        let person = desk::patient(&self.state.database, caller, id, self.now).await?;
        let name = person.name.unwrap_or_else(|| texts.text("no-patient-name"));
        let path = format!("/admin/patients/{id}");
        Ok(Some(
            view! { <p>{icon("user")} " " <a href=path>{isolated(&name).into_owned()}</a></p> }.into_any(),
        ))
    }
}
