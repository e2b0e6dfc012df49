//! Rows of a stranger, read one by one: one that cannot be read is mended as far as it goes and marked, and never stops
//! the others.

use guildhall_market::time::Timestamp;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{feed::FeedRow, wire_time::WireTime};

/// The kind of a message or a notice of which not everything could be read.
pub const UNREADABLE: &str = "unreadable";

/// Something that can be made of a row that is not quite one.
pub trait Mend: DeserializeOwned {
    /// As much of the row as can be read; `None` when not even what names it can.
    fn mend(row: &Value) -> Option<Self>;
}

/// A row, mended if need be. An error when nothing of it can be used.
#[derive(Clone, Debug, PartialEq)]
pub struct Mended<T>(pub T);

impl<'de, T: Mend> Deserialize<'de> for Mended<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let row = Value::deserialize(deserializer)?;
        read(&row).map(Self).ok_or_else(|| serde::de::Error::custom("a row of which nothing can be used"))
    }
}

/// Of some things nothing is guessed: what cannot be read is left out. Where there is money in it, half a row is worse
/// than none.
macro_rules! unmended {
    ($($name:ty),*) => {
        $(impl $crate::mend::Mend for $name {
            fn mend(_: &serde_json::Value) -> Option<Self> {
                None
            }
        })*
    };
}
pub(crate) use unmended;

/// The rows of a list. Those of which nothing can be used are left out, and counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows<T> {
    /// What could be read, in order.
    pub rows: Vec<T>,
    /// How many could not.
    pub lost: usize,
}

impl<'de, T: Mend> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found: Vec<Value> = Vec::deserialize(deserializer)?;
        let rows: Vec<T> = found.iter().filter_map(read).collect();
        Ok(Self { lost: found.len() - rows.len(), rows })
    }
}

/// A row as it is, or mended.
pub fn read<T: Mend>(row: &Value) -> Option<T> {
    T::deserialize(row).ok().or_else(|| T::mend(row))
}

/// Puts the fields of `row` into `base` one by one, those that fit. Answers with the others' names.
pub(crate) fn fit<T: DeserializeOwned>(mut base: Value, row: &Value) -> Option<(T, Vec<String>)> {
    let mut lost = Vec::new();
    for (name, value) in row.as_object()? {
        let before = base[name.as_str()].take();
        let known = !before.is_null();
        base[name.as_str()] = value.clone();
        if T::deserialize(&base).is_err() {
            lost.push(name.clone());
            if known {
                base[name.as_str()] = before;
            } else {
                base.as_object_mut()?.remove(name);
            }
        }
    }
    Some((T::deserialize(&base).ok()?, lost))
}

/// The id of a row, under either name.
pub(crate) fn id(row: &Value, names: [&str; 2]) -> Option<i64> {
    names.iter().find_map(|name| row[*name].as_i64()).filter(|id| *id > 0)
}

/// For a row whose own time cannot be read: shown as unknown.
pub(crate) const NO_TIME: WireTime = WireTime(Timestamp(0));

