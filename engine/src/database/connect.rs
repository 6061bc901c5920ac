//! Connecting: to the host that can be written to, through a pooler or not.

use std::{sync::Arc, time::Duration};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{
    Database, SILENCE_TIMEOUT, Settings, StartError,
    clock::Clock,
    connection::Doubt,
    hosts::{Hosts, Lookout},
    outage::Outage,
    pause::Pause,
    report::Reports,
    session::{Begin, Session},
    startup::{self, Use, can_write, for_serving},
    statistics::Statistics,
    transaction::Listeners,
};

/// Time that a connection may lie in the pool before it is checked at its next use.
const IDLE_TIMEOUT: Duration = Duration::from_secs(1);

impl Database {
    /// Connects, and checks that Janji can work with this database. Of several hosts in the URL, the one is used that can be
    /// written to.
    ///
    /// # Errors
    /// One line for the operator: not reachable, too old, without its extensions, behind a pooler that does not keep
    /// what is set.
    pub async fn connect(url: &str, settings: &Settings) -> Result<Self, StartError> {
        let hosts = Hosts::parse(url).ok_or(StartError::BadUrl)?;
        let (at, options) = hosts.writable().await?;
        startup::check(options, Use::Reading).await?;
        startup::check_settings(options, settings).await?;
        let mut database = Self::new(PgPoolOptions::new(), options.clone(), settings);
        database.look_out(hosts, at);
        database.begin_well().await
    }

    /// Connects through a pooler that lends a connection for one transaction: each transaction brings its settings along, and
    /// a read is a transaction, too. `direct` leads past it, for what needs a connection of its own. Of several poolers, the one
    /// is used whose database can be written to.
    ///
    /// # Errors
    /// One line for the operator.
    pub async fn connect_pooled(url: &str, direct: &str, settings: &Settings) -> Result<Self, StartError> {
        // What one transaction has prepared, the next one would look for on another connection.
        let hosts = Hosts::parse(url).ok_or(StartError::BadUrl)?.without_prepared();
        let direct = Hosts::parse(direct).ok_or(StartError::BadUrl)?;
        let (at, options) = hosts.writable().await?;
        let begin = Begin::with(settings);
        let mut database = Self::set_up(PgPoolOptions::new(), options.clone(), settings, begin);
        database.direct = Some(Arc::new(direct));
        database.look_out(hosts, at);
        database.begin_well().await
    }

    /// Has the host found that takes the place of the one that is used, where there are several.
    fn look_out(&mut self, hosts: Hosts, at: usize) {
        if hosts.are_several() {
            let (pool, doubt) = (self.pool.clone(), self.doubt.told());
            self._lookout = Some(Lookout::start(hosts, at, pool, doubt));
        }
    }

    /// Options for a connection that stays the same from one statement to the next, as LISTEN needs it: past the pooler, where
    /// there is one.
    pub(crate) async fn of_one_connection(&self) -> Result<PgConnectOptions, sqlx::Error> {
        let Some(direct) = &self.direct else {
            return Ok((*self.pool.connect_options()).clone());
        };
        let found = direct.writable().await;
        let (_, options) = found.map_err(|error| sqlx::Error::Configuration(error.into()))?;
        Ok(for_serving(options.clone()))
    }

    /// Asks the first question.
    async fn begin_well(self) -> Result<Self, StartError> {
        self.read_clock()
            .await
            .map_err(|error| StartError::Unreachable(error.to_string()))?;
        Ok(self)
    }

    /// A pool that connects when it is first used.
    pub fn new(pool: PgPoolOptions, options: PgConnectOptions, settings: &Settings) -> Self {
        Self::set_up(pool, options, settings, Begin::AsSet)
    }

    fn set_up(pool: PgPoolOptions, options: PgConnectOptions, settings: &Settings, begin: Begin) -> Self {
        // Behind a pooler, what is set on one connection is of use to nobody.
        let session = (!begin.is_pooled()).then(|| Session::new(settings));
        let doubt = Doubt::default();
        let doubted = doubt.clone();
        let pool = pool
            .max_connections(settings.pool_size)
            .acquire_timeout(settings.acquire_timeout)
            // A round trip on every use, for a server that is nearly always there: only a connection that has
            // lain idle is checked, and each one after another has broken.
            .test_before_acquire(false)
            .before_acquire(move |connection, meta| {
                let is_doubted = meta.idle_for >= IDLE_TIMEOUT || doubted.is_in_order();
                let doubted = doubted.clone();
                Box::pin(async move {
                    if !is_doubted {
                        return Ok(true);
                    }
                    // One that leads to a standby is closed: another one may lead to the new primary.
                    let can = can_write(connection).await;
                    if !matches!(can, Ok(true)) {
                        doubted.tell();
                    }
                    can
                })
            })
            .after_connect(move |connection, _| {
                let session = session.clone();
                Box::pin(async move {
                    match session {
                        Some(session) => session.set(connection).await,
                        None => Ok(()),
                    }
                })
            })
            .connect_lazy_with(for_serving(options));
        Self {
            pool,
            clock: Clock::default(),
            statistics: Arc::new(Statistics::new()),
            limit: settings.statement_timeout + SILENCE_TIMEOUT,
            doubt,
            outage: Outage::default(),
            pause: Pause::default(),
            listeners: Listeners::default(),
            reports: Reports::new(settings),
            begin,
            direct: None,
            _lookout: None,
        }
    }
}
