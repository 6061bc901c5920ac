//! Text consultations: two people with two tabs each, a program and a browser, who write through whichever server answers,
//! send again what was not answered, and now and then the same message twice at once.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use rand::{RngExt, rngs::StdRng};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{
    DOCTORS, Run,
    deed::{Deed, Verdict},
    ledger::{Outcome, Wish},
};
use crate::{
    Fallible,
    client::{Ask, Client},
    world::{Person, Service},
};

/// How many consultations go on at the same time. Each has a patient of its own, who does nothing else.
pub const AT_ONCE: usize = 2;

/// The messages of a tab, of which there are four: a thread has 500 at most.
const MESSAGES: usize = 110;

/// How long somebody sends a message again and again.
const GIVES_UP_AFTER: Duration = Duration::from_secs(60);

/// How often somebody leaves before the answer has come; from then on they wait.
const LEAVES_AT_MOST: u32 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Patient,
    Doctor,
}

impl Side {
    fn name(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Doctor => "doctor",
        }
    }
}

/// The two tabs of each of the two.
const TABS: [(Side, Tab); 4] = [
    (Side::Patient, Tab::Program),
    (Side::Patient, Tab::Browser),
    (Side::Doctor, Tab::Program),
    (Side::Doctor, Tab::Browser),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    /// With a token, at the API.
    Program,
    /// With a session, by the form of the page.
    Browser,
}

/// A message that somebody wrote.
#[derive(Clone, Debug)]
struct Said {
    text: String,
    side: Side,
    /// Which of [`TABS`] it was; each writes one message after the other.
    tab: usize,
    /// Whether somebody was told that it is written.
    is_acknowledged: bool,
    /// The place that was acknowledged. A form is told none.
    position: Option<i64>,
}

/// A text consultation of the run.
pub struct Conversation {
    id: i64,
    reference: String,
    /// Which of [`AT_ONCE`] it is.
    number: usize,
    said: Mutex<Vec<Said>>,
    sent_twice: AtomicUsize,
}

/// Consultations, one after the other, until the run is over.
pub(super) async fn go_on(run: Arc<Run>, number: usize) {
    let mut rng = run.plan(300 + number as u64);
    let mut client = Client::default();
    for count in 0.. {
        if run.is_over() {
            return;
        }
        let key = format!("{}-thread-{number}-{count}", run.seed);
        let Some(conversation) = run.begin(&mut client, &mut rng, &key, number).await else {
            run.pause(Duration::from_millis(300)).await;
            continue;
        };
        let conversation = Arc::new(conversation);
        run.threads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(conversation.clone());
        let [first, second, third, fourth] = [0, 1, 2, 3].map(|tab| {
            write_on(
                &run,
                &conversation,
                &key,
                tab,
                run.plan(400 + 10 * number as u64 + tab as u64),
            )
        });
        tokio::join!(first, second, third, fourth);
    }
}

/// Writes one message after the other in a tab, and reads what is there after each.
async fn write_on(run: &Run, conversation: &Conversation, key: &str, tab: usize, mut rng: StdRng) {
    let (side, how) = TABS[tab];
    let me = run.person(conversation, side);
    let (mut client, mut twin) = (Client::default(), Client::default());
    let mut seen = Vec::new();
    for count in 0..MESSAGES {
        if run.is_over() {
            return;
        }
        // All of one length: none is part of another one.
        let text = format!("{key}-{tab}-{count:03}");
        let session = match how {
            Tab::Browser => Some(me.session.lock().await),
            Tab::Program => None,
        };
        let ask = match &session {
            Some(session) => Ask::form(
                "write-message",
                &[
                    ("reference", conversation.reference.as_str()),
                    ("message", text.as_str()),
                    ("key", text.as_str()),
                ],
            )
            .cookie(session),
            None => Ask::json(
                format!("/appointments/{}/messages", conversation.id),
                &json!({ "message": text }),
            )
            .bearer(&me.token)
            .key(&text),
        };
        let deed = Deed {
            key: text.clone(),
            wish: Wish::Write,
            ask,
            keyed: true,
        };
        let answer = run
            .send((&mut client, &mut twin), &mut rng, conversation, &deed)
            .await;
        drop(session);
        let is_acknowledged = answer.is_some();
        conversation
            .said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Said {
                text: text.clone(),
                side,
                tab,
                is_acknowledged,
                position: answer.flatten(),
            });
        let own = is_acknowledged.then_some(text);
        run.read_on(&mut client, &mut rng, conversation, me, (&mut seen, own))
            .await;
        run.pause(Duration::from_millis(rng.random_range(0..600))).await;
    }
}

