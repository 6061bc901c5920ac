//! What went, what waits and what was given up, for admins; whether the caller is one is not asked here.

use jiff::{Timestamp, civil};
use jiff_sqlx::ToSqlx;
use metrics::{counter, gauge};
use sqlx::PgConnection;

use super::{
    again::can_go_again,
    deliver::Dispatch,
    kind::{Channel, Kind, State, Trouble},
    links::masked,
    visit::is_told_together,
};
use crate::{
    account::Caller,
    database::{Database, Failure},
    error::AppError,
    time::plus_minutes,
};

/// A search for messages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Search {
    /// `None`: all of them.
    pub state: Option<State>,
    pub kind: Option<Kind>,
    pub patient_id: Option<i64>,
    /// The id of the last one that the caller has.
    pub before: Option<i64>,
    pub limit: i64,
}

/// A message, as admins see it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: i64,
    /// `None`: a kind of a newer release.
    pub kind: Option<Kind>,
    pub channel: Option<Channel>,
    pub state: Option<State>,
    pub trouble: Option<Trouble>,
    /// What a mail server reported of it later, such as 5.1.1 (RFC 3463).
    pub bounce: Option<String>,
    pub recipient: String,
    pub patient_id: Option<i64>,
    /// The reference of the appointment that it speaks of.
    pub reference: Option<String>,
    /// The reference of the stay that it speaks of.
    pub stay: Option<String>,
    pub created_at: Timestamp,
    pub due_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
    pub attempts: i32,
    /// Empty where it has not been put into words yet, where it was erased, where it also speaks of a clinic that the reader is
    /// kept from, and always for a code or another secret.
    pub text: String,
    has_text: bool,
}

impl Entry {
    /// Whether an admin can send it again.
    pub fn can_go_again(&self) -> bool {
        self.state == Some(State::Failed) && can_go_again(self.kind, self.has_text)
    }
}

/// Reads messages, newest first.
macro_rules! entries {
    ($connection:expr, $where:literal, $($value:expr),+ $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select messages.id, kind, channel, state, last_error, bounce_status, recipient, messages.patient_id,
                      appointments.reference as "reference?", stays.reference as "stay?",
                      messages.created_at, due_at, sent_at, delivered_at, attempts,
                      case when kind = 'code' or secret_until is not null then '' else body end as "text!",
                      body <> '' as "has_text!"
               from messages
               left join appointments on appointments.id = appointment_id
               left join stays on stays.id = stay_id
               where "# + $where,
            $($value),+
        )
        .fetch_all(&mut *$connection)
        .await?
        .into_iter()
        .map(Entry::from)
        .collect()
    };
}

/// A message as it is read.
struct Row {
    id: i64,
    kind: String,
    channel: String,
    state: String,
    last_error: String,
    bounce_status: Option<String>,
    recipient: String,
    patient_id: Option<i64>,
    reference: Option<String>,
    stay: Option<String>,
    created_at: jiff_sqlx::Timestamp,
    due_at: jiff_sqlx::Timestamp,
    sent_at: Option<jiff_sqlx::Timestamp>,
    delivered_at: Option<jiff_sqlx::Timestamp>,
    attempts: i32,
    text: String,
    has_text: bool,
}

impl From<Row> for Entry {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            kind: Kind::parse(&row.kind),
            channel: Channel::parse(&row.channel),
            state: State::parse(&row.state),
            trouble: Trouble::parse(&row.last_error),
            bounce: row.bounce_status,
            recipient: row.recipient,
            patient_id: row.patient_id,
            reference: row.reference,
            stay: row.stay,
            created_at: row.created_at.to_jiff(),
            due_at: row.due_at.to_jiff(),
            sent_at: row.sent_at.map(jiff_sqlx::Timestamp::to_jiff),
            delivered_at: row.delivered_at.map(jiff_sqlx::Timestamp::to_jiff),
            attempts: row.attempts,
            // Whoever has a link acts for the patient.
            text: masked(&row.text),
            has_text: row.has_text,
        }
    }
}

