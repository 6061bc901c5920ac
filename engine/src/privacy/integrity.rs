//! The rules that erased records keep, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// A record that was erased says who somebody is, or the ledger says that a record was erased that was not.
pub const ERASED_AGAIN_THERE: Rule = Rule::new("erased_again_there");

/// The rules of privacy.
pub const PRIVACY: Integrity = Integrity {
    rules: &[ERASED_AGAIN_THERE],
    guards: &["erasures_of_one_record"],
    check: |checks| Box::pin(erased_records_are_empty(checks)),
};

async fn erased_records_are_empty(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        ERASED_AGAIN_THERE,
        "select format('patient %s is erased and in use', id) as said
         from patients
         where erased_at is not null
           and (active or name is distinct from 'Erased' or email is not null or phone !~ '^\\+999[0-9]{12}$')
         union all
         select format('erasure %s says that patient %s is erased', erasures.id, patient_id) as said
         from erasures join patients on patients.id = patient_id
         where erasures.erased_at is not null and patients.erased_at is null
         union all
         select format('patient %s is erased and has a %s', patients.id, what) as said
         from patients
         cross join lateral (
             select 'card' as what from patient_cards where patient_id = patients.id
             union all select 'token' from tokens where patient_id = patients.id
             union all select 'session' from sessions where patient_id = patients.id
             union all select 'calendar feed' from calendar_feeds where patient_id = patients.id
             union all select 'message with words' from messages
             where patient_id = patients.id and (recipient <> '' or body <> '')) as left_over
         where erased_at is not null"
    );
    Ok(())
}
