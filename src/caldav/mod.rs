//! Calendars elsewhere: how their servers are spoken to, and the page on which a doctor links one.

pub mod client;
pub mod forms;
pub mod page;
