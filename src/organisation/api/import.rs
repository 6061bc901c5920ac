//! Making many doctors at once.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    organisation::cell::wrong,
    server::{
        AppState,
        api::{Answer, Authenticated, Body, Done, RequestTexts, SentKey, done, unit},
        openapi::ORGANISATION,
    },
};
use engine::{
    error::AppError,
    i18n::Texts,
    organisation::{
        self, ImportDoctors,
        import::{Outcome, Places, Report, Reported, Table, columns_of},
        must_be_admin,
    },
};

/// The doctors to import, one in a line.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "lines": "name,speciality,languages,email,password,clinic,services,days,from,until,break_from,break_until\n\
              Dr Ayu Lestari,Dermatology,id en,ayu@clinic.example,a first password,Klinik Sehat,in_person,mon-fri,\
              09:00,17:00,12:00,13:00\n",
    "check": true
}))]
pub struct DoctorLines {
    /// Comma-separated values (RFC 4180). The first line has the names of the columns: `name`, `speciality`,
    /// `languages`, `email`, `password`, `clinic`, `services`, `days`, `from`, `until`, `break_from`, `break_until`.
    /// At most 200 doctors.
    #[serde(serialize_with = "unit")]
    #[schema(min_length = 1)]
    lines: String,
    /// A dry run: nothing is added, and the answer has the outcome of each line.
    #[serde(default)]
    check: bool,
}

/// The outcome of an import.
#[derive(Serialize, ToSchema)]
pub struct ImportReport {
    /// Whether this was a dry run.
    check: bool,
    rows: Vec<ImportedRow>,
}

/// The outcome of a line.
#[derive(Serialize, ToSchema)]
pub struct ImportedRow {
    /// The number of the line, counted from 1 with the line of column names.
    line: usize,
    name: String,
    outcome: ImportOutcome,
    /// The id of the doctor who was added or exists already.
    #[schema(example = 1)]
    doctor_id: Option<i64>,
    /// The earlier line with the same e-mail address, if `outcome` is `twice`.
    same_as_line: Option<usize>,
    /// All errors of the line, if `outcome` is `wrong`.
    problems: Vec<RowProblem>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// The doctor can be booked now, or could be.
    Added,
    /// Somebody signs in with this e-mail address. Nothing was changed.
    Already,
    /// An earlier line has this e-mail address.
    Twice,
    Wrong,
}

/// An error of a line.
#[derive(Serialize, ToSchema)]
pub struct RowProblem {
    /// The columns of the error, if they are known.
    #[schema(example = "email")]
    columns: &'static str,
    /// A text for people.
    error: String,
}

fn of_row(row: Reported, is_check: bool, texts: Texts) -> ImportedRow {
    let mut data = ImportedRow {
        line: row.line,
        name: row.name,
        outcome: ImportOutcome::Added,
        doctor_id: None,
        same_as_line: None,
        problems: Vec::new(),
    };
    match row.outcome {
        Outcome::Added { id } => data.doctor_id = (!is_check).then_some(id),
        Outcome::Already { id } => {
            data.outcome = ImportOutcome::Already;
            data.doctor_id = id;
        }
        Outcome::Twice { line } => {
            data.outcome = ImportOutcome::Twice;
            data.same_as_line = Some(line);
        }
        Outcome::Wrong(errors) => {
            data.outcome = ImportOutcome::Wrong;
            data.problems = errors
                .into_iter()
                .map(|error| RowProblem {
                    columns: match error {
                        AppError::ValidationFailed { field, .. } => columns_of(field),
                        _ => "",
                    },
                    error: wrong(error, texts),
                })
                .collect();
        }
    }
    data
}

/// Adds many doctors at once, or reports the effect of adding them.
///
/// A line with an error adds nobody, and the other lines are added all the same.
#[utoipa::path(
    post, path = "/v1/import/doctors", tag = ORGANISATION, request_body = DoctorLines, security(("token" = ["sign-in"])),
    responses((status = 200, description = "The outcome of each line", body = Done<ImportReport>)),
)]
pub async fn import_doctors(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<DoctorLines>,
) -> Answer {
    must_be_admin(&caller)?;
    let key = sent.of_secret(&caller, "import-doctors", &request, &request.lines)?;
    let table = Table::read(&request.lines)?;
    let clinics = organisation::clinics(&state.database).await?;
    let services = organisation::services(&state.database).await?;
    let command = ImportDoctors {
        caller,
        rows: table.rows(&Places::new(clinics, services))?,
        is_check: request.check,
        key: key.filter(|_| !request.check),
    };
    let Report { is_check, rows } =
        organisation::import_doctors(&state.database, command, state.now()).await?;
    let data = ImportReport {
        check: is_check,
        rows: rows.into_iter().map(|row| of_row(row, is_check, texts)).collect(),
    };
    let message = match is_check {
        true => "api-import-checked",
        false => "api-imported",
    };
    Ok(done(StatusCode::OK, texts, message, data))
}
