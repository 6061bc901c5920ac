//! Janji under load, as programs of their own: the figures of the product (`script/bench`), and a search for
//! what breaks (`script/torture`). Both run real servers on a PostgreSQL of their own and talk to them by HTTP.

mod client;
mod figures;
mod measure;
mod postgres;
mod proxy;
mod server;
mod torture;
mod world;

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

/// Nobody tells these failures apart: they end the program.
type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Parser)]
struct Cli {
    /// What `cargo bench` says to every bench
    #[arg(long, hide = true, global = true)]
    bench: bool,
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    figures: figures::Options,
}

#[derive(Subcommand)]
enum Command {
    /// Search for what breaks: clients of every kind, and everything that can go wrong around them
    Torture(torture::Options),
    /// Serve a file at every path, from memory, and say where
    #[command(hide = true)]
    File { path: PathBuf },
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Some(Command::Torture(options)) => torture::run(options).await,
        Some(Command::File { path }) => figures::serve_file(&path).await,
        None => figures::run(cli.figures).await,
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::from(2)
        }
    }
}
