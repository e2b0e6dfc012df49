//! `account_*`: what belongs to one as a file, and the end of an account.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use guildhall_contract::{
    commands::Nothing,
    departures::{AccountDelete, Departure},
    errors::AppError,
    ui_events::{Toast, UiEvent},
};
use reqwest::{Method, RequestBuilder};
use tokio::io::AsyncWriteExt;

use crate::{
    Core, error,
    rest::{self, ApiError},
};

/// How long a file may take that holds everything: gigabytes over a slow link.
const SAVE_TIMEOUT: Duration = Duration::from_secs(4 * 3_600);

impl Core {
    /// Saves everything of one's own in the downloads folder.
    pub async fn account_export(&self, _: Nothing) -> Result<String, AppError> {
        let request = self.account()?.api.request(Method::GET, "/api/user/export");
        save_answer(self, request, "guildhall-export.zip").await
    }

    /// Deletes one's account, and what of it is on this device.
    pub async fn account_delete(&self, request: AccountDelete) -> Result<Departure, AppError> {
        let account = self.account()?;
        let asked = account.api.request(Method::DELETE, "/api/user").json(&request);
        match rest::done(asked).await {
            Err(ApiError::Refused { refusal, .. }) if refusal.code == "must_end_first" => {
                let first = refusal.errors.into_values().next().unwrap_or_else(|| vec![refusal.message]);
                return Ok(Departure { first });
            }
            answer => account.answered(answer)?,
        }
        let folder = account.files.folder.clone();
        drop(account);
        self.leave(None).await;
        self.forget_account().await;
        // Nothing of it can be sent any more, nor fetched: the outbox goes, too.
        if let Err(error) = tokio::fs::remove_dir_all(&folder).await {
            tracing::warn!(%error, "the files of a deleted account cannot be removed");
        }
        Ok(Departure { first: Vec::new() })
    }
}

/// Saves what a request answers with, of any size, in the downloads folder under a name that nothing has there yet.
pub(super) async fn save_answer(core: &Core, request: RequestBuilder, name: &str) -> Result<String, AppError> {
    let account = core.account()?;
    core.ports.downloads.folder().ok_or(AppError::Unavailable)?;
    let mut answer = account.answered(rest::stream(request.timeout(SAVE_TIMEOUT)).await)?;
    save(core, name, async |file| {
        while let Some(chunk) = account.answered(answer.next().await)? {
            file.write_all(&chunk).await.map_err(failed)?;
        }
        Ok(())
    })
    .await
}

/// Saves a text there in the same way.
pub(crate) async fn save_text(core: &Core, text: &str, name: &str) -> Result<String, AppError> {
    save(core, name, async |file| file.write_all(text.as_bytes()).await.map_err(failed)).await
}

fn failed(error: std::io::Error) -> AppError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => AppError::DiskFull,
        _ => error::internal(&error),
    }
}

async fn save(
    core: &Core,
    name: &str,
    fill: impl AsyncFnOnce(&mut tokio::fs::File) -> Result<(), AppError>,
) -> Result<String, AppError> {
    let folder = core.ports.downloads.folder().ok_or(AppError::Unavailable)?;
    tokio::fs::create_dir_all(&folder).await.map_err(failed)?;
    let part = folder.join(format!(".{name}.{}", uuid::Uuid::new_v4()));
    let written = async {
        let mut file = tokio::fs::File::create_new(&part).await.map_err(failed)?;
        fill(&mut file).await?;
        file.sync_all().await.map_err(failed)?;
        place(&part, &folder, name).await.map_err(failed)
    }
    .await;
    if written.is_err() {
        // A part must not be taken for the whole.
        let _ = tokio::fs::remove_file(&part).await;
    }
    let path = written?.display().to_string();
    core.ui.send(UiEvent::Toast { toast: Toast::Saved { path: path.clone() } });
    Ok(path)
}

/// Gives a whole file its name, or one like it where something has that.
async fn place(part: &Path, folder: &Path, name: &str) -> std::io::Result<PathBuf> {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
    for n in 1..1_000 {
        let path = folder.join(if n == 1 { name.to_owned() } else { format!("{stem} ({n}).{extension}") });
        // A link takes no name that something has.
        match tokio::fs::hard_link(part, &path).await {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(()) => {
                let _ = tokio::fs::remove_file(part).await;
                return Ok(path);
            }
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}
