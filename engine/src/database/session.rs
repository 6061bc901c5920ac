//! The settings of every connection: set after connecting, and read back, since a pooler in between may swallow them.

use std::{borrow::Cow, sync::Arc};

use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::{Settings, StartError};

/// The settings that Janji relies on, and their values.
fn wanted(settings: &Settings) -> [(&'static str, String); 6] {
    let milliseconds = |timeout: std::time::Duration| timeout.as_millis().to_string();
    [
        ("lock_timeout", milliseconds(settings.lock_timeout)),
        ("statement_timeout", milliseconds(settings.statement_timeout)),
        (
            "idle_in_transaction_session_timeout",
            milliseconds(settings.statement_timeout),
        ),
        ("timezone", "UTC".to_owned()),
        // The locks rely on it, whatever a given database has as its default; and an acknowledgement means that the data is
        // on disk.
        ("default_transaction_isolation", "read committed".to_owned()),
        ("synchronous_commit", "on".to_owned()),
    ]
}

/// The settings of connections, as the two messages that set them and read them back.
#[derive(Clone, Debug)]
pub(super) struct Session {
    names: Vec<&'static str>,
    set: String,
    read_back: String,
}

/// The statement that forgets what others have prepared on the connection that was lent: the driver names what it prepares by
/// numbers, and would find the name taken. What a pooler prepares by names of its own stays.
const FORGET: &str = "do $$ declare one record; begin
    for one in select name from pg_prepared_statements where name like 'sqlx\\_s\\_%' loop
        execute format('deallocate %I', one.name);
    end loop;
end $$; ";

/// How a transaction begins.
#[derive(Clone, Debug)]
pub(super) enum Begin {
    /// The connection has the settings.
    AsSet,
    /// The pooler in between lends a connection for one transaction, which brings these settings along.
    Pooled(Arc<str>),
}

impl Begin {
    /// Behind a pooler, with these settings.
    pub fn with(settings: &Settings) -> Self {
        let local: String = wanted(settings)
            .iter()
            // The transaction that has begun has its isolation.
            .filter(|(name, _)| *name != "default_transaction_isolation")
            .map(|(name, value)| format!("set local {name} = '{value}'; "))
            .collect();
        Self::Pooled(format!("{local}{FORGET}").into())
    }

    pub fn is_pooled(&self) -> bool {
        matches!(self, Self::Pooled(_))
    }

    /// The statements that begin a transaction, of which the first is `begin`.
    pub fn by(&self, statements: &'static str) -> Cow<'static, str> {
        let Self::Pooled(local) = self else {
            return Cow::Borrowed(statements);
        };
        let (begin, rest) = statements.split_once("; ").unwrap_or((statements, ""));
        let begin = match begin.contains("isolation level") {
            true => begin.to_owned(),
            false => begin.replacen("begin", "begin isolation level read committed", 1),
        };
        Cow::Owned(format!("{begin}; {local}{rest}"))
    }
}

/// A setting that the connection does not keep.
#[derive(Debug, thiserror::Error)]
#[error("{name} was set to {wanted}, and is {found}")]
pub(super) struct Swallowed {
    name: &'static str,
    wanted: String,
    found: String,
}

impl Session {
    pub fn new(settings: &Settings) -> Self {
        let wanted = wanted(settings);
        let list =
            |part: fn(&(&str, String)) -> String| wanted.iter().map(part).collect::<Vec<_>>().join(", ");
        Self {
            names: wanted.iter().map(|(name, _)| *name).collect(),
            set: format!(
                "select {}",
                list(|(name, value)| format!("set_config('{name}', '{value}', false)"))
            ),
            read_back: format!(
                "select {}",
                list(|(name, _)| format!("current_setting('{name}')"))
            ),
        }
    }

    /// Sets the settings on a new connection, and reads them back by a message of its own: behind a pooler that gives each
    /// transaction another connection, they are gone by then.
    ///
    /// # Errors
    /// [`Swallowed`] as a configuration error; those of the connection.
    pub async fn set(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let set = ask(connection, &self.set).await?;
        let found = ask(connection, &self.read_back).await?;
        for (at, name) in self.names.iter().enumerate() {
            let (wanted, found): (String, String) = (set.try_get(at)?, found.try_get(at)?);
            if wanted != found {
                return Err(sqlx::Error::Configuration(Box::new(Swallowed {
                    name,
                    wanted,
                    found,
                })));
            }
        }
        Ok(())
    }
}

/// Asks by a message that needs no prepared statement.
async fn ask(connection: &mut PgConnection, question: &str) -> Result<sqlx::postgres::PgRow, sqlx::Error> {
    // The names and values are ours, and numbers.
    let rows = sqlx::raw_sql(AssertSqlSafe(question.to_owned()))
        .fetch_all(connection)
        .await?;
    rows.into_iter().next_back().ok_or(sqlx::Error::RowNotFound)
}

/// Tells whether one connection stays one connection, while another one is busy in a transaction. PgBouncer and its kin, in
/// transaction mode, lend a connection to somebody else between two messages.
///
/// # Errors
/// [`StartError::Pooler`], with the mode.
pub(super) async fn stays(one: &mut PgConnection, other: &mut PgConnection) -> Result<(), StartError> {
    const WAIT: std::time::Duration = std::time::Duration::from_secs(5);
    const TRANSACTION: StartError = StartError::Pooler("transaction");

    let said = |error: sqlx::Error| StartError::of(&error);
    let first: i32 = ask(
        one,
        "select pg_backend_pid() from set_config('janji.probe', 'here', false)",
    )
    .await
    .and_then(|row| row.try_get(0))
    .map_err(said)?;
    let begun = ask(other, "begin; select pg_backend_pid()").await;
    let second: i32 = begun.and_then(|row| row.try_get(0)).map_err(said)?;
    let asked = ask(
        one,
        "select pg_backend_pid(), coalesce(current_setting('janji.probe', true), '')",
    );
    let again = match tokio::time::timeout(WAIT, asked).await {
        Ok(Ok(row)) => row,
        Ok(Err(error)) => return Err(said(error)),
        // All connections of the pooler are lent.
        Err(_) => return Err(TRANSACTION),
    };
    let (now, probe): (i32, String) = again
        .try_get(0)
        .and_then(|pid| Ok((pid, again.try_get(1)?)))
        .map_err(said)?;
    // The transaction of the other one ends with its connection.
    if now == first && probe == "here" && second != first {
        Ok(())
    } else {
        Err(TRANSACTION)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_a_pooler_each_transaction_brings_its_settings_along() {
        let begin = Begin::with(&Settings::default());
        let write = begin.by("begin; select 1");
        assert!(write.starts_with("begin isolation level read committed; set local lock_timeout = '5000'; "));
        assert!(write.contains("set local synchronous_commit = 'on'; "));
        assert!(write.ends_with("; select 1"), "{write}");
        let snapshot = begin.by("begin isolation level repeatable read, read only; select 1");
        assert!(snapshot.starts_with("begin isolation level repeatable read, read only; set local"));
        assert_eq!(Begin::AsSet.by("begin; select 1"), "begin; select 1");
    }
}
