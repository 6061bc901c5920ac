//! The lists of the desk as tables for other programs: the day of a clinic, the week of a doctor, and the patients who are
//! looked for.

use axum::response::Response;
use jiff::Timestamp;

use super::find::forms::{FORM, shortened};
use crate::{
    appointment::page::status_key,
    audit::export::{Cursor, Export, Pages, ROWS, Row, Whole},
};
use engine::{
    account::{Caller, must_be_at_desk},
    appointment::Search,
    desk::{
        Listing, patients,
        sheet::{Sheet, Wanted, sheet},
    },
    error::AppError,
    i18n::Texts,
    time,
};

const DAY: [&str; 8] = [
    "column-time",
    "column-patient",
    "phone-label",
    "column-doctor",
    "column-visit",
    "column-status",
    "arrive-do",
    "fact-reference",
];

const WEEK: [&str; 9] = [
    "sheet-date",
    "column-time",
    "column-patient",
    "phone-label",
    "column-doctor",
    "column-visit",
    "column-status",
    "arrive-do",
    "fact-reference",
];

/// `GET /admin/day.csv`: what is booked at a clinic on a day, by start, for the desk.
pub async fn day(export: Export) -> Response {
    let rows = async {
        must_be_at_desk(&export.caller)?;
        rows_of(&export, Wanted::Day).await
    };
    let rows = rows.await.map(Whole::new);
    export.answer("day", &DAY, rows).await
}

/// `GET /admin/week.csv`: what is booked with a doctor at a clinic in a week, by start; for the desk, and for doctors their own.
pub async fn week(export: Export) -> Response {
    let wanted = match &export.caller {
        Caller::Doctor { doctor_id, .. } => Wanted::OwnWeek {
            doctor_id: *doctor_id,
        },
        _ => Wanted::Week {
            doctor_id: export.number("doctor"),
        },
    };
    let rows = rows_of(&export, wanted).await.map(Whole::new);
    export.answer("week", &WEEK, rows).await
}

/// The rows of a sheet of the clinic and the date that are asked for.
async fn rows_of(export: &Export, wanted: Wanted) -> Result<Vec<Row>, AppError> {
    let date = match export.value("date") {
        Some(date) => Some(super::date_of(date).ok_or(AppError::NotFound)?),
        None => None,
    };
    let (database, now) = (&export.state.database, export.state.now());
    let shown = sheet(
        database,
        &export.caller,
        export.number("clinic"),
        date,
        wanted,
        now,
    )
    .await?;
    let shown = shown.ok_or(AppError::NotFound)?;
    let is_day = matches!(wanted, Wanted::Day);
    Ok(sheet_rows(&shown, is_day, export.texts, now))
}

fn sheet_rows(sheet: &Sheet, is_day: bool, texts: Texts, now: Timestamp) -> Vec<Row> {
    let clock = |at| time::clock(at, &sheet.clinic.zone, texts.locale());
    let mut visits: Vec<_> = sheet
        .columns
        .iter()
        .flat_map(|column| column.visits.iter().map(move |visit| (column, visit)))
        .filter(|(_, visit)| visit.clinic_id == sheet.clinic.id && visit.patient_id.is_some())
        .collect();
    visits.sort_by_key(|(_, visit)| visit.time.start);
    visits
        .into_iter()
        .map(|(column, visit)| {
            let status = match visit.is_late(now) {
                true => texts.text("arrival-late"),
                false => texts.text(status_key(visit.status)),
            };
            // All of a day have the same date.
            let date = (!is_day).then(|| column.date.to_string());
            let cells = [
                clock(visit.time.start),
                visit.patient_name.clone().unwrap_or_default(),
                visit.patient_phone.clone().unwrap_or_default(),
                column.doctor_name.clone(),
                visit.service(texts.locale()).to_owned(),
                status,
                visit.arrived_at.map(clock).unwrap_or_default(),
                visit.reference.clone(),
            ];
            date.into_iter().chain(cells).collect()
        })
        .collect()
}

/// `GET /staff/patients.csv`: the patients whom somebody of staff looked for last, among those whom they have to do with.
pub async fn found(export: Export) -> Response {
    let pages = async {
        let typed: String = export.session.typed(FORM, "").await?;
        Ok(Patients {
            caller: export.caller.clone(),
            state: export.state.clone(),
            search: Search::new(&shortened(&typed), export.state.config.rules.country),
            cursor: Cursor::start(),
        })
    };
    let pages = pages.await;
    export
        .answer("patients", &["column-patient", "phone-label"], pages)
        .await
}

/// Patients, page by page.
struct Patients {
    caller: Caller,
    state: crate::server::AppState,
    search: Search,
    cursor: Cursor,
}

impl Pages for Patients {
    async fn next(&mut self) -> Result<Option<Vec<Row>>, AppError> {
        let Some(after) = self.cursor.take() else {
            return Ok(None);
        };
        let wanted = Listing {
            search: self.search.clone(),
            after,
            limit: ROWS,
        };
        let people = patients(&self.state.database, &self.caller, wanted, self.state.now()).await?;
        self.cursor.pass(&people, |last| last.id);
        let row = |person: engine::desk::Person| vec![person.name.unwrap_or_default(), person.phone];
        Ok(Some(people.into_iter().map(row).collect()))
    }
}
