//! Messages.

mod demo;
