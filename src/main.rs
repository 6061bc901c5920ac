//! The command line of Janji.

mod command;

use std::process::ExitCode;

use clap::Parser;

use self::command::{Cli, Command, TRY_AGAIN, run};

/// The views of a page are boxed one by one, and this allocator spends less time on them than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
