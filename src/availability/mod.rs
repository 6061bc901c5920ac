//! Times that can be booked: pages, calls, and the live stream of taken times.

pub mod island;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod stream;
