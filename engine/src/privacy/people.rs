//! The records of one person: the one that stays, and those that became a part of it.

use sqlx::PgConnection;

use crate::database::Failure;

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
