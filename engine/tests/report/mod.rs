//! Reports: every figure is what an independent count of the same rows says.

mod capacity;
mod figures;
mod rows;
mod share;

use engine::report::{Asked, By, Filter, Period};
use jiff::civil::{self, date};

use crate::support::TestApp;

/// The year in which everything happened, whose clocks changed on 30 March and 26 October.
pub const YEAR: Period = Period {
    first: date(2025, 1, 1),
    last: date(2025, 12, 31),
};

pub fn period(first: civil::Date, last: civil::Date) -> Period {
    Period::new(first, last).unwrap()
}

pub fn asked(period: Period, filter: Filter) -> Asked {
    Asked {
        period,
        by: By::Doctor,
        filter,
    }
}

/// A clinic with a year behind it: two doctors at a clinic in UTC, and two at one in Berlin.
pub async fn year() -> TestApp {
    let app = TestApp::new().await;
    app.sql(include_str!("year.sql")).await;
    // Otherwise nothing knows yet how many rows there are.
    app.sql("analyze").await;
    app
}

/// The clinic in Berlin.
pub async fn berlin(app: &TestApp) -> i64 {
    app.count("select id from clinics where time_zone = 'Europe/Berlin'")
        .await
}
