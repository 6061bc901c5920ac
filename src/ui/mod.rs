//! The layout, form fields, notices and icons of all pages. Only the islands are
//! built for both.

pub mod island;

#[cfg(feature = "ssr")]
mod field;
#[cfg(feature = "ssr")]
mod icon;
#[cfg(feature = "ssr")]
mod isolate;
#[cfg(feature = "ssr")]
mod keys;
#[cfg(feature = "ssr")]
mod layout;
#[cfg(feature = "ssr")]
mod notice;
#[cfg(feature = "ssr")]
mod pager;
#[cfg(feature = "ssr")]
mod texts;

#[cfg(feature = "ssr")]
pub use self::{
    field::{Cookies, Hidden, Notes, TextArea, TextField, error_text, in_textarea},
    icon::icon,
    isolate::isolate,
    layout::{KeptForm, Page, door, page, path_parameter, query, redirect, refused},
    notice::{
        Tone, changed_by, encode, error_summary, field_error, message, notice, problem, request_error,
        stale_notice, too_many, with_error, without_error,
    },
    pager::{csv_link, pager},
    texts::texts,
};
