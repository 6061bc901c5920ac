//! The phone agent of the demo: the numbers that it answers, and a call after which somebody is to be called back.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::Ids;
use crate::{
    database::{Failure, Tx},
    time::plus_minutes,
};

/// The numbers of the first clinics, each with the language in which it is answered.
const LINES: [(&str, &str); 3] = [
    ("+622155500110", "id"),
    ("+493023125120", "de"),
    ("+6495550130", "en"),
];
/// The caller who waits for a call.
const CALLER: &str = "+6281255501234";
/// Minutes since that call.
const MINUTES_AGO: i64 = 95;

/// Lets a phone agent answer for the clinics.
///
/// # Errors
/// Those of the database.
pub(super) async fn insert(tx: &mut Tx, ids: &Ids, now: Timestamp) -> Result<(), Failure> {
    for (clinic_id, (number, language)) in ids.clinics.iter().zip(LINES) {
        sqlx::query!(
            "insert into phone_lines (number, clinic_id, language) values ($1, $2, $3)",
            number,
            clinic_id,
            language,
        )
        .execute(&mut **tx)
        .await?;
    }
    let Some((clinic_id, (line, language))) = ids.clinics.first().zip(LINES.first()) else {
        return Ok(());
    };
    sqlx::query!(
        "with call as (
             insert into phone_calls
                 (call_id, number, line, clinic_id, language, began_at, ended_at, ended_because, asked, needs, needs_number,
                  needs_note)
             values ('demo-first-call', $1, $2, $3, $4, $5, $5::timestamptz + interval '2 minutes', 'user_hangup', 2, 'callback',
                     $1, 'Wants to know whether to come with an empty stomach.')
             returning id)
         insert into phone_call_steps (phone_call_id, request, tool, outcome, asked_at)
         select id, decode(md5(tool), 'hex'), tool, outcome, $5
         from call, (values ('find_times', 'times'), ('request_callback', 'callback_noted')) as step (tool, outcome)",
        CALLER,
        line,
        clinic_id,
        language,
        plus_minutes(now, -MINUTES_AGO).to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
