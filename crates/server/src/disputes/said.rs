//! What is said in a dispute, as it is read and kept.

use axum::http::StatusCode;
use guildhall_contract::disputes::DisputeCommand;
use guildhall_db::{Connection, disputes as stored};
use guildhall_market::{
    attachments::PER_MESSAGE_MAX,
    ids::{AttachmentId, UserId},
    jobs::posts::clean_reason,
    money::{
        disputes::{self as rules, Proposed, REASON_CHARS, Split},
        escrow_steps::Role,
    },
    time::Timestamp,
};

use crate::{error::ApiError, jobs::bodies::refused};

impl From<rules::Refusal> for ApiError {
    fn from(refusal: rules::Refusal) -> Self {
        let words = format!("This cannot be done: {refusal}.");
        match refusal {
            rules::Refusal::Forbidden => Self::forbidden(words),
            rules::Refusal::BadSplit { .. } => Self::field(refusal.code(), "to_payee_minor", words),
            rules::Refusal::NothingProposed | rules::Refusal::Changed => {
                Self::new(StatusCode::CONFLICT, refusal.code(), words)
            }
        }
    }
}

/// A reason of 10 to 1,000 characters.
///
/// # Errors
/// 422 on the field `reason`.
pub fn reason(raw: Option<&str>) -> Result<String, ApiError> {
    let words = clean_reason(raw.unwrap_or_default()).map_err(|wrong| refused("reason", &wrong))?;
    if words.chars().count() < REASON_CHARS.0 {
        let said =
            format!("Say why in {} characters at least: the other side and an administrator read it.", REASON_CHARS.0);
        return Err(ApiError::field("too_short", "reason", said));
    }
    Ok(words)
}

/// A split that is said whole, or not at all.
///
/// # Errors
/// 422 `bad_split` for half of one.
pub fn split(body: &DisputeCommand) -> Result<Option<Split>, ApiError> {
    match (body.to_payee_minor, body.to_payer_minor) {
        (Some(to_payee), Some(to_payer)) => Ok(Some(Split { to_payee, to_payer })),
        (None, None) => Ok(None),
        _ => Err(ApiError::field(
            "bad_split",
            "to_payee_minor",
            "Say both parts: `to_payee_minor` and `to_payer_minor`.",
        )),
    }
}

/// Notes what somebody says and shows.
///
/// # Errors
/// 422 for too many files, or one that is not theirs; the database's.
pub async fn says(
    c: &mut Connection,
    dispute: i64,
    (user, words): (UserId, &str),
    files: &[AttachmentId],
    now: Timestamp,
) -> Result<(), ApiError> {
    if files.len() > PER_MESSAGE_MAX {
        let words = format!("At most {PER_MESSAGE_MAX} files are shown at once.");
        return Err(ApiError::field("too_many", "attachments", words));
    }
    let statement = stored::say(c, dispute, user, words, now).await?;
    for (position, file) in files.iter().enumerate() {
        if !stored::show(c, (*file, user), statement, position).await? {
            let words = "One of the files is not yours, or was used before. Upload it again.";
            return Err(ApiError::field("not_found", "attachments", words));
        }
    }
    Ok(())
}

/// Takes over what one side proposes. Answers with what is agreed, where the other proposes the very same.
///
/// # Errors
/// `bad_split`, and `forbidden` for whoever is no side.
pub fn proposes(dispute: &mut stored::Dispute, role: Role, split: Split, held: i64) -> Result<Option<Split>, ApiError> {
    match rules::propose(dispute.proposals(), role, split, held)? {
        Proposed::Waits(proposals) => {
            dispute.proposes(proposals);
            Ok(None)
        }
        Proposed::Agreed(split) => Ok(Some(split)),
    }
}
