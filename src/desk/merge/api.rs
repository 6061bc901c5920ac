//! The calls that make two records of one person one, and that take it back.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::{
    AppState,
    api::{Answer, Authenticated, Body, Done, Id, RequestTexts, done},
    openapi::PATIENTS,
};
use engine::{
    desk::merge::{self, Keep, Merge, Of, Undo},
    error::AppError,
};

/// The record whose value is kept.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeptOf {
    /// Of the record that stays.
    #[default]
    Stays,
    /// Of the record that goes.
    Goes,
}

impl From<KeptOf> for Of {
    fn from(whose: KeptOf) -> Self {
        match whose {
            KeptOf::Stays => Self::Stays,
            KeptOf::Goes => Self::Goes,
        }
    }
}

/// The record that becomes a part of this one, and what is kept of the two.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"patient_id": 2, "name": "stays", "phone": "goes"}))]
pub struct MergeWish {
    /// The record that goes.
    #[schema(example = 2)]
    patient_id: i64,
    #[serde(default)]
    name: KeptOf,
    #[serde(default)]
    phone: KeptOf,
    /// The e-mail address, the language and whether reminders are wanted.
    #[serde(default)]
    contact: KeptOf,
    #[serde(default)]
    birthday: KeptOf,
}

/// A merge that was made.
#[derive(Serialize, ToSchema)]
pub struct MergedData {
    /// The id of the merge, by which it is taken back.
    #[schema(example = 1)]
    merge_id: i64,
    /// The record that stays.
    #[schema(example = 1)]
    patient_id: i64,
    /// The number of appointments that moved.
    #[schema(example = 3)]
    appointments: i64,
}

/// Makes another record of the same person a part of this one.
///
/// For admins of all clinics. Everything moves: appointments with what belongs to them, visits, messages and who shares
/// the phone. Where both have one number, sessions and tokens move, too; where they have two, those of the record that
/// goes end, and those of both where its number is kept. Notes of both are kept. It can be taken back for a day.
#[utoipa::path(
    post, path = "/v1/patients/{id}/merge", tag = PATIENTS, request_body = MergeWish, security(("token" = ["organise"])),
    extensions(("x-no-key" = json!(true))),
    params(("id" = i64, Path, description = "The id of the patient who stays")),
    responses(
        (status = 200, description = "Merged", body = Done<MergedData>),
        (status = 409, description = "`RECORDS_OVERLAP`: both have an appointment at the same time; `RECORD_MERGED`: one of them is part of another record; or an error after which the request can be repeated"),
    ),
)]
pub async fn merge_patients(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<MergeWish>,
) -> Answer {
    if caller.staff_id().is_none() {
        return Err(AppError::NotFound.into());
    }
    let command = Merge {
        // Whoever sends it twice is told that it is done.
        key: None,
        caller,
        from_id: request.patient_id,
        into_id: id,
        keep: Keep {
            name: request.name.into(),
            phone: request.phone.into(),
            contact: request.contact.into(),
            birthday: request.birthday.into(),
        },
    };
    let merged = merge::merge(&state.database, command, state.now()).await?;
    let data = MergedData {
        merge_id: merged.merge_id,
        patient_id: merged.patient_id,
        appointments: merged.appointments,
    };
    Ok(done(StatusCode::OK, texts, "api-changed", data))
}

/// A merge that was taken back.
#[derive(Serialize, ToSchema)]
pub struct UndoneData {
    /// The record that is there again.
    #[schema(example = 2)]
    patient_id: i64,
    /// The record that had stayed.
    #[schema(example = 1)]
    stayed_id: i64,
    /// The number of appointments that moved back.
    #[schema(example = 3)]
    appointments: i64,
    /// The number of appointments that were made since, which stay with the record that had stayed.
    #[schema(example = 0)]
    made_since: i64,
    /// Whether the record that is there again has its own phone number.
    has_its_phone: bool,
}

/// Takes a merge back, within a day.
///
/// For admins of all clinics. What moved goes back where it still can; what was made since stays, and is counted.
#[utoipa::path(
    post, path = "/v1/merges/{id}/undo", tag = PATIENTS, security(("token" = ["organise"])),
    extensions(("x-no-key" = json!(true))),
    params(("id" = i64, Path, description = "The id of a merge")),
    responses(
        (status = 200, description = "Taken back", body = Done<UndoneData>),
        (status = 409, description = "`RECORD_MERGED`: the record that stayed is part of another one; or an error after which the request can be repeated"),
    ),
)]
pub async fn undo_merge(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let command = Undo {
        key: None,
        caller,
        merge_id: id,
    };
    let undone = merge::undo_merge(&state.database, command, state.now()).await?;
    let data = UndoneData {
        patient_id: undone.from_id,
        stayed_id: undone.into_id,
        appointments: undone.appointments,
        made_since: undone.made_since,
        has_its_phone: undone.has_its_phone,
    };
    Ok(done(StatusCode::OK, texts, "api-changed", data))
}
