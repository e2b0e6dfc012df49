//! Text frames `{"event", "channel"?, "data"?}`, read and written.
//!
//! `data` is a JSON string when a server sends an event; from a client both a string and an object are read. Our own
//! client reads both as well.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};

use crate::socket_id::SocketId;

/// A frame as it came, its data unparsed.
#[derive(Debug, Deserialize)]
pub struct Frame<'a> {
    /// The event's name.
    #[serde(borrow)]
    pub event: std::borrow::Cow<'a, str>,
    /// The channel, if any.
    #[serde(borrow, default)]
    pub channel: Option<std::borrow::Cow<'a, str>>,
    /// The data as written.
    #[serde(borrow, default)]
    pub data: Option<&'a RawValue>,
    /// The number of the event in the user's feed.
    #[serde(default)]
    pub seq: Option<i64>,
    /// Who sent a client event on a presence channel.
    #[serde(default)]
    pub user_id: Option<String>,
}

/// A text that is not a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a frame: {0}; expected a JSON object with a text \"event\"")]
pub struct NotAFrame(String);

impl<'a> Frame<'a> {
    /// Reads a frame.
    ///
    /// # Errors
    /// [`NotAFrame`] with what the JSON parser found.
    pub fn parse(text: &'a str) -> Result<Self, NotAFrame> {
        serde_json::from_str(text).map_err(|e| NotAFrame(e.to_string()))
    }

    /// The data as a value: what stands there, or what the text that stands there holds as JSON. Data that is text but
    /// no JSON is that text.
    pub fn value(&self) -> Value {
        let Some(raw) = self.data else { return Value::Null };
        match serde_json::from_str(raw.get()) {
            Ok(Value::String(text)) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            Ok(value) => value,
            Err(_) => Value::Null,
        }
    }

    /// The data as text for passing on: a JSON string's content, or the JSON that stands there.
    pub fn data_text(&self) -> String {
        let Some(raw) = self.data else { return String::new() };
        serde_json::from_str::<String>(raw.get()).unwrap_or_else(|_| raw.get().to_owned())
    }
}

#[derive(Serialize)]
struct Written<'a> {
    event: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    data: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
}

fn write(frame: &Written) -> String {
    serde_json::to_string(frame).expect("text and numbers always have a JSON form")
}

/// An event on a channel; `data` is the text that listeners parse.
pub fn event(event: &str, channel: &str, data: &str, seq: Option<i64>, user_id: Option<&str>) -> String {
    write(&Written { event, channel: Some(channel), data, seq, user_id })
}

/// `pusher:connection_established`
pub fn connection_established(socket_id: SocketId, activity_timeout_s: u64) -> String {
    let data = json!({ "socket_id": socket_id.to_string(), "activity_timeout": activity_timeout_s }).to_string();
    write(&Written { event: "pusher:connection_established", channel: None, data: &data, seq: None, user_id: None })
}

/// `pusher:error`. Its data is an object, as Pusher sends it.
pub fn error(code: Option<u16>, message: &str) -> String {
    json!({ "event": "pusher:error", "data": { "code": code, "message": message } }).to_string()
}

/// `pusher:ping`
pub fn ping() -> String {
    r#"{"event":"pusher:ping","data":"{}"}"#.to_owned()
}

/// `pusher:pong`
pub fn pong() -> String {
    r#"{"event":"pusher:pong","data":"{}"}"#.to_owned()
}

/// `pusher_internal:subscription_succeeded`; `data` is `{}` or the roster of a presence channel.
pub fn subscription_succeeded(channel: &str, data: &str) -> String {
    event("pusher_internal:subscription_succeeded", channel, data, None, None)
}

/// `pusher:subscription_error`
pub fn subscription_error(channel: &str, kind: &str, error: &str, status: u16) -> String {
    let data = json!({ "type": kind, "error": error, "status": status }).to_string();
    event("pusher:subscription_error", channel, &data, None, None)
}

/// `pusher_internal:subscription_count`
pub fn subscription_count(channel: &str, count: usize) -> String {
    let data = json!({ "subscription_count": count }).to_string();
    event("pusher_internal:subscription_count", channel, &data, None, None)
}

/// `pusher:cache_miss`: a cache channel has no event to show.
pub fn cache_miss(channel: &str) -> String {
    event("pusher:cache_miss", channel, "{}", None, None)
}

/// `pusher_internal:watchlist_events`: which of the watched users came or went. Without a channel.
pub fn watchlist_events(online: &[&str], offline: &[&str]) -> String {
    let events: Vec<Value> = [("online", online), ("offline", offline)]
        .into_iter()
        .filter(|(_, users)| !users.is_empty())
        .map(|(name, users)| json!({ "name": name, "user_ids": users }))
        .collect();
    let data = json!({ "events": events }).to_string();
    write(&Written { event: "pusher_internal:watchlist_events", channel: None, data: &data, seq: None, user_id: None })
}

/// `pusher:signin_success`
pub fn signin_success(user_data: &str) -> String {
    let data = json!({ "user_data": user_data }).to_string();
    write(&Written { event: "pusher:signin_success", channel: None, data: &data, seq: None, user_id: None })
}

