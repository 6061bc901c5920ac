//! Real servers of Janji on a PostgreSQL of their own, driven over HTTP: the search for what breaks (`script/torture`),
//! and what the figures share with it (`script/bench`).

pub mod client;
pub mod measure;
pub mod postgres;
pub mod proxy;
pub mod run;
pub mod server;
pub mod world;

use std::error::Error;

/// Nobody tells these failures apart: they end the program.
pub type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;
