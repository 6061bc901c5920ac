//! The pages on which admins describe kinds of rooms, and say how many there are in some nights.

use jiff::ToSpan;
use leptos::{prelude::*, server_fn::ServerFn};

use super::calendar::{Calendar, Choice};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    organisation::page::{Form, Input, PaymentHints, back, name_label, payment_fields, select, tick},
    server::AppState,
    stay::forms::{NIGHTS, PutRoomType, ROOM_TYPE, SetRoomNights, Typed},
    ui::{
        Hidden, Page, Tone, icon, isolate, message, notice, page, path_parameter, problem, query,
        request_error, texts,
    },
};
use engine::{
    error::{AppError, Field},
    i18n::{Locale, Texts},
    organisation::{
        self,
        form::{ACTIVE, Filled},
        name_field,
    },
    stay::{self, MAX_TOTAL, SeenRoomType, taken_above},
    time::{self, long_date},
};

/// All kinds of rooms.
#[component]
pub fn RoomTypesPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let (texts, state) = (texts(), expect_context::<AppState>());
        let types = stay::room_types(&state.database).await?;
        let saved = query("saved").and_then(|id| {
            let saved = types.iter().find(|one| one.id.to_string() == id)?;
            let title = texts.with("org-saved", &[("name", saved.what.name.clone().into())]);
            Some(notice(Tone::Good, title, ()))
        });
        let list = match types.is_empty() {
            true => view! {
                <div class="empty">
                    {icon("building")}
                    <h2>{texts.text("room-types-empty-title")}</h2>
                    <p>{texts.text("room-types-empty-text")}</p>
                </div>
            }
            .into_any(),
            false => list(&types, texts).into_any(),
        };
        Ok(Page::new(
            texts.text("room-types-title"),
            view! {
                {saved}
                <div class="stack">
                    {back("/admin/stays", "stays-title", texts)}
                    <div class="page-head">
                        <div>
                            <h1>{texts.text("room-types-title")}</h1>
                            <p>{texts.text("room-types-intro")}</p>
                        </div>
                        <a class="btn primary" href="/admin/room-types/new">{icon("plus")}{texts.text("room-type-new")}</a>
                    </div>
                </div>
                {list}
            },
        ))
    })
}

fn list(types: &[SeenRoomType], texts: Texts) -> impl IntoView + use<> {
    let rows = types
        .iter()
        .map(|one| {
            let (state, state_icon) = match one.what.active {
                true => ("service-active", "circle-check"),
                false => ("service-inactive", "ban"),
            };
            let path = format!("/admin/room-types/{}", one.id);
            view! {
                <tr>
                    <th scope="row"><a href=path>{isolate(one.name(texts.locale()).to_owned())}</a></th>
                    <td data-label=texts.text("stay-clinic")><span>{isolate(one.clinic_name.clone())}</span></td>
                    <td data-label=texts.text("room-type-rooms")><span>{one.what.rooms}</span></td>
                    <td data-label=texts.text("room-type-price")><span>{one.what.price.text(texts.locale())}</span></td>
                    <td data-label=texts.text("column-bookable")>
                        <span class="tag">{icon(state_icon)} " " {texts.text(state)}</span>
                    </td>
                </tr>
            }
        })
        .collect_view();
    let head = [
        "column-name",
        "stay-clinic",
        "room-type-rooms",
        "room-type-price",
        "column-bookable",
    ]
    .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    view! {
        <div class="table-wrap" role="region" aria-label=texts.text("room-types-title") tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("room-types-title")}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// A kind of rooms that is not there yet.
#[component]
pub fn NewRoomTypePage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let state = expect_context::<AppState>();
        let usual = Filled::default()
            .with(Field::Rooms.name(), "1")
            .with(ACTIVE, "true");
        let form = Form::of(ROOM_TYPE, None, usual, wrong, texts()).await?;
        let clinics = organisation::clinics(&state.database).await?;
        let clinics = clinics
            .into_iter()
            .map(|clinic| (clinic.id.to_string(), clinic.what.name))
            .collect();
        let title = form.texts.text("room-type-new");
        let view = describe(None, &form, clinics, title.clone());
        Ok(Page::new(title, view).shows_problem())
    })
}

