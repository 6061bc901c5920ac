//! Several hosts in one URL: whoever serves finds the one that can be written to, and finds it again.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use engine::database::{Database, StartError};
use sqlx::postgres::PgConnectOptions;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, UnixStream},
    sync::watch,
};

use super::quick;
use crate::support::{Heard, TestApp, TestDatabase};

/// A host that leads to the database of the test, as long as it is up.
struct Host {
    address: SocketAddr,
    is_up: Arc<AtomicBool>,
    cut: watch::Sender<()>,
}

impl Host {
    async fn start(options: &PgConnectOptions, is_up: bool) -> Self {
        let socket = options
            .get_socket()
            .unwrap()
            .join(format!(".s.PGSQL.{}", options.get_port()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = Self {
            address: listener.local_addr().unwrap(),
            is_up: Arc::new(AtomicBool::new(is_up)),
            cut: watch::channel(()).0,
        };
        let (is_up, cut) = (host.is_up.clone(), host.cut.subscribe());
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                if !is_up.load(Ordering::SeqCst) {
                    continue;
                }
                let (socket, mut cut) = (socket.clone(), cut.clone());
                cut.mark_unchanged();
                tokio::spawn(async move {
                    let mut server = UnixStream::connect(socket).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        host
    }

    /// From now on nobody gets through.
    fn die(&self) {
        self.is_up.store(false, Ordering::SeqCst);
        self.cut.send_replace(());
    }

    fn rise(&self) {
        self.is_up.store(true, Ordering::SeqCst);
    }
}

fn url(options: &PgConnectOptions, hosts: &[&Host]) -> String {
    let hosts: Vec<String> = hosts.iter().map(|host| host.address.to_string()).collect();
    format!(
        "postgres://{}@{}/{}?target_session_attrs=read-write",
        options.get_username(),
        hosts.join(","),
        options.get_database().unwrap()
    )
}

async fn answers(database: &Database) -> bool {
    let asked = database.write("test.ask", |mut tx| async move {
        sqlx::query("select 1").execute(&mut *tx).await?;
        tx.commit().await
    });
    asked.await.is_ok()
}

/// Lets the second host die that this database uses, and the first one take its place.
async fn is_found_again(database: &Database, one: &Host, two: &Host) {
    assert!(answers(database).await);
    let heard = Heard::default();
    let guard = tracing::subscriber::set_default(heard.clone());
    two.die();
    assert!(!answers(database).await);
    one.rise();
    let found_again = async {
        while !answers(database).await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), found_again)
        .await
        .expect("the other host was not found");
    drop(guard);
    assert!(
        !heard
            .containing("another database has taken the place")
            .is_empty()
    );
}

#[tokio::test]
async fn the_host_that_takes_the_place_of_another_is_found() {
    let app = TestApp::new().await;
    let (one, two) = (
        Host::start(&app.options, false).await,
        Host::start(&app.options, true).await,
    );
    let database = Database::connect(&url(&app.options, &[&one, &two]), &quick())
        .await
        .unwrap();
    is_found_again(&database, &one, &two).await;
}

/// As where each machine of a cluster has a pooler of its own.
#[tokio::test]
async fn the_pooler_that_takes_the_place_of_another_is_found() {
    let app = TestApp::new().await;
    let (one, two) = (
        Host::start(&app.options, false).await,
        Host::start(&app.options, true).await,
    );
    let url = url(&app.options, &[&one, &two]);
    let database = Database::connect_pooled(&url, &url, &quick()).await.unwrap();
    is_found_again(&database, &one, &two).await;
}

#[tokio::test]
async fn where_no_host_can_be_written_to_the_start_says_so() {
    let options = TestDatabase::new().await;
    let (one, two) = (
        Host::start(&options, false).await,
        Host::start(&options, false).await,
    );
    let error = Database::connect(&url(&options, &[&one, &two]), &quick())
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::Unreachable(_)), "{error}");
    assert!(error.to_string().contains("none of the 2 hosts"), "{error}");
}
