//! Hashing and checking passwords: a few at a time, on threads of their own, in turns that are fair between sources.
//!
//! Each takes tens of milliseconds and 19 MiB. Whoever asks waits behind at most one password of every other source that
//! asks, however many that source sends; and so many may wait in all, no more.

use std::sync::{Arc, Mutex, PoisonError, mpsc};

use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHash, Version,
    password_hash::{Output, SaltString},
};
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;

use crate::{
    clock::Chance,
    fair_turns::{FairTurns, TooManyWaiting},
    sign_in_guard::Source,
};

/// Passwords that are hashed at the same time. Each holds 19 MiB of memory for tens of milliseconds.
const THREADS: usize = 2;
/// Bytes of what a password is hashed to.
const DIGEST_BYTES: usize = Params::DEFAULT_OUTPUT_LEN;
/// Passwords that may wait for their turn, from everybody together. More are told to come again.
const WAITING_MAX: usize = 256;
/// Passwords that may wait of one source: an office behind one address at nine in the morning.
const WAITING_EACH_MAX: usize = 64;

/// What hashing works in: kept for the next password while there is one, and given back when there is none.
type Memory = Vec<Block>;

type Work = Box<dyn FnOnce(&mut Memory) + Send>;

/// See the module.
pub struct Passwords {
    argon: Argon2<'static>,
    threads: mpsc::Sender<Work>,
    turns: FairTurns<Source>,
    nobody: String,
    chance: Arc<dyn Chance>,
}

impl Passwords {
    /// Parameters from the OWASP password storage cheat sheet (19 MiB, 2 passes), or the least there is, for tests.
    pub fn new(weak: bool, chance: Arc<dyn Chance>) -> Self {
        let params = if weak { Params::new(8, 1, 1, None) } else { Params::new(19_456, 2, 1, None) };
        let argon =
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params.expect("fixed parameters within the limits"));
        let nobody = hash(&argon, "nobody has this password", &*chance, &mut Memory::new());
        let turns = FairTurns::new(THREADS, WAITING_MAX, WAITING_EACH_MAX);
        Self { argon, threads: start_threads(), turns, nobody, chance }
    }

    /// The PHC form of a new password.
    ///
    /// # Errors
    /// [`TooManyWaiting`].
    pub async fn hash(&self, source: Source, password: String) -> Result<String, TooManyWaiting> {
        let (argon, chance) = (self.argon.clone(), Arc::clone(&self.chance));
        self.in_turn(source, false, move |memory| hash(&argon, &password, &*chance, memory)).await
    }

    /// Whether the password belongs to the hash. Without a hash it takes the same time and is false. Who was there before goes
    /// first.
    ///
    /// # Errors
    /// [`TooManyWaiting`].
    pub async fn matches(
        &self,
        source: Source,
        been_there: bool,
        password: String,
        stored: Option<String>,
    ) -> Result<bool, TooManyWaiting> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.clone());
        let fits = move |memory: &mut Memory| fits(&stored, &password, memory).unwrap_or_default();
        Ok(self.in_turn(source, been_there, fits).await? && known)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        source: Source,
        first: bool,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, TooManyWaiting> {
        let threads = self.threads.clone();
        let turn = async move {
            let (answer, answered) = oneshot::channel();
            let work: Work = Box::new(move |memory| drop(answer.send(work(memory))));
            threads.send(work).map_err(|_| TooManyWaiting)?;
            answered.await.map_err(|_| TooManyWaiting)
        };
        self.turns.take(source, first, turn).await?
    }
}

/// Threads of their own, always the same, each with memory that is used for one password after the other: taken and given
/// back for each, it would scatter, and sign-ins by the hundred would hold ten times as much.
fn start_threads() -> mpsc::Sender<Work> {
    let (sender, receiver) = mpsc::channel::<Work>();
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..THREADS {
        let receiver = Arc::clone(&receiver);
        let work_on = move || {
            let mut memory = Memory::new();
            loop {
                // Somebody who holds the lock waits for work: there is none.
                let waiting = receiver.try_lock().ok().and_then(|receiver| receiver.try_recv().ok());
                let next = waiting.map_or_else(
                    || {
                        memory = Memory::new();
                        receiver.lock().unwrap_or_else(PoisonError::into_inner).recv()
                    },
                    Ok,
                );
                let Ok(work) = next else { return };
                // A panic is one password that gets no answer; the thread goes on.
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&mut memory)));
            }
        };
        // Without a thread nothing is ever answered: then this server cannot sign anybody in, and says so by refusing.
        if let Err(error) = std::thread::Builder::new().name("passwords".into()).spawn(work_on) {
            tracing::error!(%error, "a thread for passwords cannot be started");
        }
    }
    sender
}

