//! Everybody who can be booked, for programs that read all of them.

use super::{Offering, offerings_of_many};
use crate::{
    database::Database,
    error::AppError,
    i18n::{Locale, Names},
};

/// A doctor who can be booked, with what they offer.
#[derive(Clone, Debug)]
pub struct Rostered {
    pub id: i64,
    pub name: String,
    pub speciality: String,
    pub speciality_names: Names,
    /// BCP 47 codes.
    pub languages: Vec<String>,
    /// By clinic and service; never empty.
    pub offerings: Vec<Offering>,
}

impl Rostered {
    /// The speciality, as somebody with this language reads it.
    pub fn speciality(&self, locale: Locale) -> &str {
        self.speciality_names.or(&self.speciality, locale)
    }
}

/// The active doctors who offer something that can be booked, by id.
///
/// # Errors
/// Those of the database.
pub async fn roster(database: &Database) -> Result<Vec<Rostered>, AppError> {
    database
        .read("availability.roster", |mut connection| async move {
            let rows = sqlx::query!(
                r#"select id, name, speciality, languages,
                          (select names from speciality_names
                           where speciality_names.speciality = doctors.speciality) as "names?"
                   from doctors where active order by id"#
            )
            .fetch_all(&mut *connection)
            .await?;
            let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
            let mut offerings = offerings_of_many(&mut connection, &ids).await?;
            offerings.retain(|offering| offering.closed().is_none());
            let doctors = rows.into_iter().map(|row| Rostered {
                id: row.id,
                name: row.name,
                speciality: row.speciality,
                speciality_names: Names::stored(row.names),
                languages: row.languages,
                offerings: offerings
                    .extract_if(.., |offering| offering.doctor_id == row.id)
                    .collect(),
            });
            Ok(doctors.filter(|doctor| !doctor.offerings.is_empty()).collect())
        })
        .await
}
