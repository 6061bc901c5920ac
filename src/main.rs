//! The command line of Janji.

use std::{
    ffi::OsString,
    io::{IsTerminal, Read},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, Subcommand};
use engine::{
    account::{
        Country, MIN_PASSWORD, Phone, Role,
        access::{Account, SetAccess, find_account, set_access},
        factor, otp, put_staff,
    },
    appointment::{Decision, MAX_GIVEN_HOURS, decide, held_back},
    database::{Database, Upgrade, embedded},
    demo,
    error::{AppError, Field, FieldProblem},
    i18n::Locale,
    monitoring::verify::verify,
    notification::{Bounce, BounceClass, Bounced, Outcome, take_bounce},
};
use janji::{
    api,
    notification::{
        bounce::{self, NoBounce},
        sender::senders,
        settings::SettingsError,
        test::{self, Test, TestError},
    },
    server::{Config, Flags, ServeError, config::ConfigError, open_database, serve, worker::about_held_back},
};
use tracing_subscriber::EnvFilter;

/// The views of a page are boxed one by one, and this allocator spends less time on them than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Janji books appointments for clinics.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
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
    /// Check that nobody is booked twice and that every history is legal; exits with 0 if all rules are kept, 1 if one
    /// is broken, 2 if the check failed
    Verify,
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
enum MessageCommand {
    /// Send a test to a phone number or an e-mail address, and say what became of it
    Test {
        #[arg(long, value_name = "RECIPIENT")]
        to: String,
    },
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error(transparent)]
    App(#[from] AppError),
    #[error(transparent)]
    Messages(#[from] SettingsError),
    #[error("mails have no address to come back to: set JANJI_BOUNCE_ADDRESS and JANJI_BOUNCE_SECRET")]
    NoBounces,
    #[error("the mail cannot be read: {0}")]
    Mail(#[from] std::io::Error),
    #[error("{0}")]
    Test(#[from] TestError),
    #[error("a password has at least {MIN_PASSWORD} characters")]
    ShortPassword,
    #[error(
        "this password is easily guessed: choose one without the name, the address or common words: nothing was changed"
    )]
    CommonPassword,
    #[error("nobody has this account: nothing was changed")]
    NoAccount,
    #[error("nobody could open the last admin's account again: nothing was changed")]
    LastAdmin,
    #[error("there is no terminal to ask for the password at: set JANJI_ADMIN_PASSWORD")]
    NoPassword,
    #[error("the two passwords differ: nothing was changed")]
    OtherPassword,
    #[error(
        "there is no Janji in {0}: name the folder of the service by --data-dir, or its database by DATABASE_URL, or start \
         it there first"
    )]
    NoData(PathBuf),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let failed = match cli.command {
        Command::Verify => ExitCode::from(2),
        Command::Bounce { .. } => ExitCode::from(TRY_AGAIN),
        _ => ExitCode::FAILURE,
    };
    match run(cli).await {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("janji: {failure}");
            failed
        }
    }
}

