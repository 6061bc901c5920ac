//! The page of the integrity of the database (C5).

use crate::{
    account::guard,
    monitoring::forms::Verify,
    server::AppState,
    ui::{Page, icon, page, query, texts},
};
use jiff::{SignedDuration, tz::TimeZone};
use leptos::{prelude::*, server_fn::ServerFn};

use super::duration;
use engine::{
    i18n::Texts,
    integrity::Finding,
    monitoring::{integrity::overdue_by, verify::Report},
    time,
};

/// The last report, with a button for a new check.
#[component]
pub fn IntegrityPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let now = state.now();
        let report = state.integrity.latest(&state.database).await?;
        let asked: Option<i64> = query("asked").and_then(|asked| asked.parse().ok());
        let is_awaited = asked
            .filter(|&asked| asked <= now.as_millisecond())
            .is_some_and(|asked| {
                report
                    .as_ref()
                    .is_none_or(|report| report.checked_at.as_millisecond() < asked)
            });
        let missing = missing(is_awaited, overdue_by(&state.database, now).await?, texts);
        let found = match &report {
            Some(report) => found(report, texts).into_any(),
            None => view! {
                <div class="empty">
                    {icon("shield-check")}
                    <h2>{texts.text("integrity-none-title")}</h2>
                    <p>{texts.text("integrity-none-text")}</p>
                </div>
            }
            .into_any(),
        };
        Ok(Page::new(
            texts.text("integrity-title"),
            view! {
                <div class="page-head">
                    <div><h1>{texts.text("integrity-title")}</h1><p>{texts.text("integrity-intro")}</p></div>
                    <form method="post" action=Verify::url()>
                        <button class="btn primary">{icon("shield-check")}{texts.text("integrity-check")}</button>
                    </form>
                </div>
                {missing}
                {found}
            },
        ))
    })
}

/// What is to be known of checks that are not there: one that was asked for and has not ended, or none for long.
fn missing(is_awaited: bool, overdue_by: Option<SignedDuration>, texts: Texts) -> impl IntoView + use<> {
    let text = if is_awaited {
        Some(texts.text("integrity-awaited"))
    } else {
        overdue_by.map(|age| texts.with("integrity-old", &[("hours", age.as_hours().into())]))
    };
    text.map(|text| {
        view! {
            <section class="notice warn" role="status">
                {icon("alert-triangle")}
                <p>{text}</p>
            </section>
        }
    })
}

fn found(report: &Report, texts: Texts) -> impl IntoView + use<> {
    let broken = i64::try_from(report.broken().count()).unwrap_or(i64::MAX);
    let (class, role, name, title) = if broken == 0 {
        (
            "notice good",
            "status",
            "circle-check",
            texts.text("integrity-sound"),
        )
    } else {
        let title = texts.with("integrity-broken", &[("count", broken.into())]);
        ("notice bad", "alert", "alert-triangle", title)
    };
    let counted = texts.with(
        "integrity-counted",
        &[
            ("appointments", report.appointments.into()),
            ("changes", report.changes.into()),
            ("doctors", report.doctors.into()),
            ("patients", report.patients.into()),
        ],
    );
    let when = texts.with(
        "integrity-when",
        &[
            (
                "moment",
                time::moment(report.checked_at, &TimeZone::UTC, texts).into(),
            ),
            ("duration", duration(report.took.as_secs_f64(), texts).into()),
        ],
    );
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    // What is broken goes first; the rest stays in its order.
    findings.sort_by_key(|finding| finding.total == 0);
    let rows = findings
        .into_iter()
        .map(|finding| row(finding, texts))
        .collect_view();
    view! {
        <section class=class role=role aria-labelledby="outcome">
            {icon(name)}
            <h2 id="outcome">{title}</h2>
            <p>{counted}</p>
            <p>{when}</p>
        </section>
        <div class="table-wrap" role="region" aria-label=texts.text("integrity-rules") tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("integrity-rules")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{texts.text("column-rule")}</th>
                        <th scope="col">{texts.text("column-result")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(finding: &Finding, texts: Texts) -> impl IntoView + use<> {
    let hidden = finding.total - i64::try_from(finding.rows.len()).unwrap_or(0);
    let result = if finding.total == 0 {
        view! { <span class="tag">{icon("check")} " " {texts.text("integrity-kept")}</span> }.into_any()
    } else {
        let rows = finding
            .rows
            .iter()
            .map(|row| view! { <li>{row.clone()}</li> })
            .collect_view();
        let more = (hidden > 0)
            .then(|| view! { <li>{texts.with("integrity-more", &[("count", hidden.into())])}</li> });
        view! {
            <div class="stack-s">
                <span class="tag">
                    {icon("x")} " " {texts.with("integrity-times", &[("count", finding.total.into())])}
                </span>
                <ul class="small mono">{rows}{more}</ul>
            </div>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row">
                {finding.rule.sentence(texts)} " " <small class="mono">{finding.rule.name()}</small>
            </th>
            <td data-label=texts.text("column-result")>{result}</td>
        </tr>
    }
}
