//! The calls of the provider in the manner of Midtrans.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{Dialect, Hosted, Inner, StandIn, Standing};
use crate::payment::provider::midtrans::sign;

pub(super) fn routes() -> Router<StandIn> {
    Router::new()
        .route("/snap/v1/transactions", post(open))
        .route("/snap/v1/transactions/{token}/cancel", post(close))
        .route("/v2/{order}/status", get(status))
        .route("/v2/{order}/expire", post(expire))
        .route("/v2/{order}/refund", post(repay))
        .route("/v2/{order}/cancel", post(cancel))
}

fn is_signed_in(inner: &Inner, headers: &HeaderMap) -> bool {
    let expected = format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{}:", inner.account.server_key))
    );
    headers
        .get("authorization")
        .is_some_and(|sent| sent.as_bytes() == expected.as_bytes())
}

fn refuse(code: u16, message: &str) -> (u16, Value) {
    // The status of HTTP is success, and the code is in the body.
    (
        200,
        json!({"status_code": code.to_string(), "status_message": message}),
    )
}

fn invalid(message: &str) -> (u16, Value) {
    (400, json!({"error_messages": [message]}))
}

async fn open(State(provider): State<StandIn>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    // A key means nothing here: the order does.
    provider.answer(&HeaderMap::new(), "", |inner, now| {
        match is_signed_in(inner, &headers) {
            true => open_page(inner, &body, now),
            false => (
                401,
                json!({"error_messages": ["Access denied due to unauthorized transaction"]}),
            ),
        }
    })
}

fn open_page(inner: &mut Inner, body: &Value, now: i64) -> (u16, Value) {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let number = |pointer: &str| body.pointer(pointer).and_then(Value::as_i64);
    let required = (
        text("/transaction_details/order_id"),
        number("/transaction_details/gross_amount"),
        number("/page_expiry/duration"),
        text("/callbacks/finish"),
    );
    let (Some(order), Some(amount), Some(minutes), Some(to_paid)) = required else {
        return invalid("transaction_details.order_id is required");
    };
    if number("/item_details/0/price") != Some(amount) || amount <= 0 {
        return invalid("transaction_details.gross_amount is not equal to the sum of item_details");
    }
    if inner.pages.iter().any(|page| page.id == order) {
        return invalid("transaction_details.order_id has already been taken");
    }
    let id = inner.number();
    let page = Hosted {
        dialect: Dialect::Midtrans,
        payment: format!("00000000-0000-4000-8000-{id:012}"),
        amount,
        currency: "IDR".to_owned(),
        description: text("/item_details/0/name").unwrap_or_default(),
        locale: "id".to_owned(),
        metadata: std::collections::HashMap::new(),
        to_not_paid: text("/callbacks/error").unwrap_or_else(|| to_paid.clone()),
        to_paid,
        expires_at: now + minutes * 60,
        standing: Standing::Open,
        waits_since: 0,
        repays: true,
        is_unsettled: false,
        refunds: Vec::new(),
        id: order,
    };
    let url = format!("{}/pay/{}", inner.account.own_url, page.id);
    // Here the order is the token.
    let token = page.id.clone();
    inner.pages.push(page);
    (201, json!({"token": token, "redirect_url": url}))
}

/// The code and the status of a payment; none where no means was chosen yet.
fn standing(page: &Hosted) -> Option<(&'static str, &'static str)> {
    match page.standing {
        Standing::Open => None,
        Standing::Waiting => Some(("201", "pending")),
        Standing::Paid if page.is_unsettled && page.repaid() == 0 => Some(("200", "capture")),
        Standing::Paid if page.is_unsettled => Some(("200", "cancel")),
        Standing::Paid if page.repaid() == 0 => Some(("200", "settlement")),
        Standing::Paid if page.repaid() < page.amount => Some(("200", "partial_refund")),
        Standing::Paid => Some(("200", "refund")),
        Standing::Failed => Some(("202", "failure")),
        // Nothing was chosen, so there is no payment that could have ended.
        Standing::Expired if page.waits_since == 0 => None,
        Standing::Expired => Some(("407", "expire")),
    }
}

fn means(page: &Hosted) -> &'static str {
    match (page.is_unsettled, page.repays) {
        (true, _) => "credit_card",
        (false, true) => "qris",
        (false, false) => "bank_transfer",
    }
}

/// A payment as Midtrans writes it, in answers and in notifications.
fn transaction(page: &Hosted, server_key: &str) -> Option<Value> {
    let (code, status) = standing(page)?;
    let gross = format!("{}.00", page.amount);
    let signature = sign([&page.id, code, &gross], server_key);
    let refunds: Vec<Value> = page
        .refunds
        .iter()
        .map(|refund| json!({"refund_key": refund.id, "refund_amount": format!("{}.00", refund.amount)}))
        .collect();
    let mut said = json!({
        "transaction_time": "2026-01-01 09:00:00", "transaction_status": status, "transaction_id": page.payment,
        "status_message": "midtrans payment notification", "status_code": code, "signature_key": signature,
        "payment_type": means(page), "order_id": page.id, "merchant_id": "G000000001",
        "gross_amount": gross, "fraud_status": "accept", "currency": page.currency,
    });
    if page.is_unsettled {
        said["approval_code"] = json!("1578569243927");
    } else if !refunds.is_empty() {
        said["refunds"] = json!(refunds);
        said["refund_amount"] = json!(format!("{}.00", page.repaid()));
    }
    Some(said)
}