async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let mut config = Config::load(cli.flags)?;
    log(config.log_json);
    match cli.command {
        Command::Serve { no_migrate } => {
            config.operation.migrates = !no_migrate;
            serve(config).await?;
        }
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
        Command::Postgres { command, .. } => {
            let code = embedded::run_with_scratch(&command)
                .await
                .map_err(ServeError::from)?;
            return Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What a mail server understands as *not now* (`EX_TEMPFAIL`).
const TRY_AGAIN: u8 = 75;

/// What a report of a mail server says stands at its beginning; at its end it may have the whole mail.
const MAX_REPORT: u64 = 1024 * 1024;

/// Notes what a mail server reports about a mail, and says what that is.
async fn bounce(config: Config, to: Option<String>) -> Result<&'static str, Failure> {
    let settings = (config.messages.mail.as_ref()).and_then(|mail| mail.bounces.clone());
    let settings = settings.ok_or(Failure::NoBounces)?;
    must_be_there(&config)?;
    let mut input = std::io::stdin().lock();
    let mut mail = Vec::new();
    input.by_ref().take(MAX_REPORT).read_to_end(&mut mail)?;
    // A mail server takes it for a failure if nobody reads on.
    std::io::copy(&mut input, &mut std::io::sink())?;
    drop(input);
    let (name, report) = match bounce::read(&settings, to.as_deref(), &mail) {
        Ok(read) => read,
        // To whom nothing is told nothing comes back for ever.
        Err(NoBounce::NoReport) => return Ok("That is no report of a mail server: nothing was noted."),
        Err(NoBounce::NoFailure) => return Ok("The mail arrived: nothing was noted."),
        Err(NoBounce::NoToken) => {
            return Ok("That went to no address of a mail that Janji sent: nothing was noted.");
        }
    };
    let has_sms = config.messages.sms.is_some();
    let bounced = with_database(config, Tables::UpToDate, |database| async move {
        let now = database.now();
        take_bounce(&database, Bounce { name, report }, has_sms, now).await
    })
    .await?;
    Ok(match bounced {
        Bounced::Noted(BounceClass::Gone) => {
            "The address is gone: nothing goes there until it is confirmed anew."
        }
        Bounced::Noted(BounceClass::Refused | BounceClass::Undelivered) => "The mail was not delivered.",
        Bounced::Noted(BounceClass::Delayed) => "The mail is late; the mail server goes on trying.",
        Bounced::Known => "As much was known before: nothing was changed.",
        Bounced::NoMessage => "There is no such message any more: nothing was noted.",
    })
}

const NOTHING_HELD_BACK: &str = "No requests are held back.";
/// Closes or opens an account, or lets its phone in.
async fn set_account(
    database: &Database,
    email: Option<String>,
    phone: Option<String>,
    active: Option<bool>,
    country: Country,
) -> Result<(), AppError> {
    let phone = phone.map(|phone| Phone::parse(&phone, country)).transpose()?;
    let account = match (email, phone.clone()) {
        (Some(email), _) => Account::Staff(email),
        (None, Some(phone)) => Account::Patient(phone),
        (None, None) => return Err(AppError::NotFound),
    };
    match (active, phone) {
        (Some(active), _) => {
            let command = SetAccess {
                caller: None,
                who: find_account(database, account).await?,
                active,
                key: None,
            };
            set_access(database, command, database.now()).await
        }
        (None, Some(phone)) => otp::let_in(database, None, phone).await,
        (None, None) => Err(AppError::NotFound),
    }
}

/// Takes the second factor of somebody of staff away.
async fn reset_factors_of(database: &Database, email: Option<String>) -> Result<(), AppError> {
    let account = Account::Staff(email.ok_or(AppError::NotFound)?);
    let who = find_account(database, account).await?;
    let staff_id = who.ids().1.ok_or(AppError::NotFound)?;
    factor::reset(database, None, staff_id, database.now()).await
}

/// Says in a sentence what is wrong with a password.
fn about_password(failure: Failure) -> Failure {
    match failure {
        Failure::App(AppError::ValidationFailed {
            field: Field::NewPassword,
            problem,
        }) => match problem {
            FieldProblem::Common => Failure::CommonPassword,
            _ => Failure::ShortPassword,
        },
        failure => failure,
    }
}

/// Decides about the requests that were held back, and says what is so now.
async fn overdue(database: &Database, decision: Option<Decision>) -> Result<String, AppError> {
    let now = database.now();
    let Some(held_back) = held_back(database, now).await? else {
        return Ok(NOTHING_HELD_BACK.to_owned());
    };
    let Some(decision) = decision else {
        return Ok(format!(
            "{}.\n\n  janji overdue --expire          they expire within the hour, and their patients are told\n  \
             janji overdue --give-hours 24   their doctors have until then to answer them",
            about_held_back(held_back)
        ));
    };
    if !decide(database, decision, None, now).await? {
        return Ok(NOTHING_HELD_BACK.to_owned());
    }
    Ok(match decision {
        Decision::Expire => format!("{} requests expire within the hour.", held_back.requests),
        Decision::Wait { minutes } => format!(
            "{} requests wait {} hours for an answer, or until their appointment would begin.",
            held_back.requests,
            minutes / 60
        ),
    })
}

/// Refuses to make a new, empty database for a command about one that is there.
fn must_be_there(config: &Config) -> Result<(), Failure> {
    match config.database_url.is_none() && !embedded::Cluster::is_in(&config.data_dir) {
        true => Err(Failure::NoData(config.data_dir.clone())),
        false => Ok(()),
    }
}

/// Asks for a new password twice, without showing it.
fn ask_for_password() -> Result<String, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::NoPassword);
    }
    let ask = |question| rpassword::prompt_password(question).map_err(|_| Failure::NoPassword);
    let password = ask("Password, at least 12 characters: ")?;
    match ask("The same again: ")? == password {
        true => Ok(password),
        false => Err(Failure::OtherPassword),
    }
}

/// The time that `janji verify` may take; nobody waits in front of a browser.
const VERIFY_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// The state of the tables that a command needs.
#[derive(PartialEq)]
enum Tables {
    UpToDate,
    /// As they are, for a command that only reads.
    AsTheyAre,
}

/// Runs a function with the database, and stops the cluster afterwards if it had to be started.
async fn with_database<T, F, Fut>(config: Config, tables: Tables, work: F) -> Result<T, Failure>
where
    F: FnOnce(Database) -> Fut,
    Fut: Future<Output = Result<T, AppError>>,
{
    let (cluster, address) = open_database(&config).await?;
    let result = async {
        let url = match tables {
            Tables::UpToDate => {
                address.make_ready(Upgrade::Run).await.map_err(ServeError::from)?;
                &address.url
            }
            // The other role may have no rights yet.
            Tables::AsTheyAre => address.of_owner(),
        };
        let database = Database::connect(url, &config.database)
            .await
            .map_err(ServeError::from)?;
        let result = work(database.clone()).await;
        database.close().await;
        Ok(result?)
    }
    .await;
    if let Some(cluster) = cluster {
        cluster.stop().await.map_err(ServeError::from)?;
    }
    result
}

/// Writes the log to standard error, at the level of `RUST_LOG`.
fn log(json: bool) {
    // Connections that broke are no news: an outage has a line of its own.
    let usual = "info,sqlx=warn,sqlx_core::pool=error";
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    // A file and a journal keep what a terminal would have shown in colour.
    let in_colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(in_colour)
        .with_writer(std::io::stderr);
    if json {
        log.json().init();
    } else {
        log.compact().init();
    }
}
