//! Seats in group sessions, against the same statements by pgbench.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use torture::{Fallible, run::Deed, world::Service};

use super::{Bench, CLIENTS, clients::Round, in_words, median, pgbench, ratio, statements};

/// The seats of a session: every patient has one.
const SEATS: usize = 500;
/// The number of sessions for a round: more than are filled in it.
const SESSIONS: i64 = 150;
/// They begin after this number of half hours, when nobody has anything else.
const AFTER: i64 = 48 * 640;

/// Sessions for a round, one in each hour.
struct Sessions {
    first: i64,
    /// The start of the first one, as a second.
    base: i64,
}

impl Bench {
    /// Publishes sessions for a round. They have no hold, which nobody asks for who takes a seat.
    async fn sessions(&self, turn: i64) -> Fallible<Sessions> {
        let base = self.world.half_hour(AFTER + 2 * SESSIONS * turn).as_second();
        self.sql(format!(
            "insert into groups
                 (doctor_id, clinic_id, service_id, title, starts_at, ends_at, capacity, state, created_at)
             select 1, 1, {}, 'Class', to_timestamp({base} + 3600 * number), to_timestamp({base} + 3600 * (number + 1)),
                    {SEATS}, 'published', now()
             from generate_series(0, {SESSIONS} - 1) as number order by number;",
            Service::Instant.id(),
        ))
        .await?;
        let last: i64 = sqlx::query_scalar("select max(id) from groups")
            .fetch_one(&self.database)
            .await?;
        Ok(Sessions {
            first: last - SESSIONS + 1,
            base,
        })
    }

    /// The script of what the server says when somebody takes a seat.
    ///
    /// # Errors
    /// Names the first statement of the server that there are no values for.
    async fn hear_seat(&self) -> Fallible<String> {
        let sessions = self.sessions(0).await?;
        let mut error = String::new();
        for attempt in 0..statements::TRIES {
            let patient = &self.world.patients[attempt];
            let key = format!("heard-seat-{attempt}");
            let said = self.hear(&Deed::seats(&key, patient, sessions.first, 1).ask).await?;
            match statements::script("seat.pgbench", include_str!("seat.pgbench"), &said) {
                Ok(script) => return Ok(script),
                Err(wrong) => error = wrong,
            }
        }
        Err(error.into())
    }

    /// A round over HTTP: each client takes a seat for each of its patients in one session after the other.
    async fn take_seats(self: &Arc<Self>, turn: i64, each: usize) -> Fallible<Round> {
        let sessions = self.sessions(turn).await?;
        let number = self.round.fetch_add(1, Relaxed);
        let deed = move |bench: &Self, client: usize, count: usize| {
            let place = count - 1;
            let patient = client + CLIENTS * (place % each);
            let group = sessions.first + i64::try_from(place / each).unwrap_or_default();
            let key = format!("seat-{number}-{client}-{count}");
            Deed::seats(&key, &bench.world.patients[patient], group, 1).ask
        };
        self.load(CLIENTS, deed).await
    }

    /// Seats that all clients want of one session at the same time, and then of the next one.
    pub(super) async fn seats(self: &Arc<Self>) -> Fallible<()> {
        let each = self.size.patients / CLIENTS;
        let script = self.hear_seat().await?;
        // As in [`Self::warm_up`].
        self.take_seats(1, each).await?;
        self.sql("analyze;".to_owned()).await?;
        let (mut http, mut same, mut last) = (Vec::new(), Vec::new(), None);
        for turn in 1..=i64::try_from(self.rounds)? {
            let round = self.take_seats(2 * turn, each).await?;
            http.push(round.rate());
            last = Some(round);
            let sessions = self.sessions(2 * turn + 1).await?;
            let variables = self.variables_of_seats(&sessions, each);
            let round = pgbench::run_text(self, &script, CLIENTS, &variables).await?;
            same.push(round.rate());
        }
        let last = last.ok_or("there was no round")?;
        println!(
            "| a seat in a session that {CLIENTS} clients want seats of | {}, {:.0}/s; costs the server and PostgreSQL {} |",
            in_words(&last.times),
            median(http.clone()),
            last.cost(),
        );
        println!(
            "| seats over HTTP against the same SQL by pgbench, {CLIENTS} clients | **{:.2}** ({:.0}/s, {:.0}/s) |",
            ratio(&http, &same),
            median(http),
            median(same),
        );
        Ok(())
    }

    fn variables_of_seats(&self, sessions: &Sessions, each: usize) -> Vec<(&'static str, String)> {
        let mut variables = self.variables(0);
        let own = [
            ("base", sessions.base.to_string()),
            ("first_group", sessions.first.to_string()),
            ("each", each.to_string()),
            ("capacity", SEATS.to_string()),
            ("doctor", "1".to_owned()),
            ("service", Service::Instant.id().to_string()),
            ("confirmed", "confirmed".to_owned()),
            ("hour_minutes", "60".to_owned()),
        ];
        variables.retain(|(name, _)| own.iter().all(|(other, _)| other != name));
        variables.extend(own);
        variables
    }
}
