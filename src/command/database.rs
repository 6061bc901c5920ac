//! The database of a command: that of a server which runs, or one that is started for it.

use super::failure::Failure;
use engine::{
    database::{Database, Upgrade, embedded},
    error::AppError,
};
use janji::server::{Config, ServeError, open_database};

/// Refuses to make a new, empty database for a command about one that is there.
pub(super) fn must_be_there(config: &Config) -> Result<(), Failure> {
    match config.database_url.is_none() && !embedded::Cluster::is_in(&config.data_dir) {
        true => Err(Failure::NoData(config.data_dir.clone())),
        false => Ok(()),
    }
}

/// The state of the tables that a command needs.
#[derive(PartialEq)]
pub(super) enum Tables {
    UpToDate,
    /// As they are, for a command that only reads.
    AsTheyAre,
}

/// Runs a function with the database, and stops the cluster afterwards if it had to be started.
pub(super) async fn with_database<T, F, Fut>(config: Config, tables: Tables, work: F) -> Result<T, Failure>
where
    F: FnOnce(Database) -> Fut,
    Fut: Future<Output = Result<T, AppError>>,
{
    let (cluster, address) = open_database(&config).await?;
    let result = async {
        let url = match tables {
            Tables::UpToDate => {
                address.make_ready(Upgrade::Run).await.map_err(ServeError::from)?;
                match config.operation.direct_url {
                    // A command needs no pooler.
                    Some(_) => address.of_owner(),
                    None => &address.url,
                }
            }
            // The other role may have no rights yet.
            Tables::AsTheyAre => address.of_owner(),
        };
        let database = Database::connect(url, &config.database)
            .await
            .map_err(ServeError::from)?;
        let result = work(database.clone()).await;
        database.close().await;
        Ok(result?)
    }
    .await;
    if let Some(cluster) = cluster {
        cluster.stop().await.map_err(ServeError::from)?;
    }
    result
}
