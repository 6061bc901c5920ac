//! A cluster for one command.

use std::{ffi::OsString, fs, io, os::unix::process::ExitStatusExt, process::ExitStatus, time::SystemTime};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    process::Command,
    signal::unix::{SignalKind, signal},
};

use super::{Cluster, ClusterError, Settings, files::file};

/// Runs a command against a fresh cluster that is thrown away afterwards, with its URL in `DATABASE_URL`, and
/// returns the code that the command ended with.
pub async fn run_with_scratch(command: &[OsString]) -> Result<i32, ClusterError> {
    let Some((program, arguments)) = command.split_first() else {
        return Ok(0);
    };
    let moment = SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap_or_default()
        .subsec_nanos();
    let data_dir = std::env::temp_dir().join(format!("janji-scratch-{}-{moment}", std::process::id()));
    // From here on a signal ends the command, not us: the cluster has to be stopped and removed.
    let streams = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ]
    .map(signal);
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = streams else {
        return Err(ClusterError::Run {
            program: program.into(),
            source: io::Error::other("signals cannot be received"),
        });
    };

    let settings = Settings {
        data_dir: data_dir.clone(),
        durable: false,
        max_connections: 300,
    };
    let ended = match Cluster::start(&settings).await {
        Err(error) => Err(error),
        Ok(cluster) => {
            let ended = async {
                let run = |source| ClusterError::Run {
                    program: program.into(),
                    source,
                };
                let mut child = Command::new(program)
                    .args(arguments)
                    .env("DATABASE_URL", cluster.url())
                    .spawn()
                    .map_err(run)?;
                let pid = child.id();
                loop {
                    tokio::select! {
                        status = child.wait() => break status.map(code_of).map_err(run),
                        // The terminal has sent this one to the command as well.
                        _ = interrupt.recv() => {}
                        _ = terminate.recv() => pass_on(pid, Signal::SIGTERM),
                        _ = hangup.recv() => pass_on(pid, Signal::SIGHUP),
                    }
                }
            }
            .await;
            cluster.stop().await.and(ended)
        }
    };
    let removed = fs::remove_dir_all(&data_dir).map_err(file("remove", &data_dir));
    let code = ended?;
    removed.map(|()| code)
}

pub(super) fn pass_on(pid: Option<u32>, signal: Signal) {
    if let Some(pid) = pid.and_then(|pid| i32::try_from(pid).ok()) {
        // It may have ended a moment ago.
        let _ = kill(Pid::from_raw(pid), signal);
    }
}

/// As a shell counts.
pub(super) fn code_of(status: ExitStatus) -> i32 {
    status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .unwrap_or(1)
}
