//! Reading the list: by patients, who learn of their place as a range, and by the staff.

use jiff::{Timestamp, civil, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{
    answer::{Which, find},
    rules::{DayParts, EndedBecause, EntryState, OfferState, Weekdays, Why},
};
use crate::{
    account::{
        Caller,
        acquaintance::{Sight, must_know},
        reads::{self, What},
    },
    appointment::Status,
    booking::Wanted,
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

/// A time that was offered.
#[derive(Clone, Debug)]
pub struct OfferView {
    pub id: i64,
    pub entry_id: i64,
    pub patient_id: i64,
    pub doctor_id: i64,
    pub doctor_name: String,
    pub clinic_id: i64,
    pub clinic_name: String,
    pub clinic_address: String,
    pub zone_name: String,
    pub zone: TimeZone,
    pub service_id: i64,
    service_name: String,
    service_names: Names,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// `None` where it was not kept, and the patient only told.
    pub kept_until: Option<Timestamp>,
    pub state: OfferState,
    pub why: Why,
    /// Who of the staff chose the patient.
    pub offered_by: Option<String>,
    /// Those who had waited longer and whom the time did not fit.
    pub passed_over: i32,
    pub offered_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    /// The reference of what came of it.
    pub booked: Option<String>,
    /// The reference and the start of the appointment that it moves.
    pub instead_of: Option<(String, Timestamp)>,
}

impl OfferView {
    /// The name of the service, as somebody with this language reads it.
    pub fn service(&self, locale: Locale) -> &str {
        self.service_names.or(&self.service_name, locale)
    }

    pub fn wanted(&self) -> Wanted {
        Wanted {
            doctor_id: self.doctor_id,
            clinic_id: self.clinic_id,
            service_id: self.service_id,
            starts_at: self.starts_at.as_second(),
        }
    }

    /// Whether its time is kept at this moment.
    pub fn stands(&self, now: Timestamp) -> bool {
        self.state == OfferState::Offered && self.kept_until.is_some_and(|until| until > now)
    }

    /// Its state at this moment: one that has run out has lapsed, whether or not the worker has written that.
    pub fn state_at(&self, now: Timestamp) -> OfferState {
        match self.state {
            OfferState::Offered if !self.stands(now) => OfferState::Lapsed,
            state => state,
        }
    }
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

struct OfferRow {
    id: i64,
    entry_id: i64,
    patient_id: i64,
    doctor_id: i64,
    doctor_name: String,
    clinic_id: i64,
    clinic_name: String,
    clinic_address: String,
    time_zone: String,
    service_id: i64,
    service_name: String,
    service_names: serde_json::Value,
    starts_at: jiff_sqlx::Timestamp,
    ends_at: jiff_sqlx::Timestamp,
    kept_until: Option<jiff_sqlx::Timestamp>,
    state: String,
    why: String,
    offered_by: Option<String>,
    passed_over: i32,
    offered_at: jiff_sqlx::Timestamp,
    answered_at: Option<jiff_sqlx::Timestamp>,
    booked: Option<String>,
    own_reference: Option<String>,
    own_starts_at: Option<jiff_sqlx::Timestamp>,
}

impl OfferRow {
    fn into_view(self) -> Result<OfferView, AppError> {
        let moment = jiff_sqlx::Timestamp::to_jiff;
        Ok(OfferView {
            id: self.id,
            entry_id: self.entry_id,
            patient_id: self.patient_id,
            doctor_id: self.doctor_id,
            doctor_name: self.doctor_name,
            clinic_id: self.clinic_id,
            clinic_name: self.clinic_name,
            clinic_address: self.clinic_address,
            zone: shown_zone(&self.time_zone),
            zone_name: self.time_zone,
            service_id: self.service_id,
            service_name: self.service_name,
            service_names: Names::stored(Some(self.service_names)),
            starts_at: self.starts_at.to_jiff(),
            ends_at: self.ends_at.to_jiff(),
            kept_until: self.kept_until.map(moment),
            state: OfferState::parse(&self.state).ok_or(AppError::Internal)?,
            why: Why::parse(&self.why).ok_or(AppError::Internal)?,
            offered_by: self.offered_by,
            passed_over: self.passed_over,
            offered_at: self.offered_at.to_jiff(),
            answered_at: self.answered_at.map(moment),
            booked: self.booked,
            instead_of: self.own_reference.zip(self.own_starts_at.map(moment)),
        })
    }
}

/// Reads offers: one list of columns for every condition.
macro_rules! offers {
    ($condition:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            OfferRow,
            r#"select offers.id, entry_id, offers.patient_id, offers.doctor_id, doctors.name as doctor_name,
                      offers.clinic_id, clinics.name as clinic_name,
                      clinics.address || ', ' || clinics.city as "clinic_address!", clinics.time_zone,
                      offers.service_id, services.name as service_name, services.names as service_names,
                      offers.starts_at as "starts_at: jiff_sqlx::Timestamp",
                      offers.ends_at as "ends_at: jiff_sqlx::Timestamp",
                      kept_until as "kept_until: jiff_sqlx::Timestamp", offers.state, why,
                      staff.name as "offered_by?", passed_over, offered_at as "offered_at: jiff_sqlx::Timestamp",
                      answered_at as "answered_at: jiff_sqlx::Timestamp", booked.reference as "booked?",
                      own.reference as "own_reference?", own.starts_at as "own_starts_at?: jiff_sqlx::Timestamp"
               from waitlist_offers as offers
               join waitlist_entries as entries on entries.id = entry_id
               join doctors on doctors.id = offers.doctor_id
               join clinics on clinics.id = offers.clinic_id
               join services on services.id = offers.service_id
               left join staff on staff.id = offers.offered_by
               left join appointments as booked on booked.id = booked_id
               left join appointments as own on own.id = entries.instead_of "# + $condition,
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

/// What a patient waits for, for the staff who have to do with them.
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
    of(database, vec![patient_id], None).await
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

/// Reads an offer that this patient may answer, or has answered.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn offer_of(database: &Database, caller: &Caller, which: Which) -> Result<OfferView, AppError> {
    let caller = caller.clone();
    database
        .read("waitlist.offer", move |mut connection| async move {
            let id = match which {
                Which::Offer(id) => id,
                Which::OfEntry(_) => find(&mut connection, &caller, which).await?.id,
            };
            let row = offers!("where offers.id = $1", id)
                .fetch_optional(&mut *connection)
                .await?
                .ok_or(AppError::NotFound)?;
            match caller.acts_for(Some(row.patient_id)) {
                true => Ok(row.into_view()?),
                false => Err(AppError::NotFound.into()),
            }
        })
        .await
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
                           and exists (select from offers where offers.doctor_id = $5
                                                            and offers.service_id = entries.service_id))
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
            with_offers(&mut connection, rows).await
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

/// Why somebody on the list is not asked for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Misfit {
    Doctor,
    Clinic,
    Dates,
    Weekday,
    DayPart,
    /// The time is nearer than is of use.
    Notice,
    /// The appointment that is to move is no later.
    NotSooner,
    /// They were offered this very time before.
    HadIt,
    /// They have another offer, or had one then.
    OtherOffer,
    /// They are somewhere else at that time.
    Busy,
}

impl Misfit {
    const ALL: [(Self, &'static str); 10] = [
        (Self::Doctor, "doctor"),
        (Self::Clinic, "clinic"),
        (Self::Dates, "dates"),
        (Self::Weekday, "weekday"),
        (Self::DayPart, "day-part"),
        (Self::Notice, "notice"),
        (Self::NotSooner, "not-sooner"),
        (Self::HadIt, "had-it"),
        (Self::OtherOffer, "other-offer"),
        (Self::Busy, "busy"),
    ];

    /// The word of the reason.
    pub fn as_str(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(one, _)| *one == self)
            .map_or("", |(_, word)| word)
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(one, _)| *one)
    }
}

/// Somebody who had waited longer for a service than whom its time was offered to.
#[derive(Clone, Debug)]
pub struct Among {
    pub entry_id: i64,
    pub patient_id: i64,
    pub patient_name: Option<String>,
    pub joined_at: Timestamp,
    /// `None` where nothing speaks against them as the list is now: they joined or were changed since, or somebody changed
    /// them at that very moment.
    pub misfit: Option<Misfit>,
}

/// Why whom: those who had waited longer than the one whom an offer was made, each with what spoke against them, as far as
/// the list of now shows it.
///
/// # Errors
/// `NOT_FOUND` for who is no staff, and for an offer of another calendar.
pub async fn passed_over(
    database: &Database,
    caller: &Caller,
    offer_id: i64,
    now: Timestamp,
) -> Result<(OfferView, Vec<Among>), AppError> {
    let sight = Sight::of(caller)?;
    let (offer, among) = database
        .search("waitlist.passed_over", move |mut connection| async move {
            let offer = offers!(
                "where offers.id = $1 and ($2::bigint is null or offers.doctor_id = $2)
                   and ($3::bigint[] is null or offers.clinic_id = any($3))",
                offer_id,
                sight.doctor_id,
                sight.clinics.as_deref()
            )
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(AppError::NotFound)?
            .into_view()?;
            let local = offer.starts_at.to_zoned(offer.zone.clone()).datetime();
            let rows = sqlx::query!(
                r#"select entries.id, entries.patient_id, patients.name as patient_name,
                          joined_at as "joined_at: jiff_sqlx::Timestamp",
                          case
                              when entries.doctor_id <> $2 then 'doctor'
                              when entries.clinic_id <> $3 then 'clinic'
                              when $4::date not between first_day and last_day then 'dates'
                              when weekdays & $5::smallint = 0 then 'weekday'
                              when day_parts & $6::smallint = 0 then 'day-part'
                              when $7::timestamptz < $8::timestamptz + make_interval(mins => notice_minutes) then 'notice'
                              when own.starts_at <= $7 then 'not-sooner'
                              when exists (select from waitlist_offers as had
                                           where had.entry_id = entries.id and had.doctor_id = $2
                                             and had.starts_at = $7 and had.id < $9) then 'had-it'
                              when exists (select from waitlist_offers as other
                                           where other.patient_id = entries.patient_id and other.offered_at <= $8
                                             and other.id <> $9 and other.state <> 'told'
                                             and coalesce(other.answered_at, 'infinity') >= $8) then 'other-offer'
                              when exists (select from appointments as elsewhere
                                           where elsewhere.patient_id = entries.patient_id
                                             and elsewhere.id is distinct from entries.instead_of
                                             and elsewhere.status in ('pending', 'confirmed', 'in_progress', 'completed')
                                             and elsewhere.starts_at < $10 and elsewhere.ends_at > $7) then 'busy'
                          end as misfit
                   from waitlist_entries as entries
                   join patients on patients.id = entries.patient_id
                   left join appointments as own on own.id = entries.instead_of
                   where entries.service_id = $1
                     and (joined_at, entries.id) < (select joined_at, id from waitlist_entries where id = $11)
                     and coalesce(ended_at, 'infinity') > $8
                   order by joined_at, entries.id
                   limit $12"#,
                offer.service_id,
                offer.doctor_id,
                offer.clinic_id,
                local.date().to_sqlx() as _,
                Weekdays::bit(local.date().weekday()),
                DayParts::bit(local),
                offer.starts_at.to_sqlx(),
                offer.offered_at.to_sqlx(),
                offer.id,
                offer.ends_at.to_sqlx(),
                offer.entry_id,
                PER_PAGE,
            )
            .fetch_all(&mut *connection)
            .await?;
            let among = rows.into_iter().map(|row| Among {
                entry_id: row.id,
                patient_id: row.patient_id,
                patient_name: row.patient_name,
                joined_at: row.joined_at.to_jiff(),
                misfit: row.misfit.as_deref().and_then(Misfit::parse),
            });
            Ok((offer, among.collect::<Vec<Among>>()))
        })
        .await?;
    let patients = among.iter().map(|one| one.patient_id).chain([offer.patient_id]);
    reads::record(database, caller, What::List, patients.collect::<Vec<i64>>(), now).await;
    Ok((offer, among))
}
