//! The end of a sign-in of staff.

use engine::{
    account::{local_path, session::SignedIn},
    error::AppError,
};
use jiff::Timestamp;

use super::guard;
use crate::ui::redirect;

/// Signs a member of staff in, as of when they began to, and leads to the page that they wanted or to their own.
///
/// # Errors
/// `UNAVAILABLE`.
pub async fn enter(staff_id: i64, since: Timestamp, next: &str) -> Result<(), AppError> {
    let session = guard::session();
    guard::sign_in(SignedIn::Staff(staff_id), since).await?;
    session.forget_draft().await?;
    let home = match guard::caller().await? {
        Some(caller) => caller.home(),
        None => "/",
    };
    redirect(match local_path(next) {
        "/" => home,
        path => path,
    });
    Ok(())
}
