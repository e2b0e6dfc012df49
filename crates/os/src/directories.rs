//! Where this system wants data and downloads.

use std::path::PathBuf;

use directories::{ProjectDirs, UserDirs};
use guildhall_client::ports::Downloads;

/// The folders of the app.
#[derive(Clone, Debug)]
pub struct DataFolders {
    /// Everything that must be kept: accounts, profiles, the data of local mode.
    pub data: PathBuf,
}

impl DataFolders {
    /// The folders for this user; `None` when the system names no home.
    pub fn find() -> Option<Self> {
        let dirs = ProjectDirs::from("", "", "guildhall")?;
        Some(Self { data: dirs.data_local_dir().to_owned() })
    }
}

/// The user's downloads folder.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDownloads;

impl Downloads for SystemDownloads {
    fn folder(&self) -> Option<PathBuf> {
        let dirs = UserDirs::new()?;
        let fallback = || dirs.home_dir().join("Downloads");
        Some(dirs.download_dir().map_or_else(fallback, ToOwned::to_owned))
    }
}
