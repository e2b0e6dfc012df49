//! What the handlers of messages share: reading what a message is about, and telling a reader of it.

use guildhall_contract::messages::MessageBody;
use guildhall_db::{Connection, attachments, messages};
use guildhall_market::{
    ids::{DomainId, JobId, MessageId, UserId},
    messages::{MessageFacts, Subject},
    time::Timestamp,
};

use crate::{error::ApiError, render};

/// What a message is about, of what a request says.
///
/// # Errors
/// 422 for both, or for what is no id.
pub fn subject_of(job_id: Option<i64>, domain_id: Option<i64>) -> Result<Subject, ApiError> {
    let positive = |field: &str, id: i64| {
        let range = 1..=guildhall_market::ids::ID_MAX;
        if range.contains(&id) {
            Ok(id)
        } else {
            Err(ApiError::invalid(field, format!("`{field}` must be a positive integer.")))
        }
    };
    match (job_id, domain_id) {
        (Some(_), Some(_)) => {
            Err(ApiError::invalid("domain_id", "A message is about a job or about a domain, not about both."))
        }
        (Some(id), None) => Ok(Subject::Job(JobId(positive("job_id", id)?))),
        (None, Some(id)) => Ok(Subject::Domain(DomainId(positive("domain_id", id)?))),
        (None, None) => Ok(Subject::None),
    }
}

/// Messages as `reader` sees them.
///
/// # Errors
/// The database's.
pub async fn bodies(
    c: &mut Connection,
    rows: &[messages::Message],
    secret: &str,
    reader: UserId,
    now: Timestamp,
) -> Result<Vec<MessageBody>, ApiError> {
    let ids: Vec<MessageId> = rows.iter().map(|row| row.id).collect();
    let files = attachments::of_messages(c, &ids).await?;
    Ok(rows.iter().map(|row| render::message(row, &files, secret, reader, now)).collect())
}

/// What rights over a message depend on.
pub fn facts(row: &messages::Message) -> MessageFacts {
    MessageFacts { sender: row.sender_id, recipient: row.recipient_id, deleted: row.deleted_at_ms.is_some() }
}
