//! Several hosts in one URL: the one that can be written to is found, and found again when another one takes its place (O3).
//!
//! A URL names them as those of libpq do: `postgres://user@one:5432,two:5432/janji`. Whoever serves uses one at a time. As soon
//! as a connection fails or turns out to lead to a standby, all hosts are asked, until one of them can be written to.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{ConnectOptions, Connection, PgPool, postgres::PgConnectOptions};
use tokio::{
    sync::Notify,
    task::{JoinHandle, JoinSet},
};

use super::startup::{StartError, adapted, can_write, for_serving};

/// Time that a host has to answer whether it can be written to.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// The pause between two rounds of questions while no host can be written to.
const PAUSE: Duration = Duration::from_millis(250);

/// Time that a start waits for a host that can be written to.
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// The hosts of a URL, each with all that is needed to connect.
#[derive(Clone, Debug)]
pub(super) struct Hosts(Vec<PgConnectOptions>);

impl Hosts {
    /// Reads a URL.
    pub fn parse(url: &str) -> Option<Self> {
        let urls = single(url)?;
        let hosts = urls.iter().map(|url| url.parse().ok());
        hosts.collect::<Option<Vec<_>>>().map(Self)
    }

    /// The same hosts, on which no statement is prepared for a later use.
    pub fn without_prepared(self) -> Self {
        let hosts = self.0.into_iter();
        Self(hosts.map(|host| host.statement_cache_capacity(0)).collect())
    }

    /// The only one, or any.
    pub fn first(&self) -> &PgConnectOptions {
        // There is always one.
        &self.0[0]
    }

    pub fn are_several(&self) -> bool {
        self.0.len() > 1
    }

    /// The host that can be written to, with its place in the URL. One that is alone is not asked.
    ///
    /// # Errors
    /// [`StartError::Unreachable`] where there is none for some time.
    pub async fn writable(&self) -> Result<(usize, &PgConnectOptions), StartError> {
        if !self.are_several() {
            return Ok((0, self.first()));
        }
        let began = Instant::now();
        loop {
            if let Some(at) = self.find().await {
                return Ok((at, &self.0[at]));
            }
            if began.elapsed() > START_TIMEOUT {
                return Err(StartError::Unreachable(format!(
                    "none of the {} hosts can be written to",
                    self.0.len()
                )));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Asks all hosts at once, and answers with the first that can be written to.
    async fn find(&self) -> Option<usize> {
        let mut questions = JoinSet::new();
        for (at, host) in self.0.iter().enumerate() {
            let host = host.clone();
            questions.spawn(async move {
                let can = tokio::time::timeout(ANSWER_TIMEOUT, is_writable(&host)).await;
                matches!(can, Ok(Ok(true))).then_some(at)
            });
        }
        while let Some(answer) = questions.join_next().await {
            if let Ok(Some(at)) = answer {
                return Some(at);
            }
        }
        None
    }

    fn name(&self, at: usize) -> String {
        format!("{}:{}", self.0[at].get_host(), self.0[at].get_port())
    }
}

async fn is_writable(host: &PgConnectOptions) -> Result<bool, sqlx::Error> {
    let options = adapted(host.clone()).application_name("janji-look");
    let mut connection = options.connect().await?;
    let can = can_write(&mut connection).await?;
    // A goodbye that fails changes nothing for us.
    let _ = connection.close().await;
    Ok(can)
}

/// Looks for the host that can be written to whenever there is doubt, until it is dropped.
#[derive(Debug)]
pub(super) struct Lookout(JoinHandle<()>);

impl Drop for Lookout {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Lookout {
    /// Begins to look. New connections of the pool lead to the host that was found; the others are closed as they fail.
    pub fn start(hosts: Hosts, at: usize, pool: PgPool, doubt: Arc<Notify>) -> Arc<Self> {
        Arc::new(Self(tokio::spawn(look(hosts, at, pool, doubt))))
    }
}

async fn look(hosts: Hosts, mut at: usize, pool: PgPool, doubt: Arc<Notify>) {
    loop {
        doubt.notified().await;
        let began = Instant::now();
        let found = loop {
            if let Some(found) = hosts.find().await {
                break found;
            }
            tokio::time::sleep(PAUSE).await;
        };
        if found != at {
            pool.set_connect_options(for_serving(hosts.0[found].clone()));
            tracing::warn!(
                from = hosts.name(at),
                to = hosts.name(found),
                searched_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
                "another database has taken the place of the one that was used"
            );
            at = found;
        }
        // Of a storm of failures, one look is enough.
        tokio::time::sleep(PAUSE).await;
    }
}

/// One URL for each host of a URL, without what only libpq knows.
fn single(url: &str) -> Option<Vec<String>> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme, "postgres" | "postgresql") {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let (user, hosts) = match authority.rsplit_once('@') {
        Some((user, hosts)) => (format!("{user}@"), hosts),
        None => (String::new(), authority),
    };
    if !hosts.contains(',') {
        return Some(vec![url.to_owned()]);
    }
    let rest = match rest.split_once('?') {
        Some((path, query)) => {
            let known: Vec<&str> = query
                .split('&')
                .filter(|pair| {
                    !pair.starts_with("target_session_attrs=") && !pair.starts_with("load_balance_hosts=")
                })
                .collect();
            format!("{path}?{}", known.join("&"))
        }
        None => rest.to_owned(),
    };
    let hosts = hosts.split(',').map(|host| {
        let host = host.trim();
        (!host.is_empty()).then(|| format!("{scheme}://{user}{host}{rest}"))
    });
    hosts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_of_a_url_has_the_rest_of_it() {
        let url = "postgres://me:p%40ss@one:5433,two,[::1]:5434/janji?sslmode=require&target_session_attrs=read-write";
        let hosts = Hosts::parse(url).unwrap();
        let places: Vec<_> = (hosts.0.iter())
            .map(|host| (host.get_host().to_owned(), host.get_port(), host.get_database()))
            .collect();
        assert_eq!(
            places,
            [
                ("one".to_owned(), 5433, Some("janji")),
                ("two".to_owned(), 5432, Some("janji")),
                ("[::1]".to_owned(), 5434, Some("janji"))
            ]
        );
        assert!(hosts.0.iter().all(|host| host.get_username() == "me"));
        assert!(hosts.are_several());
    }

    #[test]
    fn one_host_is_taken_as_it_is() {
        for url in [
            "postgres://me@one/janji",
            "postgres:///janji?host=/run&port=5432&user=janji",
        ] {
            assert_eq!(single(url).unwrap(), [url]);
        }
        for url in ["nowhere", "postgres://one,,two/janji", "mysql://one,two/janji"] {
            assert!(Hosts::parse(url).is_none(), "{url}");
        }
    }
}
