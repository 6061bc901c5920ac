//! The calls that go to pay for what is held, where that is paid before it is booked: one time, or all of a visit.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    holds::{Holder, find},
    submit::{NewVisit, visit_of},
};
use crate::{
    account::family,
    appointment::forms::MAX_REASON,
    payment::way,
    server::{
        AppState,
        api::{
            Answer, AppointmentInPath, Authenticated, Body, Done, Fault, RequestTexts, SentKey,
            amount::Amount, done,
        },
        openapi::HOLDS,
    },
};
use engine::{
    account::{Caller, typed},
    booking,
    error::{AppError, Field},
    payment::{self, Start, StartVisit, Started},
};

/// The patient, and the reason for the appointment.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "A cough"}))]
pub struct PayForHold {
    /// The reason for the appointment.
    #[schema(max_length = 500, example = "A cough")]
    reason: Option<String>,
    /// The name of the patient: of the caller, or of somebody who shares the caller's phone.
    #[schema(max_length = 120)]
    name: Option<String>,
    /// The patient: the caller, or one of the caller's family. Needed where the caller has one, unless `name` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    patient_id: Option<i64>,
    /// Whether it is for somebody else with the caller's phone, who is called `name` and not known yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    somebody_else: Option<bool>,
}

/// A payment that was begun.
#[derive(Serialize, ToSchema)]
pub struct BegunPayment {
    /// The id of the payment; none where it is booked already.
    #[schema(example = 1)]
    id: Option<i64>,
    /// The address of the page on which the patient pays. It is to be opened by the patient, in a browser.
    #[schema(example = "https://checkout.stripe.com/c/pay/cs_test_1")]
    url: String,
    /// What is paid there.
    amount: Option<Amount>,
    /// The reference of the hold, or of the appointment or stay that was booked by it.
    #[schema(example = "K7QM-4D2P")]
    reference: String,
    /// Until when it is held: until the page has ended.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T08:46:00Z")]
    held_until: Option<Timestamp>,
}

/// Goes to pay for a time that is held, where it is paid before it is booked.
///
/// The answer has the address of the page on which the patient pays. The hold lasts until that page ends. The time is booked when
/// the provider says that the money has come: ask for the hold, or for the appointment, to see it. A second call gives the first
/// page up.
#[utoipa::path(
    post, path = "/v1/holds/{id}/pay", tag = HOLDS, request_body = PayForHold, security(("token" = ["book"])),
    params(("id" = String, Path, description = "The reference or the id of a hold")),
    responses(
        (status = 201, description = "The page on which the patient pays", body = Done<BegunPayment>),
        (status = 404, description = "`NOT_FOUND`: no such hold, or nothing is paid before it is booked: use `POST holds/{id}/submit`"),
        (status = 409, description = "`BOOKING_FAILED`: the hold ran out and somebody else has the time, the patient has another appointment then, or it has been held for long enough; `PHONE_SHARED`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 503, description = "`UNAVAILABLE`: payments cannot be taken at the moment; or an error after which the request can be repeated"),
    ),
)]
pub async fn pay_hold(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    AppointmentInPath(which): AppointmentInPath,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<PayForHold>,
) -> Answer {
    let holder = Holder::of(&caller)?;
    let reference = find(&state, caller.clone(), &holder, which).await?.reference;
    let key = sent.of(&caller, "pay-hold", &(&reference, &request))?;
    let reason = typed(
        Field::Reason,
        request.reason.as_deref().unwrap_or_default(),
        MAX_REASON,
    )?;
    let whose = family::whose(request.patient_id, request.somebody_else)?;
    let name = holder.name(request.name.as_deref(), whose)?;
    let (patient_id, newcomer) = family::patient_of(&state, &caller, &name, whose, key.as_ref()).await?;
    let command = Start {
        submit: booking::Submit {
            reference: reference.clone(),
            name,
            reason,
            visitor: holder.visitor,
            patient_id,
            newcomer,
            booked_by: holder.patient_id,
            rules: state.config.rules.booking,
            instead_of: None,
            key,
        },
        provider: state.payments.chosen().ok_or(AppError::Unavailable)?,
        locale: texts.locale(),
    };
    let data = match payment::start(&state.database, command, state.now()).await? {
        Started::Paying { payment_id } => begun(&state, caller, payment_id).await?,
        Started::Booked { reference } => {
            let path = format!("/appointments/{reference}");
            booked_already(&state, &path, reference)
        }
    };
    Ok(done(StatusCode::CREATED, texts, "api-payment-begun", data))
}

/// Goes to pay for all held times of a visit at once, where one of them is paid before it is booked.
///
/// What is paid is the sum over the appointments of the visit; those that cost nothing before add nothing. All holds last until the page
/// ends. All of the visit is booked when the provider says that the money has come, or nothing of it, and then all of the money goes back.
/// A second call gives the first page up.
#[utoipa::path(
    post, path = "/v1/visits/pay", tag = HOLDS, request_body = NewVisit, security(("token" = ["book"])),
    responses(
        (status = 201, description = "The page on which the patient pays", body = Done<BegunPayment>),
        (status = 402, description = "`PAYMENT_REQUIRED`: the parts are paid in several currencies, so that it cannot be one payment: use `POST holds/{id}/pay` for each"),
        (status = 404, description = "`NOT_FOUND`: no such holds, or nothing is paid before it is booked: use `POST visits`"),
        (status = 409, description = "`BOOKING_FAILED`: a hold ran out, the patient has another appointment then, or it has been held for long enough; `PHONE_SHARED`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 503, description = "`UNAVAILABLE`: payments cannot be taken at the moment; or an error after which the request can be repeated"),
    ),
)]
pub async fn pay_visit(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewVisit>,
) -> Answer {
    let key = sent.of(&caller, "pay-visit", &request)?;
    let command = StartVisit {
        submit: visit_of(&state, &caller, &request, key).await?,
        provider: state.payments.chosen().ok_or(AppError::Unavailable)?,
        locale: texts.locale(),
    };
    let data = match payment::start_visit(&state.database, command, state.now()).await? {
        Started::Paying { payment_id } => begun(&state, caller, payment_id).await?,
        Started::Booked { reference } => {
            let path = format!("/appointments/{reference}");
            booked_already(&state, &path, reference)
        }
    };
    Ok(done(StatusCode::CREATED, texts, "api-payment-begun", data))
}

/// What is answered to whoever goes to pay for what is booked already; `path` is its page.
pub(crate) fn booked_already(state: &AppState, path: &str, reference: String) -> BegunPayment {
    BegunPayment {
        id: None,
        url: absolute(state, path),
        amount: None,
        reference,
        held_until: None,
    }
}

/// What is answered of a payment that was begun: its page is opened for that.
///
/// # Errors
/// Those of [`way::on`].
pub(crate) async fn begun(state: &AppState, caller: Caller, id: i64) -> Result<BegunPayment, Fault> {
    let url = way::on(state, caller.clone(), id).await?;
    let account = payment::account_of_payment(&state.database, caller, id).await?;
    let amount = account.payments.iter().find(|payment| payment.id == id);
    Ok(BegunPayment {
        id: Some(id),
        url: absolute(state, &url),
        amount: amount.map(|payment| Amount::from(&payment.whole)),
        reference: account.reference,
        held_until: account.held_until,
    })
}

/// The whole address of a page of ours; that of a provider has one already.
fn absolute(state: &AppState, url: &str) -> String {
    let base = state.config.messages.public_url.as_ref();
    match base.filter(|_| url.starts_with('/')) {
        Some(base) => format!("{base}{url}"),
        None => url.to_owned(),
    }
}
