//! Rooms for nights: as many stays as possible, few rooms that many want, ranges in opposite orders, and lists of nights.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde_json::json;
use torture::{
    Fallible,
    client::{Ask, Client},
    measure::{Times, milliseconds},
};

use super::{Bench, Beside, CLIENTS, clients::Round, in_words, pgbench};

/// So many want rooms of which there are half as many.
const WANT: usize = 20;
/// So many book at once, over ranges that overlap.
const AT_ONCE: usize = 50;
/// The longest that one of them may take on average.
const MOST_AT_ONCE: Duration = Duration::from_millis(150);
/// The nights of a list, and the longest that it may take.
const NIGHTS: i64 = 90;
const MOST_NIGHTS: Duration = Duration::from_millis(50);
/// The days over which stays are spread.
const DAYS: usize = 600;

impl Bench {
    /// Adds a kind of rooms.
    async fn rooms(&self, rooms: usize) -> Fallible<i64> {
        let number = self.round.fetch_add(1, Relaxed);
        self.sql(format!(
            "insert into room_types (clinic_id, name, rooms, price_minor, currency)
             values (1, 'Kind {number}', {rooms}, 4500, 'EUR')",
        ))
        .await?;
        let id = sqlx::query_scalar("select max(id) from room_types");
        Ok(id.fetch_one(&self.database).await?)
    }

    /// The day that is this number of days after tomorrow.
    fn night(&self, ahead: usize) -> Date {
        let ahead = i64::try_from(ahead).unwrap_or_default();
        let tomorrow = self.world.tomorrow.to_zoned(TimeZone::UTC).date();
        tomorrow.saturating_add(ahead.days())
    }

    fn stay(&self, patient: usize, kind: i64, (from, nights): (usize, usize), key: &str) -> Ask {
        let body = json!({
            "room_type_id": kind, "arrival": self.night(from), "departure": self.night(from + nights), "rooms": 1,
        });
        let patient = &self.world.patients[patient % self.size.patients];
        Ask::json("/stays", &body).bearer(&patient.token).key(key)
    }

    /// A round over HTTP of stays that can all be had.
    async fn take_rooms(self: &Arc<Self>, kind: i64) -> Fallible<Round> {
        let number = self.round.fetch_add(1, Relaxed);
        let deed = move |bench: &Self, client: usize, count: usize| {
            let from = (31 * client + 7 * count) % DAYS;
            let key = format!("stay-{number}-{client}-{count}");
            bench.stay(client, kind, (from, 3), &key)
        };
        self.load(CLIENTS, deed).await
    }

    /// Stays over HTTP, and the same statements by pgbench.
    async fn stays_beside_pgbench(self: &Arc<Self>) -> Fallible<()> {
        let heard = self.rooms(1000).await?;
        let script = self
            .hear_script(("stay.pgbench", include_str!("stay.pgbench")), |attempt| {
                self.stay(attempt, heard, (7 * attempt, 3), &format!("heard-stay-{attempt}"))
            })
            .await?;
        // As in [`Self::warm_up`].
        self.take_rooms(heard).await?;
        self.sql("analyze;".to_owned()).await?;
        let mut beside = Beside::default();
        for _ in 0..self.rounds {
            let http = self.take_rooms(self.rooms(1000).await?).await?;
            let first_night = self.night(0).to_zoned(TimeZone::UTC)?.timestamp().as_second() / 86_400;
            let mut variables = self.variables(0);
            variables.extend([
                ("kind", self.rooms(1000).await?.to_string()),
                ("days", DAYS.to_string()),
                ("first_night", first_night.to_string()),
                ("booked", "booked".to_owned()),
            ]);
            let same = pgbench::run_text(self, &script, CLIENTS, &variables).await?;
            beside.add(http, &same);
        }
        beside.print(&format!("stays of three nights, {CLIENTS} clients"));
        Ok(())
    }