fn digest(argon: &Argon2, password: &str, salt: &[u8], memory: &mut Memory) -> argon2::Result<[u8; DIGEST_BYTES]> {
    let mut out = [0; DIGEST_BYTES];
    let blocks = argon.params().block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    argon.hash_password_into_with_memory(password.as_bytes(), salt, &mut out, &mut memory[..blocks])?;
    Ok(out)
}

fn hash(argon: &Argon2, password: &str, chance: &dyn Chance, memory: &mut Memory) -> String {
    let mut salt = [0; 16];
    chance.fill(&mut salt);
    let out = digest(argon, password, &salt, memory).expect("a salt of the right length");
    let encoded = SaltString::encode_b64(&salt).expect("16 bytes are a salt");
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: argon.params().try_into().expect("parameters that were checked"),
        salt: Some(encoded.as_salt()),
        hash: Some(Output::new(&out).expect("32 bytes are an output")),
    };
    hash.to_string()
}

/// Whether a password belongs to a stored hash, by the hash's own parameters. `None` for one that is not of ours.
fn fits(stored: &str, password: &str, memory: &mut Memory) -> Option<bool> {
    let hash = PasswordHash::new(stored).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm).ok()?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let argon = Argon2::new(algorithm, version, Params::try_from(&hash).ok()?);
    let mut salt = [0; 64];
    let salt = hash.salt?.decode_b64(&mut salt).ok()?;
    let out = digest(&argon, password, salt, memory).ok()?;
    Some(bool::from(out.ct_eq(hash.hash?.as_bytes())))
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn source(last: u8) -> Source {
        Source::of(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)))
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_alone() {
        let passwords = Passwords::new(true, Arc::new(crate::clock::SystemChance));
        let stored = passwords.hash(source(1), "a password".into()).await.expect("a turn");
        assert_eq!(passwords.matches(source(1), false, "a password".into(), Some(stored.clone())).await, Ok(true));
        assert_eq!(passwords.matches(source(1), false, "another".into(), Some(stored)).await, Ok(false));
        assert_eq!(passwords.matches(source(1), false, "nobody has this password".into(), None).await, Ok(false));
    }

    #[test]
    fn hashes_are_the_ones_that_the_library_itself_makes_and_checks() {
        use argon2::{PasswordHasher, PasswordVerifier};
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 2, 1, None).expect("parameters"));
        let ours = hash(&argon, "a password", &crate::clock::SystemChance, &mut Memory::new());
        let read = PasswordHash::new(&ours).expect("PHC form");
        assert!(argon.verify_password(b"a password", &read).is_ok() && argon.verify_password(b"other", &read).is_err());
        let salt = SaltString::encode_b64(b"0123456789abcdef").expect("a salt");
        let theirs = argon.hash_password(b"a password", &salt).expect("hashed").to_string();
        let mut memory = Memory::new();
        assert_eq!(fits(&theirs, "a password", &mut memory), Some(true));
        assert_eq!(fits(&theirs, "other", &mut memory), Some(false));
        assert_eq!(fits("no hash", "a password", &mut memory), None);
    }

    #[tokio::test]
    async fn a_panic_is_one_password_without_an_answer() {
        let passwords = Passwords::new(true, Arc::new(crate::clock::SystemChance));
        for _ in 0..2 * THREADS {
            let panicked: Result<(), _> = passwords.in_turn(source(1), false, |_| panic!("on purpose")).await;
            assert_eq!(panicked, Err(TooManyWaiting));
        }
        assert_eq!(passwords.in_turn(source(1), false, |_| 7).await, Ok(7));
    }
}
