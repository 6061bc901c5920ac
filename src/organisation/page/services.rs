//! The pages of services.

use crate::{
    account::guard,
    idempotency::page::KeyField,
    organisation::forms::PutService,
    server::AppState,
    ui::{Hidden, Page, Tone, icon, isolate, notice, page, path_parameter, query, texts},
};
use jiff::tz::TimeZone;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{Form, Input, PaymentHints, back, payment_fields, select, tick};
use engine::{
    error::{AppError, Field},
    i18n::{Locale, Texts},
    organisation::{
        self, MODES, Service, Versioned,
        form::{ACTIVE, Filled, HORIZON_UNIT, INSTANT, MODE},
        mode::mode_key,
        name_field,
    },
};

/// All services.
#[component]
pub fn ServicesPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let services = organisation::services(&state.database).await?;
        let saved = query("saved").and_then(|id| {
            let service = services.iter().find(|service| service.id.to_string() == id)?;
            let title = texts.with("org-saved", &[("name", service.what.name.clone().into())]);
            Some(notice(Tone::Good, title, ()))
        });
        let list = if services.is_empty() {
            view! {
                <div class="empty">
                    {icon("list")}
                    <h2>{texts.text("services-empty-title")}</h2>
                    <p>{texts.text("services-empty-text")}</p>
                </div>
            }
            .into_any()
        } else {
            list(&services, texts).into_any()
        };
        Ok(Page::new(
            texts.text("services-title"),
            view! {
                {saved}
                <div class="page-head">
                    <div>
                        <h1>{texts.text("services-title")}</h1>
                        <p>{texts.text("services-intro")}</p>
                    </div>
                    <a class="btn quiet" href="/admin/specialities">{texts.text("specialities-title")}</a>
                    <a class="btn primary" href="/admin/services/new">{icon("plus")}{texts.text("service-new")}</a>
                </div>
                {list}
            },
        ))
    })
}

fn list(services: &[Versioned<Service>], texts: Texts) -> impl IntoView + use<> {
    let rows = services.iter().map(|service| row(service, texts)).collect_view();
    let head = [
        "column-name",
        "service-mode",
        "service-length",
        "price",
        "column-doctors",
        "column-bookable",
    ]
    .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    view! {
        <div class="table-wrap" role="region" aria-label=texts.text("services-title") tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("services-title")}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(service: &Versioned<Service>, texts: Texts) -> impl IntoView + use<> {
    let Service {
        key,
        name,
        names,
        mode,
        rules,
        price,
        active,
        ..
    } = service.what.clone();
    let (state, state_icon) = match active {
        true => ("service-active", "circle-check"),
        false => ("service-inactive", "ban"),
    };
    let price = price.map_or_else(|| "–".to_owned(), |price| price.text(texts.locale()));
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/admin/services/{}", service.id)>
                    {isolate(names.or(&name, texts.locale()).to_owned())}
                </a>
                " "
                <small>{key}</small>
            </th>
            <td data-label=texts.text("service-mode")><span>{texts.text(mode_key(&mode))}</span></td>
            <td data-label=texts.text("service-length")>
                <span>{texts.with("minutes", &[("count", rules.duration.into())])}</span>
            </td>
            <td data-label=texts.text("price")><span>{price}</span></td>
            <td data-label=texts.text("column-doctors")><span>{service.doctors}</span></td>
            <td data-label=texts.text("column-bookable")>
                <span class="tag">{icon(state_icon)} " " {texts.text(state)}</span>
            </td>
        </tr>
    }
}

/// The label of a name in this language.
pub(crate) fn name_label(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "name-in-en",
        Locale::Id => "name-in-id",
        Locale::De => "name-in-de",
    }
}

/// A service that is not there yet.
#[component]
pub fn NewServicePage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let usual = Filled::default()
            .with(MODE, "in_person")
            .with(Field::Length.name(), "30")
            .with(Field::Interval.name(), "30")
            .with(Field::BufferBefore.name(), "0")
            .with(Field::BufferAfter.name(), "0")
            .with(Field::Notice.name(), "60")
            .with(Field::Horizon.name(), "60")
            .with(HORIZON_UNIT, "calendar_days")
            .with(Field::Cutoff.name(), "240")
            .with(ACTIVE, "true");
        let form = Form::of("service", None, usual, wrong, texts).await?;
        Ok(service_page(None, &form))
    })
}

/// A service that is there.
#[component]
pub fn ServicePage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let service = organisation::service(&state.database, path_parameter("service")?).await?;
        let form = Form::of(
            "service",
            Some(service.id),
            Filled::from(&service.what),
            wrong,
            texts,
        )
        .await?;
        Ok(service_page(Some(&service), &form))
    })
}

