//! Slow and silent clients, and how many connections there may be.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::http::StatusCode;
use jiff::Timestamp;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
};

use crate::support::{TestApp, wish};
use engine::account::{session::SignedIn, token};
use janji::server::{Config, ConnectionLimits, Shared, Stop, Times, serve_until};

/// A server with these limits; it ends with the test.
struct Server {
    address: SocketAddr,
    _stop: mpsc::UnboundedSender<Stop>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Server {
    async fn start(app: &TestApp, connections: ConnectionLimits) -> Self {
        let mut state = Shared::clone(&app.state);
        let mut config = Config::clone(&state.config);
        config.operation.connections = connections;
        // Nobody is in between.
        config.trust_proxy = false;
        state.config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stops) = mpsc::unbounded_channel();
        Self {
            address,
            _stop: stop,
            serving: tokio::spawn(serve_until(listener, state.into(), stops)),
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

fn quick() -> ConnectionLimits {
    let time = Duration::from_millis(400);
    ConnectionLimits {
        overall: 0,
        per_address: 0,
        times: Times {
            header: time,
            body: time,
            idle: time,
            write: time,
        },
    }
}

/// Reads until the server hangs up; what it said.
async fn until_hung_up(mut stream: TcpStream) -> String {
    let mut said = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut said));
    // A reset is an end, too.
    let _ = read.await.expect("the server waits for ever");
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test]
async fn slow_clients_are_let_go_while_others_book() {
    let app = TestApp::new().await;
    let server = Server::start(&app, quick()).await;
    let body = "POST /api/v1/auth/otp HTTP/1.1\r\nhost: a.example\r\ncontent-type: application/json\r\n\
                content-length: 30\r\n\r\n{\"phone\"";
    let form = "POST /form/request-code HTTP/1.1\r\nhost: a.example\r\n\
                content-type: application/x-www-form-urlencoded\r\ncontent-length: 30\r\n\r\nphone=";
    let beginnings = [
        "",
        "GET / HT",
        "GET /healthz HTTP/1.1\r\nhost: a.example\r\nx-slow: ",
        body,
        form,
    ];
    let mut slow = Vec::new();
    for _ in 0..40 {
        for beginning in beginnings {
            let mut stream = server.connect().await;
            stream.write_all(beginning.as_bytes()).await.unwrap();
            slow.push(stream);
        }
    }
    // Meanwhile, a patient books.
    let patient_id = app.patient(0).await;
    let issued = token::issue(
        &app.database,
        SignedIn::Patient(patient_id),
        None,
        Timestamp::now(),
    )
    .await
    .unwrap();
    let booked = reqwest::Client::new()
        .post(server.url("/api/v1/appointments"))
        .bearer_auth(issued.token)
        .json(&wish(&app, 0, app.slot(7 * 48)))
        .send()
        .await
        .unwrap();
    assert_eq!(
        booked.status(),
        StatusCode::CREATED,
        "{}",
        booked.text().await.unwrap()
    );
    for stream in slow {
        until_hung_up(stream).await;
    }
}

#[tokio::test]
async fn one_who_sends_byte_after_byte_is_let_go_as_well() {
    let app = TestApp::new().await;
    let server = Server::start(&app, quick()).await;
    let head = "POST /form/request-code HTTP/1.1\r\nhost: a.example\r\n\
                content-type: application/x-www-form-urlencoded\r\ncontent-length: 10000\r\n\r\n";
    for beginning in ["GET /healthz HTTP/1.1\r\nhost: a.example\r\nx-slow: ", head] {
        let mut stream = server.connect().await;
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let trickle = async {
            let (mut reader, mut writer) = stream.split();
            let mut said = Vec::new();
            let write = async {
                while writer.write_all(b"x").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            tokio::select! {
                () = write => {}
                _ = reader.read_to_end(&mut said) => {}
            }
        };
        tokio::time::timeout(Duration::from_secs(20), trickle)
            .await
            .expect("the server listens for ever");
    }
}

#[tokio::test]
async fn a_connection_waits_for_its_next_request_and_not_for_ever() {
    let app = TestApp::new().await;
    let mut limits = quick();
    // A header may take less time than there may be between two requests.
    limits.times.idle = Duration::from_millis(1_500);
    let server = Server::start(&app, limits).await;
    let mut stream = server.connect().await;
    let request = b"GET /healthz HTTP/1.1\r\nhost: a.example\r\n\r\n";
    for pause in [0, 800, 0] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        stream.write_all(request).await.unwrap();
        let mut said = [0; 4096];
        let count = stream.read(&mut said).await.unwrap();
        assert!(said[..count].starts_with(b"HTTP/1.1 200"), "after {pause} ms");
    }
    let began = std::time::Instant::now();
    until_hung_up(stream).await;
    assert!(
        began.elapsed() > Duration::from_millis(900),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn connections_are_limited_per_address_and_overall() {
    let app = TestApp::new().await;
    for (overall, per_address, refusal) in [(0, 3, "429"), (3, 0, "503"), (3, 3, "503")] {
        let limits = ConnectionLimits {
            overall,
            per_address,
            times: Times::default(),
        };
        let server = Server::start(&app, limits).await;
        let mut open = Vec::new();
        for _ in 0..3 {
            let mut stream = server.connect().await;
            stream
                .write_all(b"GET /healthz HTTP/1.1\r\nhost: a.example\r\n\r\n")
                .await
                .unwrap();
            let mut said = [0; 4096];
            assert!(stream.read(&mut said).await.unwrap() > 0);
            open.push(stream);
        }
        let said = until_hung_up(server.connect().await).await;
        assert!(said.starts_with(&format!("HTTP/1.1 {refusal} ")), "{said}");
        // Whoever goes makes room.
        open.pop();
        let room = async {
            while reqwest::get(server.url("/healthz"))
                .await
                .map(|answer| answer.status())
                .ok()
                != Some(StatusCode::OK)
            {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), room).await.unwrap();
    }
    let numbers = app.database.statistics().render();
    for line in ["{limit=\"overall\"} ", "{limit=\"address\"} "] {
        let counted = numbers.lines().find_map(|text| {
            text.strip_prefix("janji_connections_refused_total")?
                .strip_prefix(line)
        });
        assert!(counted.is_some_and(|count| count != "0"), "{line}: {numbers}");
    }
}
