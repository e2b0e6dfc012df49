//! The key with which this server signs what people take elsewhere: statements. Anybody can check a signature; nobody makes one
//! without the key, which is made at the first start and lies outside of the database.

use std::{io, path::Path};

use guildhall_market::time::Timestamp;
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::{
    clock::{Chance, Clock},
    private,
};

/// Bytes of what the key is made of.
const SEED_BYTES: usize = 32;

/// See the module.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    since: Timestamp,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.public())
    }
}

impl SigningKey {
    /// Reads the key, or makes one where there is none.
    ///
    /// # Errors
    /// The system's; `InvalidData` for a file that holds no key of ours.
    pub fn open(path: &Path, chance: &dyn Chance, clock: &dyn Clock) -> io::Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(path, chance, clock.now())?,
            Err(error) => return Err(error),
        };
        let wrong =
            || io::Error::new(io::ErrorKind::InvalidData, "expected a key of 64 hexadecimal digits, and since when");
        let (seed, since) = text.trim().split_once(' ').ok_or_else(wrong)?;
        let seed = hex::decode(seed).ok().filter(|seed| seed.len() == SEED_BYTES).ok_or_else(wrong)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| wrong())?;
        Ok(Self { pair, since: Timestamp(since.parse().map_err(|_| wrong())?) })
    }

    /// The public key, 64 hexadecimal digits.
    pub fn public(&self) -> String {
        hex::encode(self.pair.public_key())
    }

    /// Since when it signs.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Signs a text. 128 hexadecimal digits.
    pub fn sign(&self, text: &str) -> String {
        hex::encode(self.pair.sign(text.as_bytes()))
    }
}

fn make(path: &Path, chance: &dyn Chance, now: Timestamp) -> io::Result<String> {
    let mut seed = [0; SEED_BYTES];
    chance.fill(&mut seed);
    let text = format!("{} {}", hex::encode(seed), now.0);
    private::put(path, &text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use guildhall_market::money::signed::is_signed;

    use crate::clock::{SystemChance, SystemClock};

    fn key(path: &Path) -> SigningKey {
        SigningKey::open(path, &SystemChance, &SystemClock).expect("a key")
    }

    #[test]
    fn what_is_signed_is_known_by_the_public_key_alone_and_the_key_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, other) = (folder.path().join("signing.key"), folder.path().join("other.key"));
        let made = key(&path);
        let signature = made.sign("a statement");
        assert!(is_signed("a statement", &made.public(), &signature));
        let again = key(&path);
        assert_eq!((again.public(), again.since()), (made.public(), made.since()));
        assert!(!is_signed("another", &made.public(), &signature));
        assert!(!is_signed("a statement", &key(&other).public(), &signature));
        for wrong in ["", "00", "no hex", &signature[2..]] {
            assert!(!is_signed("a statement", &made.public(), wrong), "{wrong}");
            assert!(!is_signed("a statement", wrong, &signature), "{wrong}");
        }
    }

    #[test]
    fn a_file_that_is_no_key_is_told_and_never_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("signing.key");
        for text in ["", "half", &"0".repeat(64), &format!("{} soon", "0".repeat(64)), "00 1"] {
            std::fs::write(&path, text).expect("written");
            let refused = SigningKey::open(&path, &SystemChance, &SystemClock).expect_err(text);
            assert_eq!(refused.kind(), io::ErrorKind::InvalidData, "{text}");
            assert_eq!(std::fs::read_to_string(&path).expect("read"), text);
        }
    }
}
