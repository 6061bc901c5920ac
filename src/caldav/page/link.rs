//! The form that links an account.

use engine::{error::Field, i18n::Texts};
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    caldav::forms::{LinkCalendar, Typed},
    ui::{TextField, icon},
};

/// The form for an account that is not there yet.
pub(super) fn link(typed: &Typed, texts: Texts) -> impl IntoView + use<> {
    view! {
        <section class="stack" aria-labelledby="calendar-link">
            <h2 id="calendar-link">{texts.text("calendars-link")}</h2>
            <p>{texts.text("calendars-link-text")}</p>
            {form(typed, "calendars-link-really", texts)}
        </section>
    }
}

/// The fields, and the button with this text.
pub(super) fn form(typed: &Typed, button: &'static str, texts: Texts) -> impl IntoView + use<> {
    view! {
        <form method="post" action=LinkCalendar::url() class="narrow stack">
            <TextField
                field=Field::CalendarServer
                kind="url"
                label=texts.text("calendars-server")
                hint=texts.text("calendars-server-hint")
                value=typed.server.clone()
            />
            <TextField
                field=Field::CalendarUser
                label=texts.text("calendars-user")
                value=typed.user.clone()
                required=false
            />
            <TextField
                field=Field::CalendarPassword
                kind="password"
                label=texts.text("calendars-password")
                hint=texts.text("calendars-password-hint")
                autocomplete="new-password"
            />
            <div class="actions">
                <button class="btn primary">{icon("plus")}{texts.text(button)}</button>
            </div>
        </form>
    }
}
