//! The cores that run: one for each window, and the server of local mode that they share.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use guildhall_client::{Core, CoreOptions, OpenError, ports::Click};
use guildhall_contract::{commands::Nothing, errors::AppError};
use guildhall_os::{SystemClipboard, SystemClock, SystemDownloads, SystemKeychain, SystemNotifier};
use tauri::{AppHandle, Manager, async_runtime};
use tokio::sync::mpsc;

use crate::local_mode::Local;

/// How long a core may take to put everything away when its window closes.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

/// Under which name tokens stand in the keychain.
const KEYCHAIN_SERVICE: &str = "app.guildhall.desktop";
/// The name of the desktop entry that the packages install.
const DESKTOP_ENTRY: &str = "Guildhall";

/// The name of this machine, for the list of devices.
fn device_name() -> Option<String> {
    let name = std::fs::read_to_string("/etc/hostname").ok().or_else(|| std::env::var("COMPUTERNAME").ok())?;
    let name = name.trim();
    (!name.is_empty()).then(|| guildhall_words::current().app_on(name))
}

/// Everything that runs behind the windows.
pub struct Cores {
    app: AppHandle,
    data_dir: PathBuf,
    local: Arc<Local>,
    open: Mutex<HashMap<String, Arc<Core>>>,
}

impl Cores {
    /// Nothing runs yet. All data is in `data_dir`.
    pub fn new(app: AppHandle, data_dir: PathBuf) -> Self {
        let local = Arc::new(Local::new(app.clone(), data_dir.join("local")));
        Self { app, data_dir, local, open: Mutex::default() }
    }

    fn open_cores(&self) -> MutexGuard<'_, HashMap<String, Arc<Core>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the core of a window.
    ///
    /// # Errors
    /// [`OpenError`], with what is in the way.
    pub fn open(&self, label: &str) -> Result<Arc<Core>, OpenError> {
        let (clicked, mut clicks_of_system) = mpsc::unbounded_channel::<Click>();
        let (forward, clicks) = mpsc::unbounded_channel();
        let (app, window) = (self.app.clone(), label.to_owned());
        async_runtime::spawn(async move {
            while let Some(click) = clicks_of_system.recv().await {
                // What a button does needs no window.
                if click.action.is_none() {
                    crate::windows::show(&app, &window);
                }
                // A core that is gone opens nothing any more.
                let _ = forward.send(click);
            }
        });
        let options = CoreOptions {
            data_dir: self.data_dir.clone(),
            profile: label.to_owned(),
            device_name: device_name(),
            keychain: Arc::new(SystemKeychain::new(KEYCHAIN_SERVICE)),
            notifier: Arc::new(SystemNotifier::new("Guildhall", DESKTOP_ENTRY, clicked)),
            clicks: Some(clicks),
            clock: Arc::new(SystemClock),
            local_mode: Some(Arc::clone(&self.local) as _),
            downloads: Arc::new(SystemDownloads),
            clipboard: Some(Arc::new(SystemClipboard)),
        };
        let core = async_runtime::block_on(Core::open(options))?;
        if let Ok(settings) = async_runtime::block_on(core.settings_get(Nothing {})) {
            crate::windows::keep(label, &settings);
        }
        self.open_cores().insert(label.to_owned(), Arc::clone(&core));
        Ok(core)
    }

    /// The core of a window.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when the window is closing.
    pub fn of(&self, label: &str) -> Result<Arc<Core>, AppError> {
        self.open_cores().get(label).cloned().ok_or(AppError::Unavailable)
    }

    /// Puts a window's core away.
    pub fn close(&self, label: &str) {
        let core = self.open_cores().remove(label);
        if let Some(core) = core {
            async_runtime::block_on(async { drop(tokio::time::timeout(CLOSE_TIMEOUT, core.shutdown()).await) });
        }
    }

    /// Puts everything away, the server of local mode last.
    pub fn close_all(&self) {
        let labels: Vec<String> = self.open_cores().keys().cloned().collect();
        for label in labels {
            self.close(&label);
        }
        async_runtime::block_on(self.local.stop());
    }
}

/// The core of a window, for a command that it sent.
///
/// # Errors
/// As [`Cores::of`].
pub fn core_of(window: &tauri::WebviewWindow) -> Result<Arc<Core>, AppError> {
    window.state::<Cores>().of(window.label())
}
