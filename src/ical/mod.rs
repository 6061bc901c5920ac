//! Calendar files and feeds (iCalendar, RFC 5545).

pub mod api;
pub mod feed;
pub mod forms;
pub mod page;
