//! Bookings: as many as possible, one time that all want, one doctor, the same request again.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use jiff::Timestamp;
use torture::{
    Fallible,
    client::{Ask, Client},
    measure::{Times, milliseconds},
    run::Deed,
    world::Service,
};

use super::{Bench, CLIENTS, OPEN_DAYS, clients::Round, in_words, median, ratio, statements::Script};

impl Bench {
    /// Everybody books times that nobody else wants, in hours in which nobody else books at that moment: two in one
    /// hour of a doctor wait for each other.
    pub(super) async fn book(self: &Arc<Self>, clients: usize) -> Fallible<Round> {
        let (base, round) = (self.next_free().await?, self.round.fetch_add(1, Relaxed));
        let deed = move |bench: &Self, client: usize, count: usize| {
            let doctor = (client + count * clients) % bench.size.doctors;
            let at = bench.world.half_hour(base + count as i64);
            bench.booking(client, doctor, at, &format!("{round}-{client}-{count}"))
        };
        self.load(clients, deed).await
    }

    fn booking(&self, patient: usize, doctor: usize, at: Timestamp, key: &str) -> Ask {
        let (patient, doctor) = (&self.world.patients[patient], self.world.doctors[doctor].id);
        Deed::book(key, patient, doctor, Service::Visit, at).ask
    }

    /// Books for a while, and has PostgreSQL look at its tables: what was planned while they were empty is planned anew, as autovacuum
    /// sees to in the first minutes of a clinic. pgbench, which connects anew, would have better plans.
    pub(super) async fn warm_up(self: &Arc<Self>) -> Fallible<()> {
        self.book(CLIENTS).await?;
        self.sql("analyze;".to_owned()).await
    }

    /// Booking over HTTP, the same statements by pgbench, and the bare row.
    pub(super) async fn bookings(self: &Arc<Self>) -> Fallible<()> {
        // Warm.
        self.pgbench(Script::Book, CLIENTS).await?;
        let (mut http, mut same, mut bare) = (Vec::new(), Vec::new(), Vec::new());
        let mut cost = String::new();
        for _ in 0..self.rounds {
            let round = self.book(CLIENTS).await?;
            cost = round.cost();
            http.push(round.rate());
            same.push(self.pgbench(Script::Book, CLIENTS).await?.rate());
            bare.push(self.pgbench(Script::Insert, CLIENTS).await?.rate());
        }
        println!(
            "| booking over HTTP against the same SQL by pgbench, {CLIENTS} clients | **{:.2}** ({:.0}/s, {:.0}/s) |",
            ratio(&http, &same),
            median(http.clone()),
            median(same.clone()),
        );
        println!(
            "| a booking costs the server and PostgreSQL, on all cores together | {cost} |\n\
             | guarded booking against a bare insert of the row, both by pgbench | **{:.2}** ({:.0}/s, {:.0}/s) |",
            ratio(&same, &bare),
            median(same),
            median(bare),
        );
        Ok(())
    }

    pub(super) async fn latency(self: &Arc<Self>) -> Fallible<()> {
        for clients in [20, 50, 200]
            .into_iter()
            .filter(|clients| *clients <= self.size.patients)
        {
            let round = self.book(clients).await?;
            println!(
                "| {clients} clients, different times | {}, {:.0}/s, {:.2} % errors |",
                in_words(&round.times),
                round.rate(),
                100.0 * round.errors(),
            );
        }
        Ok(())
    }

    /// Everybody wants one time, at once.
    pub(super) async fn one_time(self: &Arc<Self>) -> Fallible<()> {
        let mut lost = Times::default();
        let (mut winners, mut with_alternatives) = (Vec::new(), true);
        for _ in 0..self.rounds {
            let (at, round) = (
                self.world.half_hour(self.next_free().await?),
                self.round.fetch_add(1, Relaxed),
            );
            let asks = (0..self.size.patients)
                .map(|client| self.booking(client, 0, at, &format!("{round}-{client}")));
            let answers = self.at_once(asks.collect()).await?;
            let mut won = 0;
            for answer in answers {
                match answer.status {
                    201 => won += 1,
                    409 => {
                        lost.add(answer.took);
                        let offers = answer.json()["details"]["alternatives"]
                            .as_array()
                            .map_or(0, Vec::len);
                        with_alternatives &= offers > 0;
                    }
                    status => return Err(format!("{status} for a lost race: {answer:?}").into()),
                }
            }
            winners.push(won.to_string());
        }
        println!(
            "| {} clients, one time | winners: {}; losers, {} alternatives: {} |",
            self.size.patients,
            winners.join(", "),
            if with_alternatives {
                "all with"
            } else {
                "NOT all with"
            },
            in_words(&lost),
        );
        Ok(())
    }

    /// One doctor's hours against those of many doctors. Nobody has booked in any of them before.
    pub(super) async fn one_doctor(self: &Arc<Self>) -> Fallible<()> {
        let (mut one, mut spread) = (Vec::new(), Vec::new());
        let start = 48 * (OPEN_DAYS + 10);
        for turn in 0..self.rounds.min(self.size.patients / CLIENTS) {
            for is_one in [true, false] {
                let round = self.round.fetch_add(1, Relaxed);
                let deed = move |bench: &Self, client: usize, count: usize| {
                    let number = count * CLIENTS + client;
                    let doctor = if is_one {
                        turn
                    } else {
                        (number + turn * 7) % bench.size.doctors
                    };
                    // Two in an hour would wait for each other.
                    let half = start + 2 * number as i64 + i64::from(!is_one);
                    let patient = turn * CLIENTS + client;
                    bench.booking(
                        patient,
                        doctor,
                        bench.world.half_hour(half),
                        &format!("{round}-{client}-{count}"),
                    )
                };
                let rate = self.load(CLIENTS, deed).await?.rate();
                if is_one { one.push(rate) } else { spread.push(rate) }
            }
        }
        println!(
            "| bookings on one doctor, different hours, against {} doctors | **{:.2}** ({:.0}/s, {:.0}/s) |",
            self.size.doctors,
            ratio(&one, &spread),
            median(one),
            median(spread),
        );
        Ok(())
    }

    /// Asking again under the same key.
    pub(super) async fn replays(&self) -> Fallible<()> {
        let mut client = Client::default();
        let (mut first, mut again) = (Times::default(), Times::default());
        let (base, round) = (
            self.next_free().await?.min(48 * 500),
            self.round.fetch_add(1, Relaxed),
        );
        for count in 0..60 * self.rounds {
            let at = self.world.half_hour(base + count as i64);
            let ask = self.booking(
                count % self.size.patients,
                self.size.doctors - 3,
                at,
                &format!("{round}-{count}"),
            );
            for times in [&mut first, &mut again] {
                let answer = client
                    .send(self.server.address, &ask)
                    .await
                    .map_err(|silence| format!("{silence:?}"))?;
                if answer.status != 201 {
                    return Err(format!("no booking: {answer:?}").into());
                }
                times.add(answer.took);
            }
        }
        println!(
            "| replay under the same key against the first request, medians | **{:.2}** ({} ms, {} ms) |",
            again.quantile(0.5).as_secs_f64() / first.quantile(0.5).as_secs_f64(),
            milliseconds(again.quantile(0.5)),
            milliseconds(first.quantile(0.5)),
        );
        Ok(())
    }
}
