//! A pooler between Janji and PostgreSQL, such as PgBouncer, in session and in transaction mode.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use engine::{
    availability::{Except, live::Live},
    database::{Database, StartError, migrate},
};
use sqlx::{ConnectOptions, postgres::PgConnectOptions};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
};

use crate::support::{TestApp, TestDatabase, VISIT, crowded, hold};

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

type Server = Box<dyn Stream>;

/// A pooler. In transaction mode, it lends the connection that was used last to whoever speaks next.
#[derive(Clone)]
struct Pooler {
    options: PgConnectOptions,
    idle: Arc<Mutex<Vec<Server>>>,
    per_transaction: bool,
}

impl Pooler {
    /// Starts it, and answers with how to reach the database through it.
    async fn start(options: &PgConnectOptions, per_transaction: bool) -> PgConnectOptions {
        let pooler = Self {
            options: options.clone(),
            idle: Arc::default(),
            per_transaction,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pooler.clone().attend(client));
            }
        });
        PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(port)
            .username(options.get_username())
            .database(options.get_database().unwrap())
    }

    async fn attend(self, mut client: TcpStream) -> Option<()> {
        loop {
            let length = client.read_u32().await.ok()?;
            let mut rest = vec![0; length as usize - 4];
            client.read_exact(&mut rest).await.ok()?;
            if rest[..4] != [4, 210, 22, 47] {
                break;
            }
            // No TLS here.
            client.write_all(b"N").await.ok()?;
        }
        client
            .write_all(b"R\0\0\0\x08\0\0\0\0S\0\0\0\x19server_version\x0015.18\0Z\0\0\0\x05I")
            .await
            .ok()?;
        let mut lent: Option<Server> = None;
        loop {
            let (kind, message) = read(&mut client).await?;
            if kind == b'X' {
                return None;
            }
            let mut server = match lent.take() {
                Some(server) => server,
                None => self.lend().await?,
            };
            server.write_all(&message).await.ok()?;
            lent = Some(server);
            if kind != b'Q' && kind != b'S' {
                continue;
            }
            let server = lent.as_mut()?;
            let status = loop {
                let (kind, answer) = read(server).await?;
                client.write_all(&answer).await.ok()?;
                if kind == b'Z' {
                    break answer[5];
                }
            };
            if status == b'I' && self.per_transaction {
                self.idle.lock().unwrap().extend(lent.take());
            }
        }
    }

    async fn lend(&self) -> Option<Server> {
        let idle = self.idle.lock().unwrap().pop();
        if idle.is_some() {
            return idle;
        }
        let port = self.options.get_port();
        let mut server: Server = match self.options.get_socket() {
            Some(folder) => Box::new(
                UnixStream::connect(folder.join(format!(".s.PGSQL.{port}")))
                    .await
                    .ok()?,
            ),
            None => Box::new(TcpStream::connect((self.options.get_host(), port)).await.ok()?),
        };
        let names = format!(
            "user\0{}\0database\0{}\0\0",
            self.options.get_username(),
            self.options.get_database()?
        );
        let length = u32::try_from(8 + names.len()).ok()?;
        server.write_u32(length).await.ok()?;
        server.write_u32(196_608).await.ok()?;
        server.write_all(names.as_bytes()).await.ok()?;
        while read(&mut server).await?.0 != b'Z' {}
        Some(server)
    }
}

/// Reads a message: its kind, and all of it.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<(u8, Vec<u8>)> {
    let kind = stream.read_u8().await.ok()?;
    let length = stream.read_u32().await.ok()?;
    let mut message = vec![kind];
    message.extend(length.to_be_bytes());
    message.resize(length as usize + 1, 0);
    stream.read_exact(&mut message[5..]).await.ok()?;
    Some((kind, message))
}

#[tokio::test]
async fn a_pooler_in_transaction_mode_is_named() {
    let options = TestDatabase::new().await;
    let through = Pooler::start(&options, true).await;
    let url = through.to_url_lossy().to_string();
    for error in [
        Database::connect(&url, &crowded()).await.unwrap_err(),
        migrate(&url).await.unwrap_err(),
    ] {
        assert!(matches!(error, StartError::Pooler("transaction")), "{error}");
        let said = error.to_string();
        assert!(said.contains("pool_mode = session"), "{said}");
        assert!(!said.contains('\n'), "{said}");
    }
}

