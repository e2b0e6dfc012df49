//! Windows: the main one, one for each further person of local mode, and what closing one means.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use guildhall_contract::{
    sessions::{LocalStart, SessionView},
    settings::{Settings, Theme},
    ui_events::UiEvent,
};
use tauri::{
    AppHandle, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Window, Wry, async_runtime,
    plugin::TauriPlugin, window::Color,
};
use tauri_plugin_window_state::StateFlags;

use crate::{arguments::Arguments, cores::Cores};

/// The label of the first window.
pub const MAIN: &str = "main";

/// Default and smallest size, logical pixels.
const SIZE: (f64, f64) = (1_200.0, 800.0);
const SIZE_MIN: (f64, f64) = (900.0, 600.0);

/// `--canvas` of both themes.
const BACKGROUND_LIGHT: Color = Color(0xF2, 0xF3, 0xEE, 0xFF);
const BACKGROUND_DARK: Color = Color(0x13, 0x19, 0x17, 0xFF);

/// Keeps size and place of every window. Whether it was visible is not kept: a window that was hidden in the tray
/// shows itself at the next start.
pub fn state_plugin() -> TauriPlugin<Wry> {
    let flags = StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED;
    tauri_plugin_window_state::Builder::default().with_state_flags(flags).build()
}

/// What is known of a window without asking its page.
#[derive(Clone, Copy)]
struct Known {
    close_to_tray: bool,
    theme: Theme,
}

impl Default for Known {
    fn default() -> Self {
        let Settings { close_to_tray, theme, .. } = Settings::default();
        Self { close_to_tray, theme }
    }
}

static KNOWN: LazyLock<Mutex<HashMap<String, Known>>> = LazyLock::new(Mutex::default);

/// The colour of the page before it is painted, as in `ui/src/styles/tokens.css`.
fn background(app: &AppHandle, label: &str) -> Color {
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).get(label).copied().unwrap_or_default();
    let dark = match known.theme {
        Theme::Dark => true,
        Theme::Light => false,
        // What the desktop says is known of a window; before the first one, its page asks and paints itself.
        Theme::System => {
            app.webview_windows().values().next().is_some_and(|w| matches!(w.theme(), Ok(tauri::Theme::Dark)))
        }
    };
    if dark { BACKGROUND_DARK } else { BACKGROUND_LIGHT }
}

/// Opens an address with the program that the system has for it. Never waits for it.
fn open_outside(url: &str) {
    if let Err(error) = open::that_detached(url) {
        tracing::warn!(%error, "no program opens addresses here");
    }
}

fn build(app: &AppHandle, label: &str, title: &str) -> tauri::Result<WebviewWindow> {
    let window = WebviewWindowBuilder::new(app, label, WebviewUrl::App("index.html".into()))
        .title(title)
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(SIZE_MIN.0, SIZE_MIN.1)
        .initialization_script(format!("window.guildhallTray = {}", crate::tray::is_installed(app)))
        // Files that are dropped on the page belong to the page.
        .disable_drag_drop_handler()
        // The page's own menu pastes as the key does, with pictures and files.
        .enable_clipboard_access()
        // No white before a dark page is painted.
        .background_color(background(app, label))
        // The page may go nowhere but to itself. What a person follows opens in the browser.
        .on_navigation(|url| {
            let own = matches!(url.scheme(), "tauri" | "about") || url.host_str() == Some("tauri.localhost");
            if !own && matches!(url.scheme(), "http" | "https" | "mailto") {
                open_outside(url.as_str());
            }
            own
        });
    #[cfg(target_os = "macos")]
    let window = window.title_bar_style(tauri::TitleBarStyle::Overlay).hidden_title(true);
    #[cfg(not(target_os = "macos"))]
    let window = window.decorations(false);
    let window = window.build()?;
    crate::reach::follow(&window);
    Ok(window)
}

/// Opens the first window with the person who was here last.
///
/// # Errors
/// What is in the way, in words.
pub fn open_main(app: &AppHandle, arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let core = app.state::<Cores>().open(MAIN)?;
    if let Some(server) = &arguments.server {
        core.offer_server(server);
    }
    if arguments.local {
        async_runtime::spawn(async move {
            // Somebody of the demo market who was here before is here again already.
            let here = core.session_get(guildhall_contract::commands::Nothing {}).await;
            if !matches!(here, Ok(SessionView::SignedIn { local: true, .. })) {
                let started = core.local_start(LocalStart { email: None }).await;
                if let Err(error) = started {
                    tracing::error!(%error, "local mode did not start");
                }
            }
        });
    }
    build(app, MAIN, &guildhall_words::current().app_name())?;
    Ok(())
}

/// Opens a window beside the others, signed in as somebody of the demo market, or shows the one that is open.
///
/// # Errors
/// What is in the way, in words.
pub async fn open_person(app: &AppHandle, email: &str) -> Result<(), String> {
    let name: String =
        email.split('@').next().unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    let label = format!("person-{name}");
    if app.get_webview_window(&label).is_some() {
        show(app, &label);
        return Ok(());
    }
    let opening = app.clone();
    let opened = label.clone();
    let core = async_runtime::spawn_blocking(move || opening.state::<Cores>().open(&opened).map_err(|e| e.to_string()))
        .await
        .map_err(|e| e.to_string())??;
    let here = core.session_get(guildhall_contract::commands::Nothing {}).await;
    if !matches!(here, Ok(SessionView::SignedIn { .. })) {
        core.local_start(LocalStart { email: Some(email.to_owned()) }).await.map_err(|e| e.to_string())?;
    }
    build(app, &label, &guildhall_words::current().app_name()).map_err(|e| e.to_string())?;
    Ok(())
}

/// Brings a window to the front, out of the tray or the task bar.
pub fn show(app: &AppHandle, label: &str) {
    if let Some(window) = app.get_webview_window(label) {
        let _ = window.show();
        let _ = window.unminimize();
        let _ = window.set_focus();
        crate::reach::keep(&window);
    }
}

/// Brings the first window to the front, or any, if that one is closed.
pub fn show_main(app: &AppHandle) {
    let labels = app.webview_windows();
    let label = if labels.contains_key(MAIN) { Some(MAIN) } else { labels.keys().next().map(String::as_str) };
    if let Some(label) = label {
        show(app, label);
    }
}

/// Keeps what closing a window means.
pub fn watch(window: &WebviewWindow, event: &UiEvent) {
    if let UiEvent::Settings { settings } = event {
        keep(window.label(), settings);
    }
}

/// Keeps the settings of a window's person.
pub fn keep(label: &str, settings: &Settings) {
    let known = Known { close_to_tray: settings.close_to_tray, theme: settings.theme };
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).insert(label.to_owned(), known);
}

/// Whether closing this window leaves it in the tray.
pub fn stays_in_tray(window: &Window) -> bool {
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    crate::tray::is_installed(window.app_handle()) && known.get(window.label()).is_some_and(|k| k.close_to_tray)
}
