//! Looking at an installation.

use super::database::{Tables, must_be_there, with_database};
use janji::{
    doctor::{self, Examination, Finding},
    server::Config,
};

/// Looks at everything, also where a part of it cannot be looked at.
pub(super) async fn examine(config: Config) -> Examination {
    let mut findings = doctor::settings(&config);
    if let Err(failure) = must_be_there(&config) {
        findings.push(Finding::wrong("database", failure.to_string()));
        findings.extend(doctor::public_address(&config, None).await);
        return Examination { findings };
    }
    findings.extend(doctor::disk(&config));
    let pool_size = config.database.pool_size;
    let (for_database, for_address) = (config.clone(), config.clone());
    let looked = with_database(for_database, Tables::AsTheyAre, move |database| async move {
        let found = doctor::database(&database, pool_size).await?;
        let address = doctor::public_address(&for_address, Some(&database)).await;
        Ok((found, address))
    })
    .await;
    match looked {
        Ok((found, address)) => {
            findings.extend(found);
            findings.extend(address);
        }
        Err(failure) => {
            findings.push(Finding::wrong("database", failure.to_string()));
            findings.extend(doctor::public_address(&config, None).await);
        }
    }
    Examination { findings }
}
