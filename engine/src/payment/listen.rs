//! The listener of payments: what was paid for an appointment or a stay goes back, or is kept, in the transaction that ends it;
//! and what a stay costs less, in the one that shortens it.

use std::sync::Arc;

use metrics::{counter, describe_counter};

use super::{Subject, fewer, pay_back, row::give_up_open};
use crate::{
    appointment::Status,
    database::{Database, Failure, Listener, Tx, Writing},
    event::Event,
    stay,
};

/// Lets payments hear of appointments that come to their end in transactions of this database.
pub fn listen(database: &Database) {
    describe_counter!(
        "janji_payments_total",
        "Payments by the state that they came to, such as paid, refund_due or refund_failed"
    );
    database.listen(Arc::new(Payments));
}

struct Payments;

/// An appointment, or a hold, that came to its end.
fn ended(event: &Event) -> Option<i64> {
    match *event {
        Event::AppointmentChanged {
            appointment_id,
            to: Status::Cancelled | Status::Rejected | Status::Expired,
            ..
        } => Some(appointment_id),
        _ => None,
    }
}

/// A stay that came to its end, or has other nights, with what it is now. What is held or just booked is neither.
fn changed_stay(event: &Event) -> Option<(i64, stay::Status)> {
    use stay::Status::{Arrived, Booked, Cancelled, Lapsed, Left};

    match *event {
        Event::StayChanged {
            stay_id,
            to: to @ (Cancelled | Lapsed | Left),
            ..
        } => Some((stay_id, to)),
        Event::StayChanged {
            stay_id,
            from: Some(from @ (Booked | Arrived)),
            to,
            ..
        } if from == to => Some((stay_id, to)),
        _ => None,
    }
}

/// What may be paid of these: one look for all, since most of them were never paid.
async fn with_payments(tx: &mut Tx, appointments: &[i64], stays: &[i64]) -> Result<Vec<Subject>, Failure> {
    let rows = sqlx::query!(
        "select distinct appointment_id, stay_id from payments
         where (appointment_id = any($1) or stay_id = any($2)) and state in ('created', 'paying', 'paid')
         order by 1, 2",
        appointments,
        stays,
    )
    .fetch_all(&mut **tx)
    .await?;
    let subjects = rows
        .into_iter()
        .map(|row| Subject::of(row.appointment_id, row.stay_id));
    Ok(subjects.collect::<Result<Vec<_>, _>>()?)
}

impl Listener for Payments {
    fn before_commit<'a>(&'a self, tx: &'a mut Tx, events: &'a [Event]) -> Writing<'a> {
        Box::pin(async move {
            let ended: Vec<i64> = events.iter().filter_map(ended).collect();
            let stays: Vec<(i64, stay::Status)> = events.iter().filter_map(changed_stay).collect();
            if ended.is_empty() && stays.is_empty() {
                return Ok(());
            }
            let now = tx.now();
            let stay_ids: Vec<i64> = stays.iter().map(|(id, _)| *id).collect();
            // Whoever ends or changes something has locked it, and so its payments.
            for subject in with_payments(tx, &ended, &stay_ids).await? {
                let last = stays.iter().rev().find(|(id, _)| subject.stay_id() == Some(*id));
                match last {
                    Some((id, status)) if status.has_rooms() => fewer::of_shorter(tx, *id, now).await?,
                    _ => {
                        give_up_open(tx, subject, now).await?;
                        pay_back::of_ended(tx, subject, now).await?;
                    }
                }
            }
            Ok(())
        })
    }

    fn after_commit(&self, events: &[Event]) {
        for event in events {
            if let Event::PaymentChanged { to, .. } = event {
                counter!("janji_payments_total", "state" => to.as_str()).increment(1);
            }
        }
    }
}
