//! The plan of what is said of news: which messages, from when on, and until when they are worth sending.

use jiff::Timestamp;

use super::{news::News, subject::Subject};
use crate::{
    appointment::Status,
    consultation::side::Side,
    notification::{kind::Kind, reminder},
    time::plus_minutes,
};

/// The hours for which news are news.
pub(super) const NEWS_MINUTES: i64 = 24 * 60;
/// A reminder that would come so shortly before is not sent.
const TOO_SHORT_MINUTES: i64 = 2 * 60;
/// From the end of a visit until its patient is asked how it was.
const RATING_PAUSE_MINUTES: i64 = 2 * 60;
const RATING_MINUTES: i64 = 3 * 24 * 60;
/// From a message of a text consultation until whom it was written to is told of it. Who has read it by then is not.
pub(super) const AWAY_MINUTES: i64 = 3;

/// A row of the outbox.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) kind: Kind,
    pub(super) due_at: Timestamp,
    pub(super) not_after: Timestamp,
    pub(super) key: String,
}

/// What is to be said of this news, and when.
pub(super) fn plan(news: News, subject: &Subject, now: Timestamp) -> Vec<Planned> {
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
        // There is nobody to be rated.
        Kind::RatingAsked if !subject.has_doctor => Vec::new(),
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
pub(super) fn key_of_written(appointment_id: i64, to: Side, read_to: i32) -> String {
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

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::i18n::Locale;

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
            has_doctor: true,
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
}
