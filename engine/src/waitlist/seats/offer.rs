//! Offering the seats of a session that are free, in the transaction that frees them.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::pick::{Asked, PickedParty, pick};
use crate::{
    database::{Failure, OnConstraint, Tx},
    error::AppError,
    event::Event,
    group::Session,
    time::plus_minutes,
    waitlist::{
        pick::is_still_fit,
        rules::{MOST_SKIPPED, MOST_TOLD, OfferState, Standing, Why, standing},
    },
};

/// Number of people who are looked at for seats that come free at once, where others change them at the same moment.
const MAX_TRIES: usize = 100;
/// The time within which offers without an answer are counted, in minutes: seats are many, and come free again.
const LAPSES_MINUTES: i64 = 24 * 60;

/// Offers the seats of a session that are free to those whose turn it is, or tells some of them, or does nothing where nobody
/// waits.
///
/// # Errors
/// Those of the database.
pub(in crate::waitlist) async fn offer_seats(
    tx: &mut Tx,
    group_id: i64,
    not_to: &[i64],
    now: Timestamp,
) -> Result<(), Failure> {
    if !is_awaited(tx, group_id).await? {
        return Ok(());
    }
    let Some(session) = Session::lock_at_once(tx, group_id).await? else {
        return Ok(());
    };
    let mut free = session.free(tx).await?;
    if free.is_empty() || !session.takes_bookings(tx, now).await? {
        return Ok(());
    }
    let most = count(&free);
    let lapses = lapses_of(tx, group_id, now).await?;
    let last = match standing(session.starts_at, lapses, session.zone(), now) {
        Standing::Kept(until) => keep(tx, &session, &mut free, (not_to, until), now).await?,
        Standing::Everybodys { .. } => tell(tx, &session, most, not_to, now).await?,
    };
    tell_skipped(
        tx,
        &session,
        most,
        (not_to, last.filter(|_| free.is_empty())),
        now,
    )
    .await
}

fn count(seats: &[i32]) -> i32 {
    i32::try_from(seats.len()).unwrap_or(i32::MAX)
}

async fn is_awaited(tx: &mut Tx, group_id: i64) -> Result<bool, Failure> {
    let is_awaited = sqlx::query_scalar!(
        r#"select exists (select from waitlist_entries
                          where group_id = $1 and state = 'waiting') as "is_awaited!""#,
        group_id,
    );
    Ok(is_awaited.fetch_one(&mut **tx).await?)
}

/// The number of offers of the last day that had no answer, since the last one that was taken.
async fn lapses_of(tx: &mut Tx, group_id: i64, now: Timestamp) -> Result<i64, Failure> {
    let lapses = sqlx::query_scalar!(
        r#"select count(*) as "count!" from waitlist_offers
           where group_id = $1 and state = 'lapsed' and offered_at > $2
             and id > coalesce((select max(taken.id) from waitlist_offers as taken
                                where taken.group_id = $1 and taken.state = 'accepted'), 0)"#,
        group_id,
        plus_minutes(now, -LAPSES_MINUTES).to_sqlx(),
    );
    Ok(lapses.fetch_one(&mut **tx).await?)
}

/// Keeps seats for one after the other, as long as there are some into which a party fits. Answers with the last entry.
async fn keep(
    tx: &mut Tx,
    session: &Session,
    free: &mut Vec<i32>,
    (not_to, until): (&[i64], Timestamp),
    now: Timestamp,
) -> Result<Option<i64>, Failure> {
    let (mut tried, mut last) = (Vec::new(), None);
    while !free.is_empty() && tried.len() < MAX_TRIES {
        let asked = Asked {
            seats: count(free),
            not_to,
            tried: &tried,
            is_told: false,
        };
        let Some(party) = pick(tx, session, asked, now).await? else {
            break;
        };
        tried.push(party.picked.entry_id);
        if !is_still_fit(tx, &party.picked, session.time(), now).await? {
            continue;
        }
        let size = usize::try_from(party.seats).unwrap_or_default().min(free.len());
        let offer = NewSeatOffer {
            session,
            party: &party,
            seats: &free[..size],
            until,
            why: Why::Freed,
            offered_by: None,
        };
        if offer.try_write(tx, now).await? {
            free.drain(..size);
            last = Some(party.picked.entry_id);
        }
    }
    Ok(last)
}

