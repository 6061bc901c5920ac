//! The rules that group sessions keep, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// A session has more seats taken than there are, one with a number that it does not have, or one that is taken twice.
pub const SEATS_OVERSOLD: Rule = Rule::new("seats_oversold");

/// A seat is taken by an appointment that does not stand, or that is none of its session; or an appointment of a session that
/// stands has no seat.
pub const SEAT_ASTRAY: Rule = Rule::new("seat_astray");

/// A coming session of a doctor that is published does not have the doctor's time, its seats are at another time, or one that is not
/// published keeps a time.
pub const GROUP_TIME_LOST: Rule = Rule::new("group_time_lost");

/// An appointment is with nobody that has no seat in a session, a session with nobody keeps a time, or nobody offers something.
pub const NOBODY_BUSY: Rule = Rule::new("nobody_busy");

/// The rules of group sessions.
pub const GROUPS: Integrity = Integrity {
    rules: &[SEATS_OVERSOLD, SEAT_ASTRAY, GROUP_TIME_LOST, NOBODY_BUSY],
    guards: &[
        "group_seats_group_id_fkey",
        "group_seats_within_capacity",
        "group_seats_seat_key",
        "groups_id_capacity_key",
        "appointments_group_id_fkey",
        "appointments_with_nobody_are_seats",
        "doctors_nobody_rests",
    ],
    check: |checks| Box::pin(groups_are_whole(checks)),
};

async fn groups_are_whole(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        SEATS_OVERSOLD,
        "select format('group %s: capacity %s, seats %s', groups.id, groups.capacity,
                       string_agg(seat::text, ', ' order by seat, group_seats.id)) as said
         from groups join group_seats on group_id = groups.id and freed_at is null
         group by groups.id
         having count(*) > groups.capacity or count(distinct seat) <> count(*)
             or min(seat) < 1 or max(seat) > groups.capacity
         order by groups.id"
    );
    check!(
        checks,
        SEAT_ASTRAY,
        "select said from (
             select format('seat %s of group %s: appointment %s (%s) of group %s is %s', seat, group_seats.group_id,
                           appointments.id, reference, coalesce(appointments.group_id::text, 'none'), status) as said,
                    appointments.id
             from group_seats join appointments on appointments.id = appointment_id
             where freed_at is null
               and (appointments.group_id is distinct from group_seats.group_id or patient_id is null
                    or status in ('cancelled', 'rejected', 'expired'))
             union all
             select format('appointment %s (%s) of group %s has no seat', id, reference, group_id), id
             from appointments
             where group_id is not null and patient_id is not null and status not in ('cancelled', 'rejected', 'expired')
               and not exists (select from group_seats where appointment_id = appointments.id and freed_at is null)
         ) as astray
         order by id"
    );
    check!(
        checks,
        GROUP_TIME_LOST,
        "select format('group %s from %s to %s is %s: %s holds of its time, appointments elsewhere: %s', id, starts_at,
                       ends_at, state, holds, coalesce(elsewhere, 'none')) as said
         from (select groups.*,
                      (select count(*) from appointments
                       where group_id = groups.id and patient_id is null and status = 'held') as holds,
                      (select string_agg(appointments.id::text, ', ' order by appointments.id) from appointments
                       where group_id = groups.id
                         and (status = 'held' or status in ('pending', 'confirmed') and patient_id is not null)
                         and (appointments.doctor_id, appointments.starts_at, appointments.ends_at)
                             <> (groups.doctor_id, groups.starts_at, groups.ends_at)) as elsewhere
               from groups where ends_at > now()) as coming
         where elsewhere is not null or holds <> case when state = 'published' and doctor_id <> 0 then 1 else 0 end
         order by id"
    );
    check!(
        checks,
        NOBODY_BUSY,
        "select said from (
             select format('appointment %s (%s) is with nobody', id, reference) as said, id
             from appointments where doctor_id = 0 and (group_id is null or patient_id is null)
             union all
             select format('nobody offers service %s at clinic %s', service_id, clinic_id), 0
             from offers where doctor_id = 0
         ) as busy
         order by id, said"
    );
    Ok(())
}
