//! Tells Tauri where the capabilities are, and makes a permission for each row of the command table.

use guildhall_contract::commands::COMMAND_NAMES;
use tauri_build::{AppManifest, Attributes};

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=tauri.conf.json");
    // Besides the table there is one command written by hand: the stream of events.
    let commands: Vec<&'static str> = COMMAND_NAMES.iter().copied().chain(["subscribe"]).collect();
    let attributes = Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/**/*")
        .app_manifest(AppManifest::new().commands(commands.leak()));
    tauri_build::try_build(attributes).expect("the capabilities name commands of the table");
}
