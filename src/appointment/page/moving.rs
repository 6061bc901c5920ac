//! The page on which another time is chosen for an appointment; it keeps the one it has until then.

use leptos::prelude::*;

use crate::{
    account::guard,
    availability::page::times::{TimesForm, days},
    server::AppState,
    ui::{Page, icon, query, texts},
};
use engine::{
    account::Caller,
    appointment::{self, Item},
    availability::{For, page as times_page},
    error::AppError,
    time,
};

/// Shows the times to which an appointment can be moved. The form sends the chosen one; `back` is the page of the appointment.
///
/// # Errors
/// Those of the database; `NOT_FOUND` for who may not see the appointment.
pub async fn moving_page(
    item: &Item,
    caller: Caller,
    back: String,
    form: TimesForm,
    problem: Option<AnyView>,
) -> Result<Page, AppError> {
    let texts = texts();
    let state = expect_context::<AppState>();
    let appointment = appointment::look_up(&state.database, caller, item.reference.clone().into()).await?;
    let purpose = For::Moving {
        appointment: Box::new(appointment),
        visitor: guard::session().visitor().await?,
    };
    let from = query("from").and_then(|date| time::date(&date));
    let times = times_page(
        &state.database,
        item.doctor_id,
        item.clinic_id,
        item.service_id,
        from,
        purpose,
        state.now(),
    )
    .await?;
    let intro = texts.with(
        "reschedule-intro",
        &[("when", time::moment(item.starts_at, &item.zone, texts).into())],
    );
    Ok(Page::new(
        texts.text("reschedule-title"),
        view! {
            <a class="back" href=back>{icon("arrow-left")}{texts.text("view-appointment")}</a>
            {problem}
            <div class="page-head">
                <div><h1>{texts.text("reschedule-title")}</h1><p>{intro}</p></div>
            </div>
            <section class="stack" aria-labelledby="times">
                <h2 id="times">{texts.text("choose-a-time")}</h2>
                {days(times, form, texts)}
            </section>
        },
    ))
}