/// What is told about a page; nothing of one that ended without a choice.
pub(super) fn notification(page: &Hosted, server_key: &str) -> Option<Value> {
    transaction(page, server_key)
}

/// The same notification, signed by somebody else.
pub(super) fn forged(body: &str) -> String {
    let mut said: Value = serde_json::from_str(body).unwrap_or(Value::Null);
    let text = |pointer: &str| {
        said.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let signed = [text("/order_id"), text("/status_code"), text("/gross_amount")];
    let signature = sign([&signed[0], &signed[1], &signed[2]], "another key");
    said["signature_key"] = json!(signature);
    said.to_string()
}

async fn status(State(provider): State<StandIn>, headers: HeaderMap, Path(order): Path<String>) -> Response {
    provider.answer(&HeaderMap::new(), "", |inner, _| {
        if !is_signed_in(inner, &headers) {
            return refuse(401, "Unknown Merchant server_key/id");
        }
        let page = inner.pages.iter().find(|page| page.id == order);
        match page.and_then(|page| transaction(page, &inner.account.server_key)) {
            Some(said) => (200, said),
            None => refuse(404, "Transaction doesn't exist."),
        }
    })
}

/// Closes a page on which nothing was chosen yet.
async fn close(State(provider): State<StandIn>, headers: HeaderMap, Path(token): Path<String>) -> Response {
    provider.answer(&HeaderMap::new(), "", |inner, _| {
        if !is_signed_in(inner, &headers) {
            return (
                401,
                json!({"error_messages": ["Access denied due to unauthorized transaction"]}),
            );
        }
        let Some(page) = inner.pages.iter_mut().find(|page| page.id == token) else {
            return (404, json!({"error_messages": ["token not found"]}));
        };
        match page.standing {
            Standing::Open => {
                page.standing = Standing::Expired;
                (200, json!({"canceled_at": "2026-01-01T09:00:00.000Z"}))
            }
            Standing::Expired => invalid("token already canceled"),
            _ => invalid("Transaction is on progress"),
        }
    })
}

async fn expire(State(provider): State<StandIn>, headers: HeaderMap, Path(order): Path<String>) -> Response {
    provider.answer(&HeaderMap::new(), "", |inner, _| {
        if !is_signed_in(inner, &headers) {
            return refuse(401, "Unknown Merchant server_key/id");
        }
        let Some(page) = inner.pages.iter_mut().find(|page| page.id == order) else {
            return refuse(404, "Transaction doesn't exist.");
        };
        match page.standing {
            Standing::Open => refuse(404, "Transaction doesn't exist."),
            Standing::Waiting => {
                page.standing = Standing::Expired;
                let page = page.clone();
                inner.queue_notification(&page);
                refuse(407, "Success, transaction has expired")
            }
            _ => refuse(412, "Merchant cannot modify status of the transaction"),
        }
    })
}

async fn repay(
    State(provider): State<StandIn>,
    headers: HeaderMap,
    Path(order): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    provider.answer(&HeaderMap::new(), "", |inner, _| {
        if !is_signed_in(inner, &headers) {
            return refuse(401, "Unknown Merchant server_key/id");
        }
        let Some(page) = inner.pages.iter().find(|page| page.id == order) else {
            return refuse(404, "Transaction doesn't exist.");
        };
        if !page.repays || page.is_unsettled {
            return refuse(412, "Merchant cannot modify status of the transaction");
        }
        let key = body
            .pointer("/refund_key")
            .and_then(Value::as_str)
            .map(str::to_owned);
        if page.refunds.iter().any(|refund| Some(&refund.id) == key.as_ref()) {
            return refuse(406, "Duplicate refund key");
        }
        let amount = body
            .pointer("/amount")
            .and_then(Value::as_i64)
            .unwrap_or(page.amount);
        match inner.repay(&order, amount, std::collections::HashMap::new(), key) {
            Some((page, _)) => {
                let mut said = transaction(&page, &inner.account.server_key).unwrap_or(Value::Null);
                said["status_message"] = json!("Success, refund request is approved");
                (200, said)
            }
            None => refuse(412, "Merchant cannot modify status of the transaction"),
        }
    })
}

/// Takes the charge of a card back, all of it, as long as it has not been settled.
async fn cancel(State(provider): State<StandIn>, headers: HeaderMap, Path(order): Path<String>) -> Response {
    provider.answer(&HeaderMap::new(), "", |inner, _| {
        if !is_signed_in(inner, &headers) {
            return refuse(401, "Unknown Merchant server_key/id");
        }
        let Some(page) = inner.pages.iter().find(|page| page.id == order) else {
            return refuse(404, "Transaction doesn't exist.");
        };
        let (amount, id) = (page.amount, page.payment.clone());
        let charged = page.is_unsettled && page.repaid() == 0;
        let made = charged.then(|| inner.repay(&order, amount, std::collections::HashMap::new(), Some(id)));
        match made.flatten() {
            Some((page, _)) => {
                let mut said = transaction(&page, &inner.account.server_key).unwrap_or(Value::Null);
                said["status_message"] = json!("Success, transaction is canceled");
                (200, said)
            }
            None => refuse(412, "Merchant cannot modify status of the transaction"),
        }
    })
}
