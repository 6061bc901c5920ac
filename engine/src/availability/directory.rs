//! Finding a doctor.

use std::collections::BTreeMap;

use jiff::{Span, Timestamp};
use sqlx::PgConnection;

use super::{Except, Offering, calendars, offerings_of, offerings_of_services};
use crate::{
    database::{Database, Failure},
    error::AppError,
    i18n::{Locale, Names},
    rating::{Average, averages},
    time,
};

/// A doctor as patients see one.
#[derive(Clone, Debug)]
pub struct Doctor {
    pub id: i64,
    pub name: String,
    pub speciality: String,
    pub speciality_names: Names,
    pub about: String,
    /// BCP 47 codes.
    pub languages: Vec<String>,
    pub offerings: Vec<Offering>,
    /// The average of the ratings.
    pub rating: Option<Average>,
}

impl Doctor {
    /// The speciality, as somebody with this language reads it.
    pub fn speciality(&self, locale: Locale) -> &str {
        self.speciality_names.or(&self.speciality, locale)
    }
}

/// A patient's search; an empty field matches anything.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Part of a name or speciality.
    pub words: String,
    pub speciality: String,
    pub clinic_id: Option<i64>,
    pub language: String,
    pub paging: Paging,
}

impl Search {
    /// Returns whether nothing in particular is sought.
    pub fn is_for_all(&self) -> bool {
        self.words.trim().is_empty()
            && self.speciality.is_empty()
            && self.clinic_id.is_none()
            && self.language.is_empty()
    }
}

/// Number of doctors that a list shows.
pub const MAX_DOCTORS: i64 = 60;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    pub order: Order,
    /// The id of the doctor that it begins after.
    pub after: Option<i64>,
    pub limit: i64,
}

impl Default for Paging {
    fn default() -> Self {
        Self {
            order: Order::Name,
            after: None,
            limit: MAX_DOCTORS,
        }
    }
}

/// In which order doctors are listed. Those who are equal in it are in the order of their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    Name,
    NameBackwards,
    /// Those whom nobody has rated come last, whichever way.
    Rating,
    BestRating,
}

impl Order {
    const ALL: [Self; 4] = [Self::Name, Self::NameBackwards, Self::Rating, Self::BestRating];

    /// As programs and the statement call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::NameBackwards => "-name",
            Self::Rating => "rating",
            Self::BestRating => "-rating",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.as_str() == text)
    }
}

/// Number of days ahead in which the first free time is looked for.
const LOOK_AHEAD: i32 = 14;

/// The active doctors that fit a search, each with the first free time of what they offer first, where
/// there is one soon.
///
/// # Errors
/// Those of the database.
pub async fn directory(
    database: &Database,
    search: Search,
    now: Timestamp,
) -> Result<Vec<(Doctor, Option<(Offering, Timestamp)>)>, AppError> {
    database
        .read("availability.directory", move |mut connection| async move {
            doctors(&mut connection, &search, now).await
        })
        .await
}

async fn doctors(
    connection: &mut PgConnection,
    search: &Search,
    now: Timestamp,
) -> Result<Vec<(Doctor, Option<(Offering, Timestamp)>)>, Failure> {
    let rows = sqlx::query!(
        r#"with rated as (
             select doctors.*,
                    case when $5 in ('rating', '-rating') then
                        (select avg(score) from ratings where doctor_id = doctors.id)
                    end as rating
             from doctors
         ),
         placed as (
             select rated.*,
                    row_number() over (order by
                        case $5 when 'name' then name end,
                        case $5 when '-name' then name end desc,
                        case $5 when 'rating' then rating end,
                        case $5 when '-rating' then rating end desc nulls last,
                        name, id) as place
             from rated
         )
         select id, name, speciality, about, languages,
                (select names from speciality_names where speciality_names.speciality = placed.speciality) as "names?"
         from placed
         where active
           and ($1 = '' or folded_words like containing($1)
                or exists (select from speciality_names, jsonb_each_text(names) as named
                           where speciality_names.speciality = placed.speciality
                             and folded(named.value) like containing($1))
                or exists (select from offers join services on services.id = service_id
                           where doctor_id = placed.id and services.active
                             and (folded(services.name) like containing($1)
                                  or exists (select from jsonb_each_text(services.names) as named
                                             where folded(named.value) like containing($1)))))
           and ($2 = '' or speciality = $2
                or exists (select from speciality_names, jsonb_each_text(names) as named
                           where speciality_names.speciality = placed.speciality and named.value = $2))
           and ($3::bigint is null
                or exists (select from offers where doctor_id = placed.id and clinic_id = $3))
           and ($4 = '' or $4 = any(languages))
           and exists (select from offers join services on services.id = service_id
                       where doctor_id = placed.id and services.active)
           and ($6::bigint is null or place > (select place from placed as last where last.id = $6))
         order by place
         limit $7"#,
        search.words,
        search.speciality,
        search.clinic_id,
        search.language,
        search.paging.order.as_str(),
        search.paging.after,
        search.paging.limit,
    )
    .fetch_all(&mut *connection)
    .await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let ratings = averages(connection, &ids).await?;
    let mut offerings = super::offerings_of_many(connection, &ids).await?;
    let first: Vec<Offering> = ids
        .iter()
        .filter_map(|id| {
            offerings
                .iter()
                .filter(|offering| offering.doctor_id == *id && offering.closed().is_none())
                .find(|offering| {
                    search
                        .clinic_id
                        .is_none_or(|clinic_id| offering.clinic_id == clinic_id)
                })
                .cloned()
        })
        .collect();
    // A day more on each side: today is not the same date everywhere.
    let today = time::local_date(now, &jiff::tz::TimeZone::UTC);
    let from = today.saturating_sub(Span::new().days(1));
    let until = today.saturating_add(Span::new().days(LOOK_AHEAD + 1));
    let calendars = calendars(connection, &first, from, until, &Except::default(), now).await?;
    let mut next: Vec<(Offering, Timestamp)> = first
        .into_iter()
        .zip(calendars)
        .filter_map(|(offering, calendar)| {
            let starts_at = from
                .series(Span::new().days(1))
                .take_while(|date| *date <= until)
                .flat_map(|date| calendar.day(date).slots)
                .find(|slot| slot.free)?
                .starts_at;
            Some((offering, starts_at))
        })
        .collect();
    Ok(rows
        .into_iter()
        .map(|row| {
            let next = next
                .iter()
                .position(|(offering, _)| offering.doctor_id == row.id)
                .map(|index| next.swap_remove(index));
            let theirs = offerings
                .extract_if(.., |offering| offering.doctor_id == row.id)
                .filter(|offering| offering.closed().is_none())
                .collect();
            let doctor = Doctor {
                id: row.id,
                name: row.name,
                speciality: row.speciality,
                speciality_names: Names::stored(row.names),
                about: row.about,
                languages: row.languages,
                offerings: theirs,
                rating: ratings.get(&row.id).copied(),
            };
            (doctor, next)
        })
        .collect())
}

