//! What happens to appointments is said to their patients: rows of the outbox, in the transaction of the change.

mod news;
mod plan;
mod subject;

use std::sync::Arc;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use tokio::sync::Notify;

use self::{
    news::News,
    plan::{AWAY_MINUTES, NEWS_MINUTES, Planned, key_of_written, plan},
    subject::{Subject, read_subjects, rest_of_visits},
};
use super::{
    calendar,
    claim::Lane,
    kind::{Channel, Kind},
    offer, payment, stay,
};
use crate::{
    consultation::side::Side,
    database::{Failure, Listener, Tx, Writing},
    event::Event,
    i18n::Locale,
    time::plus_minutes,
};

/// Writes what is to be said, and wakes whoever sends it.
pub struct Writer {
    /// Wake the workers of the lanes.
    pub wake_ups: Vec<(Lane, Arc<Notify>)>,
    /// Whether there is a sender of e-mails, and one for phones.
    pub has_email: bool,
    pub has_sms: bool,
}

impl Listener for Writer {
    fn before_commit<'a>(&'a self, tx: &'a mut Tx, events: &'a [Event]) -> Writing<'a> {
        Box::pin(async move {
            let news: Vec<News> = events.iter().filter_map(News::of).collect();
            if !news.is_empty() {
                self.write(tx, &news).await?;
            }
            let has = |channel| match channel {
                Channel::Email => self.has_email,
                Channel::Sms => self.has_sms,
            };
            for news in stay::News::of(events) {
                stay::plan(tx, news, has).await?;
            }
            for event in events {
                if let Event::TimeOffered { offer_id, .. } = event {
                    offer::plan(tx, *offer_id, has).await?;
                }
                if let Event::PaymentChanged { payment_id, to, .. } = event {
                    let has = |channel| match channel {
                        Channel::Email => self.has_email,
                        Channel::Sms => self.has_sms,
                    };
                    payment::plan(tx, (*payment_id, *to), has).await?;
                }
                if let Event::ConsultationWritten {
                    appointment_id,
                    to: Side::Doctor,
                    read_to,
                } = event
                {
                    self.tell_doctor(tx, *appointment_id, *read_to).await?;
                }
                if self.has_email {
                    calendar::plan(tx, event).await?;
                }
            }
            Ok(())
        })
    }

    fn after_commit(&self, events: &[Event]) {
        for event in events {
            if let Event::MessageDue { is_code } = event {
                // One who waits and one who is at work look after this.
                (self.wake_ups.iter())
                    .filter(|(lane, _)| lane.is_for_codes == *is_code)
                    .for_each(|(_, wake_up)| wake_up.notify_one());
            }
        }
    }
}

