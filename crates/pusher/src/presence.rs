//! The roster of one presence channel: members by user, whatever the number of their sockets.
//!
//! Somebody whose link broke stays for [`RETURN_MS`] and is not told to have left; somebody who left on purpose is.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{json, value::RawValue};

use crate::limits::{CHANNEL_DATA_BYTES_MAX, USER_ID_CHARS_MAX};

/// How long a member whose link broke may be away unnoticed, milliseconds (domain edge case 112).
pub const RETURN_MS: i64 = 30_000;

/// A member as `channel_data` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The user's id, as text.
    pub user_id: Box<str>,
    /// What the others may know, JSON as it came.
    pub user_info: Box<str>,
}

/// `channel_data` cannot be a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "channel_data must be a JSON object with \"user_id\" of at most {USER_ID_CHARS_MAX} characters, {CHANNEL_DATA_BYTES_MAX} bytes in all"
)]
pub struct NotAMember;

#[derive(Deserialize)]
struct ChannelData<'a> {
    #[serde(borrow)]
    user_id: &'a RawValue,
    #[serde(borrow, default)]
    user_info: Option<&'a RawValue>,
}

/// A user's id as text. A number counts as it is written, digit for digit: read as one, two large ones would be the same
/// person.
pub(crate) fn user_id(json: &RawValue) -> Option<String> {
    let written = json.get();
    let id = match written.as_bytes().first() {
        Some(b'"') => serde_json::from_str(written).ok()?,
        Some(b'-' | b'0'..=b'9') => written.to_owned(),
        _ => return None,
    };
    Some(id).filter(|id: &String| !id.is_empty() && id.chars().count() <= USER_ID_CHARS_MAX)
}

impl Member {
    /// Reads `channel_data`. A numeric `user_id` counts as its text.
    ///
    /// # Errors
    /// [`NotAMember`] when there is no usable `user_id`, or too much.
    pub fn parse(channel_data: &str) -> Result<Self, NotAMember> {
        if channel_data.len() > CHANNEL_DATA_BYTES_MAX {
            return Err(NotAMember);
        }
        let data: ChannelData = serde_json::from_str(channel_data).map_err(|_| NotAMember)?;
        let user_id = user_id(data.user_id).ok_or(NotAMember)?.into();
        Ok(Self { user_id, user_info: data.user_info.map_or("null", RawValue::get).into() })
    }

    /// The body of `pusher_internal:member_added`.
    pub fn added(&self) -> String {
        format!("{{\"user_id\":{},\"user_info\":{}}}", json!(self.user_id), self.user_info)
    }

    /// The body of `pusher_internal:member_removed`.
    pub fn removed(user_id: &str) -> String {
        json!({ "user_id": user_id }).to_string()
    }
}

#[derive(Clone, Debug)]
struct Entry {
    info: Box<str>,
    sockets: u32,
    /// When somebody whose link broke counts as gone.
    until: Option<i64>,
}

/// What a member's coming changes for the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// Somebody new.
    New,
    /// Somebody who is here already, or was thought to be.
    Known,
    /// Somebody who was thought to be here is back with other `user_info`: the one they know goes, this one comes.
    Changed,
}

/// The members of one channel.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    members: BTreeMap<Box<str>, Entry>,
}

impl Roster {
    /// Adds one socket of a member. While one of their sockets is here, the `user_info` of the first counts.
    pub fn join(&mut self, member: &Member) -> Joined {
        let Some(entry) = self.members.get_mut(&member.user_id) else {
            let entry = Entry { info: member.user_info.clone(), sockets: 1, until: None };
            self.members.insert(member.user_id.clone(), entry);
            return Joined::New;
        };
        let back = entry.until.take().is_some();
        entry.sockets += 1;
        if back && entry.info != member.user_info {
            entry.info = member.user_info.clone();
            return Joined::Changed;
        }
        Joined::Known
    }

    /// Takes one socket of a member away. True when it was the last one, so that the others must hear of it.
    pub fn leave(&mut self, user_id: &str) -> bool {
        let Some(entry) = self.members.get_mut(user_id) else { return false };
        entry.sockets = entry.sockets.saturating_sub(1);
        let gone = entry.sockets == 0;
        if gone {
            self.members.remove(user_id);
        }
        gone
    }

