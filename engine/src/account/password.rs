//! Hashing of passwords and codes: argon2id, on threads of its own.

use std::sync::LazyLock;

use argon2::{Argon2, Params, PasswordHasher};
use tokio::runtime::Runtime;

use crate::{error::AppError, text};

/// argon2id of the normalised password, as a PHC string. Slow on purpose: not for an async task.
///
/// # Errors
/// `INTERNAL`.
pub fn hash_password(password: &str) -> Result<String, AppError> {
    hasher()
        .hash_password(text::password(password).as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|_| AppError::Internal)
}

/// Hashes a password on the threads for hashing.
///
/// # Errors
/// `INTERNAL`.
pub async fn password_hash(password: String) -> Result<String, AppError> {
    blocking(move || hash_password(&password)).await?
}

/// One of the choices that OWASP names as equivalent: 46 MiB, one pass. The ones with less memory stay below what the
/// allocator of Linux keeps for itself when it is given back (32 MiB), and some hundred sign-ins then cost 250 MB for good.
pub(super) fn hasher() -> Argon2<'static> {
    let params = Params::new(46 * 1024, 1, 1, None).unwrap_or(Params::DEFAULT);
    Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
}

/// The number of hashes at a time; each takes a core and its memory.
const MAX_HASHES: usize = 8;

/// The threads for hashing, at most one per core. The usual pool for blocking work would start hundreds.
static HASHING: LazyLock<Option<Runtime>> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(cores.min(MAX_HASHES))
        .thread_name("janji-hashing")
        .build()
        .inspect_err(|error| tracing::error!(%error, "there are no threads for hashing"))
        .ok()
});

/// Runs CPU-bound work on a pool with one thread per core.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AppError> {
    let threads = HASHING.as_ref().ok_or(AppError::Internal)?;
    threads.spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "hashing panicked");
        AppError::Internal
    })
}
