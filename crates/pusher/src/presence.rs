//! The roster of one presence channel: members by user, whatever the number of their sockets.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::limits::{CHANNEL_DATA_BYTES_MAX, USER_ID_CHARS_MAX};

/// A member as `channel_data` names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The user's id, as text.
    pub user_id: String,
    /// What the others may know.
    pub user_info: Value,
}

/// `channel_data` cannot be a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "channel_data must be a JSON object with \"user_id\" of at most {USER_ID_CHARS_MAX} characters, {CHANNEL_DATA_BYTES_MAX} bytes in all"
)]
pub struct NotAMember;

impl Member {
    /// Reads `channel_data`. A numeric `user_id` counts as its text.
    ///
    /// # Errors
    /// [`NotAMember`] when there is no usable `user_id`, or too much.
    pub fn parse(channel_data: &str) -> Result<Self, NotAMember> {
        if channel_data.len() > CHANNEL_DATA_BYTES_MAX {
            return Err(NotAMember);
        }
        let mut data: Map<String, Value> = serde_json::from_str(channel_data).map_err(|_| NotAMember)?;
        let user_id = match data.remove("user_id") {
            Some(Value::String(id)) if !id.is_empty() && id.chars().count() <= USER_ID_CHARS_MAX => id,
            Some(Value::Number(id)) => id.to_string(),
            _ => return Err(NotAMember),
        };
        Ok(Self { user_id, user_info: data.remove("user_info").unwrap_or(Value::Null) })
    }

    /// The body of `pusher_internal:member_added`.
    pub fn added(&self) -> String {
        json!({ "user_id": self.user_id, "user_info": self.user_info }).to_string()
    }

    /// The body of `pusher_internal:member_removed`.
    pub fn removed(user_id: &str) -> String {
        json!({ "user_id": user_id }).to_string()
    }
}

/// The members of one channel.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    members: BTreeMap<String, (Value, usize)>,
}

impl Roster {
    /// Adds one socket of a member. True when the member is new, so that the others must hear of it.
    pub fn join(&mut self, member: &Member) -> bool {
        let entry = self.members.entry(member.user_id.clone()).or_insert_with(|| (member.user_info.clone(), 0));
        entry.1 += 1;
        entry.1 == 1
    }

    /// Takes one socket of a member away. True when it was the last one, so that the others must hear of it.
    pub fn leave(&mut self, user_id: &str) -> bool {
        let Some(entry) = self.members.get_mut(user_id) else { return false };
        entry.1 -= 1;
        let gone = entry.1 == 0;
        if gone {
            self.members.remove(user_id);
        }
        gone
    }

    /// Members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether nobody is here.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The user ids, in order.
    pub fn user_ids(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// The body of `pusher_internal:subscription_succeeded`.
    pub fn snapshot(&self) -> String {
        let ids: Vec<&str> = self.user_ids().collect();
        let hash: Map<String, Value> = self.members.iter().map(|(id, (info, _))| (id.clone(), info.clone())).collect();
        json!({ "presence": { "count": ids.len(), "ids": ids, "hash": hash } }).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_with_several_sockets_joins_and_leaves_once() {
        let ana = Member::parse(r#"{"user_id":7,"user_info":{"name":"Ana"}}"#).expect("a member");
        let mut roster = Roster::default();
        assert!(roster.join(&ana));
        assert!(!roster.join(&ana));
        assert_eq!(roster.snapshot(), r#"{"presence":{"count":1,"hash":{"7":{"name":"Ana"}},"ids":["7"]}}"#);
        assert!(!roster.leave("7"));
        assert!(roster.leave("7"));
        assert!(!roster.leave("7"));
        assert!(roster.is_empty());
    }

    #[test]
    fn member_data_must_name_a_user() {
        for text in ["", "[]", "{}", r#"{"user_id":""}"#, r#"{"user_id":null}"#, r#"{"user_id":{}}"#] {
            assert_eq!(Member::parse(text), Err(NotAMember), "{text}");
        }
        assert_eq!(Member::parse(&format!(r#"{{"user_id":"{}"}}"#, "x".repeat(129))), Err(NotAMember));
    }
}
