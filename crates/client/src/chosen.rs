//! Files that were chosen on this device and go with something that the server does not have yet.

use guildhall_cache::own::{Edit, NewFile};
use guildhall_contract::{conversation_key::ConversationKey, errors::AppError};
use guildhall_market::{
    attachments::{self, safe_name},
    messages::Subject,
};
use uuid::Uuid;

use crate::account::Account;

/// A file is not taken.
pub(crate) fn refused(reason: &str, name: &str) -> AppError {
    AppError::Attachment { reason: reason.into(), name: name.into() }
}

/// A file to be kept here, of a kind that is taken by its content. It belongs to a conversation's next message; what goes with
/// something else belongs to the one with oneself, which nobody writes in.
pub(crate) fn new_file(conversation: ConversationKey, name: &str, bytes: Vec<u8>) -> Result<NewFile, AppError> {
    let mime = infer::get(&bytes).map(|kind| kind.mime_type());
    let kind = attachments::check(bytes.len(), mime).map_err(|refusal| refused(refusal.code(), name))?;
    Ok(NewFile {
        local_id: Uuid::new_v4().to_string(),
        upload_key: Uuid::new_v4().to_string(),
        conversation,
        name: safe_name(name, kind),
        mime: kind.mime().into(),
        bytes,
        keep_location: false,
    })
}

/// The conversation with oneself: what is kept under it goes with something else than a message.
pub(crate) fn with_oneself(account: &Account) -> ConversationKey {
    ConversationKey { user: account.who.user, subject: Subject::None }
}

/// Forgets files that were chosen for a change which never came: the app was closed before it was said.
pub(crate) async fn forget_left(account: &Account) {
    let chosen = account.owned(account.own.chosen_files(&with_oneself(account)).await).unwrap_or_default();
    let Ok(waiting) = account.owned(account.own.edits(None).await) else { return };
    for file in chosen {
        let wanted = |edit: &Edit| edit.body.as_ref().is_some_and(|body| body.contains(&file.local_id));
        if !waiting.iter().any(wanted) {
            let _ = account.owned(account.own.remove_file(&file.local_id).await);
        }
    }
}
