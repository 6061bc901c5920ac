//! Claiming: a worker takes a webhook for some time, with what it is told next, and nobody else posts there meanwhile.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use rand::RngExt;
use sqlx::PgConnection;

use super::{
    delivery::{About, Claimed, Times},
    topic::{Subject, Topic},
};
use crate::{
    account::secret::hex,
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    time::plus_minutes,
};

/// The minutes for which a worker may have a webhook, longer than any request takes.
pub const LEASE_MINUTES: i64 = 1;

/// Claims the webhook that has waited longest since it was tried, of those that have something to be told. One that was claimed
/// before and whose worker has not been heard of is free again.
///
/// # Errors
/// Those of the database.
pub async fn claim(database: &Database, now: Timestamp) -> Result<Option<Claimed>, AppError> {
    let is_any = database
        .read("webhook.look", move |mut connection| async move {
            is_any_due(&mut connection, now).await
        })
        .await?;
    if !is_any {
        return Ok(None);
    }
    let claim = hex(&rand::rng().random::<[u8; 16]>());
    database
        .write("webhook.claim", move |tx| attempt(tx, claim.clone(), now))
        .await
}

/// The look is cheap, and is taken again under the lock. What is looked for first stands first in an index, also where a hundred
/// thousand wait for a webhook that is paused: there, a test alone is posted.
async fn is_any_due(connection: &mut PgConnection, now: Timestamp) -> Result<bool, Failure> {
    let is_any = sqlx::query_scalar!(
        r#"select exists (
               select from webhooks
               where state <> 'ended' and (claimed_until is null or claimed_until <= $1)
                 and (rest_until is null or rest_until <= $1)
                 and case state
                         when 'active' then (select due.id from webhook_deliveries as due
                                             where webhook_id = webhooks.id and due.state = 'due' and due_at <= $1
                                             order by due_at, due.id limit 1)
                         else (select due.id from webhook_deliveries as due
                               where webhook_id = webhooks.id and due.state = 'due' and due_at <= $1
                                 and event = 'webhook.test'
                               order by due_at, due.id limit 1)
                     end is not null
           ) as "is_any!""#,
        now.to_sqlx(),
    );
    Ok(is_any.fetch_one(connection).await?)
}

/// A webhook that was claimed.
struct Free {
    id: i64,
    staff_id: i64,
    state: String,
    url: String,
    secret: String,
    old_secret: Option<String>,
    with_details: bool,
}

/// Whose owner has left, or sees less by now, is told nothing more.
async fn lock_free(tx: &mut Tx, now: Timestamp) -> Result<Option<Free>, Failure> {
    let free = sqlx::query_as!(
        Free,
        r#"select webhooks.id, staff_id, state, url, secret, with_details,
                  case when old_secret_until > $1 then old_secret end as "old_secret?"
           from webhooks
           where state <> 'ended' and (claimed_until is null or claimed_until <= $1)
             and (rest_until is null or rest_until <= $1)
             and exists (select from staff where staff.id = staff_id and active
                           and (role = 'doctor'
                                or role = 'admin' and not exists (select from staff_clinics where staff_id = staff.id)))
             and case state
                     when 'active' then (select due.id from webhook_deliveries as due
                                         where webhook_id = webhooks.id and due.state = 'due' and due_at <= $1
                                           and not exists (select from webhook_deliveries as earlier
                                                           where earlier.webhook_id = due.webhook_id and earlier.state = 'due'
                                                             and earlier.appointment_id = due.appointment_id
                                                             and earlier.id < due.id)
                                           and (due.appointment_id is not null
                                                or not exists (select from webhook_deliveries as earlier
                                                               where earlier.webhook_id = due.webhook_id
                                                                 and earlier.stay_id = due.stay_id
                                                                 and earlier.state = 'due' and earlier.id < due.id)
                                                and not exists (select from webhook_deliveries as earlier
                                                                where earlier.webhook_id = due.webhook_id
                                                                  and earlier.group_id = due.group_id
                                                                  and earlier.state = 'due' and earlier.id < due.id))
                                         order by due_at, due.id limit 1)
                     else (select due.id from webhook_deliveries as due
                           where webhook_id = webhooks.id and due.state = 'due' and due_at <= $1 and event = 'webhook.test'
                           order by due_at, due.id limit 1)
                 end is not null
           order by tried_at nulls first, webhooks.id
           limit 1
           for no key update skip locked"#,
        now.to_sqlx(),
    );
    Ok(locking(Lock::Webhooks, free.fetch_optional(&mut **tx)).await?)
}

