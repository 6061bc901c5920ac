//! Payments as the desk oversees them, for programs.

use axum::{extract::State, http::StatusCode};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::DAYS;
use crate::server::{
    AppState,
    api::{
        Answer, Authenticated, Body, Done, Fault, Id, Listed, Nothing, Query, RequestTexts, SentKey,
        amount::Amount, done, found, listed, number, page_of, paged,
    },
    openapi::PAYMENTS,
};
use engine::{
    account::{Caller, storable},
    error::{AppError, Field},
    payment::{
        self, PaymentState, Provider, RefundByHand, Subject,
        board::{self, Entry, OpenRefund, OpenTrouble, Revenue, Search},
    },
    time::local_date,
};

fn at_desk(caller: &Caller) -> Result<(), AppError> {
    match caller.role().is_at_desk() {
        true => Ok(()),
        false => Err(AppError::Forbidden),
    }
}

/// A search for payments.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PaymentFilter {
    /// `created`, `paying`, `paid`, `refund_due`, `refunding`, `refunded`, `refund_failed`, `failed` or `expired`; all by default.
    #[param(example = "paid")]
    state: Option<String>,
    /// `stripe`, `midtrans`, `demo`, `cash` or `terminal`; all by default.
    #[param(example = "cash")]
    means: Option<String>,
    /// The reference of an appointment, the number of a receipt, or an id of the provider.
    reference: Option<String>,
    /// The size of a page; 50 by default.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// A payment, as the desk sees it.
#[derive(Serialize, ToSchema)]
pub struct OverseenPayment {
    #[schema(example = 1)]
    id: i64,
    /// `stripe`, `midtrans`, `demo`, `cash` or `terminal`.
    #[schema(example = "cash")]
    means: &'static str,
    #[schema(example = "paid")]
    state: &'static str,
    amount: Amount,
    /// What went back of it.
    paid_back: Amount,
    /// The reference of the appointment or the stay.
    #[schema(example = "K7QM-4D2P")]
    appointment: String,
    /// `appointment` or `stay`.
    #[schema(example = "appointment")]
    of: &'static str,
    #[schema(example = 17)]
    receipt: Option<i64>,
    /// As the provider has it.
    #[schema(example = "pi_3P")]
    provider_payment: Option<String>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T08:01:00Z")]
    paid_at: Option<Timestamp>,
}

fn of(subject: Subject) -> &'static str {
    match subject {
        Subject::Appointment(_) => "appointment",
        Subject::Stay(_) => "stay",
    }
}

impl From<Entry> for OverseenPayment {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            means: entry.provider.as_str(),
            state: entry.state.as_str(),
            amount: Amount::from(&entry.price),
            paid_back: Amount::from(&entry.paid_back),
            appointment: entry.reference,
            of: of(entry.subject),
            receipt: entry.receipt_number,
            provider_payment: entry.provider_payment,
            created_at: entry.created_at,
            paid_at: entry.paid_at,
        }
    }
}

/// Lists payments, newest first, those of the caller's clinics. For the desk.
#[utoipa::path(
    get, path = "/v1/admin/payments", tag = PAYMENTS, params(PaymentFilter), security(("token" = ["read"])),
    responses((status = 200, description = "A page of payments", body = Listed<OverseenPayment>)),
)]
pub async fn overseen_payments(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<PaymentFilter>,
) -> Answer {
    at_desk(&caller)?;
    let limit = page_of(filter.limit.as_deref())?;
    let search = Search {
        state: word("state", filter.state.as_deref(), PaymentState::parse)?,
        provider: word("means", filter.means.as_deref(), Provider::parse)?,
        about: filter
            .reference
            .map(|reference| storable(&reference))
            .filter(|reference| !reference.is_empty()),
        before: number("cursor", filter.cursor.as_deref())?,
        // One more shows whether there is another page.
        limit: limit + 1,
    };
    let entries = board::entries(&state.database, &caller, search).await?;
    let (entries, next) = paged(entries, limit, |last| last.id.to_string());
    Ok(listed(
        texts,
        entries.into_iter().map(OverseenPayment::from).collect(),
        next,
    ))
}

fn word<T>(name: &str, said: Option<&str>, parse: fn(&str) -> Option<T>) -> Result<Option<T>, Fault> {
    said.filter(|said| !said.is_empty())
        .map(|said| parse(said).ok_or_else(|| Fault::malformed(name)))
        .transpose()
}

/// An amount that waits for a person, or for a provider that takes its time.
#[derive(Serialize, ToSchema)]
pub struct WaitingRefund {
    #[schema(example = 1)]
    id: i64,
    #[schema(example = 1)]
    payment_id: i64,
    #[schema(example = "K7QM-4D2P")]
    appointment: String,
    /// `appointment` or `stay`.
    #[schema(example = "appointment")]
    of: &'static str,
    #[schema(example = "midtrans")]
    means: &'static str,
    /// `due`, `refunding` or `failed`.
    #[schema(example = "failed")]
    state: &'static str,
    /// `too_late`, `twice`, `cancelled`, `by_clinic`, or `fewer` for nights that were given up.
    #[schema(example = "too_late")]
    why: &'static str,
    amount: Amount,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    created_at: Timestamp,
    /// Whether somebody has to pay it back.
    by_hand: bool,
}

impl From<OpenRefund> for WaitingRefund {
    fn from(refund: OpenRefund) -> Self {
        Self {
            id: refund.id,
            payment_id: refund.payment_id,
            appointment: refund.reference,
            of: of(refund.subject),
            means: refund.provider.as_str(),
            state: refund.state.as_str(),
            why: refund.why.as_str(),
            amount: Amount::from(&refund.amount),
            created_at: refund.created_at,
            by_hand: refund.is_by_hand,
        }
    }
}

