//! Who is next for seats of a session.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{
    database::{Failure, Tx},
    group::Session,
    time::plus_minutes,
    waitlist::pick::Picked,
};

/// Minutes for which somebody who let an offer lapse is not asked again: the next one is.
const LAPSED_MINUTES: i64 = 24 * 60;
/// Minutes for which somebody who was told of free seats is not told of others of the same session.
const QUIET_MINUTES: i64 = 12 * 60;

/// Seats that are free at this moment, and who is not asked for them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub seats: i32,
    /// Those who gave them up.
    pub not_to: &'a [i64],
    /// The entries that were looked at already.
    pub tried: &'a [i64],
    /// Whether the patient is only told of them, which is done once in a while.
    pub is_told: bool,
}

/// Somebody whose party fits, locked.
pub(super) struct PickedParty {
    pub picked: Picked,
    pub seats: i32,
}

/// Finds and locks the next one whose party fits into the seats that are free. Whoever is being changed at this moment by
/// somebody else is passed over.
pub(super) async fn pick(
    tx: &mut Tx,
    session: &Session,
    asked: Asked<'_>,
    now: Timestamp,
) -> Result<Option<PickedParty>, Failure> {
    let row = sqlx::query!(
        r#"select entries.id, entries.patient_id, entries.seats as "seats!"
           from waitlist_entries as entries
           join patients on patients.id = entries.patient_id and patients.active
                and consents_to(patients.id, 'waitlist')
           where entries.group_id = $1 and entries.state = 'waiting' and entries.seats <= $2
             and $3::timestamptz >= $4::timestamptz + make_interval(mins => entries.notice_minutes)
             and entries.id <> all($5) and entries.patient_id <> all($6)
             and not exists (select from waitlist_offers as other
                             where other.patient_id = entries.patient_id and other.state = 'offered')
             and not exists (select from appointments as elsewhere
                             where elsewhere.patient_id = entries.patient_id
                               and elsewhere.status in ('pending', 'confirmed', 'in_progress')
                               and occupies(elsewhere, $4)
                               and elsewhere.starts_at < $7 and elsewhere.ends_at > $3)
             and (not $8 or not exists (select from waitlist_offers as told
                                        where told.entry_id = entries.id and told.state = 'told' and told.offered_at > $9))
             and ($8 or not exists (select from waitlist_offers as lapsed
                                    where lapsed.entry_id = entries.id and lapsed.state = 'lapsed'
                                      and lapsed.offered_at > $10))
             -- Whoever cannot open the entry could not accept. Most clinics never ask for that.
             and (not exists (select from organisation where number_days > 0)
                  or opened_since(patients.id) is null or entries.joined_at >= opened_since(patients.id))
           order by entries.joined_at, entries.id
           limit 1
           for no key update of entries, patients skip locked"#,
        session.id,
        asked.seats,
        session.starts_at.to_sqlx(),
        now.to_sqlx(),
        asked.tried,
        asked.not_to,
        session.ends_at.to_sqlx(),
        asked.is_told,
        plus_minutes(now, -QUIET_MINUTES).to_sqlx(),
        plus_minutes(now, -LAPSED_MINUTES).to_sqlx(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| PickedParty {
        picked: Picked {
            entry_id: row.id,
            patient_id: row.patient_id,
            place: 0,
        },
        seats: row.seats,
    }))
}
