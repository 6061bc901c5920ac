//! Reasons for which a command fails, each in a sentence.

use std::{net::SocketAddr, path::PathBuf};

use engine::{account::MIN_PASSWORD, database::backup::BackupError, error::AppError};
use janji::{
    notification::{settings::SettingsError, test::TestError},
    server::{ServeError, config::ConfigError},
    trace::TraceError,
};

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error(transparent)]
    App(#[from] AppError),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(transparent)]
    Messages(#[from] SettingsError),
    #[error(transparent)]
    Traces(#[from] TraceError),
    #[error("mails have no address to come back to: set JANJI_BOUNCE_ADDRESS and JANJI_BOUNCE_SECRET")]
    NoBounces,
    #[error("the mail cannot be read: {0}")]
    Mail(#[from] std::io::Error),
    #[error("the server at {0} does not answer: {1}")]
    NoAnswer(SocketAddr, std::io::Error),
    #[error("the server at {0} says {1}")]
    Unwell(SocketAddr, String),
    #[error("{0}")]
    Test(#[from] TestError),
    #[error("a password has at least {MIN_PASSWORD} characters")]
    ShortPassword,
    #[error(
        "this password is easily guessed: choose one without the name, the address or common words: nothing was changed"
    )]
    CommonPassword,
    #[error("nobody has this account: nothing was changed")]
    NoAccount,
    #[error("nobody could open the last admin's account again: nothing was changed")]
    LastAdmin,
    #[error("there is no terminal to ask for the password at: set JANJI_ADMIN_PASSWORD")]
    NoPassword,
    #[error("the two passwords differ: nothing was changed")]
    OtherPassword,
    #[error(
        "there is no Janji in {0}: name the folder of the service by --data-dir, or its database by DATABASE_URL, or start \
         it there first"
    )]
    NoData(PathBuf),
}
