//! A network between Janji and PostgreSQL that goes silent.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
};

use crate::support::TestApp;
use engine::{
    database::{Database, Settings},
    error::AppError,
};

/// Passes on what it hears, until it is told to say nothing more on the lines that are open.
struct Line {
    port: u16,
    silent: Arc<watch::Sender<u32>>,
}

impl Line {
    async fn to(options: &PgConnectOptions) -> Self {
        let options = options.clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let silent = Arc::new(watch::Sender::new(0));
        let told = silent.clone();
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (options, mut told) = (options.clone(), told.subscribe());
                told.mark_unchanged();
                tokio::spawn(async move {
                    let mut far = connect(&options).await;
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        // Both ends stay open, and nobody says anything.
                        _ = told.changed() => std::future::pending().await,
                    }
                });
            }
        });
        Self { port, silent }
    }

    /// The database behind the line.
    fn options(&self, behind: &PgConnectOptions) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.port)
            .username(behind.get_username())
            .database(behind.get_database().unwrap())
    }

    fn go_silent(&self) {
        self.silent.send_modify(|times| *times += 1);
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

async fn connect(options: &PgConnectOptions) -> Box<dyn Stream> {
    let port = options.get_port();
    match options.get_socket() {
        Some(folder) => Box::new(
            UnixStream::connect(folder.join(format!(".s.PGSQL.{port}")))
                .await
                .unwrap(),
        ),
        None => Box::new(TcpStream::connect((options.get_host(), port)).await.unwrap()),
    }
}

async fn add_one(database: &Database) -> Result<(), AppError> {
    database
        .write("test.add", |mut tx| async move {
            sqlx::query("update counters set value = value + 1")
                .execute(&mut *tx)
                .await?;
            tx.commit().await
        })
        .await
}

#[tokio::test]
async fn silent_connections_are_replaced() {
    let app = TestApp::crowded().await;
    app.sql("create table counters (value bigint not null); insert into counters values (0)")
        .await;
    let line = Line::to(&app.options).await;
    let settings = Settings {
        pool_size: 2,
        lock_timeout: Duration::from_millis(100),
        statement_timeout: Duration::from_millis(200),
        acquire_timeout: Duration::from_secs(5),
    };
    let database = Database::new(PgPoolOptions::new(), line.options(&app.options), &settings);
    let (one, other) = tokio::join!(add_one(&database), add_one(&database));
    assert_eq!((one, other), (Ok(()), Ok(())));

    line.go_silent();
    let asked = Instant::now();
    let (one, other) = tokio::join!(add_one(&database), add_one(&database));
    assert_eq!(
        (one, other),
        (Err(AppError::Unavailable), Err(AppError::Unavailable))
    );
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());

    // New connections are answered, once the silent ones have been let go.
    let mut tries = 0;
    while add_one(&database).await.is_err() {
        tries += 1;
        assert!(tries < 30, "the pool is full of connections that are silent");
    }
    let (one, other) = tokio::join!(add_one(&database), add_one(&database));
    assert_eq!((one, other), (Ok(()), Ok(())));
    assert_eq!(app.count("select value from counters").await, 5);
}
