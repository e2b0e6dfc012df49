//! What one turn of a loop has to write, gathered so that each socket gets all of it with one call.
//!
//! Each socket has a chain of frames in one common store: nothing is allocated for a delivery. Sockets that get the same
//! frames, which is what a fan-out is, share the bytes put together for the first of them.

use std::{sync::Arc, time::Instant};

/// The end of a chain.
pub const NONE: u32 = u32::MAX;

/// The frames that wait for one socket in this turn.
#[derive(Clone, Copy, Debug)]
pub struct Chain {
    head: u32,
    tail: u32,
}

impl Default for Chain {
    fn default() -> Self {
        Self { head: NONE, tail: NONE }
    }
}

impl Chain {
    /// Whether nothing waits.
    pub fn is_empty(self) -> bool {
        self.head == NONE
    }
}

/// The app whose latency is noted, and when the event was published.
pub type Since = (usize, Instant);

/// The frames of one turn.
#[derive(Default)]
pub struct Batch {
    frames: Vec<(Arc<[u8]>, Option<Since>)>,
    nodes: Vec<(u32, u32)>,
    bytes: usize,
    /// The frames whose bytes are put together in `merged`.
    merged_of: Vec<u32>,
    merged: Vec<u8>,
    largest: usize,
    wanted: Vec<u32>,
}

impl Batch {
    /// Takes a frame in.
    pub fn add(&mut self, frame: Arc<[u8]>, since: Option<Since>) -> u32 {
        self.bytes += frame.len();
        self.frames.push((frame, since));
        u32::try_from(self.frames.len() - 1).unwrap_or(NONE)
    }

    /// Puts a frame at the end of a socket's chain. True when it is the first.
    pub fn append(&mut self, chain: &mut Chain, frame: u32) -> bool {
        let node = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        self.nodes.push((frame, NONE));
        if chain.head == NONE {
            *chain = Chain { head: node, tail: node };
            return true;
        }
        self.nodes[chain.tail as usize].1 = node;
        chain.tail = node;
        false
    }

    /// The bytes of a chain, how many frames they are, and the length of the largest.
    pub fn merge(&mut self, chain: Chain) -> (&[u8], u64, usize) {
        self.wanted.clear();
        let mut at = chain.head;
        while at != NONE {
            let (frame, next) = self.nodes[at as usize];
            self.wanted.push(frame);
            at = next;
        }
        if self.wanted != self.merged_of {
            self.merged.clear();
            self.largest = 0;
            for frame in &self.wanted {
                let bytes = &self.frames[*frame as usize].0;
                self.merged.extend_from_slice(bytes);
                self.largest = self.largest.max(bytes.len());
            }
            std::mem::swap(&mut self.merged_of, &mut self.wanted);
        }
        (&self.merged, self.merged_of.len() as u64, self.largest)
    }

    /// Bytes of the frames taken in.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Everything is written: tells when each event was published, and forgets all.
    pub fn clear(&mut self, mut written: impl FnMut(usize, Instant)) {
        for (_, since) in self.frames.drain(..) {
            if let Some((app, since)) = since {
                written(app, since);
            }
        }
        self.nodes.clear();
        self.merged_of.clear();
        self.merged.clear();
        // A burst must not be remembered in memory for ever.
        if self.merged.capacity() > 1024 * 1024 {
            self.merged = Vec::new();
        }
        if self.nodes.capacity() > 1024 * 1024 {
            self.nodes = Vec::new();
        }
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_socket_gets_its_frames_in_order_as_one_piece() {
        let mut batch = Batch::default();
        let [a, b, c] = ["a", "b", "c"].map(|text| batch.add(text.as_bytes().into(), None));
        let (mut one, mut two) = (Chain::default(), Chain::default());
        assert!(batch.append(&mut one, a));
        assert!(batch.append(&mut two, b));
        assert!(!batch.append(&mut one, b));
        assert!(!batch.append(&mut one, c));
        assert_eq!(batch.merge(one), (&b"abc"[..], 3, 1));
        assert_eq!(batch.merge(two), (&b"b"[..], 1, 1));
        assert_eq!(batch.merge(one), (&b"abc"[..], 3, 1));
        assert_eq!(batch.bytes(), 3);
        batch.clear(|_, _| ());
        let mut three = Chain::default();
        let d = batch.add(b"d"[..].into(), None);
        batch.append(&mut three, d);
        assert_eq!(batch.merge(three), (&b"d"[..], 1, 1));
    }
}
