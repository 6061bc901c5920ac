//! Reading the list: by patients, who learn of their place as a range, and by the staff.

mod offer;
mod passed;

use jiff::{Timestamp, civil, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use self::offer::offers;
pub use self::{
    offer::{OfferView, offer_of},
    passed::{Among, Misfit, passed_over},
};
use super::rules::{DayParts, EndedBecause, EntryState, OfferState, Weekdays};
use crate::{
    account::{
        Caller,
        acquaintance::{Sight, known_of, must_know},
        reads::{self, What},
    },
    appointment::Status,
    database::{Database, Failure},
    error::AppError,
    i18n::{Locale, Names},
    time::shown_zone,
};

/// Number of entries on one page of the list.
pub const PER_PAGE: i64 = 100;
/// Number of offers of an entry that are shown, the newest first.
const MOST_OFFERS: i64 = 20;

/// Somebody on the list.
#[derive(Clone, Debug)]
pub struct View {
    pub id: i64,
    pub patient_id: i64,
    pub patient_name: Option<String>,
    pub service_id: i64,
    pub service_key: String,
    service_name: String,
    service_names: Names,
    pub doctor_id: Option<i64>,
    pub doctor_name: Option<String>,
    pub clinic_id: Option<i64>,
    pub clinic_name: Option<String>,
    pub first_day: civil::Date,
    pub last_day: civil::Date,
    pub weekdays: Weekdays,
    pub day_parts: DayParts,
    pub notice_minutes: i32,
    /// The appointment that is to move.
    pub instead_of: Option<Instead>,
    pub reason: String,
    pub state: EntryState,
    pub ended_because: Option<EndedBecause>,
    pub joined_at: Timestamp,
    /// Who of the staff put them on the list.
    pub joined_by: Option<String>,
    pub lapses: i32,
    pub version: i32,
    /// Counted from 1 among those who wait for the service; of no meaning for whoever does not.
    pub place: i64,
    /// The newest first.
    pub offers: Vec<OfferView>,
    /// Whether whoever reads the list has to do with the patient, and so may act for them.
    pub is_known: bool,
}

impl View {
    /// The name of the service, as somebody with this language reads it.
    pub fn service(&self, locale: Locale) -> &str {
        self.service_names.or(&self.service_name, locale)
    }

    /// The offer that stands, or that is open and has run out while nobody else has its time.
    pub fn open_offer(&self) -> Option<&OfferView> {
        self.offers
            .iter()
            .find(|offer| offer.state == OfferState::Offered)
    }
}

/// An appointment that is to move to a time that comes free.
#[derive(Clone, Debug)]
pub struct Instead {
    pub id: i64,
    pub reference: String,
    pub starts_at: Timestamp,
    pub status: Status,
    pub zone: TimeZone,
}

struct Row {
    id: i64,
    patient_id: i64,
    patient_name: Option<String>,
    service_id: i64,
    service_key: String,
    service_name: String,
    service_names: serde_json::Value,
    doctor_id: Option<i64>,
    doctor_name: Option<String>,
    clinic_id: Option<i64>,
    clinic_name: Option<String>,
    first_day: jiff_sqlx::Date,
    last_day: jiff_sqlx::Date,
    weekdays: i16,
    day_parts: i16,
    notice_minutes: i32,
    instead_of: Option<i64>,
    own_reference: Option<String>,
    own_starts_at: Option<jiff_sqlx::Timestamp>,
    own_status: Option<String>,
    own_zone: Option<String>,
    reason: String,
    state: String,
    ended_because: Option<String>,
    joined_at: jiff_sqlx::Timestamp,
    joined_by: Option<String>,
    lapses: i32,
    version: i32,
    place: i64,
}

impl Row {
    fn into_view(self) -> Result<View, AppError> {
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
            Row,
            r#"select entries.id, entries.patient_id, patients.name as patient_name, entries.service_id,
                      services.key as service_key, services.name as service_name, services.names as service_names,
                      entries.doctor_id, doctors.name as "doctor_name?", entries.clinic_id,
                      clinics.name as "clinic_name?", first_day as "first_day: jiff_sqlx::Date",
                      last_day as "last_day: jiff_sqlx::Date", weekdays, day_parts, entries.notice_minutes,
                      entries.instead_of, own.reference as "own_reference?",
                      own.starts_at as "own_starts_at?: jiff_sqlx::Timestamp", own.status as "own_status?",
                      places.time_zone as "own_zone?", entries.reason, entries.state, ended_because,
                      joined_at as "joined_at: jiff_sqlx::Timestamp", staff.name as "joined_by?", lapses,
                      entries.version,
                      (select count(*) + 1 from waitlist_entries as earlier
                       join patients as others on others.id = earlier.patient_id and others.active
                       where earlier.service_id = entries.service_id and earlier.state = 'waiting'
                         and (earlier.joined_at, earlier.id) < (entries.joined_at, entries.id)) as "place!"
               from waitlist_entries as entries
               join patients on patients.id = entries.patient_id
               join services on services.id = entries.service_id
               left join doctors on doctors.id = entries.doctor_id
               left join clinics on clinics.id = entries.clinic_id
               left join staff on staff.id = entries.joined_by
               left join appointments as own on own.id = entries.instead_of
               left join clinics as places on places.id = own.clinic_id "# + $condition,
            $($argument),+
        )
    };
}

