//! Who is passed over for an appointment at that time, and told: it may be the one that they would rather give up.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    pick::Candidate,
    rules::{MOST_SKIPPED, OfferState, Why},
};
use crate::{
    database::{Failure, Tx},
    event::Event,
    time::plus_minutes,
};

/// Tells those whom a time fits, but for an appointment that they have then, and who had waited longer than this entry; of all, where
/// nobody was found. Each learns of one time once. Whoever is being changed at this moment is left out: nothing is waited for.
///
/// # Errors
/// Those of the database.
pub(super) async fn tell_skipped(
    tx: &mut Tx,
    candidates: &[Candidate<'_>],
    of_patient: Option<i64>,
    before: Option<i64>,
    now: Timestamp,
) -> Result<(), Failure> {
    let Some(first) = candidates.first() else {
        return Ok(());
    };
    let services: Vec<i64> = candidates.iter().map(|one| one.offering.service_id).collect();
    let starts: Vec<_> = candidates.iter().map(|one| one.time.start.to_sqlx()).collect();
    let ends: Vec<_> = candidates.iter().map(|one| one.time.end.to_sqlx()).collect();
    let days: Vec<_> = candidates.iter().map(|one| one.day().to_sqlx()).collect();
    let weekdays: Vec<i16> = candidates.iter().map(Candidate::weekday_bit).collect();
    let parts: Vec<i16> = candidates.iter().map(Candidate::day_part_bit).collect();
    let told = sqlx::query_scalar!(
        "with skipped as (
             select entries.id, entries.patient_id, times.service_id, times.starts_at, times.ends_at
             from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::date[], $5::smallint[], $6::smallint[])
                      as times (service_id, starts_at, ends_at, day, weekday, part)
             join waitlist_entries as entries on entries.service_id = times.service_id and entries.state = 'waiting'
                 and entries.group_id is null and entries.instead_of is null
             join patients on patients.id = entries.patient_id and patients.active
             where (entries.doctor_id is null or entries.doctor_id = $7)
               and (entries.clinic_id is null or entries.clinic_id = $8)
               and times.day between entries.first_day and entries.last_day
               and entries.weekdays & times.weekday <> 0 and entries.day_parts & times.part <> 0
               and times.starts_at >= $9::timestamptz + make_interval(mins => entries.notice_minutes)
               and entries.patient_id is distinct from $10
               and ($11::bigint is null
                    or (entries.joined_at, entries.id) < (select joined_at, id from waitlist_entries where id = $11))
               and not exists (select from waitlist_offers as had
                               where had.patient_id = entries.patient_id and had.doctor_id = $7
                                 and had.starts_at = times.starts_at and had.group_id is null)
               and exists (select from appointments as elsewhere
                           where elsewhere.patient_id = entries.patient_id
                             and elsewhere.status in ('pending', 'confirmed') and occupies(elsewhere, $9)
                             and elsewhere.starts_at > $12 and elsewhere.starts_at < times.ends_at
                             and elsewhere.ends_at > times.starts_at)
               and (not exists (select from organisation where number_days > 0)
                    or opened_since(patients.id) is null or entries.joined_at >= opened_since(patients.id))
             order by entries.joined_at, entries.id
             limit $13
             for no key update of entries skip locked)
         insert into waitlist_offers
             (entry_id, patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at, state, why, offered_at)
         select id, patient_id, $7, $8, service_id, starts_at, ends_at, $14, $15, $9 from skipped
         returning id",
        &services,
        &starts as _,
        &ends as _,
        &days as _,
        &weekdays,
        &parts,
        first.offering.doctor_id,
        first.offering.clinic_id,
        now.to_sqlx(),
        of_patient,
        before,
        plus_minutes(first.time.start, -crate::availability::MARGIN_MINUTES).to_sqlx(),
        MOST_SKIPPED,
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
