//! Offering a time that came free, in the transaction that frees it.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    pick::{Candidate, Passed, Picked, is_still_fit, pick},
    rules::{MOST_TOLD, OfferState, Standing, Why, standing},
    skipped::tell_skipped,
};
use crate::{
    appointment::{Actor, NewAppointment, OFFER_HOLDER, Status},
    availability::{Except, Offering, calendars, hours::LockedHours, offerings_of_many},
    database::{Failure, OnConstraint, Tx},
    error::AppError,
    event::Event,
    time::{self, Range},
};

/// Number of people who are looked at for one time, where others change them at the same moment.
const MAX_TRIES: usize = 20;

/// A time that the current transaction has taken from an appointment, with its buffers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Freed {
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub blocked: Range,
    /// Who gave it up, and is not asked for it.
    pub of_patient: Option<i64>,
}

/// Offers a time that came free to the next one in line, or tells some of it, or does nothing where nobody waits for it.
///
/// # Errors
/// Those of the database.
pub(super) async fn offer_freed(tx: &mut Tx, freed: Freed, now: Timestamp) -> Result<(), Failure> {
    let offerings = awaited(tx, freed.doctor_id, Some(freed.clinic_id)).await?;
    let (Some(one), true) = (offerings.first(), freed.blocked.end > now) else {
        return Ok(());
    };
    let first = time::local_date(freed.blocked.start, &one.zone);
    let last = time::local_date(freed.blocked.end, &one.zone);
    let calendars = calendars(tx, &offerings, first, last, &Except::default(), now).await?;
    let candidates: Vec<Candidate<'_>> = offerings
        .iter()
        .zip(&calendars)
        .filter_map(|(offering, calendar)| Candidate::within(offering, calendar, freed.blocked))
        .collect();
    let hours = |one: &Candidate<'_>| LockedHours::of_freed(freed.doctor_id, one.blocked, freed.blocked);
    let mut tried = Vec::new();
    for _ in 0..MAX_TRIES {
        let Some(picked) = pick(tx, &candidates, Passed::of(freed.of_patient, &tried), None, now).await?
        else {
            return tell_skipped(tx, &candidates, freed.of_patient, None, now).await;
        };
        tried.push(picked.entry_id);
        let Some(candidate) = candidates.get(picked.place) else {
            return Ok(());
        };
        if !is_still_fit(tx, &picked, candidate.time, now).await? {
            continue;
        }
        let lapses = lapses_of(tx, candidate).await?;
        match standing(candidate.time.start, lapses, &candidate.offering.zone, now) {
            Standing::Everybodys { .. } => {
                let one = std::slice::from_ref(candidate);
                tell_skipped(tx, one, freed.of_patient, Some(picked.entry_id), now).await?;
                tell(tx, candidate, picked, Why::Freed, now).await?;
                return tell_others(tx, candidate, tried, freed.of_patient, now).await;
            }
            Standing::Kept(until) => {
                let Some(hours) = hours(candidate) else {
                    return Ok(());
                };
                let offer = NewOffer {
                    candidate,
                    hours: &hours,
                    picked: &picked,
                    until,
                    why: Why::Freed,
                    offered_by: None,
                };
                if offer.try_write(tx, now).await? {
                    let one = std::slice::from_ref(candidate);
                    return tell_skipped(tx, one, freed.of_patient, Some(picked.entry_id), now).await;
                }
            }
        }
    }
    Ok(())
}

/// What a doctor offers at a clinic, or anywhere, that somebody waits for.
pub(super) async fn awaited(
    tx: &mut Tx,
    doctor_id: i64,
    clinic_id: Option<i64>,
) -> Result<Vec<Offering>, Failure> {
    let services = sqlx::query_scalar!(
        "select distinct service_id from offers
         where doctor_id = $1 and ($2::bigint is null or clinic_id = $2)
           and exists (select from waitlist_entries
                       where waitlist_entries.service_id = offers.service_id and state = 'waiting'
                         and group_id is null)",
        doctor_id,
        clinic_id,
    )
    .fetch_all(&mut **tx)
    .await?;
    if services.is_empty() {
        return Ok(Vec::new());
    }
    let mut offerings = offerings_of_many(tx, &[doctor_id]).await?;
    offerings.retain(|one| {
        services.contains(&one.service_id)
            && clinic_id.is_none_or(|id| id == one.clinic_id)
            && one.closed().is_none()
    });
    Ok(offerings)
}

/// The number of offers of this time that had no answer.
pub(super) async fn lapses_of(tx: &mut Tx, candidate: &Candidate<'_>) -> Result<i64, Failure> {
    let lapses = sqlx::query_scalar!(
        r#"select count(*) as "count!" from waitlist_offers
           where doctor_id = $1 and starts_at = $2 and state = 'lapsed' and group_id is null"#,
        candidate.offering.doctor_id,
        candidate.time.start.to_sqlx(),
    );
    Ok(lapses.fetch_one(&mut **tx).await?)
}

/// An offer that is about to be written.
pub(super) struct NewOffer<'a> {
    pub candidate: &'a Candidate<'a>,
    pub hours: &'a LockedHours,
    pub picked: &'a Picked,
    pub until: Timestamp,
    pub why: Why,
    /// Who of the staff chose whom it is offered to.
    pub offered_by: Option<i64>,
}

