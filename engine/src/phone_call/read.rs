//! Calls as the desk sees them, and what somebody has done about them.

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use crate::{
    account::{
        Caller,
        acquaintance::Sight,
        must_be_at_desk,
        reads::{self, What},
    },
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    time,
};

/// Calls of a page.
pub const MAX_CALLS: i64 = 30;

/// Something that the agent asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub tool: String,
    /// The kind of the answer.
    pub outcome: String,
    pub asked_at: Timestamp,
}

/// An appointment that was booked, moved or cancelled in a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    pub reference: String,
    pub patient_id: Option<i64>,
    /// `booked`, `moved` or `cancelled`.
    pub outcome: String,
}

/// A call.
#[derive(Clone, Debug)]
pub struct View {
    pub id: i64,
    pub began_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// The provider's word for how it ended.
    pub ended_because: Option<String>,
    /// Of the caller; none where it is hidden, or was forgotten.
    pub number: Option<String>,
    pub clinic_id: Option<i64>,
    pub clinic_name: Option<String>,
    /// Of the clinic; UTC where none is known.
    pub zone: TimeZone,
    /// `callback` or `failed`, where somebody has to call back or had to.
    pub needs: Option<String>,
    pub needs_number: Option<String>,
    pub needs_note: String,
    pub done_at: Option<Timestamp>,
    pub done_by: Option<String>,
    pub transcript: Option<String>,
    /// In their order.
    pub steps: Vec<Step>,
    pub booked: Vec<Booked>,
}

impl View {
    /// Whether somebody has still to call back.
    pub fn is_open(&self) -> bool {
        self.needs.is_some() && self.done_at.is_none()
    }

    /// What came of it, in a word: `booked`, `moved`, `cancelled`, `callback`, `failed`, `refused` or `nothing`.
    pub fn outcome(&self) -> &str {
        if let Some(booked) = self.booked.last() {
            return &booked.outcome;
        }
        match (&self.needs, self.steps.last()) {
            (Some(needs), _) => needs,
            (None, Some(last))
                if !["asked", "times", "held", "appointments"].contains(&last.outcome.as_str()) =>
            {
                "refused"
            }
            _ => "nothing",
        }
    }
}

/// Which calls are read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Those after which somebody has to call back.
    pub is_open: bool,
    pub clinic_id: Option<i64>,
    /// The last call of the page before.
    pub after: Option<i64>,
    /// Number of calls; those of one page, unless it says otherwise.
    pub limit: Option<i64>,
}

/// Lists calls, the newest first: for the desk, those of its clinics. It is recorded.
///
/// # Errors
/// `NOT_FOUND` for who is not at the desk.
pub async fn calls(
    database: &Database,
    caller: &Caller,
    filter: Filter,
    now: Timestamp,
) -> Result<Vec<View>, AppError> {
    must_be_at_desk(caller)?;
    let sight = Sight::of(caller)?;
    let views = database
        .search("phone_call.calls", move |mut tx| async move {
            let ids = sqlx::query_scalar!(
                "select id from phone_calls
                 where ($1::bigint[] is null or clinic_id = any($1))
                   and ($2::bigint is null or clinic_id = $2)
                   and (not $3 or needs is not null and done_at is null)
                   and ($4::bigint is null or id < $4)
                 order by id desc limit $5",
                sight.clinics.as_deref(),
                filter.clinic_id,
                filter.is_open,
                filter.after,
                filter.limit.unwrap_or(MAX_CALLS),
            )
            .fetch_all(&mut *tx)
            .await?;
            read(&mut tx, &ids).await
        })
        .await?;
    record(database, caller, &views, now).await;
    Ok(views)
}

/// Reads a call that the caller may see. It is recorded.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn call(database: &Database, caller: &Caller, id: i64, now: Timestamp) -> Result<View, AppError> {
    must_be_at_desk(caller)?;
    let views = database
        .read("phone_call.call", move |mut connection| async move {
            read(&mut connection, &[id]).await
        })
        .await?;
    let view = views.into_iter().next().ok_or(AppError::NotFound)?;
    must_be_theirs(caller, view.clinic_id)?;
    record(database, caller, std::slice::from_ref(&view), now).await;
    Ok(view)
}

