//! Runs worked examples against the rules: `vectors text FILE` or `vectors ledger FILE` ends with `N passed, N failed`.

mod ledger;
mod text;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["text", file] => text::run(file),
        ["ledger", file] => ledger::run(file),
        _ => Err("usage: vectors text FILE, or vectors ledger FILE".into()),
    };
    match result {
        Ok((passed, failed)) => {
            println!("{passed} passed, {failed} failed");
            if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(words) => {
            eprintln!("vectors: {words}");
            ExitCode::FAILURE
        }
    }
}
