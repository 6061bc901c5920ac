//! Outages that last: a network that goes silent and closes nothing, for all servers and for one of them, and a disk that is
//! full.
//!
//! Clients go on asking, with the same key, until there is an answer. While an outage lasts, they are told *later* in bounded
//! time, and `/readyz` says so; when it is over, everything works again without anybody's help, and what was acknowledged is
//! there.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use rand::RngExt;
use tokio::time::{Instant, sleep, sleep_until};

use super::{HALF_HOURS, Run, chaos::READY_WITHIN, deed::Deed};
use crate::{
    Fallible,
    client::{Ask, Client},
    world::Service,
};

/// Everybody is in the middle of something by then.
const WARM_UP: Duration = Duration::from_secs(2);

/// How long an outage lasts: shortly, longer than a request waits for a connection.
const SHORT: Duration = Duration::from_secs(9);
const LONG: Duration = Duration::from_secs(30);

/// A disk that was full, in the report.
pub const FULL: &str = "disks that were full";

/// Whether the outages are over.
#[derive(Default)]
pub struct Over(AtomicBool);

/// How long each of them lasts.
pub fn length(short: bool) -> Duration {
    if short { SHORT } else { LONG }
}

/// One outage after the other.
pub async fn happen(run: Arc<Run>, over: Arc<Over>, length: Duration) {
    sleep(WARM_UP).await;
    for result in [
        run.silence_all(length).await,
        run.silence_one(length).await,
        run.fill_disk(length).await,
    ] {
        if let Err(error) = result {
            run.ledger.violation("NOT_RECOVERED", error.to_string());
        }
    }
    over.0.store(true, Relaxed);
}

/// Books one time after the other, until the outages are over. No client gets in the way of another one.
pub async fn ask_on(run: Arc<Run>, over: Arc<Over>, number: usize) {
    let mut rng = run.plan(1000 + number as u64);
    let mut client = Client::default();
    let doctors = run.world.doctors.len();
    let (doctor, me) = (&run.world.doctors[number % doctors], &run.world.patients[number]);
    // The half hours of a doctor take turns among the clients who share the doctor.
    let times = (48 + number / doctors..).step_by(run.world.patients.len().div_ceil(doctors));
    for half_hour in times.filter_map(|half_hour| i64::try_from(half_hour).ok()) {
        if over.0.load(Relaxed) || half_hour > HALF_HOURS {
            return;
        }
        let key = format!("{}-outage-{number}-{half_hour}", run.seed);
        let deed = Deed::book(
            &key,
            me,
            doctor.id,
            Service::Visit,
            run.world.half_hour(half_hour),
        );
        let outcome = run.go_on(&mut client, &mut rng, &deed, 0, false).await;
        if !outcome.is_yes() {
            // Nobody else wants these times, and all outages end before somebody gives up.
            run.ledger
                .violation("FAILED_REQUEST", format!("{key}: {outcome:?}"));
        }
        sleep(Duration::from_millis(rng.random_range(100..400))).await;
    }
}

impl Run {
    /// No server hears from PostgreSQL.
    async fn silence_all(&self, length: Duration) -> Fallible<()> {
        self.ledger.fault("networks that went silent");
        let (began, told) = (Instant::now(), self.told());
        for node in &self.nodes {
            node.proxy.freeze(length);
        }
        sleep(length / 3).await;
        for (place, node) in self.nodes.iter().enumerate() {
            self.must_say(place, 503).await;
            let alive = Client::default()
                .send(node.server.address, &Ask::get("/healthz"))
                .await;
            if !alive.is_ok_and(|answer| answer.status == 200) {
                let what = format!("server {} does not answer without PostgreSQL", place + 1);
                self.ledger.violation("NO_ANSWER", what);
            }
        }
        sleep_until(began + length).await;
        self.must_be_back("a silent network", told).await
    }

