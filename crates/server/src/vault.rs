//! The key outside of the database: what is sealed or made with it cannot be read by whoever has only a copy of the database.
//!
//! It lies in a file of its own, which only its owner can read, and which whoever keeps copies keeps apart. Without it codes
//! that are under way are void and what is sealed is lost: a new one is made only where there is none.

use std::{io, path::Path};

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};

use crate::{clock::Chance, private};

/// Bytes of the key.
const KEY_BYTES: usize = 32;

/// See the module.
pub struct Vault {
    key: hmac::Key,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// Reads the key, or makes one where there is none.
    ///
    /// # Errors
    /// The system's; `InvalidData` for a file that holds no key of ours.
    pub fn open(path: &Path, chance: &dyn Chance) -> io::Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(path, chance)?,
            Err(error) => return Err(error),
        };
        let key = hex::decode(text.trim()).ok().filter(|key| key.len() == KEY_BYTES);
        let key =
            key.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "expected a key of 64 hexadecimal digits"))?;
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key) })
    }

    /// A key for one use, so that what was made for one fits no other.
    fn key_for(&self, used_for: &str) -> hmac::Tag {
        hmac::sign(&self.key, format!("guildhall {used_for}").as_bytes())
    }

    /// 32 bytes that nobody can make without the key, always the same for the same parts.
    pub fn mark(&self, used_for: &str, parts: &[&[u8]]) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.key_for(used_for).as_ref());
        let mut signing = hmac::Context::with_key(&key);
        for part in parts {
            signing.update(&(part.len() as u64).to_be_bytes());
            signing.update(part);
        }
        let mut mark = [0; 32];
        mark.copy_from_slice(signing.sign().as_ref());
        mark
    }

    fn sealing(&self, used_for: &str) -> LessSafeKey {
        let key = self.key_for(&format!("sealed {used_for}"));
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_ref()).expect("a tag of SHA-256 is a key of 256 bits"))
    }

    /// Encrypts something of somebody's, in hexadecimal. It opens for the same use and owner alone.
    pub fn seal(&self, used_for: &str, owner: i64, plain: &[u8], chance: &dyn Chance) -> String {
        let mut nonce = [0; NONCE_LEN];
        chance.fill(&mut nonce);
        let mut sealed = plain.to_vec();
        self.sealing(used_for)
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(owner.to_be_bytes()), &mut sealed)
            .expect("it is shorter than what can be encrypted at once");
        hex::encode([&nonce[..], &sealed].concat())
    }

    /// What was sealed. `None` where it was for another use or owner, or with another key.
    pub fn open_sealed(&self, used_for: &str, owner: i64, sealed: &str) -> Option<Vec<u8>> {
        let bytes = hex::decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let mut plain = sealed.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let length =
            self.sealing(used_for).open_in_place(nonce, Aad::from(owner.to_be_bytes()), &mut plain).ok()?.len();
        plain.truncate(length);
        Some(plain)
    }
}

fn make(path: &Path, chance: &dyn Chance) -> io::Result<String> {
    let mut key = [0; KEY_BYTES];
    chance.fill(&mut key);
    let text = hex::encode(key);
    private::put(path, &text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemChance;

    #[test]
    fn what_is_sealed_opens_for_its_use_and_owner_and_with_its_key_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, other) = (folder.path().join("vault.key"), folder.path().join("other.key"));
        let vault = Vault::open(&path, &SystemChance).expect("made");
        let sealed = vault.seal("papers", 7, b"secret", &SystemChance);
        assert!(!sealed.contains(&hex::encode("secret")));
        assert_ne!(sealed, vault.seal("papers", 7, b"secret", &SystemChance), "the same twice is not seen to be");
        let again = Vault::open(&path, &SystemChance).expect("read");
        assert_eq!(again.open_sealed("papers", 7, &sealed).as_deref(), Some(&b"secret"[..]));
        let stranger = Vault::open(&other, &SystemChance).expect("made");
        assert_eq!(stranger.open_sealed("papers", 7, &sealed), None);
        assert_eq!((vault.open_sealed("papers", 8, &sealed), vault.open_sealed("other", 7, &sealed)), (None, None));
        let mut broken = sealed.clone();
        let last = if broken.pop() == Some('0') { '1' } else { '0' };
        broken.push(last);
        for bad in [&*broken, "", "00", "no hex", &sealed[..20]] {
            assert_eq!(vault.open_sealed("papers", 7, bad), None, "{bad}");
        }
    }

    #[test]
    fn a_mark_is_the_same_for_the_same_parts_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let vault = Vault::open(&folder.path().join("vault.key"), &SystemChance).expect("made");
        let mark = vault.mark("code", &[b"ab", b"c"]);
        assert_eq!(mark, vault.mark("code", &[b"ab", b"c"]));
        assert_ne!(mark, vault.mark("code", &[b"a", b"bc"]));
        assert_ne!(mark, vault.mark("other", &[b"ab", b"c"]));
    }

    #[test]
    fn a_file_that_holds_no_key_is_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vault.key");
        for text in ["", "abc", &"g".repeat(64), &"0".repeat(63)] {
            std::fs::write(&path, text).expect("written");
            let refused = Vault::open(&path, &SystemChance).expect_err(text);
            assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
            assert_eq!(std::fs::read_to_string(&path).expect("there"), text);
        }
    }
}
