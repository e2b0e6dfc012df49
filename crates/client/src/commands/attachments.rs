//! `attachment_*`

use std::{
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use guildhall_cache::own::NewFile;
use guildhall_contract::{
    attachments::{AttachmentAdd, AttachmentContent, AttachmentDraft, AttachmentRef, AttachmentRemove, CopiedFile},
    bytes::Bytes,
    commands::Nothing,
    errors::AppError,
    ui_events::{Toast, UiEvent},
};
use guildhall_market::attachments::{self, BYTES_MAX, Kind, PER_MESSAGE_MAX, safe_name};

use crate::{
    Core,
    chosen::{new_file, refused},
    error,
};

impl Core {
    /// Chooses a file for the next message of a conversation.
    pub async fn attachment_add(&self, request: AttachmentAdd) -> Result<AttachmentDraft, AppError> {
        let account = self.account()?;
        let AttachmentAdd { conversation, name, bytes: Bytes(bytes), keep_location, .. } = request;
        let new = NewFile { keep_location, ..new_file(conversation.clone(), &name, bytes)? };
        let chosen = account.owned(account.own.chosen_files(&conversation).await)?;
        if chosen.len() >= PER_MESSAGE_MAX {
            return Err(refused("too_many", &name));
        }
        let file = account.owned(account.own.add_file(&new).await)?;
        account.publish_files(&conversation).await;
        Ok(file.draft())
    }

    /// The files or the picture that were copied elsewhere.
    pub async fn clipboard_files(&self, _: Nothing) -> Result<Vec<CopiedFile>, AppError> {
        self.account()?;
        // A browser hands everything to the page itself.
        let Some(clipboard) = &self.ports.clipboard else { return Ok(Vec::new()) };
        // One more than a message takes, so that it is said that there are too many.
        let files = clipboard.files(PER_MESSAGE_MAX + 1, BYTES_MAX).await;
        let copied = files.into_iter();
        Ok(copied.map(|file| CopiedFile { name: file.name, bytes: file.bytes.map(Bytes) }).collect())
    }

    /// Takes a chosen file back.
    pub async fn attachment_remove(&self, request: AttachmentRemove) -> Result<Nothing, AppError> {
        let account = self.account()?;
        if !account.owned(account.own.remove_file(&request.local_id).await)? {
            return Err(AppError::NotFound);
        }
        account.publish_files(&request.conversation).await;
        Ok(Nothing {})
    }

    /// The content of a file, from this device or from the server.
    pub async fn attachment_get(&self, request: AttachmentRef) -> Result<AttachmentContent, AppError> {
        let (bytes, kind, _) = self.content(&request).await?;
        Ok(AttachmentContent { mime: kind.mime().into(), bytes: Bytes(bytes) })
    }

    /// Saves a file to the downloads folder.
    pub async fn attachment_save(&self, request: AttachmentRef) -> Result<String, AppError> {
        let folder = self.ports.downloads.folder().ok_or(AppError::Unavailable)?;
        let (bytes, kind, name) = self.content(&request).await?;
        let name = safe_name(&name.unwrap_or_default(), kind);
        let written = tokio::task::spawn_blocking(move || save(&folder, &name, &bytes)).await;
        let path = match written {
            Ok(Ok(path)) => path,
            Ok(Err(error)) if error.kind() == ErrorKind::StorageFull => return Err(AppError::DiskFull),
            Ok(Err(error)) => return Err(error::internal(&error)),
            Err(error) => return Err(error::internal(&error)),
        };
        let path = path.display().to_string();
        self.ui.send(UiEvent::Toast { toast: Toast::Saved { path: path.clone() } });
        Ok(path)
    }

    /// Bytes, what they are by content, and the name if it is known here.
    async fn content(&self, request: &AttachmentRef) -> Result<(Vec<u8>, Kind, Option<String>), AppError> {
        let account = self.account()?;
        let (mut bytes, mut name) = (None, None);
        if let Some(local_id) = &request.local_id {
            bytes = account.owned(account.own.file_bytes(local_id).await)?;
            name = account.owned(account.own.file(local_id).await)?.map(|file| file.name);
        }
        if let (None, Some(id)) = (&bytes, request.id) {
            name = account.cached(account.cache.attachment_name(id).await)?;
            bytes = Some(account.answered(account.api.download(id).await)?);
        }
        let bytes = bytes.ok_or(AppError::NotFound)?;
        let mime = infer::get(&bytes).map(|kind| kind.mime_type());
        // Whatever the server says it is: only what we would send ourselves is shown or saved.
        let shown = name.clone().unwrap_or_default();
        let kind = attachments::check(bytes.len(), mime).map_err(|refusal| refused(refusal.code(), &shown))?;
        Ok((bytes, kind, name))
    }
}

/// Writes under a name that nothing has yet.
fn save(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
    for n in 1..1_000 {
        let candidate = if n == 1 { name.to_owned() } else { format!("{stem} ({n}).{extension}") };
        let path = folder.join(candidate);
        match std::fs::File::options().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(mut file) => {
                let written = file.write_all(bytes).and_then(|()| file.sync_all());
                if written.is_err() {
                    let _ = std::fs::remove_file(&path);
                }
                return written.map(|()| path);
            }
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}
