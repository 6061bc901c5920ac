//! The names of specialities in other languages. A speciality is known by its main name, which doctors have.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{form::MAX_NAME, must_be_admin};
use crate::{
    account::{Caller, typed},
    database::{Database, Failure, Tx},
    error::{AppError, Field},
    i18n::{Locale, Names},
    idempotency::{self, Key},
};

/// A speciality of doctors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speciality {
    /// The main name.
    pub name: String,
    pub names: Names,
    /// 0 while it has no other names.
    pub version: i32,
    /// The number of doctors who have it.
    pub doctors: i64,
}

/// The command to name a speciality in other languages.
#[derive(Clone, Debug)]
pub struct NameSpeciality {
    pub caller: Caller,
    /// The main name, which some doctor has.
    pub speciality: String,
    /// The version that the caller has read (C7).
    pub version: i32,
    pub names: Names,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// All specialities, by their main names.
///
/// # Errors
/// Those of the database.
pub async fn specialities(database: &Database) -> Result<Vec<Speciality>, AppError> {
    database
        .read("organisation.specialities", |mut connection| async move {
            let rows = sqlx::query!(
                r#"select doctors.speciality, names as "names?", coalesce(speciality_names.version, 0) as "version!",
                          count(*) as "doctors!"
                   from doctors left join speciality_names on speciality_names.speciality = doctors.speciality
                   where doctors.id <> 0
                   group by doctors.speciality, speciality_names.speciality
                   order by doctors.speciality"#,
            )
            .fetch_all(&mut *connection)
            .await?;
            let specialities = rows.into_iter().map(|row| Speciality {
                name: row.speciality,
                names: Names::stored(row.names),
                version: row.version,
                doctors: row.doctors,
            });
            Ok(specialities.collect())
        })
        .await
}

/// Names a speciality in other languages, and answers with the version.
///
/// # Errors
/// `NOT_FOUND` for whoever is no admin of all clinics, and for a speciality that no doctor has; `STALE_VERSION` where
/// somebody changed it since the caller read it; `VALIDATION_FAILED`, `IDEMPOTENCY_CONFLICT`.
pub async fn name_speciality(
    database: &Database,
    mut command: NameSpeciality,
    now: Timestamp,
) -> Result<i32, AppError> {
    must_be_admin(&command.caller)?;
    for locale in Locale::ALL {
        let name = typed(name_field(locale), command.names.get(locale), MAX_NAME)?;
        command.names = command.names.with(locale, name);
    }
    database
        .write("organisation.name_speciality", move |tx| {
            attempt(tx, command.clone(), now)
        })
        .await
}

/// The field with the name in this language.
pub fn name_field(locale: Locale) -> Field {
    match locale {
        Locale::En => Field::NameEn,
        Locale::Id => Field::NameId,
        Locale::De => Field::NameDe,
    }
}

/// The version is compared in the statement that writes: it needs no lock of its own.
async fn attempt(mut tx: Tx, command: NameSpeciality, now: Timestamp) -> Result<i32, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let is_there = sqlx::query_scalar!(
        r#"select exists (select from doctors where speciality = $1 and id <> 0) as "is_there!""#,
        command.speciality,
    );
    if !is_there.fetch_one(&mut *tx).await? {
        return Err(AppError::NotFound.into());
    }
    let version = sqlx::query_scalar!(
        "insert into speciality_names as known (speciality, names, changed_at) select $1, $2, $3 where $4 = 0
         on conflict on constraint speciality_names_pkey do nothing
         returning version",
        command.speciality,
        command.names.to_store(),
        now.to_sqlx(),
        command.version,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let version = match version {
        Some(version) => Some(version),
        None => {
            sqlx::query_scalar!(
                "update speciality_names set names = $2, changed_at = $3, version = version + 1
                 where speciality = $1 and version = $4
                 returning version",
                command.speciality,
                command.names.to_store(),
                now.to_sqlx(),
                command.version,
            )
            .fetch_optional(&mut *tx)
            .await?
        }
    };
    let version = version.ok_or(AppError::StaleOrganisation)?;
    idempotency::answer(&mut tx, key, &version, &[]).await?;
    tx.commit().await?;
    Ok(version)
}
