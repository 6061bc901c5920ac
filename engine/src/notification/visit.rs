//! A visit of several appointments is told of as one: requested, confirmed once all of it is, what is declined, cancelled or
//! not answered together, and one reminder for each day.
//!
//! Each appointment has rows of its own in the outbox, written with its own changes. When one is put into words, it speaks for
//! all that is so of the visit at that moment, and takes what it says of each appointment for itself: `message_parts` has one
//! row for each thing that is said. So of several rows that could say it, whichever comes first does, and the others are
//! suppressed, however many workers there are. One that ends without having said it gives back what it took, and the others
//! are due again.

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::{
    about::About,
    claimed::Claimed,
    kind::{Kind, Trouble},
};
use crate::{
    appointment::Status,
    database::{Failure, Tx},
    error::AppError,
    event::Event,
    organisation::mode::mode_key,
    time::{local_date, shown_zone},
};

/// An appointment of a visit, as far as a message may know it.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub id: i64,
    pub reference: String,
    pub starts_at: Timestamp,
    pub zone: TimeZone,
    pub is_at_clinic: bool,
    /// The text key of how it takes place.
    pub mode: &'static str,
    pub address: String,
    pub was_promised: bool,
    status: Status,
    answer_until: Option<Timestamp>,
    /// It was changed together with the one that the message is about.
    is_of_this_change: bool,
}

/// How a message about an appointment of a visit is said.
#[derive(Clone, Debug)]
pub(super) enum Told {
    /// It speaks of these, in the order of time: at least of the one that it is about.
    Of(Vec<Part>),
    /// Another message says it, or will say it.
    Elsewhere,
    /// It is no longer so.
    NotSo,
}

/// Whether a visit is told of this as one.
pub(super) fn is_told_together(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Requested
            | Kind::Confirmed
            | Kind::Declined
            | Kind::Cancelled
            | Kind::Expired
            | Kind::ReminderWeek
            | Kind::ReminderDay
    )
}

/// Gathers what a message says of a visit, and takes it for this message.
///
/// # Errors
/// Those of the database.
pub(super) async fn gather(
    tx: &mut Tx,
    claimed: &Claimed,
    about: &About,
    visit_id: i64,
    now: Timestamp,
) -> Result<Told, Failure> {
    let all = parts(tx, claimed, visit_id).await?;
    let is_open =
        |part: &Part| part.status == Status::Pending && part.answer_until.is_none_or(|until| until > now);
    if claimed.kind == Kind::Confirmed && all.iter().any(is_open) {
        // Whoever answers last brings the message about all of them.
        return Ok(Told::Elsewhere);
    }
    let is_reminder = matches!(claimed.kind, Kind::ReminderWeek | Kind::ReminderDay);
    if is_reminder && claimed.starts_at != Some(about.starts_at) {
        return Ok(Told::NotSo);
    }
    let day = local_date(about.starts_at, &about.zone);
    let is_told = |part: &Part| match claimed.kind {
        Kind::Requested => matches!(part.status, Status::Pending | Status::Confirmed),
        Kind::Confirmed => part.status == Status::Confirmed && part.starts_at > now,
        Kind::Declined => part.status == Status::Rejected && part.is_of_this_change,
        Kind::Cancelled => part.status == Status::Cancelled && part.is_of_this_change,
        Kind::Expired => part.status == Status::Expired && part.is_of_this_change,
        _ => {
            part.status == Status::Confirmed
                && part.starts_at > now
                && local_date(part.starts_at, &part.zone) == day
        }
    };
    if claimed.kind == Kind::Requested && !all.iter().any(is_open) {
        return Ok(Told::NotSo);
    }
    let told: Vec<Part> = all.into_iter().filter(is_told).collect();
    if !told.iter().any(|part| part.id == about.id) {
        return Ok(Told::NotSo);
    }
    take(tx, claimed, about, told).await
}

async fn parts(tx: &mut Tx, claimed: &Claimed, visit_id: i64) -> Result<Vec<Part>, Failure> {
    let rows = sqlx::query!(
        r#"select appointments.id, reference, status, starts_at, answer_until, mode, clinics.address, time_zone,
                  exists (select from appointment_changes
                          where appointment_id = appointments.id and to_status = 'confirmed') as "was_promised!",
                  exists (select from messages
                          where appointment_id = appointments.id and kind = $2 and created_at = $3)
                      or exists (select from message_parts
                                 where appointment_id = appointments.id and said = $2 and message_id = $4)
                      as "is_of_this_change!"
           from appointments
           join clinics on clinics.id = clinic_id
           where visit_id = $1
           order by starts_at, appointments.id"#,
        visit_id,
        claimed.kind.as_str(),
        claimed.created_at.to_sqlx() as _,
        claimed.id,
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Part {
                id: row.id,
                reference: row.reference,
                starts_at: row.starts_at.to_jiff(),
                zone: shown_zone(&row.time_zone),
                is_at_clinic: row.mode == "in_person",
                mode: mode_key(&row.mode),
                address: row.address,
                was_promised: row.was_promised,
                status: Status::parse(&row.status).ok_or(AppError::Internal)?,
                answer_until: row.answer_until.map(jiff_sqlx::Timestamp::to_jiff),
                is_of_this_change: row.is_of_this_change,
            })
        })
        .collect()
}

