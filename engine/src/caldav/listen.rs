//! The listener of calendars elsewhere: what is to be written there is written down before the commit.

use std::{collections::BTreeMap, sync::Arc};

use jiff_sqlx::ToSqlx;
use metrics::{describe_counter, describe_gauge};
use tokio::sync::Notify;

use crate::{
    appointment::Status,
    database::{Database, Failure, Listener, Tx, Writing},
    event::Event,
};

/// Lets what happens in transactions of this database be written to calendars elsewhere from now on. Answers with what wakes the
/// workers.
pub fn listen(database: &Database) -> Arc<Notify> {
    describe_counter!(
        "janji_calendar_rounds_total",
        "Rounds with calendars elsewhere, by what became of them"
    );
    describe_gauge!(
        "janji_calendar_accounts",
        "Calendars elsewhere that are linked, by state"
    );
    describe_gauge!(
        "janji_calendar_jobs_waiting",
        "What is to be done in calendars elsewhere and has not been"
    );
    let wake_up = Arc::new(Notify::new());
    database.listen(Arc::new(Writer {
        wake_up: wake_up.clone(),
    }));
    wake_up
}

struct Writer {
    wake_up: Arc<Notify>,
}

/// The appointments that changed, each with whether it is there after all that happened to it.
fn changed(events: &[Event]) -> BTreeMap<i64, bool> {
    let mut changed = BTreeMap::new();
    for event in events {
        if let Event::AppointmentChanged {
            appointment_id,
            from,
            to,
            ..
        } = event
        {
            // Nobody has booked what is held, and a hold that ends was never written.
            let is_a_hold = *to == Status::Held || *from == Some(Status::Held) && !to.occupies();
            if !is_a_hold {
                changed.insert(*appointment_id, to.occupies());
            }
        }
    }
    changed
}

impl Listener for Writer {
    fn concern(&self) -> Option<&'static str> {
        Some(
            "exists (select from appointments join calendar_accounts on calendar_accounts.doctor_id = appointments.doctor_id
                     where appointments.id = any($1) and state <> 'ending')",
        )
    }

    fn before_commit<'a>(&'a self, tx: &'a mut Tx, events: &'a [Event]) -> Writing<'a> {
        Box::pin(async move {
            let changed = changed(events);
            if !changed.is_empty() && write(tx, &changed).await? > 0 {
                tx.tell(Event::CalendarDue);
            }
            Ok(())
        })
    }

    fn after_commit(&self, events: &[Event]) {
        if events.contains(&Event::CalendarDue) {
            // One who waits and one who is at work look after this.
            self.wake_up.notify_one();
        }
    }
}

/// Writes what is to be done, once for an appointment and what is done with it: one that waits already is done for this as well.
/// The appointments are locked by whoever changed them, so nobody has just done an older one. A group session is no appointment
/// of one patient, and is not written.
async fn write(tx: &mut Tx, changed: &BTreeMap<i64, bool>) -> Result<u64, Failure> {
    let appointments: Vec<i64> = changed.keys().copied().collect();
    let are_there: Vec<bool> = changed.values().copied().collect();
    let now = tx.now();
    let written = sqlx::query!(
        "insert into calendar_jobs (account_id, appointment_id, action, due_at)
         select calendar_accounts.id, appointments.id, case when changed.is_there then 'put' else 'delete' end, $3
         from unnest($1::bigint[], $2::boolean[]) as changed (appointment_id, is_there)
         join appointments on appointments.id = changed.appointment_id and appointments.group_id is null
         join calendar_accounts on calendar_accounts.doctor_id = appointments.doctor_id
              and calendar_accounts.state <> 'ending'
         order by calendar_accounts.id, appointments.id
         on conflict on constraint calendar_jobs_once do update set
             changes = calendar_jobs.changes + 1, due_at = least(calendar_jobs.due_at, excluded.due_at), attempts = 0",
        &appointments,
        &are_there,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(written.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(appointment_id: i64, from: Option<Status>, to: Status) -> Event {
        Event::AppointmentChanged {
            appointment_id,
            version: 1,
            from,
            to,
        }
    }

    #[test]
    fn what_is_only_held_is_not_written_and_the_last_change_counts() {
        let changed = changed(&[
            event(1, None, Status::Held),
            event(2, Some(Status::Held), Status::Expired),
            event(3, Some(Status::Held), Status::Pending),
            event(4, None, Status::Pending),
            event(4, Some(Status::Pending), Status::Cancelled),
        ]);
        assert_eq!(changed, BTreeMap::from([(3, true), (4, false)]));
    }
}
