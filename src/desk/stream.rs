//! The stream of changes, for the open sheets of staff.

use axum::{
    Extension,
    extract::{Query, State, rejection::QueryRejection},
    response::{Response, sse::Event},
};
use serde::Deserialize;
use tower_sessions::Session;

use crate::{
    account::{
        guard::{self, ClientAddress},
        session::BrowserSession,
    },
    server::{
        AppState, problem,
        stream::{Admitted, EventStream, Teller, one_too_many},
    },
};
use engine::{account::Caller, desk::sheet::may_hear_of, error::AppError, i18n::Locale};

/// Number of doctors whose days a page can look at.
const MAX_DOCTORS: usize = 200;

/// The page that listens.
#[derive(Deserialize)]
pub struct OpenSheet {
    /// The ids of its doctors, with commas between them.
    doctors: String,
}

/// Says whenever something changes in the days of these doctors, and nothing of what it is: the page reads itself anew, under
/// its own guard. Doctors listen to their own days.
pub async fn sheet(
    State(state): State<AppState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(locale): Extension<Locale>,
    page: Result<Query<OpenSheet>, QueryRejection>,
    session: Session,
) -> Result<EventStream, Response> {
    let refuse = |error| problem(error, locale);
    let session = BrowserSession::new(session, state.config.rules.booking, state.now());
    let caller = guard::caller_of(&state.database, &session)
        .await
        .map_err(refuse)?;
    let Ok(Query(page)) = page else {
        return Err(refuse(AppError::NotFound));
    };
    let doctors = heard(&state, caller.as_ref(), &page.doctors).await;
    let doctors = doctors.map_err(refuse)?;
    let admitted = Admitted::new(&state, &address).ok_or_else(|| one_too_many(locale))?;
    // Before the page is told that it is heard, so that no change is missed.
    let mut changes = state.live.changes(doctors);
    let telling = |teller: Teller| async move {
        loop {
            let next = tokio::select! {
                () = teller.closed() => return,
                next = changes.next() => next,
            };
            if next.is_none() {
                return;
            }
            // Who has signed out, or is of these clinics no more, hears no more. While the database is away, nothing has
            // changed.
            let still = async {
                session.reload().await?;
                let caller = guard::caller_of(&state.database, &session).await?;
                heard(&state, caller.as_ref(), &page.doctors).await
            };
            match still.await {
                Err(error) if !error.is_transient() => return,
                Ok(_) | Err(_) => {}
            }
            let event = Event::default().event("changed").data("1");
            if teller.send(Ok(event)).await.is_err() {
                return;
            }
        }
    };
    Ok(admitted.listens_to(telling))
}

/// The doctors whose days this caller may listen to, if it is all of these.
///
/// # Errors
/// `NOT_FOUND`; those of the database.
async fn heard(state: &AppState, caller: Option<&Caller>, doctors: &str) -> Result<Vec<i64>, AppError> {
    let doctors = allowed(caller, doctors)?;
    match caller {
        Some(caller) if !may_hear_of(&state.database, caller, doctors.clone()).await? => {
            Err(AppError::NotFound)
        }
        _ => Ok(doctors),
    }
}

/// The doctors of a URL, as far as the caller's role goes.
fn allowed(caller: Option<&Caller>, doctors: &str) -> Result<Vec<i64>, AppError> {
    let doctors: Result<Vec<i64>, _> = doctors.split(',').map(str::parse).collect();
    let doctors = doctors.map_err(|_| AppError::NotFound)?;
    let is_allowed = match caller {
        Some(Caller::Admin { .. } | Caller::Reception { .. }) => true,
        Some(Caller::Doctor { doctor_id, .. }) => doctors == [*doctor_id],
        Some(Caller::Patient { .. }) | None => false,
    };
    match is_allowed && doctors.len() <= MAX_DOCTORS {
        true => Ok(doctors),
        false => Err(AppError::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use engine::account::Clinics;

    use super::*;

    #[test]
    fn staff_listen_to_the_days_that_they_may_see() {
        let admin = Caller::Admin {
            clinics: Clinics::All,
            staff_id: 1,
            name: String::new(),
        };
        let doctor = Caller::Doctor {
            staff_id: 2,
            doctor_id: 7,
            name: String::new(),
        };
        assert_eq!(allowed(Some(&admin), "1,7"), Ok(vec![1, 7]));
        assert_eq!(allowed(Some(&doctor), "7"), Ok(vec![7]));
        for (caller, doctors) in [
            (Some(&doctor), "1"),
            (Some(&doctor), "7,1"),
            (Some(&admin), ""),
            (Some(&admin), "1,x"),
            (None, "7"),
        ] {
            assert_eq!(allowed(caller, doctors), Err(AppError::NotFound), "{doctors}");
        }
    }
}