#[tokio::test]
async fn a_pooler_in_session_mode_works() {
    let app = TestApp::crowded().await;
    let options = app.options.clone();
    let through = Pooler::start(&options, false).await;
    let url = through.to_url_lossy().to_string();
    migrate(&url).await.unwrap();
    let database = Database::connect(&url, &crowded()).await.unwrap();
    let wanted = app.wanted(0, VISIT, app.slot(0));
    engine::booking::hold(&database, hold(1, wanted), database.now())
        .await
        .unwrap();
    let kept: Vec<(String, String)> = database
        .read("test.settings", |mut connection| async move {
            Ok(sqlx::query_as(
                "select name, setting from pg_settings
                 where name in ('lock_timeout', 'statement_timeout', 'synchronous_commit') order by name",
            )
            .fetch_all(&mut *connection)
            .await?)
        })
        .await
        .unwrap();
    let expected = [
        ("lock_timeout", "30000"),
        ("statement_timeout", "60000"),
        ("synchronous_commit", "on"),
    ];
    assert_eq!(
        kept,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

#[tokio::test]
async fn settings_hold_whatever_the_database_has_as_its_default() {
    let app = TestApp::crowded().await;
    let options = app.options.clone();
    app.sql(
        "do $$ begin
             execute format('alter database %I set synchronous_commit = off', current_database());
             execute format('alter database %I set lock_timeout = 0', current_database());
             execute format('alter database %I set default_transaction_isolation = ''repeatable read''', current_database());
             execute format('alter database %I set timezone = ''Asia/Jakarta''', current_database());
         end $$",
    )
    .await;
    let database = Database::connect(options.to_url_lossy().as_ref(), &crowded())
        .await
        .unwrap();
    let kept: String = database
        .write("test.settings", |mut tx| async move {
            Ok(sqlx::query_scalar(
                "select concat_ws(' ', current_setting('synchronous_commit'), current_setting('lock_timeout'),
                                       current_setting('transaction_isolation'), current_setting('timezone'))",
            )
            .fetch_one(&mut *tx)
            .await?)
        })
        .await
        .unwrap();
    assert_eq!(kept, "on 30s read committed UTC");
}

/// Where it is said, each transaction brings its settings along, and nothing is expected of the connection after it.
#[tokio::test]
async fn a_pooler_in_transaction_mode_works_where_it_is_said() {
    let app = TestApp::crowded().await;
    let options = app.options.clone();
    let through = Pooler::start(&options, true).await;
    let url = through.to_url_lossy().to_string();
    let direct = options.to_url_lossy().to_string();
    let database = Database::connect_pooled(&url, &direct, &crowded()).await.unwrap();
    let racers = (0..12)
        .map(|number| {
            let (database, wanted) = (database.clone(), app.wanted(0, VISIT, app.slot(number % 3)));
            async move {
                let visitor = usize::try_from(number).unwrap();
                engine::booking::hold(&database, hold(visitor, wanted), database.now())
                    .await
                    .is_ok()
            }
        })
        .collect();
    let held = app.race(racers).await;
    assert_eq!(held.iter().filter(|held| **held).count(), 3, "{held:?}");
    let asked = "select concat_ws(' ', current_setting('synchronous_commit'), current_setting('lock_timeout'),
                                       current_setting('transaction_isolation'), current_setting('timezone'))";
    let read: String = database
        .read("test.settings", move |mut connection| async move {
            Ok(sqlx::query_scalar(asked).fetch_one(&mut *connection).await?)
        })
        .await
        .unwrap();
    let written: String = database
        .write("test.settings", move |mut tx| async move {
            let kept = sqlx::query_scalar(asked).fetch_one(&mut *tx).await?;
            tx.commit().await?;
            Ok(kept)
        })
        .await
        .unwrap();
    assert_eq!(
        (read.as_str(), written.as_str()),
        ("on 30s read committed UTC", "on 30s read committed UTC")
    );
    app.assert_whole().await;
}

/// A word that is said to a connection is not heard by whoever has it for one transaction only.
#[tokio::test]
async fn open_pages_hear_of_changes_past_a_pooler() {
    let app = TestApp::crowded().await;
    let through = Pooler::start(&app.options, true).await;
    let (url, direct) = (
        through.to_url_lossy().to_string(),
        app.options.to_url_lossy().to_string(),
    );
    let database = Database::connect_pooled(&url, &direct, &crowded()).await.unwrap();
    let live = Live::start(database.clone());
    // It says so when it listens.
    live.overhear(0).next().await.unwrap();
    let mut look = live.look(app.doctors[0].id);
    let busy = look.next().await.unwrap();
    assert!(busy.without(&Except::default()).is_empty());
    let wanted = app.wanted(0, VISIT, app.slot(0));
    engine::booking::hold(&database, hold(1, wanted), database.now())
        .await
        .unwrap();
    let told = tokio::time::timeout(Duration::from_secs(10), look.next());
    let busy = told.await.expect("nothing was heard").unwrap();
    assert!(!busy.without(&Except::default()).is_empty());
}
