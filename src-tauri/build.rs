//! Tells Tauri which commands there are and which window may call them, as the command table says.

use std::{fs, path::Path};

use guildhall_contract::commands::{COMMAND_NAMES, Role};
use tauri_build::{AppManifest, Attributes};

/// Where the capabilities are written, one file for each role. Made by every build and never kept: what was reviewed stands
/// in `crates/contract`.
const CAPABILITIES: &str = "gen/capabilities";

fn main() {
    println!("cargo:rerun-if-changed=tauri.conf.json");
    let folder = Path::new(CAPABILITIES);
    fs::create_dir_all(folder).expect("the folder of what is generated can be made");
    for role in Role::ALL {
        let text = format!("{:#}\n", role.capability());
        let path = folder.join(format!("{}.json", role.name()));
        // Written only when it changed: Tauri builds anew what it sees changed.
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        fs::write(path, text).expect("the folder of what is generated can be written");
    }
    // Besides the table there is one command written by hand: the stream of events.
    let commands: Vec<&'static str> = COMMAND_NAMES.iter().copied().chain(["subscribe"]).collect();
    let attributes = Attributes::new()
        .capabilities_path_pattern("gen/capabilities/**/*")
        .app_manifest(AppManifest::new().commands(commands.leak()));
    tauri_build::try_build(attributes).expect("the capabilities name commands of the table");
}
