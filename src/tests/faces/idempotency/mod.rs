//! Idempotency keys.

mod form;