/// `pusher:subscribe`, as a client sends it.
pub fn subscribe(channel: &str, auth: Option<&str>, channel_data: Option<&str>) -> String {
    let mut data = json!({ "channel": channel });
    if let Some(auth) = auth {
        data["auth"] = auth.into();
    }
    if let Some(channel_data) = channel_data {
        data["channel_data"] = channel_data.into();
    }
    json!({ "event": "pusher:subscribe", "data": data }).to_string()
}

/// `pusher:unsubscribe`, as a client sends it.
pub fn unsubscribe(channel: &str) -> String {
    json!({ "event": "pusher:unsubscribe", "data": { "channel": channel } }).to_string()
}

/// A client event, as a client sends it.
pub fn client_event(event: &str, channel: &str, data: &Value) -> String {
    json!({ "event": event, "channel": channel, "data": data }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_read_as_text_and_as_an_object() {
        let check =
            |text: &str, expected: Value| assert_eq!(Frame::parse(text).expect(text).value(), expected, "{text}");
        check(r#"{"event":"a","data":{"x":1}}"#, json!({"x": 1}));
        check(r#"{"event":"a","data":"{\"x\":1}"}"#, json!({"x": 1}));
        check(r#"{"event":"a","data":"plain"}"#, json!("plain"));
        check(r#"{"event":"a"}"#, Value::Null);
        check(r#"{"event":"\u0061","channel":"b\u0062","data":null}"#, Value::Null);
    }

    #[test]
    fn what_is_not_a_frame_is_said_so() {
        for text in ["", "[]", "null", "{}", r#"{"event":1}"#, r#"{"event":"a""#, "\u{0}", &"[".repeat(10_000)] {
            assert!(Frame::parse(text).is_err(), "{text:.20}");
        }
    }

    #[test]
    fn written_frames_read_back() {
        let text = event("message.sent", "private-user.1", r#"{"content":"₦ \"quoted\""}"#, Some(7), None);
        let frame = Frame::parse(&text).expect("our own frame");
        assert_eq!(
            (frame.event.as_ref(), frame.channel.as_deref(), frame.seq),
            ("message.sent", Some("private-user.1"), Some(7))
        );
        assert_eq!(frame.value(), json!({"content": "₦ \"quoted\""}));
    }

    /// As the protocol's documentation writes them, byte for byte.
    #[test]
    fn every_frame_is_written_as_clients_expect_it() {
        let id = SocketId { place: 12, nonce: 34 };
        let written = [
            connection_established(id, 30),
            error(Some(4009), "no"),
            error(None, "no"),
            ping(),
            pong(),
            subscription_succeeded("news", "{}"),
            subscription_error("private-a", "AuthError", "no", 401),
            subscription_count("news", 2),
            cache_miss("cache-a"),
            watchlist_events(&["1"], &[]),
            watchlist_events(&[], &["2", "3"]),
            signin_success(r#"{"id":"7"}"#),
            event("client-a", "presence-a", "1", None, Some("7")),
            subscribe("news", None, None),
            subscribe("presence-a", Some("key:signature"), Some("{}")),
            client_event("client-a", "private-a", &json!(1)),
        ];
        let expected = [
            r#"{"event":"pusher:connection_established","data":"{\"activity_timeout\":30,\"socket_id\":\"12.34\"}"}"#,
            r#"{"data":{"code":4009,"message":"no"},"event":"pusher:error"}"#,
            r#"{"data":{"code":null,"message":"no"},"event":"pusher:error"}"#,
            r#"{"event":"pusher:ping","data":"{}"}"#,
            r#"{"event":"pusher:pong","data":"{}"}"#,
            r#"{"event":"pusher_internal:subscription_succeeded","channel":"news","data":"{}"}"#,
            r#"{"event":"pusher:subscription_error","channel":"private-a","data":"{\"error\":\"no\",\"status\":401,\"type\":\"AuthError\"}"}"#,
            r#"{"event":"pusher_internal:subscription_count","channel":"news","data":"{\"subscription_count\":2}"}"#,
            r#"{"event":"pusher:cache_miss","channel":"cache-a","data":"{}"}"#,
            r#"{"event":"pusher_internal:watchlist_events","data":"{\"events\":[{\"name\":\"online\",\"user_ids\":[\"1\"]}]}"}"#,
            r#"{"event":"pusher_internal:watchlist_events","data":"{\"events\":[{\"name\":\"offline\",\"user_ids\":[\"2\",\"3\"]}]}"}"#,
            r#"{"event":"pusher:signin_success","data":"{\"user_data\":\"{\\\"id\\\":\\\"7\\\"}\"}"}"#,
            r#"{"event":"client-a","channel":"presence-a","data":"1","user_id":"7"}"#,
            r#"{"data":{"channel":"news"},"event":"pusher:subscribe"}"#,
            r#"{"data":{"auth":"key:signature","channel":"presence-a","channel_data":"{}"},"event":"pusher:subscribe"}"#,
            r#"{"channel":"private-a","data":1,"event":"client-a"}"#,
        ];
        // The order of names in an object says nothing.
        let same = |a: &str, b: &str| {
            let value = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
            let inner =
                |value: &Value| value["data"].as_str().and_then(|data| serde_json::from_str::<Value>(data).ok());
            let (mut a, mut b) = (value(a), value(b));
            if let (Some(a_inner), Some(b_inner)) = (inner(&a), inner(&b)) {
                (a["data"], b["data"]) = (a_inner, b_inner);
            }
            assert_eq!(a, b);
        };
        written.iter().zip(expected).for_each(|(a, b)| same(a, b));
    }
}