/// What is said of a part, once: a reminder of each start, everything else of the appointment.
fn said(kind: Kind, part: &Part) -> String {
    match kind {
        Kind::ReminderWeek | Kind::ReminderDay => {
            format!("{}:{}", kind.as_str(), part.starts_at.as_second())
        }
        kind => kind.as_str().to_owned(),
    }
}

/// Takes what is said of these parts for this message, and leaves out what another one has said.
async fn take(tx: &mut Tx, claimed: &Claimed, about: &About, told: Vec<Part>) -> Result<Told, Failure> {
    let mut by_id: Vec<&Part> = told.iter().collect();
    // Two messages that meet take their parts in one order.
    by_id.sort_by_key(|part| part.id);
    let ids: Vec<i64> = by_id.iter().map(|part| part.id).collect();
    let said: Vec<String> = by_id.iter().map(|part| said(claimed.kind, part)).collect();
    let said_of_own = by_id
        .iter()
        .find(|part| part.id == about.id)
        .map(|part| self::said(claimed.kind, part));
    loop {
        // Whoever finds that its own is said elsewhere takes nothing at all. It keeps the other one from giving it back until
        // this one is suppressed, and can be found by who gives it back.
        let elsewhere = sqlx::query_scalar!(
            "select message_id from message_parts
             where appointment_id = $1 and said = $2 and message_id <> $3
             for key share",
            about.id,
            said_of_own,
            claimed.id,
        )
        .fetch_optional(&mut **tx)
        .await?;
        if elsewhere.is_some() {
            return Ok(Told::Elsewhere);
        }
        sqlx::query!(
            "insert into message_parts (appointment_id, said, message_id)
             select id, said, $3 from unnest($1::bigint[], $2::text[]) as part (id, said)
             on conflict (appointment_id, said) do nothing",
            &ids,
            &said,
            claimed.id,
        )
        .execute(&mut **tx)
        .await?;
        let mine = sqlx::query_scalar!(
            "select appointment_id from message_parts
             where message_id = $1 and (appointment_id, said) in (select * from unnest($2::bigint[], $3::text[]))",
            claimed.id,
            &ids,
            &said,
        )
        .fetch_all(&mut **tx)
        .await?;
        if mine.contains(&about.id) {
            return Ok(Told::Of(
                told.into_iter().filter(|part| mine.contains(&part.id)).collect(),
            ));
        }
        // The other one came first while this one waited for it.
        sqlx::query!("delete from message_parts where message_id = $1", claimed.id)
            .execute(&mut **tx)
            .await?;
    }
}

/// Gives back what these messages took and have not said. The messages that left it to them are due again, and go the same way:
/// the first of them speaks for all that is still so.
///
/// # Errors
/// Those of the database.
pub(super) async fn give_back(tx: &mut Tx, messages: &[i64], now: Timestamp) -> Result<(), Failure> {
    let given_back = sqlx::query!(
        "delete from message_parts where message_id = any($1) returning appointment_id, message_id",
        messages,
    )
    .fetch_all(&mut **tx)
    .await?;
    if given_back.is_empty() {
        return Ok(());
    }
    let (appointments, messages): (Vec<i64>, Vec<i64>) = given_back
        .into_iter()
        .map(|part| (part.appointment_id, part.message_id))
        .unzip();
    // A statement of its own: it sees what was suppressed while the one before waited.
    let revived = sqlx::query!(
        "update messages
         set state = 'due', due_at = $3, ended_at = null, last_error = '', channel = ended.channel, recipient = ended.recipient
         from unnest($1::bigint[], $2::bigint[]) as part (appointment_id, message_id)
         join messages as ended on ended.id = part.message_id
         where messages.appointment_id = part.appointment_id and messages.appointment_id <> ended.appointment_id
           and messages.kind = ended.kind and messages.state = 'suppressed' and messages.last_error = $4
           and messages.not_after > $3",
        &appointments,
        &messages,
        now.to_sqlx(),
        Trouble::ToldTogether.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    if revived.rows_affected() > 0 {
        tx.tell(Event::MessageDue { is_code: false });
    }
    Ok(())
}
