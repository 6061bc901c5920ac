//! Free times.

mod any;
