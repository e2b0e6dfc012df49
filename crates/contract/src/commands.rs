//! The command table: every command of the bridge between the interface and the core, once.
//!
//! [`for_each_command!`] passes the rows to a macro of the caller's choice, so that the TypeScript contract, the
//! desktop bridge and the browser host are all expansions of the same list and nothing is listed twice. A worked
//! example is in the test at the end of this file. Command names are noun then verb, so that they sort by feature.

use guildhall_market::ids::{AttachmentId, MessageId, TokenId, UserId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::views::{
    AboutView, AttachmentContent, AttachmentDraft, ConnectionView, ConversationKey, ConversationRow, CopiedFile,
    DemoPerson, DeviceView, MessagePreview, MessageView, NotificationView, PersonView, ServerCheck, ServerView,
    SessionView, Settings, ThreadView, UnreadView,
};

/// No data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Nothing {}

/// Calls the macro `$with` with every row of the table.
#[macro_export]
macro_rules! for_each_command {
    ($with:ident) => {
        $with! {
            /// Who is signed in here.
            session_get(Nothing) -> SessionView;
            /// Signs in with an existing account.
            session_sign_in(SignIn) -> SessionView;
            /// Makes an account and signs in.
            session_register(Register) -> SessionView;
            /// Signs out: revokes the token at the server if it can be reached, forgets it here. The outbox stays.
            session_sign_out(Nothing) -> SessionView;
            /// The servers that can be chosen on the sign-in screen, the last used first.
            server_list(Nothing) -> Vec<ServerView>;
            /// Looks whether a server is there and speaks our language. Never fails: the answer says what is wrong.
            server_check(ServerAddress) -> ServerCheck;
            /// The people of the demo market that one can be in local mode.
            local_people(Nothing) -> Vec<DemoPerson>;
            /// Starts the server inside this app, if it does not run yet, and signs in as a person of its demo market.
            local_start(LocalStart) -> SessionView;
            /// Opens another window beside this one, signed in as another person of the demo market.
            window_open_as(DemoChoice) -> Nothing;
            /// The state of the connection.
            connection_get(Nothing) -> ConnectionView;
            /// Tries to connect now instead of waiting for the next try.
            connection_retry(Nothing) -> ConnectionView;
            /// Unread counts.
            unread_get(Nothing) -> UnreadView;
            /// The conversation list, latest first. At most `limit` rows, 1 to 500.
            conversation_list(ConversationQuery) -> Vec<ConversationRow>;
            /// One row of the conversation list; made up empty for somebody one has not written to yet.
            conversation_get(ConversationRef) -> ConversationRow;
            /// Marks everything in a conversation as read, up to the newest message that is here.
            conversation_read(ConversationRef) -> Nothing;
            /// Takes a conversation out of the list on this device, until somebody writes in it. Refused (`waiting`) while
            /// something of it waits to be sent. Deletes nothing but the draft.
            conversation_remove(ConversationRef) -> Nothing;
            /// Tells the other person that I am typing. Call as often as keys are pressed: at most one a second is sent.
            conversation_typing(ConversationRef) -> Nothing;
            /// Part of a conversation: the newest messages, or those before `before`. At most `limit`, 1 to 200.
            thread_get(ThreadQuery) -> ThreadView;
            /// Keeps the unsent text of a conversation. An empty text removes it.
            draft_set(DraftSet) -> Nothing;
            /// What would be sent of a text, and whether it would be taken. Changes nothing.
            message_preview(MessageSend) -> MessagePreview;
            /// Accepts a message: when this answers, it is on disk and will be sent once. Takes the chosen files along.
            message_send(MessageSend) -> MessageView;
            /// Sends a failed message again, with other text if some is given.
            message_retry(MessageRetry) -> MessageView;
            /// Drops a message that is waiting or failed. One that is being sent cannot be dropped.
            message_discard(MessageRef) -> Nothing;
            /// Deletes a sent message of one's own, for both.
            message_delete(MessageDelete) -> Nothing;
            /// Chooses a file for the next message of a conversation. It is kept with the outbox from now on.
            attachment_add(AttachmentAdd) -> AttachmentDraft;
            /// The files or the picture that were copied elsewhere. None where words were copied: they are meant then.
            clipboard_files(Nothing) -> Vec<CopiedFile>;
            /// Takes a chosen file back.
            attachment_remove(AttachmentRemove) -> Nothing;
            /// The content of a file, from this device or from the server.
            attachment_get(AttachmentRef) -> AttachmentContent;
            /// Saves a file to the downloads folder. Answers with the path.
            attachment_save(AttachmentRef) -> String;
            /// Finds people by name. At most 20. Only people one has written with while there is no connection.
            person_search(PersonQuery) -> Vec<PersonView>;
            /// One person.
            person_get(PersonRef) -> PersonView;
            /// Blocks or unblocks somebody.
            person_block(PersonBlock) -> PersonView;
            /// Notices, newest first. At most `limit`, 1 to 100.
            notification_list(NotificationQuery) -> Vec<NotificationView>;
            /// Marks one notice as read.
            notification_read(NotificationRef) -> Nothing;
            /// Marks all notices as read.
            notification_read_all(Nothing) -> Nothing;
            /// Deletes a notice.
            notification_delete(NotificationRef) -> Nothing;
            /// Shows a notice through the system now, to try it.
            notification_test(Nothing) -> Nothing;
            /// All settings.
            settings_get(Nothing) -> Settings;
            /// Replaces all settings.
            settings_set(Settings) -> Settings;
            /// The devices that are signed in.
            device_list(Nothing) -> Vec<DeviceView>;
            /// Signs a device out.
            device_revoke(DeviceRef) -> Nothing;
            /// What the user looks at: whether the window has focus, and which conversation is open. Decides about
            /// notices and read marks.
            attention_set(Attention) -> Nothing;
            /// About this app and where it keeps its data.
            about_get(Nothing) -> AboutView;
        }
    };
}

/// `session_sign_in`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct SignIn {
    /// The server's address, as typed. Without a scheme it is https, except on loopback.
    pub server_url: String,
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
}

