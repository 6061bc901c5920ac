//! Reading webhooks, and what they were told.

use jiff::Timestamp;

use super::{
    delivery,
    owner::whose,
    rules::{Because, DeliveryState, State, Trouble},
    topic::{Subject, Topic},
};
use crate::{
    account::Caller,
    database::{Database, Failure},
    error::AppError,
};

/// The count at which nobody counts on.
const MOST_COUNTED: i64 = 1000;

/// A webhook, without its secrets.
#[derive(Clone, Debug)]
pub struct WebhookView {
    pub id: i64,
    pub owner: String,
    /// Whether its owner may still be told anything.
    pub is_owner_there: bool,
    pub url: String,
    pub description: String,
    pub topics: Vec<Topic>,
    pub doctor_id: Option<i64>,
    pub doctor_name: Option<String>,
    pub clinic_id: Option<i64>,
    pub clinic_name: Option<String>,
    pub with_details: bool,
    pub state: State,
    pub because: Option<Because>,
    pub made_at: Timestamp,
    pub version: i32,
    /// Until when the secret before is good.
    pub old_secret_until: Option<Timestamp>,
    /// When something arrived there last.
    pub delivered_at: Option<Timestamp>,
    /// Attempts in a row that failed.
    pub failures: i32,
    /// What waits and what was given up, each counted up to a thousand.
    pub waiting: i64,
    pub failed: i64,
}

/// The webhooks of a doctor, or for admins all, the newest first. Those that were deleted are left out.
///
/// # Errors
/// `NOT_FOUND` for everybody but doctors and admins of all clinics.
pub async fn list(
    database: &Database,
    caller: &Caller,
    now: Timestamp,
) -> Result<Vec<WebhookView>, AppError> {
    read(database, caller, None, now).await
}

/// A webhook that the caller sees.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn one(
    database: &Database,
    caller: &Caller,
    id: i64,
    now: Timestamp,
) -> Result<WebhookView, AppError> {
    let found = read(database, caller, Some(id), now).await?;
    found.into_iter().next().ok_or(AppError::NotFound)
}

async fn read(
    database: &Database,
    caller: &Caller,
    id: Option<i64>,
    now: Timestamp,
) -> Result<Vec<WebhookView>, AppError> {
    let whose = whose(caller)?;
    database
        .read("webhook.read", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select webhooks.id, staff.name as owner, url, description, events, webhooks.doctor_id,
                          doctors.name as "doctor_name?", webhooks.clinic_id, clinics.name as "clinic_name?", with_details,
                          state, because, made_at, webhooks.version, old_secret_until, delivered_at, failures,
                          staff.active and (role = 'doctor' or role = 'admin' and not exists (
                              select from staff_clinics where staff_clinics.staff_id = staff.id)) as "is_owner_there!",
                          (select count(*) from (select from webhook_deliveries where webhook_id = webhooks.id and state = 'due'
                                                 limit $4) as counted) as "waiting!",
                          (select count(*) from (select from webhook_deliveries where webhook_id = webhooks.id and state = 'failed'
                                                 limit $4) as counted) as "failed!"
                   from webhooks
                   join staff on staff.id = staff_id
                   left join doctors on doctors.id = webhooks.doctor_id
                   left join clinics on clinics.id = webhooks.clinic_id
                   where ($1::bigint is null or webhooks.staff_id = $1) and ($2::bigint is null or webhooks.id = $2)
                     and because is distinct from 'deleted'
                   order by webhooks.id desc
                   limit $3"#,
                whose,
                id,
                MOST_COUNTED,
                MOST_COUNTED,
            )
            .fetch_all(&mut *connection)
            .await?;
            let views = rows.into_iter().map(|row| {
                Ok(WebhookView {
                    id: row.id,
                    owner: row.owner,
                    is_owner_there: row.is_owner_there,
                    url: row.url,
                    description: row.description,
                    topics: row.events.iter().filter_map(|name| Topic::parse(name)).collect(),
                    doctor_id: row.doctor_id,
                    doctor_name: row.doctor_name,
                    clinic_id: row.clinic_id,
                    clinic_name: row.clinic_name,
                    with_details: row.with_details,
                    state: State::parse(&row.state).ok_or(AppError::Internal)?,
                    because: row.because.as_deref().and_then(Because::parse),
                    made_at: row.made_at.to_jiff(),
                    version: row.version,
                    old_secret_until: row
                        .old_secret_until
                        .map(jiff_sqlx::Timestamp::to_jiff)
                        .filter(|until| *until > now),
                    delivered_at: row.delivered_at.map(jiff_sqlx::Timestamp::to_jiff),
                    failures: row.failures,
                    waiting: row.waiting,
                    failed: row.failed,
                })
            });
            views.collect::<Result<_, Failure>>()
        })
        .await
}

