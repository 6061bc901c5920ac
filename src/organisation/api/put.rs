//! The body of the calls that describe a service or a clinic.

use serde::Serialize;

use super::{Described, stale::not_changed};
use crate::server::{
    AppState,
    api::{Fault, SentKey},
};
use engine::{
    account::Caller,
    error::Field,
    organisation::{self, Description, Put, must_be_admin},
};

/// A request that describes something.
pub(super) trait Request: Serialize {
    type Description: Description;

    /// The name of the call, by which its idempotency keys differ from those of others.
    const CALL: &'static str;
    /// The call's own names of inputs that the form calls otherwise.
    const NAMES: &'static [(Field, &'static str)];

    /// Parses the request by the rules of the form.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`, for all inputs at once.
    fn read(&self) -> Result<Self::Description, Fault>;
}

/// Adds what the request describes, or changes the one with this id and version.
///
/// # Errors
/// Those of [`organisation::put`], with the names of the call's inputs.
pub(super) async fn put<R: Request>(
    state: &AppState,
    caller: Caller,
    sent: &SentKey,
    which: Option<(i64, i32)>,
    request: &R,
) -> Result<Described, Fault> {
    must_be_admin(&caller)?;
    let command = Put {
        key: sent.of(&caller, R::CALL, &(which, request))?,
        caller,
        which,
        description: request.read()?,
    };
    organisation::put(&state.database, command, state.now())
        .await
        .map(Described::from)
        .map_err(|error| match which {
            Some((id, _)) => not_changed(error, R::Description::subject(id)).under(R::NAMES),
            None => Fault::from(error).under(R::NAMES),
        })
}
