//! Taking in what has changed in a calendar elsewhere.

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use metrics::counter;

use super::{
    State,
    times::{Times, times_of, window},
};
use crate::{
    availability::{tell_plan_opened, tell_times_changed},
    caldav::foreign::{Object, Owner, read, written},
    database::{Failure, Lock, Tx, locking},
    time::{Range, stored_zone},
};

/// Takes in an object of a collection from which busy times of this doctor are read, as it is now. `href` and `etag` are as the
/// server says them. What is written can be taken back by a savepoint of the caller; the lock of the doctor cannot, so it
/// stands before every other lock of the lock order that the transaction takes.
///
/// A body that cannot be understood is no error: it is told on the page of the account, and what was known of it stands.
///
/// # Errors
/// Those of the database.
pub async fn put(
    tx: &mut Tx,
    collection_id: i64,
    doctor_id: i64,
    href: &str,
    etag: &str,
    body: &str,
) -> Result<(), Failure> {
    let now = tx.now();
    let about = About::of(tx, collection_id, doctor_id).await?;
    let item = Item::read(body, &about, now);
    counter!("janji_calendar_items_total", "state" => item.state.name()).increment(1);
    lock(tx, doctor_id).await?;
    let is_understood = item.is_understood();
    let id = sqlx::query_scalar!(
        "insert into external_items (collection_id, doctor_id, href, etag, state, recurrence, expanded_until, read_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict on constraint external_items_once do update
         set doctor_id = excluded.doctor_id, etag = excluded.etag, state = excluded.state, read_at = excluded.read_at,
             recurrence = case when $9 then excluded.recurrence else external_items.recurrence end,
             expanded_until = case when $9 then excluded.expanded_until else external_items.expanded_until end
         returning id",
        collection_id,
        doctor_id,
        href,
        etag,
        item.state.name(),
        item.recurrence,
        item.expanded_until.map(|until| until.to_sqlx()) as _,
        now.to_sqlx(),
        is_understood,
    )
    .fetch_one(&mut **tx)
    .await?;
    if is_understood {
        replace(tx, id, doctor_id, &item.busy, now).await?;
    }
    Ok(())
}

/// Forgets an object that is not there any more, and frees its times.
///
/// # Errors
/// Those of the database.
pub async fn gone(tx: &mut Tx, collection_id: i64, href: &str) -> Result<(), Failure> {
    let doctor_id = sqlx::query_scalar!(
        "select doctor_id from external_items where collection_id = $1 and href = $2",
        collection_id,
        href,
    )
    .fetch_optional(&mut **tx)
    .await?;
    match doctor_id {
        Some(doctor_id) => delete(tx, collection_id, doctor_id, Some(href)).await,
        None => Ok(()),
    }
}

/// Forgets all of a collection from which busy times are read no more, and frees its times. To be called before the collection is
/// deleted: what the database deletes with it is told to nobody.
///
/// # Errors
/// Those of the database.
pub async fn forget(tx: &mut Tx, collection_id: i64, doctor_id: i64) -> Result<(), Failure> {
    delete(tx, collection_id, doctor_id, None).await
}

async fn delete(tx: &mut Tx, collection_id: i64, doctor_id: i64, href: Option<&str>) -> Result<(), Failure> {
    lock(tx, doctor_id).await?;
    let frees = sqlx::query_scalar!(
        r#"with items as (
               delete from external_items where collection_id = $1 and doctor_id = $2 and ($3::text is null or href = $3)
               returning id)
           select exists (select from external_busy where item_id in (select id from items) and upper(span) > $4) as "frees!""#,
        collection_id,
        doctor_id,
        href,
        tx.now().to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    if frees {
        tell_plan_opened(tx, [doctor_id]);
    }
    Ok(())
}

/// Locks a doctor as a change of the schedule does: bookings that are under way commit first, and later ones wait.
pub(super) async fn lock(tx: &mut Tx, doctor_id: i64) -> Result<(), Failure> {
    let locked = sqlx::query_scalar!(
        "select id from doctors where id = $1 for no key update",
        doctor_id
    );
    locking(Lock::Doctor, locked.fetch_optional(&mut **tx)).await?;
    Ok(())
}

