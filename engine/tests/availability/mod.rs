//! Free times.

mod any;
mod slots;