    /// The link of one socket broke at `now`. True when it was the member's last one, and [`expire`](Self::expire) must
    /// be asked at `now +` [`RETURN_MS`].
    pub fn lose(&mut self, user_id: &str, now: i64) -> bool {
        let Some(entry) = self.members.get_mut(user_id) else { return false };
        entry.sockets = entry.sockets.saturating_sub(1);
        if entry.sockets == 0 {
            entry.until = Some(now + RETURN_MS);
        }
        entry.sockets == 0
    }

    /// Takes the members away who did not come back, and answers with their ids.
    pub fn expire(&mut self, now: i64) -> Vec<Box<str>> {
        let mut gone = Vec::new();
        self.members.retain(|id, entry| {
            let stays = entry.until.is_none_or(|until| until > now);
            if !stays {
                gone.push(id.clone());
            }
            stays
        });
        gone
    }

    /// Members whose link broke, and who may still come back.
    pub fn away(&self) -> usize {
        self.members.values().filter(|entry| entry.until.is_some()).count()
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
        self.members.keys().map(AsRef::as_ref)
    }

    /// The body of `pusher_internal:subscription_succeeded`: everybody's count, and the first `shown` of them with
    /// `own` among them.
    pub fn snapshot(&self, shown: usize, own: Option<&str>) -> String {
        let own = own.filter(|_| self.members.len() > shown).and_then(|id| self.members.get_key_value(id));
        let first = self.members.iter().take(shown.saturating_sub(usize::from(own.is_some())));
        let listed = first.chain(own.filter(|(id, _)| {
            // Somebody among the first is listed already.
            self.members.keys().take(shown.saturating_sub(1)).all(|listed| listed != *id)
        }));
        let (mut ids, mut hash) = (String::new(), String::new());
        for (id, entry) in listed {
            let id = json!(id).to_string();
            for (text, addition) in [(&mut ids, ""), (&mut hash, entry.info.as_ref())] {
                if !text.is_empty() {
                    text.push(',');
                }
                text.push_str(&id);
                if !addition.is_empty() {
                    text.push(':');
                    text.push_str(addition);
                }
            }
        }
        format!("{{\"presence\":{{\"count\":{},\"ids\":[{ids}],\"hash\":{{{hash}}}}}}}", self.members.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: &str) -> Member {
        Member::parse(&json!({ "user_id": id, "user_info": { "name": id } }).to_string()).expect("a member")
    }

    #[test]
    fn e112_a_member_with_several_sockets_joins_and_leaves_once() {
        let ana = Member::parse(r#"{"user_id":7,"user_info":{"name":"Ana"}}"#).expect("a member");
        let mut roster = Roster::default();
        assert_eq!(roster.join(&ana), Joined::New);
        assert_eq!(roster.join(&ana), Joined::Known);
        assert_eq!(
            roster.snapshot(1_000, Some("7")),
            r#"{"presence":{"count":1,"ids":["7"],"hash":{"7":{"name":"Ana"}}}}"#
        );
        assert!(!roster.leave("7"));
        assert!(roster.leave("7"));
        assert!(!roster.leave("7"));
        assert!(roster.is_empty());
    }

    #[test]
    fn e112_somebody_whose_link_broke_is_back_within_thirty_seconds_or_gone() {
        let mut roster = Roster::default();
        let (ana, bo) = (member("ana"), member("bo"));
        roster.join(&ana);
        roster.join(&bo);
        assert!(roster.lose("ana", 0));
        assert!(roster.lose("bo", 5));
        assert_eq!(roster.expire(RETURN_MS - 1), []);
        assert_eq!(roster.away(), 2);
        assert_eq!(roster.join(&ana), Joined::Known, "nobody was told that she left");
        assert_eq!(roster.expire(RETURN_MS + 5), [Box::from("bo")]);
        assert_eq!(roster.join(&bo), Joined::New);
        assert!(roster.leave("ana"));
    }

    #[test]
    fn somebody_who_comes_back_with_other_info_is_known_by_it() {
        let member = |name: &str| {
            Member::parse(&json!({ "user_id": "ana", "user_info": { "name": name } }).to_string()).expect("a member")
        };
        let mut roster = Roster::default();
        roster.join(&member("Ana"));
        assert_eq!(roster.join(&member("Second")), Joined::Known, "the first of several sockets counts");
        assert!(!roster.lose("ana", 0));
        assert!(roster.lose("ana", 0));
        assert_eq!(roster.join(&member("Ana B.")), Joined::Changed);
        assert!(roster.snapshot(9, None).contains("Ana B."));
    }

    #[test]
    fn e38_a_long_roster_shows_some_members_oneself_among_them_and_counts_all() {
        let mut roster = Roster::default();
        for id in ["a", "b", "c", "d"] {
            roster.join(&member(id));
        }
        let ids = |own| {
            let snapshot: serde_json::Value = serde_json::from_str(&roster.snapshot(2, Some(own))).expect("JSON");
            assert_eq!(snapshot["presence"]["count"], 4);
            let ids: Vec<String> = serde_json::from_value(snapshot["presence"]["ids"].clone()).expect("ids");
            assert_eq!(snapshot["presence"]["hash"].as_object().expect("a hash").len(), ids.len());
            ids.concat()
        };
        assert_eq!(ids("a"), "a");
        assert_eq!(ids("b"), "ab");
        assert_eq!(ids("d"), "ad");
        let all: serde_json::Value = serde_json::from_str(&roster.snapshot(4, Some("a"))).expect("JSON");
        assert_eq!(all["presence"]["ids"], json!(["a", "b", "c", "d"]), "as many as fit");
    }

    #[test]
    fn member_data_must_name_a_user() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"user_id":true}"#,
            r#"{"user_id":[1]}"#,
            r#"{"user_id":""}"#,
            r#"{"user_id":null}"#,
            r#"{"user_id":{}}"#,
        ] {
            assert_eq!(Member::parse(text), Err(NotAMember), "{text}");
        }
        assert_eq!(Member::parse(&format!(r#"{{"user_id":"{}"}}"#, "x".repeat(129))), Err(NotAMember));
    }

    #[test]
    fn member_data_may_be_as_long_as_the_limit() {
        let padded = |bytes: usize| {
            let data = r#"{"user_id":"7","user_info":""}"#;
            data.replace(r#"info":"""#, &format!(r#"info":"{}""#, "x".repeat(bytes - data.len())))
        };
        assert!(Member::parse(&padded(CHANNEL_DATA_BYTES_MAX)).is_ok());
        for bytes in [CHANNEL_DATA_BYTES_MAX + 1, CHANNEL_DATA_BYTES_MAX * 2] {
            assert_eq!(Member::parse(&padded(bytes)), Err(NotAMember), "{bytes}");
        }
        let longest = "x".repeat(USER_ID_CHARS_MAX);
        assert_eq!(&*Member::parse(&json!({ "user_id": longest }).to_string()).expect("a member").user_id, longest);
    }

    #[test]
    fn a_roster_says_who_is_here_and_what_is_told_of_them() {
        let mut roster = Roster::default();
        assert_eq!((roster.len(), roster.is_empty()), (0, true));
        for id in ["b", "a"] {
            roster.join(&member(id));
        }
        assert_eq!((roster.len(), roster.is_empty()), (2, false));
        assert_eq!(roster.user_ids().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(member("a").added(), r#"{"user_id":"a","user_info":{"name":"a"}}"#);
        assert_eq!(Member::removed("a"), r#"{"user_id":"a"}"#);
    }

    #[test]
    fn large_numbers_are_as_many_people_as_there_are_numbers() {
        let id = |number: &str| Member::parse(&format!("{{\"user_id\": {number} }}")).expect("a member").user_id;
        for number in ["7", "-1", "9007199254740993", "100000000000000000001", "100000000000000000002"] {
            assert_eq!(&*id(number), number);
        }
        assert!(Member::parse(&format!("{{\"user_id\":{}}}", "1".repeat(129))).is_err(), "as long as a text may be");
    }
}
