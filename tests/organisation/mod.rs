//! The organisation, described without JavaScript.

mod api;
mod clinics;
mod doctors;
mod guard;
mod import;
mod services;

use crate::support::{Answer, Browser};

/// Where a form led, and what is said there.
async fn follow(browser: &Browser, answer: &Answer) -> Answer {
    browser.get(answer.location().split('#').next().unwrap()).await
}
