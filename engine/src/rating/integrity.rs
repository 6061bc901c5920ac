//! The rules that ratings keep, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// One appointment has two ratings.
pub const RATING_TWICE: Rule = Rule::new("rating_twice");

/// A rating has a score that does not exist, or names another doctor, or its appointment is not completed.
pub const RATING_MISPLACED: Rule = Rule::new("rating_misplaced");

/// The constraints without which only the program keeps these rules.
const GUARDS: [&str; 1] = ["ratings_appointment_id_key"];

/// The rules of ratings: one for each appointment, and for nothing else.
pub const RATINGS: Integrity = Integrity {
    rules: &[RATING_TWICE, RATING_MISPLACED],
    guards: &GUARDS,
    check: |checks| Box::pin(check_ratings(checks)),
};

async fn check_ratings(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        RATING_TWICE,
        "select format('ratings %s of appointment %s', string_agg(id::text, ', ' order by id), appointment_id) as said
         from ratings
         group by appointment_id having count(*) > 1
         order by appointment_id"
    );
    check!(
        checks,
        RATING_MISPLACED,
        "select format('rating %s of appointment %s: %s, doctor %s, score %s',
                       ratings.id, appointment_id, coalesce(status, 'not there'), ratings.doctor_id, score) as said
         from ratings
         left join appointments on appointments.id = appointment_id
         where status is distinct from 'completed' or ratings.doctor_id <> appointments.doctor_id
            or score not between 1 and 5
         order by ratings.id"
    );
    Ok(())
}