impl NewOffer<'_> {
    /// Writes the hold and the offer. What a constraint refuses is taken back alone: whoever gives up a time never fails
    /// because of those who wait for it. Answers whether it was written.
    ///
    /// The part starts over in the lock order, and waits for nothing: the range of the time, the entry and the patient belong
    /// to this transaction already.
    pub async fn try_write(&self, tx: &mut Tx, now: Timestamp) -> Result<bool, Failure> {
        let part = tx.new_part().await?;
        let written = self.write(tx, now).await;
        let settled = part.settle(tx, written).await?;
        if let Err(error) = &settled {
            tracing::warn!(%error, entry.id = self.picked.entry_id, "a time could not be offered to who is next");
        }
        Ok(settled.is_ok())
    }

    /// Writes the hold and the offer, and answers with the offer's id.
    ///
    /// # Errors
    /// `BOOKING_FAILED` where a constraint refuses it.
    pub async fn write(&self, tx: &mut Tx, now: Timestamp) -> Result<i64, Failure> {
        let Candidate { offering, time, .. } = *self.candidate;
        let patient_id = self.picked.patient_id;
        let hold = NewAppointment {
            offering,
            starts_at: time.start,
            status: Status::Held,
            patient_id: Some(patient_id),
            held: Some((&OFFER_HOLDER, self.until)),
            complaint: "",
            answer_until: None,
            overbooked_because: None,
            actor: Actor::SYSTEM,
            for_doctor: false,
        };
        let hold = hold.insert(tx, self.hours, now).await?;
        sqlx::query!(
            "update waitlist_entries set state = 'offered', version = version + 1 where id = $1",
            self.picked.entry_id,
        )
        .execute(&mut **tx)
        .await?;
        let offer_id = sqlx::query_scalar!(
            "insert into waitlist_offers
                 (entry_id, patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at, appointment_id, kept_until,
                  state, why, offered_by, passed_over, offered_at)
             select entries.id, $2, $3, $4, $5, $6, $7, $8, $9, 'offered', $10, $11,
                    (select count(*) from waitlist_entries as earlier
                     join patients as others on others.id = earlier.patient_id and others.active
                     where earlier.service_id = entries.service_id and earlier.state = 'waiting'
                       and earlier.group_id is null
                       and (earlier.joined_at, earlier.id) < (entries.joined_at, entries.id)),
                    $12
             from waitlist_entries as entries where entries.id = $1
             returning id",
            self.picked.entry_id,
            patient_id,
            offering.doctor_id,
            offering.clinic_id,
            offering.service_id,
            time.start.to_sqlx(),
            time.end.to_sqlx(),
            hold.id,
            self.until.to_sqlx(),
            self.why.as_str(),
            self.offered_by,
            now.to_sqlx(),
        )
        .fetch_one(&mut **tx)
        .await
        .on_constraint("waitlist_offers_one_of_a_person", AppError::InventoryLocked)
        .on_constraint("waitlist_offers_one_of_a_time", AppError::InventoryLocked)?;
        tx.tell(Event::TimeOffered {
            offer_id,
            is_kept: true,
        });
        Ok(offer_id)
    }
}

/// Notes that somebody is told of a time that is everybody's.
pub(super) async fn tell(
    tx: &mut Tx,
    candidate: &Candidate<'_>,
    picked: Picked,
    why: Why,
    now: Timestamp,
) -> Result<(), Failure> {
    let Candidate { offering, time, .. } = *candidate;
    let offer_id = sqlx::query_scalar!(
        "insert into waitlist_offers
             (entry_id, patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at, state, why, passed_over, offered_at)
         select entries.id, $2, $3, $4, $5, $6, $7, $8, $9,
                (select count(*) from waitlist_entries as earlier
                 join patients as others on others.id = earlier.patient_id and others.active
                 where earlier.service_id = entries.service_id and earlier.state = 'waiting'
                       and earlier.group_id is null
                   and (earlier.joined_at, earlier.id) < (entries.joined_at, entries.id)),
                $10
         from waitlist_entries as entries where entries.id = $1
         returning id",
        picked.entry_id,
        picked.patient_id,
        offering.doctor_id,
        offering.clinic_id,
        offering.service_id,
        time.start.to_sqlx(),
        time.end.to_sqlx(),
        OfferState::Told.as_str(),
        why.as_str(),
        now.to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    tx.tell(Event::TimeOffered {
        offer_id,
        is_kept: false,
    });
    Ok(())
}

/// Tells the others who may be told of a time that came free and is everybody's.
pub(super) async fn tell_others(
    tx: &mut Tx,
    candidate: &Candidate<'_>,
    mut tried: Vec<i64>,
    of_patient: Option<i64>,
    now: Timestamp,
) -> Result<(), Failure> {
    for _ in 1..MOST_TOLD {
        let one = std::slice::from_ref(candidate);
        let Some(picked) = pick(tx, one, Passed::of(of_patient, &tried), None, now).await? else {
            break;
        };
        tried.push(picked.entry_id);
        tell(tx, candidate, picked, Why::Freed, now).await?;
    }
    Ok(())
}
