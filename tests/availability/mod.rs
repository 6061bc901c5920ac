//! Free times.

mod live;