impl Run {
    /// Books an appointment of a patient and a doctor who have no other part in the run, and begins it as a text consultation.
    async fn begin(
        &self,
        client: &mut Client,
        rng: &mut StdRng,
        key: &str,
        number: usize,
    ) -> Option<Conversation> {
        let (patient, doctor) = (self.writer(number), &self.world.doctors[DOCTORS - 1 - number]);
        let starts_at = self.world.half_hour(self.fresh.fetch_add(1, Relaxed));
        let booking = Deed::book(key, patient, doctor.id, Service::Visit, starts_at);
        let Outcome::Yes {
            id: Some(id),
            reference: Some(reference),
            ..
        } = self.do_it(client, rng, &booking).await
        else {
            return None;
        };
        for to in ["confirmed", "in_progress"] {
            let deed = Deed::change(&format!("{key}-{to}"), doctor, id, to, None);
            if !self.do_it(client, rng, &deed).await.is_yes() {
                return None;
            }
        }
        // The clinic has no service by text. PostgreSQL may be away for a moment.
        let by_text = "update appointments set mode = 'text' where id = $1";
        while sqlx::query(by_text)
            .bind(id)
            .execute(&self.database)
            .await
            .is_err()
        {
            if self.is_over() {
                return None;
            }
            self.pause(Duration::from_millis(300)).await;
        }
        self.ledger.note("consultations");
        Some(Conversation {
            id,
            reference,
            number,
            said: Mutex::default(),
            sent_twice: AtomicUsize::new(0),
        })
    }

    /// The patient of the consultations of this number.
    fn writer(&self, number: usize) -> &Person {
        &self.world.patients[self.world.patients.len() - 1 - number]
    }

    fn person(&self, conversation: &Conversation, side: Side) -> &Person {
        match side {
            Side::Patient => self.writer(conversation.number),
            Side::Doctor => &self.world.doctors[DOCTORS - 1 - conversation.number],
        }
    }

    /// Sends a message until somebody says that it is written; answers with its place, where that is said. `None`: nobody ever
    /// said.
    async fn send(
        &self,
        (client, twin): (&mut Client, &mut Client),
        rng: &mut StdRng,
        conversation: &Conversation,
        deed: &Deed,
    ) -> Option<Option<i64>> {
        let since = Instant::now();
        let mut left = 0;
        let mut places = Vec::new();
        while since.elapsed() < GIVES_UP_AFTER {
            let server = rng.random_range(0..self.nodes.len());
            let mut leave = || {
                let leaves = left < LEAVES_AT_MOST && rng.random_bool(0.3);
                left += u32::from(leaves);
                leaves.then(|| Duration::from_micros(rng.random_range(0..30_000)))
            };
            let (first, second) = (leave(), leave());
            let verdicts = match rng.random_bool(0.3) {
                true => {
                    conversation.sent_twice.fetch_add(1, Relaxed);
                    let other = (server + 1) % self.nodes.len();
                    let (one, other) = tokio::join!(
                        self.ask_once(client, server, deed, first),
                        self.ask_once(twin, other, deed, second),
                    );
                    vec![one, other]
                }
                false => vec![self.ask_once(client, server, deed, first).await],
            };
            for verdict in verdicts {
                match verdict {
                    Verdict::Yes(answer) => places.push(answer.json()["data"]["position"].as_i64()),
                    // The consultation is under way, and nobody says another thing under this key.
                    Verdict::No(code) => {
                        self.ledger
                            .violation("MESSAGE_REFUSED", format!("{}: {code}", deed.key));
                    }
                    Verdict::GaveUp(_) | Verdict::Unclear(_) | Verdict::Unavailable(_) | Verdict::NotSent => {
                    }
                }
            }
            if let Some(first) = places.first() {
                if places.iter().any(|place| place != first) {
                    self.ledger
                        .violation("TWO_PLACES", format!("{}: {places:?}", deed.key));
                }
                return Some(*first);
            }
            sleep(Duration::from_millis(rng.random_range(20..300))).await;
        }
        self.ledger.note("never answered");
        None
    }

    /// Reads the thread: what was there is there still, in its place, and so is what was acknowledged just now.
    async fn read_on(
        &self,
        client: &mut Client,
        rng: &mut StdRng,
        conversation: &Conversation,
        me: &Person,
        (seen, own): (&mut Vec<String>, Option<String>),
    ) {
        let server = rng.random_range(0..self.nodes.len());
        let Some(texts) = self.read_thread(client, server, conversation, me).await else {
            return;
        };
        if !texts.starts_with(seen) {
            let what = format!("{}: {seen:?}, and then {texts:?}", conversation.reference);
            self.ledger.violation("THREAD_CHANGED", what);
        }
        if let Some(own) = own.filter(|own| !texts.contains(own)) {
            let what = format!("{own} is not there after it was acknowledged");
            self.ledger.violation("LOST_MESSAGE", what);
        }
        if rng.random_bool(0.3) {
            let deed = Deed {
                key: format!("{}-seen", conversation.reference),
                wish: Wish::Look,
                ask: Ask::json(
                    format!("/appointments/{}/messages/seen", conversation.id),
                    &json!({ "position": texts.len() }),
                )
                .bearer(&me.token),
                keyed: false,
            };
            self.ask_once(client, server, &deed, None).await;
        }
        *seen = texts;
    }

