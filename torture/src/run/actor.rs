//! A client: one thing after the other, whatever comes to mind.

use std::{sync::Arc, time::Duration};

use jiff::{ToSpan, tz::TimeZone};
use rand::{RngExt, rngs::StdRng};

use super::{
    Known, Run,
    deed::{Deed, Verdict},
    ledger::{Outcome, Wish},
};
use crate::{
    client::{Ask, Client},
    world::{Person, Service, challenge, newest_code},
};

/// The things that an actor may do, each with its share of a thousand.
const MINDS: [(Mind, u32); 19] = [
    (Mind::Book, 120),
    (Mind::Wait, 20),
    (Mind::WaitForSeats, 20),
    (Mind::Answer, 30),
    (Mind::Seats, 40),
    (Mind::BookByForm, 110),
    (Mind::Hold, 40),
    (Mind::Confirm, 150),
    (Mind::Reject, 40),
    (Mind::Cancel, 90),
    (Mind::Move, 90),
    (Mind::Start, 50),
    (Mind::Complete, 40),
    (Mind::Prescribe, 30),
    (Mind::Rate, 30),
    (Mind::Stay, 40),
    (Mind::CancelStay, 20),
    (Mind::SignIn, 10),
    (Mind::Look, 30),
];

#[derive(Clone, Copy)]
enum Mind {
    Book,
    Wait,
    WaitForSeats,
    Answer,
    Seats,
    BookByForm,
    Hold,
    Confirm,
    Reject,
    Cancel,
    Move,
    Start,
    Complete,
    Prescribe,
    Rate,
    Stay,
    CancelStay,
    SignIn,
    Look,
}

fn mind(rng: &mut StdRng) -> Mind {
    let mut left = rng.random_range(0..1000);
    for (mind, weight) in MINDS {
        if left < weight {
            return mind;
        }
        left -= weight;
    }
    Mind::Look
}

/// Lives until the run is over.
pub(super) async fn live(run: Arc<Run>, number: usize) {
    let mut rng = run.plan(1000 + number as u64);
    let mut client = Client::default();
    for count in 0.. {
        if run.is_over() {
            return;
        }
        let key = format!("{}-{number}-{count}", run.seed);
        let mind = mind(&mut rng);
        run.follow(&mut client, &mut rng, &run.world.patients[number], mind, &key)
            .await;
        run.pause(Duration::from_millis(rng.random_range(0..500))).await;
    }
}

