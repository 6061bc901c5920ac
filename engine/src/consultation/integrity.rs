//! The rules that text consultations keep, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// The messages of a thread are not counted from 1 without gaps, or the thread knows another newest one.
pub const CONSULTATION_UNCOUNTED: Rule = Rule::new("consultation_uncounted");

/// A thread belongs to an appointment that is no text consultation.
pub const CONSULTATION_MISPLACED: Rule = Rule::new("consultation_misplaced");

/// The constraints without which only the program keeps these rules.
const GUARDS: [&str; 3] = [
    "consultations_pkey",
    "consultation_messages_pkey",
    "consultations_read_what_is_there",
];

/// The rules of text consultations: one order of messages, and where they belong.
pub const CONSULTATIONS: Integrity = Integrity {
    rules: &[CONSULTATION_UNCOUNTED, CONSULTATION_MISPLACED],
    guards: &GUARDS,
    check: |checks| Box::pin(check_consultations(checks)),
};

async fn check_consultations(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        CONSULTATION_UNCOUNTED,
        "select format('consultation of appointment %s: newest is %s, %s messages up to %s', consultations.appointment_id,
                       last_position, counted.written, counted.newest) as said
         from consultations
         cross join lateral (
             select count(*) as written, coalesce(max(position), 0) as newest,
                    coalesce(max(position) filter (where author = 'patient'), 0) as patients,
                    coalesce(max(position) filter (where author = 'doctor'), 0) as doctors
             from consultation_messages as messages where messages.appointment_id = consultations.appointment_id
         ) as counted
         where (last_position, last_position, patient_last, doctor_last)
               is distinct from (counted.newest, counted.written::integer, counted.patients, counted.doctors)
         order by consultations.appointment_id"
    );
    check!(
        checks,
        CONSULTATION_MISPLACED,
        "select format('consultation of appointment %s: %s', appointment_id, coalesce(mode, 'not there')) as said
         from consultations
         left join appointments on appointments.id = appointment_id
         where mode is distinct from 'text'
         order by appointment_id"
    );
    Ok(())
}
