//! The notice of a message.

use guildhall_db::{attachments, messages};
use guildhall_market::{ids::UserId, messages::Subject};

/// Characters of a message shown in its notice.
const NOTICE_CHARS_MAX: usize = 140;

/// Names a conversation from one side, for notices.
pub fn notice_subject(other: UserId, subject: Subject) -> String {
    let (kind, id) = subject.parts();
    if kind.is_empty() { format!("conversation:{other}") } else { format!("conversation:{other}:{kind}:{id}") }
}

/// The notice of a message: what it is about, its words, its data as JSON.
pub fn notice_of(row: &messages::Message, files: &[attachments::Attachment]) -> (String, String, String) {
    let sender = row.sender_id;
    let (job_id, domain_id) = match row.subject {
        Subject::None => (None, None),
        Subject::Job(id) => (Some(id), None),
        Subject::Domain(id) => (None, Some(id)),
    };
    let data = serde_json::json!({
        "conversation_user_id": sender, "message_id": row.id, "job_id": job_id, "domain_id": domain_id,
    });
    let mut shown: String = row.body.chars().take(NOTICE_CHARS_MAX).collect();
    if shown.is_empty() {
        shown = files.first().map(|file| file.name.clone()).unwrap_or_default();
    }
    (notice_subject(sender, row.subject), shown, data.to_string())
}
