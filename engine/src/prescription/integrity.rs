//! The rules that prescriptions keep, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// One appointment has two prescriptions that stand.
pub const PRESCRIPTION_TWICE: Rule = Rule::new("prescription_twice");

/// A prescription has no medications, or belongs to an appointment that did not take place.
pub const PRESCRIPTION_MISPLACED: Rule = Rule::new("prescription_misplaced");

/// The constraints without which only the program keeps these rules.
const GUARDS: [&str; 1] = ["prescriptions_appointment_id_key"];

/// The rules of prescriptions: one for each appointment, and for nothing else.
pub const PRESCRIPTIONS: Integrity = Integrity {
    rules: &[PRESCRIPTION_TWICE, PRESCRIPTION_MISPLACED],
    guards: &GUARDS,
    check: |checks| Box::pin(check_prescriptions(checks)),
};

async fn check_prescriptions(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        PRESCRIPTION_TWICE,
        "select format('prescriptions %s of appointment %s', string_agg(id::text, ', ' order by id), appointment_id)
                    as said
         from prescriptions
         where withdrawn_at is null
         group by appointment_id having count(*) > 1
         order by appointment_id"
    );
    check!(
        checks,
        PRESCRIPTION_MISPLACED,
        "select format('prescription %s of appointment %s: %s, %s medications',
                       prescriptions.id, appointment_id, coalesce(status, 'not there'), written) as said
         from prescriptions
         left join appointments on appointments.id = appointment_id
         cross join lateral (select count(*) as written from medications
                             where prescription_id = prescriptions.id) as counted
         where status is null or status not in ('in_progress', 'completed') or written = 0
         order by prescriptions.id"
    );
    Ok(())
}
