//! The figures of the product (`script/bench`): real servers on a PostgreSQL of their own, driven over HTTP.

mod figures;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    /// Accepted because `cargo bench` passes it to every bench
    #[arg(long, hide = true, global = true)]
    bench: bool,
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    figures: figures::Options,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a file at every path, from memory, and say where
    #[command(hide = true)]
    File { path: PathBuf },
    /// What pages and calls take after years
    Growth(figures::growth::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Some(Command::File { path }) => figures::serve_file(&path).await,
        Some(Command::Growth(options)) => figures::growth::run(options).await,
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
