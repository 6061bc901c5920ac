//! The page on which another time is chosen for an appointment; it keeps the one it has until then.

use jiff::Timestamp;
use leptos::prelude::*;

use crate::{
    account::guard,
    availability::page::times::{TIMES_FORM, TimesForm, days},
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, Page, icon, isolate, query, texts},
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
    let by = caller.role();
    let appointment = appointment::look_up(&state.database, caller, item.reference.clone().into()).await?;
    let purpose = For::Moving {
        appointment: Box::new(appointment),
        by,
        visitor: guard::session().visitor().await?,
    };
    let from = query("from").and_then(|date| time::date(&date));
    let mut times = times_page(
        &state.database,
        item.doctor_id,
        item.clinic_id,
        item.service_id,
        from,
        purpose,
        state.now(),
    )
    .await?;
    // What one has is not offered as free.
    for day in &mut times.days {
        day.slots.retain(|slot| slot.starts_at != item.starts_at);
    }
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
                {days(&times, form, texts)}
            </section>
        },
    ))
}

/// The form that moves an appointment to the time that was chosen.
pub struct MoveForm {
    pub action: &'static str,
    pub hidden: Vec<(&'static str, String)>,
    /// With whom it is; nothing where that is nobody's business who found a message.
    pub with: Option<String>,
    /// Whose it is, where staff move it.
    pub whose: Option<String>,
    /// The page with all times.
    pub other_times: String,
}

/// The field by which staff say that the patient may have more of the service than its limit allows.
pub const OVER_LIMIT: &str = "over_limit";

/// The time that was chosen for an appointment, which is another one than it has.
pub fn chosen_time(item: &Item) -> Option<Timestamp> {
    let chosen = query("starts_at")?.parse().ok()?;
    Timestamp::from_second(chosen)
        .ok()
        .filter(|at| *at != item.starts_at)
}

/// Shows both times, and asks before the appointment is moved: the time that it has is free for others then.
pub fn move_check(item: &Item, chosen: Timestamp, form: MoveForm, problem: Option<AnyView>) -> Page {
    let texts = texts();
    let when = |at: Timestamp| {
        let zone = time::zone_name(&item.zone_name, &item.zone, at);
        format!("{} ({zone})", time::moment(at, &item.zone, texts))
    };
    let is_over_limit = form.hidden.iter().any(|(name, _)| *name == OVER_LIMIT);
    let button = match is_over_limit {
        true => "move-do-over-limit",
        false => "move-do",
    };
    // Staff come here by keys: what they are asked has the focus, and the button is the next thing.
    let is_staff = form.whose.is_some();
    let hidden = form
        .hidden
        .into_iter()
        .map(|(name, value)| view! { <Hidden name=name value=value /> })
        .collect_view();
    let with = form
        .with
        .map(|name| view! { <div><dt>{texts.text("doctor")}</dt><dd>{isolate(name)}</dd></div> });
    let whose = form
        .whose
        .map(|name| view! { <div><dt>{texts.text("column-patient")}</dt><dd>{isolate(name)}</dd></div> });
    let body = view! {
        <div class="narrow stack">
            <a class="back" href=form.other_times>{icon("arrow-left")}{texts.text("other-time")}</a>
            {problem}
            <h1 tabindex=is_staff.then_some("-1") autofocus=is_staff>{texts.text("move-check-title")}</h1>
            <dl class="summary">
                {whose}
                {with}
                <div><dt>{texts.text("move-from")}</dt><dd>{when(item.starts_at)}</dd></div>
                <div><dt>{texts.text("move-to")}</dt><dd><b>{when(chosen)}</b></dd></div>
            </dl>
            <p>{texts.text("move-check-text")}</p>
            <form method="post" action=form.action id=TIMES_FORM>
                <KeyField />
                {hidden}
                <div class="actions">
                    <button class="btn primary big" name="starts_at" value=chosen.as_second().to_string()>
                        {texts.text(button)}
                    </button>
                </div>
            </form>
        </div>
    };
    Page::new(texts.text("move-check-title"), body)
}
