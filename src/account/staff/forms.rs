//! Inviting staff, closing and opening their accounts, and their roles.

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
pub(super) struct Invited {
    pub(super) name: String,
    pub(super) email: String,
}

/// Invites somebody as an admin.
#[server(prefix = "/form", endpoint = "invite-admin")]
pub async fn invite_admin(
    #[server(default)] name: String,
    #[server(default)] email: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let session = guard::session();
    let wanted = Invited {
        name: storable(&name),
        email: storable(&email),
    };
    let attempt = async {
        guard::fresh().await?;
        let command = invite::InviteAdmin {
            name: wanted.name.clone(),
            email: wanted.email.clone(),
            site: state.config.public_url().cloned().ok_or(AppError::NotFound)?,
            texts: texts(),
            key: of_form(KeyOwner::Caller(&caller), &key, None, "invite-admin", "", &wanted)?,
            caller: caller.clone(),
        };
        invite::invite_admin(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    session
        .settle_typed(INVITED, String::new(), &wanted, &result)
        .await?;
    let invited = result?;
    tracing::info!(
        staff.id = invited,
        by.staff.id = caller.staff_id(),
        "an admin was invited"
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

/// Makes a doctor an admin, or an admin a doctor again.
#[server(prefix = "/form", endpoint = "staff-role")]
pub async fn staff_role(staff_id: i64, #[server(default)] role: String) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    guard::fresh().await?;
    let state = expect_context::<AppState>();
    let role = Role::parse(&role)
        .filter(|role| role.is_staff())
        .ok_or(AppError::invalid(Field::Body, FieldProblem::Malformed))?;
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