/// Refuses the desk of named clinics what is of no clinic, or of another one.
fn must_be_theirs(caller: &Caller, clinic_id: Option<i64>) -> Result<(), AppError> {
    match clinic_id {
        Some(clinic_id) => caller.must_be_of(clinic_id),
        None if caller.clinics().is_none() => Ok(()),
        None => Err(AppError::NotFound),
    }
}

async fn record(database: &Database, caller: &Caller, views: &[View], now: Timestamp) {
    let booked = views.iter().flat_map(|view| &view.booked);
    let patients: Vec<i64> = booked.filter_map(|booked| booked.patient_id).collect();
    reads::record(database, caller, What::List, patients, now).await;
}

/// These calls, with their steps, the newest first.
async fn read(connection: &mut PgConnection, ids: &[i64]) -> Result<Vec<View>, Failure> {
    let rows = sqlx::query!(
        r#"select calls.id, began_at, ended_at, ended_because, number, clinic_id, clinics.name as "clinic_name?",
                  time_zone as "time_zone?", needs, needs_number, needs_note, done_at, staff.name as "done_by?",
                  transcript
           from phone_calls as calls
           left join clinics on clinics.id = clinic_id
           left join staff on staff.id = done_by
           where calls.id = any($1) order by calls.id desc"#,
        ids,
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut views: Vec<View> = rows
        .into_iter()
        .map(|row| View {
            id: row.id,
            began_at: row.began_at.to_jiff(),
            ended_at: row.ended_at.map(jiff_sqlx::Timestamp::to_jiff),
            ended_because: row.ended_because,
            number: row.number,
            clinic_id: row.clinic_id,
            clinic_name: row.clinic_name,
            zone: row
                .time_zone
                .and_then(|zone| time::stored_zone(&zone))
                .unwrap_or(TimeZone::UTC),
            needs: row.needs,
            needs_number: row.needs_number,
            needs_note: row.needs_note,
            done_at: row.done_at.map(jiff_sqlx::Timestamp::to_jiff),
            done_by: row.done_by,
            transcript: row.transcript,
            steps: Vec::new(),
            booked: Vec::new(),
        })
        .collect();
    let steps = sqlx::query!(
        r#"select phone_call_id, tool, outcome, asked_at, reference as "reference?", patient_id
           from phone_call_steps left join appointments on appointments.id = appointment_id
           where phone_call_id = any($1) order by phone_call_steps.id"#,
        ids,
    )
    .fetch_all(connection)
    .await?;
    for step in steps {
        let Some(view) = views.iter_mut().find(|view| view.id == step.phone_call_id) else {
            continue;
        };
        if let Some(reference) = step.reference {
            view.booked.push(Booked {
                reference,
                patient_id: step.patient_id,
                outcome: step.outcome.clone(),
            });
        }
        view.steps.push(Step {
            tool: step.tool,
            outcome: step.outcome,
            asked_at: step.asked_at.to_jiff(),
        });
    }
    Ok(views)
}

/// Notes that somebody has called back, or takes it back. It can be repeated: the first one who did it is kept.
///
/// # Errors
/// `NOT_FOUND` for a call that the caller may not see, or after which nobody has to call.
pub async fn set_done(
    database: &Database,
    caller: &Caller,
    id: i64,
    is_done: bool,
    now: Timestamp,
) -> Result<(), AppError> {
    must_be_at_desk(caller)?;
    let caller = caller.clone();
    database
        .write("phone_call.set_done", move |tx| {
            attempt(tx, caller.clone(), id, is_done, now)
        })
        .await
}

async fn attempt(mut tx: Tx, caller: Caller, id: i64, is_done: bool, now: Timestamp) -> Result<(), Failure> {
    let locked = sqlx::query!(
        "select clinic_id from phone_calls where id = $1 and needs is not null for no key update",
        id
    );
    let row = locking(Lock::PhoneCall, locked.fetch_optional(&mut *tx))
        .await?
        .ok_or(AppError::NotFound)?;
    must_be_theirs(&caller, row.clinic_id)?;
    sqlx::query!(
        "update phone_calls set done_at = case when $2 then coalesce(done_at, $3) end,
                                done_by = case when $2 then coalesce(done_by, $4) end
         where id = $1",
        id,
        is_done,
        now.to_sqlx(),
        caller.staff_id(),
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}
