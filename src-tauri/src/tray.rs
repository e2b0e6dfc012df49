//! The tray: how much is unread, and the way back to a hidden window. Everything is in its menu, because on some
//! desktops a click on the icon does nothing.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use guildhall_contract::{sessions::SessionView, ui_events::UiEvent};
use tauri::{
    AppHandle, Manager, WebviewWindow,
    image::Image,
    menu::{Menu, MenuItem},
    tray::{TrayIconBuilder, TrayIconEvent},
};

/// Names the icon.
const ID: &str = "guildhall";
const CALM: &[u8] = include_bytes!("../../icons/tray-white.png");
const UNREAD: &[u8] = include_bytes!("../../icons/tray-unread-white.png");

/// Unread messages of each window.
static COUNTS: LazyLock<Mutex<HashMap<String, u32>>> = LazyLock::new(Mutex::default);

/// Puts the icon into the tray.
///
/// # Errors
/// The desktop has no tray.
pub fn install(app: &AppHandle) -> Result<(), String> {
    if !has_host() {
        return Err("nothing on this desktop shows tray icons".into());
    }
    // Where the system's library for it is missing, the toolkit does not answer with an error: it panics.
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| build(app))) {
        Ok(built) => built.map_err(|error| error.to_string()),
        Err(_) => Err("the library that shows tray icons is missing".into()),
    }
}

/// Whether anything shows icons: without it a window that is closed to the tray would be gone. Waits for a second at most.
#[cfg(all(unix, not(target_os = "macos")))]
fn has_host() -> bool {
    const WATCHER: &str = "org.kde.StatusNotifierWatcher";
    let (answer, answered) = std::sync::mpsc::channel();
    let asking = move || {
        let ask = || -> zbus::Result<bool> {
            let bus = zbus::blocking::Connection::session()?;
            let watcher = zbus::blocking::Proxy::new(&bus, WATCHER, "/StatusNotifierWatcher", WATCHER)?;
            watcher.get_property("IsStatusNotifierHostRegistered")
        };
        let _ = answer.send(ask().unwrap_or(false));
    };
    std::thread::Builder::new().name("tray host".into()).spawn(asking).is_ok()
        && answered.recv_timeout(std::time::Duration::from_secs(1)).unwrap_or(false)
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn has_host() -> bool {
    true
}

fn build(app: &AppHandle) -> tauri::Result<()> {
    let words = guildhall_words::current();
    let open = MenuItem::with_id(app, "open", words.tray_open(), true, None::<&str>)?;
    let quit = MenuItem::with_id(app, "quit", words.tray_quit(), true, None::<&str>)?;
    let menu = Menu::with_items(app, &[&open, &quit])?;
    TrayIconBuilder::with_id(ID)
        .icon(Image::from_bytes(CALM)?)
        .tooltip(words.app_name())
        .menu(&menu)
        .on_menu_event(|app, event| match event.id().as_ref() {
            "open" => crate::windows::show_main(app),
            "quit" => app.exit(0),
            _ => {}
        })
        .on_tray_icon_event(|tray, event| {
            if let TrayIconEvent::Click { .. } = event {
                crate::windows::show_main(tray.app_handle());
            }
        })
        .build(app)?;
    Ok(())
}

/// Whether there is an icon to come back by.
pub fn is_installed(app: &AppHandle) -> bool {
    app.tray_by_id(ID).is_some()
}

/// Keeps the count up to date.
pub fn watch(window: &WebviewWindow, event: &UiEvent) {
    let count = match event {
        UiEvent::Unread { unread } => unread.messages,
        // Nobody is here any more whose messages these were.
        UiEvent::Session { session: SessionView::SignedOut { .. } } => 0,
        _ => return,
    };
    COUNTS.lock().unwrap_or_else(PoisonError::into_inner).insert(window.label().to_owned(), count);
    show(window.app_handle());
}

/// A window is gone, and what it counted with it.
pub fn forget(app: &AppHandle, label: &str) {
    COUNTS.lock().unwrap_or_else(PoisonError::into_inner).remove(label);
    show(app);
}

fn show(app: &AppHandle) {
    let total: u32 = COUNTS.lock().unwrap_or_else(PoisonError::into_inner).values().sum();
    let Some(tray) = app.tray_by_id(ID) else { return };
    let words = guildhall_words::current();
    let (icon, tooltip) = match total {
        0 => (CALM, words.app_name()),
        n => (UNREAD, words.tray_unread(n.into())),
    };
    let _ = tray.set_icon(Image::from_bytes(icon).ok());
    let _ = tray.set_tooltip(Some(tooltip));
    let title = (total > 0).then(|| total.to_string());
    let _ = tray.set_title(title);
}
