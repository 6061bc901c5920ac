//! Visits: several appointments that are booked together, all or none.

mod book;
mod cancel;
mod hold;
mod race;

use crate::support::{TestApp, patient_caller};
use engine::monitoring::numbers::Numbers;
use engine::{
    booking::Wanted,
    error::AppError,
    visit::{BookVisit, Visit},
};

fn visit(patient_id: i64, segments: Vec<Wanted>) -> BookVisit {
    BookVisit {
        caller: patient_caller(patient_id),
        segments,
        patient_id,
        reason: String::new(),
        rules: crate::support::answer_within(60),
        key: None,
    }
}

async fn book(app: &TestApp, command: BookVisit) -> Result<Visit, AppError> {
    engine::visit::book_visit(&app.database, command, app.now).await
}

/// No attempt had to be made again, as each that ends in a deadlock is.
async fn no_deadlock(app: &TestApp) {
    let numbers = Numbers::parse(&app.database.statistics().render());
    assert!(numbers.sum(|operation| operation.attempts) > 0.0);
    assert_eq!(numbers.sum(|operation| operation.retries), 0.0);
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(app.count(deadlocks).await, 0);
}
