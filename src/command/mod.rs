//! The commands of the program, and what each of them does.

mod account;
mod backup;
mod bounce;
mod database;
mod doctor;
mod erased;
mod failure;
mod health;
mod overdue;

use std::{ffi::OsString, io::IsTerminal, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use self::{
    account::{about_password, ask_for_password, reset_factors_of, set_account},
    backup::{back_up, release_copy, restore},
    bounce::bounce,
    database::{Tables, must_be_there, with_database},
    doctor::examine,
    failure::Failure,
    health::health,
    overdue::overdue,
};
use engine::{
    account::{Role, put_staff},
    appointment::{Decision, MAX_GIVEN_HOURS},
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
    server::{Config, Flags, ServeError, serve},
    trace::Traces,
};

/// Janji books appointments for clinics.
#[derive(Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Run the server
    Serve {
        /// Leave the tables as they are, and do not start where they are not up to date
        #[arg(long, env = "JANJI_NO_MIGRATE")]
        no_migrate: bool,
    },
    /// Bring the tables of the database up to date
    Migrate,
    /// Fill an empty database with demo data
    Seed,
    /// Add an admin, or set a new password for one; asks for the password, or reads it from JANJI_ADMIN_PASSWORD
    Admin {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        #[arg(long, env = "JANJI_ADMIN_PASSWORD", hide_env_values = true)]
        password: Option<String>,
    },
    /// Close an account or open it again: by e-mail one of staff, by phone one of a patient. Closing it ends its sessions,
    /// tokens and calendar addresses, and opening it revives none
    Account {
        #[arg(long, conflicts_with = "phone", required_unless_present = "phone")]
        email: Option<String>,
        #[arg(long)]
        phone: Option<String>,
        #[arg(long, conflicts_with_all = ["enable", "let_in", "reset_factors"],
              required_unless_present_any = ["enable", "let_in", "reset_factors"])]
        disable: bool,
        #[arg(long, conflicts_with_all = ["let_in", "reset_factors"])]
        enable: bool,
        /// Let a phone sign in from a new place again after too many wrong codes
        #[arg(long, requires = "phone")]
        let_in: bool,
        /// Take the second factor of somebody of staff away, who has lost it
        #[arg(long, requires = "email", conflicts_with = "let_in")]
        reset_factors: bool,
    },
    /// Say how many requests were held back since they were all due at once, as after an outage, and decide about them
    Overdue {
        /// Let them expire within the hour; their patients are told
        #[arg(long, conflicts_with = "give_hours")]
        expire: bool,
        /// Give their doctors so many hours from now to answer
        #[arg(long, value_name = "H", value_parser = clap::value_parser!(i64).range(1..=MAX_GIVEN_HOURS))]
        give_hours: Option<i64>,
    },
    /// Messages to people
    Message {
        #[command(subcommand)]
        command: MessageCommand,
    },
    /// Note that a mail came back: reads the report of a mail server from standard input. Ends with 75 where it could not be
    /// noted, so that the mail server tries again
    Bounce {
        /// The address that the report was sent to; without it, its headers are asked
        #[arg(long, value_name = "ADDRESS")]
        to: Option<String>,
    },
    /// Print the ledger of who was erased, to be kept beside the backups. It has numbers and times, and nothing of the people
    Erased,
    /// Erase again whom a database has that was restored from before: reads the ledger from standard input
    EraseAgain,
    /// Check that nobody is booked twice and that every history is legal; exits with 0 if all rules are kept, 1 if one
    /// is broken, 2 if the check failed
    Verify,
    /// Ask the server that runs with these settings whether it answers: exits with 0 if it does, 1 if not
    Health {
        /// Ask whether it can do its work as well: its database can be written to, and it is not about to stop
        #[arg(long)]
        ready: bool,
    },
    /// Look at the installation: settings, database, tables, disk, clock, senders, public address and certificate; exits with 0
    /// if all of it works, also with warnings, and with 1 if something is wrong
    Doctor,
    /// Back the whole database up, while everybody goes on working
    Backup {
        /// The file or the directory; - is standard output. Without it, the directory of the daily backups
        #[arg(long, value_name = "FILE|DIR")]
        to: Option<PathBuf>,
    },
    /// Restore a backup into an empty database, and check it; nothing leaves the copy until it is released. Exits with 0 if all
    /// rules are kept, 1 if not
    Restore {
        file: PathBuf,
        /// It is another installation beside the first, and gets an id of its own
        #[arg(long)]
        as_copy: bool,
    },
    /// Let a copy that was restored tell people and ask providers from now on
    Release {
        /// Send what waited in the backup, too: only where the first installation cannot have sent it
        #[arg(long)]
        send_waiting: bool,
    },
    /// Print the description of the API (OpenAPI 3.1)
    Openapi,
    /// Print the URL of the database that this installation uses
    DatabaseUrl,
    /// Run a command with DATABASE_URL set to a new PostgreSQL, which is deleted afterwards
    #[command(hide = true)]
    Postgres {
        #[arg(long, required = true)]
        scratch: bool,
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
}

#[derive(Subcommand)]
pub enum MessageCommand {
    /// Send a test to a phone number or an e-mail address, and say what became of it
    Test {
        #[arg(long, value_name = "RECIPIENT")]
        to: String,
    },
}

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
