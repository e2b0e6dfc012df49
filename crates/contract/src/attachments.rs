//! Files of messages.

use crate::bytes::Bytes;
use crate::conversation_key::ConversationKey;
use guildhall_market::ids::AttachmentId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! attachments_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// Chooses a file for the next message of a conversation. It is kept with the outbox from now on.
            attachment_add($crate::attachments::AttachmentAdd) -> $crate::attachments::AttachmentDraft as person;
            /// The files or the picture that were copied elsewhere. None where words were copied: they are meant then.
            clipboard_files($crate::commands::Nothing) -> Vec<$crate::attachments::CopiedFile> as person;
            /// Takes a chosen file back.
            attachment_remove($crate::attachments::AttachmentRemove) -> $crate::commands::Nothing as person;
            /// The content of a file, from this device or from the server.
            attachment_get($crate::attachments::AttachmentRef) -> $crate::attachments::AttachmentContent as person;
            /// Saves a file to the downloads folder. Answers with the path.
            attachment_save($crate::attachments::AttachmentRef) -> String as person;
        ] $($rest)* }
    };
    (states $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { states $with [$($rows)*
            /// The files chosen for the next message of a conversation changed.
            Attachments attachments last {
                /// All that are chosen now.
                drafts: Vec<$crate::attachments::AttachmentDraft>,
            } of {
                /// Which conversation.
                conversation: $crate::conversation_key::ConversationKey,
            };
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// A file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct Attachment {
    /// Which.
    #[schema(value_type = i64)]
    pub id: AttachmentId,
    /// A safe file name.
    pub name: String,
    /// The media type by content.
    pub mime: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
    /// Where the asking person can fetch it, for ten minutes.
    pub url: String,
}

/// A file of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AttachmentView {
    /// The server's id. Absent while the file is only here.
    pub id: Option<AttachmentId>,
    /// The id of the chosen file on this device, while it is only here.
    pub local_id: Option<String>,
    /// A safe file name.
    pub name: String,
    /// The media type by content.
    pub mime: String,
    /// Bytes.
    pub size: i64,
}

/// A file chosen for a message that is not sent yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AttachmentDraft {
    /// Names it on this device.
    pub local_id: String,
    /// A safe file name.
    pub name: String,
    /// The media type by content.
    pub mime: String,
    /// Bytes.
    pub size: i64,
}

/// A file that was copied in another program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CopiedFile {
    /// The file's name.
    pub name: String,
    /// The bytes; `None` when they are more than can be sent.
    pub bytes: Option<Bytes>,
}

/// The content of a file, for showing in the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AttachmentContent {
    /// The media type by content.
    pub mime: String,
    /// The bytes.
    pub bytes: Bytes,
}

/// `attachment_add`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct AttachmentAdd {
    /// Which conversation.
    pub conversation: ConversationKey,
    /// The file's name.
    pub name: String,
    /// The bytes. At most 10 MiB.
    pub bytes: Bytes,
    /// Keep the place where a photo was taken. Otherwise it is removed.
    pub keep_location: bool,
}

/// `attachment_remove`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AttachmentRemove {
    /// Which conversation.
    pub conversation: ConversationKey,
    /// Which file.
    pub local_id: String,
}

/// Names a file: by `id` once the server has it, else by `local_id`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AttachmentRef {
    /// The server's id.
    pub id: Option<AttachmentId>,
    /// The id on this device.
    pub local_id: Option<String>,
}
