//! A mail that came back: what the report of a mail server says of it.

use std::io::Read;

use super::{
    database::{Tables, must_be_there, with_database},
    failure::Failure,
};
use engine::notification::{Bounce, BounceClass, Bounced, take_bounce};
use janji::{
    notification::bounce::{self, NoBounce},
    server::Config,
};

/// What a report of a mail server says stands at its beginning; at its end it may have the whole mail.
const MAX_REPORT: u64 = 1024 * 1024;

/// Notes what a mail server reports about a mail, and says what that is.
pub(super) async fn bounce(config: Config, to: Option<String>) -> Result<&'static str, Failure> {
    let settings = (config.messages.mail.as_ref()).and_then(|mail| mail.bounces.clone());
    let settings = settings.ok_or(Failure::NoBounces)?;
    must_be_there(&config)?;
    let mut input = std::io::stdin().lock();
    let mut mail = Vec::new();
    input.by_ref().take(MAX_REPORT).read_to_end(&mut mail)?;
    // A mail server takes it for a failure if nobody reads on.
    std::io::copy(&mut input, &mut std::io::sink())?;
    drop(input);
    let (name, report) = match bounce::read(&settings, to.as_deref(), &mail) {
        Ok(read) => read,
        // To whom nothing is told nothing comes back for ever.
        Err(NoBounce::NoReport) => return Ok("That is no report of a mail server: nothing was noted."),
        Err(NoBounce::NoFailure) => return Ok("The mail arrived: nothing was noted."),
        Err(NoBounce::NoToken) => {
            return Ok("That went to no address of a mail that Janji sent: nothing was noted.");
        }
    };
    let has_sms = config.messages.sms.is_some();
    let bounced = with_database(config, Tables::UpToDate, |database| async move {
        let now = database.now();
        take_bounce(&database, Bounce { name, report }, has_sms, now).await
    })
    .await?;
    Ok(match bounced {
        Bounced::Noted(BounceClass::Gone) => {
            "The address is gone: nothing goes there until it is confirmed anew."
        }
        Bounced::Noted(BounceClass::Refused | BounceClass::Undelivered) => "The mail was not delivered.",
        Bounced::Noted(BounceClass::Delayed) => "The mail is late; the mail server goes on trying.",
        Bounced::Known => "As much was known before: nothing was changed.",
        Bounced::NoMessage => "There is no such message any more: nothing was noted.",
    })
}
