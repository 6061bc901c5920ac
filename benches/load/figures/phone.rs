//! Conversations of a phone agent: how long somebody on the phone waits for an answer.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use engine::{booking::Wanted, phone_call::slot_of};
use janji::{
    hooks::retell::{HEADER, sign},
    notification::secret::Secret,
};
use jiff::Timestamp;
use serde_json::json;
use torture::{
    Fallible,
    client::Ask,
    measure::{Times, milliseconds},
    world::Service,
};

use super::{Bench, CLIENTS, in_words};

/// The key by which the agent signs.
const KEY: &str = "bench";
/// The number of the clinic.
const LINE: &str = "+62215550101";
/// What is sent in a conversation: somebody calls, asks for times, has one held, books it and hangs up.
const STEPS: usize = 5;
/// The longest that an answer may take at p95: more is a silence on the phone.
const MOST: Duration = Duration::from_millis(500);

/// The settings of a server that takes calls, however many.
pub(super) fn settings() -> [(&'static str, String); 2] {
    [
        ("JANJI_RETELL_KEY", KEY.to_owned()),
        ("JANJI_CALLS_PER_NUMBER", "0".to_owned()),
    ]
}

impl Bench {
    /// So many conversations at once, each of which books. Whether nobody waits for long.
    pub(super) async fn phone(self: &Arc<Self>) -> Fallible<bool> {
        self.sql(format!(
            "insert into phone_lines (number, clinic_id, language) values ('{LINE}', 1, 'en') on conflict do nothing",
        ))
        .await?;
        let mut times = Times::default();
        for _ in 0..self.rounds {
            let (base, number) = (self.next_free().await?, self.round.fetch_add(1, Relaxed));
            let said = move |bench: &Self, client: usize, count: usize| {
                let (conversation, step) = ((count - 1) / STEPS, (count - 1) % STEPS);
                let call = format!("bench-{number}-{client}-{conversation}");
                bench.said(&call, base, (client, conversation), step)
            };
            times.extend(&self.load(CLIENTS, said).await?.times);
        }
        // Whatever a tool could not do is a sentence as well, with 200.
        let otherwise: i64 = sqlx::query_scalar(
            "select count(*) from phone_call_steps where outcome is null or outcome not in ('times', 'held', 'booked')",
        )
        .fetch_one(&self.database)
        .await?;
        if otherwise > 0 {
            return Err(format!("{otherwise} steps of conversations came to something else").into());
        }
        let is_held = times.quantile(0.95) <= MOST;
        println!(
            "| {CLIENTS} conversations of a phone agent at once, an answer: p95 at most {} ms | {}{} |",
            milliseconds(MOST),
            in_words(&times),
            if is_held { "" } else { " **NOT HELD**" },
        );
        Ok(is_held)
    }

    /// What is sent as this step of a conversation of a client: each has a doctor of their own, and callers of their own.
    fn said(&self, call: &str, base: i64, (client, conversation): (usize, usize), step: usize) -> Ask {
        let caller = &self.world.patients[(client + CLIENTS * conversation) % self.size.patients];
        let call = json!({
            "call_id": call, "direction": "inbound", "to_number": LINE,
            "from_number": format!("+62812555{:05}", caller.id),
        });
        let half_hour = base + i64::try_from(conversation).unwrap_or_default();
        let slot = slot_of(Wanted {
            doctor_id: self.world.doctors[client].id,
            clinic_id: 1,
            service_id: Service::Instant.id(),
            starts_at: self.world.half_hour(half_hour).as_second(),
        });
        let (path, body) = match step {
            0 => (
                "inbound",
                json!({ "event": "call_inbound", "call_inbound": call }),
            ),
            1 => (
                "tools/find_times",
                json!({ "call": call, "args": { "service": "Vaccination" } }),
            ),
            2 => (
                "tools/hold_time",
                json!({ "call": call, "args": { "slot": slot } }),
            ),
            3 => (
                "tools/book",
                json!({ "call": call, "args": { "slot": slot, "name": format!("Patient {}", caller.id) } }),
            ),
            _ => ("events", json!({ "event": "call_ended", "call": call })),
        };
        let body = body.to_string();
        let signature = sign(&Secret::new(KEY), body.as_bytes(), Timestamp::now()).unwrap_or_default();
        Ask::signed(format!("/hooks/retell/{path}"), body, (HEADER, signature))
    }
}
