//! The rules that calls of a phone agent keep, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// A call is said to have booked, moved or cancelled an appointment, and there is no such change of it.
pub const PHONE_STEP_UNDONE: Rule = Rule::new("phone_step_undone");

/// A step of a call failed, nothing came of the call, and nobody is told to call back.
pub const PHONE_CALL_UNATTENDED: Rule = Rule::new("phone_call_unattended");

/// A name that was heard is that of nobody.
pub const HEARD_NAME_MISSING: Rule = Rule::new("heard_name_missing");

/// The constraints without which only the program keeps these rules.
const GUARDS: [&str; 3] = [
    "phone_calls_call_id_key",
    "phone_call_steps_request_key",
    "phone_call_names_pkey",
];

/// The rules of calls: what was promised on the phone is there.
pub const PHONE_CALLS: Integrity = Integrity {
    rules: &[PHONE_STEP_UNDONE, PHONE_CALL_UNATTENDED, HEARD_NAME_MISSING],
    guards: &GUARDS,
    check: |checks| Box::pin(check_calls(checks)),
};

async fn check_calls(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        PHONE_STEP_UNDONE,
        "select format('step %s of phone call %s: %s version %s of appointment %s', steps.id, phone_call_id, outcome,
                       steps.version, steps.appointment_id) as said
         from phone_call_steps as steps
         left join appointment_changes as changes
             on changes.appointment_id = steps.appointment_id and changes.version = steps.version
         where outcome in ('booked', 'moved', 'cancelled')
           and case outcome
                   when 'booked' then changes.from_status is null and changes.to_status in ('pending', 'confirmed')
                   -- Who asks for the time that it has already is told that it has it, and nothing is changed.
                   when 'moved' then extract(epoch from changes.to_starts_at)::bigint
                                     = (steps.answer #>> '{time,wanted,starts_at}')::bigint
                   else changes.to_status = 'cancelled'
               end is not true
         order by steps.id"
    );
    check!(
        checks,
        PHONE_CALL_UNATTENDED,
        "select format('phone call %s', calls.id) as said
         from phone_calls as calls
         where needs is null
           and exists (select from phone_call_steps where phone_call_id = calls.id and outcome in ('trouble', 'closed', 'pay_first'))
           and not exists (select from phone_call_steps
                           where phone_call_id = calls.id and appointment_id is not null)
         order by calls.id"
    );
    check!(
        checks,
        HEARD_NAME_MISSING,
        "select format('patient %s of phone call %s', patient_id, phone_call_id) as said
         from phone_call_names
         left join patients on patients.id = patient_id
         where patients.name is null
         order by patient_id"
    );
    Ok(())
}
