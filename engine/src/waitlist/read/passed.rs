//! Why whom: those who had waited longer than the one whom a time was offered to.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::offer::{OfferView, offers};
use crate::{
    account::{
        Caller,
        acquaintance::{Sight, known_of},
        reads::{self, What},
    },
    database::Database,
    error::AppError,
    waitlist::rules::{DayParts, Weekdays},
};

/// Number of people who are named.
const MOST: i64 = 100;

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
    /// They want more seats than were given.
    Party,
}

impl Misfit {
    const ALL: [(Self, &'static str); 11] = [
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
        (Self::Party, "party"),
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
    /// Whether whoever reads it has to do with the patient.
    pub is_known: bool,
}

/// Why whom: those who had waited longer than the one whom an offer was made, each with what spoke against them, as far as
/// the list of now shows it. Doctors and those of named clinics read of whom their own list has, while the offer counts all.
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
                              when $15::bigint is null and exists (select from waitlist_offers as had
                                           where had.state <> 'skipped' and had.patient_id = entries.patient_id and had.doctor_id = $2
                                             and had.starts_at = $7 and had.group_id is null and had.id < $9) then 'had-it'
                              when exists (select from waitlist_offers as other
                                           where other.patient_id = entries.patient_id and other.offered_at <= $8
                                             and other.id <> $9 and other.appointment_id is not null
                                             and coalesce(other.answered_at, 'infinity') >= $8) then 'other-offer'
                              when exists (select from appointments as elsewhere
                                           where elsewhere.patient_id = entries.patient_id
                                             and elsewhere.id is distinct from entries.instead_of
                                             and elsewhere.status in ('pending', 'confirmed', 'in_progress', 'completed')
                                             and elsewhere.starts_at < $10 and elsewhere.ends_at > $7) then 'busy'
                              when entries.seats > $16::integer then 'party'
                          end as misfit
                   from waitlist_entries as entries
                   join patients on patients.id = entries.patient_id and patients.active
                   left join appointments as own on own.id = entries.instead_of
                   where entries.service_id = $1 and entries.group_id is not distinct from $15::bigint
                     and (joined_at, entries.id) < (select joined_at, id from waitlist_entries where id = $11)
                     and coalesce(ended_at, 'infinity') > $8
                     and ($13::bigint is null or entries.doctor_id is null or entries.doctor_id = $13)
                     and ($14::bigint[] is null or entries.clinic_id is null or entries.clinic_id = any($14))
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
                MOST,
                sight.doctor_id,
                sight.clinics.as_deref(),
                offer.session.map(|(group_id, _)| group_id),
                offer.session.map(|(_, seats)| seats),
            )
            .fetch_all(&mut *connection)
            .await?;
            let patients: Vec<i64> = rows.iter().map(|row| row.patient_id).collect();
            let known = known_of(&mut connection, &sight, &patients, now).await?;
            let among = rows.into_iter().map(|row| Among {
                entry_id: row.id,
                patient_id: row.patient_id,
                patient_name: row.patient_name,
                joined_at: row.joined_at.to_jiff(),
                misfit: row.misfit.as_deref().and_then(Misfit::parse),
                is_known: known.contains(&row.patient_id),
            });
            Ok((offer, among.collect::<Vec<Among>>()))
        })
        .await?;
    let patients = among.iter().map(|one| one.patient_id).chain([offer.patient_id]);
    reads::record(database, caller, What::List, patients.collect::<Vec<i64>>(), now).await;
    Ok((offer, among))
}
