//! The transaction of a merge.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    Before, Kept, Merge, Merged, Of,
    family::move_family,
    rows::{Record, lock_both, note_moved, read, texts, write_person},
};
use crate::{
    account::{
        access::{end_addresses, end_sessions_and_tokens},
        session::SignedIn,
    },
    appointment::{Actor, Appointment, Extra, Locked, Status, change, lock_of_patients},
    audit::{self, Note},
    availability::tell_times_changed,
    database::{Failure, Lock, OnConstraint, Tx, locking},
    desk::card::{MAX_NOTE, record_changes, write_card},
    error::{AppError, Field, FieldProblem},
    idempotency, stay, waitlist,
};

pub(super) async fn attempt(
    mut tx: Tx,
    command: Merge,
    note: Note,
    now: Timestamp,
) -> Result<Merged, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let staff_id = command.caller.staff_id().ok_or(AppError::NotFound)?;
    // Their rows come before those of patients.
    stay::lock_of_patients(&mut tx, &[command.from_id, command.into_id]).await?;
    let [from, into] = lock_both(&mut tx, [command.from_id, command.into_id]).await?;
    refuse_gone(&from)?;
    refuse_gone(&into)?;
    let doctors = lock_and_check(&mut tx, &from, &into, now).await?;
    let merge_id = begin(&mut tx, &from, &into, staff_id, now).await?;
    let appointments = move_appointments(&mut tx, merge_id, &from, &into).await?;
    // Whoever has the number that is given up may be somebody else by now; and with the other number one signs in anew to a
    // record that goes.
    let ended = match (from.kept.phone == into.kept.phone, command.keep.phone) {
        (true, _) => vec![],
        (false, Of::Stays) => vec![SignedIn::Patient(from.kept.id)],
        (false, Of::Goes) => vec![SignedIn::Patient(from.kept.id), SignedIn::Patient(into.kept.id)],
    };
    for who in &ended {
        end_sessions_and_tokens(&mut tx, *who, now).await?;
    }
    move_the_rest(&mut tx, merge_id, &from, &into, &ended).await?;
    move_family(&mut tx, merge_id, &from, &into, command.keep, now).await?;
    let after = keep(&mut tx, &command, &from, &into, staff_id, now).await?;
    finish(&mut tx, merge_id, from.kept, into.kept, after).await?;
    tell_times_changed(&mut tx, doctors);
    let merged = Merged {
        merge_id,
        patient_id: command.into_id,
        appointments,
    };
    audit::write(&mut tx, &note).await?;
    idempotency::answer(&mut tx, key, &merged, &[]).await?;
    tx.commit().await?;
    Ok(merged)
}

/// Refuses a record that is part of another one, or that the clinic has closed.
fn refuse_gone(record: &Record) -> Result<(), AppError> {
    match (record.merged_into, record.active) {
        (Some(_), _) => Err(AppError::RecordMerged),
        (None, false) => Err(AppError::NotFound),
        (None, true) => Ok(()),
    }
}

/// Locks the appointments of both, ends requests that have run out, and refuses two at the same time. Answers with the
/// doctors of those that go and still lie ahead.
async fn lock_and_check(
    tx: &mut Tx,
    from: &Record,
    into: &Record,
    now: Timestamp,
) -> Result<Vec<i64>, Failure> {
    let mut live: Vec<Locked<Appointment>> = Vec::new();
    for appointment in lock_of_patients(tx, &[from.kept.id, into.kept.id]).await? {
        // Seats that were kept are given back under the lock of their session, by the worker.
        if appointment.has_run_out(now) && !appointment.is_kept_seats() {
            change(
                tx,
                appointment,
                Status::Expired,
                Actor::SYSTEM,
                Extra::default(),
                now,
            )
            .await?;
        } else if appointment.status.occupies() && appointment.status != Status::Held {
            live.push(appointment);
        }
    }
    let is_of = |record: &Record, one: &Locked<Appointment>| one.patient_id == Some(record.kept.id);
    let overlap = live.iter().filter(|one| is_of(from, one)).any(|one| {
        live.iter()
            .any(|other| is_of(into, other) && other.time.overlaps(one.time))
    });
    if overlap {
        return Err(AppError::RecordsOverlap.into());
    }
    let mut doctors: Vec<i64> = live
        .iter()
        .filter(|one| is_of(from, one) && one.time.end > now)
        .map(|one| one.doctor_id)
        .collect();
    doctors.sort_unstable();
    doctors.dedup();
    Ok(doctors)
}

async fn begin(
    tx: &mut Tx,
    from: &Record,
    into: &Record,
    staff_id: i64,
    now: Timestamp,
) -> Result<i64, Failure> {
    let id = sqlx::query_scalar!(
        "insert into patient_merges (from_id, into_id, merged_at, merged_by, before) values ($1, $2, $3, $4, '{}')
         returning id",
        from.kept.id,
        into.kept.id,
        now.to_sqlx(),
        staff_id,
    );
    Ok(id.fetch_one(&mut **tx).await?)
}

