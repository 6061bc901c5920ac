//! Claiming: a worker takes due messages for some time, and nobody else sends them meanwhile.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use rand::RngExt;
use sqlx::PgConnection;

use super::{
    claimed::Claimed,
    kind::{Channel, Kind, Trouble},
    visit,
};
use crate::{
    account::secret::hex,
    database::{Database, Failure, Tx},
    error::AppError,
    i18n::Locale,
    time::plus_minutes,
};

/// A queue of its own: codes wait behind no reminder, and no channel waits for another one's provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lane {
    pub channel: Channel,
    pub is_for_codes: bool,
}

impl Lane {
    pub const ALL: [Self; 4] = [
        Self::of(Channel::Sms, true),
        Self::of(Channel::Email, true),
        Self::of(Channel::Sms, false),
        Self::of(Channel::Email, false),
    ];

    const fn of(channel: Channel, is_for_codes: bool) -> Self {
        Self {
            channel,
            is_for_codes,
        }
    }
}

/// The minutes for which a worker may have a message, longer than any sender takes.
pub const LEASE_MINUTES: i64 = 3;

/// Claims due messages of a lane, the most urgent first. What was claimed before and whose worker has not been heard of is
/// due again; what is too late is given up.
///
/// Of the messages about one appointment or stay, a later one waits until the earlier ones are no longer due: a cancellation never
/// overtakes what it cancels.
///
/// # Errors
/// Those of the database.
pub async fn claim(
    database: &Database,
    lane: Lane,
    most: i64,
    now: Timestamp,
) -> Result<Vec<Claimed>, AppError> {
    let is_any = database
        .read("messages.look", move |mut connection| async move {
            is_any_due(&mut connection, lane, now).await
        })
        .await?;
    if !is_any {
        return Ok(Vec::new());
    }
    let claim = hex(&rand::rng().random::<[u8; 16]>());
    database
        .write("messages.claim", move |tx| {
            attempt(tx, lane, most, claim.clone(), now)
        })
        .await
}

async fn is_any_due(connection: &mut PgConnection, lane: Lane, now: Timestamp) -> Result<bool, Failure> {
    let is_any = sqlx::query_scalar!(
        // The first of them: PostgreSQL expects that some of all messages is one, and would look for it among those that have left.
        r#"select coalesce((
               select true from messages
               where channel = $1 and (kind = 'code') = $2 and state in ('due', 'claimed')
                 and due_at <= $3 and (state = 'due' or claimed_until <= $3)
               order by due_at limit 1
           ), false) as "is_any!""#,
        lane.channel.as_str(),
        lane.is_for_codes,
        now.to_sqlx(),
    );
    Ok(is_any.fetch_one(connection).await?)
}

async fn attempt(
    mut tx: Tx,
    lane: Lane,
    most: i64,
    claim: String,
    now: Timestamp,
) -> Result<Vec<Claimed>, Failure> {
    give_up_what_is_too_late(&mut tx, lane, now).await?;
    let rows = sqlx::query!(
        "with due as (
             select id from messages
             where channel = $1 and (kind = 'code') = $2 and state in ('due', 'claimed')
               and due_at <= $3 and (state = 'due' or claimed_until <= $3) and not_after > $3
               and not exists (
                   select from messages as earlier
                   where earlier.appointment_id = messages.appointment_id and earlier.id < messages.id
                     and earlier.channel = messages.channel and earlier.state in ('due', 'claimed')
                     and earlier.due_at <= $3
               )
               and not exists (
                   select from messages as earlier
                   where earlier.stay_id = messages.stay_id and earlier.id < messages.id
                     and earlier.channel = messages.channel and earlier.state in ('due', 'claimed')
                     and earlier.due_at <= $3
               )
             order by due_at, id
             limit $4
             for update skip locked
         )
         update messages
         set state = 'claimed', claimed_by = $5, claimed_until = $6, attempts = attempts + 1
         from due
         where messages.id = due.id
         returning messages.id, kind, channel, recipient, locale, subject, body, secret_until, appointment_id, version, starts_at, patient_id,
                   staff_id, offer_id, stay_id, payment_id, day, not_after, attempts, created_at",
        lane.channel.as_str(),
        lane.is_for_codes,
        now.to_sqlx(),
        most,
        claim,
        plus_minutes(now, LEASE_MINUTES).to_sqlx(),
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let mut claimed: Vec<Claimed> = rows
        .into_iter()
        .filter_map(|row| {
            Some(Claimed {
                id: row.id,
                // A kind of a newer server is left to it: the claim ends by itself.
                kind: Kind::parse(&row.kind)?,
                channel: Channel::parse(&row.channel)?,
                recipient: row.recipient,
                locale: Locale::parse(&row.locale).unwrap_or_default(),
                subject: row.subject,
                body: row.body,
                // A server one release older marks none.
                is_secret: row.secret_until.is_some() || row.kind == Kind::Code.as_str(),
                appointment_id: row.appointment_id,
                version: row.version,
                starts_at: row.starts_at.map(jiff_sqlx::Timestamp::to_jiff),
                patient_id: row.patient_id,
                staff_id: row.staff_id,
                offer_id: row.offer_id,
                stay_id: row.stay_id,
                payment_id: row.payment_id,
                day: row.day.map(jiff_sqlx::Date::to_jiff),
                not_after: row.not_after.to_jiff(),
                attempts: row.attempts,
                created_at: row.created_at.to_jiff(),
                claim: claim.clone(),
            })
        })
        .collect();
    claimed.sort_by_key(|message| message.id);
    Ok(claimed)
}

/// Gives up what is too late in a lane that nobody works in.
///
/// # Errors
/// Those of the database.
pub(super) async fn give_up(database: &Database, lane: Lane, now: Timestamp) -> Result<(), AppError> {
    let is_any = database
        .read("messages.look", move |mut connection| async move {
            let is_any = sqlx::query_scalar!(
                r#"select coalesce((
                       select true from messages
                       where channel = $1 and (kind = 'code') = $2 and state in ('due', 'claimed')
                         and not_after <= $3
                       order by not_after limit 1
                   ), false) as "is_any!""#,
                lane.channel.as_str(),
                lane.is_for_codes,
                now.to_sqlx(),
            );
            Ok(is_any.fetch_one(&mut *connection).await?)
        })
        .await?;
    if !is_any {
        return Ok(());
    }
    database
        .write("messages.give_up", move |mut tx| async move {
            give_up_what_is_too_late(&mut tx, lane, now).await?;
            tx.commit().await
        })
        .await
}

async fn give_up_what_is_too_late(tx: &mut Tx, lane: Lane, now: Timestamp) -> Result<(), Failure> {
    let given_up = sqlx::query_scalar!(
        "update messages
         set state = 'failed', claimed_by = null, claimed_until = null, ended_at = $3,
             last_error = case when last_error = '' then $4 else last_error end
         where id in (
             select id from messages
             where channel = $1 and (kind = 'code') = $2 and state in ('due', 'claimed')
               and not_after <= $3 and (state = 'due' or claimed_until <= $3)
             for update skip locked
         )
         returning id",
        lane.channel.as_str(),
        lane.is_for_codes,
        now.to_sqlx(),
        Trouble::TooLate.as_str(),
    )
    .fetch_all(&mut **tx)
    .await?;
    if given_up.is_empty() {
        return Ok(());
    }
    visit::give_back(tx, &given_up, now).await
}
