//! Links from mails: choosing a password where there is none yet, or where it was forgotten.

pub mod forms;
pub mod page;
