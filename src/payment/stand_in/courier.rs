//! Events on their way: each is signed when it is sent, and sent again until it is taken.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Account, Dialect, Hosted, Inner, StandIn, midtrans, stripe};
use crate::payment::provider::stripe::{SIGNATURE, signature::sign};

/// The time between two looks at what is to be sent, in the demo.
const PAUSE: Duration = Duration::from_secs(1);
/// An event that is not taken so often is given up.
const MAX_ATTEMPTS: u32 = 20;

/// An event that is to be sent.
#[derive(Clone, Debug)]
pub struct Delivery {
    is_event: bool,
    body: String,
    /// Signed by a secret that is none of the account.
    pub is_forged: bool,
    /// Signed so many seconds ago.
    pub age: i64,
    attempts: u32,
}

impl Inner {
    /// Puts an event in the manner of Stripe on its way.
    pub(super) fn queue_event(&mut self, page: &Hosted, kind: &str, object: Value, created: i64) {
        let number = self.number();
        let id = format!("evt_{}_{number}", page.payment);
        let event = json!({
            "id": id, "object": "event", "api_version": crate::payment::provider::stripe::VERSION, "created": created,
            "livemode": false, "pending_webhooks": 1, "type": kind, "request": {"id": null, "idempotency_key": null},
            "data": {"object": object},
        });
        self.queue(Dialect::Stripe, event.to_string());
    }

    /// Puts a notification in the manner of Midtrans on its way.
    pub(super) fn queue_notification(&mut self, page: &Hosted) {
        if let Some(said) = midtrans::notification(page, &self.account.server_key) {
            self.queue(Dialect::Midtrans, said.to_string());
        }
    }

    fn queue(&mut self, dialect: Dialect, body: String) {
        self.queue.push(Delivery {
            is_event: dialect == Dialect::Stripe,
            body,
            is_forged: false,
            age: 0,
            attempts: 0,
        });
    }
}

impl StandIn {
    /// Takes what is on its way, for a test to send it as it likes.
    pub fn take_queue(&self) -> Vec<Delivery> {
        std::mem::take(&mut self.inner().queue)
    }

    /// Sends what is on its way, in its order, and keeps what was not taken. Answers with the statuses.
    pub async fn deliver(&self) -> Vec<u16> {
        let mut statuses = Vec::new();
        let mut left = Vec::new();
        for mut delivery in self.take_queue() {
            let status = self.send(&delivery).await;
            statuses.push(status);
            delivery.attempts += 1;
            if !(200..300).contains(&status) && delivery.attempts < MAX_ATTEMPTS {
                left.push(delivery);
            }
        }
        let mut inner = self.inner();
        left.append(&mut inner.queue);
        inner.queue = left;
        statuses
    }

    /// Sends one event. Answers with the status, or with nought where nobody answers.
    pub async fn send(&self, delivery: &Delivery) -> u16 {
        let account = self.inner().account.clone();
        let to = match delivery.is_event {
            true => &account.events_to,
            false => &account.notifications_to,
        };
        if to.is_empty() {
            return 0;
        }
        let request = self
            .client
            .post(to)
            .header("content-type", "application/json")
            .body(body_of(delivery));
        let request = match delivery.is_event {
            true => request.header(SIGNATURE, self.signature(delivery, &account)),
            false => request,
        };
        match request.send().await {
            Ok(response) => response.status().as_u16(),
            Err(_) => 0,
        }
    }

    fn signature(&self, delivery: &Delivery, account: &Account) -> String {
        let secret = match delivery.is_forged {
            true => "whsec_forged",
            false => &account.webhook_secret,
        };
        sign(secret, self.seconds() - delivery.age, delivery.body.as_bytes())
    }
}

fn body_of(delivery: &Delivery) -> String {
    match delivery.is_forged && !delivery.is_event {
        true => midtrans::forged(&delivery.body),
        false => delivery.body.clone(),
    }
}

impl Delivery {
    /// The body as it is sent.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The same event with something else of its page, signed as the account does it.
    pub fn with(mut self, pointer: &str, value: Value) -> Self {
        if let Ok(mut body) = serde_json::from_str::<Value>(&self.body) {
            if let Some(field) = body.pointer_mut(pointer) {
                *field = value;
            }
            self.body = body.to_string();
        }
        self
    }

    /// The same event under another id, as it is sent now and then.
    pub fn again(self, id: &str) -> Self {
        self.with("/id", json!(id))
    }
}

/// Sends events as they come, and ends pages in time, as long as the demo runs.
pub async fn run(stand_in: StandIn) {
    loop {
        tokio::time::sleep(PAUSE).await;
        let now = stand_in.seconds();
        let late = {
            let mut inner = stand_in.inner();
            inner.end_old(now);
            stripe::waiting(&inner, now)
        };
        for page in late {
            stand_in.pay(&page);
        }
        stand_in.deliver().await;
    }
}
