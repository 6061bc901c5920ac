//! Rolling restarts under load: one server after the other is told to stop, ends in order, and is started again.
//!
//! Clients are those of an ordinary balancer: they keep their connections, and ask once more, another server, where a
//! connection led to no answer. Nobody is told that a server is not available, nobody has to ask a third time, and the
//! database has whatever was acknowledged.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use jiff::Timestamp;
use rand::{RngExt, rngs::StdRng};
use tokio::time::{Instant, sleep};

use super::{
    HALF_HOURS, Run,
    deed::{Deed, Verdict, yes},
    ledger::{Outcome, Wish},
};
use crate::{
    Fallible,
    client::{Ask, Client},
    world::Service,
};

/// Everybody is in the middle of something by then.
const WARM_UP: Duration = Duration::from_secs(1);

/// How long a server goes on answering after it was told to stop, in seconds.
pub const PAUSE: u64 = 1;

/// How long requests under way may then take, in seconds.
pub const DRAIN: u64 = 10;

/// What a server needs beside pause and drain: it closes its pool.
const ENDED_WITHIN: Duration = Duration::from_secs(PAUSE + DRAIN + 5);

/// What clients and restarts know of each other.
#[derive(Default)]
pub struct Load {
    /// Before it is, everybody asks the first server.
    is_spread: AtomicBool,
    is_over: AtomicBool,
}

/// Restarts one server after the other: all of them once, and on until the run is over.
pub async fn restart_all(run: Arc<Run>, load: Arc<Load>) {
    sleep(WARM_UP).await;
    loop {
        for place in 0..run.nodes.len() {
            if let Err(error) = run.restart(place).await {
                run.ledger.violation("NOT_RECOVERED", error.to_string());
            }
            load.is_spread.store(true, Relaxed);
        }
        if run.is_over() {
            break;
        }
    }
    load.is_over.store(true, Relaxed);
}

/// Books, cancels and looks, until the restarts are over. No client gets in the way of another one.
pub async fn ask_on(run: Arc<Run>, load: Arc<Load>, number: usize) {
    let mut rng = run.plan(1000 + number as u64);
    let mut client = Client::default();
    let doctors = run.world.doctors.len();
    let (doctor, me) = (&run.world.doctors[number % doctors], &run.world.patients[number]);
    // The half hours of a doctor take turns among the clients who share the doctor.
    let step = i64::try_from(run.world.patients.len().div_ceil(doctors)).unwrap_or(i64::MAX);
    let mut half_hour = 48 + i64::try_from(number / doctors).unwrap_or_default();
    for count in 0.. {
        if load.is_over.load(Relaxed) {
            return;
        }
        let server = match load.is_spread.load(Relaxed) {
            true => rng.random_range(0..run.nodes.len()),
            false => 0,
        };
        let key = format!("{}-rolling-{number}-{count}", run.seed);
        let mut ask = async |deed: &Deed| run.ask_twice(&mut client, server, deed).await;
        if rng.random_bool(0.3) {
            let day = run.world.tomorrow.strftime("%Y-%m-%d");
            let path = format!(
                "/api/v1/doctors/{}/slots?service=visit&from={day}&to={day}",
                doctor.id
            );
            ask(&Deed {
                key,
                wish: Wish::Look,
                ask: Ask::get(path),
                keyed: false,
            })
            .await;
        } else {
            let starts_at = run.world.half_hour(half_hour);
            let booked = ask(&Deed::book(&key, me, doctor.id, Service::Visit, starts_at)).await;
            match booked {
                Outcome::Yes { id: Some(id), .. } if half_hour > HALF_HOURS || rng.random_bool(0.5) => {
                    let key = format!("{key}-cancel");
                    ask(&Deed::change(&key, me, id, "cancelled", None)).await;
                }
                // It is kept, or nobody knows whether it is.
                _ => half_hour += step,
            }
        }
        pause(&mut rng).await;
    }
}

async fn pause(rng: &mut StdRng) {
    sleep(Duration::from_millis(rng.random_range(0..150))).await;
}

impl Run {
    /// Tells a server to stop, waits until it has ended, and starts it again.
    async fn restart(&self, place: usize) -> Fallible<()> {
        self.ledger.fault("servers told to stop");
        let server = &self.nodes[place].server;
        self.collect(server).await;
        let told = Instant::now();
        let ended = server.stop_in_order(ENDED_WITHIN).await?;
        self.ledger.recovered("the word to stop, its end", told.elapsed());
        if !ended {
            let what = format!("server {} did not end in order", place + 1);
            self.ledger.violation("NOT_IN_ORDER", what);
        }
        let started = Instant::now();
        server.start().await?;
        self.ready_again("a restart", started).await
    }

    /// Asks one server, and once more the next one where there was no answer.
    async fn ask_twice(&self, client: &mut Client, first: usize, deed: &Deed) -> Outcome {
        let mut unanswered = 0;
        let mut outcome = Outcome::Unknown;
        let mut last = String::new();
        for attempt in 0..2 {
            let sent_at = Timestamp::now();
            let server = (first + attempt) % self.nodes.len();
            match self.ask_once(client, server, deed, None).await {
                Verdict::Yes(answer) => {
                    outcome = yes(&answer);
                    break;
                }
                // Nobody else wants these times: there is no reason to refuse any of them.
                Verdict::No(code) => {
                    last.clone_from(&code);
                    outcome = Outcome::No { code, sent_at };
                    break;
                }
                Verdict::Unavailable(code) => {
                    unanswered += 1;
                    let what = format!(
                        "{} {} by server {}: {code}",
                        deed.wish.name(),
                        deed.key,
                        server + 1
                    );
                    self.ledger.violation("TOLD_UNAVAILABLE", what);
                    last = code;
                }
                Verdict::Unclear(said) => {
                    unanswered += 1;
                    last = said;
                }
                Verdict::GaveUp(code) => last = code,
                Verdict::NotSent => "unreachable".clone_into(&mut last),
            }
        }
        if !outcome.is_yes() {
            let what = format!("{} {}: {last}", deed.wish.name(), deed.key);
            self.ledger.violation("FAILED_REQUEST", what);
        }
        self.close(deed, unanswered, outcome)
    }
}
