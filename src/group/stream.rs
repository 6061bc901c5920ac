//! The stream of changes, for open pages of group sessions.

use axum::{
    Extension,
    extract::{Query, State, rejection::QueryRejection},
    response::{Response, sse::Event},
};
use serde::Deserialize;

use crate::{
    account::guard::ClientAddress,
    server::{
        AppState, problem,
        stream::{Admitted, EventStream, Teller, one_too_many},
    },
};
use engine::{error::AppError, i18n::Locale};

/// Number of doctors whose sessions a page can look at.
const MAX_DOCTORS: usize = 100;

/// The page that listens.
#[derive(Deserialize)]
pub struct OpenPage {
    /// The ids of the doctors of its sessions, with commas between them.
    doctors: String,
}

/// Says whenever something changes in the days of these doctors, as everybody may know who looks at their free times, and
/// nothing of what it is: the page reads itself anew, under its own guard.
pub async fn groups(
    State(state): State<AppState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(locale): Extension<Locale>,
    page: Result<Query<OpenPage>, QueryRejection>,
) -> Result<EventStream, Response> {
    let doctors = page.ok().and_then(|Query(page)| doctors(&page.doctors));
    let doctors = doctors.ok_or_else(|| problem(AppError::NotFound, locale))?;
    let admitted = Admitted::new(&state, &address).ok_or_else(|| one_too_many(locale))?;
    // Before the page is told that it is heard, so that no change is missed.
    let mut changes = state.live.changes(doctors);
    let telling = |teller: Teller| async move {
        loop {
            let next = tokio::select! {
                () = teller.closed() => return,
                next = changes.next() => next,
            };
            let event = Event::default().event("changed").data("1");
            if next.is_none() || teller.send(Ok(event)).await.is_err() {
                return;
            }
        }
    };
    Ok(admitted.listens_to(telling))
}

fn doctors(said: &str) -> Option<Vec<i64>> {
    let doctors: Vec<i64> = said.split(',').map(str::parse).collect::<Result<_, _>>().ok()?;
    (doctors.len() <= MAX_DOCTORS).then_some(doctors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doctors_are_numbers_and_not_too_many() {
        assert_eq!(doctors("1,7"), Some(vec![1, 7]));
        assert_eq!(doctors("1,x"), None);
        assert_eq!(doctors(""), None);
        assert_eq!(doctors(&vec!["1"; MAX_DOCTORS + 1].join(",")), None);
    }
}
