//! The rule that families keep, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// A phone has two holders, or somebody shares the phone of who is no holder of it.
pub const FAMILY_BROKEN: Rule = Rule::new("family_broken");

/// The rules of families.
pub const FAMILIES: Integrity = Integrity {
    rules: &[FAMILY_BROKEN],
    guards: &["patients_holder_phone_key", "patients_holder_id_fkey"],
    check: |checks| Box::pin(phones_have_one_holder(checks)),
};

/// Checks that every phone has one holder (I2), and that whoever shares it has that holder and that phone.
async fn phones_have_one_holder(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        FAMILY_BROKEN,
        "select format('patient %s shares a phone with patient %s, who does not hold it', patients.id,
                       patients.holder_id) as said
         from patients
         left join patients as holders on holders.id = patients.holder_id
         where patients.holder_id is not null
           and (holders.id is null or holders.holder_id is not null or holders.phone <> patients.phone)
         union all
         select format('patients %s hold one phone', string_agg(id::text, ', ' order by id)) as said
         from patients where holder_id is null
         group by phone having count(*) > 1"
    );
    Ok(())
}
