//! Giving a patient a time that the doctor does not have (B13).

use jiff::Timestamp;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{DeskPage, Offer, Typed};
use crate::{
    desk::forms::DeskOverbook,
    idempotency::page::KeyField,
    ui::{Hidden, TextField, icon},
};
use engine::{availability::Offering, error::Field, schedule::clock_text, time};

/// Asks when, and why it cannot wait. `at` is a time that was wanted, and not to be had.
pub(super) fn overbook_form(
    desk: &DeskPage,
    patient_id: i64,
    offering: &Offering,
    typed: &Typed,
    at: Option<Timestamp>,
) -> impl IntoView + use<> {
    let texts = desk.texts;
    let (mut day, mut hours) = (typed.day.clone(), typed.hours.clone());
    if let Some(at) = at.filter(|_| hours.is_empty()) {
        let local = at.to_zoned(offering.zone.clone());
        day = local.date().to_string();
        hours = clock_text(i32::from(local.hour()) * 60 + i32::from(local.minute()));
    }
    if day.is_empty() {
        day = time::local_date(desk.now, &offering.zone).to_string();
    }
    let overbook = match desk.is_limited() {
        true => "desk-overbook-over-limit",
        false => "overbook-do",
    };
    view! {
        <section class="card stack" id="overbook" aria-labelledby="overbook-title">
            <h2 id="overbook-title">{texts.text("overbook-title")}</h2>
            <p class="soft">{texts.text("overbook-text")}</p>
            <form method="post" action=DeskOverbook::url() class="stack">
                <KeyField />
                <Hidden name="patient" value=patient_id.to_string() />
                <Hidden name="offer" value=Offer::from(offering).to_string() />
                <Hidden name="visit" value=typed.reason.clone() />
                {desk.is_limited().then(|| view! { <Hidden name="over_limit" value="true".to_owned() /> })}
                <div class="fields">
                    <TextField
                        field=Field::Day
                        label=texts.text("plan-day")
                        value=day
                        kind="date"
                    />
                    <TextField
                        field=Field::Hours
                        label=texts.text("overbook-time")
                        hint=texts.text("overbook-time-hint")
                        value=hours
                        inputmode="decimal"
                    />
                </div>
                <TextField
                    field=Field::Reason
                    label=texts.text("overbook-reason")
                    hint=texts.text("overbook-reason-hint")
                    value=typed.because.clone()
                />
                <div class="actions">
                    <button class="btn danger">{icon("users")}{texts.text(overbook)}</button>
                </div>
            </form>
        </section>
    }
}
