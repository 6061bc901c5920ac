//! A list of whom to call as a table for other programs.

use axum::response::Response;

use crate::{
    appointment::page::status_key,
    audit::export::{Export, Row, Whole},
    schedule::page::reach_text,
};
use engine::{
    error::AppError,
    schedule::{Call, call_list},
    time,
};

const CALLS: [&str; 10] = [
    "sheet-date",
    "column-time",
    "column-patient",
    "phone-label",
    "column-doctor",
    "column-visit",
    "column-status",
    "calls-reach",
    "calls-tick",
    "fact-reference",
];

/// `GET /admin/calls.csv` and `GET /doctor/calls.csv`: the calls of the list that is asked for, by the times of the appointments;
/// for the desk, and for doctors their own lists.
pub async fn calls(export: Export) -> Response {
    let rows = rows(&export).await.map(Whole::new);
    export.answer("calls", &CALLS, rows).await
}

async fn rows(export: &Export) -> Result<Vec<Row>, AppError> {
    let id = export.number("list").ok_or(AppError::NotFound)?;
    let now = export.state.now();
    let (_, calls) = call_list(&export.state.database, &export.caller, id, now).await?;
    Ok(calls.iter().map(|call| row(export, call)).collect())
}

fn row(export: &Export, call: &Call) -> Row {
    let (item, texts) = (&call.affected.item, export.texts);
    let called = call.called.as_ref().map(|called| {
        let when = time::moment(called.at, &item.zone, texts);
        texts.with(
            "calls-called",
            &[("who", called.by.clone().into()), ("when", when.into())],
        )
    });
    vec![
        time::local_date(item.starts_at, &item.zone).to_string(),
        time::clock(item.starts_at, &item.zone, texts.locale()),
        item.patient_name.clone().unwrap_or_default(),
        item.patient_phone.clone().unwrap_or_default(),
        item.doctor(texts),
        item.service(texts.locale()).to_owned(),
        texts.text(status_key(item.status_at(export.state.now()))),
        reach_text(&export.state, &call.affected, texts),
        called.unwrap_or_default(),
        item.reference.clone(),
    ]
}
