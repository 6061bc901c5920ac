//! The page of locks and conflicts (C3).

use crate::{
    account::guard,
    server::AppState,
    ui::{Page, icon, page, texts},
};
use engine::monitoring::numbers::{Distribution, Numbers, Operation};
use leptos::prelude::*;

use super::{chart, duration, whole};
use engine::{
    i18n::Texts,
    monitoring::locks::{Locks, Pool, Table, Wait, locks, pool},
};

/// The number of operations in a chart.
const MAX_DRAWN: usize = 8;
const PARTS: [f64; 3] = [0.5, 0.95, 0.99];

/// Returns the locks of this moment, and the measurements of this server since it started.
#[component]
pub fn LocksPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let locks = locks(&state.database).await?;
        let pool = pool(&state.database);
        let numbers = Numbers::parse(&state.database.statistics().render());
        Ok(Page::new(
            texts.text("locks-title"),
            view! {
                <div class="page-head">
                    <div><h1>{texts.text("locks-title")}</h1><p>{texts.text("locks-intro")}</p></div>
                    <a class="btn" href="/admin/locks">{icon("refresh")}{texts.text("locks-refresh")}</a>
                </div>
                {now(&locks, pool, texts)}
                {since(&numbers, &locks, texts)}
                {charts(&numbers, texts)}
                {operations(&numbers, texts)}
            },
        ))
    })
}

fn figure(name: String, value: String) -> impl IntoView {
    view! { <div><dt>{name}</dt><dd class="num">{value}</dd></div> }
}

fn now(locks: &Locks, pool: Pool, texts: Texts) -> impl IntoView + use<> {
    let longest = locks.waits.first().map_or(0.0, |wait| wait.seconds);
    let in_use = texts.with(
        "locks-pool-of",
        &[("used", pool.in_use.into()), ("most", pool.most.into())],
    );
    view! {
        <section class="stack" aria-labelledby="now">
            <h2 id="now">{texts.text("locks-now")}</h2>
            <dl class="stats">
                {figure(texts.text("locks-waiting"), locks.waiting.to_string())}
                {figure(texts.text("locks-longest"), duration(longest, texts))}
                {figure(texts.text("locks-transactions"), locks.transactions.to_string())}
                {figure(texts.text("locks-oldest"), duration(locks.oldest_transaction_seconds, texts))}
                {figure(texts.text("locks-pool"), in_use)}
            </dl>
            {waits(&locks.waits, texts)}
            {tables(&locks.tables, texts)}
        </section>
    }
}

fn head(keys: &[&str], texts: Texts) -> impl IntoView + use<> {
    let cells = keys
        .iter()
        .map(|key| view! { <th scope="col">{texts.text(key)}</th> })
        .collect_view();
    view! { <thead><tr>{cells}</tr></thead> }
}

