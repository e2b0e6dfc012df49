//! The key of a conversation, by which lists, drafts, files and notices name it.

use guildhall_market::{ids::UserId, messages::Subject};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Names one conversation on one server: the other person and what it is about. Opaque to the interface.
///
/// Written `7`, `7-job-12` or `7-domain-5`, so that it can stand in an address and in a list's keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(try_from = "String", into = "String")]
#[ts(type = "string")]
pub struct ConversationKey {
    /// The other person.
    pub user: UserId,
    /// What it is about.
    pub subject: Subject,
}

impl std::fmt::Display for ConversationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self.subject.parts() {
            ("", _) => write!(f, "{}", self.user),
            (kind, id) => write!(f, "{}-{kind}-{id}", self.user),
        }
    }
}

impl From<ConversationKey> for String {
    fn from(key: ConversationKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for ConversationKey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bad = || format!("not a conversation key: {text:?}, expected such as 7, 7-job-12 or 7-domain-5");
        let mut parts = text.splitn(3, '-');
        let user = parts.next().and_then(|p| p.parse().ok()).ok_or_else(bad)?;
        let subject = match (parts.next(), parts.next()) {
            (None, None) => Subject::None,
            (Some(kind), Some(id)) if !kind.is_empty() => guildhall_market::ids::parse_plain_decimal(id)
                .and_then(|id| Subject::from_parts(kind, id))
                .ok_or_else(bad)?,
            _ => return Err(bad()),
        };
        Ok(Self { user, subject })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversation_keys_read_back_as_they_are_written() {
        for text in ["7", "7-job-12", "7-domain-5"] {
            let key: ConversationKey = serde_json::from_value(text.into()).expect(text);
            assert_eq!(key.to_string(), text);
        }
        for text in ["", "x", "07", "7-", "7-job", "7-job-", "7-job-0", "7-boat-1", "7--1", "7-job-1-2", "-7"] {
            assert!(serde_json::from_value::<ConversationKey>(text.into()).is_err(), "{text:?}");
        }
    }
}
