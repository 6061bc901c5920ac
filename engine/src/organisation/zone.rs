//! The zones of clinics, which this program and PostgreSQL must both know: their tables of zones are not the same.

use sqlx::PgConnection;

use crate::{
    database::{Database, Failure},
    error::{AppError, Field, FieldProblem},
    time,
};

/// Refuses a zone that is not one for both.
///
/// # Errors
/// `VALIDATION_FAILED`.
pub(super) async fn must_be_known(connection: &mut PgConnection, zone: &str) -> Result<(), Failure> {
    let is_known = time::zone(zone).is_some()
        && sqlx::query_scalar!(
            r#"select exists (select from pg_timezone_names where name = $1) as "is_known!""#,
            zone,
        )
        .fetch_one(connection)
        .await?;
    match is_known {
        true => Ok(()),
        false => Err(AppError::invalid(Field::TimeZone, FieldProblem::Malformed).into()),
    }
}

/// The clinics whose zone is not one for both, with its name.
///
/// # Errors
/// Those of the database.
pub async fn unknown_zones(connection: &mut PgConnection) -> Result<Vec<(i64, String)>, Failure> {
    let clinics = sqlx::query!(
        r#"select id, time_zone, time_zone in (select name from pg_timezone_names) as "is_known!"
           from clinics order by id"#
    )
    .fetch_all(connection)
    .await?;
    Ok(clinics
        .into_iter()
        .filter(|clinic| !clinic.is_known || time::zone(&clinic.time_zone).is_none())
        .map(|clinic| (clinic.id, clinic.time_zone))
        .collect())
}

/// Logs the clinics whose zone is not one for both, as the server does when it starts: nothing can be booked there until an
/// admin has chosen another zone, or the tables of zones have been brought up to date.
///
/// # Errors
/// Those of the database.
pub async fn log_unknown_zones(database: &Database) -> Result<(), AppError> {
    let unknown = database.read("organisation.zones", move |mut connection| async move {
        unknown_zones(&mut connection).await
    });
    for (clinic_id, zone) in unknown.await? {
        tracing::error!(
            clinic.id = clinic_id,
            zone,
            "the time zone of a clinic is not known to both Janji and PostgreSQL"
        );
    }
    Ok(())
}