/// `session_register`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct Register {
    /// The server's address.
    pub server_url: String,
    /// The person's name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The password, at least 10 characters.
    pub password: String,
}

/// `server_check`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ServerAddress {
    /// The address, as typed.
    pub url: String,
}

/// `local_start`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LocalStart {
    /// Whom to be. Absent: the one used last, or the first.
    pub email: Option<String>,
}

/// `window_open_as`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DemoChoice {
    /// Whom to be.
    pub email: String,
}

/// `conversation_list`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ConversationQuery {
    /// Only those with unread messages.
    pub unread_only: bool,
    /// Only those whose person's name contains this.
    pub name: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// Names a conversation.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ConversationRef {
    /// Which.
    pub conversation: ConversationKey,
}

/// `thread_get`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ThreadQuery {
    /// Which conversation.
    pub conversation: ConversationKey,
    /// Only messages whose `order` is less than this. Absent: the newest.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// `draft_set`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DraftSet {
    /// Which conversation.
    pub conversation: ConversationKey,
    /// The text so far.
    pub body: String,
}

/// `message_send`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageSend {
    /// Which conversation.
    pub conversation: ConversationKey,
    /// The text. May be empty when files are chosen.
    pub body: String,
}

/// `message_retry`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageRetry {
    /// The message.
    pub key: String,
    /// The text to send instead.
    pub body: Option<String>,
}

/// Names a message.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageRef {
    /// Its key.
    pub key: String,
}

/// `message_delete`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageDelete {
    /// Its id at the server.
    pub id: MessageId,
}

/// `attachment_add`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct AttachmentAdd {
    /// Which conversation.
    pub conversation: ConversationKey,
    /// The file's name.
    pub name: String,
    /// The bytes in base64. At most 10 MiB decoded.
    pub base64: String,
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

/// `person_search`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PersonQuery {
    /// Part of a name.
    pub q: String,
}

/// `person_get`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PersonRef {
    /// Who.
    pub id: UserId,
}

/// `person_block`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PersonBlock {
    /// Who.
    pub id: UserId,
    /// Block, or unblock.
    pub blocked: bool,
}

/// `notification_list`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NotificationQuery {
    /// Only those with a smaller id. Absent: the newest.
    pub before: Option<i64>,
    /// Only unread ones.
    pub unread_only: bool,
    /// At most so many.
    pub limit: u32,
}

/// Names a notice.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NotificationRef {
    /// Its id.
    pub id: i64,
}

/// `device_revoke`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DeviceRef {
    /// Its token's id.
    pub id: TokenId,
}

/// `attention_set`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Attention {
    /// Whether the window has focus.
    pub focused: bool,
    /// The conversation whose newest messages are in view.
    pub conversation: Option<ConversationKey>,
}

macro_rules! declare {
    ($($(#[$doc:meta])* $name:ident($request:ty) -> $response:ty;)*) => {
        /// The names of all commands, in the order of the table.
        pub const COMMAND_NAMES: &[&str] = &[$(stringify!($name)),*];

        /// The commands as a type, for the TypeScript contract: name to request and response.
        #[derive(TS)]
        #[allow(dead_code)]
        pub struct Commands {
            $($(#[$doc])* pub $name: ($request, $response),)*
        }
    };
}
for_each_command!(declare);

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! signatures {
        ($($(#[$doc:meta])* $name:ident($request:ty) -> $response:ty;)*) => {
            &[$(concat!(stringify!($name), "(", stringify!($request), ") -> ", stringify!($response))),*]
        };
    }

    /// What a window may ask of the core, as it was reviewed: a change of the table is a change of this file, seen by whoever
    /// reads the change.
    #[test]
    fn the_table_is_the_one_that_was_reviewed() {
        let table: &[&str] = for_each_command!(signatures);
        let table = table.join("\n") + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/commands.txt");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &table).expect("the folder can be written");
        }
        let reviewed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            table == reviewed,
            "crates/contract/commands.txt is not the table: review the change, then run `UPDATE=1 cargo test -p guildhall-contract`"
        );
        assert_eq!(reviewed.lines().count(), COMMAND_NAMES.len());
    }

    #[test]
    fn names_are_unique_and_noun_then_verb() {
        let mut names = COMMAND_NAMES.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), COMMAND_NAMES.len());
        assert!(COMMAND_NAMES.iter().all(|name| name.contains('_')));
    }
}
