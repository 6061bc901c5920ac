//! The rule that merged records keep, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// A record that is part of another one has an appointment that stands, or is still in use.
pub const MERGED_ALIVE: Rule = Rule::new("merged_alive");

/// The rules of merged records.
pub const MERGED: Integrity = Integrity {
    rules: &[MERGED_ALIVE],
    guards: &["patient_merges_of_two"],
    check: |checks| Box::pin(merged_records_are_empty(checks)),
};

async fn merged_records_are_empty(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        MERGED_ALIVE,
        "select format('appointment %s (%s) of patient %s, who is part of patient %s', appointments.id, reference,
                       patients.id, merged_into) as said
         from patients join appointments on patient_id = patients.id
         where merged_into is not null and status not in ('cancelled', 'rejected', 'expired')
         union all
         select format('patient %s is in use and part of patient %s', id, merged_into) as said
         from patients where merged_into is not null and active"
    );
    Ok(())
}
