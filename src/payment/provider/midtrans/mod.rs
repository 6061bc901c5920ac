//! Midtrans Snap, by the pages that Midtrans hosts.
//!
//! The signature of a notification covers the order, the code of its status and the amount, but neither what has become of it
//! nor when. So a notification is a reason to ask, and the answer to our own question decides.

mod said;

use axum::http::HeaderValue;
use base64::{Engine, prelude::BASE64_STANDARD};
use engine::{
    account::secret::hex,
    payment::{FactKind, NewRefund, NewSession, OpenSession, OpenedSession, Provider as Name},
};
use jiff::{Timestamp, tz::TimeZone};
use reqwest::{Client, Method, RequestBuilder, StatusCode, Url, header::ACCEPT};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};

use self::said::{cancelled, fact, facts, gross, payment_of, refunds, whole};
use super::{
    Asking, Back, Incoming, NotTaken, Provider, Reading, Repaid, Standing, Trouble,
    client::{Answer, call, client, of_status, text},
    description,
};
use crate::payment::settings::{Midtrans, SettingsError};

/// The shortest time for which a page can stay, in minutes.
const MIN_PAGE_MINUTES: i64 = 5;

/// The account at Midtrans.
#[derive(Debug)]
pub struct Snap {
    settings: Midtrans,
    client: Client,
}

impl Snap {
    /// # Errors
    /// Where the client cannot be set up.
    pub fn new(settings: &Midtrans) -> Result<Self, SettingsError> {
        Ok(Self {
            settings: settings.clone(),
            client: client().map_err(|error| SettingsError::Client(error.to_string()))?,
        })
    }

    fn request(&self, method: Method, base: &Url, path: &str) -> RequestBuilder {
        let key = self.settings.keys.first().map_or("", |key| key.reveal());
        let base = base.as_str().trim_end_matches('/');
        let mut authorization =
            HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(format!("{key}:"))))
                .unwrap_or_else(|_| HeaderValue::from_static("Basic"));
        authorization.set_sensitive(true);
        self.client
            .request(method, format!("{base}/{path}"))
            .header("Authorization", authorization)
            .header(ACCEPT, "application/json")
    }

    fn of_order(&self, method: Method, order: &str, act: &str) -> RequestBuilder {
        self.request(
            method,
            &self.settings.api,
            &format!("v2/{}/{act}", segment(order)),
        )
    }

    async fn transaction(&self, order: &str) -> Result<Option<Value>, Trouble> {
        let answer = call(self.of_order(Method::GET, order, "status")).await?;
        match code(&answer) {
            // Nobody has chosen a means yet.
            404 => Ok(None),
            200..=299 | 407 if text(&answer.body, "/order_id") == Some(order) => Ok(Some(answer.body)),
            200..=299 | 407 => Err(Trouble::Unsure),
            code => Err(of_code(code)),
        }
    }

    /// What has become of an order; `has_ended`: whether its page is closed by now.
    async fn find(&self, order: &str, has_ended: bool) -> Result<Standing, Trouble> {
        let facts = match self.transaction(order).await? {
            Some(transaction) => facts(&transaction, has_ended).ok_or(Trouble::Unsure)?,
            None if has_ended => vec![fact(order, None, FactKind::Expired)],
            None => Vec::new(),
        };
        Ok(match facts.is_empty() {
            true => Standing::Open,
            false => Standing::Told(facts),
        })
    }

    /// Closes a page, so that nobody chooses a means there any more. Answers whether it is closed: one on which something was
    /// chosen stays open until that is over.
    async fn close(&self, page: &OpenSession) -> Result<bool, Trouble> {
        let token = page.url.as_deref().and_then(token_of);
        let Some(token) = token else {
            return Ok(false);
        };
        let path = format!("snap/v1/transactions/{}/cancel", segment(token));
        let answer = call(self.request(Method::POST, &self.settings.pages, &path)).await?;
        let is_again = answer
            .text("/error_messages/0")
            .is_some_and(|said| said.contains("already cancel"));
        match answer.status.as_u16() {
            200..=299 => Ok(true),
            // Something was chosen, it was closed before, or nobody knows it.
            400..=499 if answer.status != StatusCode::UNAUTHORIZED => Ok(is_again),
            _ => Err(of_status(answer.status)),
        }
    }

    /// Gives back a payment by card that has not been settled yet, which can only be all of it. A part goes back when it is.
    async fn cancel(&self, refund: &NewRefund, transaction: &Value) -> Result<Repaid, Trouble> {
        let is_all = gross(transaction) == Some(refund.amount.clone());
        if text(transaction, "/transaction_status") != Some("capture") {
            return Err(Trouble::Refused);
        }
        if !is_all {
            // Until the next day, it is asked for again and again.
            return Ok(Repaid::UnderWay {
                refund: refund.key.clone(),
            });
        }
        let answer = call(self.of_order(Method::POST, &refund.session, "cancel")).await?;
        match code(&answer) {
            200..=299 => Ok(Repaid::Done {
                refund: text(transaction, "/transaction_id")
                    .ok_or(Trouble::Unsure)?
                    .to_owned(),
            }),
            code => Err(of_code(code)),
        }
    }
}

