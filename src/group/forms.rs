//! The forms of group sessions: taking seats, and planning, changing, publishing and cancelling sessions. What was typed into
//! one that could not be done is kept in the session of the browser.

use jiff::{Timestamp, civil};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    account::guard, appointment::forms::MAX_REASON, idempotency::forms::of_form, payment::way,
    server::AppState, ui::redirect,
};
use engine::{
    account::{Caller, must_be_admin, required, storable, typed},
    error::{AppError, Field, FieldProblem},
    group::{self, Cancel, Details, MAX_TITLE, Plan, Publish, Take},
    idempotency::{Key, KeyOwner},
    money::Price,
    organisation,
    payment::{self, StartSeats, Started},
    schedule::clock,
    time,
};

/// Under which names a session of a browser keeps what was typed.
pub(super) const SEATS: &str = "seats";
pub(super) const SESSION: &str = "group";

/// The key of the typed form of a session that is not there yet.
pub(super) const NEW: &str = "new";

const MAX_NAME: usize = 120;

/// The form of whoever takes seats, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wished {
    pub seats: String,
    pub patient: i64,
    pub name: String,
    pub reason: String,
}

/// The form of a session, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    pub doctor: String,
    pub clinic: String,
    pub service: String,
    pub title: String,
    pub day: String,
    pub hours: String,
    pub length: String,
    pub capacity: String,
    pub price: String,
    pub currency: String,
    pub weeks: String,
    pub reason: String,
}

impl Typed {
    /// Returns the values that the session of a browser may store.
    fn storable(self) -> Self {
        Self {
            doctor: storable(&self.doctor),
            clinic: storable(&self.clinic),
            service: storable(&self.service),
            title: storable(&self.title),
            day: storable(&self.day),
            hours: storable(&self.hours),
            length: storable(&self.length),
            capacity: storable(&self.capacity),
            price: storable(&self.price),
            currency: storable(&self.currency),
            weeks: storable(&self.weeks),
            reason: storable(&self.reason),
        }
    }
}

