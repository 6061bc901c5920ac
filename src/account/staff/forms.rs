//! Inviting staff, closing and opening their accounts, and their roles.

use std::collections::BTreeSet;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    account::guard,
    idempotency::forms::of_form,
    server::AppState,
    ui::{redirect, texts},
};
use engine::{
    account::{
        Role,
        access::{self, SetAccess},
        clinics::{self, SetClinics},
        factor, invite,
        session::SignedIn,
        storable,
    },
    error::{AppError, Field, FieldProblem},
    idempotency::KeyOwner,
};

/// Under which name a session keeps what was typed about somebody who is to be invited.
pub(super) const INVITED: &str = "invited";

/// Who is to be invited, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Invited {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) role: String,
    pub(super) clinics: BTreeSet<i64>,
}

/// Invites somebody to the desk: as an admin, where no role is named, or as reception.
#[server(prefix = "/form", endpoint = "invite-admin")]
pub async fn invite_admin(
    #[server(default)] name: String,
    #[server(default)] email: String,
    #[server(default)] role: String,
    #[server(default)] clinics: BTreeSet<i64>,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let session = guard::session();
    let wanted = Invited {
        name: storable(&name),
        email: storable(&email),
        role: storable(&role),
        clinics,
    };
    let attempt = async {
        guard::fresh().await?;
        let role = match wanted.role.as_str() {
            "" => Role::Admin,
            role => role_of(role)?,
        };
        let command = invite::InviteToDesk {
            role,
            clinics: wanted.clinics.clone(),
            name: wanted.name.clone(),
            email: wanted.email.clone(),
            site: state.config.public_url().cloned().ok_or(AppError::NotFound)?,
            texts: texts(),
            key: of_form(KeyOwner::Caller(&caller), &key, None, "invite-admin", "", &wanted)?,
            caller: caller.clone(),
        };
        invite::invite_to_desk(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    session
        .settle_typed(INVITED, String::new(), &wanted, &result)
        .await?;
    let invited = result?;
    tracing::info!(
        staff.id = invited,
        by.staff.id = caller.staff_id(),
        "somebody was invited to the desk"
    );
    redirect("/admin/staff?done=invited");
    Ok(())
}

/// Sends somebody of staff a link to choose the first password, or a new one.
#[server(prefix = "/form", endpoint = "invite-staff")]
pub async fn invite_staff(staff_id: i64) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    guard::fresh().await?;
    let state = expect_context::<AppState>();
    let site = state.config.public_url().cloned().ok_or(AppError::NotFound)?;
    invite::invite(&state.database, &caller, staff_id, (site, texts()), state.now()).await?;
    redirect("/admin/staff?done=invited");
    Ok(())
}

/// Closes the account of somebody of staff, or opens it again.
#[server(prefix = "/form", endpoint = "staff-access")]
pub async fn staff_access(staff_id: i64, active: bool) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    guard::fresh().await?;
    let state = expect_context::<AppState>();
    let command = SetAccess {
        caller: Some(caller),
        who: SignedIn::Staff(staff_id),
        active,
        key: None,
    };
    access::set_access(&state.database, command, state.now()).await?;
    redirect(if active {
        "/admin/staff?done=opened"
    } else {
        "/admin/staff?done=closed"
    });
    Ok(())
}

/// Reads the role of somebody of staff.
///
/// # Errors
/// `VALIDATION_FAILED`.
fn role_of(name: &str) -> Result<Role, AppError> {
    Role::parse_staff(name).ok_or(AppError::invalid(Field::Body, FieldProblem::Malformed))
}

/// Says of which clinics somebody at the desk is.
#[server(prefix = "/form", endpoint = "staff-clinics")]
pub async fn staff_clinics(
    staff_id: i64,
    #[server(default)] clinics: BTreeSet<i64>,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    guard::fresh().await?;
    let state = expect_context::<AppState>();
    let subject = staff_id.to_string();
    let owner = KeyOwner::Caller(&caller);
    let command = SetClinics {
        key: of_form(owner, &key, None, "staff-clinics", &subject, &clinics)?,
        caller: caller.clone(),
        staff_id,
        clinics,
    };
    clinics::set_clinics(&state.database, command, state.now()).await?;
    redirect("/admin/staff?done=clinics");
    Ok(())
}

/// Gives somebody of staff another role.
#[server(prefix = "/form", endpoint = "staff-role")]
pub async fn staff_role(staff_id: i64, #[server(default)] role: String) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    guard::fresh().await?;
    let state = expect_context::<AppState>();
    let role = role_of(&role)?;
    invite::set_role(&state.database, &caller, staff_id, role, state.now()).await?;
    redirect("/admin/staff?done=role");
    Ok(())
}

/// Takes the factors of somebody else away, who has lost them.
#[server(prefix = "/form", endpoint = "reset-factors")]
pub async fn reset_factors(staff_id: i64) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    guard::fresh().await?;
    let state = expect_context::<AppState>();
    factor::reset(&state.database, Some(&caller), staff_id, state.now()).await?;
    redirect("/admin/staff?done=factors");
    Ok(())
}
