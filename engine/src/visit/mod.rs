//! Visits: several appointments of one patient that are booked together, all or none (B7). A blood test, and the doctor who
//! reads it.
//!
//! Each segment is an appointment like any other, with a reference, a status and a history of its own: the doctors answer
//! each for themselves, and each can be cancelled alone. The *visit* remembers what belongs together; the patient may give
//! up the whole of it at once.
//!
//! A visit takes the locks of a booking, of each kind all of them before any of the next, by id. So two visits in opposite
//! orders wait for each other in a line, never in a circle.

mod book;
mod cancel;
pub mod integrity;
mod submit;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};

pub(crate) use self::submit::{Part, check_parts, lock_parts};
pub use self::{
    book::{BookVisit, book_course, book_visit},
    cancel::{cancel_rest, cancel_visit},
    submit::{SubmitVisit, submit_visit},
};
use crate::{
    appointment::Summary,
    database::{Failure, Tx},
    error::{AppError, Field, FieldProblem},
};

/// Number of segments that a visit can have.
pub const MAX_SEGMENTS: usize = 8;

/// Number of appointments that a course can have: a visit with one doctor, on many days.
pub const MAX_COURSE: usize = 20;

/// Appointments that were booked together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub id: i64,
    /// In the order in which they were asked for.
    pub appointments: Vec<Summary>,
}

/// Checks the number of segments: two at least.
///
/// # Errors
/// `VALIDATION_FAILED`.
fn check_count(segments: usize, most: usize) -> Result<(), AppError> {
    match segments {
        0 | 1 => Err(AppError::invalid(Field::Segments, FieldProblem::Missing)),
        count if count <= most => Ok(()),
        _ => Err(AppError::invalid(Field::Segments, FieldProblem::TooLong)),
    }
}

/// Writes a visit of these appointments of the patient, in this order.
///
/// # Errors
/// Those of the database.
pub(crate) async fn insert(
    tx: &mut Tx,
    patient_id: i64,
    appointments: Vec<Summary>,
    now: Timestamp,
) -> Result<Visit, Failure> {
    let id = sqlx::query_scalar!(
        "insert into visits (patient_id, created_at) values ($1, $2) returning id",
        patient_id,
        now.to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    let ids: Vec<i64> = appointments.iter().map(|one| one.id).collect();
    sqlx::query!(
        "update appointments set visit_id = $1, segment = place
         from unnest($2::bigint[]) with ordinality as parts (part_id, place)
         where id = part_id",
        id,
        &ids,
    )
    .execute(&mut **tx)
    .await?;
    Ok(Visit { id, appointments })
}
