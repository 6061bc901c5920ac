//! The calls for admins who watch over the installation.

pub mod changes;
pub mod integrity;
pub mod locks;

use engine::{account::Caller, error::AppError};

/// # Errors
/// `FORBIDDEN` for who is no admin.
fn must_be_admin(caller: &Caller) -> Result<(), AppError> {
    match caller {
        Caller::Admin { .. } => Ok(()),
        Caller::Patient { .. } | Caller::Doctor { .. } => Err(AppError::Forbidden),
    }
}
