//! The calls of the provider in the manner of Stripe.

use std::collections::HashMap;

use axum::{
    Router,
    extract::{Path, Query, RawForm, State},
    http::HeaderMap,
    response::Response,
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{Dialect, Hosted, Inner, Refund, StandIn, Standing};

/// The seconds within which a page can end, from now on.
const ENDS_WITHIN: std::ops::RangeInclusive<i64> = 30 * 60..=24 * 60 * 60;
/// The seconds after which what was to come later comes, in the demo.
const LATER: i64 = 20;

pub(super) fn routes() -> Router<StandIn> {
    Router::new()
        .route("/v1/checkout/sessions", post(open))
        .route("/v1/checkout/sessions/{id}", get(find))
        .route("/v1/checkout/sessions/{id}/expire", post(expire))
        .route("/v1/payment_intents/{id}", get(find_intent))
        .route("/v1/refunds", post(repay).get(refunds))
}

type Fields = HashMap<String, String>;

fn fields(form: &[u8]) -> Fields {
    reqwest::Url::parse("form:/")
        .map(|mut url| {
            url.set_query(std::str::from_utf8(form).ok());
            url.query_pairs().into_owned().collect()
        })
        .unwrap_or_default()
}

fn refuse(status: u16, kind: &str, message: &str) -> (u16, Value) {
    (status, json!({"error": {"type": kind, "message": message}}))
}

fn invalid(message: &str) -> (u16, Value) {
    refuse(400, "invalid_request_error", message)
}

async fn open(State(provider): State<StandIn>, headers: HeaderMap, RawForm(form): RawForm) -> Response {
    let asked = format!("open {}", String::from_utf8_lossy(&form));
    provider.answer(&headers, &asked, |inner, now| {
        if !is_signed_in(&headers) {
            return refuse(401, "invalid_request_error", "Invalid API Key provided");
        }
        open_page(inner, &fields(&form), now)
    })
}

fn is_signed_in(headers: &HeaderMap) -> bool {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    value("authorization").is_some_and(|key| key.starts_with("Bearer sk_test_"))
        && value("stripe-version").is_some()
}

fn open_page(inner: &mut Inner, fields: &Fields, now: i64) -> (u16, Value) {
    let field = |name: &str| fields.get(name).cloned().filter(|value| !value.is_empty());
    let required = (
        field("line_items[0][price_data][unit_amount]").and_then(|amount| amount.parse::<i64>().ok()),
        field("line_items[0][price_data][currency]"),
        field("line_items[0][price_data][product_data][name]"),
        field("success_url"),
        field("expires_at").and_then(|at| at.parse::<i64>().ok()),
    );
    let (Some(amount), Some(currency), Some(description), Some(to_paid), Some(expires_at)) = required else {
        return invalid("Missing required param.");
    };
    if field("mode").as_deref() != Some("payment") || amount <= 0 {
        return invalid("Invalid mode or amount.");
    }
    // A request takes its time.
    if !ENDS_WITHIN.contains(&(expires_at - now + 5)) {
        return invalid("The `expires_at` timestamp must be between 30 minutes and 24 hours from now.");
    }
    let number = inner.number();
    let metadata = fields
        .iter()
        .filter_map(|(name, value)| {
            let name = name.strip_prefix("metadata[")?.strip_suffix(']')?;
            Some((name.to_owned(), value.clone()))
        })
        .collect();
    let page = Hosted {
        dialect: Dialect::Stripe,
        id: format!("cs_test_{now}x{number}"),
        payment: format!("pi_{now}x{number}"),
        amount,
        currency,
        description,
        locale: field("locale").unwrap_or_default(),
        metadata,
        to_not_paid: field("cancel_url").unwrap_or_else(|| to_paid.clone()),
        to_paid,
        expires_at,
        standing: Standing::Open,
        waits_since: 0,
        repays: true,
        is_unsettled: false,
        refunds: Vec::new(),
    };
    let mut answer = session(&page);
    answer["url"] = json!(format!("{}/pay/{}", inner.account.own_url, page.id));
    inner.pages.push(page);
    (200, answer)
}

/// A page as Stripe writes it.
pub(super) fn session(page: &Hosted) -> Value {
    let (status, paid) = match page.standing {
        Standing::Open => ("open", "unpaid"),
        Standing::Waiting | Standing::Failed => ("complete", "unpaid"),
        Standing::Paid => ("complete", "paid"),
        Standing::Expired => ("expired", "unpaid"),
    };
    let has_payment = matches!(
        page.standing,
        Standing::Waiting | Standing::Failed | Standing::Paid
    );
    json!({
        "id": page.id, "object": "checkout.session", "amount_subtotal": page.amount, "amount_total": page.amount,
        "currency": page.currency, "client_reference_id": page.metadata.get("janji_payment"), "expires_at": page.expires_at,
        "livemode": false, "metadata": page.metadata, "mode": "payment",
        "payment_intent": has_payment.then_some(&page.payment), "payment_status": paid, "status": status,
        "success_url": page.to_paid, "cancel_url": page.to_not_paid, "url": null,
    })
}

async fn find(
    State(provider): State<StandIn>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(query): Query<Fields>,
) -> Response {
    provider.answer(&headers, "", |inner, _| {
        match inner.pages.iter().find(|page| page.id == id) {
            Some(page) => {
                let mut answer = session(page);
                if query.get("expand[]").map(String::as_str) == Some("payment_intent")
                    && !answer["payment_intent"].is_null()
                {
                    answer["payment_intent"] = intent(page);
                }
                (200, answer)
            }
            None => refuse(404, "invalid_request_error", "No such checkout session"),
        }
    })
}

async fn find_intent(
    State(provider): State<StandIn>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    provider.answer(&headers, "", |inner, _| {
        match inner.pages.iter().find(|page| page.payment == id) {
            Some(page) => (200, intent(page)),
            None => refuse(404, "invalid_request_error", "No such payment_intent"),
        }
    })
}

fn intent(page: &Hosted) -> Value {
    let status = match page.standing {
        Standing::Paid => "succeeded",
        Standing::Waiting => "processing",
        _ => "requires_payment_method",
    };
    json!({
        "id": page.payment, "object": "payment_intent", "status": status, "amount": page.amount,
        "currency": page.currency, "metadata": page.metadata,
    })
}

async fn expire(State(provider): State<StandIn>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    provider.answer(&headers, &format!("expire {id}"), |inner, now| {
        let Some(page) = inner.pages.iter_mut().find(|page| page.id == id) else {
            return refuse(404, "invalid_request_error", "No such checkout session");
        };
        if page.standing != Standing::Open {
            return invalid("Only Checkout Sessions with a status in [\"open\"] can be expired.");
        }
        page.standing = Standing::Expired;
        let page = page.clone();
        inner.announce(&page, false, now);
        (200, session(&page))
    })
}

async fn repay(State(provider): State<StandIn>, headers: HeaderMap, RawForm(form): RawForm) -> Response {
    let asked = format!("repay {}", String::from_utf8_lossy(&form));
    provider.answer(&headers, &asked, |inner, _| {
        let fields = fields(&form);
        let payment = fields.get("payment_intent").cloned().unwrap_or_default();
        let Some(page) = inner.pages.iter().find(|page| page.payment == payment).cloned() else {
            return invalid("No such payment_intent");
        };
        let amount = fields.get("amount").and_then(|amount| amount.parse().ok());
        let metadata = fields
            .iter()
            .filter_map(|(name, value)| {
                let name = name.strip_prefix("metadata[")?.strip_suffix(']')?;
                Some((name.to_owned(), value.clone()))
            })
            .collect();
        match inner.repay(&page.id, amount.unwrap_or(page.amount), metadata, None) {
            Some((page, made)) => (200, refund(&page, &made)),
            None => invalid("Refund amount is greater than unrefunded amount on charge"),
        }
    })
}

/// A refund as Stripe writes it.
pub(super) fn refund(page: &Hosted, refund: &Refund) -> Value {
    json!({
        "id": refund.id, "object": "refund", "amount": refund.amount, "currency": page.currency,
        "payment_intent": page.payment, "status": "succeeded", "metadata": refund.metadata,
    })
}

/// A dispute as Stripe writes it.
pub(super) fn dispute(page: &Hosted, status: &str) -> Value {
    json!({
        "id": format!("dp_{}", page.payment), "object": "dispute", "amount": page.amount, "currency": page.currency,
        "payment_intent": page.payment, "status": status, "reason": "general", "metadata": {},
    })
}

async fn refunds(
    State(provider): State<StandIn>,
    headers: HeaderMap,
    Query(query): Query<Fields>,
) -> Response {
    provider.answer(&headers, "", |inner, _| {
        let wanted = query.get("payment_intent").cloned().unwrap_or_default();
        let page = inner.pages.iter().find(|page| page.payment == wanted);
        let made: Vec<Value> = page
            .map(|page| page.refunds.iter().map(|made| refund(page, made)).collect())
            .unwrap_or_default();
        (200, json!({"object": "list", "data": made, "has_more": false}))
    })
}

/// The pages whose money comes now that was to come later.
pub(super) fn waiting(inner: &Inner, now: i64) -> Vec<String> {
    inner
        .pages
        .iter()
        .filter(|page| page.standing == Standing::Waiting && page.waits_since + LATER <= now)
        .map(|page| page.id.clone())
        .collect()
}