fn waits(waits: &[Wait], texts: Texts) -> impl IntoView + use<> {
    if waits.is_empty() {
        return view! { <p class="soft">{texts.text("locks-nobody-waits")}</p> }.into_any();
    }
    let rows = waits
        .iter()
        .map(|wait| {
            let blockers = wait
                .blocked_by
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>();
            view! {
                <tr>
                    <th scope="row" class="num">{wait.pid}</th>
                    <td data-label=texts.text("column-waits")>{duration(wait.seconds, texts)}</td>
                    <td data-label=texts.text("column-table")>
                        {wait.table.clone().unwrap_or_else(|| texts.text("locks-a-transaction"))}
                    </td>
                    <td data-label=texts.text("column-blocked-by") class="num">{blockers.join(", ")}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap" role="region" aria-label=texts.text("locks-waits") tabindex="0">
            <table class="cards">
                <caption>{texts.text("locks-waits")}</caption>
                {head(&["column-session", "column-waits", "column-table", "column-blocked-by"], texts)}
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn tables(tables: &[Table], texts: Texts) -> impl IntoView + use<> {
    let busy: Vec<&Table> = tables
        .iter()
        .filter(|table| table.held > 0 || table.waiting > 0)
        .collect();
    if busy.is_empty() {
        return view! { <p class="soft">{texts.text("locks-nothing-held")}</p> }.into_any();
    }
    let rows = busy
        .into_iter()
        .map(|table| {
            view! {
                <tr>
                    <th scope="row" class="mono">{table.name.clone()}</th>
                    <td data-label=texts.text("column-held") class="num">{table.held}</td>
                    <td data-label=texts.text("column-waiting") class="num">{table.waiting}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap" role="region" aria-label=texts.text("locks-held") tabindex="0">
            <table class="cards">
                <caption>{texts.text("locks-held")}</caption>
                {head(&["column-table", "column-held", "column-waiting"], texts)}
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn since(numbers: &Numbers, locks: &Locks, texts: Texts) -> impl IntoView + use<> {
    let conflicts: f64 = numbers.conflicts.values().sum();
    let constraints: f64 = numbers.constraints.values().sum();
    let failures =
        |kinds: &[&str]| -> f64 { kinds.iter().filter_map(|kind| numbers.failures.get(*kind)).sum() };
    view! {
        <section class="stack" aria-labelledby="since">
            <h2 id="since">{texts.text("locks-since")}</h2>
            <dl class="stats">
                {figure(texts.text("locks-done"), whole(numbers.sum(|operation| operation.done)))}
                {figure(texts.text("locks-conflicts"), whole(conflicts))}
                {figure(texts.text("locks-retries"), whole(numbers.sum(|operation| operation.retries)))}
                {figure(texts.text("locks-give-ups"), whole(numbers.sum(|operation| operation.give_ups)))}
                {figure(texts.text("locks-timeouts"), whole(failures(&["lock_timeout", "timeout"])))}
                {figure(texts.text("locks-rollbacks"), whole(numbers.rollbacks))}
                {figure(texts.text("locks-constraints"), whole(constraints))}
                {figure(texts.text("locks-deadlocks"), locks.deadlocks.to_string())}
            </dl>
        </section>
    }
}

fn charts(numbers: &Numbers, texts: Texts) -> impl IntoView + use<> {
    let kinds = |counts: &std::collections::BTreeMap<String, f64>, prefix: &str| -> Vec<(String, f64)> {
        let mut rows: Vec<_> = counts
            .iter()
            .map(|(kind, count)| {
                (
                    texts.text(&format!("{prefix}-{}", kind.replace('_', "-"))),
                    *count,
                )
            })
            .collect();
        rows.sort_by(|a, b| b.1.total_cmp(&a.1));
        rows
    };
    let conflicts = kinds(&numbers.conflicts, "prevented");
    let failures = kinds(&numbers.failures, "failure");
    view! {
        <div class="grid fit">
            {drawn("chart-waits", chart_of(numbers, |operation| &operation.lock_wait, "chart-waits", texts), texts)}
            {drawn(
                "chart-durations",
                chart_of(numbers, |operation| &operation.duration, "chart-durations", texts),
                texts,
            )}
            {drawn(
                "chart-conflicts",
                (!conflicts.is_empty()).then(|| chart::bars("chart-conflicts", &conflicts, false).into_any()),
                texts,
            )}
            {drawn(
                "chart-failures",
                (!failures.is_empty()).then(|| chart::bars("chart-failures", &failures, true).into_any()),
                texts,
            )}
        </div>
    }
}

/// A chart under its heading, which is also its name.
fn drawn(key: &'static str, chart: Option<AnyView>, texts: Texts) -> impl IntoView {
    let chart = chart
        .unwrap_or_else(|| view! { <p class="soft">{texts.text("locks-nothing-measured")}</p> }.into_any());
    view! {
        <section class="card stack-s">
            <h2 id=key>{texts.text(key)}</h2>
            <p class="soft small">{texts.text(&format!("{key}-text"))}</p>
            {chart}
        </section>
    }
}

fn quantiles(distribution: &Distribution) -> Option<[f64; 3]> {
    let [p50, p95, p99] = PARTS.map(|part| distribution.quantile(part));
    Some([p50?, p95?, p99?])
}

fn chart_of(
    numbers: &Numbers,
    of: impl Fn(&Operation) -> &Distribution,
    heading: &'static str,
    texts: Texts,
) -> Option<AnyView> {
    let mut rows: Vec<_> = numbers
        .operations
        .iter()
        .filter_map(|(name, operation)| {
            let distribution = of(operation);
            Some((distribution.count(), (name.clone(), quantiles(distribution)?)))
        })
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    rows.truncate(MAX_DRAWN);
    let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
    (!rows.is_empty()).then(|| chart::spreads(heading, &rows, texts).into_any())
}

fn operations(numbers: &Numbers, texts: Texts) -> impl IntoView + use<> {
    let spread = |distribution: &Distribution| match quantiles(distribution) {
        Some(times) => times.map(|time| duration(time, texts)).join(" · "),
        None => "–".to_owned(),
    };
    let rows = numbers
        .operations
        .iter()
        .filter(|(_, operation)| operation.attempts > 0.0)
        .map(|(name, operation)| {
            view! {
                <tr>
                    <th scope="row" class="mono">{name.clone()}</th>
                    <td data-label=texts.text("column-done") class="num">{whole(operation.done)}</td>
                    <td data-label=texts.text("column-refused") class="num">{whole(operation.refused)}</td>
                    <td data-label=texts.text("column-failed") class="num">{whole(operation.failed)}</td>
                    <td data-label=texts.text("column-retries") class="num">{whole(operation.retries)}</td>
                    <td data-label=texts.text("column-lock-wait") class="num">{spread(&operation.lock_wait)}</td>
                    <td data-label=texts.text("column-lock-hold") class="num">{spread(&operation.lock_hold)}</td>
                    <td data-label=texts.text("column-duration") class="num">{spread(&operation.duration)}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = [
        "column-operation",
        "column-done",
        "column-refused",
        "column-failed",
        "column-retries",
        "column-lock-wait",
        "column-lock-hold",
        "column-duration",
    ];
    view! {
        <div class="stack">
            <h2 id="operations">{texts.text("locks-operations")}</h2>
            <p class="soft">{texts.text("locks-operations-text")}</p>
            <div class="table-wrap" role="region" aria-labelledby="operations" tabindex="0">
                <table class="cards">
                    <caption class="hide">{texts.text("locks-operations")}</caption>
                    {head(&columns, texts)}
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </div>
    }
}
