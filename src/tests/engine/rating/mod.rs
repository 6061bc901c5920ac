//! Ratings.

mod rate;
