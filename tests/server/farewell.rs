//! The farewell: requests that are under way when the server is told to stop.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use janji::server::{AppState, Config, FarewellTimes, Shared, Stop, serve_until};
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle};

use crate::support::TestApp;

/// A server that can be told to stop.
struct Server {
    site: String,
    stop: mpsc::UnboundedSender<Stop>,
    serving: JoinHandle<std::io::Result<()>>,
    state: AppState,
}

impl Server {
    async fn start(app: &TestApp, times: FarewellTimes) -> Self {
        let mut state = Shared::clone(&app.state);
        let mut config = Config::clone(&state.config);
        config.operation.farewell = times;
        state.config = Arc::new(config);
        state.farewell = janji::server::Farewell::default();
        let state = AppState::from(state);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stops) = mpsc::unbounded_channel();
        Self {
            site,
            stop,
            serving: tokio::spawn(serve_until(listener, state.clone(), stops)),
            state,
        }
    }

    async fn ended(self) {
        tokio::time::timeout(Duration::from_secs(30), self.serving)
            .await
            .expect("the server goes on and on")
            .unwrap()
            .unwrap();
    }
}

fn times(pause: u64, drain: u64) -> FarewellTimes {
    FarewellTimes {
        pause: Duration::from_millis(pause),
        drain: Duration::from_millis(drain),
    }
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_is_unready_first_and_answers_everything_else() {
    let app = TestApp::new().await;
    let server = Server::start(&app, times(60_000, 20_000)).await;
    let http = reqwest::Client::new();
    let get = |path: &str| http.get(format!("{}{path}", server.site)).send();
    assert_eq!(get("/readyz").await.unwrap().status(), 200);
    server.stop.send(Stop::InOrder).unwrap();
    let ready = loop {
        let answer = get("/readyz").await.unwrap();
        if answer.status() != 200 {
            break answer;
        }
    };
    assert_eq!(ready.status(), 503);
    assert!(ready.headers().contains_key("retry-after"));
    assert_eq!(ready.headers()["connection"], "close");
    assert!(ready.text().await.unwrap().contains("going to end"));
    for path in ["/", "/healthz", "/api/v1/doctors"] {
        let answer = get(path).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        // The next request of this client finds another server.
        assert_eq!(answer.headers()["connection"], "close", "{path}");
    }
    // Who says it again does not want to wait.
    server.stop.send(Stop::InOrder).unwrap();
    server.ended().await;
}

#[tokio::test]
async fn a_person_at_the_terminal_does_not_wait_for_a_load_balancer() {
    let app = TestApp::new().await;
    let server = Server::start(&app, times(60_000, 20_000)).await;
    server.stop.send(Stop::AtOnce).unwrap();
    server.ended().await;
}

#[tokio::test]
async fn event_streams_end_and_pages_that_hang_do_not_keep_the_server() {
    let app = TestApp::new().await;
    let server = Server::start(&app, times(0, 20_000)).await;
    let mut streams = Vec::new();
    for _ in 0..5 {
        let url = format!("{}/live/times/{}", server.site, app.doctors[0].id);
        let mut stream = reqwest::get(url).await.unwrap();
        assert!(stream.chunk().await.unwrap().is_some());
        streams.push(stream);
    }
    server.stop.send(Stop::InOrder).unwrap();
    for mut stream in streams {
        // To its end, which is in order.
        while stream.chunk().await.unwrap().is_some() {}
    }
    server.ended().await;

    // A request that never ends is given up after a while.
    let server = Server::start(&app, times(0, 200)).await;
    let address = server.site.trim_start_matches("http://").to_owned();
    let mut slow = tokio::net::TcpStream::connect(address).await.unwrap();
    let half = b"POST /api/v1/auth/otp HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n{";
    tokio::io::AsyncWriteExt::write_all(&mut slow, half)
        .await
        .unwrap();
    assert_eq!(
        reqwest::get(format!("{}/healthz", server.site))
            .await
            .unwrap()
            .status(),
        200
    );
    server.stop.send(Stop::InOrder).unwrap();
    server.ended().await;
}

/// Sixty clients, who ask again and again, each once more on another server where a connection was closed.
#[tokio::test]
async fn no_request_fails_while_one_server_stops_and_another_one_goes_on() {
    let app = TestApp::crowded().await;
    let first = Server::start(&app, times(300, 20_000)).await;
    let second = Server::start(&app, times(300, 20_000)).await;
    let (done, first_is_gone) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let mut clients = Vec::new();
    for number in 0..60 {
        let (one, other) = (first.site.clone(), second.site.clone());
        let (done, first_is_gone) = (done.clone(), first_is_gone.clone());
        let doctor = app.doctors[number % 4].id;
        clients.push(tokio::spawn(async move {
            let http = reqwest::Client::new();
            let (mut site, mut failed) = (one, Vec::new());
            while !first_is_gone.load(Ordering::Relaxed) {
                let path = format!("/api/v1/doctors/{doctor}");
                match http.get(format!("{site}{path}")).send().await {
                    Ok(answer) if answer.status() == 200 => {}
                    Ok(answer) => failed.push(answer.status().to_string()),
                    // It takes no more: the next one is asked.
                    Err(_) => {
                        site.clone_from(&other);
                        if let Err(error) = http.get(format!("{site}{path}")).send().await {
                            failed.push(error.to_string());
                        }
                    }
                }
                done.fetch_add(1, Ordering::Relaxed);
            }
            failed
        }));
    }
    while done.load(Ordering::Relaxed) < 120 {
        tokio::task::yield_now().await;
    }
    first.stop.send(Stop::InOrder).unwrap();
    let database = first.state.database.clone();
    first.ended().await;
    first_is_gone.store(true, Ordering::Relaxed);
    for client in clients {
        assert_eq!(client.await.unwrap(), Vec::<String>::new());
    }
    assert!(!database.pool().is_closed());
    second.stop.send(Stop::AtOnce).unwrap();
    second.ended().await;
}