/// Something about a payment that a person has to look at.
#[derive(Serialize, ToSchema)]
pub struct PaymentTrouble {
    #[schema(example = 1)]
    id: i64,
    #[schema(example = 1)]
    payment_id: i64,
    /// The reference of the appointment or the stay.
    #[schema(example = "K7QM-4D2P")]
    appointment: String,
    /// `appointment` or `stay`.
    #[schema(example = "appointment")]
    of: &'static str,
    /// `wrong_amount` or `disputed`.
    #[schema(example = "disputed")]
    kind: &'static str,
    amount: Amount,
    /// What the provider says was paid.
    said: Option<Amount>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    noticed_at: Timestamp,
}

impl From<OpenTrouble> for PaymentTrouble {
    fn from(trouble: OpenTrouble) -> Self {
        Self {
            id: trouble.id,
            payment_id: trouble.payment_id,
            appointment: trouble.reference,
            of: of(trouble.subject),
            kind: trouble.kind.as_str(),
            amount: Amount::from(&trouble.asked),
            said: trouble.said.as_ref().map(Amount::from),
            noticed_at: trouble.noticed_at,
        }
    }
}

/// What waits for a person.
#[derive(Serialize, ToSchema)]
pub struct PaymentWorklist {
    refunds: Vec<WaitingRefund>,
    troubles: Vec<PaymentTrouble>,
}

/// Returns what needs a hand: amounts that no provider pays back, disputes, and wrong amounts. For the desk.
#[utoipa::path(
    get, path = "/v1/admin/payments/worklist", tag = PAYMENTS, security(("token" = ["read"])),
    responses((status = 200, description = "What needs a hand, the oldest first", body = Done<PaymentWorklist>)),
)]
pub async fn payment_worklist(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    at_desk(&caller)?;
    let to_do = board::to_do(&state.database, &caller, state.now()).await?;
    let worklist = PaymentWorklist {
        refunds: to_do.refunds.into_iter().map(WaitingRefund::from).collect(),
        troubles: to_do.troubles.into_iter().map(PaymentTrouble::from).collect(),
    };
    Ok(found(texts, worklist))
}

/// Where an amount can be found that was paid back.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaidBack {
    /// The number of a transfer or of a receipt.
    #[schema(example = "transfer 4711")]
    reference: String,
}

/// Says that an amount was paid back by hand. For the desk.
#[utoipa::path(
    post, path = "/v1/admin/refunds/{id}/by-hand", tag = PAYMENTS, request_body = PaidBack, security(("token" = ["book"])),
    params(("id" = i64, Path, description = "The id of a refund of the worklist")),
    responses(
        (status = 200, description = "It is paid back", body = Done<Nothing>),
        (status = 409, description = "`STALE_VERSION`: it went back already, or the provider is to do it; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 422, description = "`VALIDATION_FAILED`: there is no reference, or a long one"),
    ),
)]
pub async fn refund_by_hand(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<PaidBack>,
) -> Answer {
    let key = sent.of(&caller, "refund-by-hand", &(id, &request))?;
    let command = RefundByHand {
        caller,
        refund_id: id,
        reference: storable(&request.reference),
        key,
    };
    payment::refund_by_hand(&state.database, command, state.now())
        .await
        .map_err(|error| Fault::from(error).under(&[(Field::PaidBackReference, "reference")]))?;
    Ok(done(StatusCode::OK, texts, "api-paid-back", Nothing))
}

/// Says that somebody has seen to what is wrong with a payment. For the desk.
#[utoipa::path(
    post, path = "/v1/admin/payments/troubles/{id}/seen", tag = PAYMENTS, security(("token" = ["book"])),
    extensions(("x-no-key" = json!(true))),
    params(("id" = i64, Path, description = "The id of a trouble of the worklist")),
    responses((status = 200, description = "It is off the worklist, now or before", body = Done<Nothing>)),
)]
pub async fn payment_trouble_seen(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    payment::see_to(&state.database, caller, id, state.now()).await?;
    Ok(done(StatusCode::OK, texts, "api-payment-seen", Nothing))
}

/// What a day brought in one currency.
#[derive(Serialize, ToSchema)]
pub struct DayRevenue {
    /// In the zone of each clinic.
    #[schema(example = "2026-11-22")]
    day: String,
    #[schema(example = 3)]
    payments: i64,
    /// What was paid on this day.
    taken: Amount,
    /// What went back on this day, whenever it was paid.
    paid_back: Amount,
}

impl From<Revenue> for DayRevenue {
    fn from(day: Revenue) -> Self {
        Self {
            day: day.day.to_string(),
            payments: day.payments,
            taken: Amount::from(&day.taken),
            paid_back: Amount::from(&day.paid_back),
        }
    }
}

/// Returns what each of the last thirty days brought, those on which something came or went. For the desk.
#[utoipa::path(
    get, path = "/v1/admin/revenue", tag = PAYMENTS, security(("token" = ["read"])),
    responses((status = 200, description = "The days, by currency", body = Done<Vec<DayRevenue>>)),
)]
pub async fn payment_revenue(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    at_desk(&caller)?;
    let since = local_date(state.now(), &TimeZone::UTC).saturating_sub(DAYS.days());
    let days = board::revenue(&state.database, &caller, since).await?;
    let days: Vec<DayRevenue> = days.into_iter().map(DayRevenue::from).collect();
    Ok(found(texts, days))
}
