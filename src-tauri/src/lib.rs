//! The desktop app: windows, tray, local mode and the bridge between the interface and the core.
//!
//! Holds no rule of the market, no query, and no word that the user reads but those of the tray's menu and of the
//! command line.

mod arguments;
mod bridge;
mod cores;
#[cfg(all(unix, not(target_os = "macos")))]
mod drawing;
#[cfg(all(unix, not(target_os = "macos")))]
mod former;
mod local_mode;
mod reach;
mod tray;
mod windows;

use std::{path::Path, process::ExitCode};

use clap::Parser;
use tauri::{Manager, RunEvent, WindowEvent};

use crate::{arguments::Arguments, cores::Cores};

/// The name on the session bus of the instance that works in a folder.
fn name_of(data_dir: &Path) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    // The folder may not be there yet; its parent is where a link would lead elsewhere.
    let folder = std::path::absolute(data_dir).unwrap_or_else(|_| data_dir.to_owned());
    let folder = folder.canonicalize().unwrap_or(folder);
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    format!("app.guildhall.desktop.folder{:016x}", hasher.finish())
}

/// Runs the app until its last window is closed, or "Quit" is chosen.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    #[cfg(all(unix, not(target_os = "macos")))]
    drawing::choose();
    let data_dir = match arguments.data_folder() {
        Some(folder) => folder,
        None => {
            eprintln!("guildhall: this system names no folder for application data; say --data-dir DIR");
            return ExitCode::FAILURE;
        }
    };
    let context = tauri::generate_context!("tauri.conf.json");
    // Two instances with one data folder would be one app: the second hands over to the first. With a folder of its own
    // an instance is an app of its own, and has a name of its own to hand over by.
    let mut single = tauri_plugin_single_instance::Builder::new().callback(|app, _, _| windows::show_main(app));
    let name = if arguments.data_dir.is_some() { name_of(&data_dir) } else { context.config().identifier.clone() };
    #[cfg(all(unix, not(target_os = "macos")))]
    former::let_end(&format!("{name}.SingleInstance"));
    if arguments.data_dir.is_some() {
        single = single.dbus_id(name);
    }
    let app = tauri::Builder::default()
        .plugin(single.build())
        .plugin(windows::state_plugin())
        .invoke_handler(bridge::handler())
        .setup(move |app| {
            let cores = Cores::new(app.handle().clone(), data_dir);
            app.manage(cores);
            #[cfg(all(unix, not(target_os = "macos")))]
            reach::follow_screens(app.handle());
            if let Err(error) = tray::install(app.handle()) {
                // A desktop without a tray is an ordinary one: everything is reachable from the window.
                tracing::warn!(%error, "there is no tray");
            }
            if let Err(error) = windows::open_main(app.handle(), &arguments) {
                // In words: what the toolkit makes of an error here is a panic.
                eprintln!("guildhall: {error}");
                std::process::exit(1);
            }
            Ok(())
        })
        .on_window_event(|window, event| match event {
            WindowEvent::CloseRequested { api, .. } if windows::stays_in_tray(window) => {
                api.prevent_close();
                let _ = window.hide();
            }
            WindowEvent::Destroyed => {
                tray::forget(window.app_handle(), window.label());
                window.state::<Cores>().close(window.label());
            }
            _ => {}
        })
        .build(context);
    let app = match app {
        Ok(app) => app,
        Err(error) => {
            eprintln!("guildhall: {error}");
            return ExitCode::FAILURE;
        }
    };
    app.run(|app, event| {
        if let RunEvent::Exit = event {
            app.state::<Cores>().close_all();
        }
    });
    ExitCode::SUCCESS
}
