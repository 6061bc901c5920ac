//! One's own account: where one is signed in, and what one signs in with.

mod agent;
pub mod forms;
pub mod page;
