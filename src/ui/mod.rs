//! What all pages share: the layout, form fields, notices, icons. Only what is alive in the browser is
//! built for both.

pub mod island;

#[cfg(feature = "ssr")]
mod field;
#[cfg(feature = "ssr")]
mod layout;
#[cfg(feature = "ssr")]
mod notice;
#[cfg(feature = "ssr")]
mod texts;

#[cfg(feature = "ssr")]
pub use self::{
    field::{Hidden, TextArea, TextField, in_textarea},
    layout::{Page, icon, page, path_parameter, query, redirect, shell},
    notice::{Tone, encode, field_error, message, notice, problem, request_error, with_error},
    texts::texts,
};
