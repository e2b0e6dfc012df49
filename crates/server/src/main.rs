//! `guildhall-server`: the marketplace server as a program of its own.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use guildhall_server::{Server, ServerConfig, StartError, config};

#[derive(Parser)]
#[command(name = "guildhall-server", version, about = "The Guildhall marketplace server")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve REST and realtime until interrupted.
    Serve(Serve),
}

#[derive(clap::Args)]
struct Serve {
    /// Where REST is served; port 0 is any free one.
    #[arg(long, default_value = "127.0.0.1:8000")]
    http: SocketAddr,
    /// Where realtime is served; port 0 is any free one. [default: PUSHER_HOST:PUSHER_PORT, else 127.0.0.1:6001]
    #[arg(long)]
    realtime: Option<SocketAddr>,
    /// The folder of the database and the files.
    #[arg(long, default_value = "guildhall-data")]
    data: PathBuf,
    /// A PostgreSQL database, postgres://USER@HOST/NAME. Without it, SQLite in the data folder.
    #[arg(long, env = "GUILDHALL_DATABASE")]
    database: Option<String>,
    /// A file to write the bound addresses to, once requests are answered.
    #[arg(long)]
    ready_file: Option<PathBuf>,
    /// Certificate chain, PEM.
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Key of the certificate, PEM.
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Serve other machines without TLS all the same.
    #[arg(long)]
    insecure_in_the_open: bool,
    /// Fill an empty database with the demo market; its people answer by themselves.
    #[arg(long)]
    demo: bool,
    /// The name of this hall, as people see it when they choose a server.
    #[arg(long, default_value = "Guildhall")]
    name: String,
    /// Messages that one person may send in any second.
    #[arg(long, default_value_t = guildhall_market::messages::RATE_MESSAGES_MAX)]
    message_rate: usize,
    /// Log every request.
    #[arg(long)]
    debug: bool,
}

fn main() -> ExitCode {
    // Settings of the environment come before those of the file.
    let _ = dotenvy::dotenv();
    let Command::Serve(arguments) = Arguments::parse().command;
    let level = if arguments.debug { "guildhall_server=debug,info" } else { "info" };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| level.into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("guildhall-server: the runtime cannot be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(serve(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            eprintln!("guildhall-server: {words}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Serve) -> Result<(), String> {
    let get = |name: &str| std::env::var(name).ok();
    let realtime = match arguments.realtime {
        Some(address) => address,
        None => config::realtime_from_environment(get)?.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 6001))),
    };
    for (name, why) in config::unused_settings(get) {
        tracing::info!("{name} is set and has no effect here: {why}");
    }
    let tls = arguments.tls_cert.zip(arguments.tls_key);
    for address in [arguments.http, realtime] {
        if tls.is_none() && !arguments.insecure_in_the_open && !address.ip().is_loopback() {
            return Err(StartError::InTheOpen(address).to_string());
        }
    }
    let config = ServerConfig {
        http: arguments.http,
        realtime,
        database: arguments.database,
        tls,
        apps: vec![config::app_from_environment(get).into()],
        name: arguments.name,
        demo: arguments.demo,
        demo_life: arguments.demo,
        message_rate_max: arguments.message_rate,
        ..ServerConfig::local(arguments.data)
    };
    let scheme = if config.tls.is_some() { ("https", "wss") } else { ("http", "ws") };
    let server = Server::start(config).await.map_err(|e| e.to_string())?;
    let bound = server.addresses();
    let lines = format!("http {}://{}\nrealtime {}://{}\n", scheme.0, bound.http, scheme.1, bound.realtime);
    print!("{lines}");
    for person in server.demo_people().await.map_err(|e| e.to_string())? {
        println!("demo {} {} {}", person.email, person.password, person.name);
    }
    if let Some(path) = arguments.ready_file {
        // Written aside and renamed, so that whoever waits for the file never reads half of it.
        let part = path.with_extension("part");
        std::fs::write(&part, &lines)
            .and_then(|()| std::fs::rename(&part, &path))
            .map_err(|e| format!("the ready file {} cannot be written: {e}", path.display()))?;
    }
    interrupted().await;
    tracing::info!("stopping");
    server.shutdown().await;
    Ok(())
}

async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