impl Writer {
    async fn write(&self, tx: &mut Tx, news: &[News]) -> Result<(), Failure> {
        let now = tx.now();
        let ids: Vec<i64> = news.iter().map(|news| news.appointment_id).collect();
        let is_ending = (news.iter()).any(|news| matches!(news.kind, Kind::Cancelled | Kind::Declined));
        let subjects = read_subjects(tx, &ids, is_ending).await?;
        let mut rows: Vec<(Planned, &Subject, Option<i32>)> = Vec::new();
        for news in news {
            if let Some(subject) = subjects.iter().find(|subject| subject.id == news.appointment_id) {
                rows.extend(
                    (plan(*news, subject, now).into_iter()).map(|planned| (planned, subject, news.version)),
                );
            }
        }
        let rest = rest_of_visits(tx, news, &subjects).await?;
        for (sibling, key) in &rest {
            let planned = Planned {
                kind: Kind::Confirmed,
                due_at: now,
                not_after: plus_minutes(now, NEWS_MINUTES).min(sibling.starts_at),
                key: key.clone(),
            };
            if sibling.starts_at > now {
                rows.push((planned, sibling, None));
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        insert(tx, &rows, |subject| self.way_to(subject)).await?;
        if rows.iter().any(|(planned, ..)| planned.due_at <= now) {
            tx.tell(Event::MessageDue { is_code: false });
        }
        Ok(())
    }

    /// Plans the mail that tells a doctor of messages. Doctors have no other way to be reached.
    async fn tell_doctor(&self, tx: &mut Tx, appointment_id: i64, read_to: i32) -> Result<(), Failure> {
        if !self.has_email {
            return Ok(());
        }
        let now = tx.now();
        let row = sqlx::query!(
            "select staff.id, staff.email, feeds.language as \"language?\", clinics.phone
             from appointments
             join doctors on doctors.id = appointments.doctor_id
             join staff on staff.id = doctors.staff_id
             join clinics on clinics.id = clinic_id
             left join calendar_feeds as feeds on feeds.doctor_id = doctors.id
             where appointments.id = $1",
            appointment_id,
        )
        .fetch_one(&mut **tx)
        .await?;
        let locale =
            (row.language.as_deref().and_then(Locale::parse)).unwrap_or_else(|| Locale::of_phone(&row.phone));
        sqlx::query!(
            "insert into messages
                 (body, kind, channel, recipient, locale, appointment_id, staff_id, due_at, not_after, dedupe_key)
             values ('', $1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (dedupe_key) where dedupe_key is not null do nothing",
            Kind::PatientWrote.as_str(),
            Channel::Email.as_str(),
            row.email,
            locale.code(),
            appointment_id,
            row.id,
            plus_minutes(now, AWAY_MINUTES).to_sqlx(),
            plus_minutes(now, NEWS_MINUTES).to_sqlx(),
            key_of_written(appointment_id, Side::Doctor, read_to),
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// How somebody is reached: by e-mail where they gave an address and it was confirmed, else by phone.
    fn way_to<'a>(&self, subject: &'a Subject) -> (Channel, &'a str) {
        match &subject.email {
            Some(email) if self.has_email => (Channel::Email, email),
            Some(email) if !self.has_sms => (Channel::Email, email),
            _ => (Channel::Sms, &subject.phone),
        }
    }
}

/// Writes rows. What was said under its key is not said again.
async fn insert<'a>(
    tx: &mut Tx,
    rows: &[(Planned, &'a Subject, Option<i32>)],
    way_to: impl Fn(&'a Subject) -> (Channel, &'a str),
) -> Result<(), Failure> {
    let all = |value: fn(&(Planned, &'a Subject, Option<i32>)) -> String| -> Vec<String> {
        rows.iter().map(value).collect()
    };
    let times = |value: fn(&(Planned, &'a Subject, Option<i32>)) -> Timestamp| -> Vec<jiff_sqlx::Timestamp> {
        rows.iter().map(|row| value(row).to_sqlx()).collect()
    };
    let ways: Vec<(Channel, &str)> = rows.iter().map(|(_, subject, _)| way_to(subject)).collect();
    let channels: Vec<String> = ways
        .iter()
        .map(|(channel, _)| channel.as_str().to_owned())
        .collect();
    let recipients: Vec<String> = ways
        .iter()
        .map(|(_, recipient)| (*recipient).to_owned())
        .collect();
    let versions: Vec<Option<i32>> = rows.iter().map(|(_, _, version)| *version).collect();
    sqlx::query!(
        "insert into messages
             (body, kind, channel, recipient, locale, appointment_id, version, patient_id, starts_at, due_at, not_after,
              dedupe_key)
         select '', kind, channel, recipient, locale, appointment_id, version, patient_id, starts_at, due_at, not_after, key
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::integer[], $7::bigint[],
                     $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::text[])
              as planned (kind, channel, recipient, locale, appointment_id, version, patient_id, starts_at, due_at,
                          not_after, key)
         on conflict (dedupe_key) where dedupe_key is not null do nothing",
        &all(|(planned, ..)| planned.kind.as_str().to_owned()),
        &channels,
        &recipients,
        &all(|(_, subject, _)| subject.locale.code().to_owned()),
        &rows.iter().map(|(_, subject, _)| subject.id).collect::<Vec<_>>(),
        &versions as _,
        &rows.iter().map(|(_, subject, _)| subject.patient_id).collect::<Vec<_>>(),
        &times(|(_, subject, _)| subject.starts_at) as _,
        &times(|(planned, ..)| planned.due_at) as _,
        &times(|(planned, ..)| planned.not_after) as _,
        &all(|(planned, ..)| planned.key.clone()),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
