//! Privacy: a copy of one's own data, being forgotten, consent, who has read what, and how long the clinic keeps what.

pub mod api;
pub mod files;
pub mod forms;
pub mod page;
