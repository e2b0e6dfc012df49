//! The commands of the program `guildhall-server`.

mod admin;
mod broadcast;
mod desk;
mod doctor;
mod serve;
mod verify_statement;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "guildhall-server", version, about = "The Guildhall marketplace server")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve REST and realtime until interrupted.
    Serve(Box<serve::Serve>),
    /// Find out whether a server can be used from here, step by step, and what to do where it cannot.
    Doctor(doctor::Doctor),
    /// Send test events of each kind to a server, as an application's own server would.
    Broadcast(broadcast::Broadcast),
    /// Make somebody an administrator, or take it from them.
    Admin(admin::Admin),
    /// The administrator's desk: people, reports, what was written down, connections, health.
    Desk(Box<desk::Desk>),
    /// Check a statement of somebody's balance, without any server.
    VerifyStatement(verify_statement::VerifyStatement),
}

/// Reads the command line and does what it says.
pub fn run() -> ExitCode {
    // Settings of the environment come before those of the file.
    let _ = dotenvy::dotenv();
    let command = Arguments::parse().command;
    let level = match &command {
        Command::Serve(serve) if serve.debug => "guildhall_server=debug,guildhall_realtime=debug,info",
        _ => "info",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| level.into());
    let json = matches!(&command, Command::Serve(serve) if serve.log_json);
    // A log that cannot be written (a full disk, a reader that died) must not take its writer along: saying so on standard
    // error would panic there.
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    if json {
        log.json().init()
    } else {
        log.init()
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("guildhall-server: the runtime cannot be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        match command {
            Command::Serve(serve) => serve.run().await,
            Command::Doctor(doctor) => doctor.run().await,
            Command::Broadcast(broadcast) => broadcast.run().await,
            Command::Admin(admin) => admin.run().await,
            Command::Desk(desk) => desk.run().await,
            Command::VerifyStatement(verify) => verify.run(),
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            eprintln!("guildhall-server: {words}");
            ExitCode::FAILURE
        }
    }
}
