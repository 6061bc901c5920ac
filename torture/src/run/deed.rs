//! Getting something done: asking until there is an answer.

use std::time::Duration;

use jiff::{Timestamp, civil::Date};
use rand::{RngExt, rngs::StdRng};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    Run,
    ledger::{Line, Outcome, Wish},
};
use crate::{
    client::{Answer, Ask, Client, Silence},
    world::{CLINIC, Person, ROOM_TYPE, Service},
};

/// An answer that takes longer is a violation.
const TOO_LONG: Duration = Duration::from_secs(15);

/// How long somebody asks again and again.
const GIVES_UP_AFTER: Duration = Duration::from_secs(60);

/// How often somebody leaves before the answer has come; from then on they wait.
const LEAVES_AT_MOST: u32 = 3;

/// A wish, and the request that says it.
#[derive(Clone, Debug)]
pub struct Deed {
    pub key: String,
    pub wish: Wish,
    pub ask: Ask,
    /// Whether the request has the key as its header.
    pub keyed: bool,
}

impl Deed {
    fn new(key: &str, wish: Wish, path: &str, who: &Person, body: &Value) -> Self {
        Self {
            key: key.to_owned(),
            wish,
            ask: Ask::json(path, body).bearer(&who.token).key(key),
            keyed: true,
        }
    }

    pub fn book(key: &str, patient: &Person, doctor: i64, service: Service, starts_at: Timestamp) -> Self {
        let wish = Wish::Book {
            doctor,
            patient: patient.id,
            service,
            starts_at,
        };
        let body = json!({
            "doctor_id": doctor,
            "scheduled_at": starts_at.to_string(),
            "type": service.key(),
            "reason": key,
        });
        Self::new(key, wish, "/appointments", patient, &body)
    }

    pub fn seats(key: &str, patient: &Person, group: i64, seats: i64) -> Self {
        let wish = Wish::Seats {
            group,
            patient: patient.id,
            seats,
        };
        let body = json!({ "seats": seats, "reason": key });
        Self::new(key, wish, &format!("/groups/{group}/seats"), patient, &body)
    }

    pub fn change(key: &str, who: &Person, id: i64, to: &'static str, version: Option<i32>) -> Self {
        let wish = Wish::Change {
            appointment: id,
            to,
            version,
        };
        let mut body = json!({ "status": to, "reason": key });
        if let Some(version) = version {
            body["version"] = version.into();
        }
        Self::new(key, wish, &format!("/appointments/{id}/status"), who, &body)
    }

    pub fn moving(key: &str, who: &Person, id: i64, to: Timestamp, version: Option<i32>) -> Self {
        let wish = Wish::Move {
            appointment: id,
            starts_at: to,
        };
        let mut body = json!({ "scheduled_at": to.to_string() });
        if let Some(version) = version {
            body["version"] = version.into();
        }
        Self::new(key, wish, &format!("/appointments/{id}/reschedule"), who, &body)
    }

    pub fn prescribe(key: &str, doctor: &Person, id: i64) -> Self {
        let medication = |name: &str| json!({ "name": name, "dose": "500 mg", "frequency": "3 times a day", "duration": "7 days", "note": "" });
        let body = json!({
            "appointment_id": id,
            "medications": [medication("Amoxicillin"), medication("Paracetamol")],
            "note": key,
        });
        Self::new(
            key,
            Wish::Prescribe { appointment: id },
            "/prescriptions",
            doctor,
            &body,
        )
    }

    pub fn rate(key: &str, patient: &Person, id: i64, score: i16) -> Self {
        let body = json!({ "appointment_id": id, "score": score, "comment": key });
        let wish = Wish::Rate {
            appointment: id,
            score,
        };
        Self::new(key, wish, "/ratings", patient, &body)
    }

