//! Calls of other people's programs, each checked by its signature. What has no secret is not there.

pub mod payment;
