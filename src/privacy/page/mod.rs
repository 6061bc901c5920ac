//! The pages of privacy.

mod certificate;
mod own;
mod periods;
mod staff;

use engine::{
    i18n::Texts,
    privacy::{Obstacle, Preview, export::State},
    time,
};
use jiff::{Timestamp, tz::TimeZone};
use leptos::prelude::*;

use crate::ui::{Hidden, Tone, icon, notice, query, request_error};

pub use self::{
    certificate::ErasedPage,
    own::OwnDataPage,
    periods::PrivacyAdminPage,
    staff::{GlassPage, PatientDataPage},
};

/// What the form that led here has done.
fn done(texts: Texts) -> Option<AnyView> {
    if request_error().is_some() {
        return None;
    }
    let key = match query("done")?.as_str() {
        "copy" => "privacy-done-copy",
        "consent" => "privacy-done-consent",
        "hold" => "privacy-done-hold",
        "periods" => "privacy-done-periods",
        "seen" => "privacy-done-seen",
        _ => return None,
    };
    Some(notice(Tone::Good, texts.text(key), ()).into_any())
}

/// A moment as its reader may remember it: nobody knows the zone of a browser, so it is named.
fn moment(at: Timestamp, texts: Texts) -> String {
    format!("{} (UTC)", time::moment(at, &TimeZone::UTC, texts))
}

/// What became of a copy, with the way to its file.
fn copy_state(state: State, href: &str, texts: Texts) -> AnyView {
    match state {
        State::None => ().into_any(),
        State::Waiting { .. } => {
            view! { <p role="status">{icon("clock")} " " {texts.text("privacy-copy-waiting")}</p> }.into_any()
        }
        State::Failed => view! { <p role="status"><b>{texts.text("privacy-copy-failed")}</b></p> }.into_any(),
        State::Ready { until, bytes, .. } => {
            let kilobytes = (bytes / 1024).max(1);
            let ready = texts.with(
                "privacy-copy-ready",
                &[("until", moment(until, texts).into()), ("size", kilobytes.into())],
            );
            view! {
                <p role="status">{ready}</p>
                <div class="actions">
                    <a class="btn primary" href=href.to_owned() download="janji.zip" rel="external">
                        {texts.text("privacy-copy-download")}
                    </a>
                </div>
            }
            .into_any()
        }
    }
}

/// What would go, what stays until when and why, and what stands in the way. `form` is the way to do it.
fn preview_section(preview: &Preview, form: AnyView, texts: Texts) -> AnyView {
    let counted = |key: &str, count: i64| texts.with(key, &[("count", count.into())]);
    let owed = (preview.owed > 0).then(|| counted("privacy-owed", preview.owed));
    if let Some(obstacle) = preview.obstacle {
        let said = match obstacle {
            Obstacle::Held => texts.text("privacy-held"),
            Obstacle::Shared(count) => texts.with("privacy-shared", &[("count", count.into())]),
            Obstacle::UnderWay => texts.text("privacy-under-way"),
        };
        let owed = owed.filter(|_| obstacle == Obstacle::UnderWay);
        return view! { <p><b>{said}</b></p> {owed.map(|owed| view! { <p>{owed}</p> })} }.into_any();
    }
    let late =
        (preview.too_late > 0).then(|| view! { <li>{counted("privacy-too-late", preview.too_late)}</li> });
    let records = match preview.until {
        Some(until) => texts.with(
            "privacy-stays-records",
            &[
                ("count", preview.records.into()),
                ("years", preview.years.into()),
                ("until", time::long_date(until, texts).into()),
            ],
        ),
        None => texts.text("privacy-stays-no-records"),
    };
    let payments = (preview.payments > 0)
        .then(|| view! { <li>{counted("privacy-stays-payments", preview.payments)}</li> });
    view! {
        <h3>{texts.text("privacy-goes")}</h3>
        <ul>
            <li>{texts.text("privacy-goes-person")}</li>
            <li>{counted("privacy-goes-ahead", preview.ahead)}</li>
            {late}
            <li>{counted("privacy-goes-appointments", preview.appointments)}</li>
            <li>{counted("privacy-goes-messages", preview.messages)}</li>
            <li>{texts.text("privacy-goes-access")}</li>
        </ul>
        <h3>{texts.text("privacy-stays")}</h3>
        <ul>
            <li>{records}</li>
            {payments}
            {owed.map(|owed| view! { <li>{owed}</li> })}
            <li>{texts.text("privacy-stays-log")}</li>
        </ul>
        {form}
    }
    .into_any()
}

/// The form that erases a person, once its reader is sure.
fn erase_form(action: &'static str, patient: i64, texts: Texts) -> AnyView {
    view! {
        <form method="post" action=action class="stack">
            <Hidden name="patient" value=patient.to_string() />
            <label class="choice">
                <input type="checkbox" name="sure" value="true" required />
                " "
                {texts.text("privacy-sure")}
            </label>
            <div class="actions">
                <button class="btn danger">{texts.text("privacy-erase")}</button>
            </div>
        </form>
    }
    .into_any()
}
