//! Accounts: signing in, sessions, tokens, and the guard that says who sees what.

mod access;
mod api;
mod code;
mod ended;
mod guard;
mod own;
mod session;
mod staff;
mod tokens;
