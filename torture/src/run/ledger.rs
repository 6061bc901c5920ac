//! The ledger: requests and answers, to which the database is held afterwards.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    measure::{Times, milliseconds},
    world::Service,
};

/// A request. People are named by their ids.
#[derive(Clone, Debug)]
pub enum Wish {
    Book {
        doctor: i64,
        patient: i64,
        service: Service,
        starts_at: Timestamp,
    },
    /// Seats in a group session.
    Seats {
        group: i64,
        patient: i64,
        seats: i64,
    },
    Hold {
        doctor: i64,
        starts_at: Timestamp,
    },
    Change {
        appointment: i64,
        to: &'static str,
        /// The version that the request named, if it did.
        version: Option<i32>,
    },
    Move {
        appointment: i64,
        starts_at: Timestamp,
    },
    Prescribe {
        appointment: i64,
    },
    Rate {
        appointment: i64,
        score: i16,
    },
    Stay {
        patient: i64,
        rooms: i64,
    },
    CancelStay {
        stay: i64,
    },
    /// To wait for a time of a doctor, or for seats of a session, that come free.
    Wait,
    /// To accept or to decline what came free.
    Answer,
    SignIn,
    /// A message of a text consultation.
    Write,
    Look,
}

impl Wish {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Book { .. } => "book",
            Self::Seats { .. } => "seats",
            Self::Hold { .. } => "hold",
            Self::Change { to, .. } => match *to {
                "confirmed" => "confirm",
                "rejected" => "reject",
                "in_progress" => "start",
                "completed" => "complete",
                "cancelled" => "cancel",
                _ => "miss",
            },
            Self::Move { .. } => "move",
            Self::Prescribe { .. } => "prescribe",
            Self::Rate { .. } => "rate",
            Self::Stay { .. } => "stay",
            Self::CancelStay { .. } => "leave",
            Self::Wait => "wait",
            Self::Answer => "answer",
            Self::SignIn => "sign in",
            Self::Write => "write",
            Self::Look => "look",
        }
    }
}

/// How it ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    Yes {
        /// Of what was made or changed, where the answer says so.
        id: Option<i64>,
        reference: Option<String>,
        version: Option<i64>,
    },
    No {
        code: String,
        /// When the request was sent that was answered with this.
        sent_at: Timestamp,
    },
    /// Nobody ever said.
    Unknown,
}

impl Outcome {
    pub fn is_yes(&self) -> bool {
        matches!(self, Self::Yes { .. })
    }
}

/// One caller's dealings about one wish.
#[derive(Clone, Debug)]
pub struct Line {
    pub wish: Wish,
    /// Whether the server was given the key, too.
    pub keyed: bool,
    /// Requests that were sent, and got no answer that says what became of them.
    pub unanswered: u32,
    pub outcome: Outcome,
}

/// A violation of the promise.
#[derive(Clone, Debug)]
pub struct Violation {
    pub name: &'static str,
    pub what: String,
}

#[derive(Default)]
struct Books {
    lines: HashMap<String, Vec<Line>>,
    /// By intent and then by answer.
    answers: BTreeMap<&'static str, BTreeMap<String, usize>>,
    times: BTreeMap<&'static str, Times>,
    faults: BTreeMap<&'static str, usize>,
    notes: BTreeMap<&'static str, usize>,
    recoveries: BTreeMap<&'static str, Times>,
    tokens: Vec<String>,
    violations: Vec<Violation>,
}

#[derive(Default)]
pub struct Ledger(Mutex<Books>);

/// How many violations of one name the report spells out.
const MAX_SHOWN: usize = 10;

impl Ledger {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An answer, or that there was none.
    pub fn answered(&self, intent: &'static str, answer: &str, took: Option<Duration>) {
        let mut books = self.books();
        *books
            .answers
            .entry(intent)
            .or_default()
            .entry(answer.to_owned())
            .or_default() += 1;
        if let Some(took) = took {
            books.times.entry(intent).or_default().add(took);
        }
    }

    /// How many answers of this kind there were to this intent.
    pub fn count(&self, intent: &str, answer: &str) -> usize {
        let books = self.books();
        let answers = books.answers.get(intent);
        answers
            .and_then(|answers| answers.get(answer))
            .copied()
            .unwrap_or_default()
    }

    pub fn close(&self, key: &str, line: Line) {
        self.books().lines.entry(key.to_owned()).or_default().push(line);
    }

    pub fn fault(&self, name: &'static str) {
        *self.books().faults.entry(name).or_default() += 1;
    }

    pub fn has_fault(&self, name: &'static str) -> bool {
        self.books().faults.contains_key(name)
    }

    /// Counts something that is worth telling, and no violation.
    pub fn note(&self, name: &'static str) {
        *self.books().notes.entry(name).or_default() += 1;
    }

    pub fn noted(&self, name: &'static str) -> usize {
        self.books().notes.get(name).copied().unwrap_or_default()
    }

    pub fn recovered(&self, from: &'static str, took: Duration) {
        self.books().recoveries.entry(from).or_default().add(took);
    }

    pub fn token(&self, token: String) {
        self.books().tokens.push(token);
    }

    pub fn tokens(&self) -> Vec<String> {
        self.books().tokens.clone()
    }

    pub fn violation(&self, name: &'static str, what: impl Into<String>) {
        let what = what.into();
        self.books().violations.push(Violation { name, what });
    }

    pub fn lines(&self) -> HashMap<String, Vec<Line>> {
        self.books().lines.clone()
    }

    pub fn is_clean(&self) -> bool {
        self.books().violations.is_empty()
    }

    /// For whoever ran it.
    pub fn report(&self) -> String {
        let books = self.books();
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:<10} {:>7} {:>8} {:>8} {:>8} {:>8}  answers",
            "intent", "asked", "p50 ms", "p95 ms", "p99 ms", "longest"
        );
        for (intent, answers) in &books.answers {
            let times = books.times.get(intent).cloned().unwrap_or_default();
            let by_answer: Vec<String> = answers
                .iter()
                .map(|(answer, count)| format!("{answer} {count}"))
                .collect();
            let _ = writeln!(
                text,
                "{intent:<10} {:>7} {:>8} {:>8} {:>8} {:>8}  {}",
                answers.values().sum::<usize>(),
                milliseconds(times.quantile(0.5)),
                milliseconds(times.quantile(0.95)),
                milliseconds(times.quantile(0.99)),
                milliseconds(times.longest()),
                by_answer.join(", "),
            );
        }
        for (title, counts) in [("faults", &books.faults), ("notes", &books.notes)] {
            let all: Vec<String> = counts
                .iter()
                .map(|(name, count)| format!("{name} {count}"))
                .collect();
            let _ = writeln!(text, "{title}: {}", all.join(", "));
        }
        for (from, times) in &books.recoveries {
            let _ = writeln!(
                text,
                "recovered from {from}: {} times, {} ms at most",
                times.count(),
                milliseconds(times.longest()),
            );
        }
        let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for violation in &books.violations {
            by_name.entry(violation.name).or_default().push(&violation.what);
        }
        for (name, all) in by_name {
            let _ = writeln!(text, "VIOLATION {name}: {}", all.len());
            for what in all.iter().take(MAX_SHOWN) {
                let _ = writeln!(text, "  {what}");
            }
        }
        let _ = writeln!(text, "{} violations", books.violations.len());
        text
    }
}
