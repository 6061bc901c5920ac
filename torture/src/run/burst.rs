//! Many at once, for one thing: races whose end is known before they begin.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use jiff::Timestamp;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};
use tokio::{sync::Barrier, task::JoinSet};

use super::{
    Known, Run,
    deed::{Deed, Verdict},
    ledger::{Outcome, Wish},
};
use crate::{
    client::{Ask, Client},
    world::{Person, Service, challenge, newest_code},
};

/// The prize of a race.
#[derive(Clone, Copy, Debug)]
enum Race {
    /// Many patients, one time.
    Rush,
    /// One patient, one time, many doctors.
    Everywhere,
    /// One request, sent several times at once.
    Twins,
    /// One key, two requests.
    Clash,
    /// The doctor confirms or rejects while the patient cancels or moves.
    Duel,
    /// Each of two wants the other's time, and then both want a third one.
    Swap,
    /// Several prescriptions and several ratings of one visit.
    Twice,
    /// One code, typed in by several.
    OneCode,
}

impl Race {
    fn name(self) -> &'static str {
        match self {
            Self::Rush => "races for one time",
            Self::Everywhere => "races of one patient",
            Self::Twins => "races of twins",
            Self::Clash => "races under one key",
            Self::Duel => "duels",
            Self::Swap => "swaps",
            Self::Twice => "races to write",
            Self::OneCode => "races with one code",
        }
    }
}

const RACES: [Race; 10] = [
    Race::Rush,
    Race::Rush,
    Race::Everywhere,
    Race::Twins,
    Race::Clash,
    Race::Duel,
    Race::Duel,
    Race::Swap,
    Race::Twice,
    Race::OneCode,
];

/// Races, one after the other, until the run is over.
pub async fn go_on(run: Arc<Run>, number: u64) {
    let mut races = Races {
        rng: run.plan(200 + number),
        client: Client::default(),
        number,
        count: 0,
        run,
    };
    while !races.run.is_over() {
        // Every kind comes soon, also in a short run.
        let mut kinds = RACES;
        kinds.shuffle(&mut races.rng);
        for race in kinds {
            if races.run.is_over() {
                return;
            }
            races.count += 1;
            races.hold(race).await;
            let pause = races.rng.random_range(0..200);
            races.run.pause(Duration::from_millis(pause)).await;
        }
    }
}

struct Races {
    run: Arc<Run>,
    rng: StdRng,
    /// Prepares what is raced for.
    client: Client,
    /// Which of several this is.
    number: u64,
    count: usize,
}

impl Races {
    async fn hold(&mut self, race: Race) {
        // On a slow way to PostgreSQL, what happens at the same time does so for longer.
        if self.rng.random_bool(0.5) {
            let delay = Duration::from_millis(self.rng.random_range(1..10));
            self.run.nodes.iter().for_each(|node| node.proxy.delay(delay));
        }
        self.run.ledger.note(race.name());
        self.run_race(race).await;
        self.run
            .nodes
            .iter()
            .for_each(|node| node.proxy.delay(Duration::ZERO));
    }

    async fn run_race(&mut self, race: Race) {
        match race {
            Race::Rush => self.rush().await,
            Race::Everywhere => self.everywhere().await,
            Race::Twins => self.twins().await,
            Race::Clash => self.clash().await,
            Race::Duel => drop(self.duel().await),
            Race::Swap => drop(self.swap().await),
            Race::Twice => drop(self.twice().await),
            Race::OneCode => drop(self.one_code().await),
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}-race{}.{}-{name}", self.run.seed, self.number, self.count)
    }

    /// A time that nobody else wants.
    fn fresh(&self) -> Timestamp {
        self.run.world.half_hour(self.run.fresh.fetch_add(2, Relaxed))
    }

    fn doctor(&mut self) -> i64 {
        let doctors = &self.run.world.doctors;
        doctors[self.rng.random_range(0..doctors.len())].id
    }

