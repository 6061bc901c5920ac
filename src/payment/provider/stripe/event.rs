//! What Stripe's events say.

use engine::payment::{FactKind, PaymentFact};
use jiff::Timestamp;
use serde_json::Value;

use super::{Checkout, SIGNATURE, amount_of, our_payment, our_refund, signature::is_genuine};
use crate::payment::provider::{Incoming, NotTaken, Reading, Standing, client::text};

/// Reads an event.
pub(super) fn read(account: &Checkout, call: Incoming<'_>, now: Timestamp) -> Result<Reading, NotTaken> {
    let secrets = &account.settings.webhook_secrets;
    if secrets.is_empty() {
        return Err(NotTaken::NoSecret);
    }
    let header = call.headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    if !header.is_some_and(|header| is_genuine(header, call.body, secrets, now)) {
        return Err(NotTaken::Forged);
    }
    let event: Value = serde_json::from_slice(call.body).map_err(|_| NotTaken::Malformed)?;
    let id = text(&event, "/id").ok_or(NotTaken::Malformed)?;
    let kind = text(&event, "/type").ok_or(NotTaken::Malformed)?;
    let object = event
        .pointer("/data/object")
        .filter(|object| object.is_object())
        .ok_or(NotTaken::Malformed)?;
    // Of an account that is connected to this one, or of the other of sandbox and real life.
    let is_live = event.get("livemode").and_then(Value::as_bool);
    if text(&event, "/account").is_some() || is_live.is_some_and(|live| live != account.settings.is_live()) {
        return Err(NotTaken::Stranger);
    }
    facts(account, kind, object, id)
}

/// The facts of an event of this kind.
fn facts(account: &Checkout, kind: &str, object: &Value, id: &str) -> Result<Reading, NotTaken> {
    let told = match kind {
        // Of a means that takes days it says only that the page was filled in.
        "checkout.session.completed" => match account.standing(object) {
            Ok(Standing::Told(facts)) => facts.into_iter().map(|fact| fact.kind).collect(),
            Ok(Standing::Open) => return Ok(Reading::Nothing),
            Err(_) => return Err(NotTaken::Malformed),
        },
        "checkout.session.async_payment_succeeded" => vec![FactKind::Paid {
            amount: amount_of(object, "/amount_total").ok_or(NotTaken::Malformed)?,
        }],
        "checkout.session.async_payment_failed" => vec![FactKind::Failed],
        "checkout.session.expired" => vec![FactKind::Expired],
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => of_refund(object)?,
        "charge.dispute.created" => vec![FactKind::Disputed {
            dispute: id_of(object)?,
        }],
        "charge.dispute.closed" => of_closed_dispute(object)?,
        // Each refund of it has an event of its own.
        _ => return Ok(Reading::Nothing),
    };
    let is_page = kind.starts_with("checkout.session.");
    let facts = told.into_iter().enumerate().map(|(place, kind)| PaymentFact {
        session: text(object, "/id").filter(|_| is_page).map(str::to_owned),
        payment_id: our_payment(object),
        // Each is taken in once.
        event_id: Some(match place {
            0 => id.to_owned(),
            place => format!("{id}.{place}"),
        }),
        ..account.fact(object, kind)
    });
    let facts: Vec<PaymentFact> = facts.collect();
    match facts.is_empty() {
        true => Ok(Reading::Nothing),
        false => Ok(Reading::Facts(facts)),
    }
}

fn id_of(object: &Value) -> Result<String, NotTaken> {
    text(object, "/id").map(str::to_owned).ok_or(NotTaken::Malformed)
}

fn of_refund(refund: &Value) -> Result<Vec<FactKind>, NotTaken> {
    let (id, key) = (id_of(refund)?, our_refund(refund).map(str::to_owned));
    Ok(match text(refund, "/status") {
        Some("succeeded") => vec![FactKind::Refunded {
            refund: id,
            key,
            amount: amount_of(refund, "/amount").ok_or(NotTaken::Malformed)?,
        }],
        Some("failed" | "canceled") => vec![FactKind::RefundFailed { refund: id, key }],
        // It is under way.
        _ => Vec::new(),
    })
}