/// Messages, newest first.
///
/// # Errors
/// Those of the database.
pub async fn entries(database: &Database, search: Search) -> Result<Vec<Entry>, AppError> {
    database
        .read("messages.entries", move |mut connection| async move {
            Ok(entries!(
                connection,
                "($1::text is null or state = $1)
                 and ($2::text is null or kind = $2)
                 and ($3::bigint is null or messages.patient_id = $3)
                 and ($4::bigint is null or messages.id < $4)
                 order by messages.id desc
                 limit $5",
                search.state.map(State::as_str),
                search.kind.map(Kind::as_str),
                search.patient_id,
                search.before,
                search.limit,
            ))
        })
        .await
}

/// The most messages of one appointment or patient that are shown.
const MAX_OF_ONE: i64 = 100;

/// What was said about an appointment, also by a message about the whole visit that it is a part of; newest first. Somebody of
/// named clinics does not read what also speaks of an appointment at another one; whether they see this one is not asked here.
///
/// # Errors
/// Those of the database.
pub async fn of_appointment(
    database: &Database,
    caller: &Caller,
    appointment_id: i64,
) -> Result<Vec<Entry>, AppError> {
    let clinics = caller.clinics().map(<[i64]>::to_vec);
    database
        .read("messages.of_appointment", move |mut connection| async move {
            let mut entries: Vec<Entry> = entries!(
                connection,
                "messages.id in (
                     select id from messages where appointment_id = $1
                     union
                     select message_id from message_parts where appointment_id = $1)
                 order by messages.id desc
                 limit $2",
                appointment_id,
                MAX_OF_ONE,
            );
            if let Some(clinics) = clinics {
                let ids: Vec<i64> = entries.iter().map(|entry| entry.id).collect();
                let of_others = that_speak_of_others(&mut connection, &ids, &clinics).await?;
                entries
                    .iter_mut()
                    .filter(|entry| of_others.contains(&entry.id))
                    .for_each(|entry| entry.text.clear());
            }
            Ok(entries)
        })
        .await
}

/// What was said about a stay, newest first; whether the caller sees it is not asked here.
///
/// # Errors
/// Those of the database.
pub async fn of_stay(database: &Database, stay_id: i64) -> Result<Vec<Entry>, AppError> {
    database
        .read("messages.of_stay", move |mut connection| async move {
            Ok(entries!(
                connection,
                "messages.stay_id = $1 order by messages.id desc limit $2",
                stay_id,
                MAX_OF_ONE,
            ))
        })
        .await
}

/// Those of these messages that speak of an appointment at another clinic than these. One that has given back what it said of a
/// visit, such as a mail that came back, may have spoken of all of it.
async fn that_speak_of_others(
    connection: &mut PgConnection,
    messages: &[i64],
    clinics: &[i64],
) -> Result<Vec<i64>, Failure> {
    let of_visits: Vec<String> = (Kind::ALL.iter())
        .filter(|kind| is_told_together(**kind))
        .map(|kind| kind.as_str().to_owned())
        .collect();
    let ids = sqlx::query_scalar!(
        r#"select spoken.message_id as "message_id!"
           from (
               select id as message_id, appointment_id from messages where id = any($1)
               union
               select message_id, appointment_id from message_parts where message_id = any($1)
               union
               select messages.id, others.id
               from messages
               join appointments as own on own.id = messages.appointment_id
               join appointments as others on others.visit_id = own.visit_id
               where messages.id = any($1) and messages.kind = any($3)
                 and not exists (select from message_parts where message_id = messages.id)
           ) as spoken
           join appointments on appointments.id = spoken.appointment_id
           where appointments.clinic_id <> all($2)"#,
        messages,
        clinics,
        &of_visits,
    );
    Ok(ids.fetch_all(connection).await?)
}

/// What was said to a patient, of appointments at whichever clinic: for admins of all; newest first.
///
/// # Errors
/// Those of the database.
pub async fn of_patient(database: &Database, patient_id: i64, limit: i64) -> Result<Vec<Entry>, AppError> {
    let search = Search {
        patient_id: Some(patient_id),
        limit,
        ..Search::default()
    };
    entries(database, search).await
}

/// The days that a summary looks back.
pub const DAYS: i64 = 14;

/// What became of the messages of one kind that came to their end in the last days, and what is due of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    /// Sent or delivered.
    pub sent: i64,
    pub failed: i64,
    pub suppressed: i64,
    /// Due by now and not sent yet.
    pub waiting: i64,
    /// Due later, such as reminders.
    pub planned: i64,
}

/// Messages by kind and by day of UTC: messages belong to no clinic.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub kinds: Vec<(Kind, Sums)>,
    pub days: Vec<(civil::Date, Sums)>,
}

