//! `load`: drives any server of the Pusher protocol, version 7, and tells what it does and what it costs.
//!
//! One thread, one line for each run. It knows the protocol and no server: what is measured here of one can be measured of
//! any. Processor time and memory are the server's own, from the system, when its process is named with `--pid` or started
//! with `--spawn`.
//!
//! Ends with 2 when the server lost, doubled or reordered something: the line says what.

mod fleet;
mod machine;
mod marker;
mod publish;
mod report;
mod scenarios;
mod stats;
mod target;
mod ws;

use std::{io, process::ExitCode};

use clap::{Parser, Subcommand};
use guildhall_pusher::auth::App;
use scenarios::{Run, client_events, fanout, floor, idle, presence};

use crate::{machine::Process, report::Report, target::Target};

#[derive(Parser)]
#[command(name = "load", about = "Load for any server of the Pusher protocol")]
struct Arguments {
    /// The server, ws://HOST:PORT.
    #[arg(long, global = true, default_value = "ws://127.0.0.1:6001")]
    url: String,
    /// The app to drive.
    #[arg(long, global = true, env = "PUSHER_APP_ID", default_value = "mysharpjob")]
    app_id: String,
    /// Its key.
    #[arg(long, global = true, env = "PUSHER_APP_KEY", default_value = "mysharpjob-key")]
    key: String,
    /// Its secret.
    #[arg(long, global = true, env = "PUSHER_APP_SECRET", default_value = "mysharpjob-secret", hide_env_values = true)]
    secret: String,
    /// The server's process, for what it costs.
    #[arg(long, global = true)]
    pid: Option<u32>,
    /// Start the server with this line for the shell, and stop it afterwards.
    #[arg(long, global = true, conflicts_with = "pid")]
    spawn: Option<String>,
    /// Print JSON, one object.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    scenario: Scenario,
}

#[derive(Subcommand)]
enum Scenario {
    /// Events to many subscribers of one channel, flat out or paced.
    Fanout(fanout::FanOut),
    /// Publishes a second, with one subscriber to see that they arrive.
    Publish(fanout::Publish),
    /// Half load with comings and goings, for long: memory and descriptors must stay as they are.
    Soak(fanout::Soak),
    /// Connections that do nothing: how fast they come, and what each costs in memory.
    Idle(idle::Idle),
    /// Members join one presence channel at once, then half of them vanish: every roster must be right.
    Presence(presence::Presence),
    /// Steady joins and leaves on one presence channel: every roster must be right in the end.
    PresenceChurn(presence::Churn),
    /// Pairs on private channels that send client events to each other.
    ClientEvents(client_events::ClientEvents),
    /// No server: what writing and reading loopback sockets alone costs on this machine.
    Floor(floor::Floor),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(report) => {
            report.print(arguments.json);
            if report.right { ExitCode::SUCCESS } else { ExitCode::from(2) }
        }
        Err(words) => {
            eprintln!("load: {words}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<Report, String> {
    let words = |error: io::Error| format!("the sockets of this machine: {error}");
    if let Scenario::Floor(floor) = &arguments.scenario {
        machine::allow_descriptors(2 * floor.sockets as u64 + 64)?;
        return floor.run().map_err(words);
    }
    let app = App { id: arguments.app_id.clone(), key: arguments.key.clone(), secret: arguments.secret.clone() };
    let target = Target::new(&arguments.url, app)?;
    // Before the server starts: it inherits the limit.
    machine::allow_descriptors(scenarios::DESCRIPTORS)?;
    let process = match (&arguments.spawn, arguments.pid) {
        (Some(line), _) => Some(Process::start(line, &target)?),
        (None, id) => id.map(Process::attach),
    };
    let run = Run { target, process };
    match &arguments.scenario {
        Scenario::Fanout(fanout) => fanout.run(&run),
        Scenario::Publish(publish) => publish.run(&run),
        Scenario::Soak(soak) => soak.run(&run),
        Scenario::Idle(idle) => idle.run(&run),
        Scenario::Presence(presence) => presence.run(&run),
        Scenario::PresenceChurn(churn) => churn.run(&run),
        Scenario::ClientEvents(pairs) => pairs.run(&run),
        Scenario::Floor(floor) => floor.run(),
    }
    .map_err(words)
}
