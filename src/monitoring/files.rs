//! The log of changes as a table for other programs.

use axum::response::Response;

use crate::{
    audit::export::{Cursor, Export, Pages, ROWS, Row},
    server::AppState,
};
use engine::{
    account::must_be_admin,
    error::AppError,
    monitoring::audit::{self, Change, Subject, Wanted},
};

const HEADS: [&str; 11] = [
    "column-time",
    "changes-what",
    "security-by",
    "security-by-staff",
    "changes-patient",
    "changes-appointment",
    "changes-doctor",
    "changes-clinic",
    "changes-service",
    "changes-version",
    "changes-number",
];

/// `GET /admin/changes.csv`: the changes in the whole organisation, newest first, about one subject (`of`) or by one member of
/// staff (`staff`); for admins of all clinics.
pub async fn changes(export: Export) -> Response {
    let pages = pages(&export);
    export.answer("changes", &HEADS, pages).await
}

fn pages(export: &Export) -> Result<Changes, AppError> {
    must_be_admin(&export.caller)?;
    let subject = match export.value("of") {
        Some(of) => Subject::parse(of).ok_or(AppError::NotFound)?,
        None => Subject::default(),
    };
    Ok(Changes {
        state: export.state.clone(),
        subject,
        staff_id: export.number("staff"),
        cursor: Cursor::start(),
    })
}

/// Changes, page by page.
struct Changes {
    state: AppState,
    subject: Subject,
    staff_id: Option<i64>,
    cursor: Cursor,
}

impl Pages for Changes {
    async fn next(&mut self) -> Result<Option<Vec<Row>>, AppError> {
        let Some(before) = self.cursor.take() else {
            return Ok(None);
        };
        let wanted = Wanted {
            subject: self.subject,
            staff_id: self.staff_id,
            from: None,
            until: None,
            before,
            limit: ROWS,
        };
        let changes = audit::changes(&self.state.database, wanted).await?;
        self.cursor.pass(&changes, |last| last.id);
        Ok(Some(changes.into_iter().map(row).collect()))
    }
}

fn row(change: Change) -> Row {
    let number = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
    vec![
        change.changed_at.to_string(),
        change.what,
        change.actor,
        change.staff_name.unwrap_or_else(|| number(change.staff_id)),
        number(change.patient_id),
        number(change.appointment_id),
        number(change.doctor_id),
        number(change.clinic_id),
        number(change.service_id),
        change
            .version
            .map(|version| version.to_string())
            .unwrap_or_default(),
        change.id.to_string(),
    ]
}
