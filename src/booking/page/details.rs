//! *Your details*: who comes, and why.

use super::conflict::{ConflictSubject, conflict};
use super::{elsewhere, held_or_gone, holder, steps, times_of};
use crate::booking::{
    forms::{Details, Extend, asks_whose},
    island::HoldCountdown,
};
use crate::{
    account::{guard, page::WhoseField, session::Draft},
    server::AppState,
    ui::{Hidden, Page, TextArea, TextField, icon, page, request_error, texts},
};
use engine::{
    account::family::{self, Relative},
    appointment::{Item, Status},
    error::Field,
    i18n::Texts,
    text::isolated,
    time::{self},
};
use leptos::{prelude::*, server_fn::ServerFn};

/// The page that asks who comes, and why.
#[component]
pub fn DetailsPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let item = match held_or_gone().await? {
            Ok(item) => item,
            Err(gone) => return Ok(gone),
        };
        if let Some(path) = elsewhere(&item) {
            crate::ui::redirect(&path);
        }
        let caller = guard::caller().await?;
        let draft = guard::session().draft().await?;
        let asks_phone = caller.is_none();
        let hold = hold_line(&item, texts);
        let people = match caller.as_ref().filter(|caller| asks_whose(caller)) {
            Some(caller) => {
                let state = expect_context::<AppState>();
                family::of_holder(&state.database, caller.patient_id().unwrap_or_default()).await?
            }
            None => Vec::new(),
        };
        let form = details_form(&item, draft, asks_phone, &people, holder().await?, texts);
        let back = times_of(&item);
        let problem = conflict(request_error(), Some(ConflictSubject::of(&item))).await?;
        Ok(Page::new(
            texts.text("details-title"),
            view! {
                <div class="narrow stack">
                    {steps(1, texts)}
                    {problem}
                    <a class="back" href=back>{icon("arrow-left")}{texts.text("other-time")}</a>
                    <div class="page-head">
                        <div><h1>{texts.text("details-title")}</h1><p>{in_short(&item, texts)}</p></div>
                    </div>
                    {hold}
                    {form}
                </div>
            },
        )
        .shows_problem())
    })
}

fn details_form(
    item: &Item,
    draft: Draft,
    asks_phone: bool,
    people: &[Relative],
    holder: Option<AnyView>,
    texts: Texts,
) -> impl IntoView + use<> {
    let asks_name = people.is_empty();
    let whose = (!asks_name).then(|| {
        view! {
            <WhoseField people=people.to_vec() whose=draft.whose.clone() name=draft.name.clone() />
            <TextField
                field=Field::Name
                label=texts.text("whose-name")
                hint=texts.text("whose-name-hint")
                value=draft.name.clone()
                required=false
            />
        }
    });
    let action = if asks_phone { "send-code" } else { "continue" };
    view! {
        <form method="post" action=Details::url() class="stack">
            {holder}
            <Hidden name="reference" value=item.reference.clone() />
            {whose}
            {asks_name.then(|| view! {
                <TextField
                    field=Field::Name
                    label=texts.text("name-label")
                    hint=texts.text("name-hint")
                    value=draft.name
                    autocomplete="name"
                />
            })}
            {asks_phone.then(|| view! {
                <TextField
                    field=Field::Phone
                    label=texts.text("phone-label")
                    hint=texts.text("phone-hint")
                    value=draft.phone
                    kind="tel"
                    autocomplete="tel"
                />
            })}
            <TextArea
                field=Field::Reason
                label=texts.text("reason-label")
                hint=texts.text("reason-hint")
                value=draft.reason
            />
            <div class="actions">
                <button class="btn primary big">{texts.text(action)}</button>
            </div>
        </form>
    }
}

/// "Dr Sari, Tuesday 24 November 2026, 09:20".
pub(super) fn in_short(item: &Item, texts: Texts) -> String {
    format!(
        "{}, {}",
        isolated(&item.doctor_name),
        time::moment(item.starts_at, &item.zone, texts)
    )
}

/// Until when the time is held, with *Keep it longer* where that is possible.
pub(super) fn hold_line(item: &Item, texts: Texts) -> Option<impl IntoView + use<>> {
    let until = item.held_until.filter(|_| item.status == Status::Held)?;
    let now = crate::server::now();
    if until <= now {
        return None;
    }
    let state = expect_context::<AppState>();
    let may_keep = until < state.config.rules.booking.may_be_held_until(item.created_at);
    let clock = |at| time::clock(at, &item.zone, texts.locale());
    let text = texts.with(
        "holding",
        &[
            ("time", clock(item.starts_at).into()),
            ("until", clock(until).into()),
        ],
    );
    let reference = item.reference.clone();
    let seconds = until.duration_since(now).as_secs_f64();
    Some(view! {
        <div class="hold">
            <p>
                {icon("clock")}
                <span>
                    {text} " "
                    <HoldCountdown
                        seconds=seconds
                        left=texts.with("hold-minutes-left", &[("minutes", "{minutes}".into())])
                        last_minute=texts.text("hold-last-minute")
                        ran_out=texts.text("hold-ran-out")
                    />
                </span>
            </p>
            {may_keep.then(|| view! {
                <form method="post" action=Extend::url()>
                    <Hidden name="reference" value=reference />
                    <button class="btn">{texts.text("keep-longer")}</button>
                </form>
            })}
        </div>
    })
}
