//! Requests that are held back, and what is decided about them.

use engine::{
    appointment::{Decision, decide, held_back},
    database::Database,
    error::AppError,
};
use janji::server::{Config, worker::about_held_back};

use super::{
    database::{Tables, must_be_there, with_database},
    failure::Failure,
};

const NOTHING_HELD_BACK: &str = "No requests are held back.";

/// Decides about the requests that were held back where that is asked, and says what is so now.
pub(super) async fn overdue(
    config: Config,
    expire: bool,
    give_hours: Option<i64>,
) -> Result<String, Failure> {
    let decision = match (expire, give_hours) {
        (true, _) => Some(Decision::Expire),
        (false, Some(hours)) => Some(Decision::Wait { minutes: hours * 60 }),
        (false, None) => None,
    };
    must_be_there(&config)?;
    with_database(config, Tables::UpToDate, |database| async move {
        decided(&database, decision).await
    })
    .await
}

async fn decided(database: &Database, decision: Option<Decision>) -> Result<String, AppError> {
    let now = database.now();
    let Some(held_back) = held_back(database, now).await? else {
        return Ok(NOTHING_HELD_BACK.to_owned());
    };
    let Some(decision) = decision else {
        return Ok(format!(
            "{}.\n\n  janji overdue --expire          they expire within the hour, and their patients are told\n  \
             janji overdue --give-hours 24   their doctors have until then to answer them",
            about_held_back(held_back)
        ));
    };
    if !decide(database, decision, None, now).await? {
        return Ok(NOTHING_HELD_BACK.to_owned());
    }
    Ok(match decision {
        Decision::Expire => format!("{} requests expire within the hour.", held_back.requests),
        Decision::Wait { minutes } => format!(
            "{} requests wait {} hours for an answer, or until their appointment would begin.",
            held_back.requests,
            minutes / 60
        ),
    })
}
