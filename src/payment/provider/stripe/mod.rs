//! Stripe Checkout, by the pages that Stripe hosts.

mod event;
pub mod signature;
mod units;

use engine::{
    i18n::Locale,
    payment::{FactKind, NewRefund, NewSession, OpenSession, OpenedSession, PaymentFact, Provider as Name},
};
use jiff::Timestamp;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;

pub(in crate::payment) use self::units::price;
use self::units::{amount_of, units};
use super::{
    Asking, Back, Incoming, NotTaken, Provider, Reading, Repaid, Standing, Trouble,
    client::{Answer, call, client, of_status, text},
    description,
};
use crate::payment::settings::{SettingsError, Stripe};

/// The version of the API by which answers and events are read. A newer one is looked at first.
pub const VERSION: &str = "2026-10-28.endive";

/// The header of a call's signature.
pub const SIGNATURE: &str = "stripe-signature";

/// Where our own id of a payment, and of a refund, stands in the metadata.
const OUR_PAYMENT: &str = "janji_payment";
const OUR_REFUND: &str = "janji_refund";

/// The account at Stripe.
#[derive(Debug)]
pub struct Checkout {
    name: Name,
    settings: Stripe,
    client: Client,
}

impl Checkout {
    /// # Errors
    /// Where the client cannot be set up.
    pub fn new(name: Name, settings: &Stripe) -> Result<Self, SettingsError> {
        Ok(Self {
            name,
            settings: settings.clone(),
            client: client().map_err(|error| SettingsError::Client(error.to_string()))?,
        })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let base = self.settings.url.as_str().trim_end_matches('/');
        self.client
            .request(method, format!("{base}/v1/{path}"))
            .bearer_auth(self.settings.key.reveal())
            .header("Stripe-Version", VERSION)
    }

    fn fact(&self, page: &Value, kind: FactKind) -> PaymentFact {
        PaymentFact {
            provider: self.name,
            payment_id: our_payment(page),
            session: text(page, "/id").map(str::to_owned),
            // The id, or the whole of it where it was asked for.
            provider_payment: text(page, "/payment_intent")
                .or_else(|| text(page, "/payment_intent/id"))
                .map(str::to_owned),
            kind,
            event_id: None,
        }
    }

    /// What a page says about itself.
    fn standing(&self, page: &Value) -> Result<Standing, Trouble> {
        let kind = match (text(page, "/status"), text(page, "/payment_status")) {
            (Some("open"), _) => return Ok(Standing::Open),
            (Some("expired"), _) => FactKind::Expired,
            (Some("complete"), Some("paid")) => FactKind::Paid {
                amount: amount_of(page, "/amount_total").ok_or(Trouble::Unsure)?,
            },
            // By a means that takes days: it is under way, or it was tried in vain.
            (Some("complete"), _) => match text(page, "/payment_intent/status") {
                Some("requires_payment_method" | "canceled") => FactKind::Failed,
                _ => return Ok(Standing::Open),
            },
            _ => return Err(Trouble::Unsure),
        };
        Ok(Standing::Told(vec![self.fact(page, kind)]))
    }

    async fn find(&self, session: &str) -> Result<Standing, Trouble> {
        let path = format!("checkout/sessions/{}?expand[]=payment_intent", segment(session));
        let answer = call(self.request(Method::GET, &path)).await?;
        match answer.status {
            status if status.is_success() => self.standing(&answer.body),
            // The demo forgets its pages when it ends: nobody can pay there any more.
            StatusCode::NOT_FOUND if self.name == Name::Demo => Ok(Standing::Told(vec![PaymentFact {
                provider: self.name,
                payment_id: None,
                session: Some(session.to_owned()),
                provider_payment: None,
                kind: FactKind::Expired,
                event_id: None,
            }])),
            // Another account, most likely: it may have been paid there.
            StatusCode::NOT_FOUND => Err(Trouble::Account),
            status => Err(of_status(status)),
        }
    }

