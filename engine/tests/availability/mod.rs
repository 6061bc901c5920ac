//! Free times.

mod any;
mod live;
mod slots;
