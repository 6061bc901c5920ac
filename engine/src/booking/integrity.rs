//! The rules that bookings keep, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// Two appointments of one doctor block the same moment, and neither was overbooked on purpose.
pub const DOCTOR_DOUBLE_BOOKED: Rule = Rule::new("doctor_double_booked");

/// Two appointments of one patient share a moment.
pub const PATIENT_IN_TWO_PLACES: Rule = Rule::new("patient_in_two_places");

/// An overbooked appointment has no reason, or no member of staff who made it.
pub const OVERBOOKING_UNACCOUNTED: Rule = Rule::new("overbooking_unaccounted");

/// A limit of a service was exceeded by nobody of staff.
pub const LIMIT_UNACCOUNTED: Rule = Rule::new("limit_unaccounted");

/// The rules of bookings.
pub const BOOKINGS: Integrity = Integrity {
    rules: &[
        DOCTOR_DOUBLE_BOOKED,
        PATIENT_IN_TWO_PLACES,
        OVERBOOKING_UNACCOUNTED,
        LIMIT_UNACCOUNTED,
    ],
    guards: &[],
    check: |checks| Box::pin(nobody_is_in_two_places(checks)),
};

/// An overlap with anything earlier is one with whatever of that ends last, so one pass in order finds
/// them all; only then the pairs are looked for.
async fn nobody_is_in_two_places(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        DOCTOR_DOUBLE_BOOKED,
        "select format('appointments %s (%s) and %s (%s) of doctor %s',
                       first.id, first.reference, second.id, second.reference, second.doctor_id) as said
         from (select id, reference, doctor_id, blocks_from, blocks_until,
                      max(blocks_until) over (partition by doctor_id order by blocks_from, id
                                              rows between unbounded preceding and 1 preceding) as busy_until
               from appointments
               where status not in ('cancelled', 'rejected', 'expired') and overbooked_because is null
                 and blocks_from < blocks_until) as second
         join appointments as first
           on first.doctor_id = second.doctor_id
              and (first.blocks_from, first.id) < (second.blocks_from, second.id)
              and first.blocks_until > second.blocks_from and first.blocks_until > first.blocks_from
              and first.status not in ('cancelled', 'rejected', 'expired') and first.overbooked_because is null
         where second.busy_until > second.blocks_from
         order by second.id, first.id"
    );
    check!(
        checks,
        PATIENT_IN_TWO_PLACES,
        "select format('appointments %s (%s) and %s (%s) of patient %s',
                       first.id, first.reference, second.id, second.reference, second.patient_id) as said
         from (select id, reference, patient_id, starts_at, ends_at,
                      max(ends_at) over (partition by patient_id order by starts_at, id
                                         rows between unbounded preceding and 1 preceding) as busy_until
               from appointments
               where status not in ('held', 'cancelled', 'rejected', 'expired') and starts_at < ends_at) as second
         join appointments as first
           on first.patient_id = second.patient_id
              and (first.starts_at, first.id) < (second.starts_at, second.id)
              and first.ends_at > second.starts_at and first.ends_at > first.starts_at
              and first.status not in ('held', 'cancelled', 'rejected', 'expired')
         where second.busy_until > second.starts_at
         order by second.id, first.id"
    );
    check!(
        checks,
        OVERBOOKING_UNACCOUNTED,
        "select format('appointment %s (%s) of doctor %s', id, reference, doctor_id) as said
         from appointments
         where overbooked_because is not null
           and (btrim(overbooked_because) = ''
                or not exists (select from appointment_changes
                               where appointment_id = appointments.id and from_status is null
                                 and actor in ('doctor', 'admin', 'reception') and staff_id is not null and note <> ''))
         order by id"
    );
    check!(
        checks,
        LIMIT_UNACCOUNTED,
        "select format('version %s of appointment %s', limits_exceeded.version, limits_exceeded.appointment_id) as said
         from limits_exceeded
         left join appointment_changes as change
           on change.appointment_id = limits_exceeded.appointment_id and change.version = limits_exceeded.version
         where change.staff_id is null
         order by limits_exceeded.appointment_id, limits_exceeded.version"
    );
    Ok(())
}
