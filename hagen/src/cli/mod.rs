//! Commands: names and exit codes are a contract.
//!
//! 0 done · 1 the input is wrong or a check failed · 2 usage · 3 the environment failed.
//! Results go to stdout, progress and messages to stderr.

pub mod args;
mod bundle;
mod check;
mod diff;
mod document;
mod explain;
mod import;
pub mod init;
mod judges;
mod output;
pub mod reference;
mod show;
mod verify;
mod views;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

pub use args::{Cli, Command};
pub use output::Failure;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// The table of contents of the product.
fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Init(args) => init::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Survive(args) => views::survive(&args),
        Command::Graph(args) => views::graph(&args),
        Command::Bundle(args) => bundle::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Schema => reference::schema(),
        Command::Completions { shell } => reference::completions(shell, &mut Cli::command()),
        Command::Man { command } => reference::man(command.as_deref(), Cli::command()),
    }
}
