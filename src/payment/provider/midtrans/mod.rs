//! Midtrans Snap, by the pages that Midtrans hosts.
//!
//! The signature of a notification covers the order, the code of its status and the amount, but neither what has become of it
//! nor when. So a notification is a reason to ask, and the answer to our own question decides.

use axum::http::HeaderValue;
use base64::{Engine, prelude::BASE64_STANDARD};
use engine::{
    account::secret::hex,
    money::Price,
    payment::{FactKind, NewRefund, NewSession, OpenSession, OpenedSession, PaymentFact, Provider as Name},
};
use jiff::{Timestamp, tz::TimeZone};
use reqwest::{Client, Method, RequestBuilder, StatusCode, Url, header::ACCEPT};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};

use super::{
    Asking, Back, Incoming, NotTaken, Provider, Reading, Repaid, Standing, Trouble,
    client::{Answer, call, client, of_status, text},
    description,
};
use crate::payment::settings::{Midtrans, SettingsError};

/// The only currency of Midtrans. It has a hundred units here and none there.
const CURRENCY: &str = "IDR";

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

    /// Gives back a payment by card that has not been settled yet, which can only be all of it.
    async fn cancel(&self, refund: &NewRefund, transaction: &Value) -> Result<Repaid, Trouble> {
        let is_all = gross(transaction) == Some(refund.amount.clone());
        if text(transaction, "/transaction_status") != Some("capture") || !is_all {
            return Err(Trouble::Refused);
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
            let answer = call(self.of_order(Method::POST, &page.session, "expire")).await?;
            match code(&answer) {
                // Nothing was chosen, or it is over already, or somebody has paid.
                200..=299 | 404 | 407 | 412 => self.find(&page.session, now >= page.ends_at).await,
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

fn payment_of(order: &str) -> Option<i64> {
    order.rsplit_once('-')?.1.parse().ok().filter(|id| *id > 0)
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

/// Whole rupiah.
fn whole(price: &Price) -> Option<i64> {
    (price.currency == CURRENCY && price.minor > 0 && price.minor % 100 == 0).then_some(price.minor / 100)
}

/// An amount as it is written: `150000.00`.
fn written(amount: &str) -> Option<Price> {
    Price::exact(amount, CURRENCY)
}

/// The amount of a transaction, in its currency.
fn gross(transaction: &Value) -> Option<Price> {
    let price = written(text(transaction, "/gross_amount")?)?;
    Some(Price {
        currency: text(transaction, "/currency").unwrap_or(CURRENCY).to_owned(),
        ..price
    })
}

fn refunds(transaction: &Value) -> impl Iterator<Item = &Value> {
    let listed = transaction.pointer("/refunds").and_then(Value::as_array);
    listed.into_iter().flatten()
}

/// The id under which all of an amount went back by a cancellation, where it did: one whose answer was lost is not made again.
fn cancelled(transaction: &Value, amount: &Price) -> Option<String> {
    let went_back = text(transaction, "/transaction_status") == Some("cancel")
        && text(transaction, "/approval_code").is_some()
        && gross(transaction).as_ref() == Some(amount);
    let id = text(transaction, "/transaction_id").filter(|_| went_back)?;
    Some(id.to_owned())
}

fn fact(order: &str, transaction: Option<&str>, kind: FactKind) -> PaymentFact {
    PaymentFact {
        provider: Name::Midtrans,
        payment_id: payment_of(order),
        session: Some(order.to_owned()),
        provider_payment: transaction.map(str::to_owned),
        kind,
        event_id: None,
    }
}

/// What a transaction says; nothing while it is under way, and `None` where it makes no sense.
fn facts(transaction: &Value, has_ended: bool) -> Option<Vec<PaymentFact>> {
    let order = text(transaction, "/order_id")?;
    let id = text(transaction, "/transaction_id")?;
    let paid = || {
        Some(FactKind::Paid {
            amount: gross(transaction)?,
        })
    };
    let kinds = match text(transaction, "/transaction_status")? {
        "settlement" => vec![paid()?],
        // Suspected of fraud, it waits for somebody of the clinic at Midtrans.
        "capture" if text(transaction, "/fraud_status").is_none_or(|fraud| fraud == "accept") => {
            vec![paid()?]
        }
        "capture" | "authorize" | "pending" => Vec::new(),
        // Snap lets people try another card until its page ends.
        "deny" | "failure" if has_ended => vec![FactKind::Failed],
        "deny" | "failure" => Vec::new(),
        "expire" => vec![FactKind::Expired],
        // A card that was charged is given back by it before it is settled.
        "cancel" if text(transaction, "/approval_code").is_some() => vec![
            paid()?,
            FactKind::Refunded {
                refund: id.to_owned(),
                // A cancellation has no key. It is all that can go back of a payment, and so it is ours where there is one.
                key: payment_of(order).map(|id| format!("refund-{id}")),
                amount: gross(transaction)?,
            },
        ],
        "cancel" => vec![FactKind::Expired],
        "refund" | "partial_refund" => of_refunds(transaction, id, paid()?)?,
        "chargeback" | "partial_chargeback" => vec![
            paid()?,
            FactKind::Disputed {
                dispute: id.to_owned(),
            },
        ],
        _ => return None,
    };
    Some(
        kinds
            .into_iter()
            .map(|kind| fact(order, Some(id), kind))
            .collect(),
    )
}

/// Each refund by the key that it was asked for with; those made at Midtrans have one of Midtrans.
fn of_refunds(transaction: &Value, id: &str, paid: FactKind) -> Option<Vec<FactKind>> {
    let mut told = vec![paid];
    for refund in refunds(transaction) {
        let key = text(refund, "/refund_key");
        told.push(FactKind::Refunded {
            refund: key.unwrap_or(id).to_owned(),
            key: key.map(str::to_owned),
            amount: written(text(refund, "/refund_amount")?)?,
        });
    }
    if told.len() == 1 {
        told.push(FactKind::Refunded {
            refund: text(transaction, "/refund_key").unwrap_or(id).to_owned(),
            key: text(transaction, "/refund_key").map(str::to_owned),
            amount: written(
                text(transaction, "/refund_amount").or_else(|| text(transaction, "/gross_amount"))?,
            )?,
        });
    }
    Some(told)
}

#[cfg(test)]
mod tests;
