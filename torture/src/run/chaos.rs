//! Everything that goes wrong around the clients.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use rand::{RngExt, rngs::StdRng};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::time::{Instant, sleep, timeout};

use super::{
    LOCK_TIMEOUT_MS, Run,
    deed::{Deed, Verdict},
};
use crate::{Fallible, client::Client, proxy::LostCommit, world::Service};

/// How soon servers must be ready again after PostgreSQL is, or after they were started.
pub const READY_WITHIN: Duration = Duration::from_secs(15);

/// One fault after the other until the run is over, and then none.
pub async fn go_on(run: Arc<Run>) {
    let mut rng = run.plan(2);
    let began = Instant::now();
    let length = run.ends_at.saturating_duration_since(began);
    // These two come for certain, also in a short run.
    let mut next_kill = began + length.mul_f64(0.15);
    let mut next_crash = began + length.mul_f64(0.4);
    let seconds = |rng: &mut StdRng, from: u64, to: u64| {
        Duration::from_millis(rng.random_range(from * 1000..to * 1000))
    };
    loop {
        let pause = rng.random_range(200..1200);
        run.pause(Duration::from_millis(pause)).await;
        if run.is_over() {
            break;
        }
        let now = Instant::now();
        let result = if now >= next_crash {
            next_crash = now + seconds(&mut rng, 20, 35);
            run.crash_postgres(&mut rng).await
        } else if now >= next_kill {
            next_kill = now + seconds(&mut rng, 6, 12);
            run.kill_server(&mut rng).await
        } else {
            run.disturb(&mut rng).await;
            Ok(())
        };
        if let Err(error) = result {
            run.ledger.violation("NOT_RECOVERED", error.to_string());
        }
    }
    for node in &run.nodes {
        node.proxy.heal();
    }
}

impl Run {
    /// Something between a server and PostgreSQL.
    async fn disturb(&self, rng: &mut StdRng) {
        let proxy = &self.nodes[rng.random_range(0..self.nodes.len())].proxy;
        match rng.random_range(0..10) {
            0 | 1 => {
                self.ledger.fault("connections cut");
                proxy.cut();
            }
            2 => {
                self.ledger.fault("frozen");
                proxy.freeze(Duration::from_millis(rng.random_range(200..3000)));
            }
            3 => {
                self.ledger.fault("frozen, then cut");
                proxy.freeze(Duration::from_secs(2));
                self.pause(Duration::from_millis(rng.random_range(100..1500)))
                    .await;
                proxy.cut();
                proxy.heal();
            }
            4 => {
                self.ledger.fault("slow");
                proxy.delay(Duration::from_millis(rng.random_range(5..60)));
                self.pause(Duration::from_millis(rng.random_range(300..1500)))
                    .await;
                proxy.heal();
            }
            5 | 6 => {
                self.ledger.fault("commits kept from PostgreSQL");
                proxy.lose_commits(LostCommit::Request, rng.random_range(1..6));
            }
            _ => {
                self.ledger.fault("answers to commits lost");
                proxy.lose_commits(LostCommit::Answer, rng.random_range(1..6));
            }
        }
    }

    async fn kill_server(&self, rng: &mut StdRng) -> Fallible<()> {
        self.ledger.fault("servers killed");
        let node = &self.nodes[rng.random_range(0..self.nodes.len())];
        node.proxy.heal();
        self.collect(&node.server).await;
        node.server.kill().await;
        sleep(Duration::from_millis(rng.random_range(0..1000))).await;
        let started = Instant::now();
        node.server.start().await?;
        self.ready_again("a killed server", started).await
    }

    async fn crash_postgres(&self, rng: &mut StdRng) -> Fallible<()> {
        self.ledger.fault("PostgreSQL killed");
        self.postgres.kill().await;
        sleep(Duration::from_millis(rng.random_range(300..1500))).await;
        for node in &self.nodes {
            match node.server.readiness().await {
                Some(503) => {}
                other => self
                    .ledger
                    .violation("READY_WITHOUT_DATABASE", format!("/readyz said {other:?}")),
            }
        }
        let started = Instant::now();
        self.postgres.start_again().await?;
        self.ledger
            .recovered("a killed PostgreSQL, by itself", started.elapsed());
        self.ready_again("a killed PostgreSQL, servers", Instant::now())
            .await
    }

    /// Waits until every server says that it is ready.
    pub async fn ready_again(&self, from: &'static str, since: Instant) -> Fallible<()> {
        for (number, node) in self.nodes.iter().enumerate() {
            while node.server.readiness().await != Some(200) {
                if since.elapsed() > READY_WITHIN {
                    return Err(
                        format!("server {} is not ready {READY_WITHIN:?} after {from}", number + 1).into(),
                    );
                }
                sleep(Duration::from_millis(50)).await;
            }
        }
        self.ledger.recovered(from, since.elapsed());
        Ok(())
    }
}

/// Traps for single transactions, until the run is over: deadlocks, in which the server is the one that PostgreSQL
/// ends, and locks that are held for longer than it waits.
pub async fn set_traps(run: Arc<Run>, number: u64) {
    let mut rng = run.plan(100 + number);
    let mut client = Client::default();
    for count in 0.. {
        if run.is_over() {
            return;
        }
        let key = format!("{}-trap-{number}-{count}", run.seed);
        let set = match rng.random_range(0..8) {
            0 => run.hold_an_hour(&mut rng).await,
            _ => run.deadlock(&mut client, &mut rng, &key).await,
        };
        if set.is_err() {
            // PostgreSQL is away.
            run.pause(Duration::from_millis(300)).await;
        }
        let pause = rng.random_range(0..150);
        run.pause(Duration::from_millis(pause)).await;
    }
}

