//! The numbers that a phone agent answers, each of a clinic.

use crate::{
    account::{Caller, Country, Phone, must_be_admin},
    database::{Database, Lock, locking},
    error::{AppError, Field, FieldProblem},
    i18n::Locale,
};

/// A number that a phone agent answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub number: String,
    pub clinic_id: i64,
    pub clinic_name: String,
    /// The zone of the clinic.
    pub zone: String,
    pub locale: Locale,
}

/// Lists the numbers, in the order of clinics.
///
/// # Errors
/// Those of the database.
pub async fn lines(database: &Database) -> Result<Vec<Line>, AppError> {
    database
        .read("phone_call.lines", |mut connection| async move {
            let rows = sqlx::query!(
                "select number, clinic_id, clinics.name, time_zone, language
                 from phone_lines join clinics on clinics.id = clinic_id order by clinics.name, number"
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| Line {
                    number: row.number,
                    clinic_id: row.clinic_id,
                    clinic_name: row.name,
                    zone: row.time_zone,
                    locale: Locale::parse(&row.language).unwrap_or_default(),
                })
                .collect())
        })
        .await
}

/// The clinic that is called by this number, where it is one.
///
/// # Errors
/// Those of the database.
pub async fn line_of(database: &Database, number: &str) -> Result<Option<Line>, AppError> {
    Ok(lines(database)
        .await?
        .into_iter()
        .find(|line| line.number == number))
}

/// Whether the holder of a number is known, and the language they have chosen.
///
/// # Errors
/// Those of the database.
pub async fn language_of(database: &Database, number: Phone) -> Result<(bool, Option<Locale>), AppError> {
    database
        .read("phone_call.language_of", move |mut connection| async move {
            let locale = sqlx::query_scalar!(
                "select locale from patients where phone = $1 and holder_id is null and active",
                number.as_str(),
            )
            .fetch_optional(&mut *connection)
            .await?;
            let language = locale.as_ref().and_then(|locale| locale.as_deref());
            Ok((locale.is_some(), language.and_then(Locale::parse)))
        })
        .await
}

/// Says which clinic is called by a number, and in which language calls are answered.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics, and for a clinic that is not there; `VALIDATION_FAILED` for a number that
/// is none.
pub async fn set_line(
    database: &Database,
    caller: &Caller,
    (number, country): (&str, Country),
    clinic_id: i64,
    locale: Locale,
) -> Result<(), AppError> {
    must_be_admin(caller)?;
    let number = Phone::parse(number, country)?;
    database
        .write("phone_call.set_line", move |mut tx| {
            let number = number.clone();
            async move {
                let is_there =
                    sqlx::query_scalar!("select id from clinics where id = $1 for share", clinic_id);
                let is_there = locking(Lock::Organisation, is_there.fetch_optional(&mut *tx)).await?;
                if is_there.is_none() {
                    return Err(AppError::invalid(Field::Clinic, FieldProblem::Unknown).into());
                }
                sqlx::query!(
                    "insert into phone_lines (number, clinic_id, language) values ($1, $2, $3)
                     on conflict on constraint phone_lines_pkey do update
                         set clinic_id = excluded.clinic_id, language = excluded.language",
                    number.as_str(),
                    clinic_id,
                    locale.code(),
                )
                .execute(&mut *tx)
                .await?;
                tx.commit().await
            }
        })
        .await
}

/// Takes a number away: calls of it are told that nobody knows which clinic is meant. It can be repeated.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics.
pub async fn remove_line(database: &Database, caller: &Caller, number: &str) -> Result<(), AppError> {
    must_be_admin(caller)?;
    let number = crate::text::storable(number);
    database
        .write("phone_call.remove_line", move |mut tx| {
            let number = number.clone();
            async move {
                sqlx::query!("delete from phone_lines where number = $1", number)
                    .execute(&mut *tx)
                    .await?;
                tx.commit().await
            }
        })
        .await
}
