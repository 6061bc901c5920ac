//! Payments, and what each day brought, as tables for other programs.

use axum::response::Response;
use engine::{
    account::{
        Caller,
        reads::{self, What},
    },
    error::AppError,
    i18n::Texts,
    payment::{
        PaymentState, Provider,
        board::{self, Entry, Search},
    },
    time::local_date,
};
use jiff::{ToSpan, tz::TimeZone};

use super::{forms::FOUND, provider_text};
use crate::{
    audit::export::{Export, Pages, ROWS, Row, Whole},
    payment::page::state_text,
    server::AppState,
};

const HEADS: [&str; 12] = [
    "payments-began",
    "payments-paid-at",
    "payments-number",
    "fact-reference",
    "payments-clinic",
    "payments-means",
    "payments-state",
    "payments-amount",
    "payments-back",
    "payments-currency",
    "payments-by",
    "payments-theirs",
];

const DAY_HEADS: [&str; 6] = [
    "payments-day",
    "payments-currency",
    "payments-count",
    "payments-taken",
    "payments-back",
    "payments-kept",
];

/// The days that a table of revenue goes back.
const FILE_DAYS: i32 = 366;

fn at_desk(caller: &Caller) -> Result<(), AppError> {
    match caller.role().is_at_desk() {
        true => Ok(()),
        false => Err(AppError::NotFound),
    }
}

/// `GET /admin/payments.csv`: the payments that the filter of their list is after, newest first, without names.
pub async fn payments(export: Export) -> Response {
    let pages = wanted(&export).await;
    export.answer("payments", &HEADS, pages).await
}

async fn wanted(export: &Export) -> Result<Payments, AppError> {
    at_desk(&export.caller)?;
    let about: String = match export.value("found") {
        Some(_) => export.session.typed(FOUND, "").await?,
        None => String::new(),
    };
    Ok(Payments {
        caller: export.caller.clone(),
        state: export.state.clone(),
        texts: export.texts,
        wanted: Search {
            state: export.value("state").and_then(PaymentState::parse),
            provider: export.value("means").and_then(Provider::parse),
            about: Some(about).filter(|about| !about.is_empty()),
            before: None,
            limit: ROWS,
        },
        is_done: false,
    })
}

/// Payments, page by page.
struct Payments {
    caller: Caller,
    state: AppState,
    texts: Texts,
    wanted: Search,
    is_done: bool,
}

impl Pages for Payments {
    async fn next(&mut self) -> Result<Option<Vec<Row>>, AppError> {
        if self.is_done {
            return Ok(None);
        }
        let (database, now) = (&self.state.database, self.state.now());
        let entries = board::entries(database, &self.caller, self.wanted.clone()).await?;
        self.is_done = i64::try_from(entries.len()).map_or(true, |count| count < ROWS);
        self.wanted.before = entries.last().map(|last| last.id);
        let patients = entries.iter().filter_map(|entry| entry.patient_id);
        reads::record(database, &self.caller, What::List, patients, now).await;
        let texts = self.texts;
        Ok(Some(entries.into_iter().map(|entry| row(entry, texts)).collect()))
    }
}

fn row(entry: Entry, texts: Texts) -> Row {
    vec![
        entry.created_at.to_string(),
        entry.paid_at.map(|at| at.to_string()).unwrap_or_default(),
        entry
            .receipt_number
            .map(|number| number.to_string())
            .unwrap_or_default(),
        entry.reference,
        entry.clinic,
        provider_text(entry.provider, texts),
        state_text(entry.state, texts),
        entry.price.amount(),
        entry.paid_back.amount(),
        entry.price.currency,
        entry.taken_by.unwrap_or_default(),
        entry.provider_payment.unwrap_or_default(),
    ]
}

/// `GET /admin/revenue.csv`: what each day of the last year brought.
pub async fn revenue(export: Export) -> Response {
    let pages = days(&export).await.map(Whole::new);
    export.answer("revenue", &DAY_HEADS, pages).await
}

async fn days(export: &Export) -> Result<Vec<Row>, AppError> {
    at_desk(&export.caller)?;
    let since = local_date(export.state.now(), &TimeZone::UTC).saturating_sub(FILE_DAYS.days());
    let days = board::revenue(&export.state.database, &export.caller, since).await?;
    Ok(days
        .into_iter()
        .map(|day| {
            let kept = day.kept();
            let sign = if kept.minor < 0 { "-" } else { "" };
            vec![
                day.day.to_string(),
                day.taken.currency.clone(),
                day.payments.to_string(),
                day.taken.amount(),
                day.paid_back.amount(),
                format!("{sign}{}", kept.amount()),
            ]
        })
        .collect())
}