    /// Rooms from this day on, for so many nights.
    pub fn stay(key: &str, patient: &Person, (arrival, departure): (Date, Date), rooms: i64) -> Self {
        let wish = Wish::Stay {
            patient: patient.id,
            rooms,
        };
        let body = json!({
            "room_type_id": ROOM_TYPE,
            "arrival": arrival,
            "departure": departure,
            "rooms": rooms,
            "reason": key,
        });
        Self::new(key, wish, "/stays", patient, &body)
    }

    pub fn cancel_stay(key: &str, patient: &Person, stay: i64) -> Self {
        let body = json!({ "reason": key });
        let path = format!("/stays/{stay}/cancel");
        Self::new(key, Wish::CancelStay { stay }, &path, patient, &body)
    }

    /// Waiting for a time of a doctor that comes free. What is booked of it in the end has this key as its reason.
    pub fn wait(key: &str, patient: &Person, doctor: i64, service: Service) -> Self {
        let body = json!({
            "doctor_id": doctor,
            "type": service.key(),
            "notice_minutes": 0,
            "reason": key,
        });
        Self::new(key, Wish::Wait, "/waitlist", patient, &body)
    }

    /// Waiting for seats of a group session, all or none. What is taken of them in the end has this key as its reason.
    pub fn wait_for_seats(key: &str, patient: &Person, group: i64, seats: i64) -> Self {
        let body = json!({ "group_id": group, "seats": seats, "reason": key });
        Self::new(key, Wish::Wait, "/waitlist", patient, &body)
    }

    /// Accepting or declining what came free.
    pub fn answer(key: &str, patient: &Person, entry: i64, answer: &str) -> Self {
        let path = format!("/waitlist/{entry}/{answer}");
        Self::new(key, Wish::Answer, &path, patient, &json!({}))
    }

    /// Choosing a time in a browser.
    pub fn hold(key: &str, session: &str, doctor: i64, service: Service, starts_at: Timestamp) -> Self {
        let fields = [
            ("doctor_id", doctor.to_string()),
            ("clinic_id", CLINIC.to_string()),
            ("service_id", service.id().to_string()),
            ("starts_at", starts_at.as_second().to_string()),
        ];
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        Self {
            key: key.to_owned(),
            wish: Wish::Hold { doctor, starts_at },
            ask: Ask::form("hold", &fields).cookie(session),
            keyed: false,
        }
    }
}

/// The meaning of an answer.
pub enum Verdict {
    Yes(Answer),
    No(String),
    /// It was tried and given up: nothing was written, and it may be asked again.
    GaveUp(String),
    /// It may have been done or not.
    Unclear(String),
    /// So may this: a server said that it cannot answer now.
    Unavailable(String),
    /// It was not even sent.
    NotSent,
}

impl Run {
    /// Asks one server once.
    pub async fn ask_once(
        &self,
        client: &mut Client,
        server: usize,
        deed: &Deed,
        leave_after: Option<Duration>,
    ) -> Verdict {
        let intent = deed.wish.name();
        let server = self.nodes[server].server.address;
        let (verdict, took) = match client.send_and_leave(server, &deed.ask, leave_after).await {
            Ok(answer) => {
                let took = answer.took;
                if took > TOO_LONG {
                    let what = format!("{intent} {}: {} after {took:?}", deed.key, answer.status);
                    self.ledger.violation("SLOW_ANSWER", what);
                }
                (self.judge(deed, answer), Some(took))
            }
            Err(Silence::Unreachable) => (Verdict::NotSent, None),
            Err(silence) => {
                if silence == Silence::TimedOut {
                    self.ledger
                        .violation("NO_ANSWER", format!("{intent} {}", deed.key));
                }
                (Verdict::Unclear(format!("{silence:?}").to_lowercase()), None)
            }
        };
        let said = match &verdict {
            Verdict::Yes(_) => "yes",
            Verdict::No(code)
            | Verdict::GaveUp(code)
            | Verdict::Unclear(code)
            | Verdict::Unavailable(code) => code,
            Verdict::NotSent => "unreachable",
        };
        self.ledger.answered(intent, said, took);
        verdict
    }

