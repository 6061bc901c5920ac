//! The extractors of a call: caller, path, query, body, idempotency key and version.

mod body;
mod caller;
mod key;
mod path;
mod query;
#[cfg(test)]
mod tests;

pub use self::{
    body::Body,
    caller::{Authenticated, Bearer, OptionalCaller, RequestTexts},
    key::{IDEMPOTENCY_KEY, IfMatch, SentKey, unit},
    path::{AppointmentInPath, Id, InPath},
    query::{Query, TimeInput, bound, number, page_of, words, yes_or_no},
};
