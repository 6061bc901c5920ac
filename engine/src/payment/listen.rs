//! The listener of payments: what was paid for an appointment goes back, or is kept, in the transaction that ends it.

use std::sync::Arc;

use metrics::{counter, describe_counter};

use super::{pay_back, row::give_up_open};
use crate::{
    appointment::Status,
    database::{Database, Listener, Tx, Writing},
    event::Event,
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

impl Listener for Payments {
    fn before_commit<'a>(&'a self, tx: &'a mut Tx, events: &'a [Event]) -> Writing<'a> {
        Box::pin(async move {
            let ended: Vec<i64> = events.iter().filter_map(ended).collect();
            if ended.is_empty() {
                return Ok(());
            }
            let now = tx.now();
            // Most of them were never paid: one look for all.
            let with_payments = sqlx::query_scalar!(
                "select distinct appointment_id from payments
                 where appointment_id = any($1) and state in ('created', 'paying', 'paid')
                 order by 1",
                &ended,
            )
            .fetch_all(&mut **tx)
            .await?;
            // Whoever ends an appointment has locked it, and so its payments.
            for appointment_id in with_payments {
                give_up_open(tx, appointment_id, now).await?;
                pay_back::of_ended(tx, appointment_id, now).await?;
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
