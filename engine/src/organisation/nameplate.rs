//! The nameplate: what every page says of the organisation.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::Logo;
use crate::{
    database::{self, Database},
    error::AppError,
    event::Event,
};

/// The time for which a server keeps what it has read: a change by another server is seen that much later.
const KEPT_FOR: Duration = Duration::from_secs(2);

/// The time that a page waits for it, at most: it can be shown without.
const PATIENCE: Duration = Duration::from_millis(500);

/// What every page says of the organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Empty where nobody has given it one.
    pub name: String,
    pub phone: String,
    pub logo: Option<Logo>,
    /// Whether there is an imprint in any language.
    pub has_imprint: bool,
}

/// Keeps what pages say of the organisation, so that a page needs no statement for it. Nothing is decided by it.
#[derive(Clone, Debug)]
pub struct Nameplate {
    database: Database,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    shown: Arc<Shown>,
    read_at: Option<Instant>,
    /// Counts changes: what was read before one is not kept after it.
    changes: u64,
}

impl database::Listener for Nameplate {
    fn after_commit(&self, events: &[Event]) {
        if events.contains(&Event::NameplateChanged) {
            let mut kept = self.kept();
            kept.read_at = None;
            kept.changes += 1;
        }
    }
}

impl Nameplate {
    /// Listens to the transactions of this server.
    pub fn start(database: Database) -> Self {
        let nameplate = Self {
            database: database.clone(),
            kept: Arc::default(),
        };
        database.listen(Arc::new(nameplate.clone()));
        nameplate
    }

    /// What a page says now. Where the database does not answer, it is what was read last.
    pub async fn shown(&self) -> Arc<Shown> {
        let (last, changes) = {
            let kept = self.kept();
            if kept.read_at.is_some_and(|at| at.elapsed() < KEPT_FOR) {
                return kept.shown.clone();
            }
            (kept.shown.clone(), kept.changes)
        };
        let Ok(Ok(shown)) = tokio::time::timeout(PATIENCE, read(&self.database)).await else {
            return last;
        };
        let shown = Arc::new(shown);
        let mut kept = self.kept();
        if kept.changes == changes {
            kept.shown = shown.clone();
            kept.read_at = Some(Instant::now());
        }
        shown
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read(database: &Database) -> Result<Shown, AppError> {
    database
        .read("organisation.nameplate", |mut connection| async move {
            let row = sqlx::query!(
                r#"select name, phone, digest, width, height,
                          exists (select from organisation_pages where page = 'imprint') as "has_imprint!"
                   from organisation cross join organisation_logo"#
            )
            .fetch_one(&mut *connection)
            .await?;
            Ok(Shown {
                name: row.name,
                phone: row.phone,
                logo: Logo::of(row.digest, row.width, row.height),
                has_imprint: row.has_imprint,
            })
        })
        .await
}
