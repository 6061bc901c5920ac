//! The row of history that every write of an appointment comes with (A1), in the statement of the write: a second one would
//! keep everybody waiting for whom the appointment's hours are locked.

use jiff::Timestamp;

use super::{Actor, InternalNote, Status};
use crate::{database::Tx, event::Event};

/// A row of history.
#[derive(Debug)]
pub struct Entry<'a> {
    pub from_status: Option<Status>,
    pub to_status: Status,
    /// The start before a move.
    pub from_starts_at: Option<Timestamp>,
    pub to_starts_at: Timestamp,
    pub version: i32,
    pub actor: Actor,
    pub for_doctor: bool,
    pub reason: &'a str,
    /// What staff note for themselves.
    pub note: Option<&'a InternalNote>,
}

impl Entry<'_> {
    /// Tells that the appointment was changed.
    pub fn tell(&self, tx: &mut Tx, appointment_id: i64) {
        tx.tell(Event::AppointmentChanged {
            appointment_id,
            version: self.version,
            from: self.from_status,
            to: self.to_status,
        });
    }
}

/// The query that writes an appointment, in the transaction of its locks, together with its row of history. It answers
/// with the appointment's id.
///
/// The parameters of the history come first: those of `$write` begin with `$13`. What is written with the appointment, in the same
/// statement, comes after `with`, and finds its id in `written`.
macro_rules! write_with_history {
    ($write:literal, with $more:literal, $entry:expr, $now:expr, $($argument:expr),+ $(,)?) => {
        write_with_history!(@ ["with written as (" + $write + " returning id), more as (" + $more + ")"], $entry, $now, $($argument),+)
    };
    ($write:literal, $entry:expr, $now:expr, $($argument:expr),+ $(,)?) => {
        write_with_history!(@ ["with written as (" + $write + " returning id)"], $entry, $now, $($argument),+)
    };
    (@ [$($written:tt)+], $entry:expr, $now:expr, $($argument:expr),+) => {
        sqlx::query_scalar!(
            $($written)+ + "
             insert into appointment_changes
                 (appointment_id, changed_at, from_status, to_status, from_starts_at, to_starts_at,
                  version, actor, staff_id, patient_id, for_doctor, reason, note)
             select id, $1::timestamptz, $2::text, $3::text, $4::timestamptz, $5::timestamptz,
                    $6::integer, $7::text, $8::bigint, $9::bigint, $10::boolean, $11::text, $12::text
             from written
             returning appointment_id",
            jiff_sqlx::ToSqlx::to_sqlx($now),
            $entry.from_status.map($crate::appointment::Status::as_str),
            $entry.to_status.as_str(),
            $entry.from_starts_at.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
            jiff_sqlx::ToSqlx::to_sqlx($entry.to_starts_at),
            $entry.version,
            $entry.actor.role.as_str(),
            $entry.actor.staff_id,
            $entry.actor.patient_id,
            $entry.for_doctor,
            $entry.reason,
            $entry.note.map_or("", $crate::appointment::InternalNote::to_store),
            $($argument),+
        )
    };
}
pub(crate) use write_with_history;
