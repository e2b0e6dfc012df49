//! The signed HTTP API of the protocol: an application's own server broadcasts through us. A request in, an answer out;
//! whoever owns the connection reads and writes it.

use std::sync::PoisonError;

use guildhall_pusher::{
    auth::check_request,
    channel::{self, Kind},
    limits::{BATCH_EVENTS_MAX, CHANNELS_PER_PUBLISH_MAX, EVENT_NAME_CHARS_MAX, USER_ID_CHARS_MAX},
    socket_id::SocketId,
};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};

use crate::{
    hub::{Hub, OverCapacity, Published},
    inbox::WAITING_BYTES_MAX,
};

/// The largest body, bytes: a full batch of the largest events, JSON's escapes included.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A request as it came.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `GET`, `POST`.
    pub method: &'a str,
    /// The path as requested, beginning with `/apps/`.
    pub path: &'a str,
    /// What stood before the path and was taken off, empty most of the time. A client may have signed it or not.
    pub prefix: &'a str,
    /// What follows the question mark, as requested.
    pub query: &'a str,
    /// The whole body.
    pub body: &'a [u8],
    /// Seconds since 1970.
    pub now_s: i64,
}

/// What is answered, as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Answer {
    /// The words of the status.
    pub fn reason(&self) -> &'static str {
        match self.status {
            200 => "OK",
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            413 => "Payload Too Large",
            _ => "Service Unavailable",
        }
    }

    /// When to try again, seconds, where that is what to do.
    pub fn retry_after_s(&self) -> Option<u32> {
        (self.status == 503).then_some(1)
    }
}

struct Refusal(u16, &'static str, String);

impl Refusal {
    fn bad(words: impl Into<String>) -> Self {
        Self(400, "invalid", words.into())
    }
}

/// Answers a request.
pub fn answer(hub: &Hub, request: Request) -> Answer {
    match decide(hub, request) {
        Ok(body) => Answer { status: 200, body },
        Err(Refusal(status, code, message)) => {
            Answer { status, body: json!({ "message": message, "code": code }).to_string() }
        }
    }
}

struct Call<'a> {
    hub: &'a Hub,
    app: usize,
    body: &'a [u8],
    query: Vec<(String, String)>,
}

fn decide(hub: &Hub, request: Request) -> Result<String, Refusal> {
    let not_found = || Refusal(404, "not_found", "There is nothing here.".into());
    let mut parts = request.path.strip_prefix("/apps/").ok_or_else(not_found)?.split('/');
    let id = decoded(parts.next().unwrap_or_default());
    let app = hub.app_by_id(&id).ok_or_else(|| Refusal(404, "no_such_app", "No app has this id.".into()))?;
    if !hub.app(app).enabled {
        return Err(Refusal(403, "app_disabled", "The app is disabled.".into()));
    }
    let query: Vec<(String, String)> = url::form_urlencoded::parse(request.query.as_bytes()).into_owned().collect();
    let check = |path: &str| {
        check_request(&hub.app(app).credentials, request.method, path, &query, request.body, request.now_s)
    };
    let prefixed =
        || if request.prefix.is_empty() { None } else { check(&format!("{}{}", request.prefix, request.path)).ok() };
    check(request.path)
        .or_else(|refusal| prefixed().ok_or(refusal))
        .map_err(|e| Refusal(401, "bad_signature", format!("The signature is not valid: {e}.")))?;
    let call = Call { hub, app, body: request.body, query };
    let rest: Vec<String> = parts.map(decoded).collect();
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    // Before it is noted as seen: a client that is told to come again does so with the same signature.
    if request.method == "POST" && matches!(rest[..], ["events" | "batch_events"]) && !hub.has_room() {
        return Err(Refusal(503, "over_capacity", format!("Try again in a second: {OverCapacity}.")));
    }
    if request.method == "POST" && call.is_replay(request.now_s) {
        hub.metrics(app).replays.add(1);
        return Ok("{}".into());
    }
    match (request.method, &rest[..]) {
        ("POST", ["events"]) => call.trigger(),
        ("POST", ["batch_events"]) => call.trigger_batch(),
        ("GET", ["connections"]) => Ok(json!({ "connections": hub.metrics(app).connections.get() }).to_string()),
        ("GET", ["channels"]) => call.list_channels(),
        ("GET", ["channels", name]) => call.get_channel(name),
        ("GET", ["channels", name, "users"]) => call.list_members(name),
        ("POST", ["users", user, "terminate_connections"]) => call.terminate(user),
        (_, ["events" | "batch_events" | "channels" | "connections"] | ["channels", _] | ["channels", _, "users"])
        | (_, ["users", _, "terminate_connections"]) => {
            Err(Refusal(405, "method_not_allowed", "This address does not take that method.".into()))
        }
        _ => Err(not_found()),
    }
}