impl Run {
    /// Holds the hours that everybody wants for longer than a statement waits.
    async fn hold_an_hour(&self, rng: &mut StdRng) -> Fallible<()> {
        let (doctor, starts_at) = self.wanted(rng, true);
        let mut connection = self.postgres.connect().await?;
        let mut tx = connection.begin().await?;
        sqlx::query(
            "select from calendar_hours
             where doctor_id = $1 and starts_at = date_trunc('hour', to_timestamp($2)) for update",
        )
        .bind(doctor)
        .bind(starts_at.as_second() as f64)
        .execute(&mut *tx)
        .await?;
        self.ledger.fault("hours held for too long");
        let hold = rng.random_range(LOCK_TIMEOUT_MS..LOCK_TIMEOUT_MS * 2);
        self.pause(Duration::from_millis(hold)).await;
        tx.rollback().await?;
        Ok(())
    }

    /// Takes the locks of a move or a booking the other way round: first what it takes last.
    async fn deadlock(&self, client: &mut Client, rng: &mut StdRng, key: &str) -> Fallible<()> {
        let is_open = |known: &super::Known| matches!(known.status.as_str(), "pending" | "confirmed");
        let Some(known) = self.pick(rng, is_open) else {
            return Err("nothing is booked yet".into());
        };
        let (other_doctor, starts_at) = self.wanted(rng, false);
        let patient = self.patient(known.patient);
        // A move comes to its appointment last, a booking to its patient.
        let (deed, doctor, last) = if rng.random_bool(0.5) {
            let deed = Deed::moving(key, patient, known.id, starts_at, None);
            (
                deed,
                known.doctor,
                format!("select from appointments where id = {} for update", known.id),
            )
        } else {
            let deed = Deed::book(key, patient, other_doctor, Service::Visit, starts_at);
            let last = format!("select from patients where id = {} for update", known.patient);
            (deed, other_doctor, last)
        };
        let hour = starts_at.as_second().div_euclid(3600) * 3600;
        let mut connection = self.postgres.connect().await?;
        sqlx::query("insert into calendar_hours select $1, to_timestamp($2) on conflict do nothing")
            .bind(doctor)
            .bind(hour as f64)
            .execute(&mut connection)
            .await?;
        // PostgreSQL ends whoever finds the circle, and that shall be the server.
        sqlx::raw_sql("set deadlock_timeout = '1min'; set lock_timeout = '5s'")
            .execute(&mut connection)
            .await?;
        let mut tx = connection.begin().await?;
        let locked = timeout(
            Duration::from_secs(2),
            sqlx::raw_sql(AssertSqlSafe(last)).execute(&mut *tx),
        )
        .await;
        locked.map_err(|_| "somebody else has it")??;
        let server = rng.random_range(0..self.nodes.len());
        let sent_at = Timestamp::now();
        let asking = self.ask_once(client, server, &deed, None);
        let springing = async {
            let sprung = is_waited_for(&mut tx).await?;
            if sprung {
                sqlx::query(
                    "select from calendar_hours where doctor_id = $1 and starts_at = to_timestamp($2) for update",
                )
                .bind(doctor)
                .bind(hour as f64)
                .execute(&mut *tx)
                .await?;
            }
            tx.rollback().await?;
            Fallible::Ok(sprung)
        };
        let (verdict, sprung) = tokio::join!(asking, springing);
        let sprung = sprung.unwrap_or(false);
        let unanswered = match verdict {
            Verdict::Yes(answer) => {
                self.note_trap(sprung, "deadlocks that ended well");
                let outcome = self.close_yes(&deed, &answer);
                self.remember(&outcome).await;
                return Ok(());
            }
            // The rules said no, in a further attempt.
            Verdict::No(code) => {
                self.note_trap(sprung, "deadlocks that ended well");
                self.close_no(&deed, code, sent_at);
                return Ok(());
            }
            Verdict::GaveUp(_) => {
                self.note_trap(sprung, "deadlocks that were told");
                0
            }
            // Something else went wrong at the same time.
            Verdict::Unclear(_) | Verdict::Unavailable(_) => 1,
            Verdict::NotSent => 0,
        };
        let outcome = self.go_on(client, rng, &deed, unanswered, false).await;
        self.remember(&outcome).await;
        self.look_up(known.id).await;
        Ok(())
    }

    fn note_trap(&self, sprung: bool, name: &'static str) {
        if sprung {
            self.ledger.fault("deadlocks");
            self.ledger.note(name);
        }
    }
}

/// Whether somebody comes to wait for this session, soon.
async fn is_waited_for(connection: &mut PgConnection) -> Fallible<bool> {
    for _ in 0..200 {
        let waited_for: bool = sqlx::query_scalar(
            "select exists (select from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid)))",
        )
        .fetch_one(&mut *connection)
        .await?;
        if waited_for {
            return Ok(true);
        }
        sleep(Duration::from_millis(5)).await;
    }
    Ok(false)
}