    /// One server does not hear from PostgreSQL, and the others do not mind.
    async fn silence_one(&self, length: Duration) -> Fallible<()> {
        self.ledger.fault("networks of one server that went silent");
        let (began, told, booked) = (Instant::now(), self.told(), self.booked());
        self.nodes[0].proxy.freeze(length);
        sleep(length / 3).await;
        self.must_say(0, 503).await;
        for place in 1..self.nodes.len() {
            self.must_say(place, 200).await;
        }
        sleep_until(began + length).await;
        if self.nodes.len() > 1 && self.booked() == booked {
            let what = "nobody could book by a server whose network was well";
            self.ledger.violation("NOT_RECOVERED", what);
        }
        self.must_be_back("a silent network of one server", told).await
    }

    /// PostgreSQL has no room: first for its tables, and then for its log, without which it ends. It is started again as Janji
    /// does with its own.
    async fn fill_disk(&self, length: Duration) -> Fallible<()> {
        let Some(disk) = &self.disk else {
            println!(
                "NOT RUN: a disk that is full. It takes a file system of its own, which only root can mount, and not everywhere"
            );
            self.ledger.note("outages NOT RUN");
            return Ok(());
        };
        self.ledger.fault(FULL);
        let told = self.told();
        let work = async {
            let began = Instant::now();
            let mut have_said_so = vec![false; self.nodes.len()];
            while began.elapsed() < length {
                disk.fill()?;
                if began.elapsed() > length / 3 {
                    // It may be gone already.
                    let _ = self.begin_a_log().await;
                }
                for (node, has_said_so) in self.nodes.iter().zip(&mut have_said_so) {
                    *has_said_so |= node.server.readiness().await == Some(503);
                }
                sleep(Duration::from_millis(100)).await;
            }
            disk.make_room()?;
            for place in (0..have_said_so.len()).filter(|place| !have_said_so[*place]) {
                let what = format!("server {} never said that the disk is full", place + 1);
                self.ledger.violation("READY_WITHOUT_DATABASE", what);
            }
            self.must_be_back("a full disk", told).await
        };
        self.postgres.watched(work).await
    }

    /// Has PostgreSQL go on in another file of its log.
    async fn begin_a_log(&self) -> Fallible<()> {
        let mut connection = self.postgres.connect().await?;
        sqlx::raw_sql("select pg_switch_wal()")
            .execute(&mut connection)
            .await?;
        Ok(())
    }

    /// Holds `/readyz` of a server to this status.
    async fn must_say(&self, place: usize, expected: u16) {
        let said = self.nodes[place].server.readiness().await;
        if said != Some(expected) {
            let name = if expected == 200 {
                "NOT_RECOVERED"
            } else {
                "READY_WITHOUT_DATABASE"
            };
            let what = format!(
                "/readyz of server {} said {said:?}, and not {expected}",
                place + 1
            );
            self.ledger.violation(name, what);
        }
    }

    /// Waits until all is as before, after an outage that has just ended and in which somebody was told to come back later.
    async fn must_be_back(&self, from: &'static str, told: usize) -> Fallible<()> {
        let since = Instant::now();
        if self.told() == told {
            let what = format!("nobody was told of {from}");
            self.ledger.violation("BLIND", what);
        }
        self.ready_again(from, since).await?;
        // Whoever has just been told to come back later does so soon.
        let booked = self.booked();
        while self.booked() < booked + self.world.patients.len() {
            if since.elapsed() > READY_WITHIN {
                return Err(format!("not everybody books again {READY_WITHIN:?} after {from}").into());
            }
            sleep(Duration::from_millis(50)).await;
        }
        println!(
            "{from}: everybody booked again after {:.1} s",
            since.elapsed().as_secs_f64()
        );
        Ok(())
    }

    fn told(&self) -> usize {
        self.ledger.count("book", "UNAVAILABLE")
    }

    fn booked(&self) -> usize {
        self.ledger.count("book", "yes")
    }
}
