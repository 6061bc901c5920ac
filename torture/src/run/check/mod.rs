//! When it is quiet: is everything there that was promised, once, and nothing that was refused?

mod facts;

use std::{process::Output, time::Duration};

use tokio::{
    process::Command,
    time::{Instant, sleep},
};

use self::facts::Facts;
use super::{Run, outage::FULL, thread};
use crate::{
    Fallible,
    client::{Ask, Client},
    server::program,
};

/// How long servers may take to finish what nobody waits for any more.
const QUIET_WITHIN: Duration = Duration::from_secs(20);
/// A retry waits for less than this.
const QUIET_FOR: Duration = Duration::from_millis(1500);

/// How many of the tokens that were handed out are tried.
const TOKENS: usize = 50;

/// The part of injected deadlocks that must be invisible to the caller (C1).
const INVISIBLE: f64 = 0.95;

pub async fn everything(run: &Run) -> Fallible<()> {
    if let Err(error) = run.ready_again("all faults", Instant::now()).await {
        run.ledger.violation("NOT_RECOVERED", error.to_string());
    }
    become_quiet(run).await?;
    for node in &run.nodes {
        run.collect(&node.server).await;
    }
    numbers(run);
    tokens(run).await;
    logs(run);
    verify(run).await?;
    let facts = Facts::read(&run.database).await?;
    facts.hold_against(run);
    thread::check(run).await
}

/// Waits until no transaction of a server is open.
async fn become_quiet(run: &Run) -> Fallible<()> {
    let (since, mut quiet_since) = (Instant::now(), Instant::now());
    while quiet_since.elapsed() < QUIET_FOR {
        let open: Vec<String> = sqlx::query_scalar(
            "select state || ': ' || query from pg_stat_activity
             where application_name like 'janji%' and state <> 'idle'",
        )
        .fetch_all(&run.database)
        .await?;
        if !open.is_empty() {
            quiet_since = Instant::now();
        }
        if since.elapsed() > QUIET_WITHIN {
            run.ledger.violation("OPEN_TRANSACTION", open.join("; "));
            return Ok(());
        }
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Prints the counters of the servers.
fn numbers(run: &Run) {
    // The locks decide; a constraint that had to is a lock that was not there.
    for constraint in [
        "appointments_no_overlap",
        "appointments_patient_no_overlap",
        "group_seats_seat_key",
        "group_seats_within_capacity",
        "prescriptions_appointment_id_key",
        "ratings_appointment_id_key",
    ] {
        let hits = run.counted("janji_constraint_hits_total", &[constraint]);
        if hits > 0.0 {
            run.ledger
                .violation("SECOND_LAYER_HIT", format!("{constraint}: {hits}"));
        }
    }
    let (well, told) = (
        run.ledger.noted("deadlocks that ended well"),
        run.ledger.noted("deadlocks that were told"),
    );
    let total = well + told;
    #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
    let part = well as f64 / total.max(1) as f64;
    println!(
        "deadlocks: {total} injected, {:.1} % invisible; all servers: {} retries after deadlocks, {} given up; \
         {} retries after waits for locks, {} given up",
        100.0 * part,
        run.counted("janji_retries_total", &["deadlock"]),
        run.counted("janji_give_ups_total", &["deadlock"]),
        run.counted("janji_retries_total", &["lock_timeout"]),
        run.counted("janji_give_ups_total", &["lock_timeout"]),
    );
    let lost: usize = run.nodes.iter().map(|node| node.proxy.commits_lost()).sum();
    println!("commits lost on the way: {lost}");
    if lost == 0 && run.ledger.has_fault("answers to commits lost") {
        run.ledger
            .violation("BLIND", "no commit was recognised between servers and PostgreSQL");
    }
    if total > 0 && part <= INVISIBLE {
        run.ledger
            .violation("DEADLOCKS_VISIBLE", format!("{told} of {total}"));
    }
}

/// Checks that every token that was issued is accepted.
async fn tokens(run: &Run) {
    let mut client = Client::default();
    for token in run.ledger.tokens().iter().rev().take(TOKENS) {
        let ask = Ask::get("/api/v1/appointments").bearer(token);
        match client.send(run.nodes[0].server.address, &ask).await {
            Ok(answer) if answer.status == 200 => {}
            other => run.ledger.violation("LOST_TOKEN", format!("{other:?}")),
        }
    }
}

fn logs(run: &Run) {
    let postgres = run.postgres.log();
    // It may well end where its disk is full.
    let may_end = |line: &str| run.ledger.has_fault(FULL) && line.contains("No space left on device");
    for line in postgres.lines().filter(|line| !may_end(line)) {
        if line.contains("already a transaction in progress") || line.contains("PANIC") {
            run.ledger.violation("POSTGRES_LOG", line);
        }
    }
    for (number, node) in run.nodes.iter().enumerate() {
        for line in node.server.log().lines() {
            if line.contains("panicked") {
                run.ledger
                    .violation("PANIC", format!("server {}: {line}", number + 1));
            }
        }
    }
}

async fn verify(run: &Run) -> Fallible<()> {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(program()?)
        .arg("verify")
        .env("DATABASE_URL", run.postgres.url())
        .current_dir("/")
        .output()
        .await?;
    if !status.success() {
        let said = [stdout, stderr].concat();
        run.ledger
            .violation("VERIFY", String::from_utf8_lossy(&said).into_owned());
    }
    Ok(())
}
