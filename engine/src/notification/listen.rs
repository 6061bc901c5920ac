//! What happens to appointments is said to their patients: rows of the outbox, in the transaction of the change.

use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use tokio::sync::Notify;

use super::{
    claim::Lane,
    kind::{Channel, Kind},
    offer, reminder,
};
use crate::{
    appointment::Status,
    consultation::side::Side,
    database::{Failure, Listener, Tx, Writing},
    event::Event,
    i18n::Locale,
    time::{plus_minutes, shown_zone},
};

/// The hours for which news are news.
const NEWS_MINUTES: i64 = 24 * 60;
/// A reminder that would come so shortly before is not sent.
const TOO_SHORT_MINUTES: i64 = 2 * 60;
/// From the end of a visit until its patient is asked how it was.
const RATING_PAUSE_MINUTES: i64 = 2 * 60;
const RATING_MINUTES: i64 = 3 * 24 * 60;
/// From a message of a text consultation until whom it was written to is told of it. Who has read it by then is not.
const AWAY_MINUTES: i64 = 3;

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
            for event in events {
                if let Event::TimeOffered { offer_id, .. } = event {
                    let has = |channel| match channel {
                        Channel::Email => self.has_email,
                        Channel::Sms => self.has_sms,
                    };
                    offer::plan(tx, *offer_id, has).await?;
                }
                if let Event::ConsultationWritten {
                    appointment_id,
                    to: Side::Doctor,
                    read_to,
                } = event
                {
                    self.tell_doctor(tx, *appointment_id, *read_to).await?;
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

/// Something that is said about an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct News {
    appointment_id: i64,
    version: Option<i32>,
    kind: Kind,
    /// The newest message of a consultation that the patient had been shown before.
    read_to: i32,
}

impl News {
    fn of(event: &Event) -> Option<Self> {
        let mut shown = 0;
        let (appointment_id, version, kind) = match *event {
            Event::AppointmentChanged {
                appointment_id,
                version,
                from,
                to,
            } => (appointment_id, Some(version), kind_of(from, to)?),
            Event::PrescriptionWritten { appointment_id } => (appointment_id, None, Kind::PrescriptionReady),
            Event::ConsultationWritten {
                appointment_id,
                to: Side::Patient,
                read_to,
            } => {
                shown = read_to;
                (appointment_id, None, Kind::DoctorWrote)
            }
            _ => return None,
        };
        Some(Self {
            appointment_id,
            version,
            kind,
            read_to: shown,
        })
    }
}

/// What a change of status says to the patient. Holds say nothing, and neither does what happens in the clinic.
fn kind_of(from: Option<Status>, to: Status) -> Option<Kind> {
    use Status::{Cancelled, Completed, Confirmed, Expired, Held, Pending, Rejected};

    match (from, to) {
        (Some(Pending), Pending) | (Some(Confirmed), Confirmed) => Some(Kind::Moved),
        (None | Some(Held), Pending) => Some(Kind::Requested),
        (None | Some(Held | Pending), Confirmed) => Some(Kind::Confirmed),
        (Some(Pending), Rejected) => Some(Kind::Declined),
        (Some(Pending), Expired) => Some(Kind::Expired),
        (Some(Pending | Confirmed), Cancelled) => Some(Kind::Cancelled),
        (_, Completed) => Some(Kind::RatingAsked),
        _ => None,
    }
}

/// An appointment, as far as the plan of its messages depends on it.
struct Subject {
    id: i64,
    status: Status,
    starts_at: Timestamp,
    created_at: Timestamp,
    zone: TimeZone,
    patient_id: i64,
    phone: String,
    email: Option<String>,
    locale: Locale,
    /// The visit that it is a part of.
    visit_id: Option<i64>,
    /// Whether this transaction says to the patient that the whole day is cancelled.
    is_told_of_the_day: bool,
}

/// A row of the outbox.
#[derive(Debug)]
struct Planned {
    kind: Kind,
    due_at: Timestamp,
    not_after: Timestamp,
    key: String,
}

/// What is to be said of this news, and when.
fn plan(news: News, subject: &Subject, now: Timestamp) -> Vec<Planned> {
    let (id, start) = (subject.id, subject.starts_at);
    let news_end = plus_minutes(now, NEWS_MINUTES);
    let key = |word: &str| format!("{word}:{id}:{}", news.version.unwrap_or_default());
    let planned = |due_at, not_after| Planned {
        kind: news.kind,
        due_at,
        not_after,
        key: key(news.kind.as_str()),
    };
    match news.kind {
        Kind::RatingAsked => {
            let due_at = reminder::next_in_day_hours(plus_minutes(now, RATING_PAUSE_MINUTES), &subject.zone);
            vec![planned(due_at, plus_minutes(due_at, RATING_MINUTES))]
        }
        Kind::PrescriptionReady => vec![Planned {
            // One that takes the place of a withdrawn one is ready, too.
            key: format!("{}:{id}:{}", news.kind.as_str(), now.as_microsecond()),
            ..planned(now, news_end)
        }],
        Kind::DoctorWrote => vec![Planned {
            key: key_of_written(id, Side::Patient, news.read_to),
            ..planned(plus_minutes(now, AWAY_MINUTES), news_end)
        }],
        // Said once for all that somebody had on the day.
        Kind::Cancelled | Kind::Declined if subject.is_told_of_the_day => Vec::new(),
        Kind::Cancelled | Kind::Declined | Kind::Expired => vec![planned(now, news_end)],
        // Who is here already need not be told.
        _ if start <= now => Vec::new(),
        kind => {
            let mut all = vec![planned(now, news_end.min(start))];
            let is_promised =
                kind == Kind::Confirmed || kind == Kind::Moved && subject.status == Status::Confirmed;
            if is_promised {
                all.extend(reminders(subject, now));
            }
            all
        }
    }
}

/// The key under which somebody is told of messages: once, until they have been shown more of them.
fn key_of_written(appointment_id: i64, to: Side, read_to: i32) -> String {
    format!("written:{}:{appointment_id}:{read_to}", to.as_str())
}

/// The reminders of a confirmed appointment. Their keys have its start: a move plans them anew.
fn reminders(subject: &Subject, now: Timestamp) -> impl Iterator<Item = Planned> {
    let (id, start) = (subject.id, subject.starts_at);
    let week = reminder::week_before(start, subject.created_at, &subject.zone, now);
    let day = reminder::day_before(start, &subject.zone, now);
    let of = move |kind, word: &str, due_at, not_after| Planned {
        kind,
        due_at,
        not_after,
        key: format!("reminder:{word}:{id}:{}", start.as_second()),
    };
    let week = week.map(|at| of(Kind::ReminderWeek, "7d", at, plus_minutes(at, 2 * NEWS_MINUTES)));
    let day = day.map(|at| {
        of(
            Kind::ReminderDay,
            "24h",
            at,
            plus_minutes(start, -TOO_SHORT_MINUTES),
        )
    });
    week.into_iter().chain(day)
}

impl Writer {
    async fn write(&self, tx: &mut Tx, news: &[News]) -> Result<(), Failure> {
        let now = tx.now();
        let ids: Vec<i64> = news.iter().map(|news| news.appointment_id).collect();
        let subjects = self.subjects(tx, &ids).await?;
        let mut rows: Vec<(Planned, &Subject, Option<i32>)> = Vec::new();
        for news in news {
            if let Some(subject) = subjects.iter().find(|subject| subject.id == news.appointment_id) {
                rows.extend(
                    (plan(*news, subject, now).into_iter()).map(|planned| (planned, subject, news.version)),
                );
            }
        }
        let rest = self.rest_of_visits(tx, news, &subjects).await?;
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

    /// Finds what is left of visits of which a part has come to its end: that the rest is confirmed is said once nobody has to
    /// answer any more, and who declines last says it as well as who confirms last. Whether it is so is looked at when it is
    /// sent. Answers with the appointments that are left, each with the key under which it is said.
    async fn rest_of_visits(
        &self,
        tx: &mut Tx,
        news: &[News],
        subjects: &[Subject],
    ) -> Result<Vec<(Subject, String)>, Failure> {
        let ended: Vec<(i64, i64, i32)> = news
            .iter()
            .filter(|news| matches!(news.kind, Kind::Declined | Kind::Cancelled | Kind::Expired))
            .filter_map(|news| {
                let subject = subjects
                    .iter()
                    .find(|subject| subject.id == news.appointment_id)?;
                Some((subject.visit_id?, subject.id, news.version.unwrap_or_default()))
            })
            .collect();
        let Some((_, ended_id, version)) = ended.first().copied() else {
            return Ok(Vec::new());
        };
        let visits: Vec<i64> = ended.iter().map(|(visit_id, ..)| *visit_id).collect();
        let left = sqlx::query_scalar!(
            "select id from appointments
             where visit_id = any($1) and status in ('pending', 'confirmed')
             order by id",
            &visits,
        )
        .fetch_all(&mut **tx)
        .await?;
        if left.is_empty() {
            return Ok(Vec::new());
        }
        let siblings = self.subjects(tx, &left).await?;
        Ok(siblings
            .into_iter()
            .map(|sibling| {
                let key = format!("rest:{}:{ended_id}:{version}", sibling.id);
                (sibling, key)
            })
            .collect())
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

    /// Reads what the messages depend on. Of those who share a phone, its holder is told, in the language that was chosen or
    /// that they signed in with last.
    async fn subjects(&self, tx: &mut Tx, ids: &[i64]) -> Result<Vec<Subject>, Failure> {
        let rows = sqlx::query!(
            r#"select appointments.id, status, starts_at, appointments.created_at, time_zone, visit_id, patients.id as patient_id,
                      patients.phone, case when reached.email_confirmed_at is not null then reached.email end as email,
                      coalesce(
                          reached.locale,
                          (select locale from messages
                           where recipient = patients.phone and sent_at is not null and kind = 'code'
                           order by sent_at desc limit 1)
                      ) as locale,
                      exists (
                          select from messages
                          where messages.patient_id = patients.id and kind = 'day_cancelled' and created_at = now()
                      ) as "is_told_of_the_day!"
               from appointments
               join patients on patients.id = patient_id
               join patients as reached on reached.id = coalesce(patients.holder_id, patients.id)
               join (select id as clinic_id, time_zone from clinics) as clinics using (clinic_id)
               where appointments.id = any($1)"#,
            ids,
        )
        .fetch_all(&mut **tx)
        .await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                Some(Subject {
                    id: row.id,
                    status: Status::parse(&row.status)?,
                    starts_at: row.starts_at.to_jiff(),
                    created_at: row.created_at.to_jiff(),
                    zone: shown_zone(&row.time_zone),
                    patient_id: row.patient_id,
                    locale: (row.locale.as_deref().and_then(Locale::parse))
                        .unwrap_or_else(|| Locale::of_phone(&row.phone)),
                    phone: row.phone,
                    email: row.email,
                    visit_id: row.visit_id,
                    is_told_of_the_day: row.is_told_of_the_day,
                })
            })
            .collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(kind: Kind, status: Status, starts_in_days: i64) -> Vec<Kind> {
        let now = Timestamp::UNIX_EPOCH;
        let subject = Subject {
            id: 7,
            status,
            starts_at: plus_minutes(now, starts_in_days * 24 * 60),
            created_at: now,
            zone: TimeZone::UTC,
            patient_id: 1,
            phone: "+6281255500001".to_owned(),
            email: None,
            locale: Locale::En,
            visit_id: None,
            is_told_of_the_day: false,
        };
        let news = News {
            appointment_id: 7,
            version: Some(3),
            kind,
            read_to: 0,
        };
        plan(news, &subject, now)
            .iter()
            .map(|planned| planned.kind)
            .collect()
    }

    #[test]
    fn a_confirmed_appointment_is_remembered_by_how_far_ahead_it_is() {
        use Kind::{Confirmed, Moved, ReminderDay, ReminderWeek, Requested};

        assert_eq!(
            kinds(Confirmed, Status::Confirmed, 14),
            [Confirmed, ReminderWeek, ReminderDay]
        );
        assert_eq!(kinds(Confirmed, Status::Confirmed, 5), [Confirmed, ReminderDay]);
        assert_eq!(kinds(Confirmed, Status::Confirmed, 1), [Confirmed]);
        // Who walks in is here.
        assert_eq!(kinds(Confirmed, Status::Confirmed, 0), []);
        assert_eq!(kinds(Moved, Status::Pending, 14), [Moved]);
        assert_eq!(kinds(Moved, Status::Confirmed, 5), [Moved, ReminderDay]);
        assert_eq!(kinds(Requested, Status::Pending, 14), [Requested]);
    }

    #[test]
    fn holds_and_what_happens_in_the_clinic_say_nothing() {
        use Status::{Cancelled, Confirmed, Expired, Held, InProgress, NoShow};

        for (from, to) in [
            (None, Held),
            (Some(Held), Cancelled),
            (Some(Held), Expired),
            (Some(Confirmed), InProgress),
            (Some(Confirmed), NoShow),
        ] {
            assert_eq!(kind_of(from, to), None, "{from:?} {to:?}");
        }
        assert_eq!(kind_of(Some(Confirmed), Cancelled), Some(Kind::Cancelled));
    }
}
