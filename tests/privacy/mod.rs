//! Privacy: pages without JavaScript, files and calls.

mod api;
mod form;

/// The phone of somebody who wants to know what is known of them.
const PHONE: &str = "+6281255500001";