/// A kind of rooms that is there, with its nights.
#[component]
pub fn RoomTypePage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let (texts, state) = (texts(), expect_context::<AppState>());
        let room_type = stay::room_type(&state.database, path_parameter("type")?)
            .await
            .map_err(|_| AppError::NotFound)?;
        let there = Filled::from(&room_type.what);
        let form = Form::of(ROOM_TYPE, Some(room_type.id), there, wrong, texts).await?;
        let clinic = vec![(
            room_type.what.clinic_id.to_string(),
            room_type.clinic_name.clone(),
        )];
        let title = room_type.what.name.clone();
        let taken = taken(request_error(), texts).await?;
        let saved = (query("saved").as_deref() == Some("nights"))
            .then(|| notice(Tone::Good, texts.text("room-nights-saved"), ()));
        let nights = nights(&room_type, texts).await?;
        let view = describe(Some(&room_type), &form, clinic, title.clone());
        Ok(Page::new(title, view! { {saved} {taken} {view} {nights} }).shows_problem())
    })
}

fn wrong(filled: &Filled) -> Vec<AppError> {
    filled.room_type().err().unwrap_or_default()
}

/// The nights in which more rooms are taken than there would be, where a change was refused for that.
async fn taken(error: Option<AppError>, texts: Texts) -> Result<Option<AnyView>, AppError> {
    let Some(
        error @ AppError::RoomsTaken {
            room_type_id,
            total,
            first,
            last,
        },
    ) = error
    else {
        return Ok(None);
    };
    let state = expect_context::<AppState>();
    let nights = taken_above(&state.database, room_type_id, (first, last), total, state.now()).await?;
    let list = nights
        .iter()
        .map(|night| {
            let said = texts.with(
                "room-night-taken",
                &[
                    ("night", long_date(night.night, texts).into()),
                    ("taken", night.taken.into()),
                ],
            );
            view! { <li>{said}</li> }
        })
        .collect_view();
    Ok(Some(
        notice(Tone::Warn, message(error, texts), view! { <ul>{list}</ul> }).into_any(),
    ))
}

fn describe(
    room_type: Option<&SeenRoomType>,
    form: &Form,
    clinics: Vec<(String, String)>,
    title: String,
) -> impl IntoView + use<> {
    let texts = form.texts;
    let of = room_type.map(|one| {
        view! {
            <Hidden name="id" value=one.id.to_string() />
            <Hidden name="version" value=one.version.to_string() />
        }
    });
    // The notice of the nights says it better.
    let is_taken = matches!(request_error(), Some(AppError::RoomsTaken { .. }));
    let problem = (!is_taken).then(|| said(room_type, form)).flatten();
    let kept = room_type.map(|_| view! { <p class="soft">{texts.text("room-type-kept")}</p> });
    let names = Locale::ALL.map(|locale| {
        Input::text(name_field(locale), name_label(locale))
            .optional()
            .view(form)
    });
    let currency = Input {
        class: "field w-s",
        list: Some("currencies"),
        ..Input::text(Field::Currency, "service-currency").hint("service-currency-hint")
    };
    let price = Input {
        inputmode: Some("decimal"),
        class: "field w-s",
        ..Input::text(Field::Price, "room-type-price")
    };
    let leave = if room_type.is_some() {
        "org-leave"
    } else {
        "org-cancel"
    };
    view! {
        <div class="narrow stack">
            {back("/admin/room-types", "room-types-title", texts)}
            {problem}
            <h1>{isolate(title)}</h1>
            {kept}
            <form method="post" action=PutRoomType::url() class="stack">
                <KeyField />
                {of}
                {select(form, Field::Clinic.name(), "stay-clinic", clinics)}
                {Input::text(Field::Title, "column-name").view(form)}
                <fieldset class="fields">
                    <legend>{texts.text("names-title")}</legend>
                    <p class="hint">{texts.text("names-hint")}</p>
                    {names}
                </fieldset>
                <div class="fields">
                    {Input::number(Field::Rooms, "room-type-rooms").hint("room-type-rooms-hint").view(form)}
                    {price.view(form)}
                    {currency.view(form)}
                    <datalist id="currencies">
                        {["IDR", "EUR", "NZD", "USD", "GBP", "SGD", "AUD"]
                            .map(|code| view! { <option value=code></option> })}
                    </datalist>
                </div>
                {payment_fields(
                    form,
                    &PaymentHints {
                        about: "room-type-payment-hint",
                        deposit: "room-type-deposit-hint",
                        refund: "room-type-refund-hours-hint",
                    },
                )}
                {tick(form, ACTIVE, "service-can-be-booked")}
                <div class="actions">
                    <button class="btn primary">{icon("check")}{texts.text("org-save")}</button>
                    <a class="btn quiet" href="/admin/room-types">{texts.text(leave)}</a>
                </div>
            </form>
        </div>
    }
}

