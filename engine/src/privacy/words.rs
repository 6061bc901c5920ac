//! Taking words and traces of a person out of one table after the other. Each answers with how many rows it was.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::people::Traits;
use crate::database::{Failure, Lock, Tx, locking};

/// Written where a text has to be there.
const SOME: &str = "erased";

/// What a session knows of its browser and nothing of anybody else: words of the program, which somebody may be named like.
const OF_THE_BROWSER: [&str; 7] = [
    "signed_in",
    "signed_in_at",
    "signed_in_from",
    "visitor",
    "second_step",
    "proved_at",
    "clinic",
];

/// Empties the words about appointments that led to no care: reasons to come, of changes, notes of staff; and the words of all
/// ratings, whose stars count on. Records of care stay: see `docs/privacy.md`.
pub(super) async fn of_appointments(tx: &mut Tx, records: &[i64]) -> Result<i64, Failure> {
    let emptied = sqlx::query_scalar!(
        r#"with others as materialized (
               select id from appointments
               where patient_id = any($1) and not is_record(appointments)),
           changes as (
               update appointment_changes
               -- The first one says that somebody overbooked on purpose.
               set reason = '', note = case when from_status is null and note <> '' then $2 else '' end
               from others where appointment_id = others.id and (reason <> '' or note <> '')),
           emptied as (
               update appointments
               set reason = '', overbooked_because = case when overbooked_because is not null then $2 end
               from others where appointments.id = others.id
               returning 1)
           select count(*) as "count!" from emptied"#,
        records,
        SOME,
    );
    let emptied = emptied.fetch_one(&mut **tx).await?;
    // Why somebody cancelled or moved is no record of what was done, whatever became of it.
    sqlx::query!(
        "update appointment_changes set reason = ''
         where reason <> '' and appointment_id in (select id from appointments where patient_id = any($1))",
        records,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update ratings set comment = ''
         where comment <> '' and appointment_id in (select id from appointments where patient_id = any($1))",
        records,
    )
    .execute(&mut **tx)
    .await?;
    Ok(emptied)
}

/// Ends what is waited for, and empties why.
pub(super) async fn of_waitlist(tx: &mut Tx, records: &[i64], now: Timestamp) -> Result<u64, Failure> {
    let ended = sqlx::query!(
        "update waitlist_entries
         set reason = '',
             ended_at = case when state = 'waiting' then $2 else ended_at end,
             ended_because = case when state = 'waiting' then 'left' else ended_because end,
             version = version + 1,
             state = case when state = 'waiting' then 'ended' else state end
         where patient_id = any($1)",
        records,
        now.to_sqlx(),
    );
    Ok(locking(Lock::Waitlist, ended.execute(&mut **tx))
        .await?
        .rows_affected())
}

