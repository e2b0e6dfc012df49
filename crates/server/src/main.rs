//! `guildhall-server`: the marketplace server as a program of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    guildhall_server::cli::run()
}