fn decoded(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

#[derive(Deserialize)]
struct Event<'a> {
    name: String,
    #[serde(borrow)]
    data: &'a RawValue,
    channel: Option<String>,
    channels: Option<Vec<String>>,
    socket_id: Option<String>,
    info: Option<String>,
}

/// An event that is within the limits.
struct Checked {
    name: String,
    data: String,
    channels: Vec<String>,
    socket_id: Option<String>,
    info: Option<String>,
}

impl Event<'_> {
    fn checked(self, data_bytes_max: usize) -> Result<Checked, Refusal> {
        let channels = match (self.channel, self.channels) {
            (Some(one), None) => vec![one],
            (None, Some(many)) => many,
            _ => return Err(Refusal::bad("Give `channels`, or `channel`.")),
        };
        if channels.is_empty() || channels.len() > CHANNELS_PER_PUBLISH_MAX {
            return Err(Refusal::bad(format!("An event goes to 1 to {CHANNELS_PER_PUBLISH_MAX} channels.")));
        }
        for name in &channels {
            channel::kind(name).map_err(|e| Refusal::bad(format!("{name:?}: {e}.")))?;
        }
        let length = self.name.chars().count();
        if length == 0 || length > EVENT_NAME_CHARS_MAX {
            return Err(Refusal::bad(format!("An event's name has 1 to {EVENT_NAME_CHARS_MAX} characters.")));
        }
        if let Some(id) = &self.socket_id {
            id.parse::<SocketId>().map_err(|e| Refusal::bad(format!("`socket_id`: {e}.")))?;
        }
        let data = match serde_json::from_str::<String>(self.data.get()) {
            Ok(text) => text,
            Err(_) => self.data.get().to_owned(),
        };
        if data.len() > data_bytes_max {
            let words = format!("An event's data is at most {data_bytes_max} bytes; this has {}.", data.len());
            return Err(Refusal(413, "too_large", words));
        }
        Ok(Checked { name: self.name, data, channels, socket_id: self.socket_id, info: self.info })
    }
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    batch: Vec<Event<'a>>,
}

