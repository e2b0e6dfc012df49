//! The chain of a book (L9): each entry is hashed with the hash of the one before, so that none can be changed, taken out or put in
//! without all that follow.
//!
//! The hash is SHA-256 over the 32 bytes of the hash before and the entry as canonical JSON (RFC 8785), in which every number is
//! a string of digits: no reader of JSON can round it.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::book::Entry;
use crate::time::Timestamp;

/// The hash of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// What stands before the first entry of a book.
    pub const NONE: Self = Self([0; 32]);

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// 64 digits, lower-case hexadecimal.
impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// It is no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash has 64 digits, lower-case hexadecimal")]
pub struct NoHash;

impl std::str::FromStr for Hash {
    type Err = NoHash;

    fn from_str(text: &str) -> Result<Self, NoHash> {
        let digit = |at: usize| match text.as_bytes().get(at) {
            Some(byte @ b'0'..=b'9') => Ok(byte - b'0'),
            Some(byte @ b'a'..=b'f') => Ok(byte - b'a' + 10),
            _ => Err(NoHash),
        };
        let mut bytes = [0; 32];
        for (n, byte) in bytes.iter_mut().enumerate() {
            *byte = digit(2 * n)? << 4 | digit(2 * n + 1)?;
        }
        if text.len() == 64 { Ok(Self(bytes)) } else { Err(NoHash) }
    }
}

/// An entry as it stands in its book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its number in the book, from 1 without a gap.
    pub seq: i64,
    /// The number of the group with which it was posted.
    pub group: i64,
    /// When, on the server's clock.
    pub at: Timestamp,
    /// What moved.
    pub entry: Entry,
}

/// As it is hashed. The names are in the order of the alphabet, as they are in canonical JSON.
#[derive(Serialize)]
struct Said<'e> {
    amount: String,
    at_ms: String,
    credit: String,
    currency: &'e str,
    debit: String,
    group: String,
    letter: &'e str,
    seq: String,
}

impl Standing {
    /// The entry as canonical JSON.
    pub fn canonical(&self) -> String {
        let entry = &self.entry;
        let said = Said {
            amount: entry.amount.to_string(),
            at_ms: self.at.0.to_string(),
            credit: entry.credit.to_string(),
            currency: entry.currency.code(),
            debit: entry.debit.to_string(),
            group: self.group.to_string(),
            letter: entry.letter.code(),
            seq: self.seq.to_string(),
        };
        // A struct of texts is always JSON.
        serde_jcs::to_string(&said).unwrap_or_default()
    }

    /// Its hash, behind the hash of the entry before.
    pub fn hash(&self, before: Hash) -> Hash {
        let mut hash = Sha256::new();
        hash.update(before.0);
        hash.update(self.canonical());
        Hash(hash.finalize().into())
    }
}

/// Where a chain is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An entry is missing, or there is one too many.
    #[error("the entry behind number {0} is missing")]
    Gap(i64),
    /// An entry is not what it was.
    #[error("the entry with number {0} is not what was posted")]
    Changed(i64),
}

/// A chain that is checked, entry by entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The number of the last entry.
    pub seq: i64,
    /// Its hash.
    pub head: Hash,
}

impl Checked {
    /// Before the first entry.
    pub const NONE: Self = Self { seq: 0, head: Hash::NONE };

    /// With the next entry, which is said to have this hash.
    ///
    /// # Errors
    /// [`Broken`].
    pub fn then(self, next: &Standing, said: Hash) -> Result<Self, Broken> {
        if next.seq != self.seq + 1 {
            return Err(Broken::Gap(self.seq));
        }
        let head = next.hash(self.head);
        if head != said {
            return Err(Broken::Changed(next.seq));
        }
        Ok(Self { seq: next.seq, head })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::{EscrowId, UserId},
        money::book::{Account, Letter},
    };

    fn standing(seq: i64, amount: i64) -> Standing {
        let entry = Entry {
            letter: Letter::Release,
            debit: Account::Escrow(EscrowId(7)),
            credit: Account::User(UserId(3)),
            amount,
            currency: "NGN".parse().expect("a currency"),
        };
        Standing { seq, group: 12, at: Timestamp(1_763_856_000_000), entry }
    }

    #[test]
    fn an_entry_is_written_in_one_way_and_its_numbers_are_texts() {
        let said = standing(5, 999_999_999_999_999).canonical();
        let expected = concat!(
            r#"{"amount":"999999999999999","at_ms":"1763856000000","credit":"user:3","currency":"NGN","debit":"escrow:7","#,
            r#""group":"12","letter":"L-release","seq":"5"}"#
        );
        assert_eq!(said, expected);
        // As any other program makes it: `printf '%064d%s' 0 … | xxd -r -p …`, here once by hand.
        let mut by_hand = Sha256::new();
        by_hand.update([0; 32]);
        by_hand.update(expected.as_bytes());
        let by_hand: [u8; 32] = by_hand.finalize().into();
        assert_eq!(standing(5, 999_999_999_999_999).hash(Hash::NONE).bytes(), &by_hand);
    }

    #[test]
    fn what_is_changed_taken_out_or_put_in_breaks_the_chain() {
        let mut chain = Vec::new();
        let mut head = Hash::NONE;
        for seq in 1..=5 {
            head = standing(seq, seq * 100).hash(head);
            chain.push((standing(seq, seq * 100), head));
        }
        let check = |chain: &[(Standing, Hash)]| {
            chain.iter().try_fold(Checked::NONE, |checked, (entry, said)| checked.then(entry, *said))
        };
        assert_eq!(check(&chain), Ok(Checked { seq: 5, head }));
        let mut changed = chain.clone();
        changed[2].0.entry.amount += 1;
        assert_eq!(check(&changed), Err(Broken::Changed(3)));
        // Hashed anew, it is the next one that does not fit.
        changed[2].1 = changed[2].0.hash(changed[1].1);
        assert_eq!(check(&changed), Err(Broken::Changed(4)));
        let mut short = chain.clone();
        short.remove(1);
        assert_eq!(check(&short), Err(Broken::Gap(1)));
        let mut long = chain.clone();
        long.insert(1, chain[0].clone());
        assert_eq!(check(&long), Err(Broken::Gap(1)));
    }

    #[test]
    fn a_hash_is_read_as_it_is_written() {
        let hash = standing(1, 1).hash(Hash::NONE);
        assert_eq!(hash.to_string().parse(), Ok(hash));
        for wrong in ["", "00", &"g".repeat(64), &"A".repeat(64), &"0".repeat(65)] {
            assert_eq!(wrong.parse::<Hash>(), Err(NoHash), "{wrong}");
        }
    }
}