/// Tells some of those whose party fits that there are seats for everybody. Answers with the last entry.
async fn tell(
    tx: &mut Tx,
    session: &Session,
    seats: i32,
    not_to: &[i64],
    now: Timestamp,
) -> Result<Option<i64>, Failure> {
    let mut tried = Vec::new();
    for _ in 0..MOST_TOLD {
        let asked = Asked {
            seats,
            not_to,
            tried: &tried,
            is_told: true,
        };
        let Some(party) = pick(tx, session, asked, now).await? else {
            break;
        };
        tried.push(party.picked.entry_id);
        let offer_id = sqlx::query_scalar!(
            "insert into waitlist_offers
                 (entry_id, patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at, group_id, seats, state, why,
                  passed_over, offered_at)
             select entries.id, $2, $3, $4, $5, $6, $7, $8, entries.seats, $9, $10,
                    (select count(*) from waitlist_entries as earlier
                     join patients as others on others.id = earlier.patient_id and others.active
                     where earlier.group_id = entries.group_id and earlier.state = 'waiting'
                       and (earlier.joined_at, earlier.id) < (entries.joined_at, entries.id)),
                    $11
             from waitlist_entries as entries where entries.id = $1
             returning id",
            party.picked.entry_id,
            party.picked.patient_id,
            session.doctor_id,
            session.clinic_id,
            session.service_id,
            session.starts_at.to_sqlx(),
            session.ends_at.to_sqlx(),
            session.id,
            OfferState::Told.as_str(),
            Why::Freed.as_str(),
            now.to_sqlx(),
        )
        .fetch_one(&mut **tx)
        .await?;
        tx.tell(Event::TimeOffered {
            offer_id,
            is_kept: false,
        });
    }
    Ok(tried.last().copied())
}

/// Tells those whose party would have fitted, but for an appointment that they have then, and who had waited longer than this
/// entry; of all, where seats are left. Each learns once that they were passed over at this time.
async fn tell_skipped(
    tx: &mut Tx,
    session: &Session,
    seats: i32,
    (not_to, before): (&[i64], Option<i64>),
    now: Timestamp,
) -> Result<(), Failure> {
    let told = sqlx::query_scalar!(
        "with skipped as (
             select entries.id, entries.patient_id, entries.seats
             from waitlist_entries as entries
             join patients on patients.id = entries.patient_id and patients.active
             where entries.group_id = $1 and entries.state = 'waiting' and entries.seats <= $2
               and $3::timestamptz >= $4::timestamptz + make_interval(mins => entries.notice_minutes)
               and entries.patient_id <> all($5)
               and ($6::bigint is null
                    or (entries.joined_at, entries.id) < (select joined_at, id from waitlist_entries where id = $6))
               and not exists (select from waitlist_offers as had
                               where had.entry_id = entries.id and had.state = 'skipped' and had.starts_at = $3)
               and exists (select from appointments as elsewhere
                           where elsewhere.patient_id = entries.patient_id
                             and elsewhere.status in ('pending', 'confirmed') and occupies(elsewhere, $4)
                             and elsewhere.starts_at < $7 and elsewhere.ends_at > $3)
               and (not exists (select from organisation where number_days > 0)
                    or opened_since(patients.id) is null or entries.joined_at >= opened_since(patients.id))
             order by entries.joined_at, entries.id
             limit $8
             for no key update of entries skip locked)
         insert into waitlist_offers
             (entry_id, patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at, group_id, seats, state, why, offered_at)
         select id, patient_id, $9, $10, $11, $3, $7, $1, seats, $12, $13, $4 from skipped
         returning id",
        session.id,
        seats,
        session.starts_at.to_sqlx(),
        now.to_sqlx(),
        not_to,
        before,
        session.ends_at.to_sqlx(),
        MOST_SKIPPED,
        session.doctor_id,
        session.clinic_id,
        session.service_id,
        OfferState::Skipped.as_str(),
        Why::Freed.as_str(),
    )
    .fetch_all(&mut **tx)
    .await?;
    for offer_id in told {
        tx.tell(Event::TimeOffered {
            offer_id,
            is_kept: false,
        });
    }
    Ok(())
}

