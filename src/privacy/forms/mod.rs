//! The forms of patients: a fresh code, a copy of their data, being forgotten, and consent.

mod staff;

use leptos::prelude::*;

use crate::{
    account::guard,
    server::AppState,
    ui::{redirect, texts},
};
use engine::{
    account::{Caller, Phone, otp},
    error::{AppError, Field, FieldProblem},
    privacy::{
        self, RequestErasure,
        consent::{self, Purpose, Said},
        export::{self, AskExport},
    },
};

pub use self::staff::{
    BreakGlass, CopyForPatient, ErasePatient, HoldPatient, KeepFor, ReleasePatient, SeeBroken,
};
pub(super) use self::staff::{GLASS, PERIODS, TypedGlass, TypedPeriods};

/// Under which name a session keeps what a code belongs to that was sent to prove who somebody is.
pub(super) const PROOF: &str = "privacy-proof";

/// Sends the caller a code, to prove who they are.
#[server(prefix = "/form", endpoint = "privacy-code")]
pub async fn privacy_code() -> Result<(), AppError> {
    let patient_id = guard::patient().await?;
    let state = expect_context::<AppState>();
    let phone = privacy::phone_of(&state.database, patient_id).await?;
    let phone = Phone::parse(&phone, state.config.rules.country)?;
    let challenge = otp::request(
        &state.database,
        state.config.limits,
        phone,
        guard::address(),
        texts(),
        state.now(),
    )
    .await?;
    guard::session()
        .keep_typed(PROOF, String::new(), challenge)
        .await?;
    redirect("/account/data?sent=1");
    Ok(())
}

/// Takes the code, after which a copy can be made and the record be erased for some minutes.
#[server(prefix = "/form", endpoint = "privacy-prove")]
pub async fn privacy_prove(#[server(default)] code: String) -> Result<(), AppError> {
    let patient_id = guard::patient().await?;
    let state = expect_context::<AppState>();
    let session = guard::session();
    // What cannot be a code costs no attempt.
    let code = engine::phone::code(&code)?;
    let challenge: String = session.typed(PROOF, "").await?;
    privacy::prove(&state.database, patient_id, (&challenge, &code), state.now()).await?;
    session.forget_typed(PROOF).await?;
    session.prove().await?;
    redirect("/account/data");
    Ok(())
}

/// The caller, who has just proved who they are.
async fn proved() -> Result<Caller, AppError> {
    let caller = guard::anyone().await?;
    caller.must_be_confirmed()?;
    match guard::is_fresh().await? {
        true => Ok(caller),
        false => Err(AppError::StepUpRequired),
    }
}

/// Asks for a copy of the data of the caller, or of somebody who shares their phone.
#[server(prefix = "/form", endpoint = "copy-data")]
pub async fn copy_data(patient: i64) -> Result<(), AppError> {
    guard::patient().await?;
    let state = expect_context::<AppState>();
    let command = AskExport {
        caller: proved().await?,
        patient_id: patient,
        locale: texts().locale(),
    };
    export::ask(&state.database, command, state.now()).await?;
    redirect("/account/data?done=copy");
    Ok(())
}

/// Erases the caller, or somebody who shares their phone.
#[server(prefix = "/form", endpoint = "erase-data")]
pub async fn erase_data(patient: i64, #[server(default)] sure: bool) -> Result<(), AppError> {
    let own = guard::patient().await?;
    let state = expect_context::<AppState>();
    if !sure {
        return Err(AppError::invalid(Field::Sure, FieldProblem::Missing));
    }
    let command = RequestErasure {
        caller: proved().await?,
        patient_id: patient,
    };
    let requested = privacy::request(&state.database, command, state.now()).await?;
    if patient == own {
        guard::session().sign_out().await?;
    }
    redirect(&format!("/erased/{}", requested.certificate));
    Ok(())
}

/// Says that a patient agrees to something, or takes it back.
#[server(prefix = "/form", endpoint = "set-consent")]
pub async fn set_consent(
    patient: i64,
    purpose: String,
    #[server(default)] given: bool,
) -> Result<(), AppError> {
    guard::patient().await?;
    let state = expect_context::<AppState>();
    let command = consent::SetConsent {
        caller: guard::anyone().await?,
        patient_id: patient,
        purpose: Purpose::parse(&purpose).ok_or(AppError::invalid(Field::Body, FieldProblem::Malformed))?,
        is_given: given,
        said: Said::OnPage,
    };
    consent::set_consent(&state.database, command, state.now()).await?;
    redirect("/account/data?done=consent#consent");
    Ok(())
}
