//! The same by PostgreSQL's own bench.

use std::{fs, time::Duration};

use tokio::process::Command;

use super::{Bench, clients::Round, statements::Script};
use torture::Fallible;

/// Runs a script with so many clients for a round.
pub async fn run(
    bench: &Bench,
    script: Script,
    clients: usize,
    variables: &[(&str, String)],
) -> Fallible<Round> {
    run_text(bench, bench.scripts.text(script), clients, variables).await
}

/// Runs this script with so many clients for a round.
pub async fn run_text(
    bench: &Bench,
    script: &str,
    clients: usize,
    variables: &[(&str, String)],
) -> Fallible<Round> {
    let log = bench.folder.join("pgbench");
    let file = bench.folder.join("script.sql");
    fs::write(&file, script)?;
    let options = bench.postgres.options()?;
    let socket = options.get_socket().ok_or("the cluster has no socket")?;
    let mut command = Command::new(bench.programs.join("pgbench"));
    command
        .env("PGOPTIONS", "-c plan_cache_mode=force_generic_plan")
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--log"])
        .arg(format!("--log-prefix={}", log.display()))
        .arg(format!("--client={clients}"))
        .arg(format!("--time={}", bench.seconds.as_secs().max(1)))
        .arg("--file")
        .arg(&file)
        .arg("--host")
        .arg(socket)
        .args(["--port=5432", "--username=janji"]);
    for (name, value) in variables {
        command.arg(format!("--define={name}={value}"));
    }
    let output = command.arg("janji").output().await?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || complaints.contains("aborted") {
        return Err(format!("pgbench failed: {complaints}").into());
    }
    let mut round = Round::default();
    for entry in fs::read_dir(&bench.folder)? {
        let path = entry?.path();
        if path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("pgbench."))
        {
            for line in fs::read_to_string(&path)?.lines() {
                // The client, the number of its transaction, and how long it took in microseconds.
                if let Some(took) = line.split(' ').nth(2).and_then(|took| took.parse().ok()) {
                    round.times.add(Duration::from_micros(took));
                }
            }
            fs::remove_file(&path)?;
        }
    }
    let rate = said
        .lines()
        .find_map(|line| {
            line.strip_prefix("tps = ")?
                .split(' ')
                .next()?
                .parse::<f64>()
                .ok()
        })
        .filter(|rate| *rate > 0.0)
        .ok_or_else(|| format!("pgbench said no rate: {said}"))?;
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    let took = round.times.count() as f64 / rate;
    round.took = Duration::from_secs_f64(took);
    Ok(round)
}
