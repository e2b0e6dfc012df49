//! What this profile remembers besides the accounts: who was here last, and which servers were used.

use std::path::{Path, PathBuf};

use guildhall_cache::files::{private_folder, replace_file};
use guildhall_contract::{
    sessions::{Registering, ServerView, TokenStore},
    settings::Settings,
};
use serde::{Deserialize, Serialize};

/// Servers that are remembered.
const SERVERS_MAX: usize = 8;

/// The remembered account. Its token is in the keychain, never here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LastAccount {
    /// The name of its folder.
    pub(crate) folder: String,
    pub(crate) user_id: i64,
    pub(crate) name: String,
    pub(crate) craft: Option<String>,
    #[serde(default)]
    pub(crate) verified: bool,
    #[serde(default)]
    pub(crate) admin: bool,
    pub(crate) email: String,
    pub(crate) server_url: String,
    pub(crate) local: bool,
    pub(crate) token_store: TokenStore,
}

/// An account that is being made here. What opens it with the code is in the keychain, never here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptRegistration {
    pub(crate) view: Registering,
    /// Its name in the keychain.
    pub(crate) kept_as: String,
}

/// The content of a profile's file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Device {
    #[serde(skip)]
    path: PathBuf,
    pub(crate) account: Option<LastAccount>,
    /// Whether the account is signed in: restored at the next start.
    pub(crate) signed_in: bool,
    pub(crate) local_email: Option<String>,
    pub(crate) servers: Vec<ServerView>,
    pub(crate) registering: Option<KeptRegistration>,
    /// The settings used last, for the screens before the sign-in.
    pub(crate) settings: Settings,
}

impl Device {
    /// Reads a profile's file. One that is missing or cannot be read counts as new.
    pub(crate) fn load(data_dir: &Path, profile: &str) -> std::io::Result<Self> {
        let folder = data_dir.join("profiles");
        private_folder(&folder)?;
        let safe: String =
            profile.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
        let path = folder.join(format!("{safe}.json"));
        let mut device: Self =
            std::fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        device.path = path;
        guildhall_words::write_in(device.settings.region.name());
        Ok(device)
    }

    /// The settings used last are these from now on. What is said for all windows, as in the tray, follows them too.
    pub(crate) fn use_settings(&mut self, settings: Settings) {
        guildhall_words::write_in(settings.region.name());
        self.settings = settings;
    }

    /// Writes it down. A disk that refuses costs only the convenience.
    pub(crate) fn save(&self) {
        let text = serde_json::to_vec_pretty(self).expect("plain values");
        if let Err(error) = replace_file(&self.path, &text) {
            tracing::warn!(%error, "the profile cannot be written");
        }
    }

    /// Puts a server in front of the list.
    pub(crate) fn remember_server(&mut self, url: &str, name: &str) {
        self.servers.retain(|server| server.url != url);
        self.servers.insert(0, ServerView { url: url.to_owned(), name: name.to_owned() });
        self.servers.truncate(SERVERS_MAX);
    }
}
