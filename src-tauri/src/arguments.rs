//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// What can be said on the command line.
#[derive(Clone, Debug, Parser)]
#[command(name = "guildhall", version, about = "Guildhall: agree the work, hold the money, bid in the open")]
pub struct Arguments {
    /// Start in local mode: the server runs inside the app, with a demo market.
    #[arg(long, conflicts_with = "server")]
    pub local: bool,
    /// Keep all data in this folder instead of the system's own.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Offer this server first on the sign-in screen.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
}

impl Arguments {
    /// The folder of all data.
    pub fn data_folder(&self) -> Option<PathBuf> {
        self.data_dir.clone().or_else(|| guildhall_os::DataFolders::find().map(|folders| folders.data))
    }
}
