//! Consultations by text and video: pages, forms, calls, and the stream of a thread.

pub mod island;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod forms;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod stream;
