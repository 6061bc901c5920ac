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
    availability::{DayPlan, Hours},
    error::{AppError, Field, FieldProblem},
    idempotency::{Key, KeyOwner},
    schedule::{
        self, Act, AsDecided, CancelDay, Close, Dates, Edit, Question, clock_text, may_have_part_of,
        must_be_theirs_at, must_have_the_day,
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

    fn typed(&self, form: &str) -> Typed {
        Typed::of(form, None, &self.named())
    }

    /// As a session has kept it.
    pub(super) fn kept(typed: &Typed) -> Self {
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
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        self.named()
            .into_iter()
            .map(|(name, value)| (format!("dates[{name}]"), value.clone()))
            .collect()
    }

    /// The absence that it says.
    pub(super) fn absence(&self) -> Result<Act, AppError> {
        Ok(Act::Absence {
            clinic_id: self.clinic_id()?,
            dates: self.read()?,
        })
    }

    /// The absence of some hours of one day, at all clinics, with the day and the hours.
    pub(super) fn blocked(&self) -> Result<(Act, jiff::civil::Date, Hours), AppError> {
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

    pub(super) fn clinic_id(&self) -> Result<Option<i64>, AppError> {
        match self.place.as_str() {
            "" => Ok(None),
            id => id.parse().map(Some).map_err(|_| AppError::NotFound),
        }
    }

    pub(super) fn read(&self) -> Result<Dates, AppError> {
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

/// Takes no more bookings on a date, or asks whom it hits to cancel that day.
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
        "stop" => DAY_STOPPED,
        "cancel" => DAY_CANCELLED,
        _ => return Err(AppError::invalid(Field::Body, FieldProblem::Malformed)),
    };
    let typed = Typed::of(form, Some(clinic_id), &[("day", &day), ("reason", &reason)]);
    if form == DAY_STOPPED {
        let act = date(&day).map(|day| Act::StopDay {
            clinic_id,
            day,
            note: reason,
        });
        return make(of, typed, act).await;
    }
    must_have_the_day(&of.caller, doctor_id, clinic_id)?;
    let state = expect_context::<AppState>();
    let asked = match cancelling(&of, clinic_id, &day, &reason, &typed) {
        Ok(command) => schedule::ask_to_cancel_day(&state.database, command, state.now()).await,
        Err(error) => Err(error),
    };
    // What was typed is for the page that asks, too.
    let session = guard::session();
    session.keep_typed(FORM, doctor_id.to_string(), typed).await?;
    asked?;
    redirect(&format!("{}ask=day#ask", of.path_of_days(clinic_id)));
    Ok(())
}

/// Takes bookings again on a date on which they were stopped.
#[server(prefix = "/form", endpoint = "open-day")]
pub async fn open_day(
    doctor_id: i64,
    clinic_id: i64,
    version: i32,
    #[server(default)] day: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let of = Of::new(guard::anyone().await?, doctor_id, version, key);
    let typed = Typed::of(DAY_OPENED, Some(clinic_id), &[("day", &day)]);
    let act = date(&day).map(|day| Act::OpenDay { clinic_id, day });
    make(of, typed, act).await
}

/// The names of the forms that stop, cancel and open a day, among what was typed.
pub(in crate::schedule) const DAY_STOPPED: &str = "day-stopped";
pub(in crate::schedule) const DAY_CANCELLED: &str = "day-cancelled";
pub(in crate::schedule) const DAY_OPENED: &str = "day-opened";

/// These forms.
const OF_DAYS: [&str; 3] = [DAY_STOPPED, DAY_CANCELLED, DAY_OPENED];

/// The command that cancels a day, as it was typed.
fn cancelling(
    of: &Of,
    clinic_id: i64,
    day: &str,
    reason: &str,
    typed: &Typed,
) -> Result<CancelDay, AppError> {
    Ok(CancelDay {
        caller: of.caller.clone(),
        doctor_id: of.doctor_id,
        version: of.version,
        clinic_id,
        day: date(day)?,
        reason: reason.to_owned(),
        texts: texts(),
        key: of.key(typed)?,
    })
}

/// Cancels a day, and those appointments that it was decided about.
#[server(prefix = "/form", endpoint = "cancel-day")]
pub async fn cancel_whole_day(
    doctor_id: i64,
    clinic_id: i64,
    version: i32,
    #[server(default)] day: String,
    #[server(default)] reason: String,
    /// Whom it hits, as it was asked.
    #[server(default)]
    decided: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let of = Of::new(guard::anyone().await?, doctor_id, version, key);
    must_have_the_day(&of.caller, doctor_id, clinic_id)?;
    let state = expect_context::<AppState>();
    let typed = Typed::of(
        DAY_CANCELLED,
        Some(clinic_id),
        &[("day", &day), ("reason", &reason)],
    );
    let attempt = async {
        if decided.trim().is_empty() {
            return Err(AppError::invalid(Field::Body, FieldProblem::Malformed));
        }
        let command = cancelling(&of, clinic_id, &day, &reason, &typed)?;
        let decision = AsDecided::of(&decided);
        schedule::cancel_day_as_decided(&state.database, command, decision, state.now()).await
    };
    let cancelled = kept(&of, &typed, attempt.await).await?;
    redirect(&format!(
        "{}saved={DAY_CANCELLED}&cancelled={}&told={}{}",
        of.path_of_days(clinic_id),
        cancelled.appointments.len(),
        cancelled.told,
        calls_part(cancelled.call_list)
    ));
    Ok(())
}

/// Closes a clinic, or all of them.
#[server(prefix = "/form", endpoint = "close-clinic")]
pub async fn close_clinic(
    #[server(default)] dates: TypedDates,
    /// Whom it hits, as it was asked; nothing asks first.
    #[server(default)]
    decided: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::planner().await?;
    let state = expect_context::<AppState>();
    let typed = dates.typed("closure");
    let now = state.now();
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
        let question = schedule::ask_to_close(&state.database, command.clone(), now);
        let Some(decision) = decision(&decided, question).await? else {
            return Ok(None);
        };
        schedule::close_as_decided(&state.database, command, decision, now)
            .await
            .map(Some)
    };
    let result = attempt.await;
    let session = guard::session();
    if let Ok(None) = result {
        session.keep_typed(FORM, CLOSURES.to_owned(), typed).await?;
        redirect("/admin/closures?ask=closure#ask");
        return Ok(());
    }
    session
        .settle_typed(FORM, CLOSURES.to_owned(), typed, &result)
        .await?;
    if let Some(closed) = result? {
        redirect(&format!(
            "/admin/closures?saved=closure&attention={}{}",
            closed.no_longer_held.len(),
            calls_part(closed.call_list)
        ));
    }
    Ok(())
}

/// Takes a closure back.
#[server(prefix = "/form", endpoint = "reopen-clinic")]
pub async fn reopen_clinic(id: i64) -> Result<(), AppError> {
    let caller = guard::planner().await?;
    let state = expect_context::<AppState>();
    schedule::reopen(&state.database, caller, id, state.now()).await?;
    redirect("/admin/closures?saved=closure-removed");
    Ok(())
}
