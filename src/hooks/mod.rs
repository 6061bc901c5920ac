//! Programs of others that call Janji, and sign what they send. They have no session, and no browser comes here. What has no
//! secret is not there.

pub mod calcom;
pub mod payment;
pub mod retell;
