//! The forms of an absence and of hours that are taken out of a day.

use super::{Of, Typed, calls_part, decide, make};
use crate::{account::guard, ui::redirect};

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use engine::{
    account::Caller,
    availability::Hours,
    error::{AppError, Field, FieldProblem},
    schedule::{
        self, Act, Dates, clock_text, must_be_theirs_at,
        week::{self, date},
    },
};

/// The fields of an absence or a closure.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedDates {
    /// A clinic's id; nothing is all of them.
    pub place: String,
    pub first_day: String,
    /// The first day, if empty.
    pub last_day: String,
    /// Without hours, whole days.
    pub from: String,
    pub until: String,
    /// `true`, or nothing.
    pub yearly: String,
    pub note: String,
}

impl TypedDates {
    fn named(&self) -> [(&'static str, &String); 7] {
        [
            ("place", &self.place),
            ("first_day", &self.first_day),
            ("last_day", &self.last_day),
            ("from", &self.from),
            ("until", &self.until),
            ("yearly", &self.yearly),
            ("note", &self.note),
        ]
    }

    pub(super) fn typed(&self, form: &str) -> Typed {
        Typed::of(form, None, &self.named())
    }

    /// As a session has kept it.
    pub(in crate::schedule) fn kept(typed: &Typed) -> Self {
        let field = |name: &str| typed.fields.get(name).cloned().unwrap_or_default();
        Self {
            place: field("place"),
            first_day: field("first_day"),
            last_day: field("last_day"),
            from: field("from"),
            until: field("until"),
            yearly: field("yearly"),
            note: field("note"),
        }
    }

    /// The hidden fields of a form that sends it once more.
    pub(in crate::schedule) fn fields(&self) -> Vec<(String, String)> {
        self.named()
            .into_iter()
            .map(|(name, value)| (format!("dates[{name}]"), value.clone()))
            .collect()
    }

    /// The absence that it says.
    pub(in crate::schedule) fn absence(&self) -> Result<Act, AppError> {
        Ok(Act::Absence {
            clinic_id: self.clinic_id()?,
            dates: self.read()?,
        })
    }

    /// The absence of some hours of one day, at all clinics, with the day and the hours.
    pub(in crate::schedule) fn blocked(&self) -> Result<(Act, jiff::civil::Date, Hours), AppError> {
        let dates = Dates {
            last_day: date(&self.first_day)?,
            yearly: false,
            ..self.read()?
        };
        let hours = dates
            .hours
            .ok_or(AppError::invalid(Field::Hours, FieldProblem::Malformed))?;
        let day = dates.first_day;
        let act = Act::Absence {
            clinic_id: None,
            dates,
        };
        Ok((act, day, hours))
    }

    pub(in crate::schedule) fn clinic_id(&self) -> Result<Option<i64>, AppError> {
        match self.place.as_str() {
            "" => Ok(None),
            id => id.parse().map(Some).map_err(|_| AppError::NotFound),
        }
    }

    pub(in crate::schedule) fn read(&self) -> Result<Dates, AppError> {
        let first_day = date(&self.first_day)?;
        let hours = match (self.from.trim(), self.until.trim()) {
            ("", "") => None,
            (from, until) => Some(schedule::hours(from, until)?),
        };
        Ok(Dates {
            first_day,
            last_day: week::optional_date(&self.last_day)?.unwrap_or(first_day),
            hours,
            yearly: self.yearly == "true",
            note: self.note.clone(),
        })
    }
}

/// A doctor is away.
#[server(prefix = "/form", endpoint = "plan-absence")]
pub async fn plan_absence(
    doctor_id: i64,
    version: i32,
    #[server(default)] dates: TypedDates,
    /// Whom it hits, as it was asked; nothing asks first.
    #[server(default)]
    decided: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let of = Of::new(guard::anyone().await?, doctor_id, version, key);
    let path = of.path(None);
    match decide(of, dates.typed("absence"), dates.absence(), &decided).await? {
        Some(edited) => redirect(&format!(
            "{path}saved=absence&attention={}{}",
            edited.no_longer_held.len(),
            calls_part(edited.call_list)
        )),
        None => redirect(&format!("{path}ask=absence#ask")),
    }
    Ok(())
}

/// Takes hours out of one day of a doctor, at all clinics.
#[server(prefix = "/form", endpoint = "block-time")]
pub async fn block_time(
    doctor_id: i64,
    version: i32,
    #[server(default)] dates: TypedDates,
    /// Whom it hits, as it was asked; nothing asks first.
    #[server(default)]
    decided: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let of = Of::new(guard::anyone().await?, doctor_id, version, key);
    must_be_theirs_at(&of.caller, doctor_id, None)?;
    let page = match of.caller {
        Caller::Admin { .. } => format!("/admin/block?doctor={doctor_id}&"),
        Caller::Doctor { .. } | Caller::Patient { .. } | Caller::Reception { .. } => {
            "/doctor/block?".to_owned()
        }
    };
    let blocked = dates.blocked();
    let hours = blocked.as_ref().ok().map(|(_, day, hours)| (*day, *hours));
    let act = blocked.map(|(act, ..)| act);
    match (decide(of, dates.typed("block"), act, &decided).await?, hours) {
        (Some(edited), Some((day, hours))) => redirect(&format!(
            "{page}day={day}&from={}&until={}&saved=block{}",
            clock_text(hours.from_minute),
            clock_text(hours.until_minute),
            calls_part(edited.call_list)
        )),
        _ => redirect(&format!("{page}ask=block#ask")),
    }
    Ok(())
}

/// A doctor is not away after all.
#[server(prefix = "/form", endpoint = "remove-absence")]
pub async fn remove_absence(
    doctor_id: i64,
    version: i32,
    id: i64,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let of = Of::new(guard::anyone().await?, doctor_id, version, key);
    let typed = Typed::of("absence-removed", None, &[("id", &id.to_string())]);
    make(of, typed, Ok(Act::RemoveAbsence { id })).await
}
