//! Clients who do one thing after the other, as fast as they are answered.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{sync::Barrier, task::JoinSet, time::Instant};

use super::Bench;
use torture::{
    Fallible,
    client::{Answer, Ask, Client},
    measure::{Processor, Times, milliseconds},
    server::Server,
};

/// The result of a round.
#[derive(Default)]
pub struct Round {
    /// Of what was done.
    pub times: Times,
    pub failed: usize,
    pub took: Duration,
    /// How long the server and PostgreSQL were at work for it, on all cores together.
    server: Duration,
    postgres: Duration,
}

impl Round {
    /// How much was done in a second.
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    pub fn rate(&self) -> f64 {
        self.times.count() as f64 / self.took.as_secs_f64()
    }

    /// The processor time per request, of the server and of PostgreSQL.
    pub fn cost(&self) -> String {
        let each = u32::try_from(self.times.count().max(1)).unwrap_or(u32::MAX);
        format!(
            "{} ms + {} ms",
            milliseconds(self.server / each),
            milliseconds(self.postgres / each)
        )
    }

    /// The part that could not be done.
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    pub fn errors(&self) -> f64 {
        self.failed as f64 / (self.failed + self.times.count()).max(1) as f64
    }
}

/// How many of the things that are to be done may fail before the round says nothing.
const MAX_ERRORS: f64 = 0.01;

impl Bench {
    /// A round of so many clients at Janji; `ask` says what a client asks the how many-th time.
    pub async fn load(
        self: &Arc<Self>,
        clients: usize,
        ask: impl Fn(&Self, usize, usize) -> Ask + Send + Sync + 'static,
    ) -> Fallible<Round> {
        self.load_on(&self.server, clients, ask).await
    }

    /// A round of so many clients at this server.
    pub async fn load_on(
        self: &Arc<Self>,
        server: &Server,
        clients: usize,
        ask: impl Fn(&Self, usize, usize) -> Ask + Send + Sync + 'static,
    ) -> Fallible<Round> {
        let (ours, theirs) = (Processor::of(&[server.pid().await?]), self.postgres.processor());
        let mut round = self.load_at(server.address, clients, ask).await?;
        round.server = ours.until_now();
        round.postgres = theirs.until_now();
        Ok(round)
    }

    /// A round of so many clients at whoever answers at this address.
    pub async fn load_at(
        self: &Arc<Self>,
        address: SocketAddr,
        clients: usize,
        ask: impl Fn(&Self, usize, usize) -> Ask + Send + Sync + 'static,
    ) -> Fallible<Round> {
        let (barrier, ask) = (Arc::new(Barrier::new(clients)), Arc::new(ask));
        let mut tasks = JoinSet::new();
        for number in 0..clients {
            let (bench, barrier, ask) = (self.clone(), barrier.clone(), ask.clone());
            tasks.spawn(async move {
                let mut client = connected(address).await;
                barrier.wait().await;
                let (began, mut times, mut failures) = (Instant::now(), Times::default(), Vec::new());
                for count in 1.. {
                    if began.elapsed() >= bench.seconds {
                        break;
                    }
                    let ask = ask(&bench, number, count);
                    match client.send(address, &ask).await {
                        Ok(answer) if answer.status < 300 => times.add(answer.took),
                        other => failures.push(format!("{other:?}")),
                    }
                }
                (times, failures, began.elapsed())
            });
        }
        let mut round = Round::default();
        let mut example = None;
        while let Some(done) = tasks.join_next().await {
            let (times, mut failures, took) = done?;
            round.times.extend(&times);
            round.failed += failures.len();
            round.took = round.took.max(took);
            example = example.or(failures.pop());
        }
        if round.errors() > MAX_ERRORS {
            return Err(format!(
                "{:.1} % errors: {}",
                100.0 * round.errors(),
                example.unwrap_or_default()
            )
            .into());
        }
        Ok(round)
    }

    /// Everybody at the same moment; what they are answered.
    pub async fn at_once(self: &Arc<Self>, asks: Vec<Ask>) -> Fallible<Vec<Answer>> {
        let (barrier, address) = (Arc::new(Barrier::new(asks.len())), self.server.address);
        let mut tasks = JoinSet::new();
        for ask in asks {
            let barrier = barrier.clone();
            tasks.spawn(async move {
                let mut client = connected(address).await;
                barrier.wait().await;
                client.send(address, &ask).await
            });
        }
        let mut answers = Vec::new();
        while let Some(done) = tasks.join_next().await {
            answers.push(done?.map_err(|silence| format!("{silence:?}"))?);
        }
        Ok(answers)
    }
}

async fn connected(address: SocketAddr) -> Client {
    let mut client = Client::default();
    // Who could not connect now will fail in a moment.
    let _ = client.send(address, &Ask::get("/healthz")).await;
    client
}
