//! Moves of many appointments between the same few hours.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use jiff::Timestamp;
use torture::{Fallible, client::Client, run::Deed, world::Service};

use super::{Bench, CLIENTS, median, pgbench, ratio, statements::Script};

impl Bench {
    /// Appointments that go to and fro between the same two hours.
    pub(super) async fn moves(self: &Arc<Self>) -> Fallible<()> {
        // So late that they are in nobody's way.
        let base = 48 * 600;
        let (http_doctor, second) = (self.size.doctors - 2, self.world.half_hour(base).as_second());
        let at = move |client: usize, count: usize| {
            let hour = (client / 12 * 2 + count % 2) as i64;
            let second = second + hour * 3600 + (client % 12) as i64 * 300;
            Timestamp::from_second(second).unwrap_or_default()
        };
        let mut ids = Vec::new();
        for (doctor, first_patient) in [(http_doctor, 0), (http_doctor + 1, CLIENTS)] {
            for client in 0..CLIENTS {
                let patient = &self.world.patients[first_patient + client];
                let key = format!("move-{doctor}-{client}");
                let doctor = self.world.doctors[doctor].id;
                let deed = Deed::book(&key, patient, doctor, Service::Short, at(client, 0));
                let answer = Client::default().send(self.server.address, &deed.ask).await;
                let answer = answer.map_err(|silence| format!("{silence:?}"))?;
                ids.push(
                    answer.json()["data"]["id"]
                        .as_i64()
                        .ok_or_else(|| format!("{answer:?}"))?,
                );
            }
        }
        let (ours, theirs) = ids.split_at(CLIENTS);
        if theirs.windows(2).any(|pair| pair[1] != pair[0] + 1) {
            return Err("the appointments for pgbench have no consecutive ids".into());
        }
        let before = self.deadlocks().await?;
        let (mut http, mut same, mut cost) = (Vec::new(), Vec::new(), String::new());
        let made: Arc<Vec<AtomicU64>> = Arc::new((0..CLIENTS).map(|_| AtomicU64::new(0)).collect());
        for _ in 0..self.rounds {
            let round = self.round.fetch_add(1, Relaxed);
            let (ours, made) = (ours.to_vec(), made.clone());
            let deed = move |bench: &Self, client: usize, count: usize| {
                let times = made[client].fetch_add(1, Relaxed);
                let key = format!("{round}-{client}-{count}");
                let to = at(client, usize::try_from(times + 1).unwrap_or_default());
                Deed::moving(&key, &bench.world.patients[client], ours[client], to, None).ask
            };
            let moved = self.load(CLIENTS, deed).await?;
            cost = moved.cost();
            http.push(moved.rate());
            let mut variables = self.variables(base);
            let round = self.round.load(Relaxed);
            let own = [
                ("first_own", theirs[0].to_string()),
                ("first_patient", self.world.patients[CLIENTS].id.to_string()),
                ("doctor", self.world.doctors[http_doctor + 1].id.to_string()),
                ("service", Service::Short.id().to_string()),
                ("version", (round * 1_000_000).to_string()),
            ];
            variables.retain(|(name, _)| own.iter().all(|(other, _)| other != name));
            variables.extend(own);
            same.push(
                pgbench::run(self, Script::Move, CLIENTS, &variables)
                    .await?
                    .rate(),
            );
        }
        println!(
            "| a move costs the server and PostgreSQL | {cost} |\n\
             | moving under contention against the same SQL by pgbench | **{:.2}** ({:.0}/s, {:.0}/s), {} deadlocks |",
            ratio(&http, &same),
            median(http),
            median(same),
            self.deadlocks().await? - before,
        );
        Ok(())
    }

    /// The deadlocks that PostgreSQL has found so far.
    pub(super) async fn deadlocks(&self) -> Fallible<i64> {
        // What backends know they tell a little later.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let count =
            sqlx::query_scalar("select deadlocks from pg_stat_database where datname = current_database()");
        Ok(count.fetch_one(&self.database).await?)
    }
}
