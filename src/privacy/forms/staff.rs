//! The forms of staff: a copy for a patient, erasing one, keeping everything of one, periods, and breaking the glass.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    account::guard,
    server::AppState,
    ui::{redirect, texts},
};
use engine::{
    account::{Caller, Phone, must_be_admin, storable},
    desk,
    error::{AppError, Field, FieldProblem},
    privacy::{
        self, RequestErasure, SetHold,
        export::{self, AskExport},
        glass,
        retention::{self, Preset, SetPeriods},
    },
};

/// Under which names a session keeps what was typed into the forms of breaking the glass, and of periods.
pub(in crate::privacy) const GLASS: &str = "glass";
pub(in crate::privacy) const PERIODS: &str = "periods";

/// What was typed into the form of breaking the glass.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::privacy) struct TypedGlass {
    pub phone: String,
    pub reason: String,
}

/// What was typed into the form of periods.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::privacy) struct TypedPeriods {
    pub preset: String,
    pub years: String,
    pub months: String,
    pub is_on: bool,
}

/// Asks for a copy of the data of a patient.
#[server(prefix = "/form", endpoint = "copy-for-patient")]
pub async fn copy_for_patient(patient: i64) -> Result<(), AppError> {
    guard::admin().await?;
    let state = expect_context::<AppState>();
    let command = AskExport {
        caller: guard::fresh().await?,
        patient_id: patient,
        locale: texts().locale(),
    };
    export::ask(&state.database, command, state.now()).await?;
    redirect(&format!("/admin/patients/{patient}/data?done=copy"));
    Ok(())
}

/// Erases a patient.
#[server(prefix = "/form", endpoint = "erase-patient")]
pub async fn erase_patient(patient: i64, #[server(default)] sure: bool) -> Result<(), AppError> {
    guard::admin().await?;
    let caller = guard::fresh().await?;
    let state = expect_context::<AppState>();
    if !sure {
        return Err(AppError::invalid(Field::Sure, FieldProblem::Missing));
    }
    let command = RequestErasure {
        caller,
        patient_id: patient,
    };
    let requested = privacy::request(&state.database, command, state.now()).await?;
    redirect(&format!("/erased/{}", requested.certificate));
    Ok(())
}

/// Keeps everything of a patient for now.
#[server(prefix = "/form", endpoint = "hold-patient")]
pub async fn hold_patient(patient: i64, #[server(default)] reason: String) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    set_hold(caller, patient, Some(reason)).await
}

/// Ends that everything of a patient is kept.
#[server(prefix = "/form", endpoint = "release-patient")]
pub async fn release_patient(patient: i64) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    set_hold(caller, patient, None).await
}

async fn set_hold(caller: Caller, patient_id: i64, why: Option<String>) -> Result<(), AppError> {
    let state = expect_context::<AppState>();
    let command = SetHold {
        caller,
        patient_id,
        why,
    };
    privacy::set_hold(&state.database, command, state.now()).await?;
    redirect(&format!("/admin/patients/{patient_id}/data?done=hold"));
    Ok(())
}

/// Chooses how long what is kept.
#[server(prefix = "/form", endpoint = "keep-for")]
pub async fn keep_for(
    #[server(default)] preset: String,
    #[server(default)] years: String,
    #[server(default)] months: String,
    #[server(default)] on: bool,
    version: i32,
) -> Result<(), AppError> {
    guard::admin().await?;
    let state = expect_context::<AppState>();
    let typed = TypedPeriods {
        preset: storable(&preset),
        years: storable(&years),
        months: storable(&months),
        is_on: on,
    };
    let attempt = async {
        let malformed = AppError::invalid(Field::Period, FieldProblem::Malformed);
        let number = |text: &str| text.trim().parse::<i32>().map_err(|_| malformed);
        let command = SetPeriods {
            caller: guard::fresh().await?,
            preset: Preset::parse(&preset).ok_or(malformed)?,
            record_years: number(&years)?,
            booking_months: number(&months)?,
            is_on: on,
            version,
        };
        retention::set_periods(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(PERIODS, String::new(), typed, &result)
        .await?;
    result?;
    redirect("/admin/privacy?done=periods");
    Ok(())
}

/// Looks at a patient whom one has nothing to do with, and says why.
#[server(prefix = "/form", endpoint = "break-glass")]
pub async fn break_glass(
    #[server(default)] phone: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let caller = guard::staff().await?;
    let state = expect_context::<AppState>();
    let base = match &caller {
        Caller::Doctor { .. } => "/doctor/patients",
        _ => "/admin/patients",
    };
    // Whoever types one number after the other here looks for who is a patient, and is counted like everywhere else.
    let most = state.config.limits.phones_per_staff;
    desk::count_typed(&state.database, &caller, most, state.now()).await?;
    let typed = TypedGlass {
        phone: storable(&phone),
        reason: storable(&reason),
    };
    let attempt = async {
        let command = glass::BreakGlass {
            caller,
            phone: Phone::parse(&phone, state.config.rules.country)?,
            why: reason,
        };
        glass::break_glass(&state.database, command, state.now()).await
    };
    let opened = attempt.await;
    guard::session()
        .settle_typed(GLASS, String::new(), typed, &opened)
        .await?;
    if let Some(id) = opened?.first() {
        redirect(&format!("{base}/{id}"));
    }
    Ok(())
}

/// Notes that an admin has looked at why somebody broke the glass.
#[server(prefix = "/form", endpoint = "see-broken")]
pub async fn see_broken(id: i64) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    must_be_admin(&caller)?;
    let state = expect_context::<AppState>();
    glass::see(&state.database, &caller, id, state.now()).await?;
    redirect("/admin/privacy?done=seen#glass");
    Ok(())
}
