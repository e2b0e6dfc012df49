//! What a kind of things that are known here is made of: its events, its tables and its part of what changed. What is general -
//! the feed in order, loading anew, telling what changed - goes over the list of kinds and names none.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt::Debug,
};

use async_trait::async_trait;
use guildhall_contract::{
    feed::FeedRow,
    mend::{self, Mend},
};
use guildhall_market::ids::UserId;
use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;

use crate::StoreError;

/// One kind of things.
#[async_trait]
pub(super) trait Kind: Send + Sync {
    /// The events of the feed that it applies.
    fn events(&self) -> &'static [&'static str];

    /// Reads a page of each of its tables, as one number: a damaged schema shows there.
    fn probe(&self) -> &'static str;

    /// Applies events of its own that follow each other in the feed. What cannot be read is left out: it is from a newer server,
    /// or broken, and asking again would bring the same.
    async fn apply(
        &self,
        connection: &mut SqliteConnection,
        me: UserId,
        rows: &[&FeedRow],
        changes: &mut Changes,
    ) -> Result<(), StoreError>;

    /// Everything is loaded anew: takes away what may be no longer true because events about it were missed. `foreign` says that
    /// the server is another one than before: then nothing stays.
    async fn begin_anew(&self, connection: &mut SqliteConnection, foreign: bool) -> Result<(), StoreError>;
}

/// What the server said of a kind when everything was loaded anew, to be stored with the rest in one transaction.
pub struct Loaded(pub(super) Box<dyn Load>);

/// How it is stored.
#[async_trait]
pub(super) trait Load: Send + Sync {
    /// Stores it.
    async fn store(
        &self,
        connection: &mut SqliteConnection,
        me: UserId,
        changes: &mut Changes,
    ) -> Result<(), StoreError>;
}

/// What changed of one kind: the keys of its rows, and whatever else somebody has to know.
pub trait Part: Any + Debug + Send + Sync {
    /// A copy of it.
    fn copy(&self) -> Box<dyn Part>;
    /// Itself, to be found by its type.
    fn as_any(&self) -> &dyn Any;
    /// The same, to be added to.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl<T: Any + Clone + Debug + Send + Sync> Part for T {
    fn copy(&self) -> Box<dyn Part> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

/// What changed, for the interface to be told: a part for each kind of which something did.
#[derive(Debug, Default)]
pub struct Changes {
    parts: HashMap<TypeId, Box<dyn Part>>,
}

impl Clone for Changes {
    fn clone(&self) -> Self {
        // Through the box: it is a part itself, and not what is meant.
        Self { parts: self.parts.iter().map(|(id, part)| (*id, (**part).copy())).collect() }
    }
}

impl Changes {
    /// What changed of a kind; nothing where nothing did.
    pub fn of<P: Part + Clone + Default>(&self) -> P {
        self.peek::<P>().cloned().unwrap_or_default()
    }

    /// What changed of a kind, without a copy.
    pub fn peek<P: Part>(&self) -> Option<&P> {
        (**self.parts.get(&TypeId::of::<P>())?).as_any().downcast_ref()
    }

    /// What changed of a kind, to be added to.
    pub fn of_mut<P: Part + Default>(&mut self) -> &mut P {
        let part = self.parts.entry(TypeId::of::<P>()).or_insert_with(|| Box::new(P::default()));
        (**part).as_any_mut().downcast_mut().expect("it is kept under its type")
    }
}

/// The body of an event that is a row of a list: as much of it as can be read.
pub(super) fn row_of<T: Mend>(row: &FeedRow) -> Option<T> {
    let read = mend::read(&row.data);
    if read.is_none() {
        tracing::warn!(feed.seq = row.seq, feed.event = %row.event, "nothing of an event can be used");
    }
    read
}

/// The body of an event. One that cannot be read is left out.
pub(super) fn body<T: DeserializeOwned>(row: &FeedRow) -> Option<T> {
    T::deserialize(&row.data)
        .inspect_err(|error| tracing::warn!(feed.seq = row.seq, feed.event = %row.event, line = error.line(), "an event cannot be read"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_kept_by_their_type() {
        #[derive(Clone, Debug, Default, PartialEq)]
        struct Texts(Vec<u8>);
        let mut changes = Changes::default();
        assert_eq!(changes.of::<Texts>(), Texts::default());
        changes.of_mut::<Texts>().0.push(1);
        changes.of_mut::<Texts>().0.push(2);
        let copy = changes.clone();
        changes.of_mut::<Texts>().0.clear();
        assert_eq!(copy.of::<Texts>(), Texts(vec![1, 2]));
        assert!(copy.peek::<u8>().is_none());
    }
}