    fn judge(&self, deed: &Deed, answer: Answer) -> Verdict {
        match answer.status {
            200..=299 | 303 => Verdict::Yes(answer),
            status => {
                let code = answer.code();
                let about = || {
                    let body = String::from_utf8_lossy(&answer.body);
                    format!(
                        "{} {} at {}: {status} {body:?}",
                        deed.ask.path(),
                        deed.key,
                        Timestamp::now()
                    )
                };
                match (status, code.as_str()) {
                    (409, "DEADLOCK_DETECTED" | "CONCURRENCY_ABORT" | "INVENTORY_LOCKED") => {
                        Verdict::GaveUp(code)
                    }
                    (502..=504, _) => {
                        if status == 503 && !answer.has_retry_after() {
                            self.ledger.violation("WRONG_REFUSAL", about());
                        }
                        Verdict::Unavailable(code)
                    }
                    (500.., _) => {
                        self.ledger.violation("INTERNAL_ERROR", about());
                        Verdict::Unclear(code)
                    }
                    _ => {
                        if matches!(status, 400 | 403 | 405 | 429)
                            || status == 401 && !matches!(deed.wish, Wish::SignIn)
                        {
                            self.ledger.violation("WRONG_REFUSAL", about());
                        }
                        Verdict::No(code)
                    }
                }
            }
        }
    }

    /// Asks until there is an answer, any server, with the same key; now and then leaves without waiting for it.
    pub async fn do_it(&self, client: &mut Client, rng: &mut StdRng, deed: &Deed) -> Outcome {
        self.go_on(client, rng, deed, 0, true).await
    }

    /// Goes on after so many requests that were not answered.
    pub async fn go_on(
        &self,
        client: &mut Client,
        rng: &mut StdRng,
        deed: &Deed,
        mut unanswered: u32,
        restless: bool,
    ) -> Outcome {
        let since = Instant::now();
        let mut pause = Duration::from_millis(40);
        let outcome = loop {
            let server = rng.random_range(0..self.nodes.len());
            let leaves = restless && unanswered < LEAVES_AT_MOST && rng.random_bool(0.2);
            let leave_after = leaves.then(|| Duration::from_micros(rng.random_range(0..30_000)));
            let sent_at = Timestamp::now();
            match self.ask_once(client, server, deed, leave_after).await {
                Verdict::Yes(answer) => break yes(&answer),
                Verdict::No(code) => break Outcome::No { code, sent_at },
                Verdict::Unclear(_) | Verdict::Unavailable(_) => unanswered += 1,
                Verdict::GaveUp(_) | Verdict::NotSent => {}
            }
            if since.elapsed() > GIVES_UP_AFTER {
                break Outcome::Unknown;
            }
            sleep(pause.mul_f64(rng.random_range(0.5..1.5))).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        };
        self.close(deed, unanswered, outcome)
    }

    /// The first answer was a yes.
    pub fn close_yes(&self, deed: &Deed, answer: &Answer) -> Outcome {
        self.close(deed, 0, yes(answer))
    }

    /// The first answer was a no.
    pub fn close_no(&self, deed: &Deed, code: String, sent_at: Timestamp) -> Outcome {
        self.close(deed, 0, Outcome::No { code, sent_at })
    }

    /// Writes down how it ended, after so many requests that were not answered.
    pub fn close(&self, deed: &Deed, unanswered: u32, outcome: Outcome) -> Outcome {
        let line = Line {
            wish: deed.wish.clone(),
            keyed: deed.keyed,
            unanswered,
            outcome: outcome.clone(),
        };
        self.ledger.close(&deed.key, line);
        outcome
    }
}

/// Reads what a yes is about.
pub fn yes(answer: &Answer) -> Outcome {
    let data = &answer.json()["data"];
    // A form answers with the page that comes next: /book/K7QM-4D2P/check.
    let of_form = answer.location().split('/').nth(2).map(str::to_owned);
    Outcome::Yes {
        id: data["id"].as_i64(),
        reference: data["reference"].as_str().map(str::to_owned).or(of_form),
        version: data["version"].as_i64(),
    }
}
