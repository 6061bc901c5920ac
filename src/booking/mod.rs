//! Choosing a time, holding it and booking it.

#[cfg(feature = "ssr")]
pub mod api;
pub mod island;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod reference;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod wanted;

#[cfg(feature = "ssr")]
pub use wanted::Wanted;