/// What a webhook was told, or is to be told.
#[derive(Clone, Debug)]
pub struct DeliveryView {
    pub id: i64,
    /// The name by which its receiver knows it.
    pub name: String,
    /// As it is stored: a newer server may tell more.
    pub event: String,
    /// The thing that it is of, with its id; none in a test.
    pub about: Option<(Subject, i64)>,
    pub version: Option<i32>,
    pub status: Option<String>,
    pub happened_at: Timestamp,
    pub state: DeliveryState,
    pub due_at: Timestamp,
    pub attempts: i32,
    pub tried_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub replays: i32,
    pub trouble: Option<Trouble>,
    pub answer_status: Option<i32>,
    /// The beginning of the last answer, in the words of a stranger.
    pub answer: String,
    pub took_ms: Option<i32>,
}

/// A part of what a webhook was told.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeliveryFilter {
    pub state: Option<DeliveryState>,
    /// Those with smaller ids.
    pub before: Option<i64>,
    pub limit: i64,
}

/// What a webhook was told, the newest first.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn deliveries(
    database: &Database,
    caller: &Caller,
    webhook_id: i64,
    filter: DeliveryFilter,
    now: Timestamp,
) -> Result<Vec<DeliveryView>, AppError> {
    one(database, caller, webhook_id, now).await?;
    database
        .search("webhook.deliveries", move |mut tx| async move {
            let rows = sqlx::query!(
                "select id, event, appointment_id, stay_id, group_id, version, status, happened_at, state, due_at, attempts, tried_at, ended_at,
                        replays, trouble, answer_status, answer, took_ms
                 from webhook_deliveries
                 where webhook_id = $1 and ($2::text is null or state = $2) and ($3::bigint is null or id < $3)
                 order by id desc limit $4",
                webhook_id,
                filter.state.map(DeliveryState::as_str),
                filter.before,
                filter.limit,
            )
            .fetch_all(&mut *tx)
            .await?;
            let views = rows.into_iter().map(|row| {
                let happened_at = row.happened_at.to_jiff();
                Ok(DeliveryView {
                    id: row.id,
                    name: delivery::name(row.id, happened_at),
                    event: row.event,
                    about: Subject::of(row.appointment_id, row.stay_id, row.group_id),
                    version: row.version,
                    status: row.status,
                    happened_at,
                    state: DeliveryState::parse(&row.state).ok_or(AppError::Internal)?,
                    due_at: row.due_at.to_jiff(),
                    attempts: row.attempts,
                    tried_at: row.tried_at.map(jiff_sqlx::Timestamp::to_jiff),
                    ended_at: row.ended_at.map(jiff_sqlx::Timestamp::to_jiff),
                    replays: row.replays,
                    trouble: Trouble::parse(&row.trouble),
                    answer_status: row.answer_status,
                    answer: row.answer,
                    took_ms: row.took_ms,
                })
            });
            views.collect::<Result<_, Failure>>()
        })
        .await
}