/// Gives entries their offers.
async fn with_offers(connection: &mut PgConnection, rows: Vec<Row>) -> Result<Vec<View>, Failure> {
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

/// What a patient and those who share their phone wait for, and what came of it: what is open first, the newest first.
///
/// # Errors
/// Those of the database.
pub async fn of_patients(database: &Database, caller: &Caller) -> Result<Vec<View>, AppError> {
    of(database, caller.patient_ids(), caller.opened_since()).await
}

/// What a patient waits for, for the staff who have to do with them: that with a doctor of theirs, or at their clinics.
///
/// # Errors
/// `NOT_FOUND`, as for a patient who is not there.
pub async fn of_patient(
    database: &Database,
    caller: &Caller,
    patient_id: i64,
    now: Timestamp,
) -> Result<Vec<View>, AppError> {
    let asking = caller.clone();
    database
        .read("waitlist.must_know", move |mut connection| async move {
            Sight::of(&asking)?;
            must_know(&mut connection, &asking, patient_id, now).await
        })
        .await?;
    let mut views = of(database, vec![patient_id], None).await?;
    views.retain(|view| is_visible(caller, view));
    Ok(views)
}

async fn of(
    database: &Database,
    patients: Vec<i64>,
    since: Option<Timestamp>,
) -> Result<Vec<View>, AppError> {
    database
        .read("waitlist.of_patients", move |mut connection| async move {
            let rows = entries!(
                "where entries.patient_id = any($1) and ($2::timestamptz is null or joined_at >= $2)
                 order by entries.state not in ('waiting', 'offered'), entries.id desc
                 limit $3",
                &patients,
                since.map(ToSqlx::to_sqlx) as _,
                PER_PAGE
            )
            .fetch_all(&mut *connection)
            .await?;
            with_offers(&mut connection, rows).await
        })
        .await
}

/// Reads an entry that the caller may see.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn entry(database: &Database, caller: &Caller, id: i64, now: Timestamp) -> Result<View, AppError> {
    let caller = caller.clone();
    database
        .read("waitlist.entry", move |mut connection| async move {
            let rows = entries!("where entries.id = $1", id)
                .fetch_all(&mut *connection)
                .await?;
            let view = with_offers(&mut connection, rows)
                .await?
                .pop()
                .ok_or(AppError::NotFound)?;
            if !is_visible(&caller, &view) {
                return Err(AppError::NotFound.into());
            }
            must_know(&mut connection, &caller, view.patient_id, now).await?;
            Ok(view)
        })
        .await
}

fn is_visible(caller: &Caller, view: &View) -> bool {
    match caller {
        Caller::Patient { .. } => caller.acts_for(Some(view.patient_id)) && caller.opens(view.joined_at),
        Caller::Doctor { doctor_id, .. } => view.doctor_id.is_none_or(|id| id == *doctor_id),
        Caller::Admin { .. } | Caller::Reception { .. } => {
            view.clinic_id.is_none_or(|id| !caller.is_kept_from(id))
        }
    }
}

/// Which part of the list is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those who wait or have an offer, unless it says otherwise.
    pub state: Option<EntryState>,
    pub service_id: Option<i64>,
    pub doctor_id: Option<i64>,
    pub clinic_id: Option<i64>,
    /// The last entry of the page before.
    pub after: Option<i64>,
    /// Number of entries; those of one page, unless it says otherwise.
    pub limit: Option<i64>,
}

/// The list as the staff see it, in the order of turns: doctors those who wait for them or for any doctor, the desk those of
/// its clinics or of any. It is recorded.
///
/// # Errors
/// `NOT_FOUND` for who is no staff.
pub async fn list(
    database: &Database,
    caller: &Caller,
    filter: Filter,
    now: Timestamp,
) -> Result<Vec<View>, AppError> {
    let sight = Sight::of(caller)?;
    let views = database
        .search("waitlist.list", move |mut connection| async move {
            let rows = entries!(
                "where case when $1::text is null then entries.state in ('waiting', 'offered') else entries.state = $1 end
                   and ($2::bigint is null or entries.service_id = $2)
                   and ($3::bigint is null or entries.doctor_id is null or entries.doctor_id = $3)
                   and ($4::bigint is null or entries.clinic_id is null or entries.clinic_id = $4)
                   and ($5::bigint is null
                        or (entries.doctor_id is null or entries.doctor_id = $5)
                           and exists (select from offers
                                       where offers.doctor_id = $5 and offers.service_id = entries.service_id
                                         and (entries.clinic_id is null or offers.clinic_id = entries.clinic_id)))
                   and patients.active
                   and ($6::bigint[] is null or entries.clinic_id is null or entries.clinic_id = any($6))
                   and ($7::bigint is null
                        or (joined_at, entries.id) > (select joined_at, id from waitlist_entries where id = $7))
                 order by joined_at, entries.id
                 limit $8",
                filter.state.map(EntryState::as_str),
                filter.service_id,
                filter.doctor_id,
                filter.clinic_id,
                sight.doctor_id,
                sight.clinics.as_deref(),
                filter.after,
                filter.limit.unwrap_or(PER_PAGE)
            )
            .fetch_all(&mut *connection)
            .await?;
            let mut views = with_offers(&mut connection, rows).await?;
            let patients: Vec<i64> = views.iter().map(|view| view.patient_id).collect();
            let known = known_of(&mut connection, &sight, &patients, now).await?;
            for view in &mut views {
                view.is_known = known.contains(&view.patient_id);
            }
            Ok(views)
        })
        .await?;
    let patients: Vec<i64> = views.iter().map(|view| view.patient_id).collect();
    reads::record(database, caller, What::List, patients, now).await;
    Ok(views)
}

/// The service of this key, that somebody may wait for.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn service_named(database: &Database, key: String) -> Result<i64, AppError> {
    database
        .read("waitlist.service_named", move |mut connection| async move {
            let id = sqlx::query_scalar!("select id from services where key = $1 and active", key);
            Ok(id
                .fetch_optional(&mut *connection)
                .await?
                .ok_or(AppError::NotFound)?)
        })
        .await
}
