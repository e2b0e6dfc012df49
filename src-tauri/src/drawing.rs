//! How the page is drawn on Linux: by the graphics processor, or without one.
//!
//! Where OpenGL is computed by the processor, a page that is put together "with acceleration" costs more than one that
//! is simply painted: a caret that blinks then redraws the whole window.

use std::path::Path;

/// WebKitGTK's own: anything but `0` turns acceleration off.
const SWITCH: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";

/// Whether pages are better painted without acceleration: there is no graphics processor under `dev`, or its use is
/// turned off for this process. `variable` reads the environment.
fn is_software(dev: &Path, variable: impl Fn(&str) -> Option<String>) -> bool {
    // Mesa's own switches for its renderers on the processor.
    if variable("LIBGL_ALWAYS_SOFTWARE").is_some_and(|value| matches!(value.as_str(), "1" | "true" | "yes" | "y")) {
        return true;
    }
    if variable("GALLIUM_DRIVER").is_some_and(|value| matches!(value.as_str(), "llvmpipe" | "softpipe")) {
        return true;
    }
    let starts = |folder: &Path, prefix: &str| {
        std::fs::read_dir(folder)
            .is_ok_and(|files| files.flatten().any(|file| file.file_name().to_string_lossy().starts_with(prefix)))
    };
    // NVIDIA's own driver may come without a node of the kernel's kind.
    !starts(&dev.join("dri"), "renderD") && !dev.join("nvidiactl").exists()
}

/// Chooses how pages are drawn, before anything is: where no graphics processor is, the program begins anew with the
/// webview's own switch set. What somebody set themselves stays.
///
/// The webview reads the switch once, as it begins, and the environment of a process with threads is not safely changed.
/// Its setting for one page is no way either: a page that learns it after it was made is deaf to the wheel from then on,
/// and paints its scrollbars over everything.
pub fn choose() {
    use std::os::unix::process::CommandExt;

    if std::env::var_os(SWITCH).is_some() || !is_software(Path::new("/dev"), |name| std::env::var(name).ok()) {
        return;
    }
    tracing::info!("there is no graphics processor: pages are drawn without acceleration");
    let error = match std::env::current_exe() {
        Ok(program) => std::process::Command::new(program).args(std::env::args_os().skip(1)).env(SWITCH, "1").exec(),
        Err(error) => error,
    };
    // Drawn with acceleration it is only slower.
    tracing::warn!(%error, "how pages are drawn could not be chosen");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acceleration_is_off_where_the_processor_would_do_it() {
        let dev = std::env::temp_dir().join(format!("guildhall-drawing-{}", std::process::id()));
        let none = |_: &str| None;
        let with = |name: &'static str, value: &'static str| move |asked: &str| (asked == name).then(|| value.into());
        assert!(is_software(&dev, none), "no devices at all");
        std::fs::create_dir_all(dev.join("dri")).expect("a folder");
        std::fs::write(dev.join("dri/card0"), "").expect("writable");
        assert!(is_software(&dev, none), "a screen, and nothing that draws");
        std::fs::write(dev.join("dri/renderD128"), "").expect("writable");
        assert!(!is_software(&dev, none), "a graphics processor");
        assert!(is_software(&dev, with("LIBGL_ALWAYS_SOFTWARE", "1")));
        assert!(is_software(&dev, with("GALLIUM_DRIVER", "llvmpipe")));
        assert!(!is_software(&dev, with("LIBGL_ALWAYS_SOFTWARE", "0")));
        std::fs::remove_file(dev.join("dri/renderD128")).expect("removable");
        std::fs::write(dev.join("nvidiactl"), "").expect("writable");
        assert!(!is_software(&dev, none), "a graphics processor with a driver of its own");
        std::fs::remove_dir_all(&dev).expect("removable");
    }
}