/// Moves the visits with their appointments, which name each other's patient, in one statement.
async fn move_appointments(tx: &mut Tx, merge_id: i64, from: &Record, into: &Record) -> Result<i64, Failure> {
    let moved = sqlx::query!(
        r#"with moved_visits as (
               update visits set patient_id = $2 where patient_id = $1 returning id),
           moved as (
               update appointments set patient_id = $2 where patient_id = $1 returning id)
           select array(select id::text from moved_visits) as "visits!",
                  array(select id::text from moved) as "appointments!""#,
        from.kept.id,
        into.kept.id,
    )
    .fetch_one(&mut **tx)
    .await
    // Visits that were long ago can overlap, too.
    .on_constraint("appointments_patient_no_overlap", AppError::RecordsOverlap)?;
    note_moved(tx, merge_id, "visit", &moved.visits).await?;
    note_moved(tx, merge_id, "appointment", &moved.appointments).await?;
    Ok(i64::try_from(moved.appointments.len()).unwrap_or(i64::MAX))
}

/// Moves what else names the patient: messages, sessions, tokens, the calendar's address, and who has to do with them.
async fn move_the_rest(
    tx: &mut Tx,
    merge_id: i64,
    from: &Record,
    into: &Record,
    ended: &[SignedIn],
) -> Result<(), Failure> {
    let (from, into) = (from.kept.id, into.kept.id);
    let tokens = sqlx::query_scalar!(
        "update tokens set patient_id = $2 where patient_id = $1 returning id",
        from,
        into
    );
    let tokens = locking(Lock::Token, tokens.fetch_all(&mut **tx)).await?;
    note_moved(tx, merge_id, "token", &texts(tokens)).await?;
    for who in ended {
        end_addresses(tx, *who).await?;
    }
    let feeds = sqlx::query_scalar!(
        "update calendar_feeds set patient_id = $2
         where patient_id = $1 and not exists (select from calendar_feeds where patient_id = $2)
         returning id",
        from,
        into,
    );
    let feeds = locking(Lock::CalendarFeed, feeds.fetch_all(&mut **tx)).await?;
    note_moved(tx, merge_id, "calendar_feed", &texts(feeds)).await?;
    let messages = sqlx::query_scalar!(
        "update messages set patient_id = $2 where patient_id = $1 returning id",
        from,
        into
    )
    .fetch_all(&mut **tx)
    .await?;
    note_moved(tx, merge_id, "message", &texts(messages)).await?;
    let stays = sqlx::query_scalar!(
        "update stays set patient_id = $2 where patient_id = $1 returning id",
        from,
        into
    )
    .fetch_all(&mut **tx)
    .await?;
    note_moved(tx, merge_id, "stay", &texts(stays)).await?;
    let sessions = sqlx::query_scalar!(
        r#"update sessions
           set patient_id = $2, data = jsonb_set(data, '{signed_in,Patient}', to_jsonb($2::bigint))
           where patient_id = $1 and data -> 'signed_in' -> 'Patient' = to_jsonb($1::bigint)
           returning encode(id, 'hex') as "id!""#,
        from,
        into,
    )
    .fetch_all(&mut **tx)
    .await?;
    note_moved(tx, merge_id, "session", &sessions).await?;
    // What the clinic has to keep of one of them, it has to keep of the one.
    sqlx::query!(
        "insert into legal_holds (patient_id, why, held_at, by_staff_id)
         select $2, why, held_at, by_staff_id from legal_holds where patient_id = $1
         on conflict (patient_id) do nothing",
        from,
        into,
    )
    .execute(&mut **tx)
    .await?;
    take_back_consents(tx, from, into).await?;
    let waits_for = waitlist::move_to(tx, from, into).await?;
    note_moved(tx, merge_id, "waitlist_entry", &texts(waits_for)).await?;
    // Whoever had to do with both has to do with the one, as long as with either.
    sqlx::query!(
        "insert into patient_merge_rows (merge_id, kind, row_id, detail)
         select $3, 'acquaintance', staff_id::text,
                jsonb_build_object('given_by', given_by, 'since', since, 'until', until,
                                   'had', (select to_jsonb(known) from acquaintances as known
                                           where known.staff_id = acquaintances.staff_id
                                             and known.patient_id = $2))
         from acquaintances where patient_id = $1",
        from,
        into,
        merge_id,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into acquaintances as known (staff_id, patient_id, given_by, since, until)
         select staff_id, $2, given_by, since, until from acquaintances where patient_id = $1
         on conflict on constraint acquaintances_pkey do update set
             given_by = case when excluded.until > known.until then excluded.given_by else known.given_by end,
             since = least(known.since, excluded.since), until = greatest(known.until, excluded.until)",
        from,
        into,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("delete from acquaintances where patient_id = $1", from)
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "with gone as (delete from phone_findings where patient_id = $1 returning *)
         insert into patient_merge_rows (merge_id, kind, row_id, detail)
         select $2, 'phone_finding', patient_id::text, to_jsonb(gone) from gone",
        from,
        merge_id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes back of the one what was taken back of the record that goes, where nothing was said of the one since. What one of them
/// agreed to is not carried over.
async fn take_back_consents(tx: &mut Tx, from: i64, into: i64) -> Result<(), Failure> {
    sqlx::query!(
        "insert into consents (patient_id, purpose, version, is_given, said_at, channel, by_patient_id, by_staff_id)
         select $2, purpose, version, is_given, said_at, channel, by_patient_id, by_staff_id
         from (select distinct on (purpose) * from consents where patient_id = $1 order by purpose, id desc) as last
         where not is_given and consents_to($2, purpose)
           and not exists (select from consents as own
                           where own.patient_id = $2 and own.purpose = last.purpose and own.said_at > last.said_at)",
        from,
        into,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes what is kept of the two, and answers with the record that stays as it is then.
async fn keep(
    tx: &mut Tx,
    command: &Merge,
    from: &Record,
    into: &Record,
    staff_id: i64,
    now: Timestamp,
) -> Result<Kept, Failure> {
    let (from, into, keep) = (&from.kept, &into.kept, command.keep);
    let of = |side: Of| match side {
        Of::Stays => into,
        Of::Goes => from,
    };
    // What only one of them has is kept.
    let contact = match (keep.contact, &into.email, &from.email) {
        (Of::Stays, None, Some(_)) => from,
        (Of::Goes, Some(_), None) => into,
        (side, ..) => of(side),
    };
    let kept = Kept {
        name: of(keep.name)
            .name
            .clone()
            .or_else(|| into.name.clone())
            .or_else(|| from.name.clone()),
        email: contact.email.clone(),
        email_confirmed_at: contact.email_confirmed_at,
        locale: contact.locale.clone(),
        wants_reminders: contact.wants_reminders,
        birthday: of(keep.birthday).birthday.or(into.birthday).or(from.birthday),
        note: both_notes(&into.note, &from.note)?,
        ..into.clone()
    };
    write_person(tx, &kept).await?;
    if (kept.birthday, &kept.note) != (into.birthday, &into.note) {
        write_card(tx, into.id, kept.written(), staff_id, now).await?;
    }
    record_changes(tx, &command.caller, into.id, into.written(), kept.written(), now).await?;
    Ok(read(tx, into.id).await?.kept)
}

/// Both notes, the one of the record that stays first.
///
/// # Errors
/// `VALIDATION_FAILED` where they are too long together: somebody shortens one of them before.
fn both_notes(stays: &str, goes: &str) -> Result<String, AppError> {
    let both = match (stays.is_empty(), goes.is_empty()) {
        (_, true) => return Ok(stays.to_owned()),
        (true, false) => return Ok(goes.to_owned()),
        (false, false) if stays == goes => return Ok(stays.to_owned()),
        (false, false) => format!("{stays}\n\n{goes}"),
    };
    match both.chars().count() > MAX_NOTE {
        true => Err(AppError::invalid(Field::DeskNote, FieldProblem::TooLong)),
        false => Ok(both),
    }
}

async fn finish(tx: &mut Tx, merge_id: i64, from: Kept, into: Kept, after: Kept) -> Result<(), Failure> {
    let last_appointment = sqlx::query_scalar!(
        r#"select coalesce(max(id), 0) as "last!" from appointments where patient_id = $1"#,
        into.id,
    )
    .fetch_one(&mut **tx)
    .await?;
    let before = Before {
        from,
        into,
        after,
        last_appointment,
    };
    let before = serde_json::to_value(before).map_err(|_| AppError::Internal)?;
    sqlx::query!(
        "update patient_merges set before = $2 where id = $1",
        merge_id,
        before
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_note_is_lost() {
        for (stays, goes, expected) in [
            ("", "", ""),
            ("Hears badly", "", "Hears badly"),
            ("", "Hears badly", "Hears badly"),
            ("Hears badly", "Hears badly", "Hears badly"),
            ("Hears badly", "Comes late", "Hears badly\n\nComes late"),
        ] {
            assert_eq!(both_notes(stays, goes).as_deref(), Ok(expected));
        }
        let (long, longer) = ("x".repeat(1000), "x".repeat(999));
        assert!(both_notes(&longer, &longer).is_ok());
        assert!(both_notes(&long, &long).is_ok(), "one and the same");
        assert_eq!(
            both_notes(&long, &longer),
            Err(AppError::invalid(Field::DeskNote, FieldProblem::TooLong))
        );
    }
}
