//! What is said to somebody on the waitlist: that a time is kept for them, that one is free for everybody or overlaps what they
//! have, and what became of a session in which they wait for seats.

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::{
    claimed::Claimed,
    kind::{Channel, Kind},
    reminder,
};
use crate::{
    database::{Failure, Tx},
    event::Event,
    i18n::Locale,
    organisation::mode::mode_key,
    time::shown_zone,
    waitlist::OfferState,
};

/// Puts out what is to be said of an offer. Nobody is woken at night.
///
/// # Errors
/// Those of the database.
pub(super) async fn plan(tx: &mut Tx, offer_id: i64, has: impl Fn(Channel) -> bool) -> Result<(), Failure> {
    let now = tx.now();
    let offer = sqlx::query!(
        r#"select offers.patient_id, offers.starts_at, kept_until, offers.state, time_zone, patients.phone,
                  case when reached.email_confirmed_at is not null then reached.email end as email,
                  coalesce(
                      reached.locale,
                      (select locale from messages
                       where recipient = patients.phone and sent_at is not null and kind = 'code'
                       order by sent_at desc limit 1)
                  ) as locale
           from waitlist_offers as offers
           join patients on patients.id = offers.patient_id
           join patients as reached on reached.id = coalesce(patients.holder_id, patients.id)
           join clinics on clinics.id = offers.clinic_id
           where offers.id = $1"#,
        offer_id,
    )
    .fetch_one(&mut **tx)
    .await?;
    let starts_at = offer.starts_at.to_jiff();
    // By the rule, times are only kept while people are asked; the staff offer at night, too.
    let due_at = reminder::next_in_day_hours(now, &shown_zone(&offer.time_zone));
    let kind = match (OfferState::parse(&offer.state), offer.kept_until) {
        (_, Some(_)) => Kind::TimeKept,
        (Some(OfferState::Skipped), None) => Kind::TimeOverlaps,
        (Some(OfferState::Moved), None) => Kind::SessionMoved,
        (Some(OfferState::CalledOff), None) => Kind::SessionCancelled,
        _ => Kind::TimeFree,
    };
    let not_after = offer.kept_until.map_or(starts_at, jiff_sqlx::Timestamp::to_jiff);
    if due_at >= not_after {
        return Ok(());
    }
    let (channel, recipient) = match &offer.email {
        Some(email) if has(Channel::Email) || !has(Channel::Sms) => (Channel::Email, email),
        _ => (Channel::Sms, &offer.phone),
    };
    let locale =
        (offer.locale.as_deref().and_then(Locale::parse)).unwrap_or_else(|| Locale::of_phone(&offer.phone));
    sqlx::query!(
        "insert into messages
             (body, kind, channel, recipient, locale, patient_id, starts_at, offer_id, due_at, not_after, dedupe_key)
         values ('', $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (dedupe_key) where dedupe_key is not null do nothing",
        kind.as_str(),
        channel.as_str(),
        recipient,
        locale.code(),
        offer.patient_id,
        starts_at.to_sqlx(),
        offer_id,
        due_at.to_sqlx(),
        not_after.to_sqlx(),
        format!("offer:{offer_id}"),
    )
    .execute(&mut **tx)
    .await?;
    if due_at <= now {
        tx.tell(Event::MessageDue { is_code: false });
    }
    Ok(())
}

/// A time that was offered, as far as its message may know it: neither the service, nor the doctor, nor the session.
#[derive(Clone, Debug)]
pub(super) struct Offered {
    pub recipient: String,
    pub starts_at: Timestamp,
    pub kept_until: Option<Timestamp>,
    pub zone: TimeZone,
    pub is_at_clinic: bool,
    /// The text key of how it takes place.
    pub mode: &'static str,
    pub address: String,
    pub clinic_phone: String,
}

/// Reads what a message about an offer speaks of; `None` where it is no longer so: the offer was answered or ran out, somebody
/// has the time that is everybody's, or nothing overlaps it any more.
///
/// # Errors
/// Those of the database.
pub(super) async fn load(tx: &mut Tx, claimed: &Claimed, now: Timestamp) -> Result<Option<Offered>, Failure> {
    let row = sqlx::query!(
        r#"select offers.starts_at, kept_until, time_zone, services.mode, clinics.address, clinics.phone as clinic_phone,
                  patients.phone,
                  case when reached.email_confirmed_at is not null then reached.email end as email
           from waitlist_offers as offers
           join waitlist_entries as entries on entries.id = entry_id
           join patients on patients.id = offers.patient_id and patients.active
           join patients as reached on reached.id = coalesce(patients.holder_id, patients.id)
           join clinics on clinics.id = offers.clinic_id
           join services on services.id = offers.service_id
           where offers.id = $1 and offers.starts_at > $2
             and case offers.state
                     when 'offered' then kept_until > $2
                     when 'told' then
                         entries.state = 'waiting'
                         and case when offers.group_id is null then not exists (select from appointments as taken
                                         where taken.doctor_id = offers.doctor_id
                                           and taken.starts_at > offers.starts_at - interval '1 day'
                                           and taken.starts_at < offers.ends_at and taken.ends_at > offers.starts_at
                                           and occupies(taken, $2))
                             else exists (select from groups
                                          where groups.id = offers.group_id and groups.state = 'published'
                                            and groups.starts_at = offers.starts_at
                                            and groups.capacity - (select count(*) from taken_seats(groups.id, $2))
                                                >= offers.seats) end
                     when 'skipped' then
                         entries.state = 'waiting'
                         and exists (select from appointments as elsewhere
                                     where elsewhere.patient_id = offers.patient_id
                                       and elsewhere.status in ('pending', 'confirmed') and occupies(elsewhere, $2)
                                       and elsewhere.starts_at < offers.ends_at and elsewhere.ends_at > offers.starts_at)
                     when 'moved' then
                         entries.state = 'waiting'
                         and exists (select from groups
                                     where groups.id = offers.group_id and groups.state = 'published'
                                       and groups.starts_at = offers.starts_at)
                     when 'called_off' then true
                     else false
                 end"#,
        claimed.offer_id,
        now.to_sqlx(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.and_then(|row| {
        let recipient = match claimed.channel {
            Channel::Sms => Some(row.phone),
            Channel::Email => row.email,
        };
        Some(Offered {
            recipient: recipient?,
            starts_at: row.starts_at.to_jiff(),
            kept_until: row.kept_until.map(jiff_sqlx::Timestamp::to_jiff),
            zone: shown_zone(&row.time_zone),
            is_at_clinic: row.mode == "in_person",
            mode: mode_key(&row.mode),
            address: row.address,
            clinic_phone: row.clinic_phone,
        })
    }))
}