/// Gives an object these times in place of those that it had, in one statement, and tells what changed by that. The doctor is
/// locked.
pub(super) async fn replace(
    tx: &mut Tx,
    item_id: i64,
    doctor_id: i64,
    busy: &[Range],
    now: Timestamp,
) -> Result<(), Failure> {
    let starts: Vec<_> = busy.iter().map(|range| range.start.to_sqlx()).collect();
    let ends: Vec<_> = busy.iter().map(|range| range.end.to_sqlx()).collect();
    let changed = sqlx::query!(
        r#"with before as (select coalesce(range_agg(span), '{}') as spans from external_busy where item_id = $1),
                coming as (select sequence::integer, tstzrange(starts_at, ends_at) as span
                           from unnest($3::timestamptz[], $4::timestamptz[]) with ordinality
                                as times (starts_at, ends_at, sequence)),
                after as (select coalesce(range_agg(span), '{}') as spans from coming),
                fewer as (delete from external_busy
                          where item_id = $1 and sequence > cardinality($3::timestamptz[])),
                put as (insert into external_busy (item_id, sequence, doctor_id, span)
                        select $1, sequence, $2, span from coming
                        on conflict on constraint external_busy_pkey do update
                        set span = excluded.span, doctor_id = excluded.doctor_id
                        where external_busy.span <> excluded.span or external_busy.doctor_id <> excluded.doctor_id)
           select not isempty((before.spans - after.spans) * tstzmultirange(tstzrange($5, null))) as "frees!",
                  not isempty((after.spans - before.spans) * tstzmultirange(tstzrange($5, null))) as "takes!"
           from before, after"#,
        item_id,
        doctor_id,
        starts as _,
        ends as _,
        now.to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    match (changed.frees, changed.takes) {
        (true, _) => tell_plan_opened(tx, [doctor_id]),
        (false, true) => tell_times_changed(tx, [doctor_id]),
        (false, false) => {}
    }
    Ok(())
}

/// What has to be known of a doctor to understand their calendar.
pub(super) struct About {
    owner: Owner,
    /// The zones of the clinics where they work.
    zones: Vec<TimeZone>,
}

impl About {
    pub async fn of(tx: &mut Tx, collection_id: i64, doctor_id: i64) -> Result<Self, Failure> {
        let row = sqlx::query!(
            r#"select installation.id::text as "installation!",
                      (select username from calendar_accounts
                       where id = (select account_id from calendar_collections where id = $1)) as username,
                      array(select distinct time_zone from clinics
                            where id in (select clinic_id from offers where doctor_id = $2
                                         union select clinic_id from working_hours where doctor_id = $2)
                            order by time_zone) as "zones!"
               from installation"#,
            collection_id,
            doctor_id,
        )
        .fetch_one(&mut **tx)
        .await?;
        Ok(Self {
            owner: Owner {
                username: row.username.unwrap_or_default(),
                our_uids: format!("@{}", row.installation),
            },
            zones: row.zones.iter().filter_map(|zone| stored_zone(zone)).collect(),
        })
    }
}

/// What is kept of an object.
pub(super) struct Item {
    state: State,
    pub busy: Vec<Range>,
    /// What says when it recurs, where more may come of it, and up to when its times are worked out.
    pub recurrence: Option<String>,
    pub expanded_until: Option<Timestamp>,
}

impl Item {
    pub fn read(body: &str, about: &About, now: Timestamp) -> Self {
        let (state, times, recurrence) = match read(body, &about.owner) {
            Ok(Object::Foreign(events)) => {
                let times = times_of(&events, &about.zones, window(now));
                let state = match (times.is_cut, events.iter().all(|event| event.is_free)) {
                    (true, _) => State::TooMany,
                    (false, true) => State::Free,
                    (false, false) => State::Busy,
                };
                let goes_on = !times.is_all && state != State::Free;
                (state, times, goes_on.then(|| written(&events)))
            }
            Ok(Object::Own) => (State::Own, Times::default(), None),
            Err(unread) => (State::Unread(unread), Times::default(), None),
        };
        Self {
            state,
            busy: times.busy,
            expanded_until: recurrence.is_some().then(|| window(now).end),
            recurrence,
        }
    }

    pub fn is_understood(&self) -> bool {
        !matches!(self.state, State::Unread(_))
    }
}
