//! Keeps every window where one can take hold of it, whatever screen went away. Where it has to go is decided in
//! `guildhall_os`; here are only the moments at which to ask, and the toolkit's words for it.

use std::time::Duration;

use guildhall_os::{Area, within_reach};
use tauri::{Manager as _, PhysicalPosition, PhysicalRect, PhysicalSize, WebviewWindow, WindowEvent, async_runtime};

/// `--title-h`, logical pixels.
const STRIP: f64 = 40.0;
/// A window gets to know its place some time after it was asked to go there, and desktops place windows anew some time
/// after a screen has gone.
const LATER: [Duration; 2] = [Duration::from_millis(300), Duration::from_millis(1_500)];

fn area(rect: &PhysicalRect<i32, u32>) -> Area {
    Area { x: rect.position.x, y: rect.position.y, width: rect.size.width, height: rect.size.height }
}

/// Brings a window back whose title strip is out of reach.
fn keep_now(window: &WebviewWindow) -> tauri::Result<()> {
    if window.is_maximized()? || window.is_minimized()? || window.is_fullscreen()? {
        return Ok(());
    }
    let screens: Vec<Area> = window.available_monitors()?.iter().map(|monitor| area(monitor.work_area())).collect();
    let now = area(&PhysicalRect { position: window.outer_position()?, size: window.outer_size()? });
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some dozens of pixels")]
    let strip = (STRIP * window.scale_factor()?).round() as u32;
    if let Some(to) = within_reach(now, strip, &screens) {
        tracing::info!(label = window.label(), ?now, ?to, "a window was out of reach");
        if (to.width, to.height) != (now.width, now.height) {
            window.set_size(PhysicalSize::new(to.width, to.height))?;
        }
        window.set_position(PhysicalPosition::new(to.x, to.y))?;
    }
    Ok(())
}

/// Brings a window back whose title strip is out of reach, now and when the desktop has settled.
pub fn keep(window: &WebviewWindow) {
    let window = window.clone();
    async_runtime::spawn(async move {
        for wait in LATER {
            tokio::time::sleep(wait).await;
            if let Err(error) = keep_now(&window) {
                tracing::debug!(%error, "the window is gone, or its place is not known");
                return;
            }
        }
    });
}

/// Asks at every moment at which a window may have come out of reach. Never while it is dragged: whoever drags it has
/// hold of it.
pub fn follow(window: &WebviewWindow) {
    keep(window);
    let own = window.clone();
    window.on_window_event(move |event| {
        if matches!(event, WindowEvent::Focused(true) | WindowEvent::ScaleFactorChanged { .. }) {
            keep(&own);
        }
    });
}

/// Asks whenever a screen comes, goes or changes, which Tauri tells nobody. To be called once, on the main thread.
#[cfg(all(unix, not(target_os = "macos")))]
pub fn follow_screens(app: &tauri::AppHandle) {
    let Some(screen) = gtk::gdk::Screen::default() else { return };
    let changed = || {
        let app = app.clone();
        move |_: &gtk::gdk::Screen| app.webview_windows().values().for_each(keep)
    };
    screen.connect_monitors_changed(changed());
    screen.connect_size_changed(changed());
}