impl Run {
    async fn follow(&self, client: &mut Client, rng: &mut StdRng, me: &Person, mind: Mind, key: &str) {
        let is = |status: &'static str| move |known: &Known| known.status == status;
        let is_open = |known: &Known| matches!(known.status.as_str(), "pending" | "confirmed");
        match mind {
            Mind::Book => {
                let hot = rng.random_bool(0.5);
                let (doctor, starts_at) = self.wanted(rng, hot);
                let service = Service::ALL[rng.random_range(0..Service::ALL.len())];
                let deed = Deed::book(key, me, doctor, service, starts_at);
                let outcome = self.do_it(client, rng, &deed).await;
                self.remember(&outcome).await;
            }
            Mind::Wait => {
                let doctor = self.wanted(rng, true).0;
                let deed = Deed::wait(key, me, doctor, Service::Visit);
                self.do_it(client, rng, &deed).await;
            }
            Mind::WaitForSeats => {
                let groups = &self.world.groups;
                let group = groups[rng.random_range(0..groups.len())];
                let deed = Deed::wait_for_seats(key, me, group, rng.random_range(1..=3));
                self.do_it(client, rng, &deed).await;
            }
            Mind::Answer => self.answer(client, rng, me, key).await,
            Mind::Seats => {
                let groups = &self.world.groups;
                let group = groups[rng.random_range(0..groups.len())];
                let deed = Deed::seats(key, me, group, rng.random_range(1..=3));
                let outcome = self.do_it(client, rng, &deed).await;
                self.remember(&outcome).await;
            }
            Mind::BookByForm => self.book_by_form(client, rng, me, key).await,
            Mind::Hold => {
                let hot = rng.random_bool(0.5);
                let (doctor, starts_at) = self.wanted(rng, hot);
                let session = me.session.lock().await;
                let deed = Deed::hold(key, &session, doctor, Service::Visit, starts_at);
                self.do_it(client, rng, &deed).await;
            }
            Mind::Confirm => {
                self.change(client, rng, key, is("pending"), "confirmed", Who::Doctor)
                    .await
            }
            Mind::Reject => {
                self.change(client, rng, key, is("pending"), "rejected", Who::Doctor)
                    .await
            }
            Mind::Cancel => {
                let who = match rng.random_range(0..10) {
                    0 => Who::Admin,
                    1 => Who::Doctor,
                    _ => Who::Patient,
                };
                self.change(client, rng, key, is_open, "cancelled", who).await;
            }
            Mind::Start => {
                self.change(client, rng, key, is("confirmed"), "in_progress", Who::Doctor)
                    .await
            }
            Mind::Complete => {
                self.change(client, rng, key, is("in_progress"), "completed", Who::Doctor)
                    .await
            }
            Mind::Move => {
                let Some(known) = self.pick(rng, is_open) else {
                    return;
                };
                let hot = rng.random_bool(0.3);
                let (_, starts_at) = self.wanted(rng, hot);
                let version = rng.random_bool(0.7).then_some(known.version);
                let deed = Deed::moving(key, self.patient(known.patient), known.id, starts_at, version);
                self.do_it(client, rng, &deed).await;
                self.look_up(known.id).await;
            }
            Mind::Prescribe => {
                let due = |known: &Known| {
                    matches!(known.status.as_str(), "in_progress" | "completed") && !known.has_prescription
                };
                if let Some(known) = self.pick(rng, due) {
                    let deed = Deed::prescribe(key, self.doctor(known.doctor), known.id);
                    self.do_it(client, rng, &deed).await;
                    self.look_up(known.id).await;
                }
            }
            Mind::Rate => {
                let due = |known: &Known| known.status == "completed" && !known.has_rating;
                if let Some(known) = self.pick(rng, due) {
                    let score = rng.random_range(1..=5);
                    let deed = Deed::rate(key, self.patient(known.patient), known.id, score);
                    self.do_it(client, rng, &deed).await;
                    self.look_up(known.id).await;
                }
            }
            Mind::Stay => {
                let first = self.world.tomorrow.to_zoned(TimeZone::UTC).date();
                let arrival = first.saturating_add(rng.random_range(0..7).days());
                let departure = arrival.saturating_add(rng.random_range(1..6).days());
                let deed = Deed::stay(key, me, (arrival, departure), rng.random_range(1..4));
                if let Outcome::Yes { id: Some(id), .. } = self.do_it(client, rng, &deed).await {
                    self.remember_stay(id, me.id);
                }
            }
            Mind::CancelStay => {
                if let Some((stay, patient)) = self.pick_stay(rng) {
                    let deed = Deed::cancel_stay(key, self.patient(patient), stay);
                    self.do_it(client, rng, &deed).await;
                }
            }
            Mind::SignIn => self.sign_in(client, rng, me, key).await,
            Mind::Look => {
                let doctor = self.wanted(rng, true).0;
                let day = self.world.tomorrow.strftime("%Y-%m-%d");
                let deed = Deed {
                    key: key.to_owned(),
                    wish: Wish::Look,
                    ask: Ask::get(format!(
                        "/api/v1/doctors/{doctor}/slots?service=visit&from={day}&to={day}"
                    )),
                    keyed: false,
                };
                self.ask_once(client, rng.random_range(0..self.nodes.len()), &deed, None)
                    .await;
            }
        }
    }

    /// Changes the status of some appointment.
    async fn change(
        &self,
        client: &mut Client,
        rng: &mut StdRng,
        key: &str,
        will_do: impl Fn(&Known) -> bool,
        to: &'static str,
        who: Who,
    ) {
        let Some(known) = self.pick(rng, will_do) else {
            return;
        };
        let who = match who {
            Who::Patient => self.patient(known.patient),
            Who::Doctor => self.doctor(known.doctor),
            Who::Admin => &self.world.admin,
        };
        let version = rng.random_bool(0.7).then_some(known.version);
        let deed = Deed::change(key, who, known.id, to, version);
        self.do_it(client, rng, &deed).await;
        self.look_up(known.id).await;
    }

