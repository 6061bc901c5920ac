//! The forms of a week and of dates that do not follow it.

use super::{FORM, MORE_ROWS, Of, Typed, make};
use crate::{account::guard, ui::redirect};

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use engine::{
    account::storable,
    availability::DayPlan,
    error::AppError,
    schedule::{
        Act, must_be_theirs_at,
        week::{self, Row, date, ranges},
    },
};

/// Puts a week in place of the one that a doctor has at a clinic, or shows what would come of it.
#[server(prefix = "/form", endpoint = "plan-week")]
pub async fn plan_week(
    doctor_id: i64,
    clinic_id: i64,
    version: i32,
    #[server(default)] week: Vec<Row>,
    /// `save`, `preview`, or `more` rows.
    #[server(default)]
    doing: String,
    /// How many rows the form has.
    #[server(default)]
    rows: usize,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let of = Of::new(guard::anyone().await?, doctor_id, version, key);
    must_be_theirs_at(&of.caller, doctor_id, Some(clinic_id))?;
    let act = || {
        Ok(Act::Week {
            clinic_id,
            week: week::read(&week)?,
        })
    };
    let act = act();
    let mut typed = Typed::of("week", Some(clinic_id), &[]);
    typed.rows = rows;
    typed.week = week.iter().map(storable_row).collect();
    match doing.as_str() {
        "more" => typed.rows = rows.saturating_add(MORE_ROWS),
        "preview" => {}
        _ => return make(of, typed, act).await,
    }
    let session = guard::session();
    session.keep_typed(FORM, doctor_id.to_string(), typed).await?;
    redirect(&match doing.as_str() {
        "more" => format!("{}rows=1#week", of.path(Some(clinic_id))),
        _ => format!("{}preview=1#preview", of.path(Some(clinic_id))),
    });
    Ok(())
}

fn storable_row(row: &Row) -> Row {
    Row {
        days: row.days.iter().map(|day| storable(day)).collect(),
        from: storable(&row.from),
        until: storable(&row.until),
        kind: storable(&row.kind),
        valid_from: storable(&row.valid_from),
        valid_until: storable(&row.valid_until),
    }
}

/// The fields of an exception.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedException {
    pub day: String,
    /// Ranges in one line.
    pub hours: String,
    pub breaks: String,
    pub note: String,
}

/// Plans a date that does not follow the week.
#[server(prefix = "/form", endpoint = "plan-exception")]
pub async fn plan_exception(
    doctor_id: i64,
    clinic_id: i64,
    version: i32,
    #[server(default)] exception: TypedException,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let of = Of::new(guard::anyone().await?, doctor_id, version, key);
    let TypedException {
        day,
        hours,
        breaks,
        note,
    } = exception;
    let typed = Typed::of(
        "exception",
        Some(clinic_id),
        &[
            ("day", &day),
            ("hours", &hours),
            ("breaks", &breaks),
            ("note", &note),
        ],
    );
    let act = || {
        Ok(Act::Exception {
            clinic_id,
            day: date(&day)?,
            plan: DayPlan {
                hours: ranges(&hours)?,
                breaks: ranges(&breaks)?,
            },
            note,
        })
    };
    let act = act();
    make(of, typed, act).await
}

/// A date follows the week again.
#[server(prefix = "/form", endpoint = "remove-exception")]
pub async fn remove_exception(
    doctor_id: i64,
    clinic_id: i64,
    version: i32,
    #[server(default)] day: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let of = Of::new(guard::anyone().await?, doctor_id, version, key);
    let typed = Typed::of("exception-removed", Some(clinic_id), &[("day", &day)]);
    let act = date(&day).map(|day| Act::RemoveException { clinic_id, day });
    make(of, typed, act).await
}
