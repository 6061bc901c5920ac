//! The rules that the waitlist keeps, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// An offer is open, and its time is not held for its patient until its end.
pub const OFFER_UNKEPT: Rule = Rule::new("offer_unkept");

/// A time is held for the waitlist, and nobody was offered it.
pub const OFFER_UNKNOWN: Rule = Rule::new("offer_unknown");

/// An offer was accepted, and its patient has no appointment of it, or has one of another session.
pub const OFFER_UNBOOKED: Rule = Rule::new("offer_unbooked");

/// Somebody on the list is said to have an offer and has none, or has one and is not said to.
pub const WAITLIST_ASTRAY: Rule = Rule::new("waitlist_astray");

/// An offer of seats is open, and its hold does not have so many of its session.
pub const OFFER_UNSEATED: Rule = Rule::new("offer_unseated");

/// The constraints without which only the program keeps these rules.
const GUARDS: [&str; 4] = [
    "waitlist_offers_pkey",
    "waitlist_offers_appointment_id_key",
    "waitlist_offers_kept_by_a_hold",
    "waitlist_offers_accepted_is_booked",
];

/// The rules of the waitlist: each time has one owner, and nobody has two offers.
pub const WAITLIST: Integrity = Integrity {
    rules: &[
        OFFER_UNKEPT,
        OFFER_UNKNOWN,
        OFFER_UNBOOKED,
        WAITLIST_ASTRAY,
        OFFER_UNSEATED,
    ],
    guards: &GUARDS,
    check: |checks| Box::pin(check_waitlist(checks)),
};

async fn check_waitlist(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        OFFER_UNKEPT,
        "select format('offer %s of patient %s: appointment %s is %s', offers.id, offers.patient_id,
                       offers.appointment_id, coalesce(status, 'not there')) as said
         from waitlist_offers as offers
         left join appointments on appointments.id = offers.appointment_id
         where offers.state = 'offered'
           and (status, appointments.patient_id, appointments.doctor_id, appointments.starts_at, held_until)
               is distinct from ('held', offers.patient_id, offers.doctor_id, offers.starts_at, kept_until)
         order by offers.id"
    );
    check!(
        checks,
        OFFER_UNKNOWN,
        "select format('appointment %s (%s) of patient %s', id, reference, patient_id) as said
         from appointments
         where status = 'held' and held_by = decode(repeat('00', 32), 'hex')
           and not exists (select from waitlist_offers as offers
                           where offers.appointment_id = appointments.id and offers.state = 'offered')
         order by id"
    );
    check!(
        checks,
        OFFER_UNBOOKED,
        "select format('offer %s of patient %s: appointment %s', offers.id, offers.patient_id, booked_id) as said
         from waitlist_offers as offers
         left join appointments on appointments.id = booked_id
         where offers.state = 'accepted'
           and (appointments.patient_id is distinct from offers.patient_id
                or appointments.group_id is distinct from offers.group_id)
         order by offers.id"
    );
    check!(
        checks,
        WAITLIST_ASTRAY,
        "select format('entry %s of patient %s is %s, with %s offers', entries.id, entries.patient_id, entries.state,
                       count(offers.id)) as said
         from waitlist_entries as entries
         left join waitlist_offers as offers on offers.entry_id = entries.id and offers.state = 'offered'
         group by entries.id
         having count(offers.id) <> case when entries.state = 'offered' then 1 else 0 end
         order by entries.id"
    );
    check!(
        checks,
        OFFER_UNSEATED,
        "select format('offer %s of %s seats of group %s to patient %s: appointment %s of group %s has %s', offers.id,
                       offers.seats, offers.group_id, offers.patient_id, offers.appointment_id,
                       coalesce(appointments.group_id::text, 'none'), has) as said
         from waitlist_offers as offers
         left join appointments on appointments.id = offers.appointment_id
         cross join lateral (
             select count(*) as has from group_seats
             where group_seats.appointment_id = offers.appointment_id and group_seats.group_id = offers.group_id
               and freed_at is null) as seated
         where offers.state = 'offered'
           and (appointments.group_id is distinct from offers.group_id or has <> coalesce(offers.seats, 0))
         order by offers.id"
    );
    Ok(())
}