fn wrong(filled: &Filled) -> Vec<AppError> {
    filled.service().err().unwrap_or_default()
}

fn service_page(service: Option<&Versioned<Service>>, form: &Form) -> Page {
    let texts = form.texts;
    let title = match service {
        Some(service) => service.what.name.clone(),
        None => texts.text("service-new"),
    };
    let last = service.and_then(|service| service.last_change.as_ref());
    let of = service.map(|service| {
        view! {
            <Hidden name="id" value=service.id.to_string() />
            <Hidden name="version" value=service.version.to_string() />
        }
    });
    let kept = service.map(|_| view! { <p class="soft">{texts.text("service-kept")}</p> });
    let modes = MODES
        .map(|mode| (mode.to_owned(), texts.text(mode_key(mode))))
        .to_vec();
    let units = [
        ("calendar_days", "horizon-calendar-days"),
        ("working_days", "horizon-working-days"),
    ]
    .map(|(value, key)| (value.to_owned(), texts.text(key)))
    .to_vec();
    let minutes = |field, label, hint| Input::number(field, label).hint(hint).view(form);
    let currency = Input {
        class: "field w-s",
        list: Some("currencies"),
        ..Input::text(Field::Currency, "service-currency")
            .optional()
            .hint("service-currency-hint")
    };
    let price = Input {
        inputmode: Some("decimal"),
        class: "field w-s",
        ..Input::text(Field::Price, "price")
            .optional()
            .hint("service-price-hint")
    };
    let names = Locale::ALL.map(|locale| {
        Input::text(name_field(locale), name_label(locale))
            .optional()
            .view(form)
    });
    let limit = |field, label, hint| {
        let input = Input {
            inputmode: Some("numeric"),
            class: "field w-s",
            ..Input::text(field, label).optional().hint(hint)
        };
        input.view(form)
    };
    let leave = if service.is_some() {
        "org-leave"
    } else {
        "org-cancel"
    };
    let body = view! {
        <div class="narrow stack">
            {back("/admin/services", "services-title", texts)}
            {form.problem(last, ("UTC", &TimeZone::UTC))}
            <h1>{title.clone()}</h1>
            {kept}
            <form method="post" action=PutService::url() class="stack">
                <KeyField />
                {of}
                {Input::text(Field::Title, "column-name").hint("service-name-hint").view(form)}
                <fieldset class="fields">
                    <legend>{texts.text("names-title")}</legend>
                    <p class="hint">{texts.text("names-hint")}</p>
                    {names}
                </fieldset>
                {Input::text(Field::ServiceKey, "service-key").optional().hint("service-key-hint").view(form)}
                {select(form, MODE, "service-mode", modes)}
                <fieldset class="fields">
                    <legend>{texts.text("service-times")}</legend>
                    {minutes(Field::Length, "service-length", "in-minutes")}
                    {minutes(Field::Interval, "service-interval", "in-minutes")}
                    {minutes(Field::BufferBefore, "service-buffer-before", "in-minutes")}
                    {minutes(Field::BufferAfter, "service-buffer-after", "in-minutes")}
                </fieldset>
                <fieldset class="fields">
                    <legend>{texts.text("service-when")}</legend>
                    {minutes(Field::Notice, "service-notice", "service-notice-hint")}
                    {minutes(Field::Horizon, "service-horizon", "service-horizon-hint")}
                    {select(form, HORIZON_UNIT, "service-horizon-unit", units)}
                    {minutes(Field::Cutoff, "service-cutoff", "service-cutoff-hint")}
                </fieldset>
                <fieldset class="fields">
                    <legend>{texts.text("service-limits")}</legend>
                    {limit(Field::MostOpen, "service-most-open", "service-most-open-hint")}
                    {limit(Field::MostPerWeek, "service-most-per-week", "service-most-per-week-hint")}
                </fieldset>
                <div class="fields">
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
                        about: "service-payment-hint",
                        deposit: "service-deposit-hint",
                        refund: "service-refund-hours-hint",
                    },
                )}
                {tick(form, INSTANT, "service-instant")}
                {tick(form, ACTIVE, "service-can-be-booked")}
                <div class="actions">
                    <button class="btn primary">{icon("check")}{texts.text("org-save")}</button>
                    <a class="btn quiet" href="/admin/services">{texts.text(leave)}</a>
                </div>
            </form>
        </div>
    };
    Page::new(title, body).shows_problem()
}
