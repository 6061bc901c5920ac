//! What is said to a patient of a stay: that it is booked, changed or cancelled; and on the day before it begins.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::{
    claimed::Claimed,
    kind::{Channel, Kind},
    reminder,
};
use crate::{
    account::Role,
    database::{Failure, Tx},
    error::AppError,
    event::Event,
    i18n::Locale,
    stay::Status,
    time::{first_instant, local_date, plus_minutes, shown_zone},
};

/// The hours for which news are news.
const NEWS_MINUTES: i64 = 24 * 60;
/// The minute of the day of the arrival a day before which people are reminded.
const NOON: i32 = 12 * 60;
/// A reminder that would come so shortly before is not sent.
const TOO_SHORT_MINUTES: i64 = 2 * 60;

/// Something that became so of a stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct News {
    stay_id: i64,
    version: i32,
    kind: Kind,
}

impl News {
    /// What is said of these events: of each stay, what became of it in the end.
    pub(super) fn of(events: &[Event]) -> Vec<Self> {
        let changes = events.iter().filter_map(|event| match *event {
            Event::StayChanged {
                stay_id,
                version,
                from,
                to,
            } => Some((stay_id, version, kind_of(from, to))),
            _ => None,
        });
        let mut changes: Vec<(i64, i32, Option<Kind>)> = changes.collect();
        changes.sort_by_key(|(stay_id, version, _)| (*stay_id, -*version));
        changes.dedup_by_key(|(stay_id, ..)| *stay_id);
        let said = changes.into_iter().filter_map(|(stay_id, version, kind)| {
            kind.map(|kind| Self {
                stay_id,
                version,
                kind,
            })
        });
        said.collect()
    }
}

/// What a change of a stay says to its patient. Holds say nothing, and neither does what happens in the house.
fn kind_of(from: Option<Status>, to: Status) -> Option<Kind> {
    use Status::{Arrived, Booked, Cancelled, Held, Lapsed};

    match (from, to) {
        (None | Some(Held | Lapsed), Booked) => Some(Kind::StayBooked),
        (Some(Booked), Booked) | (Some(Arrived), Arrived) => Some(Kind::StayChanged),
        (Some(Booked), Cancelled) => Some(Kind::StayCancelled),
        _ => None,
    }
}

/// A row of the outbox.
struct Planned {
    kind: Kind,
    due_at: Timestamp,
    not_after: Timestamp,
    key: String,
}

/// Puts out what is to be said of a stay, and the reminder where it is booked.
///
/// # Errors
/// Those of the database.
pub(super) async fn plan(tx: &mut Tx, news: News, has: impl Fn(Channel) -> bool) -> Result<(), Failure> {
    let now = tx.now();
    let stay = sqlx::query!(
        r#"select stays.patient_id, status, arrival as "arrival: jiff_sqlx::Date", time_zone, patients.phone,
                  case when reached.email_confirmed_at is not null then reached.email end as email,
                  coalesce(
                      reached.locale,
                      (select locale from messages
                       where recipient = patients.phone and sent_at is not null and kind = 'code'
                       order by sent_at desc limit 1)
                  ) as locale
           from stays
           join room_types on room_types.id = room_type_id
           join clinics on clinics.id = clinic_id
           join patients on patients.id = stays.patient_id
           join patients as reached on reached.id = coalesce(patients.holder_id, patients.id)
           where stays.id = $1"#,
        news.stay_id,
    )
    .fetch_one(&mut **tx)
    .await?;
    let (channel, recipient) = match &stay.email {
        Some(email) if has(Channel::Email) || !has(Channel::Sms) => (Channel::Email, email),
        _ => (Channel::Sms, &stay.phone),
    };
    let locale =
        (stay.locale.as_deref().and_then(Locale::parse)).unwrap_or_else(|| Locale::of_phone(&stay.phone));
    let mut rows = vec![Planned {
        kind: news.kind,
        due_at: now,
        not_after: plus_minutes(now, NEWS_MINUTES),
        key: format!("{}:{}:{}", news.kind.as_str(), news.stay_id, news.version),
    }];
    if stay.status == Status::Booked.as_str() {
        let zone = shown_zone(&stay.time_zone);
        rows.extend(reminder_of(news.stay_id, stay.arrival.to_jiff(), &zone, now));
    }
    let due: Vec<_> = rows.iter().map(|row| row.due_at.to_sqlx()).collect();
    let not_after: Vec<_> = rows.iter().map(|row| row.not_after.to_sqlx()).collect();
    let (kinds, keys): (Vec<_>, Vec<_>) = rows
        .iter()
        .map(|row| (row.kind.as_str(), row.key.as_str()))
        .unzip();
    sqlx::query!(
        "insert into messages
             (body, kind, channel, recipient, locale, patient_id, stay_id, version, day, due_at, not_after, dedupe_key)
         select '', kind, $1, $2, $3, $4, $5, $6, $7, due_at, not_after, dedupe_key
         from unnest($8::text[], $9::timestamptz[], $10::timestamptz[], $11::text[]) as planned (kind, due_at, not_after, dedupe_key)
         on conflict (dedupe_key) where dedupe_key is not null do nothing",
        channel.as_str(),
        recipient,
        locale.code(),
        stay.patient_id,
        news.stay_id,
        news.version,
        stay.arrival as _,
        &kinds as _,
        &due as _,
        &not_after as _,
        &keys as _,
    )
    .execute(&mut **tx)
    .await?;
    tx.tell(Event::MessageDue { is_code: false });
    Ok(())
}

