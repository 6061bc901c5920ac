//! Forms of appointments.

use jiff::civil;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    account::guard,
    idempotency::forms::of_form,
    server::AppState,
    ui::{query, redirect},
};
use engine::{
    account::{Caller, local_path, required, storable, typed},
    appointment::{self, Status, needs_reason},
    error::{AppError, Field, FieldProblem},
    idempotency::KeyOwner,
    visit,
};

/// Under which name a session keeps the words of a search by person: they are in no URL, and so in no log and no history.
pub(super) const SEARCH: &str = "search";

/// The parameter of a page that shows what the kept search found.
pub(super) const SEARCHED: &str = "searched";

/// How many characters of a search count.
const MAX_SEARCH: usize = 100;

/// Filters the board of an admin. The words are kept in the session, the rest is in the URL.
#[server(prefix = "/form", endpoint = "search-board")]
pub async fn search_board(
    #[server(default)] status: String,
    #[server(default)] doctor: String,
    #[server(default)] clinic: String,
    #[server(default)] from: String,
    #[server(default)] until: String,
    #[server(default)] search: String,
) -> Result<(), AppError> {
    guard::desk().await?;
    let is_search = keep_search("/admin", &search).await?;
    let values = BoardFilter {
        status,
        doctor,
        clinic,
        from,
        until,
    };
    redirect(&values.path(is_search));
    Ok(())
}

/// Searches the appointments of a doctor. The words are kept in the session.
#[server(prefix = "/form", endpoint = "search-day")]
pub async fn search_day(#[server(default)] search: String) -> Result<(), AppError> {
    guard::doctor().await?;
    match keep_search("/doctor", &search).await? {
        true => redirect(&format!("/doctor?{SEARCHED}=1")),
        false => redirect("/doctor"),
    }
    Ok(())
}

/// Keeps the words of a search for this page, and says whether there are any.
async fn keep_search(page: &str, words: &str) -> Result<bool, AppError> {
    let words: String = storable(words).chars().take(MAX_SEARCH).collect();
    let session = guard::session();
    if words.is_empty() {
        session.forget_typed(SEARCH).await?;
        return Ok(false);
    }
    session.keep_typed(SEARCH, page.to_owned(), words).await?;
    Ok(true)
}

/// The words of the search that this page was asked for; none where they were not asked for, or long ago.
///
/// # Errors
/// `UNAVAILABLE`.
pub(super) async fn kept_search(page: &str) -> Result<String, AppError> {
    match query(SEARCHED) {
        Some(_) => guard::session().typed(SEARCH, page).await,
        None => Ok(String::new()),
    }
}

/// What a filter of the board says that is not about a person.
struct BoardFilter {
    status: String,
    doctor: String,
    clinic: String,
    from: String,
    until: String,
}

impl BoardFilter {
    /// The path of the board, with what can be read of the filter.
    fn path(&self, is_search: bool) -> String {
        let is_id = |text: &str| text.parse::<i64>().is_ok();
        let is_date = |text: &str| text.parse::<civil::Date>().is_ok();
        let parts = [
            ("status", &self.status, Status::parse(&self.status).is_some()),
            ("doctor", &self.doctor, is_id(&self.doctor)),
            ("clinic", &self.clinic, is_id(&self.clinic)),
            // An empty one is a word: from the beginning.
            ("from", &self.from, self.from.is_empty() || is_date(&self.from)),
            ("until", &self.until, is_date(&self.until)),
        ];
        let mut pairs: Vec<String> = parts
            .into_iter()
            .filter(|(_, _, is_there)| *is_there)
            .map(|(name, value, _)| format!("{name}={value}"))
            .collect();
        if is_search {
            pairs.push(format!("{SEARCHED}=1"));
        }
        format!("/admin?{}", pairs.join("&"))
    }
}

/// Under which name a session keeps the reason that was typed.
pub(super) const FORM: &str = "change-status";

/// How many characters a reason may have.
pub const MAX_REASON: usize = 500;

/// Confirms, rejects, starts, completes, cancels or misses an appointment (A1).
#[server(prefix = "/form", endpoint = "change-status")]
pub async fn change_status(
    reference: String,
    to: String,
    version: i32,
    #[server(default)] reason: String,
    /// The page that staff go on with.
    #[server(default)]
    next: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let to = Status::parse(&to).ok_or(AppError::invalid(Field::Status, FieldProblem::Malformed))?;
    let leads_to = after_change(&caller, &reference, to, &next);
    let result = try_to(caller, reference.clone(), to, version, &reason, &key).await;
    keep_typed(reference, &reason, &result).await?;
    result?;
    redirect(&leads_to);
    Ok(())
}

