//! A message to somebody from the command line, which shows that messages leave.

use std::process::ExitCode;

use super::failure::Failure;
use engine::{i18n::Locale, notification::Outcome};
use janji::{
    notification::{
        sender::senders,
        test::{self, Test},
    },
    server::Config,
};

/// Sends a test, and prints what became of it.
pub(super) async fn send_test(config: &Config, to: &str) -> Result<ExitCode, Failure> {
    let senders = senders(&config.messages, config.demo)?;
    let (test, recipient) = Test::parse(to, config.rules.country)?;
    let outcome = test.send(&senders, recipient, Locale::default()).await?;
    println!("{}", test::sentence(&outcome));
    Ok(match outcome {
        Outcome::Sent { .. } => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}