impl Provider for Snap {
    fn name(&self) -> Name {
        Name::Midtrans
    }

    fn open<'a>(&'a self, page: &'a NewSession, back: &'a Back, now: Timestamp) -> Asking<'a, OpenedSession> {
        Box::pin(async move {
            let order = order_of(page);
            let body = body_of(page, back, &order, now).ok_or(Trouble::Refused)?;
            let mut request = self
                .request(Method::POST, &self.settings.pages, "snap/v1/transactions")
                .header("Idempotency-Key", page.key())
                .json(&body);
            if let Ok(notify) = HeaderValue::try_from(back.notify.as_str()) {
                request = request.header("X-Override-Notification", notify);
            }
            let answer = call(request).await?;
            match (answer.status.is_success(), answer.text("/redirect_url")) {
                (true, Some(url)) => Ok(OpenedSession {
                    session: order,
                    url: url.to_owned(),
                }),
                (true, None) => Err(Trouble::Unsure),
                // Where an answer was lost, the order is known, and nobody ever had its page.
                (false, _) => Err(of_status(answer.status)),
            }
        })
    }

    fn ask<'a>(&'a self, page: &'a OpenSession, now: Timestamp) -> Asking<'a, Standing> {
        Box::pin(self.find(&page.session, now >= page.ends_at))
    }

    fn ask_session<'a>(&'a self, session: &'a str) -> Asking<'a, Standing> {
        Box::pin(self.find(session, false))
    }

    /// Each answer names the order, and so the payment.
    fn whose<'a>(&'a self, _: &'a str) -> Asking<'a, Option<i64>> {
        Box::pin(async { Ok(None) })
    }

    fn expire<'a>(&'a self, page: &'a OpenSession, now: Timestamp) -> Asking<'a, Standing> {
        Box::pin(async move {
            // A page on which nothing was chosen yet has no transaction that could expire: it is closed itself.
            let is_closed = self.close(page).await?;
            let answer = call(self.of_order(Method::POST, &page.session, "expire")).await?;
            match code(&answer) {
                // Nothing was chosen, or it is over already, or somebody has paid.
                200..=299 | 404 | 407 | 412 => {
                    let has_ended = is_closed || now >= page.ends_at;
                    self.find(&page.session, has_ended).await
                }
                code => Err(of_code(code)),
            }
        })
    }

    fn refund<'a>(&'a self, refund: &'a NewRefund) -> Asking<'a, Repaid> {
        Box::pin(async move {
            let amount = whole(&refund.amount).ok_or(Trouble::Refused)?;
            let transaction = self.transaction(&refund.session).await?.ok_or(Trouble::Refused)?;
            let is_known = refunds(&transaction).any(|known| text(known, "/refund_key") == Some(&refund.key));
            if is_known {
                return Ok(Repaid::Done {
                    refund: refund.key.clone(),
                });
            }
            if let Some(refund) = cancelled(&transaction, &refund.amount) {
                return Ok(Repaid::Done { refund });
            }
            let body = json!({"refund_key": refund.key, "amount": amount, "reason": "Appointment"});
            let request = self
                .of_order(Method::POST, &refund.session, "refund")
                .header("Idempotency-Key", &refund.key);
            let answer = call(request.json(&body)).await?;
            match code(&answer) {
                200 => Ok(Repaid::Done {
                    refund: refund.key.clone(),
                }),
                201..=299 => Ok(Repaid::UnderWay {
                    refund: refund.key.clone(),
                }),
                // Bank transfers are never paid back by a program, and cards only once they are settled.
                412 => self.cancel(refund, &transaction).await,
                code => Err(of_code(code)),
            }
        })
    }

    fn read(&self, call: Incoming<'_>, _: Timestamp) -> Result<Reading, NotTaken> {
        let said: Value = serde_json::from_slice(call.body).map_err(|_| NotTaken::Malformed)?;
        let field = |pointer| text(&said, pointer).ok_or(NotTaken::Malformed);
        let order = field("/order_id")?;
        let signed = [order, field("/status_code")?, field("/gross_amount")?];
        let signature = field("/signature_key")?;
        let is_genuine = (self.settings.keys.iter())
            .any(|key| is_same(&sign(signed, key.reveal()), &signature.to_ascii_lowercase()));
        if !is_genuine {
            return Err(NotTaken::Forged);
        }
        if let (Some(own), Some(merchant)) = (&self.settings.merchant, text(&said, "/merchant_id"))
            && own != merchant
        {
            return Err(NotTaken::Stranger);
        }
        // Another program of the clinic has orders of its own, and so has the test of the dashboard.
        Ok(match payment_of(order) {
            Some(_) => Reading::Ask {
                session: order.to_owned(),
            },
            None => Reading::Nothing,
        })
    }
}

