//! The forms of a schedule. What was typed into one that could not be done is kept in the session.

mod absence;
mod closure;
mod day;
mod plan;

pub use self::{absence::*, closure::*, day::*, plan::*};
use crate::{account::guard, idempotency::forms::of_form, server::AppState, ui::redirect};
use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use engine::{
    account::{Caller, storable},
    error::AppError,
    idempotency::{Key, KeyOwner},
    schedule::{self, Act, AsDecided, Edit, Question, may_have_part_of, must_have_the_day, week::Row},
};

/// Under which name a session keeps what was typed.
pub(super) const FORM: &str = "schedule";

/// The key of the typed form of closures, which belong to no doctor.
pub(super) const CLOSURES: &str = "closures";

/// How many more rows there are when somebody asks for more.
const MORE_ROWS: usize = 4;

/// A form of the page as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Typed {
    /// Which one.
    pub form: String,
    pub clinic_id: Option<i64>,
    pub fields: BTreeMap<String, String>,
    pub week: Vec<Row>,
    /// How many rows the form of the week has.
    pub rows: usize,
}

impl Typed {
    fn of(form: &str, clinic_id: Option<i64>, fields: &[(&str, &String)]) -> Self {
        Self {
            form: form.to_owned(),
            clinic_id,
            fields: fields
                .iter()
                .map(|(name, text)| ((*name).to_owned(), storable(text)))
                .collect(),
            ..Self::default()
        }
    }
}

/// The schedule that a form changes, at the version that was shown.
#[derive(Clone, Debug)]
struct Of {
    caller: Caller,
    doctor_id: i64,
    version: i32,
    key: String,
}

impl Of {
    fn new(caller: Caller, doctor_id: i64, version: i32, key: String) -> Self {
        Self {
            caller,
            doctor_id,
            version,
            key,
        }
    }

    fn key(&self, typed: &Typed) -> Result<Option<Key>, AppError> {
        let subject = format!("{} {}", self.doctor_id, typed.form);
        of_form(
            KeyOwner::Caller(&self.caller),
            &self.key,
            None,
            "schedule",
            &subject,
            typed,
        )
    }

    /// The path of the page of this schedule at this clinic.
    fn path(&self, clinic_id: Option<i64>) -> String {
        let clinic = clinic_id.map(|id| format!("clinic={id}&")).unwrap_or_default();
        format!("{}?{clinic}", path_of(&self.caller, self.doctor_id))
    }

    /// The path of the page on which days are stopped: whoever has the desk of named clinics has one of its own.
    fn path_of_days(&self, clinic_id: i64) -> String {
        match self.caller.clinics() {
            Some(_) => format!("/admin/stop?doctor={}&clinic={clinic_id}&", self.doctor_id),
            None => self.path(Some(clinic_id)),
        }
    }

    /// The path of the page that a form is on.
    fn path_back(&self, typed: &Typed) -> String {
        match typed.clinic_id {
            Some(clinic_id) if OF_DAYS.contains(&typed.form.as_str()) => self.path_of_days(clinic_id),
            clinic_id => self.path(clinic_id),
        }
    }
}

/// The path of the page of a schedule.
pub(super) fn path_of(caller: &Caller, doctor_id: i64) -> String {
    match caller {
        Caller::Admin { .. } | Caller::Reception { .. } => format!("/admin/doctors/{doctor_id}/plan"),
        Caller::Doctor { .. } | Caller::Patient { .. } => "/doctor/plan".to_owned(),
    }
}

/// Does what a form says, keeps what was typed where that is refused, and goes back to the page.
async fn make(of: Of, typed: Typed, act: Result<Act, AppError>) -> Result<(), AppError> {
    let state = expect_context::<AppState>();
    match (&act, typed.clinic_id) {
        (Ok(act), _) => act.must_be_theirs(&of.caller, of.doctor_id)?,
        // The desk is told what is wrong with its form as well.
        (Err(_), Some(clinic_id)) if OF_DAYS.contains(&typed.form.as_str()) => {
            must_have_the_day(&of.caller, of.doctor_id, clinic_id)?;
        }
        (Err(_), _) => may_have_part_of(&of.caller, of.doctor_id)?,
    }
    let attempt = async {
        let command = Edit {
            key: of.key(&typed)?,
            caller: of.caller.clone(),
            doctor_id: of.doctor_id,
            version: of.version,
            act: act?,
        };
        schedule::edit(&state.database, command, state.now()).await
    };
    let edited = kept(&of, &typed, attempt.await).await?;
    redirect(&format!(
        "{}saved={}&attention={}",
        of.path_back(&typed),
        typed.form,
        edited.no_longer_held.len()
    ));
    Ok(())
}

/// Makes a change that may hit patients: who they are is asked first, and then nobody else is hit.
async fn decide(
    of: Of,
    typed: Typed,
    act: Result<Act, AppError>,
    decided: &str,
) -> Result<Option<schedule::Edited>, AppError> {
    let state = expect_context::<AppState>();
    may_have_part_of(&of.caller, of.doctor_id)?;
    let now = state.now();
    let attempt = async {
        let command = Edit {
            key: of.key(&typed)?,
            caller: of.caller.clone(),
            doctor_id: of.doctor_id,
            version: of.version,
            act: act?,
        };
        let question = schedule::ask_to_edit(&state.database, command.clone(), now);
        let Some(decision) = decision(decided, question).await? else {
            return Ok(None);
        };
        schedule::edit_as_decided(&state.database, command, decision, now)
            .await
            .map(Some)
    };
    let done = attempt.await;
    match done {
        Ok(None) => {
            let session = guard::session();
            session.keep_typed(FORM, of.doctor_id.to_string(), typed).await?;
            Ok(None)
        }
        done => kept(&of, &typed, done).await,
    }
}

/// What a change that may hit patients goes by: what was decided, or that it hits nobody. `None` where it has to be asked.
async fn decision(
    decided: &str,
    question: impl Future<Output = Result<Question, AppError>>,
) -> Result<Option<AsDecided>, AppError> {
    if !decided.is_empty() {
        return Ok(Some(AsDecided::of(decided)));
    }
    match question.await {
        Ok(question) if !question.affected.is_empty() => Ok(None),
        Ok(question) => Ok(Some(AsDecided::of(&question.decided_on))),
        // The second click of two finds the version that the first one made: it is given the first answer.
        Err(AppError::StaleDoctor) => Ok(Some(AsDecided::unasked())),
        Err(error) => Err(error),
    }
}

/// The part of a path that leads to a list of whom to call.
fn calls_part(list: Option<i64>) -> String {
    list.map(|id| format!("&calls={id}")).unwrap_or_default()
}

/// Keeps what was typed where it is still needed.
async fn kept<T>(of: &Of, typed: &Typed, result: Result<T, AppError>) -> Result<T, AppError> {
    let session = guard::session();
    session
        .settle_typed(FORM, of.doctor_id.to_string(), typed, &result)
        .await?;
    result
}

/// The names of the forms that stop, cancel and open a day, among what was typed.
pub(in crate::schedule) const DAY_STOPPED: &str = "day-stopped";
pub(in crate::schedule) const DAY_CANCELLED: &str = "day-cancelled";
pub(in crate::schedule) const DAY_OPENED: &str = "day-opened";

/// These forms.
const OF_DAYS: [&str; 3] = [DAY_STOPPED, DAY_CANCELLED, DAY_OPENED];
