//! The interface in a browser, for tests and for work on it: `webhost --port 7420 --ui ui/dist --data DIR`.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;
use guildhall_testkit::webhost::WebHost;

#[derive(Parser)]
struct Arguments {
    /// The port, on loopback.
    #[arg(long, default_value_t = 7420)]
    port: u16,
    /// The built interface.
    #[arg(long, default_value = "ui/dist")]
    ui: PathBuf,
    /// The folder of all data. Absent: a temporary one.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Let the demo's people answer by themselves.
    #[arg(long)]
    life: bool,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let temporary = tempfile::tempdir()?;
    let data = arguments.data.unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&data)?;
    let host = WebHost::new(data, arguments.life);
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], arguments.port))).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, host.router(&arguments.ui)).await
}
