//! Connections for what a test says itself.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex},
};

use sqlx::PgConnection;

use super::TestApp;

/// Connections that nobody uses at the moment.
pub(super) type Idle = Arc<Mutex<Vec<PgConnection>>>;

/// A connection that is none of the engine's, and is used again by who asks next: PostgreSQL takes longer to read its
/// catalogue for a new one than to do what most tests ask of it.
pub struct Spare {
    /// There until this is dropped.
    connection: Option<PgConnection>,
    idle: Idle,
}

impl TestApp {
    /// A connection for statements that leave nothing behind in it: neither a transaction nor a setting.
    pub async fn spare(&self) -> Spare {
        let idle = self.idle.lock().unwrap().pop();
        Spare {
            connection: Some(match idle {
                Some(connection) => connection,
                None => self.connection().await,
            }),
            idle: self.idle.clone(),
        }
    }
}

impl Deref for Spare {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.connection.as_ref().unwrap()
    }
}

impl DerefMut for Spare {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.connection.as_mut().unwrap()
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        self.idle.lock().unwrap().extend(self.connection.take());
    }
}