/// The reminder of a stay. Its key has the arrival: a move plans it anew.
fn reminder_of(stay_id: i64, arrival: Date, zone: &TimeZone, now: Timestamp) -> Option<Planned> {
    let noon = first_instant(arrival, NOON, zone)?;
    let due_at = reminder::day_before(noon, zone, now)?;
    Some(Planned {
        kind: Kind::StayReminder,
        due_at,
        not_after: plus_minutes(noon, -TOO_SHORT_MINUTES),
        key: format!("stay-reminder:{stay_id}:{arrival}"),
    })
}

/// A stay, as far as its messages may know it: neither what for nor in which room.
#[derive(Clone, Debug)]
pub(super) struct ToldStay {
    pub recipient: String,
    pub reference: String,
    pub arrival: Date,
    pub departure: Date,
    pub zone: TimeZone,
    /// The street.
    pub address: String,
    pub clinic_phone: String,
    /// Who made the change that is spoken of.
    pub by: Role,
}

/// Reads what a message about a stay speaks of; `None` where it is no longer so, or where its patient does not want it.
///
/// # Errors
/// Those of the database.
pub(super) async fn load(
    tx: &mut Tx,
    claimed: &Claimed,
    purpose: &str,
    now: Timestamp,
) -> Result<Option<ToldStay>, Failure> {
    let row = sqlx::query!(
        r#"select reference, status, stays.version, stays.arrival as "arrival: jiff_sqlx::Date",
                  stays.departure as "departure: jiff_sqlx::Date", time_zone, clinics.address, clinics.phone as clinic_phone,
                  changes.actor, patients.phone,
                  reached.wants_reminders and consents_to(reached.id, $3) as "wants_reminders!",
                  case when reached.email_confirmed_at is not null then reached.email end as email
           from stays
           join room_types on room_types.id = room_type_id
           join clinics on clinics.id = clinic_id
           join patients on patients.id = stays.patient_id
               and (patients.active or patients.erasing_since is not null and patients.erased_at is null)
           join patients as reached on reached.id = coalesce(patients.holder_id, patients.id)
           join stay_changes as changes
               on changes.stay_id = stays.id and changes.version = coalesce($2, stays.version)
           where stays.id = $1"#,
        claimed.stay_id,
        claimed.version,
        purpose,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let recipient = match claimed.channel {
        Channel::Sms => Some(row.phone),
        Channel::Email => row.email,
    };
    let (Some(recipient), true) = (recipient, row.wants_reminders || !claimed.kind.is_optional()) else {
        return Ok(None);
    };
    let status = Status::parse(&row.status).ok_or(AppError::Internal)?;
    let (arrival, zone) = (row.arrival.to_jiff(), shown_zone(&row.time_zone));
    let is_of_this_version = claimed.version == Some(row.version);
    let is_still_so = match claimed.kind {
        Kind::StayBooked => is_of_this_version && status == Status::Booked,
        Kind::StayChanged => is_of_this_version && matches!(status, Status::Booked | Status::Arrived),
        Kind::StayCancelled => status == Status::Cancelled,
        Kind::StayReminder => {
            status == Status::Booked && claimed.day == Some(arrival) && local_date(now, &zone) <= arrival
        }
        _ => false,
    };
    if !is_still_so {
        return Ok(None);
    }
    Ok(Some(ToldStay {
        recipient,
        reference: row.reference,
        arrival,
        departure: row.departure.to_jiff(),
        zone,
        address: row.address,
        clinic_phone: row.clinic_phone,
        by: Role::parse(&row.actor).ok_or(AppError::Internal)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(stay_id: i64, version: i32, from: Option<Status>, to: Status) -> Event {
        Event::StayChanged {
            stay_id,
            version,
            from,
            to,
        }
    }

    #[test]
    fn holds_and_what_happens_in_the_house_say_nothing() {
        use Status::{Arrived, Booked, Cancelled, Held, Lapsed, Left};

        for (from, to) in [
            (None, Held),
            (Some(Held), Cancelled),
            (Some(Held), Lapsed),
            (Some(Booked), Arrived),
            (Some(Arrived), Booked),
            (Some(Arrived), Left),
        ] {
            assert_eq!(kind_of(from, to), None, "{from:?} {to:?}");
        }
        assert_eq!(kind_of(Some(Lapsed), Booked), Some(Kind::StayBooked));
        assert_eq!(kind_of(Some(Arrived), Arrived), Some(Kind::StayChanged));
        assert_eq!(kind_of(Some(Booked), Cancelled), Some(Kind::StayCancelled));
    }

    #[test]
    fn of_a_stay_only_what_became_of_it_in_the_end_is_said() {
        // Who leaves early gives nights back.
        let left_early = [
            changed(7, 3, Some(Status::Arrived), Status::Arrived),
            changed(7, 4, Some(Status::Arrived), Status::Left),
        ];
        assert_eq!(News::of(&left_early), []);
        let two = [
            changed(8, 1, None, Status::Booked),
            changed(7, 2, Some(Status::Booked), Status::Cancelled),
        ];
        let kinds: Vec<Kind> = News::of(&two).iter().map(|news| news.kind).collect();
        assert_eq!(kinds, [Kind::StayCancelled, Kind::StayBooked]);
    }

    #[test]
    fn a_reminder_comes_at_noon_of_the_day_before() {
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let arrival = "2028-03-01".parse().unwrap();
        let planned = reminder_of(7, arrival, &zone, at("2028-02-20T00:00:00Z")).unwrap();
        assert_eq!(planned.due_at, at("2028-02-29T05:00:00Z"));
        assert_eq!(planned.not_after, at("2028-03-01T03:00:00Z"));
        // Who books that late knows.
        assert!(reminder_of(7, arrival, &zone, at("2028-02-29T05:00:00Z")).is_none());
    }
}
