//! Idempotency keys.

mod form;
mod stands;
