//! Taking a merge back.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    Before, Kept, UNDO_MINUTES, Undo, Undone, note,
    rows::{hold_phone, lock_both, moved, read, share_phone, write_person},
};
use crate::{
    account::{
        Caller,
        access::{end_addresses, end_sessions_and_tokens},
        number::forget_confirmations,
        session::SignedIn,
    },
    appointment::lock_of_patients,
    audit,
    availability::tell_times_changed,
    database::{Failure, Lock, Tx, locking},
    desk::card::{Written, record_changes, write_card},
    error::AppError,
    idempotency, stay,
    time::plus_minutes,
    waitlist,
};

/// Somebody signs in with a phone that goes back at this moment. Then the phone is theirs, and the next attempt sees that.
const TRY_AGAIN: AppError = AppError::ConcurrencyAbort;

pub(super) async fn attempt(mut tx: Tx, command: Undo, now: Timestamp) -> Result<Undone, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let staff_id = command.caller.staff_id().ok_or(AppError::NotFound)?;
    let merge_id = command.merge_id;
    let ids = sqlx::query!(
        "select from_id, into_id from patient_merges where id = $1",
        merge_id
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(AppError::NotFound)?;
    let (from_id, into_id) = (ids.from_id, ids.into_id);
    stay::lock_of_patients(&mut tx, &[into_id]).await?;
    let [from, into] = lock_both(&mut tx, [from_id, into_id]).await?;
    // Read under the lock: somebody may have taken it back meanwhile.
    let merge = sqlx::query!(
        r#"select merged_at as "merged_at: jiff_sqlx::Timestamp", undone_at is not null as "is_undone!", before
           from patient_merges where id = $1"#,
        merge_id,
    )
    .fetch_one(&mut *tx)
    .await?;
    let merged_at = merge.merged_at.to_jiff();
    // Of somebody who was erased, nothing is left to give back.
    let is_forgotten = merge.before.as_object().is_some_and(serde_json::Map::is_empty);
    let is_being_erased = sqlx::query_scalar!(
        r#"select exists (select from patients where id in ($1, $2) and erasing_since is not null) as "is!""#,
        from_id,
        into_id,
    );
    let is_forgotten = is_forgotten || is_being_erased.fetch_one(&mut *tx).await?;
    if is_forgotten || merge.is_undone || plus_minutes(merged_at, UNDO_MINUTES) <= now {
        return Err(AppError::NotFound.into());
    }
    if from.merged_into != Some(into_id) || into.merged_into.is_some() {
        return Err(AppError::RecordMerged.into());
    }
    let before: Before = serde_json::from_value(merge.before).map_err(|error| {
        tracing::error!(%error, merge.id = merge_id, "the ledger of a merge cannot be read");
        AppError::Internal
    })?;
    let mut doctors: Vec<i64> = lock_of_patients(&mut tx, &[into_id])
        .await?
        .iter()
        .filter(|one| one.time.end > now)
        .map(|one| one.doctor_id)
        .collect();
    doctors.sort_unstable();
    doctors.dedup();
    let appointments = appointments_back(&mut tx, merge_id, from_id, into_id).await?;
    // With the number that goes back, its owner may have signed in to the record of the other since.
    let changes_hands = before.into.phone != before.after.phone;
    let ended = changes_hands.then_some(SignedIn::Patient(into_id));
    if let Some(who) = ended {
        end_sessions_and_tokens(&mut tx, who, now).await?;
    }
    rest_back(&mut tx, merge_id, (from_id, into_id), ended).await?;
    let has_its_phone = family_back(&mut tx, merge_id, &before).await?;
    person_back(&mut tx, &before, &command.caller, now).await?;
    let made_since = made_since(&mut tx, into_id, before.last_appointment).await?;
    sqlx::query!(
        "update patient_merges set undone_at = $2, undone_by = $3 where id = $1",
        merge_id,
        now.to_sqlx(),
        staff_id,
    )
    .execute(&mut *tx)
    .await?;
    tell_times_changed(&mut tx, doctors);
    audit::write(&mut tx, &note(&command.caller, into_id, "taken back")).await?;
    let undone = Undone {
        from_id,
        into_id,
        appointments,
        made_since,
        has_its_phone,
    };
    idempotency::answer(&mut tx, key, &undone, &[]).await?;
    tx.commit().await?;
    Ok(undone)
}

