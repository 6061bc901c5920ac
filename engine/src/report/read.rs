//! Reading a report: the figures of a period as a whole and in parts, and those of the period before.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::PgConnection;

use super::{
    Asked, By, Chosen, Figures, Filter, Hour, Period, capacity::capacity, count::count, filled::filled,
    heat::hours, money::money, reminded::reminders, request::requests, session::sessions, table::Table,
};
use crate::{
    account::Caller,
    database::{Database, Failure},
    error::AppError,
};

/// A report.
#[derive(Clone, Debug)]
pub struct Report {
    pub total: Figures,
    /// Those of the period before.
    pub before: Figures,
    /// Parts of the total, most appointments first.
    pub groups: Vec<Group>,
    pub hours: Vec<Hour>,
}

/// A part of a report.
#[derive(Clone, Debug)]
pub struct Group {
    /// The name of a doctor, a clinic or a service; the word for a channel.
    pub name: String,
    pub figures: Figures,
}

/// Reads a report of what the caller sees: an admin their clinics, a doctor themselves.
///
/// # Errors
/// `NOT_FOUND` for others, and for what is not the caller's; those of the database.
pub async fn report(
    database: &Database,
    caller: &Caller,
    asked: Asked,
    now: Timestamp,
) -> Result<Report, AppError> {
    let chosen = Chosen {
        by: Some(asked.by),
        ..Chosen::new(caller, asked.period, asked.filter)?
    };
    let before = Chosen {
        period: asked.period.before(),
        by: None,
        ..chosen.clone()
    };
    database
        .report("report.read", move |mut tx| async move {
            let Table { total, by_key, .. } = table(&mut tx, &chosen, now).await?;
            let before = table(&mut tx, &before, now).await?.total;
            let hours = hours(&mut tx, &chosen).await?;
            let mut groups = named(&mut tx, asked.by, by_key).await?;
            groups.sort_by(|one, other| {
                let count = |group: &Group| std::cmp::Reverse(group.figures.appointments);
                (count(one), &one.name).cmp(&(count(other), &other.name))
            });
            Ok(Report {
                total,
                before,
                groups,
                hours,
            })
        })
        .await
}

async fn table(connection: &mut PgConnection, chosen: &Chosen, now: Timestamp) -> Result<Table, Failure> {
    let mut table = Table::default();
    count(connection, chosen, &mut table).await?;
    sessions(connection, chosen, &mut table).await?;
    requests(connection, chosen, &mut table).await?;
    filled(connection, chosen, &mut table).await?;
    reminders(connection, chosen, &mut table).await?;
    money(connection, chosen, &mut table).await?;
    // A doctor's hours are for all services that they offer.
    if chosen.service_id.is_none() {
        capacity(connection, chosen, &mut table, now).await?;
    }
    Ok(table)
}

/// A doctor, a clinic or a service, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub id: i64,
    pub name: String,
}

async fn named(
    connection: &mut PgConnection,
    by: By,
    figures: BTreeMap<String, Figures>,
) -> Result<Vec<Group>, Failure> {
    let names = match by {
        By::Channel => Vec::new(),
        By::Doctor => {
            sqlx::query_as!(Name, "select id, name from doctors")
                .fetch_all(connection)
                .await?
        }
        By::Clinic => {
            sqlx::query_as!(Name, "select id, name from clinics")
                .fetch_all(connection)
                .await?
        }
        By::Service => {
            sqlx::query_as!(Name, "select id, name from services")
                .fetch_all(connection)
                .await?
        }
    };
    let names: BTreeMap<String, String> = names
        .into_iter()
        .map(|one| (one.id.to_string(), one.name))
        .collect();
    Ok(figures
        .into_iter()
        .map(|(key, figures)| Group {
            name: names.get(&key).cloned().unwrap_or(key),
            figures,
        })
        .collect())
}

/// What a report can be about.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    pub clinics: Vec<Name>,
    /// None for a doctor, who is the only one.
    pub doctors: Vec<Name>,
    pub services: Vec<Name>,
}

/// Reads what the caller can ask for a report about.
///
/// # Errors
/// `NOT_FOUND` for patients and reception.
pub async fn choices(database: &Database, caller: &Caller, period: Period) -> Result<Choices, AppError> {
    let chosen = Chosen::new(caller, period, Filter::default())?;
    database
        .report("report.choices", move |mut tx| async move {
            let clinics = sqlx::query_as!(
                Name,
                "select id, name from clinics
                 where ($1::bigint[] is null or id = any($1))
                   and ($2::bigint is null or exists (
                       select from offers where clinic_id = clinics.id and doctor_id = $2))
                 order by name, id",
                chosen.clinics.as_deref(),
                chosen.doctor_id,
            )
            .fetch_all(&mut *tx)
            .await?;
            let doctors = match chosen.doctor_id {
                Some(_) => Vec::new(),
                None => {
                    sqlx::query_as!(
                        Name,
                        "select id, name from doctors
                         where $1::bigint[] is null
                            or exists (select from offers where doctor_id = doctors.id and clinic_id = any($1))
                         order by name, id",
                        chosen.clinics.as_deref(),
                    )
                    .fetch_all(&mut *tx)
                    .await?
                }
            };
            let services = sqlx::query_as!(Name, "select id, name from services order by name, id")
                .fetch_all(&mut *tx)
                .await?;
            Ok(Choices {
                clinics,
                doctors,
                services,
            })
        })
        .await
}
