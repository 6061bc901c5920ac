//! The rules that what is told to webhooks keeps, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// A webhook is told of a change that no appointment has in its history.
pub const WEBHOOK_UNTRUE: Rule = Rule::new("webhook_untrue");

/// Of one appointment, something was posted before what happened earlier had come to its end.
pub const WEBHOOK_OVERTAKEN: Rule = Rule::new("webhook_overtaken");

/// The webhook of a doctor is told of an appointment of another one.
pub const WEBHOOK_ASTRAY: Rule = Rule::new("webhook_astray");

/// The constraints without which only the program keeps these rules.
const GUARDS: [&str; 3] = [
    "webhook_deliveries_pkey",
    "webhook_deliveries_of_an_appointment_or_none",
    "webhooks_ended_without_secrets",
];

/// The rules of webhooks: what is told is so, in its order, and to whom may know it.
pub const WEBHOOKS: Integrity = Integrity {
    rules: &[WEBHOOK_UNTRUE, WEBHOOK_OVERTAKEN, WEBHOOK_ASTRAY],
    guards: &GUARDS,
    check: |checks| Box::pin(check_webhooks(checks)),
};

async fn check_webhooks(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        WEBHOOK_UNTRUE,
        "select format('delivery %s of webhook %s: appointment %s was not %s in version %s', deliveries.id, webhook_id,
                       deliveries.appointment_id, status, deliveries.version) as said
         from webhook_deliveries as deliveries
         where deliveries.appointment_id is not null
           and not exists (select from appointment_changes as changes
                           where changes.appointment_id = deliveries.appointment_id
                             and changes.version = deliveries.version and to_status = deliveries.status)
         order by deliveries.id"
    );
    // Two servers count the time of the database, each for itself. What was posted again came later on purpose.
    check!(
        checks,
        WEBHOOK_OVERTAKEN,
        "select format('delivery %s of webhook %s was tried before %s had ended', later.id, later.webhook_id, earlier.id) as said
         from webhook_deliveries as later
         join webhook_deliveries as earlier
              on earlier.webhook_id = later.webhook_id and earlier.appointment_id = later.appointment_id
             and earlier.id < later.id
         where earlier.replays = 0 and later.replays = 0 and later.first_tried_at is not null
           and (earlier.ended_at is null or later.first_tried_at < earlier.ended_at - interval '1 minute')
         order by later.id"
    );
    check!(
        checks,
        WEBHOOK_ASTRAY,
        "select format('delivery %s of webhook %s: appointment %s is of doctor %s', deliveries.id, webhook_id, appointment_id,
                       deliveries.doctor_id) as said
         from webhook_deliveries as deliveries
         join webhooks on webhooks.id = webhook_id
         join staff on staff.id = webhooks.staff_id and staff.role = 'doctor'
         join doctors on doctors.staff_id = staff.id
         where deliveries.doctor_id <> doctors.id
         order by deliveries.id"
    );
    Ok(())
}