    /// Stays that can all be had, and rooms of which there are too few.
    pub(super) async fn stays(self: &Arc<Self>) -> Fallible<bool> {
        self.stays_beside_pgbench().await?;
        let (mut times, mut winners, mut is_held) = (Times::default(), Vec::new(), true);
        for _ in 0..self.rounds {
            let kind = self.rooms(WANT / 2).await?;
            let asks =
                (0..WANT).map(|client| self.stay(client, kind, (10, 3), &format!("few-{kind}-{client}")));
            let answers = self.at_once(asks.collect()).await?;
            let won = answers.iter().filter(|answer| answer.status == 201).count();
            is_held &= won == WANT / 2 && answers.iter().all(|answer| [201, 409].contains(&answer.status));
            winners.push(won.to_string());
            answers.iter().for_each(|answer| times.add(answer.took));
        }
        println!(
            "| {WANT} requests for {} rooms at once | winners: {}; {}{} |",
            WANT / 2,
            winners.join(", "),
            in_words(&times),
            if is_held { "" } else { " **NOT HELD**" },
        );
        Ok(is_held)
    }

    /// Ranges that overlap, half of them from the first to the last, half from the last to the first.
    pub(super) async fn opposite(self: &Arc<Self>) -> Fallible<bool> {
        let before = self.deadlocks().await?;
        let (mut total, mut count, mut times) = (Duration::ZERO, 0, Times::default());
        for _ in 0..self.rounds {
            // Nobody has wanted any of these nights before.
            let kind = self.rooms(1000).await?;
            let asks = (0..AT_ONCE).map(|number| {
                let shift = 3 * (number / 2);
                let from = if number % 2 == 0 { 20 + shift } else { 95 - shift };
                self.stay(number, kind, (from, 20), &format!("opposite-{kind}-{number}"))
            });
            for answer in self.at_once(asks.collect()).await? {
                if answer.status != 201 {
                    return Err(format!("no stay: {answer:?}").into());
                }
                total += answer.took;
                count += 1;
                times.add(answer.took);
            }
        }
        let (average, deadlocks) = (total / count.max(1), self.deadlocks().await? - before);
        let is_held = deadlocks == 0 && average <= MOST_AT_ONCE;
        println!(
            "| {AT_ONCE} stays at once over ranges in opposite orders: no deadlock, at most {} ms on average | {} ms, {}, {deadlocks} deadlocks{} |",
            milliseconds(MOST_AT_ONCE),
            milliseconds(average),
            in_words(&times),
            if is_held { "" } else { " **NOT HELD**" },
        );
        Ok(is_held)
    }

    /// What is free in three months of a kind of rooms.
    pub(super) async fn nights(&self) -> Fallible<bool> {
        let kind = self.rooms(20).await?;
        let (from, to) = (self.night(0), self.night(usize::try_from(NIGHTS - 1)?));
        self.sql(format!(
            "insert into room_nights (room_type_id, night, total)
             select {kind}, '{from}'::date + number, 20 from generate_series(0, {NIGHTS} - 1, 2) as number",
        ))
        .await?;
        let path = format!("/api/v1/room-types/{kind}/nights?from={from}&to={to}");
        let (mut client, mut times) = (Client::default(), Times::default());
        for _ in 0..100 * self.rounds {
            let answer = client.send(self.server.address, &Ask::get(&path)).await;
            let answer = answer.map_err(|silence| format!("{silence:?}"))?;
            let nights = answer.json()["data"].as_array().map_or(0, Vec::len);
            if answer.status != 200 || nights < 90 {
                return Err(format!("{nights} nights: {answer:?}").into());
            }
            times.add(answer.took);
        }
        let is_held = times.quantile(0.95) <= MOST_NIGHTS;
        println!(
            "| {NIGHTS} nights of a kind of rooms: at most {} ms | {}{} |",
            milliseconds(MOST_NIGHTS),
            in_words(&times),
            if is_held { "" } else { " **NOT HELD**" },
        );
        Ok(is_held)
    }
}
