//! The event table: every event of the realtime wire and the feed, once.
//!
//! Its rows stand in the files of the features: `NAME = "name": Body, on channel, in the feed;`, `… in the channel;` for what
//! carries a number of its channel in its body, or `… for the moment;`. The
//! constants of the names, [`EVENTS`], what the client knows of a body, the golden frames and the part of the public document
//! are expansions of it.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

/// Calls the macro `$with` with every row of the table.
#[macro_export]
macro_rules! for_each_event {
    ($with:ident) => {
        $crate::for_each_row! { events, $with }
    };
}

/// A row of the table.
#[derive(Clone, Copy)]
pub struct EventRow {
    /// The name on the wire.
    pub name: &'static str,
    /// What it says, in a sentence.
    pub about: &'static str,
    /// The kind of the channel that it goes out on: `user` for a person's own.
    pub channel: &'static str,
    /// Whether it is numbered in the person's feed, stored and fetched again by whoever missed it.
    pub in_feed: bool,
    /// Whether its body carries a number of its channel, by which whoever missed it finds out.
    pub in_channel: bool,
    /// The name of its body's type.
    pub body: &'static str,
    read: fn(&Value) -> Result<(), serde_json::Error>,
    schema: fn() -> RefOr<Schema>,
    schemas: fn(&mut Vec<(String, RefOr<Schema>)>),
}

impl EventRow {
    /// Whether whoever missed it never hears of it.
    pub fn of_the_moment(&self) -> bool {
        !self.in_feed && !self.in_channel
    }

    /// Whether this is a body of the event.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&self, body: &Value) -> Result<(), serde_json::Error> {
        (self.read)(body)
    }
}

fn read<T: DeserializeOwned>(body: &Value) -> Result<(), serde_json::Error> {
    T::deserialize(body).map(drop)
}

macro_rules! declare {
    ($($(#[doc = $doc:literal])* $name:ident = $wire:literal: $body:ty, on $channel:ident, $how:ident the $what:ident;)*) => {
        $($(#[doc = $doc])* pub const $name: &str = $wire;)*

        /// All events, in the order of the table.
        pub const EVENTS: &[EventRow] = &[$(EventRow {
            name: $wire,
            about: concat!($($doc),*),
            channel: stringify!($channel),
            in_feed: is(stringify!($what), "feed"),
            in_channel: is(stringify!($what), "channel"),
            body: stringify!($body),
            read: read::<$body>,
            schema: <$body as PartialSchema>::schema,
            schemas: <$body as ToSchema>::schemas,
        }),*];
    };
}
for_each_event!(declare);

const fn is(what: &str, wanted: &str) -> bool {
    match what.as_bytes() {
        b"feed" => matches!(wanted.as_bytes(), b"feed"),
        b"channel" => matches!(wanted.as_bytes(), b"channel"),
        b"moment" => false,
        _ => panic!("an event is `in the feed`, `in the channel` or `for the moment`"),
    }
}

/// The event of a name.
pub fn event(name: &str) -> Option<&'static EventRow> {
    EVENTS.iter().find(|event| event.name == name)
}

/// The events for the public document: by name, the channel, whether it enters the feed, and the schema of the body. Beside
/// it the schemas that those refer to, by name.
pub fn document() -> (Value, Vec<(String, RefOr<Schema>)>) {
    let mut events = Map::new();
    let mut schemas = Vec::new();
    for event in EVENTS {
        (event.schemas)(&mut schemas);
        let told = json!({
            "description": event.about.trim(),
            "channel": event.channel,
            "feed": event.in_feed,
            "data": (event.schema)(),
        });
        events.insert(event.name.to_owned(), told);
    }
    schemas.sort_by(|(a, _), (b, _)| a.cmp(b));
    schemas.dedup_by(|(a, _), (b, _)| a == b);
    (events.into(), schemas)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn golden(name: &str) -> String {
        let path = format!(
            "{}/../../tests/fixtures/wire/{name}",
            std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where")
        );
        std::fs::read_to_string(path).expect("the golden files are there")
    }

    /// The events in the golden files, with their bodies.
    fn seen() -> Vec<(String, Value, bool)> {
        let mut seen = Vec::new();
        for frame in serde_json::Deserializer::from_str(&golden("frames.txt")).into_iter::<Value>() {
            let frame = frame.expect("a frame");
            let name = frame["event"].as_str().unwrap_or_default();
            if name.is_empty() || name.starts_with("pusher") {
                continue;
            }
            let data = &frame["data"];
            let data =
                data.as_str().map_or_else(|| data.clone(), |text| serde_json::from_str(text).unwrap_or_default());
            seen.push((name.to_owned(), data, !frame["seq"].is_null()));
        }
        let folder =
            format!("{}/../../tests/fixtures/wire", std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where"));
        let names = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.file_name());
        for file in names.filter_map(|name| name.into_string().ok()).filter(|name| name.starts_with("feed_")) {
            let page: Value = serde_json::from_str(&golden(&file)).expect("JSON");
            for row in page["answer"]["data"].as_array().expect("rows") {
                seen.push((row["event"].as_str().unwrap_or_default().to_owned(), row["data"].clone(), true));
            }
        }
        seen
    }

    #[test]
    fn every_golden_event_stands_in_the_table_with_the_body_it_has_there() {
        let seen = seen();
        assert!(seen.len() > 10, "the golden files are read: {}", seen.len());
        for (name, data, numbered) in &seen {
            let row = event(name).unwrap_or_else(|| panic!("{name} is in no table"));
            row.read(data).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(row.in_feed || !numbered, "{name} is of the moment, and has a number");
        }
    }

    #[test]
    fn every_event_of_the_feed_has_a_golden_file() {
        let seen: BTreeSet<String> = seen().into_iter().map(|(name, ..)| name).collect();
        for row in EVENTS.iter().filter(|row| row.in_feed) {
            assert!(seen.contains(row.name), "nobody has seen {}", row.name);
        }
    }

    #[test]
    fn names_are_unique_and_the_document_holds_all() {
        let names: BTreeSet<&str> = EVENTS.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), EVENTS.len());
        let (events, schemas) = document();
        assert_eq!(events.as_object().expect("by name").len(), EVENTS.len());
        let known: BTreeSet<String> = schemas.into_iter().map(|(name, _)| name).collect();
        let text = events.to_string();
        for part in text.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap_or_default();
            assert!(known.contains(name), "{name} is referred to, and described nowhere");
        }
    }
}