/// Moves back the visits and appointments of the ledger.
async fn appointments_back(tx: &mut Tx, merge_id: i64, from: i64, into: i64) -> Result<i64, Failure> {
    let visits = moved(tx, merge_id, "visit").await?;
    let appointments = moved(tx, merge_id, "appointment").await?;
    let back = sqlx::query_scalar!(
        r#"with visits_back as (
               update visits set patient_id = $1 where patient_id = $2 and id = any($3) returning id),
           back as (
               update appointments set patient_id = $1 where patient_id = $2 and id = any($4) returning id)
           select count(*) as "count!" from back"#,
        from,
        into,
        &visits,
        &appointments,
    );
    Ok(back.fetch_one(&mut **tx).await?)
}

/// Moves back what else the ledger has, where it is still with the record that stayed.
async fn rest_back(
    tx: &mut Tx,
    merge_id: i64,
    (from, into): (i64, i64),
    ended: Option<SignedIn>,
) -> Result<(), Failure> {
    let ids = moved(tx, merge_id, "token").await?;
    let tokens = sqlx::query!(
        "update tokens set patient_id = $1 where patient_id = $2 and id = any($3)",
        from,
        into,
        &ids
    );
    locking(Lock::Token, tokens.execute(&mut **tx)).await?;
    if let Some(who) = ended {
        end_addresses(tx, who).await?;
    }
    let ids = moved(tx, merge_id, "calendar_feed").await?;
    let feeds = sqlx::query!(
        "update calendar_feeds set patient_id = $1 where patient_id = $2 and id = any($3)",
        from,
        into,
        &ids,
    );
    locking(Lock::CalendarFeed, feeds.execute(&mut **tx)).await?;
    let ids = moved(tx, merge_id, "stay").await?;
    sqlx::query!(
        "update stays set patient_id = $1 where patient_id = $2 and id = any($3)",
        from,
        into,
        &ids,
    )
    .execute(&mut **tx)
    .await?;
    let ids = moved(tx, merge_id, "message").await?;
    sqlx::query!(
        "update messages set patient_id = $1 where patient_id = $2 and id = any($3)",
        from,
        into,
        &ids,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update sessions set patient_id = $1, data = jsonb_set(data, '{signed_in,Patient}', to_jsonb($1::bigint))
         where patient_id = $2
           and id in (select decode(row_id, 'hex') from patient_merge_rows where merge_id = $3 and kind = 'session')",
        from,
        into,
        merge_id,
    )
    .execute(&mut **tx)
    .await?;
    let ids = moved(tx, merge_id, "waitlist_entry").await?;
    waitlist::move_back(tx, &ids, from, into).await?;
    sqlx::query!(
        "insert into acquaintances (staff_id, patient_id, given_by, since, until)
         select row_id::bigint, $1, (detail ->> 'given_by')::bigint, (detail ->> 'since')::timestamptz,
                (detail ->> 'until')::timestamptz
         from patient_merge_rows where merge_id = $2 and kind = 'acquaintance'
         on conflict on constraint acquaintances_pkey do nothing",
        from,
        merge_id,
    )
    .execute(&mut **tx)
    .await?;
    // What somebody was given since, or for longer, stays.
    sqlx::query!(
        "delete from acquaintances using patient_merge_rows
         where patient_id = $1 and merge_id = $2 and kind = 'acquaintance' and staff_id = row_id::bigint
           and jsonb_typeof(detail -> 'had') = 'null'
           and since <= (detail ->> 'since')::timestamptz and until <= (detail ->> 'until')::timestamptz",
        into,
        merge_id,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update acquaintances as known
         set given_by = (had ->> 'given_by')::bigint, since = (had ->> 'since')::timestamptz,
             until = (had ->> 'until')::timestamptz
         from (select row_id::bigint as id, detail -> 'had' as had, detail from patient_merge_rows
               where merge_id = $2 and kind = 'acquaintance' and jsonb_typeof(detail -> 'had') = 'object') as merged
         where known.patient_id = $1 and known.staff_id = merged.id
           and known.since = least((had ->> 'since')::timestamptz, (detail ->> 'since')::timestamptz)
           and known.until = greatest((had ->> 'until')::timestamptz, (detail ->> 'until')::timestamptz)",
        into,
        merge_id,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into phone_findings (patient_id, phone, found_at)
         select row_id::bigint, detail ->> 'phone', (detail ->> 'found_at')::timestamptz
         from patient_merge_rows where merge_id = $1 and kind = 'phone_finding'
         on conflict on constraint phone_findings_pkey do nothing",
        merge_id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Gives both their phones and families back, as far as nobody else has the numbers by now. Answers whether the record that
/// had gone has its own.
async fn family_back(tx: &mut Tx, merge_id: i64, before: &Before) -> Result<bool, Failure> {
    let (from, into, after) = (&before.from, &before.into, &before.after);
    let present = read(tx, into.id).await?.kept;
    let is_untouched = present.phone == after.phone && present.holder_id == after.holder_id;
    // The one that had stayed first: the number that it lets go may be that of the other.
    if is_untouched && into.phone != after.phone && into.holder_id.is_none() {
        hold_phone(tx, into.id, &into.phone, TRY_AGAIN).await?;
    }
    // What the merge has ended stays ended.
    sqlx::query!(
        "update patients set active = true, merged_into = null where id = $1",
        from.id,
    )
    .execute(&mut **tx)
    .await?;
    let relatives = moved(tx, merge_id, "relative").await?;
    // The one that had stayed had shared the phone of the other, and holds it at present.
    let took_over = into.holder_id == Some(from.id);
    let has_its_phone = match from.holder_id {
        None if took_over && is_untouched => {
            swap_holders(tx, from.id, into.id).await?;
            true
        }
        None => hold_phone(tx, from.id, &from.phone, TRY_AGAIN).await?,
        Some(holder_id) => {
            let holder = read(tx, holder_id).await?;
            let is_there = holder.active && holder.kept.holder_id.is_none();
            if is_there {
                share_phone(tx, from.id, holder_id).await?;
            }
            is_there && holder.kept.phone == from.phone
        }
    };
    if has_its_phone && from.holder_id.is_none() {
        for relative in relatives {
            let present = read(tx, relative).await?;
            let is_with_the_other = |id: i64| id == into.id || Some(id) == after.holder_id;
            if present.kept.holder_id.is_some_and(is_with_the_other) {
                share_phone(tx, relative, from.id).await?;
            }
        }
    }
    if is_untouched
        && let Some(holder_id) = into.holder_id.filter(|id| *id != from.id)
        && after.holder_id != into.holder_id
    {
        let holder = read(tx, holder_id).await?;
        if holder.active && holder.kept.holder_id.is_none() {
            share_phone(tx, into.id, holder_id).await?;
        }
    }
    // What was confirmed since was the number that goes back.
    if read(tx, into.id).await?.kept.phone != present.phone {
        forget_confirmations(tx, &[into.id, from.id]).await?;
    }
    Ok(has_its_phone)
}

/// Gives the phone that two share back to the one who held it before.
async fn swap_holders(tx: &mut Tx, from: i64, into: i64) -> Result<(), Failure> {
    // For a moment each of the two shares that of the other: the index knows holders alone.
    sqlx::query!("update patients set holder_id = $2 where id = $1", into, from)
        .execute(&mut **tx)
        .await?;
    sqlx::query!("update patients set holder_id = null where id = $1", from)
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "update patients set holder_id = $2 where holder_id = $1",
        into,
        from
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Gives the record that had stayed back what the merge has changed of it, where nobody has changed it since; and the record
/// that had gone its name.
async fn person_back(tx: &mut Tx, before: &Before, caller: &Caller, now: Timestamp) -> Result<(), Failure> {
    let staff_id = caller.staff_id().ok_or(AppError::NotFound)?;
    let (from, into, after) = (&before.from, &before.into, &before.after);
    let present = read(tx, into.id).await?.kept;
    let mut back = present.clone();
    if present.name == after.name {
        back.name.clone_from(&into.name);
    }
    // An address that was confirmed since, or has bounced, is one that somebody has changed.
    let contact = |kept: &Kept| {
        let email = (kept.email.clone(), kept.email_confirmed_at);
        (email, kept.locale.clone(), kept.wants_reminders)
    };
    if contact(&present) == contact(after) {
        back.email.clone_from(&into.email);
        back.email_confirmed_at = into.email_confirmed_at;
        back.locale.clone_from(&into.locale);
        back.wants_reminders = into.wants_reminders;
    }
    // Whoever shares a phone keeps a name.
    if back.holder_id.is_some() && back.name.is_none() {
        back.name.clone_from(&present.name);
    }
    write_person(tx, &back).await?;
    if present.version == after.version && (into.birthday, &into.note) != (after.birthday, &after.note) {
        let card = Written {
            birthday: into.birthday,
            note: &into.note,
            ..back.written()
        };
        write_card(tx, into.id, card, staff_id, now).await?;
    }
    let now_it_is = read(tx, into.id).await?.kept;
    record_changes(tx, caller, into.id, present.written(), now_it_is.written(), now).await?;
    sqlx::query!(
        "update patients set name = $2 where id = $1 and (holder_id is null or $2::text is not null)",
        from.id,
        from.name,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Counts what was booked since the merge: whose it is nobody can tell, so it stays.
async fn made_since(tx: &mut Tx, into: i64, last: i64) -> Result<i64, Failure> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from appointments
           where patient_id = $1 and id > $2 and status <> 'held'"#,
        into,
        last,
    );
    Ok(count.fetch_one(&mut **tx).await?)
}
