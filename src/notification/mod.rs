//! What Janji says to people outside of its pages.

pub mod outbox;
pub mod page;
pub mod rest;
