//! The rules that rooms and stays keep, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// More rooms are taken in a night than there are, or other ones than the stays have.
pub const ROOM_NIGHT_MISCOUNTED: Rule = Rule::new("room_night_miscounted");

/// A stay has other nights, rooms or another price than it says, or has rooms although it ended.
pub const STAY_NIGHTS_BROKEN: Rule = Rule::new("stay_nights_broken");

/// The history of a stay does not lead, version by version, to what is there.
pub const STAY_HISTORY_BROKEN: Rule = Rule::new("stay_history_broken");

/// The constraints without which only the program keeps these rules.
const GUARDS: [&str; 6] = [
    "room_nights_pkey",
    "room_nights_taken_within_total",
    "stay_nights_pkey",
    "stay_nights_night_fkey",
    "stays_reference_key",
    "stay_changes_pkey",
];

/// The rules of rooms and stays.
pub const STAYS: Integrity = Integrity {
    rules: &[ROOM_NIGHT_MISCOUNTED, STAY_NIGHTS_BROKEN, STAY_HISTORY_BROKEN],
    guards: &GUARDS,
    check: |checks| Box::pin(check_stays(checks)),
};

async fn check_stays(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        ROOM_NIGHT_MISCOUNTED,
        "select format('room type %s in the night of %s: %s taken of %s, stays have %s', room_type_id, night, taken, total,
                       had) as said
         from (select room_nights.*,
                      (select coalesce(sum(stay_nights.rooms), 0) from stay_nights
                       where stay_nights.room_type_id = room_nights.room_type_id
                         and stay_nights.night = room_nights.night) as had
               from room_nights) as counted
         where taken <> had or taken > total or taken < 0
         order by room_type_id, night"
    );
    check!(
        checks,
        STAY_NIGHTS_BROKEN,
        "select format('stay %s (%s): %s, nights %s, price %s of %s', id, reference, status, nights, paid, total_minor) as said
         from (select stays.*, count(stay_nights.night) as nights, min(stay_nights.night) as first, max(stay_nights.night) as last,
                      bool_and(stay_nights.rooms = stays.rooms and stay_nights.room_type_id = stays.room_type_id) as are_its,
                      coalesce(sum(stay_nights.rooms * stay_nights.price_minor), 0) as paid
               from stays left join stay_nights on stay_id = stays.id
               group by stays.id) as whole
         where case when status in ('held', 'booked', 'arrived', 'left')
                    then nights <> departure - arrival or first <> arrival or last <> departure - 1
                         or are_its is not true or paid <> total_minor
                    else nights > 0 end
         order by id"
    );
    check!(
        checks,
        STAY_HISTORY_BROKEN,
        "select format('stay %s (%s)', id, reference) as said
         from stays
         where (select array_agg(version order by version) from stay_changes where stay_id = stays.id)
               is distinct from (select array_agg(n) from generate_series(1, version) as n)
            or not exists (select from stay_changes as last
                           where stay_id = stays.id and last.version = stays.version
                             and (last.to_status, last.arrival, last.departure, last.rooms)
                                 = (stays.status, stays.arrival, stays.departure, stays.rooms))
            or exists (select from stay_changes as one
                       join stay_changes as next on next.stay_id = one.stay_id and next.version = one.version + 1
                       where one.stay_id = stays.id and next.from_status is distinct from one.to_status)
         order by id"
    );
    Ok(())
}
