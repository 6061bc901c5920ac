//! The rule that visits keep, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// A visit has fewer than two appointments, a gap between them, or one of another patient.
pub const VISIT_BROKEN: Rule = Rule::new("visit_broken");

/// The rules of visits.
pub const VISITS: Integrity = Integrity {
    rules: &[VISIT_BROKEN],
    guards: &[],
    check: |checks| Box::pin(visits_are_whole(checks)),
};

/// Checks that the appointments of a visit are all there and all of one patient.
async fn visits_are_whole(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        VISIT_BROKEN,
        "select format('visit %s of patient %s: parts %s, appointments %s, of patients %s', visit, patient,
                       coalesce(places, 'none'), coalesce(ids, 'none'), coalesce(patients, 'none')) as said
         from (select coalesce(visits.id, visit_id) as visit, visits.patient_id as patient,
                      count(appointments.id) as parts, min(segment) as first, max(segment) as last,
                      count(distinct segment) as different,
                      bool_and(appointments.patient_id = visits.patient_id) as is_theirs,
                      string_agg(segment::text, ', ' order by segment, appointments.id) as places,
                      string_agg(appointments.id::text, ', ' order by segment, appointments.id) as ids,
                      string_agg(distinct appointments.patient_id::text, ', ') as patients
               from visits
               full join (select * from appointments where visit_id is not null) as appointments
                 on visit_id = visits.id
               group by visits.id, visit_id) as whole
         where parts < 2 or first <> 1 or last <> parts or different <> parts or is_theirs is not true
         order by visit"
    );
    Ok(())
}
