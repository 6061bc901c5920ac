//! Tests that need a database, or the whole program.

mod engine;
mod faces;
