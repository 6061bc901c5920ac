//! The end of the page of rooms: what they cost, and the button that holds or books them.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    super::parts::{amount, range},
    RoomPageOf,
};
use crate::{
    idempotency::page::KeyField,
    payment::page::{Asks, how, rule},
    stay::forms::TakeRooms,
    ui::{Hidden, TextArea, TextField, encode, icon},
};
use engine::{
    account::{Caller, family},
    desk,
    error::{AppError, Field},
    money::Price,
    stay::WantedRooms,
    text::isolated,
};

impl RoomPageOf {
    /// What it costs, and the button: to hold it, to book it for a patient, or to sign in first.
    pub(super) async fn book(&self, wanted: WantedRooms, price: Price) -> Result<AnyView, AppError> {
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
    pub(super) async fn whose(&self) -> Result<Option<AnyView>, AppError> {
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
