//! People and roles: signing in, tokens, the guard.

pub mod access;
pub mod api;
pub mod entry;
pub mod factor;
pub mod family;
pub mod forms;
pub mod guard;
pub mod own;
pub mod page;
pub mod password;
pub mod patient;
mod scope;
pub mod session;
pub mod staff;
