//! Who is on a presence channel. What a server says of them is bounded: it may say anything.

use std::collections::BTreeMap;

use serde_json::Value;

/// The events of a roster.
pub(super) const MEMBER_ADDED: &str = "pusher_internal:member_added";
pub(super) const MEMBER_REMOVED: &str = "pusher_internal:member_removed";

/// Members that are kept by name. Of more only the count is known (domain rule: 1,000 are shown, then a count).
pub(super) const MEMBERS_MAX: usize = 1_000;
/// The weight of what is shown of them at most, by [`weight`].
pub(super) const MEMBERS_WEIGHT_MAX: usize = 1 << 20;

/// How much memory a value takes, roughly, in values and letters: about 32 bytes for each of the first at the most.
pub(super) fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => 1 + text.len() / 32,
        Value::Array(values) => 1 + values.iter().map(weight).sum::<usize>(),
        Value::Object(fields) => {
            1 + fields.iter().map(|(name, value)| 2 + name.len() / 32 + weight(value)).sum::<usize>()
        }
        _ => 1,
    }
}

/// Who is on a presence channel, as the server told.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Roster {
    /// By id, what is shown of them.
    pub(crate) members: BTreeMap<String, Value>,
    /// How many there are; may be more than there are members here.
    pub(crate) count: u32,
    weight: usize,
}

impl Roster {
    /// As a subscription begins: `{"presence": {"count", "ids", "hash"}}`. `None` for another kind of channel.
    pub(super) fn read(channel: &str, data: &Value) -> Option<Self> {
        let presence = data.get("presence").filter(|_| channel.starts_with("presence-"))?;
        let mut roster = Self::default();
        for (id, info) in presence["hash"].as_object().into_iter().flatten() {
            roster.add(id.clone(), info);
        }
        let count = presence["count"].as_u64().and_then(|count| u32::try_from(count).ok());
        roster.count = roster.count.max(count.unwrap_or_default());
        Some(roster)
    }

    /// Somebody came or went. Whether that changed anything.
    pub(super) fn changed(&mut self, event: &str, data: &Value) -> bool {
        let Some(id) = member_id(&data["user_id"]) else { return false };
        if event == MEMBER_REMOVED {
            // Beyond those that are kept somebody may go whose name was never here.
            let counted = self.forget(&id) || self.count as usize > self.members.len();
            self.count -= u32::from(counted && self.count > 0);
            return counted;
        }
        self.add(id, &data["user_info"]);
        true
    }

    /// Somebody is here. By name where there is room.
    fn add(&mut self, id: String, info: &Value) {
        let new = !self.forget(&id);
        self.count = self.count.saturating_add(u32::from(new));
        let weight = self.weight + member_weight(&id, info);
        if self.members.len() < MEMBERS_MAX && weight <= MEMBERS_WEIGHT_MAX {
            self.weight = weight;
            self.members.insert(id, info.clone());
        }
    }

    /// Whether somebody was here by name, who is not any more.
    fn forget(&mut self, id: &str) -> bool {
        let Some(info) = self.members.remove(id) else { return false };
        self.weight -= member_weight(id, &info);
        true
    }
}

fn member_weight(id: &str, info: &Value) -> usize {
    1 + id.len() / 32 + weight(info)
}

fn member_id(id: &Value) -> Option<String> {
    match id {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}
