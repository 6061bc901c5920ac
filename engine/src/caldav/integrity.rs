//! The rules of calendars elsewhere for `janji verify`.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// An appointment is in the calendar of another doctor.
pub const CALENDAR_ASTRAY: Rule = Rule::new("calendar_astray");

/// A calendar has an appointment that was called off, and nothing is to be done about that.
pub const CALENDAR_OUTDATED: Rule = Rule::new("calendar_outdated");

/// The constraints without which only the program keeps these rules.
const GUARDS: [&str; 3] = [
    "calendar_events_once",
    "calendar_jobs_once",
    "calendar_accounts_once",
];

/// The rules of calendars elsewhere: they have the appointments of their own doctor, and what was called off leaves them.
pub const CALENDARS: Integrity = Integrity {
    rules: &[CALENDAR_ASTRAY, CALENDAR_OUTDATED],
    guards: &GUARDS,
    check: |checks| Box::pin(check_calendars(checks)),
};

async fn check_calendars(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        CALENDAR_ASTRAY,
        "select format('calendar account %s of doctor %s has appointment %s of doctor %s', account_id,
                       calendar_accounts.doctor_id, appointment_id, appointments.doctor_id) as said
         from calendar_events
         join calendar_accounts on calendar_accounts.id = account_id
         join appointments on appointments.id = appointment_id
         where appointments.doctor_id <> calendar_accounts.doctor_id
           and not exists (select from calendar_jobs
                           where calendar_jobs.account_id = calendar_events.account_id
                             and calendar_jobs.appointment_id = calendar_events.appointment_id)
         order by calendar_events.id"
    );
    check!(
        checks,
        CALENDAR_OUTDATED,
        "select format('calendar account %s has appointment %s, which is %s', account_id, appointment_id, status) as said
         from calendar_events
         join appointments on appointments.id = appointment_id
         where status in ('cancelled', 'rejected', 'expired')
           and not exists (select from calendar_jobs
                           where calendar_jobs.account_id = calendar_events.account_id
                             and calendar_jobs.appointment_id = calendar_events.appointment_id)
         order by calendar_events.id"
    );
    Ok(())
}
