//! The sender of the demo: nothing leaves, and what would have is on a page.

use engine::notification::{Letter, Outcome, Sender, Sending};

pub struct Demo;

impl Sender for Demo {
    fn name(&self) -> &'static str {
        "demo"
    }

    fn send<'a>(&'a self, _letter: &'a Letter) -> Sending<'a> {
        Box::pin(async { Outcome::Sent { provider_id: None } })
    }
}
