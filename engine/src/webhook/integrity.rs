//! The rules that what is told to webhooks keeps, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// A webhook is told of a change that no appointment and no stay has in its history, or that no group session can have had.
pub const WEBHOOK_UNTRUE: Rule = Rule::new("webhook_untrue");

/// Of one thing, something was posted before what happened earlier had come to its end.
pub const WEBHOOK_OVERTAKEN: Rule = Rule::new("webhook_overtaken");

/// The webhook of a doctor is told of what is not theirs.
pub const WEBHOOK_ASTRAY: Rule = Rule::new("webhook_astray");

/// The constraints without which only the program keeps these rules.
const GUARDS: [&str; 3] = [
    "webhook_deliveries_pkey",
    "webhook_deliveries_of_one_thing_or_none",
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
         union all
         select format('delivery %s of webhook %s: stay %s was not %s in version %s', deliveries.id, webhook_id,
                       deliveries.stay_id, status, deliveries.version)
         from webhook_deliveries as deliveries
         where deliveries.stay_id is not null
           and not exists (select from stay_changes as changes
                           where changes.stay_id = deliveries.stay_id
                             and changes.version = deliveries.version and to_status = deliveries.status)
         union all
         select format('delivery %s of webhook %s: group session %s has no version %s yet', deliveries.id, webhook_id,
                       deliveries.group_id, deliveries.version)
         from webhook_deliveries as deliveries
         where deliveries.group_id is not null
           and not exists (select from groups
                           where groups.id = deliveries.group_id and groups.version >= deliveries.version)
         order by said"
    );
    // Two servers count the time of the database, each for itself. What was posted again came later on purpose.
    check!(
        checks,
        WEBHOOK_OVERTAKEN,
        "with told as (
             select *, case when appointment_id is not null then 'appointment' when stay_id is not null then 'stay'
                            else 'group' end as kind,
                    coalesce(appointment_id, stay_id, group_id) as thing_id
             from webhook_deliveries
         )
         select format('delivery %s of webhook %s was tried before %s had ended', later.id, later.webhook_id, earlier.id) as said
         from told as later
         join told as earlier
              on earlier.webhook_id = later.webhook_id and earlier.kind = later.kind and earlier.thing_id = later.thing_id
             and earlier.id < later.id
         where earlier.replays = 0 and later.replays = 0 and later.first_tried_at is not null
           and (earlier.ended_at is null or later.first_tried_at < earlier.ended_at - interval '1 minute')
         order by later.id"
    );
    check!(
        checks,
        WEBHOOK_ASTRAY,
        "select format('delivery %s of webhook %s: %s %s is of doctor %s', deliveries.id, webhook_id,
                       case when stay_id is not null then 'stay' when group_id is not null then 'group session'
                            else 'appointment' end,
                       coalesce(appointment_id, stay_id, group_id), coalesce(deliveries.doctor_id::text, 'nobody')) as said
         from webhook_deliveries as deliveries
         join webhooks on webhooks.id = webhook_id
         join staff on staff.id = webhooks.staff_id and staff.role = 'doctor'
         join doctors on doctors.staff_id = staff.id
         where deliveries.version is not null and deliveries.doctor_id is distinct from doctors.id
         order by deliveries.id"
    );
    Ok(())
}
