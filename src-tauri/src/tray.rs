//! The tray: how much is unread, and the way back to a hidden window. Everything is in its menu, because on some
//! desktops a click on the icon does nothing.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use guildhall_contract::ui_events::UiEvent;
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
pub fn install(app: &AppHandle) -> tauri::Result<()> {
    let open = MenuItem::with_id(app, "open", "Open Guildhall", true, None::<&str>)?;
    let quit = MenuItem::with_id(app, "quit", "Quit", true, None::<&str>)?;
    let menu = Menu::with_items(app, &[&open, &quit])?;
    TrayIconBuilder::with_id(ID)
        .icon(Image::from_bytes(CALM)?)
        .tooltip("Guildhall")
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
    let UiEvent::Unread { unread } = event else { return };
    let total: u32 = {
        let mut counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
        counts.insert(window.label().to_owned(), unread.messages);
        counts.values().sum()
    };
    let Some(tray) = window.app_handle().tray_by_id(ID) else { return };
    let (icon, words) = match total {
        0 => (CALM, "Guildhall".to_owned()),
        1 => (UNREAD, "Guildhall, 1 unread message".to_owned()),
        n => (UNREAD, format!("Guildhall, {n} unread messages")),
    };
    let _ = tray.set_icon(Image::from_bytes(icon).ok());
    let _ = tray.set_tooltip(Some(words));
    let title = (total > 0).then(|| total.to_string());
    let _ = tray.set_title(title);
}