    /// Different patients.
    fn patients(&mut self, count: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..self.run.world.patients.len()).collect();
        all.shuffle(&mut self.rng);
        all.truncate(count);
        all
    }

    /// Releases all of them at once, over all servers, and waits until each has an answer.
    async fn together(&mut self, deeds: Vec<Deed>) -> Vec<Outcome> {
        let barrier = Arc::new(Barrier::new(deeds.len()));
        let mut tasks = JoinSet::new();
        let count = deeds.len();
        for (place, deed) in deeds.into_iter().enumerate() {
            let (run, barrier) = (self.run.clone(), barrier.clone());
            let mut rng = StdRng::seed_from_u64(self.rng.random());
            tasks.spawn(async move {
                let mut client = Client::default();
                let server = place % run.nodes.len();
                // Connects, so that nobody has to when it begins.
                let _ = client
                    .send(run.nodes[server].server.address, &Ask::get("/healthz"))
                    .await;
                barrier.wait().await;
                let sent_at = Timestamp::now();
                let unanswered = match run.ask_once(&mut client, server, &deed, None).await {
                    Verdict::Yes(answer) => return (place, run.close_yes(&deed, &answer)),
                    Verdict::No(code) => return (place, run.close_no(&deed, code, sent_at)),
                    Verdict::Unclear(_) | Verdict::Unavailable(_) => 1,
                    Verdict::GaveUp(_) | Verdict::NotSent => 0,
                };
                (
                    place,
                    run.go_on(&mut client, &mut rng, &deed, unanswered, false).await,
                )
            });
        }
        let mut outcomes = vec![Outcome::Unknown; count];
        while let Some(Ok((place, outcome))) = tasks.join_next().await {
            outcomes[place] = outcome;
        }
        outcomes
    }

    /// So many may win, and, where all have an answer, so many have to.
    fn expect(&self, race: &str, outcomes: &[Outcome], winners: usize) {
        let won = outcomes.iter().filter(|outcome| outcome.is_yes()).count();
        let all_answered = !outcomes.iter().any(|outcome| matches!(outcome, Outcome::Unknown));
        let what = || format!("{race} {}: {outcomes:?}", self.key(race));
        if won > winners {
            self.run.ledger.violation("TOO_MANY_WINNERS", what());
        } else if won < winners && all_answered {
            self.run.ledger.violation("NO_WINNER", what());
        }
    }

    async fn rush(&mut self) {
        let (doctor, starts_at) = (self.doctor(), self.fresh());
        let run = self.run.clone();
        let deeds = self
            .patients(24)
            .into_iter()
            .map(|place| {
                let key = self.key(&format!("rush-{place}"));
                Deed::book(
                    &key,
                    &run.world.patients[place],
                    doctor,
                    Service::Visit,
                    starts_at,
                )
            })
            .collect();
        let outcomes = self.together(deeds).await;
        self.expect("rush", &outcomes, 1);
        for outcome in outcomes {
            self.run.remember(&outcome).await;
        }
    }

    async fn everywhere(&mut self) {
        let starts_at = self.fresh();
        let run = self.run.clone();
        let patient = &run.world.patients[self.patients(1)[0]];
        let book = |doctor: &Person| {
            let key = self.key(&format!("everywhere-{}", doctor.id));
            Deed::book(&key, patient, doctor.id, Service::Visit, starts_at)
        };
        let deeds = run.world.doctors.iter().map(book).collect();
        let outcomes = self.together(deeds).await;
        self.expect("everywhere", &outcomes, 1);
        for outcome in outcomes {
            run.remember(&outcome).await;
        }
    }

    async fn twins(&mut self) {
        let (doctor, starts_at) = (self.doctor(), self.fresh());
        let run = self.run.clone();
        let patient = &run.world.patients[self.patients(1)[0]];
        let deed = Deed::book(&self.key("twins"), patient, doctor, Service::Instant, starts_at);
        let outcomes = self.together(vec![deed; 6]).await;
        if outcomes
            .iter()
            .any(|outcome| matches!(outcome, Outcome::No { .. }))
        {
            let what = format!("{}: {outcomes:?}", self.key("twins"));
            self.run.ledger.violation("TWIN_REFUSED", what);
        }
    }

    async fn clash(&mut self) {
        let doctor = self.doctor();
        let run = self.run.clone();
        let patient = &run.world.patients[self.patients(1)[0]];
        let key = self.key("clash");
        let times = [self.fresh(), self.fresh()];
        let deeds = times.map(|starts_at| Deed::book(&key, patient, doctor, Service::Visit, starts_at));
        let outcomes = self.together(deeds.to_vec()).await;
        self.expect("clash", &outcomes, 1);
    }

    /// An appointment that nobody else knows of.
    async fn booked(&mut self, name: &str, patient: &Person, doctor: i64, service: Service) -> Option<Known> {
        let deed = Deed::book(&self.key(name), patient, doctor, service, self.fresh());
        let run = self.run.clone();
        let Outcome::Yes { id: Some(id), .. } =
            run.go_on(&mut self.client, &mut self.rng, &deed, 0, false).await
        else {
            return None;
        };
        let known = run.look_up(id).await?;
        run.forget(id);
        Some(known)
    }

    async fn duel(&mut self) -> Option<()> {
        let run = self.run.clone();
        let patient = &run.world.patients[self.patients(1)[0]];
        let doctor_id = self.doctor();
        let doctor = run.doctor(doctor_id);
        let known = self.booked("duel", patient, doctor_id, Service::Visit).await?;
        let (id, version) = (known.id, Some(known.version));
        let key = |name: &str| self.key(&format!("duel-{name}"));
        let mut deeds = vec![
            Deed::change(&key("confirm"), doctor, id, "confirmed", version),
            Deed::change(&key("reject"), doctor, id, "rejected", version),
            Deed::change(&key("cancel"), patient, id, "cancelled", version),
            Deed::change(&key("admin"), &run.world.admin, id, "confirmed", version),
            Deed::moving(&key("move"), patient, id, self.fresh(), version),
        ];
        deeds.shuffle(&mut self.rng);
        let outcomes = self.together(deeds).await;
        self.expect("duel", &outcomes, 1);
        run.look_up(id).await.map(drop)
    }

    async fn swap(&mut self) -> Option<()> {
        let run = self.run.clone();
        let doctor = self.doctor();
        let pair = self.patients(2);
        let (one, other) = (&run.world.patients[pair[0]], &run.world.patients[pair[1]]);
        let a = self.booked("swap-one", one, doctor, Service::Visit).await?;
        let b = self.booked("swap-other", other, doctor, Service::Visit).await?;
        let moves = |name: &str, to_a: Timestamp, to_b: Timestamp| {
            vec![
                Deed::moving(
                    &self.key(&format!("{name}-one")),
                    one,
                    a.id,
                    to_a,
                    Some(a.version),
                ),
                Deed::moving(
                    &self.key(&format!("{name}-other")),
                    other,
                    b.id,
                    to_b,
                    Some(b.version),
                ),
            ]
        };
        let opposite = moves("cross", b.starts_at, a.starts_at);
        let third = self.fresh();
        let same = moves("meet", third, third);
        let outcomes = self.together(opposite).await;
        self.expect("swap", &outcomes, 0);
        let outcomes = self.together(same).await;
        self.expect("meet", &outcomes, 1);
        run.look_up(a.id).await;
        run.look_up(b.id).await.map(drop)
    }

    async fn twice(&mut self) -> Option<()> {
        let run = self.run.clone();
        let patient = &run.world.patients[self.patients(1)[0]];
        let doctor_id = self.doctor();
        let doctor = run.doctor(doctor_id);
        let known = self.booked("twice", patient, doctor_id, Service::Instant).await?;
        for to in ["in_progress", "completed"] {
            let deed = Deed::change(&self.key(&format!("twice-{to}")), doctor, known.id, to, None);
            if !run
                .go_on(&mut self.client, &mut self.rng, &deed, 0, false)
                .await
                .is_yes()
            {
                return None;
            }
        }
        let key = |name: &str, number: usize| self.key(&format!("twice-{name}-{number}"));
        let prescriptions = (0..4).map(|number| Deed::prescribe(&key("prescribe", number), doctor, known.id));
        let prescriptions: Vec<Deed> = prescriptions.collect();
        let ratings =
            (0..4).map(|number| Deed::rate(&key("rate", number), patient, known.id, 1 + number as i16));
        let ratings: Vec<Deed> = ratings.collect();
        let outcomes = self.together([prescriptions, ratings].concat()).await;
        self.expect("prescribe", &outcomes[..4], 1);
        self.expect("rate", &outcomes[4..], 1);
        Some(())
    }

    async fn one_code(&mut self) -> Option<()> {
        // Somebody who comes for the first time.
        let phone = format!("+62812556{}{:04}", self.number, self.count);
        let server = self.run.nodes[0].server.address;
        let challenge = challenge(&mut self.client, server, &phone).await.ok()?;
        let code = newest_code(&self.run.database, &phone).await.ok()?;
        let body = serde_json::json!({ "challenge": challenge, "code": code });
        let deed = |number: usize| Deed {
            key: self.key(&format!("code-{number}")),
            wish: Wish::SignIn,
            ask: Ask::json("/auth/otp/verify", &body),
            keyed: false,
        };
        let outcomes = self.together((0..4).map(deed).collect()).await;
        // The winner may never hear of it, and be told afterwards that the code is used.
        let won = outcomes.iter().filter(|outcome| outcome.is_yes()).count();
        if won > 1 {
            self.expect("code", &outcomes, 1);
        }
        Some(())
    }
}
