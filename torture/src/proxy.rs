//! A proxy between a server and PostgreSQL that fails the way networks do.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout},
};

use crate::Fallible;

/// The end of a simple query that commits.
const COMMIT: &[u8] = b"commit\0";

/// The fate of a COMMIT that is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostCommit {
    /// PostgreSQL never hears of it.
    Request,
    /// PostgreSQL has done it, and nobody is told.
    Answer,
}

/// The faults of a proxy. What is not said is passed on as it comes.
struct Faults {
    /// Every connection of an older generation ends.
    generation: watch::Sender<u64>,
    frozen_until: watch::Sender<Instant>,
    delay_ms: AtomicU64,
    lost_requests: AtomicUsize,
    lost_answers: AtomicUsize,
    commits_lost: AtomicUsize,
}

/// A way to PostgreSQL.
#[derive(Clone)]
pub struct Proxy {
    pub address: SocketAddr,
    faults: Arc<Faults>,
}

impl Proxy {
    pub async fn start(socket: PathBuf) -> Fallible<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let proxy = Self {
            address: listener.local_addr()?,
            faults: Arc::new(Faults {
                generation: watch::Sender::new(0),
                frozen_until: watch::Sender::new(Instant::now()),
                delay_ms: AtomicU64::new(0),
                lost_requests: AtomicUsize::new(0),
                lost_answers: AtomicUsize::new(0),
                commits_lost: AtomicUsize::new(0),
            }),
        };
        let faults = proxy.faults.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, socket.clone(), faults.clone()));
            }
        });
        Ok(proxy)
    }

    /// Cuts every connection.
    pub fn cut(&self) {
        self.faults.generation.send_modify(|generation| *generation += 1);
    }

    /// Passes nothing on for a while, in neither direction.
    pub fn freeze(&self, time: Duration) {
        self.faults.frozen_until.send_replace(Instant::now() + time);
    }

    /// Makes everything take longer, from now on.
    pub fn delay(&self, by: Duration) {
        let ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.faults.delay_ms.store(ms, Relaxed);
    }

    /// Loses this many of the next commits.
    pub fn lose_commits(&self, what: LostCommit, count: usize) {
        match what {
            LostCommit::Request => self.faults.lost_requests.store(count, Relaxed),
            LostCommit::Answer => self.faults.lost_answers.store(count, Relaxed),
        }
    }

    /// How many commits were lost so far.
    pub fn commits_lost(&self) -> usize {
        self.faults.commits_lost.load(Relaxed)
    }

    /// Passes everything on again.
    pub fn heal(&self) {
        self.freeze(Duration::ZERO);
        self.delay(Duration::ZERO);
        self.lose_commits(LostCommit::Request, 0);
        self.lose_commits(LostCommit::Answer, 0);
    }
}

impl Faults {
    fn loses(&self, bytes: &[u8]) -> Option<LostCommit> {
        if !bytes
            .windows(COMMIT.len())
            .any(|window| window.eq_ignore_ascii_case(COMMIT))
        {
            return None;
        }
        let take = |left: &AtomicUsize| {
            left.try_update(Relaxed, Relaxed, |left| left.checked_sub(1))
                .is_ok()
        };
        if take(&self.lost_requests) {
            Some(LostCommit::Request)
        } else if take(&self.lost_answers) {
            Some(LostCommit::Answer)
        } else {
            None
        }
    }

    /// Waits as long as the network does.
    async fn hold(&self) {
        let delay = self.delay_ms.load(Relaxed);
        if delay > 0 {
            sleep(Duration::from_millis(delay)).await;
        }
        loop {
            let until = *self.frozen_until.borrow();
            if until <= Instant::now() {
                return;
            }
            sleep_until(until).await;
        }
    }
}

async fn serve(client: TcpStream, socket: PathBuf, faults: Arc<Faults>) {
    let mut cut = faults.generation.subscribe();
    tokio::select! {
        _ = cut.changed() => {}
        // However it ends, both sides are hung up on.
        _ = pass_on(client, socket, &faults) => {}
    }
}

async fn pass_on(mut client: TcpStream, socket: PathBuf, faults: &Faults) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let mut server = UnixStream::connect(socket).await?;
    let (mut asked, mut answered) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let bytes = match read? {
                    0 => return Ok(()),
                    length => &asked[..length],
                };
                let lost = faults.loses(bytes);
                if lost == Some(LostCommit::Request) {
                    faults.commits_lost.fetch_add(1, Relaxed);
                    return Ok(());
                }
                faults.hold().await;
                server.write_all(bytes).await?;
                if lost == Some(LostCommit::Answer) {
                    // Once it answers, it has done it.
                    let _ = timeout(Duration::from_secs(5), server.read(&mut answered)).await;
                    faults.commits_lost.fetch_add(1, Relaxed);
                    return Ok(());
                }
            }
            read = server.read(&mut answered) => {
                let bytes = match read? {
                    0 => return Ok(()),
                    length => &answered[..length],
                };
                faults.hold().await;
                client.write_all(bytes).await?;
            }
        }
    }
}
