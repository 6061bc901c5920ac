//! The organisation, described without JavaScript.

mod api;
mod clinics;
mod doctors;
mod guard;
mod identity;
mod import;
mod names;
mod services;
mod setup;

use crate::support::{Answer, Browser};

/// The page to which a form led.
async fn follow(browser: &Browser, answer: &Answer) -> Answer {
    browser.get(answer.location().split('#').next().unwrap()).await
}