/// The rows of a feed after `after`. Every row counts, also one that says nothing: numbers are dense, and a row without a
/// readable one has the next.
pub fn feed_rows(rows: &[Value], after: i64) -> Vec<FeedRow> {
    let mut last = after;
    let read = |row: &Value| {
        let next = last.saturating_add(1);
        let base = json!({"seq": next, "event": UNREADABLE, "channel": "", "data": null});
        let blank = FeedRow { seq: next, event: UNREADABLE.into(), channel: String::new(), data: Value::Null };
        let row = FeedRow::deserialize(row).ok().or_else(|| fit(base, row).map(|(row, _)| row)).unwrap_or(blank);
        last = row.seq;
        row
    };
    rows.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::MessageBody;

    fn message() -> Value {
        let party = |id: i64| json!({"id": id, "name": format!("Person {id}"), "avatar": null, "craft": null});
        json!({
            "id": 5, "sender_id": 2, "recipient_id": 1, "content": "hello", "message_type": "text", "job_id": null,
            "attachments": [], "is_read": false, "created_at": "2026-11-23T09:30:00.000Z", "sender": party(2),
            "from_user_id": 2, "to_user_id": 1, "domain_id": null, "body": "hello", "from_user": party(2), "domain": null,
            "recipient": party(1), "written_at": null, "delivered_at": null, "read_at": null, "deleted_at": null
        })
    }

    fn with(name: &str, value: Value) -> MessageBody {
        let mut row = message();
        row[name] = value;
        read(&row).unwrap_or_else(|| panic!("{name} spoils all of it"))
    }

    #[test]
    fn a_time_that_cannot_be_parsed_costs_the_time_and_nothing_else() {
        for time in ["-0001-12-31T23:00:00.000Z", "+10000-01-01T00:00:00Z", "yesterday", ""] {
            for name in ["written_at", "delivered_at", "read_at"] {
                let body = with(name, json!(time));
                assert_eq!((body.content.as_str(), body.message_type.as_str()), ("hello", "text"), "{name} {time}");
                assert_eq!((body.written_at, body.delivered_at, body.read_at), (None, None, None));
            }
            assert_eq!(with("created_at", json!(time)).created_at, NO_TIME);
        }
        assert_eq!(with("created_at", json!(7)).created_at, NO_TIME);
    }

    #[test]
    fn a_deleted_message_stays_deleted_whenever_it_was() {
        assert!(with("deleted_at", json!("-0001-01-01T00:00:00Z")).deleted_at.is_some());
        assert!(with("deleted_at", Value::Null).deleted_at.is_none());
    }

    #[test]
    fn what_cannot_be_read_of_a_message_is_marked_and_the_rest_is_there() {
        let both = |row: &mut Value, value: Value| {
            row["content"] = value.clone();
            row["body"] = value;
        };
        let mut row = message();
        both(&mut row, json!({"rich": "text"}));
        let body: MessageBody = read(&row).expect("mended");
        assert_eq!((body.id.0, body.message_type.as_str(), body.content.as_str()), (5, UNREADABLE, ""));
        let body = with(
            "attachments",
            json!([{"id": 1}, {"id": 2, "name": "a", "mime": "b", "size": 3, "sha256": "", "url": ""}]),
        );
        assert_eq!((body.message_type.as_str(), body.attachments.len()), (UNREADABLE, 1));
        assert_eq!(with("content", json!(3)).content, "hello", "the other dialect says it too");
        assert_eq!(with("sender", json!("Person 2")).sender.name, "");
        assert_eq!(with("surprise", json!([1, 2])).message_type, "text", "what is not known is no fault");
    }

    #[test]
    fn a_row_without_a_name_is_left_out_and_counted() {
        let rows: Rows<MessageBody> =
            serde_json::from_value(json!([message(), 7, {"id": 6}, null, message()])).unwrap();
        assert_eq!((rows.rows.len(), rows.lost), (2, 3));
        assert!(serde_json::from_value::<Rows<MessageBody>>(json!({"not": "a list"})).is_err());
    }

    #[test]
    fn every_row_of_a_feed_counts() {
        let rows =
            json!([{"seq": 8, "event": "a", "channel": "c", "data": {}}, {"event": 5}, 3, {"seq": 11, "event": "b"}]);
        let rows = feed_rows(rows.as_array().unwrap(), 7);
        let seen: Vec<_> = rows.iter().map(|row| (row.seq, row.event.as_str())).collect();
        assert_eq!(seen, [(8, "a"), (9, UNREADABLE), (10, UNREADABLE), (11, "b")]);
    }

    #[test]
    fn a_number_without_a_next_one_is_no_reason_to_stop() {
        let rows = json!([{"seq": i64::MAX, "event": "a", "channel": "c", "data": {}}, 3, {"event": 5}]);
        let rows = feed_rows(rows.as_array().unwrap(), i64::MAX - 1);
        assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [i64::MAX; 3]);
    }
}