/// Takes seats for a patient who has signed in, or for somebody who shares the phone.
#[server(prefix = "/form", endpoint = "take-seats")]
pub async fn take_seats(
    group: i64,
    #[server(default)] seats: String,
    #[server(default)] patient: i64,
    #[server(default)] name: String,
    #[server(default)] reason: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    guard::patient().await?;
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let wished = Wished {
        seats: storable(&seats),
        patient,
        name: storable(&name),
        reason: storable(&reason),
    };
    let attempt = async {
        let command = take_of(
            &state,
            &caller,
            (group, patient),
            "take-seats",
            [&seats, &name, &reason, &key],
        )?;
        group::take(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(SEATS, group.to_string(), wished, &result)
        .await?;
    redirect(&format!("/appointments/{}/done", result?.appointment.reference));
    Ok(())
}

/// Goes to pay for seats, which are kept until then; they are booked when the money has come.
#[server(prefix = "/form", endpoint = "pay-for-seats")]
pub async fn pay_for_seats(
    group: i64,
    #[server(default)] seats: String,
    #[server(default)] patient: i64,
    #[server(default)] name: String,
    #[server(default)] reason: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    guard::patient().await?;
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let wished = Wished {
        seats: storable(&seats),
        patient,
        name: storable(&name),
        reason: storable(&reason),
    };
    let chosen = state.payments.chosen();
    let attempt = async {
        let command = StartSeats {
            take: take_of(
                &state,
                &caller,
                (group, patient),
                "pay-for-seats",
                [&seats, &name, &reason, &key],
            )?,
            provider: chosen.ok_or(AppError::Unavailable)?,
            locale: crate::ui::texts().locale(),
        };
        payment::start_seats(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(SEATS, group.to_string(), wished, &result)
        .await?;
    if chosen.is_none() {
        redirect(&format!("/groups/{group}?pay=not-now"));
        return Ok(());
    }
    redirect(&match result? {
        Started::Booked { reference } => format!("/appointments/{reference}/done"),
        Started::Paying { payment_id } => way::by_form(&state, caller, payment_id).await?,
    });
    Ok(())
}

/// Reads what a patient has typed who takes seats, or goes to pay for them.
///
/// # Errors
/// `VALIDATION_FAILED`, `IDEMPOTENCY_CONFLICT`.
fn take_of(
    state: &AppState,
    caller: &Caller,
    (group, patient): (i64, i64),
    operation: &'static str,
    [seats, name, reason, key]: [&String; 4],
) -> Result<Take, AppError> {
    let has_name = caller.name().is_some() || Some(patient) != caller.patient_id();
    Ok(Take {
        key: of_form(
            KeyOwner::Caller(caller),
            key,
            None,
            operation,
            &format!("{group}-{patient}"),
            &(seats, name, reason),
        )?,
        group_id: group,
        patient_id: patient,
        seats: number(Field::Seats, seats)?,
        name: match has_name {
            true => None,
            false => Some(required(Field::Name, name, MAX_NAME)?),
        },
        reason: typed(Field::Reason, reason, MAX_REASON)?,
        rules: state.config.rules.booking,
        caller: caller.clone(),
    })
}

/// Takes seats for a patient, as the doctor of the session or the desk of its clinic.
#[server(prefix = "/form", endpoint = "seat-patient")]
pub async fn seat_patient(
    group: i64,
    #[server(default)] patient: i64,
    #[server(default)] seats: String,
    #[server(default)] reason: String,
    /// Whether the patient may have more of the service than its limits allow.
    #[server(default)]
    over_limit: bool,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::staff().await?;
    let state = expect_context::<AppState>();
    let about = format!("{group}-{patient}");
    let wished = Wished {
        seats: storable(&seats),
        patient,
        name: String::new(),
        reason: storable(&reason),
    };
    let attempt = async {
        let command = Take {
            key: key_of(
                &caller,
                &key,
                "seat-patient",
                &about,
                &(&seats, &reason, over_limit),
            )?,
            group_id: group,
            patient_id: patient,
            seats: number(Field::Seats, &seats)?,
            name: None,
            reason: typed(Field::Reason, &reason, MAX_REASON)?,
            rules: state.config.rules.booking.with_limit_exceeded(over_limit),
            caller: caller.clone(),
        };
        group::take(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(SEATS, about.clone(), wished, &result)
        .await?;
    result?;
    redirect(&format!("{}/groups/{group}?saved=1", base(&caller)));
    Ok(())
}

/// Plans a session or a weekly series, as drafts or published at once.
#[server(prefix = "/form", endpoint = "plan-group")]
pub async fn plan_group(
    #[server(flatten)] typed: Typed,
    /// Whether the session is open at once.
    #[server(default)]
    publish: bool,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::staff().await?;
    let state = expect_context::<AppState>();
    let typed = typed.storable();
    let attempt = async {
        let doctor_id = match &caller {
            Caller::Doctor { doctor_id, .. } => *doctor_id,
            _ => {
                must_be_admin(&caller)?;
                chosen(Field::Doctor, &typed.doctor)?
            }
        };
        let clinic_id = chosen(Field::Clinic, &typed.clinic)?;
        let command = Plan {
            key: key_of(&caller, &key, "plan-group", NEW, &(&typed, publish))?,
            doctor_id,
            clinic_id,
            service_id: chosen(Field::Service, &typed.service)?,
            details: details(&state, clinic_id, &typed).await?,
            weeks: match typed.weeks.as_str() {
                "" => 1,
                weeks => number(Field::Weeks, weeks)?,
            },
            publish,
            caller: caller.clone(),
        };
        group::plan(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(SESSION, NEW.to_owned(), typed.clone(), &result)
        .await?;
    let first = result?.into_iter().next().ok_or(AppError::Internal)?;
    redirect(&format!("{}/groups/{}?saved=1", base(&caller), first.id));
    Ok(())
}

/// Changes a session.
#[server(prefix = "/form", endpoint = "change-group")]
pub async fn change_group(
    group: i64,
    version: i32,
    #[server(flatten)] typed: Typed,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::staff().await?;
    let state = expect_context::<AppState>();
    let typed = typed.storable();
    let about = group.to_string();
    let attempt = async {
        let listed = group::find(&state.database, Some(caller.clone()), group).await?;
        group::must_plan(&caller, listed.group.doctor_id)?;
        let command = group::Change {
            key: key_of(&caller, &key, "change-group", &about, &(version, &typed))?,
            group_id: group,
            version,
            details: details(&state, listed.group.clinic_id, &typed).await?,
            caller: caller.clone(),
        };
        group::change(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(SESSION, about.clone(), typed.clone(), &result)
        .await?;
    result?;
    redirect(&format!("{}/groups/{group}?saved=1", base(&caller)));
    Ok(())
}

/// Publishes a session, or it and the drafts of its series that come after it.
#[server(prefix = "/form", endpoint = "publish-group")]
pub async fn publish_group(
    group: i64,
    version: i32,
    #[server(default)] with_rest: bool,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::staff().await?;
    let state = expect_context::<AppState>();
    let command = Publish {
        key: key_of(
            &caller,
            &key,
            "publish-group",
            &group.to_string(),
            &(version, with_rest),
        )?,
        group_id: group,
        version: Some(version),
        with_rest,
        caller: caller.clone(),
    };
    group::publish(&state.database, command, state.now()).await?;
    redirect(&format!("{}/groups/{group}?saved=1", base(&caller)));
    Ok(())
}

/// Cancels a session, or it and those of its series that come after it, with all seats.
#[server(prefix = "/form", endpoint = "cancel-group")]
pub async fn cancel_group(
    group: i64,
    version: i32,
    #[server(default)] with_rest: bool,
    #[server(default)] reason: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::staff().await?;
    let state = expect_context::<AppState>();
    let about = group.to_string();
    let kept = Typed {
        reason: storable(&reason),
        ..Typed::default()
    };
    let attempt = async {
        let command = Cancel {
            key: key_of(
                &caller,
                &key,
                "cancel-group",
                &about,
                &(version, with_rest, &reason),
            )?,
            group_id: group,
            version: Some(version),
            with_rest,
            reason: required(Field::Reason, &reason, MAX_REASON)?,
            caller: caller.clone(),
        };
        group::cancel(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(SESSION, format!("cancel {about}"), kept, &result)
        .await?;
    result?;
    redirect(&format!("{}/groups/{group}?saved=1", base(&caller)));
    Ok(())
}

/// The path below which the pages of this caller are.
fn base(caller: &Caller) -> &'static str {
    match caller {
        Caller::Doctor { .. } => "/doctor",
        Caller::Admin { .. } | Caller::Reception { .. } | Caller::Patient { .. } => "/admin",
    }
}

fn key_of(
    caller: &Caller,
    key: &str,
    operation: &'static str,
    about: &str,
    request: &impl Serialize,
) -> Result<Option<Key>, AppError> {
    of_form(KeyOwner::Caller(caller), key, None, operation, about, request)
}

fn number(field: Field, text: &str) -> Result<i32, AppError> {
    let problem = match text.trim() {
        "" => FieldProblem::Missing,
        text => match text.parse() {
            Ok(number) => return Ok(number),
            Err(_) => FieldProblem::Malformed,
        },
    };
    Err(AppError::invalid(field, problem))
}

/// The id of what was chosen in a list.
fn chosen(field: Field, text: &str) -> Result<i64, AppError> {
    let missing = AppError::invalid(field, FieldProblem::Missing);
    text.trim().parse().map_err(|_| missing)
}

/// Reads what is said of a session, by the clock of its clinic.
async fn details(state: &AppState, clinic_id: i64, typed: &Typed) -> Result<Details, AppError> {
    let title = required(Field::Title, &typed.title, MAX_TITLE)?;
    let malformed = |field| AppError::invalid(field, FieldProblem::Malformed);
    let day = match typed.day.trim() {
        "" => return Err(AppError::invalid(Field::Day, FieldProblem::Missing)),
        day => time::date(day).ok_or(malformed(Field::Day))?,
    };
    let minute = clock(&typed.hours).map_err(|_| malformed(Field::Hours))?;
    let clinic = organisation::clinic(&state.database, clinic_id).await?;
    let zone = time::zone(&clinic.what.time_zone).ok_or(AppError::Internal)?;
    let starts_at = start(day, minute, &zone).ok_or(malformed(Field::Hours))?;
    Ok(Details {
        title,
        starts_at,
        minutes: number(Field::Length, &typed.length)?,
        capacity: number(Field::Capacity, &typed.capacity)?,
        price: price(&typed.price, &typed.currency)?,
    })
}

fn start(day: civil::Date, minute: i32, zone: &jiff::tz::TimeZone) -> Option<Timestamp> {
    time::instants(day, minute, zone).first().copied()
}

fn price(amount: &str, currency: &str) -> Result<Option<Price>, AppError> {
    let (amount, currency) = (amount.trim(), currency.trim().to_uppercase());
    if amount.is_empty() {
        return Ok(None);
    }
    if currency.is_empty() {
        return Err(AppError::invalid(Field::Currency, FieldProblem::Missing));
    }
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(AppError::invalid(Field::Currency, FieldProblem::Malformed));
    }
    Price::parse(amount, &currency)
        .map(Some)
        .ok_or(AppError::invalid(Field::Price, FieldProblem::Malformed))
}
