//! Seats in group sessions, against the same statements by pgbench.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use torture::{Fallible, run::Deed, world::Service};

use super::{Bench, Beside, CLIENTS, clients::Round, pgbench};

/// The seats of a session: every patient has one.
const SEATS: usize = 500;
/// The number of sessions for a round: more than are filled in it.
const SESSIONS: i64 = 600;
/// They begin after this number of half hours, when nobody has anything else.
const AFTER: i64 = 48 * 640;

/// Whose sessions are whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// All clients want seats of the same session at the same time, and then of the next one.
    Everybodys,
    /// Each client takes seats of sessions in which nobody else wants any.
    Own,
}

impl Whose {
    /// By what the number of a turn and that of a client are multiplied: the sum is the place of the session among those of the round.
    fn factors(self) -> [usize; 2] {
        match self {
            Self::Everybodys => [1, 0],
            Self::Own => [CLIENTS, 1],
        }
    }
}

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

    /// A round over HTTP: each client takes a seat for each of its patients in one session after the other.
    async fn take_seats(self: &Arc<Self>, turn: i64, each: usize, whose: Whose) -> Fallible<Round> {
        let sessions = self.sessions(turn).await?;
        let number = self.round.fetch_add(1, Relaxed);
        let [of_turn, of_client] = whose.factors();
        let deed = move |bench: &Self, client: usize, count: usize| {
            let place = count - 1;
            let patient = client + CLIENTS * (place % each);
            let session = place / each * of_turn + client * of_client;
            let group = sessions.first + i64::try_from(session).unwrap_or_default();
            let key = format!("seat-{number}-{client}-{count}");
            Deed::seats(&key, &bench.world.patients[patient], group, 1).ask
        };
        self.load(CLIENTS, deed).await
    }

    /// Seats that all clients want of one session at the same time, and such that nobody else wants.
    pub(super) async fn seats(self: &Arc<Self>) -> Fallible<()> {
        let each = self.size.patients / CLIENTS;
        let heard = self.sessions(0).await?.first;
        let script = self
            .hear_script(("seat.pgbench", include_str!("seat.pgbench")), |attempt| {
                let key = format!("heard-seat-{attempt}");
                Deed::seats(&key, &self.world.patients[attempt], heard, 1).ask
            })
            .await?;
        // As in [`Self::warm_up`].
        self.take_seats(1, each, Whose::Everybodys).await?;
        self.sql("analyze;".to_owned()).await?;
        let mut turn = 2;
        for (whose, what) in [
            (Whose::Own, "a session of their own"),
            (Whose::Everybodys, "the same session"),
        ] {
            let mut beside = Beside::default();
            for _ in 0..self.rounds {
                let http = self.take_seats(turn, each, whose).await?;
                let sessions = self.sessions(turn + 1).await?;
                let variables = self.variables_of_seats(&sessions, each, whose);
                let same = pgbench::run_text(self, &script, CLIENTS, &variables).await?;
                beside.add(http, &same);
                turn += 2;
            }
            beside.print(&format!("a seat, {CLIENTS} clients who want seats of {what}"));
        }
        Ok(())
    }

    fn variables_of_seats(
        &self,
        sessions: &Sessions,
        each: usize,
        whose: Whose,
    ) -> Vec<(&'static str, String)> {
        let mut variables = self.variables(0);
        let [of_turn, of_client] = whose.factors();
        let own = [
            ("base", sessions.base.to_string()),
            ("first_group", sessions.first.to_string()),
            ("each", each.to_string()),
            ("of_turn", of_turn.to_string()),
            ("of_client", of_client.to_string()),
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