/// Empties messages to the person, and suppresses what has not left: also codes, which name a phone alone. A worker that is
/// sending one at this moment no longer has it, and writes nothing down of it.
pub(super) async fn of_messages(
    tx: &mut Tx,
    records: &[i64],
    traits: &Traits,
    now: Timestamp,
) -> Result<u64, Failure> {
    let recipients = traits.recipients();
    sqlx::query!(
        "delete from message_links
         where message_id in (select id from messages
                              where patient_id = any($1) or recipient <> '' and recipient = any($2))",
        records,
        &recipients,
    )
    .execute(&mut **tx)
    .await?;
    let emptied = sqlx::query!(
        "update messages
         set recipient = '', body = '', subject = '', provider_id = null, secret_until = null,
             ended_at = coalesce(ended_at, $3),
             claimed_by = null, claimed_until = null,
             state = case when state in ('due', 'claimed') then 'suppressed' else state end
         where patient_id = any($1) or recipient <> '' and recipient = any($2)",
        records,
        &recipients,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("delete from message_stops where recipient = any($1)", &recipients)
        .execute(&mut **tx)
        .await?;
    sqlx::query!("delete from login_codes where phone = any($1)", &traits.phones)
        .execute(&mut **tx)
        .await?;
    Ok(emptied.rows_affected())
}

/// Locks the calls from the phone of the person, and those that did something for them, and answers with their ids.
pub(super) async fn lock_calls(tx: &mut Tx, records: &[i64], traits: &Traits) -> Result<Vec<i64>, Failure> {
    let calls = sqlx::query_scalar!(
        r#"select id from phone_calls
           where id in (select id from phone_calls where number = any($2)
                        union all select id from phone_calls where needs_number = any($2)
                        union all select id from phone_calls where code_number = any($2)
                        union all select id from phone_calls where proved_number = any($2)
                        union all select phone_call_id from phone_call_names where patient_id = any($1)
                        union all select phone_call_id from phone_call_steps
                                  join appointments on appointments.id = appointment_id where patient_id = any($1))
           order by id for update"#,
        records,
        &traits.phones,
    );
    Ok(locking(Lock::PhoneCall, calls.fetch_all(&mut **tx)).await?)
}

/// Forgets these calls: numbers, what was said, notes, and that somebody is to call back.
pub(super) async fn of_calls(
    tx: &mut Tx,
    records: &[i64],
    calls: &[i64],
    now: Timestamp,
) -> Result<u64, Failure> {
    let forgotten = sqlx::query!(
        "update phone_calls
         set number = null, needs_number = null, needs_note = '', transcript = null, code_number = null,
             challenge = null, proved_number = null, forgotten_at = coalesce(forgotten_at, $2),
             needs = case when done_at is not null then needs end
         where id = any($1)",
        calls,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from phone_call_steps where phone_call_id = any($1) and appointment_id is null",
        calls,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        // The time that a call moved an appointment to is no word of anybody.
        "update phone_call_steps
         set meant = null,
             answer = case when answer #> '{time,wanted}' is not null
                           then jsonb_build_object('time', jsonb_build_object('wanted', answer #> '{time,wanted}')) end
         where phone_call_id = any($1)",
        calls,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("delete from phone_call_names where patient_id = any($1)", records)
        .execute(&mut **tx)
        .await?;
    Ok(forgotten.rows_affected())
}

/// Forgets answers that were kept for requests that come twice, where they are about the person or name them. A name is compared
/// as a whole: it may be a word that the program itself writes there.
pub(super) async fn of_answers(tx: &mut Tx, records: &[i64], traits: &Traits) -> Result<u64, Failure> {
    let forgotten = sqlx::query!(
        r#"delete from idempotency_keys
           where exists (select from jsonb_array_elements(case jsonb_typeof(made) when 'array' then made else '[]' end)
                              as part
                         where part ->> 'patient_id' = any($1))
              or exists (select from unnest($2::text[]) as word
                         where strpos(answer::text, trim(both '"' from to_jsonb(word)::text)) > 0)
              or exists (select from unnest($3::text[]) as word
                         where jsonb_path_exists(answer, '$.**.name ? (@ == $word)', jsonb_build_object('word', word)))"#,
        &records.iter().map(i64::to_string).collect::<Vec<_>>(),
        &traits.recipients(),
        &traits.names,
    );
    Ok(forgotten.execute(&mut **tx).await?.rows_affected())
}

/// Takes out what is about the person and nothing else: the card of the desk, whom they were given to, what was found about
/// their number, a copy of their data, and what staff have just typed into a form with their name.
pub(super) async fn of_person(tx: &mut Tx, records: &[i64], traits: &Traits) -> Result<(), Failure> {
    sqlx::query!(
        "with cards as (delete from patient_cards where patient_id = any($1)),
              known as (delete from acquaintances where patient_id = any($1)),
              findings as (delete from phone_findings where patient_id = any($1)),
              numbers as (delete from number_confirmations where patient_id = any($1)),
              looks as (update broken_glass set why = 'erased' where patient_id = any($1)),
              copies as (delete from patient_exports where patient_id = any($1)),
              links as (delete from calendar_links where patient_id = any($1))
         select 1 as done",
        records,
    )
    .fetch_one(&mut **tx)
    .await?;
    sqlx::query!(
        r#"select 1 as "done!" from (select erase_added_words($1)) as words"#,
        records
    )
    .fetch_one(&mut **tx)
    .await?;
    sqlx::query!(
        r#"update sessions
           set data = (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(data)
                       where key = any($2)
                          or not exists (select from unnest($1::text[]) as word,
                                                jsonb_path_query(value, '$.** ? (@.type() == "string")') as typed
                                         where strpos(typed #>> '{}', word) > 0))
           where exists (select from unnest($1::text[]) as word,
                                jsonb_path_query(data - $2::text[], '$.** ? (@.type() == "string")') as typed
                         where strpos(typed #>> '{}', word) > 0)"#,
        &traits.words(),
        &OF_THE_BROWSER.map(String::from)[..],
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Empties what merges have noted of the records as they were. A merge of them cannot be taken back any more.
pub(super) async fn of_merges(tx: &mut Tx, records: &[i64]) -> Result<(), Failure> {
    sqlx::query!(
        "with merges as (select id from patient_merges where from_id = any($1) or into_id = any($1)),
              details as (update patient_merge_rows set detail = null from merges where merge_id = merges.id)
         update patient_merges set before = '{}' from merges where patient_merges.id = merges.id",
        records,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
