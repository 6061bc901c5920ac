//! The forms of a schedule. What was typed into one that could not be done is kept in the session.

use crate::{
    account::guard,
    idempotency::forms::of_form,
    server::AppState,
    ui::{redirect, texts},
};
use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use engine::{
    account::{Caller, storable},
    availability::DayPlan,
    error::{AppError, Field, FieldProblem},
    idempotency::{Key, KeyOwner},
    schedule::{
        self, Act, CancelDay, Close, Dates, Edit, clock_text, must_be_theirs, must_have_the_day,
        week::{self, Row, date, ranges},
    },
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
        if let Caller::Reception { .. } = self.caller {
            return format!("/admin/stop?doctor={}&{clinic}", self.doctor_id);
        }
        format!("{}?{clinic}", path_of(&self.caller, self.doctor_id))
    }
}

/// The path of the page of a schedule.
pub(super) fn path_of(caller: &Caller, doctor_id: i64) -> String {
    match caller {
        Caller::Admin { .. } => format!("/admin/doctors/{doctor_id}/plan"),
        Caller::Reception { .. } => "/admin/stop".to_owned(),
        Caller::Doctor { .. } | Caller::Patient { .. } => "/doctor/plan".to_owned(),
    }
}

/// Does what a form says, keeps what was typed where that is refused, and goes back to the page.
async fn make(of: Of, typed: Typed, act: Result<Act, AppError>) -> Result<(), AppError> {
    let state = expect_context::<AppState>();
    // Reception is told the same, whether it is the act or its form that is refused.
    match (&of.caller, &act) {
        (_, Ok(act)) => act.must_be_theirs(&of.caller, of.doctor_id)?,
        (Caller::Reception { .. }, Err(_)) if typed.form == "day-stopped" => {}
        (_, Err(_)) => must_be_theirs(&of.caller, of.doctor_id)?,
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
        of.path(typed.clinic_id),
        typed.form,
        edited.no_longer_held.len()
    ));
    Ok(())
}

/// Keeps what was typed where it is still needed.
async fn kept<T>(of: &Of, typed: &Typed, result: Result<T, AppError>) -> Result<T, AppError> {
    let session = guard::session();
    session
        .settle_typed(FORM, of.doctor_id.to_string(), typed, &result)
        .await?;
    result
}

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
    must_be_theirs(&of.caller, doctor_id)?;
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
    fn typed(&self, form: &str) -> Typed {
        let fields = [
            ("place", &self.place),
            ("first_day", &self.first_day),
            ("last_day", &self.last_day),
            ("from", &self.from),
            ("until", &self.until),
            ("yearly", &self.yearly),
            ("note", &self.note),
        ];
        Typed::of(form, None, &fields)
    }

    fn clinic_id(&self) -> Result<Option<i64>, AppError> {
        match self.place.as_str() {
            "" => Ok(None),
            id => id.parse().map(Some).map_err(|_| AppError::NotFound),
        }
    }

    fn read(&self) -> Result<Dates, AppError> {
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
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let of = Of::new(guard::anyone().await?, doctor_id, version, key);
    let act = || {
        Ok(Act::Absence {
            clinic_id: dates.clinic_id()?,
            dates: dates.read()?,
        })
    };
    let act = act();
    make(of, dates.typed("absence"), act).await
}

/// Takes hours out of one day of a doctor, at all clinics.
#[server(prefix = "/form", endpoint = "block-time")]
pub async fn block_time(
    doctor_id: i64,
    version: i32,
    #[server(default)] dates: TypedDates,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let of = Of::new(guard::anyone().await?, doctor_id, version, key);
    must_be_theirs(&of.caller, doctor_id)?;
    let state = expect_context::<AppState>();
    let typed = dates.typed("block");
    let attempt = async {
        let dates = Dates {
            last_day: date(&dates.first_day)?,
            yearly: false,
            ..dates.read()?
        };
        let hours = dates
            .hours
            .ok_or(AppError::invalid(Field::Hours, FieldProblem::Malformed))?;
        let day = dates.first_day;
        let command = Edit {
            key: of.key(&typed)?,
            caller: of.caller.clone(),
            doctor_id,
            version,
            act: Act::Absence {
                clinic_id: None,
                dates,
            },
        };
        schedule::edit(&state.database, command, state.now()).await?;
        Ok((day, hours))
    };
    let (day, hours) = kept(&of, &typed, attempt.await).await?;
    let page = match of.caller {
        Caller::Admin { .. } => format!("/admin/block?doctor={doctor_id}&"),
        Caller::Doctor { .. } | Caller::Patient { .. } | Caller::Reception { .. } => {
            "/doctor/block?".to_owned()
        }
    };
    redirect(&format!(
        "{page}day={day}&from={}&until={}&saved=block",
        clock_text(hours.from_minute),
        clock_text(hours.until_minute)
    ));
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

/// Takes no more bookings on a date, or cancels that day.
#[server(prefix = "/form", endpoint = "stop-day")]
pub async fn stop_day(
    doctor_id: i64,
    clinic_id: i64,
    version: i32,
    #[server(default)] day: String,
    #[server(default)] reason: String,
    /// `stop` or `cancel`.
    #[server(default)]
    doing: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let of = Of::new(guard::anyone().await?, doctor_id, version, key);
    let form = match doing.as_str() {
        "stop" => "day-stopped",
        "cancel" => "day-cancelled",
        _ => return Err(AppError::invalid(Field::Body, FieldProblem::Malformed)),
    };
    let typed = Typed::of(form, Some(clinic_id), &[("day", &day), ("reason", &reason)]);
    if form == "day-stopped" {
        let act = date(&day).map(|day| Act::StopDay {
            clinic_id,
            day,
            note: reason,
        });
        return make(of, typed, act).await;
    }
    let state = expect_context::<AppState>();
    must_have_the_day(&of.caller, doctor_id, clinic_id)?;
    let attempt = async {
        let command = CancelDay {
            caller: of.caller.clone(),
            doctor_id,
            version,
            clinic_id,
            day: date(&day)?,
            reason,
            texts: texts(),
            key: of.key(&typed)?,
        };
        schedule::cancel_day(&state.database, command, state.now()).await
    };
    let cancelled = kept(&of, &typed, attempt.await).await?;
    redirect(&format!(
        "{}saved={form}&cancelled={}&told={}",
        of.path(Some(clinic_id)),
        cancelled.appointments.len(),
        cancelled.told
    ));
    Ok(())
}

/// Closes a clinic, or all of them.
#[server(prefix = "/form", endpoint = "close-clinic")]
pub async fn close_clinic(
    #[server(default)] dates: TypedDates,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let typed = dates.typed("closure");
    let attempt = async {
        let command = Close {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "schedule",
                "closure",
                &typed,
            )?,
            clinic_id: dates.clinic_id()?,
            dates: dates.read()?,
            caller: caller.clone(),
        };
        schedule::close(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    let session = guard::session();
    session
        .settle_typed(FORM, CLOSURES.to_owned(), typed, &result)
        .await?;
    let closed = result?;
    redirect(&format!(
        "/admin/closures?saved=closure&attention={}",
        closed.no_longer_held.len()
    ));
    Ok(())
}

/// Takes a closure back.
#[server(prefix = "/form", endpoint = "reopen-clinic")]
pub async fn reopen_clinic(id: i64) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    schedule::reopen(&state.database, caller, id, state.now()).await?;
    redirect("/admin/closures?saved=closure-removed");
    Ok(())
}
