//! Messages to people outside of the pages.

pub mod outbox;