async fn try_to(
    caller: Caller,
    reference: String,
    to: Status,
    version: i32,
    reason: &str,
    key: &str,
) -> Result<(), AppError> {
    let state = expect_context::<AppState>();
    let reason = if needs_reason(caller.role(), to) {
        required(Field::Reason, reason, MAX_REASON)?
    } else {
        typed(Field::Reason, reason, MAX_REASON)?
    };
    let subject = format!("{reference} {}", to.as_str());
    let command = appointment::ChangeStatus {
        key: of_form(
            KeyOwner::Caller(&caller),
            key,
            None,
            "change-status",
            &subject,
            &(version, &reason),
        )?,
        caller,
        which: reference.into(),
        to,
        version: Some(version),
        reason,
    };
    appointment::change_status(&state.database, command, state.now()).await?;
    Ok(())
}

/// Under which name a session keeps what became of requests that were confirmed together.
pub(super) const SEVERAL: &str = "confirm-several";

/// What became of requests that were confirmed together.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Several {
    pub confirmed: usize,
    /// The references of those that could not be confirmed, and why.
    pub refused: Vec<(String, AppError)>,
}

/// Confirms the requests that are ticked, each for itself. A request is its reference and the version that was seen, with a
/// colon between.
#[server(prefix = "/form", endpoint = "confirm-several")]
pub async fn confirm_several(
    #[server(default)] chosen: Vec<String>,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let (caller, _) = guard::doctor().await?;
    let state = expect_context::<AppState>();
    let malformed = AppError::invalid(Field::Version, FieldProblem::Malformed);
    let (mut references, mut requests) = (Vec::new(), Vec::new());
    for one in &chosen {
        let (reference, version) = one.split_once(':').ok_or(malformed)?;
        let version: i32 = version.parse().map_err(|_| malformed)?;
        let whose = KeyOwner::Caller(&caller);
        requests.push(appointment::Chosen {
            which: reference.to_owned().into(),
            version: Some(version),
            key: of_form(whose, &key, None, "confirm-several", reference, &version)?,
        });
        references.push(reference.to_owned());
    }
    let outcomes = appointment::confirm_several(&state.database, &caller, requests, state.now()).await?;
    let mut several = Several::default();
    for (reference, outcome) in references.into_iter().zip(outcomes) {
        match outcome {
            Ok(_) => several.confirmed += 1,
            Err(error) => several.refused.push((reference, error)),
        }
    }
    guard::session()
        .keep_typed(SEVERAL, String::new(), several)
        .await?;
    redirect("/doctor?several=1");
    Ok(())
}

/// Says that the patient of an appointment is here (A6).
#[server(prefix = "/form", endpoint = "arrive")]
pub async fn arrive(
    reference: String,
    /// The page that staff go on with.
    #[server(default)]
    next: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let leads_to = after_change(&caller, &reference, Status::Confirmed, &next);
    let command = arrival(caller, reference, &key, "arrive")?;
    appointment::arrive(&state.database, command, state.now()).await?;
    redirect(&leads_to);
    Ok(())
}

/// Takes back within a minute that the patient of an appointment is here.
#[server(prefix = "/form", endpoint = "take-back-arrival")]
pub async fn take_back_arrival(
    reference: String,
    /// The page that staff go on with.
    #[server(default)]
    next: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let leads_to = after_change(&caller, &reference, Status::Confirmed, &next);
    let command = arrival(caller, reference, &key, "take-back-arrival")?;
    appointment::take_back_arrival(&state.database, command, state.now()).await?;
    redirect(&leads_to);
    Ok(())
}

fn arrival(
    caller: Caller,
    reference: String,
    key: &str,
    operation: &'static str,
) -> Result<appointment::Arrive, AppError> {
    let whose = KeyOwner::Caller(&caller);
    Ok(appointment::Arrive {
        key: of_form(whose, key, None, operation, &reference, &())?,
        caller,
        which: reference.into(),
    })
}

/// Cancels what is left of a visit (B7), from the page that cancels one part of it.
#[server(prefix = "/form", endpoint = "cancel-visit")]
pub async fn cancel_visit(
    reference: String,
    visit_id: i64,
    #[server(default)] reason: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let result = try_to_cancel(caller, visit_id, &reason, &key).await;
    keep_typed(reference, &reason, &result).await?;
    result?;
    redirect("/appointments?cancelled=1");
    Ok(())
}

