//! The commands of the program, and what each of them does.

mod account;
mod backup;
mod bounce;
mod database;
mod doctor;
mod erased;
mod failure;
mod health;
mod line;
mod message;
mod overdue;

use std::{io::IsTerminal, process::ExitCode, time::Duration};

use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

pub use self::line::{Cli, Command};
use self::{
    account::{change_account, put_admin},
    backup::{back_up, release_copy, restore},
    bounce::bounce,
    database::{Tables, must_be_there, with_database},
    doctor::examine,
    failure::Failure,
    health::health,
    line::MessageCommand,
    message::send_test,
    overdue::overdue,
};
use engine::{database::embedded, demo, monitoring::verify::verify};
use janji::{
    api,
    server::{Config, ServeError, serve},
    trace::Traces,
};

/// Runs a command, and says with which code the program ends.
pub async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let config = Config::load(cli.flags)?;
    // Of a command that ends at once nobody asks where its time went.
    let traces = match cli.command {
        Command::Serve { .. } => Traces::of_environment()?,
        _ => None,
    };
    log(config.log_json, traces.as_ref());
    let done = perform(cli.command, config).await;
    if let Some(traces) = traces {
        traces.stop().await;
    }
    done
}

async fn perform(command: Command, mut config: Config) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve { no_migrate } => {
            config.operation.migrates = !no_migrate;
            serve(config).await?;
        }
        Command::Health { ready } => print!("{}", health(&config, ready).await?),
        Command::Openapi => print!("{}", api::text()),
        Command::DatabaseUrl => println!("{}", database_url(config)),
        Command::Migrate => with_database(config, Tables::UpToDate, |_| async { Ok(()) }).await?,
        Command::Seed => seed(config).await?,
        Command::Admin(line) => println!("{}", put_admin(config, line).await?),
        Command::Account(line) => println!("{}", change_account(config, line).await?),
        Command::Overdue { expire, give_hours } => {
            println!("{}", overdue(config, expire, give_hours).await?);
        }
        Command::Message {
            command: MessageCommand::Test { to },
        } => return send_test(&config, &to).await,
        Command::Bounce { to } => println!("{}", bounce(config, to).await?),
        Command::Erased => print!("{}", erased::ledger(config).await?),
        Command::EraseAgain => println!("{}", erased::erase_again(config).await?),
        // Standard output may be the backup.
        Command::Backup { to } => eprintln!("{}", back_up(config, to).await?),
        Command::Restore { file, as_copy } => return restore(config, &file, as_copy).await,
        Command::Release { send_waiting } => println!("{}", release_copy(config, send_waiting).await?),
        Command::Verify => return check_rules(config).await,
        Command::Doctor => {
            let examination = examine(config).await;
            print!("{examination}");
            return Ok(well(examination.is_well()));
        }
        Command::Postgres { command, .. } => {
            let code = embedded::run_with_scratch(&command)
                .await
                .map_err(ServeError::from)?;
            return Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// How the program ends that was asked whether something is well.
fn well(is_well: bool) -> ExitCode {
    match is_well {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn database_url(config: Config) -> String {
    config
        .database_url
        .unwrap_or_else(|| embedded::Cluster::url_of(&config.data_dir))
}

async fn seed(config: Config) -> Result<(), Failure> {
    let is_a_demo = with_database(config, Tables::UpToDate, |database| async move {
        demo::seed(&database).await
    })
    .await?;
    match is_a_demo {
        true => Ok(()),
        false => Err(ServeError::NotADemo.into()),
    }
}

async fn check_rules(config: Config) -> Result<ExitCode, Failure> {
    must_be_there(&config)?;
    let report = with_database(config, Tables::AsTheyAre, |database| async move {
        verify(&database, VERIFY_TIMEOUT).await
    })
    .await?;
    print!("{}", report.to_text());
    Ok(well(report.is_sound()))
}

/// What a mail server understands as *not now* (`EX_TEMPFAIL`).
pub const TRY_AGAIN: u8 = 75;

/// The time that `janji verify` may take; nobody waits in front of a browser.
const VERIFY_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// Writes the log to standard error, at the level of `RUST_LOG`, and sends traces where there is a collector.
fn log(json: bool, traces: Option<&Traces>) {
    // Connections that broke are no news: an outage has a line of its own.
    let usual = "info,sqlx=warn,sqlx_core::pool=error";
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    // A file and a journal keep what a terminal would have shown in colour.
    let in_colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let log = tracing_subscriber::fmt::layer()
        .with_ansi(in_colour)
        .with_writer(std::io::stderr);
    let log = match json {
        true => log.json().boxed(),
        false => log.compact().boxed(),
    };
    tracing_subscriber::registry()
        .with(log.with_filter(filter))
        .with(traces.map(Traces::layer))
        .init();
}
