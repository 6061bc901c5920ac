//! The calls for the accounts of staff.

use std::collections::BTreeSet;

use axum::{Extension, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    account::access::{AccessChange, may_change, set},
    server::{
        AppState,
        api::{
            Answer, Authenticated, Body, Done, Fault, Id, Nothing, RequestTexts, SentKey, done, found, made,
            only_admins,
        },
        openapi::ORGANISATION,
    },
};
use engine::{
    account::{
        Role,
        clinics::{self, SetClinics},
        invite::{self, InviteToDesk},
        roster::{self, Member},
        session::SignedIn,
        token::PresentedToken,
    },
    error::AppError,
};

/// An account of staff.
#[derive(Serialize, ToSchema)]
pub struct StaffMemberData {
    #[schema(example = 1)]
    id: i64,
    /// `doctor`, `admin` or `reception`.
    #[schema(value_type = String, example = "reception")]
    role: Role,
    #[schema(example = "Rina Hartati")]
    name: String,
    #[schema(example = "rina@clinic.example")]
    email: String,
    /// Whether somebody can sign in with it.
    active: bool,
    /// Whether the first password has not been chosen yet.
    is_invited: bool,
    /// The clinics of which they are. None are all for an admin; a doctor has none.
    #[schema(example = json!([1]))]
    clinics: Vec<i64>,
    /// As whom patients know them, where they do.
    #[schema(example = 1)]
    doctor_id: Option<i64>,
    /// Whether there is a second factor.
    has_factor: bool,
}

impl From<Member> for StaffMemberData {
    fn from(member: Member) -> Self {
        Self {
            id: member.id,
            role: member.role,
            name: member.name,
            email: member.email,
            active: member.active,
            is_invited: member.is_invited,
            clinics: member.clinics,
            doctor_id: member.doctor_id,
            has_factor: member.has_factor,
        }
    }
}

/// Lists the accounts of staff, by role and name.
///
/// For admins of all clinics.
#[utoipa::path(
    get, path = "/v1/admin/staff", tag = ORGANISATION, security(("token" = ["read"])),
    responses((status = 200, description = "The accounts", body = Done<Vec<StaffMemberData>>)),
)]
pub async fn staff_members(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    only_admins(&caller)?;
    let members = roster::members(&state.database, &caller, state.now()).await?;
    let members: Vec<StaffMemberData> = members.into_iter().map(StaffMemberData::from).collect();
    Ok(found(texts, members))
}

/// Somebody who is to work at the desk.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "reception", "name": "Rina Hartati", "email": "rina@clinic.example", "clinics": [1]}))]
pub struct NewStaffMember {
    /// `admin` or `reception`. Doctors are added by `POST doctors`.
    #[schema(pattern = "^(admin|reception)$", example = "reception")]
    role: String,
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"[^\s\x00-\x1f\x7f-\x9f]",
        example = "Rina Hartati"
    )]
    name: String,
    #[schema(min_length = 3, max_length = 254, example = "rina@clinic.example")]
    email: String,
    /// The clinics of which they are. None are all for an admin; reception has at least one.
    #[serde(default)]
    #[schema(example = json!([1]))]
    clinics: BTreeSet<i64>,
}

/// The id of an account.
#[derive(Serialize, ToSchema)]
pub struct NewStaffMemberData {
    #[schema(example = 7)]
    id: i64,
}

fn role(name: &str) -> Result<Role, Fault> {
    Role::parse_staff(name).ok_or_else(|| Fault::malformed("role"))
}

/// Invites somebody to the desk, as an admin or as reception.
///
/// They are sent a link by which they choose the first password. For admins of all clinics.
#[utoipa::path(
    post, path = "/v1/admin/staff", tag = ORGANISATION, request_body = NewStaffMember, security(("token" = ["sign-in"])),
    responses(
        (status = 201, description = "Invited", body = Done<NewStaffMemberData>,
         headers(("Location" = String, description = "The path of the accounts"))),
        (status = 403, description = "`STEP_UP_REQUIRED`: sign in again first; or `FORBIDDEN`"),
    ),
)]
pub async fn invite_member(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Extension(shown): Extension<PresentedToken>,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewStaffMember>,
) -> Answer {
    may_change(&caller, &shown, &state)?;
    let key = sent.of(&caller, "invite-member", &request)?;
    let command = InviteToDesk {
        role: role(&request.role)?,
        clinics: request.clinics,
        name: request.name,
        email: request.email,
        site: state.config.public_url().cloned().ok_or(AppError::NotFound)?,
        texts,
        key,
        caller,
    };
    let id = invite::invite_to_desk(&state.database, command, state.now()).await?;
    tracing::info!(staff.id = id, "somebody was invited to the desk");
    let data = NewStaffMemberData { id };
    Ok(made(texts, "api-changed", "/api/v1/admin/staff", data))
}