async fn try_to_cancel(caller: Caller, visit_id: i64, reason: &str, key: &str) -> Result<(), AppError> {
    let state = expect_context::<AppState>();
    let reason = typed(Field::Reason, reason, MAX_REASON)?;
    let whose = KeyOwner::Caller(&caller);
    let key = of_form(whose, key, None, "cancel-visit", &visit_id.to_string(), &reason)?;
    let database = &state.database;
    visit::cancel_visit(database, caller, visit_id, reason, key, state.now()).await?;
    Ok(())
}

/// The hours that the page offers to give to doctors for their answers.
pub(super) const GIVEN_HOURS: [i64; 5] = [12, 24, 48, 72, 168];

/// Decides about the requests that were held back since very many fell due at once.
#[server(prefix = "/form", endpoint = "decide-overdue")]
pub async fn decide_overdue(
    #[server(default)] decision: String,
    #[server(default)] hours: i64,
) -> Result<(), AppError> {
    guard::admin().await?;
    let state = expect_context::<AppState>();
    let known = match decision.as_str() {
        "expire" => Some(appointment::Decision::Expire),
        "wait" => appointment::Decision::wait(hours),
        _ => None,
    };
    let known = known.ok_or(AppError::invalid(Field::Body, FieldProblem::Malformed))?;
    let done = match appointment::decide(&state.database, known, None, state.now()).await? {
        true => decision.as_str(),
        false => "late",
    };
    redirect(&format!("/admin/overdue?done={done}"));
    Ok(())
}

/// Keeps a reason for the next try, until there has been one that went well.
async fn keep_typed(reference: String, reason: &str, result: &Result<(), AppError>) -> Result<(), AppError> {
    let session = guard::session();
    match result {
        Ok(()) => session.forget_typed(FORM).await,
        Err(_) if reason.is_empty() => Ok(()),
        // As long as it is, without what a database does not take.
        Err(_) => {
            let reason = storable(reason);
            session.keep_typed(FORM, reference, reason).await
        }
    }
}

/// The page that a caller goes on with after a change, and which says what became of it.
fn after_change(caller: &Caller, reference: &str, to: Status, next: &str) -> String {
    if let Caller::Patient { .. } = caller {
        return match to {
            Status::Cancelled => format!("/appointments/{reference}?cancelled=1"),
            _ => format!("/appointments/{reference}"),
        };
    }
    let path = match local_path(next) {
        "/" => caller.home(),
        path => path.split('#').next().unwrap_or_default(),
    };
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}changed={reference}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_leads_to_a_path_without_what_cannot_be_read() {
        let filter = |status: &str, doctor: &str, from: &str| BoardFilter {
            status: status.to_owned(),
            doctor: doctor.to_owned(),
            clinic: String::new(),
            from: from.to_owned(),
            until: "2026-12-01".to_owned(),
        };
        for (filter, is_search, expected) in [
            (
                filter("no_show", "1", "2026-11-24"),
                true,
                "/admin?status=no_show&doctor=1&from=2026-11-24&until=2026-12-01&searched=1",
            ),
            (filter("", "", ""), false, "/admin?from=&until=2026-12-01"),
            (
                filter("confirmed&x=1", "1 or 1=1", "today#"),
                false,
                "/admin?until=2026-12-01",
            ),
        ] {
            assert_eq!(filter.path(is_search), expected);
        }
    }

    #[test]
    fn a_change_leads_to_the_appointment_or_back_to_the_list() {
        let patient = Caller::Patient {
            id: 1,
            name: None,
            family: Vec::new(),
            opened_since: None,
        };
        let doctor = Caller::Doctor {
            staff_id: 1,
            doctor_id: 1,
            name: "Dr Sari".to_owned(),
        };
        for (caller, next, expected) in [
            (
                &patient,
                "/appointments/AB/cancel",
                "/appointments/AB?cancelled=1",
            ),
            (&doctor, "", "/doctor?changed=AB"),
            (&doctor, "https://evil.example", "/doctor?changed=AB"),
            (
                &doctor,
                "/doctor?date=2026-11-24#change",
                "/doctor?date=2026-11-24&changed=AB",
            ),
        ] {
            assert_eq!(after_change(caller, "AB", Status::Cancelled, next), expected);
        }
    }
}
