//! The command line: every command with what can be said to it.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand};

use engine::appointment::MAX_GIVEN_HOURS;
use janji::server::Flags;

/// Janji books appointments for clinics.
#[derive(Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(flatten)]
    pub(super) flags: Flags,
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
    Admin(AdminLine),
    /// Close an account or open it again: by e-mail one of staff, by phone one of a patient. Closing it ends its sessions,
    /// tokens and calendar addresses, and opening it revives none
    Account(AccountLine),
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

/// The options of `janji admin`.
#[derive(Args)]
pub struct AdminLine {
    #[arg(long)]
    pub(super) email: String,
    #[arg(long)]
    pub(super) name: String,
    #[arg(long, env = "JANJI_ADMIN_PASSWORD", hide_env_values = true)]
    pub(super) password: Option<String>,
}

/// The options of `janji account`: whose account it is, and one thing that is done with it.
#[derive(Args)]
pub struct AccountLine {
    #[arg(long, conflicts_with = "phone", required_unless_present = "phone")]
    pub(super) email: Option<String>,
    #[arg(long)]
    pub(super) phone: Option<String>,
    #[arg(long, conflicts_with_all = ["enable", "let_in", "reset_factors"],
          required_unless_present_any = ["enable", "let_in", "reset_factors"])]
    pub(super) disable: bool,
    #[arg(long, conflicts_with_all = ["let_in", "reset_factors"])]
    pub(super) enable: bool,
    /// Let a phone sign in from a new place again after too many wrong codes
    #[arg(long, requires = "phone")]
    pub(super) let_in: bool,
    /// Take the second factor of somebody of staff away, who has lost it
    #[arg(long, requires = "email", conflicts_with = "let_in")]
    pub(super) reset_factors: bool,
}

#[derive(Subcommand)]
pub enum MessageCommand {
    /// Send a test to a phone number or an e-mail address, and say what became of it
    Test {
        #[arg(long, value_name = "RECIPIENT")]
        to: String,
    },
}
