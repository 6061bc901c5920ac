//! The patient of a booking, and the words that were typed for it.

use leptos::prelude::*;

use super::{MAX_NAME, is_bookable};
use crate::{
    account::{guard, session::Draft},
    appointment::forms::MAX_REASON,
    server::AppState,
};
use engine::{
    account::{
        Caller,
        family::{self, Choice, Newcomer, Relative, Whose},
        typed,
    },
    error::{AppError, Field, FieldProblem},
};

/// Whether the page asks a patient for whom a booking is: who has no name yet gives it first.
pub fn asks_whose(caller: &Caller) -> bool {
    caller.name().is_some() || caller.patient_ids().len() > 1
}

/// For whom a booking is: somebody who is known, or somebody whose name is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForWhom {
    Known(Relative),
    New(String),
}

impl ForWhom {
    pub fn name(&self) -> &str {
        match self {
            Self::Known(person) => person.name.as_deref().unwrap_or_default(),
            Self::New(name) => name,
        }
    }
}

/// Reads from what was typed for whom a booking is; nobody, while that has to be said (I2).
pub async fn patient_of(caller: &Caller, draft: &Draft) -> Result<Option<ForWhom>, AppError> {
    let Some(holder_id) = caller.patient_id() else {
        return Ok(None);
    };
    let state = expect_context::<AppState>();
    let people = family::of_holder(&state.database, holder_id).await?;
    let whose = Whose::parse(&draft.whose).unwrap_or_default();
    let known = |id: i64| people.iter().find(|person| person.id == id).cloned();
    Ok(match family::choose(&people, &draft.name, whose) {
        Ok(Choice::Known(id)) => known(id)
            // Without a name nobody is booked.
            .filter(|person| person.name.is_some())
            .map(ForWhom::Known),
        Ok(Choice::Named(id)) => known(id).map(|person| {
            ForWhom::Known(Relative {
                name: Some(draft.name.clone()),
                ..person
            })
        }),
        Ok(Choice::New) => Some(ForWhom::New(draft.name.clone())),
        Err(_) => None,
    })
}

/// The patient whom a form books, or who is made one with the booking. The hold tells who it was, where an earlier
/// click has booked it and what was typed is forgotten.
pub(super) async fn booked_patient(
    caller: &Caller,
    draft: &Draft,
    reference: &str,
) -> Result<(i64, Option<Newcomer>), AppError> {
    let state = expect_context::<AppState>();
    match patient_of(caller, draft).await? {
        Some(ForWhom::Known(person)) => Ok((person.id, None)),
        Some(ForWhom::New(name)) => {
            family::meant_by(&state.database, caller, name, Whose::SomebodyElse).await
        }
        None => {
            let visitor = guard::session().visitor().await?;
            let found = engine::appointment::find(
                &state.database,
                Some(caller.clone()),
                visitor,
                reference.to_owned(),
            );
            let booked = match found.await {
                Ok(item) if !is_bookable(item.status) && caller.acts_for(item.patient_id) => item.patient_id,
                Ok(_) | Err(AppError::NotFound) => None,
                Err(error) => return Err(error),
            };
            let field = match asks_whose(caller) {
                true => Field::Whose,
                false => Field::Name,
            };
            let booked = booked.ok_or(AppError::invalid(field, FieldProblem::Missing))?;
            Ok((booked, None))
        }
    }
}

/// Who comes and why, in the words of a draft. A draft also keeps words that were refused.
pub(super) struct DraftWords {
    pub(super) name: String,
    pub(super) reason: String,
}

impl DraftWords {
    pub(super) fn of(draft: &Draft) -> Result<Self, AppError> {
        Ok(Self {
            name: typed(Field::Name, &draft.name, MAX_NAME)?,
            reason: typed(Field::Reason, &draft.reason, MAX_REASON)?,
        })
    }
}