    /// The refund with our key, where there is one already. A key is kept for a day only, and we may be later.
    async fn earlier(&self, intent: &str, key: &str) -> Result<Option<Repaid>, Trouble> {
        let path = format!("refunds?payment_intent={}&limit=100", segment(intent));
        let answer = call(self.request(Method::GET, &path)).await?;
        if !answer.status.is_success() {
            return Err(of_status(answer.status));
        }
        let known = answer.body.pointer("/data").and_then(Value::as_array);
        known
            .into_iter()
            .flatten()
            .find(|refund| our_refund(refund) == Some(key))
            .map(repaid)
            .transpose()
    }
}

impl Provider for Checkout {
    fn name(&self) -> Name {
        self.name
    }

    fn open<'a>(&'a self, page: &'a NewSession, back: &'a Back, _: Timestamp) -> Asking<'a, OpenedSession> {
        Box::pin(async move {
            let form = form_of(page, back).ok_or(Trouble::Refused)?;
            let request = self
                .request(Method::POST, "checkout/sessions")
                .header("Idempotency-Key", page.key())
                .form(&form);
            let answer = call(request).await?;
            if !answer.status.is_success() {
                return Err(refusal(&answer));
            }
            match (answer.text("/id"), answer.text("/url")) {
                (Some(session), Some(url)) => Ok(OpenedSession {
                    session: session.to_owned(),
                    url: url.to_owned(),
                }),
                _ => Err(Trouble::Unsure),
            }
        })
    }

    fn ask<'a>(&'a self, page: &'a OpenSession, _: Timestamp) -> Asking<'a, Standing> {
        Box::pin(self.find(&page.session))
    }

    fn ask_session<'a>(&'a self, session: &'a str) -> Asking<'a, Standing> {
        Box::pin(self.find(session))
    }

    fn whose<'a>(&'a self, provider_payment: &'a str) -> Asking<'a, Option<i64>> {
        Box::pin(async move {
            let path = format!("payment_intents/{}", segment(provider_payment));
            let answer = call(self.request(Method::GET, &path)).await?;
            match answer.status {
                status if status.is_success() => Ok(our_payment(&answer.body)),
                StatusCode::NOT_FOUND => Ok(None),
                status => Err(of_status(status)),
            }
        })
    }

    fn expire<'a>(&'a self, page: &'a OpenSession, _: Timestamp) -> Asking<'a, Standing> {
        Box::pin(async move {
            let path = format!("checkout/sessions/{}/expire", segment(&page.session));
            let answer = call(self.request(Method::POST, &path)).await?;
            match answer.status {
                status if status.is_success() => self.standing(&answer.body),
                // It is not open: it has ended, or somebody has paid.
                StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND => self.find(&page.session).await,
                status => Err(of_status(status)),
            }
        })
    }

    fn refund<'a>(&'a self, refund: &'a NewRefund) -> Asking<'a, Repaid> {
        Box::pin(async move {
            let intent = refund.provider_payment.as_deref().ok_or(Trouble::Refused)?;
            if let Some(earlier) = self.earlier(intent, &refund.key).await? {
                return Ok(earlier);
            }
            let amount = units(&refund.amount).ok_or(Trouble::Refused)?;
            let form = [
                ("payment_intent", intent.to_owned()),
                ("amount", amount.to_string()),
                ("reason", "requested_by_customer".to_owned()),
                ("metadata[janji_payment]", refund.payment_id.to_string()),
                ("metadata[janji_refund]", refund.key.clone()),
            ];
            let request = self
                .request(Method::POST, "refunds")
                .header("Idempotency-Key", &refund.key)
                .form(&form);
            let answer = call(request).await?;
            match answer.status.is_success() {
                true => repaid(&answer.body),
                false => Err(refusal(&answer)),
            }
        })
    }

    fn read(&self, call: Incoming<'_>, now: Timestamp) -> Result<Reading, NotTaken> {
        event::read(self, call, now)
    }
}

