//! Free times.

mod live;
mod range;
