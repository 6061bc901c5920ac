//! The demo.

mod seed;
