//! `janji doctor`: an installation looked at in one screen. It changes nothing, and names neither people nor secrets.

mod certificate;
mod checks;
mod finding;
mod web;

use engine::{appointment, database::Database, error::AppError, installation, monitoring};

pub use self::finding::{Examination, Finding, Verdict};
use crate::server::Config;

/// Looks at the settings, as they were read: what Janji needs and has not, and what is off that should be on.
pub fn settings(config: &Config) -> Vec<Finding> {
    checks::settings(config)
}

/// Looks at the disk of Janji's own PostgreSQL; a database elsewhere has a disk of its own.
pub fn disk(config: &Config) -> Option<Finding> {
    let folder = &config.data_dir;
    (config.database_url.is_none()).then(|| checks::disk(monitoring::installation::room(folder)))
}

/// Looks at the database: what it says of itself, its clock, and what waits in it for somebody.
///
/// # Errors
/// Those of the database.
pub async fn database(database: &Database, pool_size: u32) -> Result<Vec<Finding>, AppError> {
    let found = monitoring::installation::look(database).await?;
    let mut findings = checks::database(&found, pool_size);
    let now = database.now();
    // Tables of a release before may know nothing of backups, which is said already.
    if found.migration >= found.newest_migration {
        let standing = installation::standing(database).await?;
        findings.push(checks::backups(&standing, now));
    }
    let old_check = monitoring::integrity::overdue_by(database, now).await?;
    findings.push(checks::integrity(old_check));
    let held_back = appointment::held_back(database, now).await?;
    findings.extend(held_back.map(checks::held_back));
    Ok(findings)
}

/// Looks at the server as others see it: whether it answers at its public address, and until when its certificate holds.
pub async fn public_address(config: &Config, database: Option<&Database>) -> Option<Finding> {
    let url = config.messages.public_url.as_ref()?;
    // The database knows the time better than this machine.
    let now = database.map(Database::now);
    Some(web::look(url, now).await)
}