impl Summary {
    /// The messages that were given up in the last days.
    pub fn failed(&self) -> i64 {
        self.kinds.iter().map(|(_, sums)| sums.failed).sum()
    }
}

/// What became of messages in the last days.
///
/// # Errors
/// Those of the database.
pub async fn summary(database: &Database, now: Timestamp) -> Result<Summary, AppError> {
    database
        .read("messages.summary", move |mut connection| async move {
            let since = plus_minutes(now, -DAYS * 24 * 60);
            let ended = sqlx::query!(
                r#"select kind, (ended_at at time zone 'UTC')::date as "day!",
                          count(*) filter (where state in ('sent', 'delivered')) as "sent!",
                          count(*) filter (where state = 'failed') as "failed!",
                          count(*) filter (where state = 'suppressed') as "suppressed!"
                   from messages where ended_at > $1
                   group by 1, 2 order by 2"#,
                since.to_sqlx(),
            )
            .fetch_all(&mut *connection)
            .await?;
            let open = sqlx::query!(
                r#"select kind, count(*) filter (where due_at <= $1) as "waiting!",
                          count(*) filter (where due_at > $1) as "planned!"
                   from messages where state in ('due', 'claimed')
                   group by 1"#,
                now.to_sqlx(),
            )
            .fetch_all(&mut *connection)
            .await?;
            let mut summary = Summary {
                kinds: Kind::ALL.iter().map(|kind| (*kind, Sums::default())).collect(),
                days: Vec::new(),
            };
            for row in ended {
                let day = row.day.to_jiff();
                if summary.days.last().is_none_or(|(last, _)| *last != day) {
                    summary.days.push((day, Sums::default()));
                }
                let of_day = summary.days.last_mut().map(|(_, sums)| sums);
                let of_kind = sums_of(&mut summary.kinds, &row.kind);
                for sums in of_day.into_iter().chain(of_kind) {
                    sums.sent += row.sent;
                    sums.failed += row.failed;
                    sums.suppressed += row.suppressed;
                }
            }
            for row in open {
                if let Some(sums) = sums_of(&mut summary.kinds, &row.kind) {
                    sums.waiting += row.waiting;
                    sums.planned += row.planned;
                }
            }
            summary.kinds.retain(|(_, sums)| {
                sums.sent + sums.failed + sums.suppressed + sums.waiting + sums.planned > 0
            });
            Ok(summary)
        })
        .await
}

fn sums_of<'a>(kinds: &'a mut [(Kind, Sums)], word: &str) -> Option<&'a mut Sums> {
    kinds
        .iter_mut()
        .find(|(kind, _)| kind.as_str() == word)
        .map(|(_, sums)| sums)
}

/// Measures what is due and was not sent yet, and for how long the oldest of it has been.
///
/// # Errors
/// Those of the database.
pub async fn measure_backlog(dispatch: &Dispatch, now: Timestamp) -> Result<(), AppError> {
    let found = dispatch
        .database
        .read("messages.backlog", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select channel, count(*) as "count!", extract(epoch from $1::timestamptz - min(due_at))::float8 as "seconds!"
                   from messages where state in ('due', 'claimed') and due_at <= $1::timestamptz
                   group by 1"#,
                now.to_sqlx() as _,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| (row.channel, row.count, row.seconds))
                .collect::<Vec<_>>())
        })
        .await?;
    dispatch.database.statistics().record(|| {
        for channel in Channel::ALL {
            let name = channel.as_str();
            let known = found.iter().find(|(known, ..)| known == name);
            let (count, seconds) = known.map_or((0, 0.0), |(_, count, seconds)| (*count, *seconds));
            let has_sender = dispatch.senders.of(*channel).is_some();
            for trouble in Trouble::ALL {
                // Present from the beginning: an increase from nothing is none to Prometheus.
                counter!(
                    "janji_messages_total", "channel" => name, "state" => State::Failed.as_str(),
                    "trouble" => trouble.as_str()
                )
                .increment(0);
            }
            gauge!("janji_messages_waiting", "channel" => name).set(count as f64);
            gauge!("janji_messages_oldest_seconds", "channel" => name).set(seconds);
            gauge!("janji_message_sender", "channel" => name).set(if has_sender { 1.0 } else { 0.0 });
        }
    });
    Ok(())
}