async fn attempt(mut tx: Tx, claim: String, now: Timestamp) -> Result<Option<Claimed>, Failure> {
    let Some(free) = lock_free(&mut tx, now).await? else {
        return Ok(None);
    };
    // After the lock: another worker may have had it until a moment ago.
    let next = sqlx::query!(
        r#"update webhook_deliveries as next
           set attempts = attempts + 1, first_tried_at = coalesce(first_tried_at, $2), tried_at = $2
           from (select due.id, appointments.service_id, appointments.patient_id
                 from webhook_deliveries as due
                 left join appointments on appointments.id = due.appointment_id
                 where due.id = case when $3
                     then (select first.id from webhook_deliveries as first
                           where first.webhook_id = $1 and first.state = 'due' and first.due_at <= $2
                             and not exists (select from webhook_deliveries as earlier
                                             where earlier.webhook_id = $1 and earlier.state = 'due'
                                               and earlier.appointment_id = first.appointment_id and earlier.id < first.id)
                             and (first.appointment_id is not null
                                  or not exists (select from webhook_deliveries as earlier
                                                 where earlier.webhook_id = $1 and earlier.stay_id = first.stay_id
                                                   and earlier.state = 'due' and earlier.id < first.id)
                                  and not exists (select from webhook_deliveries as earlier
                                                  where earlier.webhook_id = $1 and earlier.group_id = first.group_id
                                                    and earlier.state = 'due' and earlier.id < first.id))
                           order by first.due_at, first.id limit 1)
                     else (select first.id from webhook_deliveries as first
                           where first.webhook_id = $1 and first.state = 'due' and first.due_at <= $2
                             and first.event = 'webhook.test'
                           order by first.due_at, first.id limit 1)
                     end) as found
           where next.id = found.id
           returning next.id, event, next.appointment_id, next.stay_id, next.group_id, version, status, doctor_id, clinic_id, starts_at, ends_at,
                     happened_at, attempts, first_tried_at as "first_tried_at!", service_id as "service_id?",
                     patient_id as "patient_id?""#,
        free.id,
        now.to_sqlx() as _,
        free.state == "active",
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(next) = next else {
        return Ok(None);
    };
    // A topic of a newer server is left to it: the claim ends by itself.
    let topic = Topic::parse(&next.event);
    sqlx::query!(
        "update webhooks set claimed_by = $2, claimed_until = $3, tried_at = $4 where id = $1",
        free.id,
        claim,
        plus_minutes(now, LEASE_MINUTES).to_sqlx(),
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    let times = (next.starts_at.zip(next.ends_at)).zip(next.service_id);
    let about = Subject::of(next.appointment_id, next.stay_id, next.group_id)
        .zip(next.version)
        .zip(next.status.zip(next.clinic_id))
        .map(|(((subject, id), version), (status, clinic_id))| About {
            subject,
            id,
            version,
            status,
            doctor_id: next.doctor_id,
            clinic_id,
            times: times.map(|((starts_at, ends_at), service_id)| Times {
                starts_at: starts_at.to_jiff(),
                ends_at: ends_at.to_jiff(),
                service_id,
                patient_id: next.patient_id,
            }),
        });
    Ok(topic.map(|topic| Claimed {
        id: next.id,
        webhook_id: free.id,
        staff_id: free.staff_id,
        url: free.url,
        secret: free.secret,
        old_secret: free.old_secret,
        with_details: free.with_details,
        topic,
        about,
        happened_at: next.happened_at.to_jiff(),
        attempts: next.attempts,
        first_tried_at: next.first_tried_at.to_jiff(),
        claim,
    }))
}
