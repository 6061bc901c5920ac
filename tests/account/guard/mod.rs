//! The guard: every page, form and call is only for those whom it is for.

mod api;
mod forms;
mod named;
mod pages;
mod scopes;
