//! People and roles: signing in, tokens, the guard.

pub mod access;
pub mod api;
pub mod family;
pub mod forms;
pub mod guard;
pub mod page;
mod scope;
pub mod session;