/// The fields of a new page.
fn form_of(page: &NewSession, back: &Back) -> Option<Vec<(&'static str, String)>> {
    let reference = description(&page.reference, page.locale);
    Some(vec![
        ("mode", "payment".to_owned()),
        ("client_reference_id", page.payment_id.to_string()),
        ("metadata[janji_payment]", page.payment_id.to_string()),
        (
            "payment_intent_data[metadata][janji_payment]",
            page.payment_id.to_string(),
        ),
        ("payment_intent_data[description]", reference.clone()),
        ("line_items[0][quantity]", "1".to_owned()),
        (
            "line_items[0][price_data][currency]",
            page.price.currency.to_ascii_lowercase(),
        ),
        (
            "line_items[0][price_data][unit_amount]",
            units(&page.price)?.to_string(),
        ),
        ("line_items[0][price_data][product_data][name]", reference),
        // What is charged is what was asked for, in its currency.
        ("adaptive_pricing[enabled]", "false".to_owned()),
        ("submit_type", "book".to_owned()),
        (
            "locale",
            match page.locale {
                Locale::En => "en",
                Locale::Id => "id",
                Locale::De => "de",
            }
            .to_owned(),
        ),
        ("expires_at", page.ends_at.as_second().to_string()),
        ("success_url", back.paid.clone()),
        ("cancel_url", back.not_paid.clone()),
    ])
}

/// An id as a part of a path: one that is no id leads nowhere else.
fn segment(id: &str) -> String {
    id.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect()
}

/// What an answer means that is no success.
fn refusal(answer: &Answer) -> Trouble {
    match answer.text("/error/type") {
        // The first call under this key is still being answered.
        Some("idempotency_error") if answer.status == StatusCode::CONFLICT => Trouble::Busy,
        _ => of_status(answer.status),
    }
}

fn repaid(refund: &Value) -> Result<Repaid, Trouble> {
    let id = text(refund, "/id").ok_or(Trouble::Unsure)?.to_owned();
    match text(refund, "/status") {
        Some("succeeded") => Ok(Repaid::Done { refund: id }),
        // Some means need an answer of whoever paid.
        Some("pending" | "requires_action") => Ok(Repaid::UnderWay { refund: id }),
        Some("failed" | "canceled") => Err(Trouble::Refused),
        _ => Err(Trouble::Unsure),
    }
}

/// Our own id of the payment, as we gave it.
fn our_payment(object: &Value) -> Option<i64> {
    text(object, &format!("/metadata/{OUR_PAYMENT}"))?.parse().ok()
}

/// Our own key of the refund, as we gave it.
fn our_refund(object: &Value) -> Option<&str> {
    text(object, &format!("/metadata/{OUR_REFUND}"))
}

#[cfg(test)]
mod tests {
    use engine::money::Price;

    use super::*;

    fn rupiah(minor: i64) -> Price {
        Price {
            minor,
            currency: "IDR".to_owned(),
        }
    }

    #[test]
    fn a_page_is_asked_for_with_the_reference_alone() {
        let page = NewSession {
            payment_id: 7,
            provider: Name::Stripe,
            price: rupiah(15_000_000),
            reference: "K7QM-4D2P".to_owned(),
            locale: Locale::Id,
            ends_at: Timestamp::from_second(1_700_000_000).unwrap(),
        };
        let back = Back {
            paid: "https://clinic.example/a?back=paid".to_owned(),
            not_paid: "https://clinic.example/a".to_owned(),
            notify: "https://clinic.example/hooks/stripe".to_owned(),
        };
        let form = form_of(&page, &back).unwrap();
        let value = |name: &str| {
            form.iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.as_str())
                .unwrap()
        };
        assert_eq!(value("line_items[0][price_data][unit_amount]"), "15000000");
        assert_eq!(value("line_items[0][price_data][currency]"), "idr");
        assert_eq!(value("expires_at"), "1700000000");
        assert_eq!(value("locale"), "id");
        assert!(value("line_items[0][price_data][product_data][name]").contains("K7QM-4D2P"));
        assert_eq!(page.key(), "janji-7");
    }

    #[test]
    fn an_id_leads_nowhere_else() {
        assert_eq!(segment("cs_test_a1"), "cs_test_a1");
        assert_eq!(segment("../refunds?x"), "refundsx");
    }
}
