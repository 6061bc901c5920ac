//! The queue for hashing: for each kind of work a share of the threads, and a number of those who may wait. Who would wait
//! longer is refused, and told when to come again.

use std::sync::LazyLock;

use tokio::{runtime::Runtime, sync::Semaphore};

use crate::{
    account::limit::{self, Counted},
    error::AppError,
};

/// Why something is hashed. Each kind has a share of its own, so that many of one kind do not delay another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::account) enum Work {
    /// Making and checking codes.
    Code,
    /// Checking passwords of who signs in.
    SignIn,
    /// New passwords, one after the other in an import.
    NewPassword,
}

/// The number of hashes at a time; each takes a core and its memory.
const MAX_HASHES: usize = 8;

/// The number of those who may wait for a share, for each of its threads: some seconds of work.
const MAX_WAITING: usize = 25;

/// The seconds after which somebody who was refused may come again.
const SECONDS: u32 = 5;

/// The threads for hashing, at most one per core. The usual pool for blocking work would start hundreds.
static HASHING: LazyLock<Option<Runtime>> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(threads())
        .thread_name("janji-hashing")
        .build()
        .inspect_err(|error| tracing::error!(%error, "there are no threads for hashing"))
        .ok()
});

fn threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    cores.min(MAX_HASHES)
}

/// The share of one kind of work.
struct Share {
    /// Who may be hashed at the same time. Codes may have all threads, others leave one of several.
    running: Semaphore,
    /// Who may be here at all: those who are hashed, and those who wait.
    present: Semaphore,
    most: usize,
}

impl Share {
    fn new(threads: usize) -> Self {
        let most = threads * (1 + MAX_WAITING);
        Self {
            running: Semaphore::new(threads),
            present: Semaphore::new(most),
            most,
        }
    }

    /// Runs the work when it is its turn.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
        let Ok(_present) = self.present.try_acquire() else {
            return Err(self.refuse());
        };
        let _running = self.running.acquire().await.map_err(|_| AppError::Internal)?;
        let threads = HASHING.as_ref().ok_or(AppError::Internal)?;
        threads.spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, "hashing panicked");
            AppError::Internal
        })
    }

    fn refuse(&self) -> AppError {
        let full = Counted::of_queue("hashing", self.most, SECONDS);
        limit::check(Some(full)).err().unwrap_or(AppError::RateLimited)
    }
}

static CODES: LazyLock<Share> = LazyLock::new(|| Share::new(threads()));
static SIGN_INS: LazyLock<Share> = LazyLock::new(|| Share::new((threads() - 1).max(1)));
static NEW_PASSWORDS: LazyLock<Share> = LazyLock::new(|| Share::new(1));

/// Runs CPU-bound work on the threads for hashing.
///
/// # Errors
/// `RATE_LIMITED` when too many of its kind wait already.
pub(in crate::account) async fn hashing<T: Send + 'static>(
    work: Work,
    hash: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AppError> {
    let share = match work {
        Work::Code => &CODES,
        Work::SignIn => &SIGN_INS,
        Work::NewPassword => &NEW_PASSWORDS,
    };
    share.run(hash).await
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc,
        time::{Duration, Instant},
    };

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn who_would_wait_too_long_is_refused_and_told_when_to_come_again() {
        let share: &'static Share = Box::leak(Box::new(Share::new(1)));
        let (release, gate) = mpsc::channel::<()>();
        let first = tokio::spawn(share.run(move || gate.recv().is_ok()));
        while share.running.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let waiting: Vec<_> = (0..MAX_WAITING)
            .map(|_| tokio::spawn(share.run(|| true)))
            .collect();
        while share.present.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let (refused, told) = limit::record_limits(share.run(|| true)).await;
        assert_eq!(refused, Err(AppError::RateLimited));
        assert_eq!(told.and_then(Counted::retry_after), Some(SECONDS));
        release.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(true));
        for one in waiting {
            assert_eq!(one.await.unwrap(), Ok(true));
        }
        assert_eq!(share.run(|| 7).await, Ok(7));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn many_sign_ins_do_not_delay_a_code() {
        let slow = || std::thread::sleep(Duration::from_millis(100));
        let sign_ins: Vec<_> = (0..20)
            .map(|_| tokio::spawn(hashing(Work::SignIn, slow)))
            .collect();
        tokio::time::sleep(Duration::from_millis(20)).await;
        let begun = Instant::now();
        hashing(Work::Code, || ()).await.unwrap();
        assert!(
            begun.elapsed() < Duration::from_millis(500),
            "{:?}",
            begun.elapsed()
        );
        for one in sign_ins {
            one.await.unwrap().unwrap();
        }
    }
}
