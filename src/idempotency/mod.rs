//! Idempotency keys of forms.

pub mod forms;
pub mod page;