/// Sends somebody of staff a link to choose the first password, or a new one.
///
/// For admins of all clinics. The link before it is void.
#[utoipa::path(
    post, path = "/v1/admin/staff/{id}/invitation", tag = ORGANISATION, security(("token" = ["sign-in"])),
    params(("id" = i64, Path, description = "The id of an account of staff")),
    responses(
        (status = 200, description = "Sent", body = Done<Nothing>),
        (status = 403, description = "`STEP_UP_REQUIRED`: sign in again first; or `FORBIDDEN`"),
    ),
)]
pub async fn send_invitation(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Extension(shown): Extension<PresentedToken>,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    may_change(&caller, &shown, &state)?;
    let site = state.config.public_url().cloned().ok_or(AppError::NotFound)?;
    invite::invite(&state.database, &caller, id, (site, texts), state.now()).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", Nothing))
}

/// Closes an account of staff, or opens it again.
///
/// For admins of all clinics. Nobody closes their own account, or that of the last admin of all clinics.
#[utoipa::path(
    put, path = "/v1/admin/staff/{id}/access", tag = ORGANISATION, request_body = AccessChange,
    security(("token" = ["sign-in"])),
    params(("id" = i64, Path, description = "The id of an account of staff")),
    responses(
        (status = 200, description = "Changed", body = Done<Nothing>),
        (status = 403, description = "`STEP_UP_REQUIRED`: sign in again first; or `FORBIDDEN`"),
    ),
)]
pub async fn change_staff_access(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Extension(shown): Extension<PresentedToken>,
    Id(id): Id,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<AccessChange>,
) -> Answer {
    may_change(&caller, &shown, &state)?;
    let key = sent.of(&caller, "staff-access", &(id, &request))?;
    set(&state, caller, SignedIn::Staff(id), &request, key).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", Nothing))
}

/// The role of somebody of staff.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleChange {
    /// `doctor`, `admin` or `reception`.
    #[schema(pattern = "^(doctor|admin|reception)$", example = "admin")]
    role: String,
}

/// Gives somebody of staff another role.
///
/// For admins of all clinics. A doctor becomes an admin, and a doctor again; reception becomes an admin of its clinics, and an admin
/// of named clinics reception of them. Whoever it is signs in anew. It can be repeated.
#[utoipa::path(
    put, path = "/v1/admin/staff/{id}/role", tag = ORGANISATION, request_body = RoleChange,
    security(("token" = ["sign-in"])), extensions(("x-no-key" = json!(true))),
    params(("id" = i64, Path, description = "The id of an account of staff")),
    responses(
        (status = 200, description = "Changed", body = Done<Nothing>),
        (status = 403, description = "`STEP_UP_REQUIRED`: sign in again first; or `FORBIDDEN`"),
    ),
)]
pub async fn change_role(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Extension(shown): Extension<PresentedToken>,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<RoleChange>,
) -> Answer {
    may_change(&caller, &shown, &state)?;
    invite::set_role(&state.database, &caller, id, role(&request.role)?, state.now()).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", Nothing))
}

/// The clinics of somebody at the desk.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClinicsChange {
    /// The ids of the clinics. None are all for an admin; reception has at least one.
    #[schema(example = json!([1]))]
    clinics: BTreeSet<i64>,
}

/// Says of which clinics somebody at the desk is.
///
/// For admins of all clinics. What they see follows from the next request on.
#[utoipa::path(
    put, path = "/v1/admin/staff/{id}/clinics", tag = ORGANISATION, request_body = ClinicsChange,
    security(("token" = ["sign-in"])),
    params(("id" = i64, Path, description = "The id of an account of staff")),
    responses(
        (status = 200, description = "Changed", body = Done<Nothing>),
        (status = 403, description = "`STEP_UP_REQUIRED`: sign in again first; or `FORBIDDEN`, as for a doctor, and where no admin of all clinics would be left"),
    ),
)]
pub async fn change_clinics(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Extension(shown): Extension<PresentedToken>,
    Id(id): Id,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<ClinicsChange>,
) -> Answer {
    may_change(&caller, &shown, &state)?;
    let key = sent.of(&caller, "staff-clinics", &(id, &request))?;
    let command = SetClinics {
        caller,
        staff_id: id,
        clinics: request.clinics,
        key,
    };
    clinics::set_clinics(&state.database, command, state.now()).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", Nothing))
}
