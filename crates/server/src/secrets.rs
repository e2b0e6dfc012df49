//! Secrets of our own making.

use crate::clock::Chance;

/// A new secret of 256 random bits.
pub fn new_secret(chance: &dyn Chance) -> String {
    let mut bytes = [0; 32];
    chance.fill(&mut bytes);
    hex::encode(bytes)
}