    /// The texts of a thread in their order, as a server tells them to one of the two; `None` where it does not answer.
    async fn read_thread(
        &self,
        client: &mut Client,
        server: usize,
        conversation: &Conversation,
        me: &Person,
    ) -> Option<Vec<String>> {
        let deed = Deed {
            key: conversation.reference.clone(),
            wish: Wish::Look,
            ask: Ask::get(format!("/api/v1/appointments/{}/consultation", conversation.id)).bearer(&me.token),
            keyed: false,
        };
        let Verdict::Yes(answer) = self.ask_once(client, server, &deed, None).await else {
            return None;
        };
        let answer = answer.json();
        let messages = answer["data"]["messages"].as_array()?;
        for (place, message) in (1..).zip(messages) {
            if message["position"].as_i64() != Some(place) {
                self.ledger
                    .violation("GAP_IN_THREAD", format!("{}: {message}", conversation.reference));
            }
        }
        let text = |message: &serde_json::Value| message["message"].as_str().map(str::to_owned);
        messages.iter().map(text).collect()
    }

    /// The same, as the page of one of the two shows them.
    async fn read_page(
        &self,
        client: &mut Client,
        server: usize,
        conversation: &Conversation,
        side: Side,
        all: &[String],
    ) -> Fallible<Vec<String>> {
        let base = match side {
            Side::Patient => "/appointments",
            Side::Doctor => "/doctor/appointments",
        };
        let session = self.person(conversation, side).session.lock().await;
        let ask = Ask::get(format!("{base}/{}/consultation", conversation.reference)).cookie(&session);
        let answer = client.send(self.nodes[server].server.address, &ask).await;
        let answer = answer.map_err(|silence| format!("{silence:?}"))?;
        let page = String::from_utf8_lossy(&answer.body);
        let which = |part: &str| {
            let message = part.split("</p>").next().unwrap_or_default();
            let known = all.iter().find(|text| message.contains(text.as_str()));
            known.cloned().unwrap_or_else(|| message.to_owned())
        };
        // Whichever attribute comes first.
        Ok(page.split(r#"class="said""#).skip(1).map(which).collect())
    }
}

/// Holds every thread to what was acknowledged: each message once, in one order for both, wherever they look.
pub(super) async fn check(run: &Run) -> Fallible<()> {
    let threads = run.threads.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let (mut messages, mut sent_twice) = (0, 0);
    for conversation in &threads {
        let rows: Vec<(i32, String, String)> = sqlx::query_as(
            "select position, author, body from consultation_messages where appointment_id = $1 order by position",
        )
        .bind(conversation.id)
        .fetch_all(&run.database)
        .await?;
        messages += rows.len();
        sent_twice += conversation.sent_twice.load(Relaxed);
        hold_against(run, conversation, &rows);
        let texts: Vec<String> = rows.into_iter().map(|(_, _, text)| text).collect();
        let mut client = Client::default();
        for server in 0..run.nodes.len() {
            for side in [Side::Patient, Side::Doctor] {
                let me = run.person(conversation, side);
                let told = run.read_thread(&mut client, server, conversation, me).await;
                let shown = run
                    .read_page(&mut client, server, conversation, side, &texts)
                    .await?;
                if told.as_ref() != Some(&texts) || shown != texts {
                    let what = format!(
                        "{} for the {} at server {}: {told:?}, on the page {shown:?}, and not {texts:?}",
                        conversation.reference,
                        side.name(),
                        server + 1
                    );
                    run.ledger.violation("TWO_THREADS", what);
                }
            }
        }
    }
    println!(
        "{messages} messages in {} text consultations, {sent_twice} requests sent twice at once",
        threads.len()
    );
    Ok(())
}

fn hold_against(run: &Run, conversation: &Conversation, rows: &[(i32, String, String)]) {
    let said = conversation
        .said
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let found = |violation, what: &str| {
        run.ledger
            .violation(violation, format!("{}: {what}", conversation.reference));
    };
    let mut places: HashMap<&str, Vec<i64>> = HashMap::new();
    for (expected, (position, author, text)) in (1..).zip(rows) {
        if *position != expected {
            found("GAP_IN_THREAD", &format!("{expected} is {position}"));
        }
        if !said
            .iter()
            .any(|said| said.text == *text && said.side.name() == author)
        {
            found("UNASKED_MESSAGE", &format!("{author}: {text}"));
        }
        places.entry(text).or_default().push(i64::from(*position));
    }
    let mut last = [0; TABS.len()];
    for message in &said {
        match (
            places.get(message.text.as_str()).map(Vec::as_slice),
            message.is_acknowledged,
        ) {
            (Some([place]), true) => {
                if message.position.is_some_and(|told| told != *place) {
                    found("WRONG_PLACE", &format!("{message:?} is {place}"));
                }
                // What a tab wrote later stands below.
                if *place <= last[message.tab] {
                    found("OUT_OF_ORDER", &format!("{message:?} is {place}"));
                }
                last[message.tab] = *place;
            }
            // Nobody knew what became of it, and it may be written when nobody waits for it any more.
            (None | Some([_]), false) => {}
            (None | Some([]), _) => found("LOST_MESSAGE", &format!("{message:?}")),
            (Some(places), _) => found("WRITTEN_TWICE", &format!("{message:?} is {places:?}")),
        }
    }
}
