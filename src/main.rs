//! Parses arguments, calls the library, turns the outcome into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    codex_tui::cli::main(std::env::args_os().collect())
}
