//! Reading the list: by patients, who learn of their place as a range, and by the staff.

mod offer;
mod passed;
mod row;

use jiff::{Timestamp, civil, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use self::row::{entries, with_offers};
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
    database::Database,
    error::AppError,
    i18n::{Locale, Names, Texts},
    nobody::is_nobody,
};

/// Number of entries on one page of the list.
pub const PER_PAGE: i64 = 100;

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
    doctor_name: Option<String>,
    pub clinic_id: Option<i64>,
    pub clinic_name: Option<String>,
    pub first_day: civil::Date,
    pub last_day: civil::Date,
    pub weekdays: Weekdays,
    pub day_parts: DayParts,
    pub notice_minutes: i32,
    /// The appointment that is to move.
    pub instead_of: Option<Instead>,
    /// The session in which seats are waited for, instead of a time.
    pub session: Option<InSession>,
    pub reason: String,
    pub state: EntryState,
    pub ended_because: Option<EndedBecause>,
    pub joined_at: Timestamp,
    /// Who of the staff put them on the list.
    pub joined_by: Option<String>,
    pub lapses: i32,
    pub version: i32,
    /// Counted from 1 among those who wait for the service, or for seats of the session; of no meaning for whoever does not.
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

    /// The name of the doctor; that there is none in the session, or that it may be any.
    pub fn doctor(&self, texts: Texts) -> String {
        match (self.doctor_id, &self.doctor_name) {
            (Some(id), Some(name)) if !is_nobody(id) => name.clone(),
            (Some(_), _) => texts.text("no-doctor"),
            (None, _) => texts.text("waitlist-any-doctor"),
        }
    }

    /// The offer that stands, or that is open and has run out while nobody else has its time.
    pub fn open_offer(&self) -> Option<&OfferView> {
        self.offers
            .iter()
            .find(|offer| offer.state == OfferState::Offered)
    }
}

/// A group session in which somebody waits for seats.
#[derive(Clone, Debug)]
pub struct InSession {
    pub id: i64,
    pub title: String,
    pub starts_at: Timestamp,
    pub zone: TimeZone,
    /// The number of seats: all of them, or none.
    pub seats: i32,
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
                           -- A session of theirs need not be of a service that they offer.
                           and (entries.group_id is not null
                                or exists (select from offers
                                           where offers.doctor_id = $5 and offers.service_id = entries.service_id
                                             and (entries.clinic_id is null or offers.clinic_id = entries.clinic_id))))
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
