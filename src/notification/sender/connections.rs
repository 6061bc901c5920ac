//! Connections to the mail server, each kept for the next mail.
//!
//! The pool of the library takes a connection back from a mail that was given up in the middle of it: late answers to that mail
//! are then taken for answers to the next one. Here it is closed with the mail. The library also gives a mail server all the time
//! in the world for an answer: whoever sends has to end that.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use lettre::{
    address::Envelope,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        extension::ClientId,
    },
};
use tokio::time::timeout;

use crate::notification::settings::{Mail, Tls};

const CONNECTION_TIMEOUT: Duration = Duration::from_secs(20);
/// The time within which a mail server says that a connection is still there.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
const MAX_IDLE: usize = 8;
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// How connections are encrypted.
enum Encryption {
    None,
    Implicit(TlsParameters),
    StartTls(TlsParameters),
}

pub struct Connections {
    host: String,
    port: u16,
    encryption: Encryption,
    credentials: Option<Credentials>,
    hello: ClientId,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl Connections {
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn new(mail: &Mail) -> Result<Self, Error> {
        let parameters = || TlsParameters::new(mail.host.clone());
        Ok(Self {
            host: mail.host.clone(),
            port: mail.port,
            encryption: match mail.tls {
                Tls::Implicit => Encryption::Implicit(parameters()?),
                Tls::StartTls => Encryption::StartTls(parameters()?),
                Tls::None => Encryption::None,
            },
            credentials: mail
                .account
                .as_ref()
                .map(|(user, password)| Credentials::new(user.clone(), password.reveal().to_owned())),
            hello: ClientId::default(),
            idle: Mutex::default(),
        })
    }

    /// Sends a mail. To stop waiting for it closes its connection.
    ///
    /// # Errors
    /// What the mail server says, or that it says nothing.
    pub async fn send(&self, envelope: &Envelope, mail: &[u8]) -> Result<(), Error> {
        let mut connection = match self.take().await {
            Some(connection) => connection,
            None => self.open().await?,
        };
        connection.send(envelope, mail).await?;
        self.keep(connection);
        Ok(())
    }

    /// A connection that is still there.
    async fn take(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let (mut connection, since) = self.idle().pop()?;
            let is_there = since.elapsed() < IDLE_TIMEOUT
                && timeout(CHECK_TIMEOUT, connection.test_connected()).await == Ok(true);
            if is_there {
                return Some(connection);
            }
            // The others are older.
            self.idle().clear();
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle();
        if idle.len() < MAX_IDLE {
            idle.push((connection, Instant::now()));
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<(AsyncSmtpConnection, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Error> {
        let from_the_start = match &self.encryption {
            Encryption::Implicit(parameters) => Some(parameters.clone()),
            _ => None,
        };
        let server = (self.host.as_str(), self.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(
            server,
            Some(CONNECTION_TIMEOUT),
            &self.hello,
            from_the_start,
            None,
        );
        let mut connection = connecting.await?;
        if let Encryption::StartTls(parameters) = &self.encryption {
            connection.starttls(parameters.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(&MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}
