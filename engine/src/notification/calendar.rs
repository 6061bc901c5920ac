//! Mails that tell a doctor that a calendar elsewhere needs a hand: doctors do not look at its page every day.

use jiff_sqlx::ToSqlx;

use super::{
    claimed::Claimed,
    kind::{Channel, Kind},
};
use crate::{
    database::{Failure, Tx},
    event::Event,
    time::plus_minutes,
};

/// From what happened until it is told: a doctor who is at it has done what is to be done by then, and several appointments that
/// were deleted one after the other are told of once.
const AWAY_MINUTES: i64 = 5;

/// A mail that is not sent before so many minutes will tell of what happens now as well.
const SOON_MINUTES: i64 = 1;

/// The time for which it is news, in minutes.
const NEWS_MINUTES: i64 = 3 * 24 * 60;

/// Plans the mail that tells a doctor of this, if it does.
///
/// # Errors
/// Those of the database.
pub(super) async fn plan(tx: &mut Tx, event: &Event) -> Result<(), Failure> {
    match *event {
        Event::CalendarPaused { account_id } => tell_paused(tx, account_id).await,
        Event::CalendarAsked { question_id } => tell_asked(tx, question_id).await,
        _ => Ok(()),
    }
}

/// Once until somebody has changed the account, or it was read: whoever tries in vain knows that it is in vain.
async fn tell_paused(tx: &mut Tx, account_id: i64) -> Result<(), Failure> {
    let now = tx.now();
    sqlx::query!(
        "insert into messages (body, kind, channel, recipient, locale, staff_id, due_at, not_after, dedupe_key)
         select '', $2, $3, staff.email, language, staff.id, $4, $5,
                concat_ws(':', 'calendar-paused', accounts.id, accounts.version,
                          coalesce(extract(epoch from greatest(
                              pulled_at,
                              (select max(listed_at) from calendar_collections where account_id = accounts.id)))::bigint, 0))
         from calendar_accounts as accounts
         join doctors on doctors.id = doctor_id
         join staff on staff.id = doctors.staff_id and staff.active
         where accounts.id = $1
         on conflict (dedupe_key) where dedupe_key is not null do nothing",
        account_id,
        Kind::CalendarPaused.as_str(),
        Channel::Email.as_str(),
        plus_minutes(now, AWAY_MINUTES).to_sqlx(),
        plus_minutes(now, NEWS_MINUTES).to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Once for a question, and once for all that arise before the mail leaves.
async fn tell_asked(tx: &mut Tx, question_id: i64) -> Result<(), Failure> {
    let now = tx.now();
    sqlx::query!(
        "insert into messages (body, kind, channel, recipient, locale, staff_id, due_at, not_after, dedupe_key)
         select '', $2, $3, staff.email, language, staff.id, $4, $5, concat_ws(':', 'calendar-asks', questions.id)
         from calendar_questions as questions
         join calendar_accounts as accounts on accounts.id = account_id
         join doctors on doctors.id = questions.doctor_id
         join staff on staff.id = doctors.staff_id and staff.active
         where questions.id = $1
           and not exists (select from messages as waiting
                           where waiting.staff_id = staff.id and waiting.kind = $2 and waiting.state = 'due'
                             and waiting.due_at > $6)
         on conflict (dedupe_key) where dedupe_key is not null do nothing",
        question_id,
        Kind::CalendarAsks.as_str(),
        Channel::Email.as_str(),
        plus_minutes(now, AWAY_MINUTES).to_sqlx(),
        plus_minutes(now, NEWS_MINUTES).to_sqlx(),
        plus_minutes(now, SOON_MINUTES).to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The address of the doctor whom a mail tells of a calendar; `None` where there is nothing to be told any more.
///
/// # Errors
/// Those of the database.
pub(super) async fn reached(tx: &mut Tx, claimed: &Claimed) -> Result<Option<String>, Failure> {
    let recipient = sqlx::query_scalar!(
        "select staff.email
         from staff join doctors on doctors.staff_id = staff.id
         where staff.id = $1 and staff.active
           and case when $2
                    then exists (select from calendar_accounts where doctor_id = doctors.id and state = 'paused')
                    else exists (select from calendar_questions as questions
                                 join appointments on appointments.id = appointment_id
                                 where questions.doctor_id = doctors.id and appointments.doctor_id = doctors.id
                                   and questions.kind = 'deleted' and settled_at is null)
               end",
        claimed.staff_id,
        claimed.kind == Kind::CalendarPaused,
    );
    Ok(recipient.fetch_optional(&mut **tx).await?)
}
