//! Accounts: signing in, sessions, tokens, and the guard that says who sees what.

mod access;
mod api;
mod code;
mod ended;
mod factor;
mod guard;
mod new_phone;
mod number;
mod own;
mod reception;
mod session;
mod staff;
mod tokens;
