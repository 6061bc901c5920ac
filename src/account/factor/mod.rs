//! The second factor of staff: signing in with it, setting it up, and proving again who one is.

pub mod api;
pub mod forms;
mod owner;
pub mod page;
mod passkeys;
pub mod setup;
