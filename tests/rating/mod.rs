//! Ratings.

mod form;
