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
mod overdue;

use std::{io::IsTerminal, process::ExitCode, time::Duration};

use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

pub use self::line::{Cli, Command};
use self::{
    account::{about_password, ask_for_password, reset_factors_of, set_account},
    backup::{back_up, release_copy, restore},
    bounce::bounce,
    database::{Tables, must_be_there, with_database},
    doctor::examine,
    failure::Failure,
    health::health,
    line::MessageCommand,
    overdue::overdue,
};
use engine::{
    account::{Role, put_staff},
    appointment::Decision,
    database::{backup::Kind, embedded},
    demo,
    error::AppError,
    i18n::Locale,
    monitoring::verify::verify,
    notification::Outcome,
};
use janji::{
    api,
    notification::{
        sender::senders,
        test::{self, Test},
    },
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
        Command::DatabaseUrl => println!(
            "{}",
            config
                .database_url
                .unwrap_or_else(|| embedded::Cluster::url_of(&config.data_dir))
        ),
        Command::Migrate => with_database(config, Tables::UpToDate, |_| async { Ok(()) }).await?,
        Command::Seed => {
            let is_a_demo = with_database(config, Tables::UpToDate, |database| async move {
                demo::seed(&database).await
            })
            .await?;
            if !is_a_demo {
                return Err(ServeError::NotADemo.into());
            }
        }
        Command::Admin {
            email,
            name,
            password,
        } => {
            must_be_there(&config)?;
            let password = match password {
                Some(password) => password,
                None => ask_for_password()?,
            };
            let place = match config.database_url {
                Some(_) => "the database that DATABASE_URL names".to_owned(),
                None => config.data_dir.display().to_string(),
            };
            let account = email.clone();
            let is_new = with_database(config, Tables::UpToDate, |database| async move {
                put_staff(&database, Role::Admin, name, email, password).await
            })
            .await
            .map_err(about_password)?;
            match is_new {
                true => println!("Added the admin {account}, in {place}."),
                false => println!("The admin {account} has this name and password now, in {place}."),
            }
        }
        Command::Account {
            email,
            phone,
            disable,
            enable,
            let_in,
            reset_factors,
        } => {
            if config.database_url.is_none() && !embedded::Cluster::is_in(&config.data_dir) {
                return Err(Failure::NoData(config.data_dir));
            }
            let country = config.rules.country;
            with_database(config, Tables::UpToDate, |database| async move {
                if reset_factors {
                    return reset_factors_of(&database, email).await;
                }
                set_account(
                    &database,
                    email,
                    phone,
                    (!let_in).then_some(enable && !disable),
                    country,
                )
                .await
            })
            .await
            .map_err(|failure| match failure {
                Failure::App(AppError::NotFound) => Failure::NoAccount,
                Failure::App(AppError::Forbidden) => Failure::LastAdmin,
                failure => failure,
            })?;
            println!(
                "{}",
                match (let_in, enable) {
                    _ if reset_factors =>
                        "The account has no second factor any more; its sessions have ended.",
                    (true, _) => "The phone can sign in by a code again.",
                    (false, true) => "The account is open: its owner signs in anew.",
                    (false, false) =>
                        "The account is closed; its sessions, tokens and calendar addresses have ended.",
                }
            );
        }
        Command::Overdue { expire, give_hours } => {
            let decision = match (expire, give_hours) {
                (true, _) => Some(Decision::Expire),
                (false, Some(hours)) => Some(Decision::Wait { minutes: hours * 60 }),
                (false, None) => None,
            };
            must_be_there(&config)?;
            let said = with_database(config, Tables::UpToDate, |database| async move {
                overdue(&database, decision).await
            })
            .await?;
            println!("{said}");
        }
        Command::Message {
            command: MessageCommand::Test { to },
        } => {
            let senders = senders(&config.messages, config.demo)?;
            let (test, recipient) = Test::parse(&to, config.rules.country)?;
            let outcome = test.send(&senders, recipient, Locale::default()).await?;
            println!("{}", test::sentence(&outcome));
            return Ok(match outcome {
                Outcome::Sent { .. } => ExitCode::SUCCESS,
                _ => ExitCode::FAILURE,
            });
        }
        Command::Bounce { to } => {
            let said = bounce(config, to).await?;
            println!("{said}");
        }
        Command::Erased => {
            must_be_there(&config)?;
            let said = with_database(config, Tables::UpToDate, |database| async move {
                erased::ledger(&database).await
            })
            .await?;
            print!("{said}");
        }
        Command::EraseAgain => {
            must_be_there(&config)?;
            let said = with_database(config, Tables::UpToDate, |database| async move {
                erased::again(&database).await
            })
            .await?;
            println!("{said}");
        }
        Command::Backup { to } => {
            let made = back_up(config, to).await?;
            let place = made
                .path
                .map_or_else(|| "standard output".to_owned(), |path| path.display().to_string());
            // Standard output may be the backup.
            eprintln!("Backed up {} rows of {} to {place}.", made.rows, made.taken_at);
        }
        Command::Restore { file, as_copy } => {
            let kind = match as_copy {
                true => Kind::Copy,
                false => Kind::Same,
            };
            let (restored, report) = restore(config, &file, kind).await?;
            println!(
                "Restored {} rows of {}, as Janji {} had them.",
                restored.rows, restored.taken_at, restored.janji
            );
            if !report.is_sound() {
                print!("{}", report.to_text());
                return Ok(ExitCode::FAILURE);
            }
            println!("{RESTORED}");
        }
        Command::Release { send_waiting } => {
            must_be_there(&config)?;
            let said = with_database(config, Tables::UpToDate, |database| async move {
                release_copy(&database, send_waiting).await
            })
            .await?;
            println!("{said}");
        }
        Command::Verify => {
            must_be_there(&config)?;
            let report = with_database(config, Tables::AsTheyAre, |database| async move {
                verify(&database, VERIFY_TIMEOUT).await
            })
            .await?;
            print!("{}", report.to_text());
            return Ok(if report.is_sound() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
        Command::Doctor => {
            let examination = examine(config).await;
            print!("{examination}");
            return Ok(match examination.is_well() {
                true => ExitCode::SUCCESS,
                false => ExitCode::FAILURE,
            });
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

/// What is so after a backup was restored.
const RESTORED: &str = "Every rule is kept. The copy is paused: no message, payment or webhook leaves it, and nothing for calendars \
                        elsewhere, until an admin has released it, at /admin/backups or with `janji release`. What somebody does \
                        by hand is not held back. Erase again before you release it, with the ledger beside the backups: \
                        `janji erase-again < erased.ledger`.";

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
