//! What becomes of an offer whose hold came to its end.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::rules::{EndedBecause, MAX_LAPSES_OF_ENTRY, OfferState};
use crate::{
    appointment::Status,
    database::{Failure, Lock, Tx, locking},
    event::Event,
};

/// Writes what became of offers, by their holds, in the transaction that ended these. Whoever has booked the very time, or
/// seats of the very session, by another way has accepted.
///
/// # Errors
/// Those of the database.
pub(super) async fn settle(tx: &mut Tx, holds: &[(i64, Status)], now: Timestamp) -> Result<(), Failure> {
    let ids: Vec<i64> = holds.iter().map(|(id, _)| *id).collect();
    let locked = sqlx::query!(
        r#"select offers.id, entry_id, offers.appointment_id as "appointment_id!",
                  (select booked.id from appointments as booked
                   where booked.patient_id = offers.patient_id and booked.doctor_id = offers.doctor_id
                     and booked.starts_at = offers.starts_at and booked.group_id is not distinct from offers.group_id
                     and booked.id <> offers.appointment_id
                     and booked.status in ('pending', 'confirmed')
                   limit 1) as booked_id
           from waitlist_entries as entries
           join waitlist_offers as offers on offers.entry_id = entries.id
           where offers.appointment_id = any($1) and offers.state = 'offered'
           order by entries.id
           for no key update of entries, offers"#,
        &ids,
    );
    let locked = locking(Lock::Waitlist, locked.fetch_all(&mut **tx)).await?;
    for offer in locked {
        let status = holds
            .iter()
            .find(|(id, _)| *id == offer.appointment_id)
            .map(|(_, status)| *status);
        let became = match (offer.booked_id, status) {
            (Some(_), _) => OfferState::Accepted,
            (None, Some(Status::Expired)) => OfferState::Lapsed,
            (None, _) => OfferState::Withdrawn,
        };
        write(
            tx,
            (offer.id, offer.entry_id),
            became,
            (offer.booked_id, None),
            now,
        )
        .await?;
    }
    Ok(())
}

/// Whether the message of an offer never left: nobody is struck off for what they could not know.
async fn is_unheard_of(tx: &mut Tx, offer_id: i64) -> Result<bool, Failure> {
    let is_unheard_of = sqlx::query_scalar!(
        r#"select exists (select from messages
                          where dedupe_key = $1 and state not in ('sent', 'delivered')) as "is_unheard_of!""#,
        format!("offer:{offer_id}"),
    );
    Ok(is_unheard_of.fetch_one(&mut **tx).await?)
}

/// Ends the entries of those who have booked, or moved to, a time that they were told of, or have seats in the session in which
/// they wait for some.
///
/// # Errors
/// Those of the database.
pub(super) async fn accept_told(tx: &mut Tx, booked: &[i64], now: Timestamp) -> Result<(), Failure> {
    let accepted = sqlx::query!(
        "update waitlist_entries as entries set state = 'accepted', ended_at = $2, version = version + 1
         where state = 'waiting'
           and id in (select told.entry_id from appointments as booked
                      join waitlist_offers as told
                          on told.doctor_id = booked.doctor_id and told.starts_at = booked.starts_at
                             and told.patient_id = booked.patient_id and told.state = 'told'
                             and told.group_id is not distinct from booked.group_id
                      where booked.id = any($1)
                      union all
                      select seated.id from appointments as booked
                      join waitlist_entries as seated
                          on seated.patient_id = booked.patient_id and seated.group_id = booked.group_id
                      where booked.id = any($1))",
        booked,
        now.to_sqlx(),
    );
    locking(Lock::Waitlist, accepted.execute(&mut **tx)).await?;
    Ok(())
}

/// Writes the answer to an offer, with what was booked and who of the staff gave it for the patient, and what becomes of its entry:
/// who declines a time waits for another one, and who declines seats waits for nothing more. Both are locked.
///
/// # Errors
/// Those of the database.
pub(super) async fn write(
    tx: &mut Tx,
    (offer_id, entry_id): (i64, i64),
    became: OfferState,
    (booked_id, answered_by): (Option<i64>, Option<i64>),
    now: Timestamp,
) -> Result<(), Failure> {
    sqlx::query!(
        "update waitlist_offers set state = $2, booked_id = $3, answered_at = $4, answered_by = $5 where id = $1",
        offer_id,
        became.as_str(),
        booked_id,
        now.to_sqlx(),
        answered_by,
    )
    .execute(&mut **tx)
    .await?;
    tx.tell(Event::OfferAnswered {
        offer_id,
        answer: became.as_str(),
    });
    let lapsed = i32::from(became == OfferState::Lapsed && !is_unheard_of(tx, offer_id).await?);
    // Whoever has left meanwhile has left.
    sqlx::query!(
        "update waitlist_entries set
             lapses = lapses + $2,
             state = case when $3 then 'accepted' when lapses + $2 >= $4 or $7 and group_id is not null then 'ended'
                          else 'waiting' end,
             ended_because = case when $3 then null when lapses + $2 >= $4 then $5
                                  when $7 and group_id is not null then $8 end,
             ended_at = case when $3 or lapses + $2 >= $4 or $7 and group_id is not null then $6::timestamptz end,
             version = version + 1
         where id = $1 and state in ('waiting', 'offered')",
        entry_id,
        lapsed,
        became == OfferState::Accepted,
        MAX_LAPSES_OF_ENTRY,
        EndedBecause::Unanswered.as_str(),
        now.to_sqlx(),
        became == OfferState::Declined,
        EndedBecause::Declined.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
