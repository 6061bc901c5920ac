//! The rows of the list, as every query of it selects them.

use sqlx::PgConnection;

use super::{InSession, Instead, View, offer::offers};
use crate::{
    appointment::Status,
    database::Failure,
    error::AppError,
    i18n::Names,
    time::shown_zone,
    waitlist::rules::{DayParts, EndedBecause, EntryState, Weekdays},
};

/// Number of offers of an entry that are shown, the newest first.
const MOST_OFFERS: i64 = 20;

/// The columns of an entry.
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) patient_id: i64,
    pub(super) patient_name: Option<String>,
    pub(super) service_id: i64,
    pub(super) service_key: String,
    pub(super) service_name: String,
    pub(super) service_names: serde_json::Value,
    pub(super) doctor_id: Option<i64>,
    pub(super) doctor_name: Option<String>,
    pub(super) clinic_id: Option<i64>,
    pub(super) clinic_name: Option<String>,
    pub(super) first_day: jiff_sqlx::Date,
    pub(super) last_day: jiff_sqlx::Date,
    pub(super) weekdays: i16,
    pub(super) day_parts: i16,
    pub(super) notice_minutes: i32,
    pub(super) instead_of: Option<i64>,
    pub(super) own_reference: Option<String>,
    pub(super) own_starts_at: Option<jiff_sqlx::Timestamp>,
    pub(super) own_status: Option<String>,
    pub(super) own_zone: Option<String>,
    pub(super) group_id: Option<i64>,
    pub(super) group_title: Option<String>,
    pub(super) group_starts_at: Option<jiff_sqlx::Timestamp>,
    pub(super) seats: Option<i32>,
    pub(super) clinic_zone: Option<String>,
    pub(super) reason: String,
    pub(super) state: String,
    pub(super) ended_because: Option<String>,
    pub(super) joined_at: jiff_sqlx::Timestamp,
    pub(super) joined_by: Option<String>,
    pub(super) lapses: i32,
    pub(super) version: i32,
    pub(super) place: i64,
}

impl Row {
    pub(super) fn into_view(self) -> Result<View, AppError> {
        let own = (
            self.instead_of,
            self.own_reference,
            self.own_starts_at,
            self.own_status,
            self.own_zone,
        );
        let instead_of = match own {
            (Some(id), Some(reference), Some(starts_at), Some(status), Some(zone)) => Some(Instead {
                id,
                reference,
                starts_at: starts_at.to_jiff(),
                status: Status::parse(&status).ok_or(AppError::Internal)?,
                zone: shown_zone(&zone),
            }),
            _ => None,
        };
        let session = match (self.group_id, self.group_title, self.group_starts_at, self.seats) {
            (Some(id), Some(title), Some(starts_at), Some(seats)) => Some(InSession {
                id,
                title,
                starts_at: starts_at.to_jiff(),
                zone: shown_zone(self.clinic_zone.as_deref().unwrap_or("UTC")),
                seats,
            }),
            _ => None,
        };
        Ok(View {
            id: self.id,
            patient_id: self.patient_id,
            patient_name: self.patient_name,
            service_id: self.service_id,
            service_key: self.service_key,
            service_name: self.service_name,
            service_names: Names::stored(Some(self.service_names)),
            doctor_id: self.doctor_id,
            doctor_name: self.doctor_name,
            clinic_id: self.clinic_id,
            clinic_name: self.clinic_name,
            first_day: self.first_day.to_jiff(),
            last_day: self.last_day.to_jiff(),
            weekdays: Weekdays(self.weekdays),
            day_parts: DayParts(self.day_parts),
            notice_minutes: self.notice_minutes,
            instead_of,
            session,
            reason: self.reason,
            state: EntryState::parse(&self.state).ok_or(AppError::Internal)?,
            ended_because: self.ended_because.as_deref().and_then(EndedBecause::parse),
            joined_at: self.joined_at.to_jiff(),
            joined_by: self.joined_by,
            lapses: self.lapses,
            version: self.version,
            place: self.place,
            offers: Vec::new(),
            is_known: true,
        })
    }
}

/// Reads entries: one list of columns for every condition.
macro_rules! entries {
    ($condition:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            $crate::waitlist::read::row::Row,
            r#"select entries.id, entries.patient_id, patients.name as patient_name, entries.service_id,
                      services.key as service_key, services.name as service_name, services.names as service_names,
                      entries.doctor_id, doctors.name as "doctor_name?", entries.clinic_id,
                      clinics.name as "clinic_name?", first_day as "first_day: jiff_sqlx::Date",
                      last_day as "last_day: jiff_sqlx::Date", weekdays, day_parts, entries.notice_minutes,
                      entries.instead_of, own.reference as "own_reference?",
                      own.starts_at as "own_starts_at?: jiff_sqlx::Timestamp", own.status as "own_status?",
                      places.time_zone as "own_zone?", entries.group_id, sessions.title as "group_title?",
                      sessions.starts_at as "group_starts_at?: jiff_sqlx::Timestamp", entries.seats,
                      clinics.time_zone as "clinic_zone?", entries.reason, entries.state, ended_because,
                      joined_at as "joined_at: jiff_sqlx::Timestamp", staff.name as "joined_by?", lapses,
                      entries.version,
                      (select count(*) + 1 from waitlist_entries as earlier
                       join patients as others on others.id = earlier.patient_id and others.active
                       where earlier.service_id = entries.service_id and earlier.state = 'waiting'
                         and earlier.group_id is not distinct from entries.group_id
                         and (earlier.joined_at, earlier.id) < (entries.joined_at, entries.id)) as "place!"
               from waitlist_entries as entries
               join patients on patients.id = entries.patient_id
               join services on services.id = entries.service_id
               left join doctors on doctors.id = entries.doctor_id
               left join clinics on clinics.id = entries.clinic_id
               left join staff on staff.id = entries.joined_by
               left join appointments as own on own.id = entries.instead_of
               left join clinics as places on places.id = own.clinic_id
               left join groups as sessions on sessions.id = entries.group_id "# + $condition,
            $($argument),+
        )
    };
}

pub(super) use entries;

/// Gives entries their offers.
pub(super) async fn with_offers(connection: &mut PgConnection, rows: Vec<Row>) -> Result<Vec<View>, Failure> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut views = rows
        .into_iter()
        .map(Row::into_view)
        .collect::<Result<Vec<View>, AppError>>()?;
    if ids.is_empty() {
        return Ok(views);
    }
    let offers = offers!(
        "join unnest($1::bigint[]) as wanted (id) on wanted.id = entry_id
         where offers.id in (select id from waitlist_offers as newest where newest.entry_id = wanted.id
                             order by id desc limit $2)
         order by offers.id desc",
        &ids,
        MOST_OFFERS
    )
    .fetch_all(connection)
    .await?;
    for offer in offers {
        if let Some(view) = views.iter_mut().find(|view| view.id == offer.entry_id) {
            view.offers.push(offer.into_view()?);
        }
    }
    Ok(views)
}
