//! What one connection listens to: a list while it is short, with an index by name once it is long.

use std::{collections::HashMap, sync::Arc};

/// From this many on names are found by an index: most connections have one or two, some have thousands.
const INDEXED_FROM: usize = 32;

/// A channel that a connection listens to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The channel.
    pub channel: Arc<str>,
    /// Who this is, on a presence channel.
    pub member: Option<Box<str>>,
    /// The driver's own note about it.
    pub tag: u64,
}

/// The subscriptions of one connection, each name once, in no order.
#[derive(Debug, Default)]
pub struct Subscriptions {
    list: Vec<Subscription>,
    /// Where each name stands in the list, while the list is long.
    #[expect(clippy::box_collection, reason = "most connections have none: eight bytes instead of forty-eight")]
    index: Option<Box<HashMap<Arc<str>, u32>>>,
}

impl Subscriptions {
    /// How many.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All of them.
    pub fn as_slice(&self) -> &[Subscription] {
        &self.list
    }

    fn position(&self, channel: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(channel).map(|at| *at as usize),
            None => self.list.iter().position(|s| &*s.channel == channel),
        }
    }

    /// The subscription to a channel.
    pub fn get(&self, channel: &str) -> Option<&Subscription> {
        self.position(channel).map(|at| &self.list[at])
    }

    /// The same, for the driver's note.
    pub fn get_mut(&mut self, channel: &str) -> Option<&mut Subscription> {
        self.position(channel).map(|at| &mut self.list[at])
    }

    /// Adds one whose channel is not among them.
    pub fn add(&mut self, subscription: Subscription) {
        debug_assert!(self.position(&subscription.channel).is_none(), "each channel once");
        let at = self.list.len();
        if at < INDEXED_FROM && self.index.is_none() {
            // Room for four at once would be most of what a connection with one subscription costs.
            self.list.reserve_exact(1);
        } else {
            let index = self.index.get_or_insert_with(|| {
                Box::new((0_u32..).zip(&self.list).map(|(at, s)| (Arc::clone(&s.channel), at)).collect())
            });
            index.insert(Arc::clone(&subscription.channel), u32::try_from(at).unwrap_or(u32::MAX));
        }
        self.list.push(subscription);
    }

    /// Takes one out.
    pub fn take(&mut self, channel: &str) -> Option<Subscription> {
        let at = self.position(channel)?;
        let taken = self.list.swap_remove(at);
        if let Some(index) = &mut self.index {
            index.remove(channel);
            if let Some(moved) = self.list.get(at)
                && let Some(known) = index.get_mut(&moved.channel)
            {
                *known = u32::try_from(at).unwrap_or(u32::MAX);
            }
        }
        Some(taken)
    }

    /// Takes all out.
    pub fn take_all(&mut self) -> Vec<Subscription> {
        self.index = None;
        std::mem::take(&mut self.list)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_name_is_found_whatever_came_and_went(steps in proptest::collection::vec((any::<bool>(), 0..80_u32), 0..400)) {
            let mut subscriptions = Subscriptions::default();
            let mut model = HashMap::new();
            for (n, (add, name)) in steps.into_iter().enumerate() {
                let channel: Arc<str> = name.to_string().into();
                if add && !model.contains_key(&channel) {
                    model.insert(Arc::clone(&channel), n as u64);
                    subscriptions.add(Subscription { channel, member: None, tag: n as u64 });
                } else {
                    prop_assert_eq!(subscriptions.take(&channel).map(|s| s.tag), model.remove(&channel));
                }
                prop_assert_eq!(subscriptions.len(), model.len());
                for (channel, tag) in &model {
                    prop_assert_eq!(subscriptions.get(channel).map(|s| s.tag), Some(*tag));
                }
            }
        }
    }

    #[test]
    fn names_have_an_index_once_they_are_many() {
        let mut subscriptions = Subscriptions::default();
        assert!(subscriptions.is_empty());
        for n in 0..INDEXED_FROM + 2 {
            assert_eq!(subscriptions.index.is_some(), n > INDEXED_FROM, "with {n}");
            subscriptions.add(Subscription { channel: n.to_string().into(), member: None, tag: 0 });
        }
        assert!(!subscriptions.is_empty());
        subscriptions.get_mut("3").expect("it is there").tag = 7;
        assert_eq!(subscriptions.get("3").map(|held| held.tag), Some(7));
        assert_eq!(subscriptions.take_all().len(), INDEXED_FROM + 2);
        assert!(subscriptions.is_empty() && subscriptions.index.is_none());
    }
}
