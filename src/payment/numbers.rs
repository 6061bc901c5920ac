//! The numbers about providers: what was asked of them, and what they said.

use engine::{database::Database, payment::Provider as Name};
use metrics::{counter, describe_counter, describe_gauge};

use super::provider::Trouble;

/// What came of a call of a provider's program.
const OUTCOMES: [&str; 11] = [
    "booked",
    "forged",
    "goes_back",
    "known",
    "later",
    "malformed",
    "noted",
    "nothing",
    "stranger",
    "unknown",
    "wrong_amount",
];

/// Begins the counters of providers, so that the first one is an increase.
pub fn begin_counting(database: &Database) {
    database.statistics().record(|| {
        describe_counter!(
            "janji_payment_calls_total",
            "What was asked of providers of payments, by what came of it"
        );
        describe_counter!(
            "janji_payment_events_total",
            "Calls of providers of payments, by what came of them"
        );
        describe_gauge!("janji_refunds_waiting", "Amounts that are to go back, by state");
        describe_gauge!("janji_refunds_oldest_seconds", "For how long the oldest of them waits");
        describe_gauge!("janji_payment_troubles", "What a person has to look at, by kind");
        for name in Name::ALL.into_iter().filter(|name| !name.is_desk()) {
            for outcome in OUTCOMES {
                counter!("janji_payment_events_total", "provider" => name.as_str(), "outcome" => outcome).increment(0);
            }
            for act in ["open", "ask", "expire", "refund"] {
                for outcome in Trouble::ALL.map(Trouble::as_str).into_iter().chain(["done"]) {
                    counter!(
                        "janji_payment_calls_total", "provider" => name.as_str(), "act" => act, "outcome" => outcome
                    )
                    .increment(0);
                }
            }
        }
    });
}

/// Counts what was asked of a provider, and says in the log where it did not do it.
pub fn measure(database: &Database, name: Name, act: &'static str, trouble: Option<Trouble>) {
    let outcome = trouble.map_or("done", Trouble::as_str);
    database.statistics().record(|| {
        counter!("janji_payment_calls_total", "provider" => name.as_str(), "act" => act, "outcome" => outcome)
            .increment(1);
    });
    if trouble.is_some() {
        tracing::warn!(
            provider = name.as_str(),
            act,
            outcome,
            "a provider of payments did not do what it was asked for"
        );
    }
}

/// Counts what came of a call of a provider's program.
pub fn count(database: &Database, name: Name, outcome: &'static str) {
    database.statistics().record(|| {
        counter!("janji_payment_events_total", "provider" => name.as_str(), "outcome" => outcome)
            .increment(1);
    });
}
