//! The forms that plan, change, publish and cancel sessions.

use jiff::{Timestamp, civil};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{NEW, SESSION, base, key_of, number};
use crate::{account::guard, appointment::forms::MAX_REASON, server::AppState, ui::redirect};
use engine::{
    account::{Caller, must_be_admin, required, storable},
    error::{AppError, Field, FieldProblem},
    group::{self, Cancel, Details, MAX_TITLE, Plan, Publish},
    money::Price,
    organisation,
    schedule::clock,
    time,
};

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