/// What went wrong with the form, and who was first where somebody was.
fn said(room_type: Option<&SeenRoomType>, form: &Form) -> Option<AnyView> {
    let texts = form.texts;
    let last = room_type
        .and_then(|one| Some((one, one.last_edit.as_ref()?)))
        .filter(|_| request_error() == Some(AppError::StaleOrganisation));
    let Some((one, last)) = last else {
        return match request_error()? {
            // Of the form of nights.
            AppError::ValidationFailed {
                field: Field::Arrival | Field::Departure,
                ..
            }
            | AppError::InvalidDateRange => None,
            _ => form.problem(None, ("UTC", &jiff::tz::TimeZone::UTC)),
        };
    };
    let when = time::moment(last.at, &one.zone, texts);
    let by = texts.with(
        "room-type-stale-by",
        &[("name", last.by.clone().into()), ("when", when.into())],
    );
    let body = view! {
        <p>{by}</p>
        <p>{texts.text("org-stale-text")}</p>
    };
    Some(notice(Tone::Warn, texts.text("org-stale-title"), body).into_any())
}

/// The nights of a month, and the form that says how many rooms there are in some of them.
async fn nights(one: &SeenRoomType, texts: Texts) -> Result<AnyView, AppError> {
    let state = expect_context::<AppState>();
    let now = state.now();
    let today = one.today(now);
    let error = request_error();
    let kept: Typed = match error {
        Some(_) => guard::session().typed(NIGHTS, &one.id.to_string()).await?,
        None => Typed::default(),
    };
    let wrong = match error {
        Some(
            error @ (AppError::InvalidDateRange
            | AppError::ValidationFailed {
                field: Field::Arrival | Field::Departure,
                ..
            }),
        ) => Some(problem(error, texts)),
        _ => None,
    };
    let month = query("month")
        .and_then(|month| time::date(&format!("{month}-01")))
        .unwrap_or(today)
        .max(today.first_of_month());
    let left = stay::nights(&state.database, one.id, Calendar::range(month), now).await?;
    let id = one.id;
    let address = move |_: Choice, month: jiff::civil::Date| {
        format!(
            "/admin/room-types/{id}?month={:04}-{:02}",
            month.year(),
            month.month()
        )
    };
    let calendar = Calendar {
        month,
        today,
        nights: left,
        choice: Choice::default(),
        can_choose: false,
        address: Some(Box::new(address)),
    };
    let first = today.to_string();
    let usual = |typed: &str, ahead: i32| match typed {
        "" => today.saturating_add(ahead.days()).to_string(),
        typed => typed.to_owned(),
    };
    let zone = time::zone_name(&one.zone_name, &one.zone, now);
    Ok(view! {
        <section class="narrow stack" aria-labelledby="nights">
            <h2 id="nights">{texts.text("room-nights-title")}</h2>
            {wrong}
            <p class="soft">{texts.text("room-nights-text")} " " {texts.with("clinic-time", &[("zone", zone.into())])}</p>
            <form method="post" action=SetRoomNights::url() class="card stack">
                <KeyField />
                <Hidden name="room_type_id" value=one.id.to_string() />
                <div class="fields">
                    <div class="field">
                        <label for="arrival">{texts.text("room-nights-from")}</label>
                        <input id="arrival" name="from" type="date" required=true min=first.clone() value=usual(&kept.arrival, 0) />
                    </div>
                    <div class="field">
                        <label for="departure">{texts.text("room-nights-to")}</label>
                        <input id="departure" name="to" type="date" required=true min=first value=usual(&kept.departure, 0) />
                    </div>
                    <div class="field w-s">
                        <label for="night-total">
                            {texts.text("room-type-rooms")} " " <span class="optional">{texts.text("optional")}</span>
                        </label>
                        <p class="hint" id="night-total-hint">{texts.text("room-nights-total-hint")}</p>
                        <input
                            id="night-total"
                            name="total"
                            type="number"
                            min="0"
                            max=MAX_TOTAL.to_string()
                            aria-describedby="night-total-hint"
                            value=kept.rooms.clone()
                        />
                    </div>
                </div>
                <div class="actions">
                    <button class="btn">{texts.text("room-nights-save")}</button>
                </div>
            </form>
            {calendar.view()}
        </section>
    }
    .into_any())
}
