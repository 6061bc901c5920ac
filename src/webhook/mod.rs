//! Webhooks: how they are posted to, their pages, and their calls.

pub mod api;
pub mod forms;
pub mod page;
pub mod post;
pub mod sign;