impl Call<'_> {
    fn parameter(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    fn is_replay(&self, now_s: i64) -> bool {
        // It was checked with the signature.
        let timestamp_s = self.parameter("auth_timestamp").parse().unwrap_or(now_s);
        let mut replays = self.hub.0.replays.lock().unwrap_or_else(PoisonError::into_inner);
        replays.is_replay(self.parameter("auth_signature"), timestamp_s, now_s, self.hub.0.now())
    }

    fn parse<'b, T: Deserialize<'b>>(body: &'b [u8]) -> Result<T, Refusal> {
        serde_json::from_slice(body).map_err(|e| Refusal::bad(format!("The body cannot be read: {e}.")))
    }

    fn data_bytes_max(&self) -> usize {
        self.hub.app(self.app).limits.event_data_bytes_max
    }

    /// Publishes all of it or nothing: half of a request could neither be told nor repeated. There was room when it came.
    fn publish(&self, events: &[Checked]) -> Result<(), Refusal> {
        let all_bytes: usize = events.iter().map(|event| event.data.len() * event.channels.len()).sum();
        if all_bytes > WAITING_BYTES_MAX {
            let words =
                format!("The data of all events, once for each channel, is more than {WAITING_BYTES_MAX} bytes.");
            return Err(Refusal(413, "too_large", words));
        }
        for event in events {
            for channel in &event.channels {
                self.hub.publish_anyway(
                    self.app,
                    &Published {
                        channel,
                        event: &event.name,
                        data: &event.data,
                        seq: None,
                        except_socket: event.socket_id.as_deref(),
                    },
                );
                self.hub.metrics(self.app).published.add(1);
            }
        }
        Ok(())
    }

    fn info(&self, name: &str, asked: &str) -> Value {
        let found = self.hub.channel(self.app, name).unwrap_or_default();
        let mut info = Map::new();
        for one in asked.split(',').map(str::trim) {
            match one {
                "subscription_count" => drop(info.insert(one.into(), found.subscription_count.into())),
                "user_count" if channel::kind(name) == Ok(Kind::Presence) => {
                    info.insert(one.into(), found.user_count.into());
                }
                "cache" if channel::is_cache(name) => {
                    let cache = found.cache.as_ref().map(|(data, ttl)| json!({ "data": **data, "ttl": ttl }));
                    info.insert(one.into(), cache.unwrap_or_default());
                }
                _ => {}
            }
        }
        info.into()
    }

    fn infos(&self, event: &Checked) -> Option<Value> {
        let asked = event.info.as_ref()?;
        Some(event.channels.iter().map(|name| (name.clone(), self.info(name, asked))).collect::<Map<_, _>>().into())
    }

    fn trigger(&self) -> Result<String, Refusal> {
        let event = Self::parse::<Event>(self.body)?.checked(self.data_bytes_max())?;
        self.publish(std::slice::from_ref(&event))?;
        Ok(self.infos(&event).map_or_else(|| "{}".into(), |infos| json!({ "channels": infos }).to_string()))
    }

    fn trigger_batch(&self) -> Result<String, Refusal> {
        let Batch { batch } = Self::parse(self.body)?;
        if batch.is_empty() || batch.len() > BATCH_EVENTS_MAX {
            return Err(Refusal::bad(format!("A batch has 1 to {BATCH_EVENTS_MAX} events.")));
        }
        // All or nothing: a batch with a bad event in it goes nowhere.
        let max = self.data_bytes_max();
        let checked = batch.into_iter().map(|event| event.checked(max)).collect::<Result<Vec<_>, _>>()?;
        self.publish(&checked)?;
        if checked.iter().all(|event| event.info.is_none()) {
            return Ok(r#"{"batch":{}}"#.into());
        }
        let one = |event: &Checked| {
            let name = event.channels.first()?;
            event.info.as_ref().map(|asked| self.info(name, asked))
        };
        let infos: Vec<Value> = checked.iter().map(|event| one(event).unwrap_or_else(|| json!({}))).collect();
        Ok(json!({ "batch": infos }).to_string())
    }

    fn list_channels(&self) -> Result<String, Refusal> {
        let (prefix, asked) = (self.parameter("filter_by_prefix"), self.parameter("info"));
        let channels: Map<String, Value> = self
            .hub
            .channels(self.app, prefix)
            .into_iter()
            .map(|(name, _)| (name.to_string(), self.info(&name, asked)))
            .collect();
        Ok(json!({ "channels": channels }).to_string())
    }

    fn get_channel(&self, name: &str) -> Result<String, Refusal> {
        channel::kind(name).map_err(|e| Refusal::bad(e.to_string()))?;
        // What does not fit the channel, such as user_count where there are no users, is left out.
        let asked = self.parameter("info");
        let mut answer = self.info(name, asked);
        answer["occupied"] = self.hub.is_occupied(self.app, name).into();
        Ok(answer.to_string())
    }

    fn list_members(&self, name: &str) -> Result<String, Refusal> {
        if channel::kind(name) != Ok(Kind::Presence) {
            return Err(Refusal::bad("Users are known for presence channels only."));
        }
        let users: Vec<Value> = self.hub.members(self.app, name).into_iter().map(|id| json!({ "id": id })).collect();
        Ok(json!({ "users": users }).to_string())
    }

    fn terminate(&self, user: &str) -> Result<String, Refusal> {
        if user.is_empty() || user.chars().count() > USER_ID_CHARS_MAX {
            return Err(Refusal::bad(format!("A user id has 1 to {USER_ID_CHARS_MAX} characters.")));
        }
        self.hub.terminate(self.app, user);
        Ok("{}".into())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use guildhall_pusher::{
        auth::{App, md5_hex, sign_request},
        settings::AppSettings,
    };

    use super::*;
    use crate::{
        clock::Clock,
        event_loop::EventLoop,
        hub::{Nobody, Options},
    };

    const NOW_S: i64 = 1_700_000_000;

    fn hub() -> (Hub, Vec<EventLoop>) {
        let app = AppSettings::from(App { id: "1".into(), key: "k".into(), secret: "s".into() });
        let options = Options { loops: 1, activity_timeout_s: 30, connections_per_address_max: usize::MAX };
        Hub::build(vec![(app, Arc::default())], options, Arc::new(Nobody), Clock::by_hand()).expect("an event queue")
    }

    fn post(hub: &Hub, path: &str, body: &str) -> Answer {
        let mut query: Vec<(String, String)> = [
            ("auth_key", "k".to_owned()),
            ("auth_timestamp", NOW_S.to_string()),
            ("auth_version", "1.0".into()),
            ("body_md5", md5_hex(body.as_bytes())),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        query.push(("auth_signature".into(), sign_request("s", "POST", path, &query)));
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&query).finish();
        answer(hub, Request { method: "POST", path, prefix: "", query: &query, body: body.as_bytes(), now_s: NOW_S })
    }

    #[test]
    fn what_was_refused_as_too_much_is_carried_out_when_it_comes_again() {
        let (hub, mut loops) = hub();
        let body = json!({ "name": "word", "channel": "news", "data": "1" }).to_string();
        hub.send_to(SocketId { place: 0, nonce: 1 }, &"x".repeat(WAITING_BYTES_MAX + 1));
        let refused = post(&hub, "/apps/1/events", &body);
        assert_eq!((refused.status, refused.retry_after_s()), (503, Some(1)), "{}", refused.body);
        assert_eq!(hub.metrics(0).published.get(), 0);
        loops[0].turn(std::iter::empty());
        for (published, replays) in [(1, 0), (1, 1)] {
            // Long enough for a replay.
            hub.0.clock.turn(10_000);
            let taken = post(&hub, "/apps/1/events", &body);
            assert_eq!((taken.status, taken.retry_after_s()), (200, None), "{}", taken.body);
            assert_eq!((hub.metrics(0).published.get(), hub.metrics(0).replays.get()), (published, replays));
        }
    }

    #[test]
    fn a_request_is_carried_out_whole_or_not_at_all() {
        let (hub, _loops) = hub();
        let channels: Vec<String> = (0..100).map(|n| format!("news-{n}")).collect();
        let event = json!({ "name": "word", "channels": channels, "data": "x".repeat(100_000) });
        let batch = json!({ "batch": vec![&event; 10] }).to_string();
        assert_eq!(post(&hub, "/apps/1/batch_events", &batch).status, 413);
        assert_eq!(hub.metrics(0).published.get(), 0, "nothing of it");
        assert_eq!(post(&hub, "/apps/1/events", &event.to_string()).status, 200);
        assert_eq!(hub.metrics(0).published.get(), 100, "all of it");
    }
}