/// A dispute that was lost has taken the money with it.
fn of_closed_dispute(dispute: &Value) -> Result<Vec<FactKind>, NotTaken> {
    let id = id_of(dispute)?;
    let mut told = Vec::new();
    if text(dispute, "/status") == Some("lost") {
        told.push(FactKind::Refunded {
            refund: id.clone(),
            key: None,
            amount: amount_of(dispute, "/amount").ok_or(NotTaken::Malformed)?,
        });
    }
    told.push(FactKind::DisputeClosed { dispute: id });
    Ok(told)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use engine::{money::Price, payment::Provider as Name};
    use serde_json::json;

    use super::*;
    use crate::{
        notification::secret::Secret,
        payment::{
            provider::{Provider, stripe::signature::sign},
            settings::Stripe,
        },
    };

    const NOW: i64 = 1_700_000_000;

    fn account() -> Checkout {
        let settings = Stripe {
            url: "http://127.0.0.1:1".parse().unwrap(),
            key: Secret::new("sk_test_1"),
            webhook_secrets: vec![Secret::new("whsec_test")],
        };
        Checkout::new(Name::Stripe, &settings).unwrap()
    }

    fn read(event: &Value) -> Result<Reading, NotTaken> {
        let body = event.to_string();
        let mut headers = HeaderMap::new();
        let signature = sign("whsec_test", NOW, body.as_bytes());
        headers.insert(SIGNATURE, signature.parse().unwrap());
        let call = Incoming {
            headers: &headers,
            body: body.as_bytes(),
        };
        account().read(call, Timestamp::from_second(NOW).unwrap())
    }

    fn event(kind: &str, object: Value) -> Value {
        json!({"id": "evt_1", "object": "event", "type": kind, "livemode": false, "data": {"object": object}})
    }

    fn page(status: &str, paid: &str) -> Value {
        json!({
            "id": "cs_1", "object": "checkout.session", "status": status, "payment_status": paid,
            "amount_total": 15_000_000, "currency": "idr", "payment_intent": "pi_1",
            "metadata": {"janji_payment": "7"},
        })
    }

    fn rupiah() -> Price {
        Price {
            minor: 15_000_000,
            currency: "IDR".to_owned(),
        }
    }

    fn kinds(reading: Reading) -> Vec<FactKind> {
        match reading {
            Reading::Facts(facts) => facts.into_iter().map(|fact| fact.kind).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_page_that_is_complete_is_paid_only_where_it_says_so() {
        let paid = read(&event("checkout.session.completed", page("complete", "paid"))).unwrap();
        let fact = PaymentFact {
            provider: Name::Stripe,
            payment_id: Some(7),
            session: Some("cs_1".to_owned()),
            provider_payment: Some("pi_1".to_owned()),
            kind: FactKind::Paid { amount: rupiah() },
            event_id: Some("evt_1".to_owned()),
        };
        assert_eq!(paid, Reading::Facts(vec![fact]));
        let later = read(&event("checkout.session.completed", page("complete", "unpaid"))).unwrap();
        assert_eq!(later, Reading::Nothing);
        for (kind, expected) in [
            (
                "checkout.session.async_payment_succeeded",
                FactKind::Paid { amount: rupiah() },
            ),
            ("checkout.session.async_payment_failed", FactKind::Failed),
            ("checkout.session.expired", FactKind::Expired),
        ] {
            let told = read(&event(kind, page("complete", "unpaid"))).unwrap();
            assert_eq!(kinds(told), [expected], "{kind}");
        }
    }

    #[test]
    fn a_refund_made_at_the_provider_is_told_apart_from_ours() {
        let refund = |status: &str, key: Option<&str>| {
            json!({
                "id": "re_1", "object": "refund", "status": status, "amount": 15_000_000, "currency": "idr",
                "payment_intent": "pi_1", "metadata": key.map_or(json!({}), |key| json!({"janji_refund": key})),
            })
        };
        for key in [None, Some("refund-7")] {
            let told = read(&event("refund.updated", refund("succeeded", key))).unwrap();
            let Reading::Facts(facts) = told else {
                panic!("{told:?}")
            };
            assert_eq!(facts[0].session, None);
            assert_eq!(facts[0].provider_payment.as_deref(), Some("pi_1"));
            let refunded = FactKind::Refunded {
                refund: "re_1".to_owned(),
                key: key.map(str::to_owned),
                amount: rupiah(),
            };
            assert_eq!(facts[0].kind, refunded);
        }
        let failed = read(&event("refund.failed", refund("failed", Some("refund-7")))).unwrap();
        assert!(matches!(kinds(failed)[..], [FactKind::RefundFailed { .. }]));
        let pending = read(&event("refund.created", refund("pending", None))).unwrap();
        assert_eq!(pending, Reading::Nothing);
    }

    #[test]
    fn a_dispute_that_is_lost_takes_the_money_with_it() {
        let dispute = |status: &str| {
            json!({
                "id": "dp_1", "object": "dispute", "status": status, "amount": 15_000_000, "currency": "idr",
                "payment_intent": "pi_1",
            })
        };
        let opened = read(&event("charge.dispute.created", dispute("needs_response"))).unwrap();
        assert!(matches!(kinds(opened)[..], [FactKind::Disputed { .. }]));
        let won = read(&event("charge.dispute.closed", dispute("won"))).unwrap();
        assert!(matches!(kinds(won)[..], [FactKind::DisputeClosed { .. }]));
        let Reading::Facts(lost) = read(&event("charge.dispute.closed", dispute("lost"))).unwrap() else {
            panic!("nothing was told")
        };
        let ids: Vec<_> = lost
            .iter()
            .map(|fact| fact.event_id.as_deref().unwrap())
            .collect();
        assert_eq!(ids, ["evt_1", "evt_1.1"]);
        assert!(matches!(lost[0].kind, FactKind::Refunded { .. }));
    }

    #[test]
    fn what_is_of_others_or_of_no_interest_says_nothing() {
        let mut live = event("checkout.session.completed", page("complete", "paid"));
        live["livemode"] = json!(true);
        assert_eq!(read(&live), Err(NotTaken::Stranger));
        let mut connected = event("checkout.session.completed", page("complete", "paid"));
        connected["account"] = json!("acct_1");
        assert_eq!(read(&connected), Err(NotTaken::Stranger));
        assert_eq!(
            read(&event("customer.created", json!({"id": "cus_1"}))),
            Ok(Reading::Nothing)
        );
        for malformed in [
            json!({}),
            json!([]),
            json!({"id": "evt_1"}),
            json!({"id": "evt_1", "type": "checkout.session.completed"}),
            event("checkout.session.completed", json!(7)),
            event("checkout.session.completed", json!({})),
            event("checkout.session.async_payment_succeeded", json!({"id": "cs_1"})),
            event("refund.updated", json!({"status": "succeeded"})),
            event("charge.dispute.created", json!({})),
        ] {
            assert_eq!(read(&malformed), Err(NotTaken::Malformed), "{malformed}");
        }
    }
}
