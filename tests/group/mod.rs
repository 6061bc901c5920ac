//! Group sessions: on pages without JavaScript, and by the API.

mod api;
mod form;
