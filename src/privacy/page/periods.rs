//! How long the clinic keeps what, how much is past that, and who looked without having anything to do with somebody.

use engine::{
    error::Field,
    i18n::Texts,
    privacy::{
        glass::{self, Broken},
        retention::{self, Past, Periods, Preset, READS_YEARS},
    },
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{done, moment};
use crate::{
    account::guard,
    privacy::forms::{KeepFor, PERIODS, SeeBroken, TypedPeriods},
    server::AppState,
    ui::{Hidden, Page, field_error, isolate, page, request_error, texts},
};

/// Most times of breaking the glass that the page shows.
const MOST_BROKEN: i64 = 100;

/// Privacy, for admins of all clinics.
#[component]
pub fn PrivacyAdminPage() -> impl IntoView {
    page(async {
        let caller = guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let (periods, past) = retention::dry_run(&state.database, &caller, state.now()).await?;
        let typed: Option<TypedPeriods> = match request_error() {
            Some(_) => guard::session().typed(PERIODS, "").await?,
            None => None,
        };
        let broken = glass::broken(&state.database, &caller, MOST_BROKEN).await?;
        Ok(Page::new(
            texts.text("privacy-admin-title"),
            view! {
                {done(texts)}
                <div class="page-head">
                    <div><h1>{texts.text("privacy-admin-title")}</h1><p>{texts.text("privacy-admin-intro")}</p></div>
                </div>
                {classes(&periods, past, texts)}
                {form(&periods, typed, texts)}
                {glass_section(&broken, texts)}
            },
        ))
    })
}

/// Classes of data, each with its period, why, what becomes of it, and how much is past it now.
fn classes(periods: &Periods, past: Past, texts: Texts) -> impl IntoView + use<> {
    let years = |count: i32| texts.with("privacy-years", &[("count", count.into())]);
    let months = |count: i32| texts.with("privacy-months", &[("count", count.into())]);
    let days = |count: i32| texts.with("privacy-days", &[("count", count.into())]);
    let rows = [
        ("records", years(periods.record_years), Some(past.records)),
        ("bookings", months(periods.booking_months), Some(past.bookings)),
        ("reads", years(READS_YEARS), Some(past.reads)),
        ("messages", days(30), None),
        ("envelopes", days(365), None),
        ("calls", days(90), None),
        ("waitlist", days(365), None),
        ("security", days(365), None),
    ]
    .into_iter()
    .map(|(class, period, past)| {
        let past = past.map_or_else(|| texts.text("privacy-always"), |count| count.to_string());
        view! {
            <tr>
                <th scope="row">{texts.text(&format!("privacy-class-{class}"))}</th>
                <td>{period}</td>
                <td>{texts.text(&format!("privacy-class-{class}-why"))}</td>
                <td>{texts.text(&format!("privacy-class-{class}-then"))}</td>
                <td class="num">{past}</td>
            </tr>
        }
    })
    .collect_view();
    view! {
        <section class="stack-s">
            <h2 id="classes-title">{texts.text("privacy-classes-title")}</h2>
            <div class="table-wrap" role="region" aria-labelledby="classes-title" tabindex="0">
                <table class="cards">
                    <thead>
                        <tr>
                            <th scope="col">{texts.text("privacy-class")}</th>
                            <th scope="col">{texts.text("privacy-period")}</th>
                            <th scope="col">{texts.text("privacy-ground")}</th>
                            <th scope="col">{texts.text("privacy-action")}</th>
                            <th scope="col">{texts.text("privacy-past")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

/// What was typed before stands in the form again.
fn form(periods: &Periods, typed: Option<TypedPeriods>, texts: Texts) -> impl IntoView + use<> {
    let typed = typed.unwrap_or_else(|| TypedPeriods {
        preset: periods.preset.as_str().to_owned(),
        years: periods.record_years.to_string(),
        months: periods.booking_months.to_string(),
        is_on: periods.is_on,
    });
    let present = Preset::parse(&typed.preset).unwrap_or(periods.preset);
    let presets = Preset::ALL
        .into_iter()
        .map(|preset| {
            let text = texts.text(&format!("privacy-preset-{}", preset.as_str()));
            view! { <option value=preset.as_str() selected=preset == present>{text}</option> }
        })
        .collect_view();
    let error = request_error().and_then(|error| field_error(error, Field::Period, texts));
    let (described, invalid) = match &error {
        Some(_) => (Some("years-error"), Some("true")),
        None => (Some("years-hint"), None),
    };
    view! {
        <section class="stack-s narrow" aria-labelledby="periods-title">
            <h2 id="periods-title">{texts.text("privacy-periods-title")}</h2>
            <form method="post" action=KeepFor::url() class="stack">
                <Hidden name="version" value=periods.version.to_string() />
                <div class="field">
                    <label for="preset">{texts.text("privacy-preset")}</label>
                    <select id="preset" name="preset">{presets}</select>
                </div>
                <div class="field">
                    <label for="years">{texts.text("privacy-record-years")}</label>
                    <p class="hint" id="years-hint">{texts.text("privacy-record-years-hint")}</p>
                    {error.map(|error| view! { <p class="error" id="years-error">{error}</p> })}
                    <input
                        id="years"
                        name="years"
                        inputmode="numeric"
                        value=typed.years
                        aria-describedby=described
                        aria-invalid=invalid
                    />
                </div>
                <div class="field">
                    <label for="months">{texts.text("privacy-booking-months")}</label>
                    <input id="months" name="months" inputmode="numeric" value=typed.months />
                </div>
                <label class="choice">
                    <input type="checkbox" name="on" value="true" checked=typed.is_on />
                    " "
                    {texts.text("privacy-on")}
                </label>
                <div class="actions"><button class="btn primary">{texts.text("privacy-save")}</button></div>
            </form>
        </section>
    }
}

fn glass_section(broken: &[Broken], texts: Texts) -> impl IntoView + use<> {
    let rows = broken
        .iter()
        .map(|one| {
            let who = texts.with(
                "glass-who",
                &[("name", one.staff_name.clone().into()), ("when", moment(one.broken_at, texts).into())],
            );
            let see = (!one.is_seen).then(|| {
                let label = format!("{}: {who}", texts.text("glass-see"));
                view! {
                    <form method="post" action=SeeBroken::url()>
                        <Hidden name="id" value=one.id.to_string() />
                        <button class="btn" aria-label=label>{texts.text("glass-see")}</button>
                    </form>
                }
            });
            view! {
                <li class="card stack-s">
                    <h3>{who.clone()}</h3>
                    <p>{isolate(one.why.clone())}</p>
                    <p><a href=format!("/admin/patients/{}", one.patient_id)>{texts.text("patient-open")}</a></p>
                    {see}
                </li>
            }
        })
        .collect_view();
    let list = match broken.is_empty() {
        true => view! { <p>{texts.text("glass-nobody")}</p> }.into_any(),
        false => view! { <ul class="stack">{rows}</ul> }.into_any(),
    };
    view! {
        <section class="stack-s" id="glass" aria-labelledby="glass-title">
            <h2 id="glass-title">{texts.text("glass-list-title")}</h2>
            <p class="soft">{texts.text("glass-list-text")}</p>
            {list}
        </section>
    }
}