/// An active doctor.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn doctor(database: &Database, id: i64) -> Result<Doctor, AppError> {
    database
        .read("availability.doctor", move |mut connection| async move {
            one(&mut connection, id).await
        })
        .await
}

pub(super) async fn one(connection: &mut PgConnection, id: i64) -> Result<Doctor, Failure> {
    let row = sqlx::query!(
        r#"select name, speciality,
                  (select names from speciality_names
                   where speciality_names.speciality = doctors.speciality) as "names?",
                  about, languages, sum as "sum?", count as "count!"
           from doctors, lateral (select sum(score), count(*) from ratings where doctor_id = doctors.id) as rated
           where id = $1 and active"#,
        id,
    )
    .fetch_optional(&mut *connection)
    .await?
    .ok_or(Failure::Refused(AppError::NotFound))?;
    let mut offerings = offerings_of(connection, id).await?;
    offerings.retain(|offering| offering.closed().is_none());
    Ok(Doctor {
        id,
        name: row.name,
        speciality: row.speciality,
        speciality_names: Names::stored(row.names),
        about: row.about,
        languages: row.languages,
        offerings,
        rating: row.sum.map(|sum| Average {
            sum,
            count: row.count,
        }),
    })
}

/// The services that can be booked, and the doctors.
#[derive(Clone, Debug)]
pub struct Overview {
    pub choices: Choices,
    /// Those that fit the search, each with the first free time.
    pub doctors: Vec<(Doctor, Option<(Offering, Timestamp)>)>,
    /// An offering of each service that can be booked with any doctor, where nobody in particular is looked for.
    pub services: Option<Vec<Offering>>,
}

/// The choices of the search: those of active doctors, and every clinic.
#[derive(Clone, Debug)]
pub struct Choices {
    pub specialities: Vec<(String, Names)>,
    /// By name, with the city.
    pub clinics: Vec<(i64, String)>,
    /// BCP 47 codes.
    pub languages: Vec<String>,
}

/// Reads what can be booked and with whom, for who looks for this.
///
/// # Errors
/// Those of the database.
pub async fn overview(database: &Database, search: Search, now: Timestamp) -> Result<Overview, AppError> {
    database
        .read("availability.overview", move |mut connection| async move {
            let is_particular = [&search.words, &search.speciality, &search.language]
                .into_iter()
                .any(|wish| !wish.is_empty());
            Ok(Overview {
                choices: choices(&mut connection).await?,
                doctors: doctors(&mut connection, &search, now).await?,
                services: match is_particular {
                    true => None,
                    false => Some(offerings_of_services(&mut connection, search.clinic_id).await?),
                },
            })
        })
        .await
}

async fn choices(connection: &mut PgConnection) -> Result<Choices, Failure> {
    let row = sqlx::query!(
        r#"with placed as (select id, name || ', ' || city as name, name as by from clinics)
           select array(select distinct speciality from doctors where active order by 1) as "specialities!",
                  (select jsonb_object_agg(speciality, names) from speciality_names) as "names?",
                  array(select id from placed order by by, id) as "clinic_ids!",
                  array(select name from placed order by by, id) as "clinics!",
                  array(select distinct unnest(languages) from doctors where active order by 1) as "languages!""#,
    )
    .fetch_one(connection)
    .await?;
    let mut names: BTreeMap<String, Names> = row
        .names
        .and_then(|names| serde_json::from_value(names).ok())
        .unwrap_or_default();
    let specialities = row.specialities.into_iter().map(|speciality| {
        let names = names.remove(&speciality).unwrap_or_default();
        (speciality, names)
    });
    Ok(Choices {
        specialities: specialities.collect(),
        clinics: row.clinic_ids.into_iter().zip(row.clinics).collect(),
        languages: row.languages,
    })
}
