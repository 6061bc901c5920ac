//! The records of one person: the one that stays, and those that became a part of it.

use jiff::Timestamp;
use sqlx::PgConnection;

use crate::{
    account::{
        Caller, must_be_admin,
        reads::{self, What},
    },
    database::{Database, Failure},
    error::AppError,
};

/// Says what a patient is called, by name or else by phone, also one whose record is closed; for admins of all clinics. It is
/// recorded.
///
/// # Errors
/// `NOT_FOUND` for others, and for a record that is erased or a part of another one.
pub async fn called(
    database: &Database,
    caller: &Caller,
    patient_id: i64,
    now: Timestamp,
) -> Result<String, AppError> {
    must_be_admin(caller)?;
    let called = database
        .read("privacy.called", move |mut connection| async move {
            let called = sqlx::query_scalar!(
                r#"select coalesce(name, phone) as "called!" from patients
                   where id = $1 and merged_into is null and erased_at is null"#,
                patient_id,
            );
            Ok(called
                .fetch_optional(&mut *connection)
                .await?
                .ok_or(AppError::NotFound)?)
        })
        .await?;
    reads::record(database, caller, What::Patient, [patient_id], now).await;
    Ok(called)
}

/// The ids of the records of a person, the one that stays first.
///
/// # Errors
/// Those of the database.
pub(super) async fn records_of(connection: &mut PgConnection, patient_id: i64) -> Result<Vec<i64>, Failure> {
    let merged = sqlx::query_scalar!(
        r#"with recursive records as (
               select id from patients where id = $1
               union
               select patients.id from patients join records on merged_into = records.id)
           select id as "id!" from records order by id <> $1, id"#,
        patient_id,
    );
    Ok(merged.fetch_all(connection).await?)
}

/// Makes sure, under the lock of these records, that they are still all: a merge that was committed meanwhile has added one,
/// whose row is not locked.
///
/// # Errors
/// `CONCURRENCY_ABORT`, so that it is done once more; those of the database.
pub(super) async fn must_still_be(
    connection: &mut PgConnection,
    records: &[i64],
    patient_id: i64,
) -> Result<(), Failure> {
    match records_of(connection, patient_id).await? == records {
        true => Ok(()),
        false => Err(AppError::ConcurrencyAbort.into()),
    }
}

/// Words by which a person can be found: names, the phone that is theirs alone, and addresses for mail.
#[derive(Clone, Debug, Default)]
pub(super) struct Traits {
    pub names: Vec<String>,
    pub phones: Vec<String>,
    pub emails: Vec<String>,
}

/// Shorter names are parts of too many other words.
const SHORTEST_NAME: usize = 4;

impl Traits {
    /// All that can be looked for in texts that are somebody else's.
    pub fn words(&self) -> Vec<String> {
        let names = self
            .names
            .iter()
            .filter(|name| name.chars().count() >= SHORTEST_NAME);
        names.chain(&self.phones).chain(&self.emails).cloned().collect()
    }

    /// Where messages went.
    pub fn recipients(&self) -> Vec<String> {
        self.phones.iter().chain(&self.emails).cloned().collect()
    }
}

/// Reads the traits of these records, also those that they had before. The phone of a family is its holder's, and an
/// address that somebody else has as well is not theirs alone.
///
/// # Errors
/// Those of the database.
pub(super) async fn traits_of(connection: &mut PgConnection, records: &[i64]) -> Result<Traits, Failure> {
    let rows = sqlx::query!(
        r#"select name, case when holder_id is null or holder_id = any($1) then phone end as phone,
                  case when not exists (select from patients as others
                                        where others.email = patients.email and others.id <> all($1)) then email end as email
           from patients where id = any($1)"#,
        records,
    )
    .fetch_all(&mut *connection)
    .await?;
    let earlier = sqlx::query_scalar!(
        r#"select before as "name!" from patient_changes where patient_id = any($1) and what = 'name' and before <> ''
           union select after from patient_changes where patient_id = any($1) and what = 'name' and after <> ''"#,
        records,
    )
    .fetch_all(connection)
    .await?;
    let mut traits = Traits {
        names: earlier,
        ..Traits::default()
    };
    for row in rows {
        traits.names.extend(row.name);
        traits.phones.extend(row.phone);
        traits.emails.extend(row.email);
    }
    for words in [&mut traits.names, &mut traits.phones, &mut traits.emails] {
        words.sort_unstable();
        words.dedup();
    }
    Ok(traits)
}