    /// Looks whether something came free, and takes it more often than not.
    async fn answer(&self, client: &mut Client, rng: &mut StdRng, me: &Person, key: &str) {
        let list = Deed {
            key: format!("{key}-list"),
            wish: Wish::Look,
            ask: Ask::get("/api/v1/waitlist").bearer(&me.token),
            keyed: false,
        };
        let server = rng.random_range(0..self.nodes.len());
        let Verdict::Yes(found) = self.ask_once(client, server, &list, None).await else {
            return;
        };
        let entries = found.json();
        let entries = entries["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        let offered = entries.iter().find(|entry| entry["state"] == "offered");
        let Some(id) = offered.and_then(|entry| entry["id"].as_i64()) else {
            return;
        };
        let answer = match rng.random_bool(0.7) {
            true => "accept",
            false => "decline",
        };
        let outcome = self.do_it(client, rng, &Deed::answer(key, me, id, answer)).await;
        if answer == "accept" {
            self.remember(&outcome).await;
        }
    }

    /// Books like a browser: chooses a time, gives a reason, books.
    async fn book_by_form(&self, client: &mut Client, rng: &mut StdRng, me: &Person, key: &str) {
        let hot = rng.random_bool(0.5);
        let (doctor, starts_at) = self.wanted(rng, hot);
        let session = me.session.lock().await;
        let held = Deed::hold(
            &format!("{key}-hold"),
            &session,
            doctor,
            Service::Visit,
            starts_at,
        );
        let Outcome::Yes {
            reference: Some(reference),
            ..
        } = self.do_it(client, rng, &held).await
        else {
            return;
        };
        let fields = [("reference", reference.as_str()), ("reason", key)];
        let details = Deed {
            key: format!("{key}-details"),
            wish: Wish::Look,
            ask: Ask::form("details", &fields).cookie(&session),
            keyed: false,
        };
        if !self.do_it(client, rng, &details).await.is_yes() {
            return;
        }
        if rng.random_bool(0.1) {
            // Lost in thought.
            return;
        }
        let submit = Deed {
            key: key.to_owned(),
            wish: Wish::Book {
                doctor,
                patient: me.id,
                service: Service::Visit,
                starts_at,
            },
            ask: Ask::form("submit", &fields[..1]).cookie(&session),
            keyed: false,
        };
        let outcome = self.do_it(client, rng, &submit).await;
        self.remember(&outcome).await;
    }

    /// A token that was handed out is one, to the end.
    async fn sign_in(&self, client: &mut Client, rng: &mut StdRng, me: &Person, key: &str) {
        let server = self.nodes[rng.random_range(0..self.nodes.len())].server.address;
        let phone = format!("+62812555{:05}", me.id);
        let Ok(challenge) = challenge(client, server, &phone).await else {
            return;
        };
        let Ok(code) = newest_code(&self.database, &phone).await else {
            return;
        };
        let body = serde_json::json!({ "challenge": challenge, "code": code });
        let deed = Deed {
            key: key.to_owned(),
            wish: Wish::SignIn,
            ask: Ask::json("/auth/otp/verify", &body),
            keyed: false,
        };
        let server = rng.random_range(0..self.nodes.len());
        if let Verdict::Yes(answer) = self.ask_once(client, server, &deed, None).await
            && let Some(token) = answer.json()["data"]["token"].as_str()
        {
            self.ledger.token(token.to_owned());
        }
    }

    /// Lets everybody know of what was booked.
    pub async fn remember(&self, outcome: &Outcome) {
        match outcome {
            Outcome::Yes { id: Some(id), .. } => self.look_up(*id).await,
            Outcome::Yes {
                reference: Some(reference),
                ..
            } => self.look(reference).await,
            _ => None,
        };
    }
}

/// The role of an actor.
#[derive(Clone, Copy)]
enum Who {
    Patient,
    Doctor,
    Admin,
}
