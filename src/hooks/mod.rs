//! Programs of others that call Janji, and sign what they send. They have no session, and no browser comes here.

pub mod retell;