/// An offer of seats that is about to be written. The session, the entry and the patient are locked.
pub(super) struct NewSeatOffer<'a> {
    pub session: &'a Session,
    pub party: &'a PickedParty,
    /// Their numbers.
    pub seats: &'a [i32],
    pub until: Timestamp,
    pub why: Why,
    /// Who of the staff chose whom they are offered to.
    pub offered_by: Option<i64>,
}

impl NewSeatOffer<'_> {
    /// Writes the hold and the offer. What a constraint refuses is taken back alone: whoever gives up seats never fails because
    /// of those who wait for them. Answers whether it was written.
    ///
    /// The part starts over in the lock order, and waits for nothing: the session, the entry and the patient belong to this
    /// transaction already.
    async fn try_write(&self, tx: &mut Tx, now: Timestamp) -> Result<bool, Failure> {
        let part = tx.new_part().await?;
        let written = self.write(tx, now).await;
        let settled = part.settle(tx, written).await?;
        if let Err(error) = &settled {
            tracing::warn!(%error, entry.id = self.party.picked.entry_id, "seats could not be offered to who is next");
        }
        Ok(settled.is_ok())
    }

    /// Writes the hold with its seats, and the offer, and answers with the offer's id.
    ///
    /// # Errors
    /// `INSUFFICIENT_INVENTORY` and `INVENTORY_LOCKED` where a constraint refuses it.
    pub async fn write(&self, tx: &mut Tx, now: Timestamp) -> Result<i64, Failure> {
        let (session, picked) = (self.session, &self.party.picked);
        let hold = session.keep(tx, picked.patient_id, self.seats, self.until, now);
        let hold = hold.await?;
        sqlx::query!(
            "update waitlist_entries set state = 'offered', version = version + 1 where id = $1",
            picked.entry_id,
        )
        .execute(&mut **tx)
        .await?;
        let offer_id = sqlx::query_scalar!(
            "insert into waitlist_offers
                 (entry_id, patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at, group_id, seats,
                  appointment_id, kept_until, state, why, offered_by, passed_over, offered_at)
             select entries.id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'offered', $12, $13,
                    (select count(*) from waitlist_entries as earlier
                     join patients as others on others.id = earlier.patient_id and others.active
                     where earlier.group_id = entries.group_id and earlier.state = 'waiting'
                       and (earlier.joined_at, earlier.id) < (entries.joined_at, entries.id)),
                    $14
             from waitlist_entries as entries where entries.id = $1
             returning id",
            picked.entry_id,
            picked.patient_id,
            session.doctor_id,
            session.clinic_id,
            session.service_id,
            session.starts_at.to_sqlx(),
            session.ends_at.to_sqlx(),
            session.id,
            self.party.seats,
            hold.id,
            self.until.to_sqlx(),
            self.why.as_str(),
            self.offered_by,
            now.to_sqlx(),
        )
        .fetch_one(&mut **tx)
        .await
        .on_constraint("waitlist_offers_one_of_a_person", AppError::InventoryLocked)?;
        tx.tell(Event::TimeOffered {
            offer_id,
            is_kept: true,
        });
        Ok(offer_id)
    }
}
