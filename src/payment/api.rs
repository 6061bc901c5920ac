//! What is paid for an appointment or a stay, for programs.

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::{
    AppState,
    api::{
        Answer, AppointmentInPath, Authenticated, Body, Done, Fault, RequestTexts, SentKey, amount::Amount,
        found, made,
    },
    openapi::APPOINTMENTS,
};
use engine::{
    account::Caller,
    error::Field,
    idempotency::Key,
    money::Price,
    payment::{self, Account, Provider, SubjectName, TakeAtDesk, View},
};

/// A payment for an appointment or a stay.
#[derive(Serialize, ToSchema)]
pub struct AppointmentPayment {
    #[schema(example = 1)]
    id: i64,
    /// `created`, `paying`, `paid`, `refund_due`, `refunding`, `refunded`, `refund_failed`, `failed` or `expired`.
    #[schema(example = "paid")]
    state: String,
    /// `stripe`, `midtrans`, `demo`, `cash` or `terminal`.
    #[schema(example = "cash")]
    means: String,
    amount: Amount,
    /// The number of the receipt, once it is paid.
    #[schema(example = 1024)]
    receipt: Option<i64>,
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T08:10:00Z")]
    paid_at: Option<Timestamp>,
    /// What goes back of it in the end, or went back.
    refund: Option<Amount>,
    /// What goes back of it, or went back, since it costs less: nights of a stay that were given up.
    refund_of_nights: Option<Amount>,
    /// `due`, `refunding`, `refunded`, `failed` or `by_hand`; none where nothing goes back.
    #[schema(example = "refunded")]
    refund_state: Option<String>,
}

impl From<&View> for AppointmentPayment {
    fn from(view: &View) -> Self {
        Self {
            id: view.id,
            state: view.state.as_str().to_owned(),
            means: view.provider.as_str().to_owned(),
            amount: Amount::from(&view.price),
            receipt: view.receipt_number,
            paid_at: view.paid_at,
            refund: view.refund.as_ref().map(|refund| Amount::from(&refund.amount)),
            refund_of_nights: (view.back_already > 0).then(|| {
                Amount::from(&Price {
                    minor: view.back_already,
                    currency: view.price.currency.clone(),
                })
            }),
            refund_state: view
                .refund
                .as_ref()
                .map(|refund| refund.state.as_str().to_owned()),
        }
    }
}

/// What is paid for an appointment or a stay.
#[derive(Serialize, ToSchema)]
pub struct PaidForAppointment {
    #[schema(example = "K7QM-4D2P")]
    reference: String,
    /// The price that was stated when it was booked.
    price: Option<Amount>,
    /// What was to be paid before it was booked.
    paid_first: Option<Amount>,
    /// What has been paid and stays.
    paid: Option<Amount>,
    /// What is still to be paid.
    open: Option<Amount>,
    payments: Vec<AppointmentPayment>,
}

impl From<&Account> for PaidForAppointment {
    fn from(account: &Account) -> Self {
        let paid = account.price.as_ref().map(|price| Price {
            minor: account.paid(),
            currency: price.currency.clone(),
        });
        Self {
            reference: account.reference.clone(),
            price: account.price.as_ref().map(Amount::from),
            paid_first: account.first.as_ref().map(Amount::from),
            paid: paid.as_ref().map(Amount::from),
            open: account.open().as_ref().map(Amount::from),
            payments: account.payments.iter().map(AppointmentPayment::from).collect(),
        }
    }
}

/// Returns what is paid for an appointment.
#[utoipa::path(
    get, path = "/v1/appointments/{id}/payments", tag = APPOINTMENTS, security(("token" = ["read"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses((status = 200, description = "What is paid, and what is open", body = Done<PaidForAppointment>)),
)]
pub async fn appointment_payments(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    AppointmentInPath(which): AppointmentInPath,
) -> Answer {
    let account = payment::account_of(&state.database, caller, which.into()).await?;
    Ok(found(texts, PaidForAppointment::from(&account)))
}

/// How the desk takes a payment.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeskMeans {
    Cash,
    /// A card terminal that Janji knows nothing of.
    Terminal,
}

/// A payment that the desk takes.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"means": "cash"}))]
pub struct NewDeskPayment {
    means: DeskMeans,
    /// What is taken, in the currency of the price; all that is open if it is missing.
    amount: Option<Amount>,
}

/// A payment that the desk has taken.
#[derive(Serialize, ToSchema)]
pub struct DeskPayment {
    #[schema(example = 1)]
    id: i64,
    /// The number of the receipt.
    #[schema(example = 1024)]
    receipt: i64,
    #[schema(example = "K7QM-4D2P")]
    reference: String,
}

/// Takes a payment at the desk: at most what is open.
#[utoipa::path(
    post, path = "/v1/appointments/{id}/payments", tag = APPOINTMENTS, request_body = NewDeskPayment,
    security(("token" = ["book"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses(
        (status = 201, description = "Taken", body = Done<DeskPayment>,
         headers(("Location" = String, description = "The path of what is paid for the appointment"))),
        (status = 409, description = "`IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 422, description = "`VALIDATION_FAILED`: more than what is open, or nothing is; `INVALID_TRANSITION`: the appointment has come to its end, or is only held"),
    ),
)]
pub async fn take_desk_payment(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    AppointmentInPath(which): AppointmentInPath,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewDeskPayment>,
) -> Answer {
    let key = sent.of(&caller, "take-payment", &(format!("{which:?}"), &request))?;
    let data = take(&state, caller, which.into(), &request, key).await?;
    let location = format!("/api/v1/appointments/{}/payments", data.reference);
    Ok(made(texts, "api-payment-taken", &location, data))
}

/// Takes what a request of the desk says.
///
/// # Errors
/// Those of [`payment::take_at_desk`]; `VALIDATION_FAILED` for an amount in another currency.
pub(crate) async fn take(
    state: &AppState,
    caller: Caller,
    which: SubjectName,
    request: &NewDeskPayment,
    key: Option<Key>,
) -> Result<DeskPayment, Fault> {
    let amount = request
        .amount
        .as_ref()
        .map(|amount| amount.read("amount"))
        .transpose()?;
    if let Some(amount) = &amount {
        let account = payment::account_of(&state.database, caller.clone(), which.clone()).await?;
        let is_other = account
            .price
            .is_some_and(|price| price.currency != amount.currency);
        if is_other {
            return Err(Fault::malformed("amount.currency"));
        }
    }
    let command = TakeAtDesk {
        caller,
        which,
        means: match request.means {
            DeskMeans::Cash => Provider::Cash,
            DeskMeans::Terminal => Provider::Terminal,
        },
        amount: amount.as_ref().map(Price::amount).unwrap_or_default(),
        key,
    };
    let names = [(Field::Amount, "amount")];
    let taken = payment::take_at_desk(&state.database, command, state.now())
        .await
        .map_err(|error| Fault::from(error).under(&names))?;
    Ok(DeskPayment {
        id: taken.payment_id,
        receipt: taken.receipt_number,
        reference: taken.reference,
    })
}
