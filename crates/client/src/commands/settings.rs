//! `settings_*` and `about_get`

use std::path::Path;

use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    settings::{AboutView, Settings},
    ui_events::UiEvent,
};

use crate::Core;

const DAY_MIN: u16 = 24 * 60;

impl Core {
    /// All settings: those of the account, or before a sign-in those used last.
    pub async fn settings_get(&self, _: Nothing) -> Result<Settings, AppError> {
        match self.account() {
            Ok(account) => Ok(account.settings()),
            Err(_) => Ok(self.device.lock().expect("no panic while held").settings.clone()),
        }
    }

    /// Replaces all settings.
    pub async fn settings_set(&self, request: Settings) -> Result<Settings, AppError> {
        let words = guildhall_words::current();
        let invalid = |field: &str, message: String| {
            Err(AppError::Invalid { field: field.into(), reason: "invalid".into(), message })
        };
        if ![100, 110, 125, 150].contains(&request.text_percent) {
            return invalid("text_percent", words.core_text_size());
        }
        if request.quiet_from_min >= DAY_MIN || request.quiet_to_min >= DAY_MIN {
            return invalid("quiet_from_min", words.core_time_of_day());
        }
        if let Ok(account) = self.account() {
            account.owned(account.own.set_settings(&request).await)?;
            *account.settings.write().expect("no panic while held") = request.clone();
        }
        {
            let mut device = self.device.lock().expect("no panic while held");
            device.use_settings(request.clone());
            device.save();
        }
        self.ui.send(UiEvent::Settings { settings: request.clone() });
        Ok(request)
    }

    /// About this app and where it keeps its data.
    pub async fn about_get(&self, _: Nothing) -> Result<AboutView, AppError> {
        let (cache_bytes, own_bytes) = match self.account() {
            Ok(account) => {
                (bytes_of(&account.files.folder, "cache.sqlite"), bytes_of(&account.files.folder, "own.sqlite"))
            }
            Err(_) => (0, 0),
        };
        let os = match std::env::consts::OS {
            os @ ("linux" | "macos" | "windows") => os,
            _ => "web",
        };
        Ok(AboutView {
            version: env!("CARGO_PKG_VERSION").into(),
            data_dir: self.data_dir.display().to_string(),
            cache_bytes,
            own_bytes,
            notification_service: self.ports.notifier.service_name().await,
            local_mode: self.ports.local_mode.is_some(),
            os: os.into(),
        })
    }
}

fn bytes_of(folder: &Path, name: &str) -> i64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let ours = files.filter(|entry| entry.file_name().to_string_lossy().starts_with(name));
    ours.filter_map(|entry| entry.metadata().ok()).map(|meta| i64::try_from(meta.len()).unwrap_or(0)).sum()
}