/// The signature of a notification: SHA-512 over the order, the code of its status, the amount as it is written, and the key.
pub fn sign([order, status, gross]: [&str; 3], key: &str) -> String {
    hex(&Sha512::digest(format!("{order}{status}{gross}{key}")))
}

/// Whether two texts are the same. Comparing hashes takes as long wherever the two differ.
fn is_same(one: &str, other: &str) -> bool {
    Sha256::digest(one) == Sha256::digest(other)
}

/// The name of an order: the reference of the appointment, and our own id of the payment.
fn order_of(page: &NewSession) -> String {
    format!("{}-{}", page.reference, page.payment_id)
}

/// The body of a new page.
fn body_of(page: &NewSession, back: &Back, order: &str, now: Timestamp) -> Option<Value> {
    let amount = whole(&page.price)?;
    let minutes = ((page.ends_at.as_second() - now.as_second()) / 60).max(MIN_PAGE_MINUTES);
    let begins = now.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S +0000");
    Some(json!({
        "transaction_details": {"order_id": order, "gross_amount": amount},
        "item_details": [{
            "id": order, "price": amount, "quantity": 1, "name": description(&page.reference, page.locale),
        }],
        "credit_card": {"secure": true},
        // What is chosen late ends with the page, too.
        "expiry": {"start_time": begins.to_string(), "unit": "minute", "duration": minutes},
        "page_expiry": {"unit": "minute", "duration": minutes},
        "callbacks": {"finish": back.paid, "error": back.not_paid},
    }))
}

/// The token of a page, by its address.
fn token_of(url: &str) -> Option<&str> {
    let path = url.split(['?', '#']).next()?;
    path.rsplit('/').next().filter(|token| !token.is_empty())
}

/// A name of an order as a part of a path: one that is none leads nowhere else.
fn segment(order: &str) -> String {
    order
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "-_~".contains(*c))
        .collect()
}

/// The code of an answer: what stands in it, where the status of HTTP is success whatever has become of it.
fn code(answer: &Answer) -> u16 {
    let written = answer.text("/status_code").and_then(|code| code.parse().ok());
    match answer.status.is_success() {
        true => written.unwrap_or(answer.status.as_u16()),
        false => answer.status.as_u16(),
    }
}

fn of_code(code: u16) -> Trouble {
    match code {
        // A duplicate under way, and what the vendor says of its own trouble.
        406 => Trouble::Busy,
        _ => StatusCode::from_u16(code).map_or(Trouble::Unsure, of_status),
    }
}

#[cfg(test)]
mod tests;
