//! The system's keychain. Its calls block, and some never return: each has a thread of its own and three seconds.

use std::{sync::Arc, thread, time::Duration};

use async_trait::async_trait;
use guildhall_client::ports::{Keychain, KeychainError};
use keyring::v1::{Entry, Error};
use tokio::{
    sync::{Semaphore, oneshot},
    time::timeout,
};

/// The longest that a call is waited for. A keychain that asks the user takes longer, and is asked again next time.
const LIMIT: Duration = Duration::from_secs(3);
/// Calls that may be under way at once, those included that will never return.
const CALLS_MAX: usize = 4;

/// The keychain of the system, under one name of service.
#[derive(Clone, Debug)]
pub struct SystemKeychain {
    service: String,
    /// One permit for each call that has not come back.
    calls: Arc<Semaphore>,
}

impl SystemKeychain {
    /// Secrets are kept under this name of service.
    pub fn new(service: impl Into<String>) -> Self {
        Self { service: service.into(), calls: Arc::new(Semaphore::new(CALLS_MAX)) }
    }

    async fn call<T: Send + 'static>(
        &self,
        account: &str,
        call: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<Option<T>, KeychainError> {
        let (service, account) = (self.service.clone(), account.to_owned());
        limited(LIMIT, &self.calls, move || Entry::new(&service, &account).and_then(|entry| call(&entry))).await
    }
}

/// Runs a blocking call on a thread of its own. One that does not return in time is left to itself.
async fn limited<T: Send + 'static>(
    limit: Duration,
    calls: &Arc<Semaphore>,
    call: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<Option<T>, KeychainError> {
    // A keychain that never returns keeps its thread, and is asked again and again: no more threads than these.
    let Ok(permit) = Arc::clone(calls).try_acquire_owned() else { return Err(KeychainError::Unavailable) };
    let (sender, receiver) = oneshot::channel();
    let spawned = thread::Builder::new().name("keychain".into()).spawn(move || {
        let answer = call();
        // Before the answer: whoever has it may call again at once.
        drop(permit);
        let _ = sender.send(answer);
    });
    if spawned.is_err() {
        return Err(KeychainError::Unavailable);
    }
    match timeout(limit, receiver).await {
        Ok(Ok(Ok(value))) => Ok(Some(value)),
        Ok(Ok(Err(Error::NoEntry))) => Ok(None),
        Ok(Ok(Err(Error::NoStorageAccess(_)))) => Err(KeychainError::Locked),
        Ok(Ok(Err(error))) => {
            // The kind only: what the store says may name the account.
            tracing::info!(kind = kind(&error), "the keychain did not do it");
            Err(KeychainError::Unavailable)
        }
        Ok(Err(_)) | Err(_) => Err(KeychainError::Unavailable),
    }
}

fn kind(error: &Error) -> &'static str {
    match error {
        Error::PlatformFailure(_) => "platform_failure",
        Error::NoDefaultStore => "no_store",
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) => "bad_format",
        _ => "other",
    }
}

#[async_trait]
impl Keychain for SystemKeychain {
    async fn get(&self, account: &str) -> Result<Option<String>, KeychainError> {
        self.call(account, Entry::get_password).await
    }

    async fn set(&self, account: &str, secret: &str) -> Result<(), KeychainError> {
        let secret = secret.to_owned();
        self.call(account, move |entry| entry.set_password(&secret)).await.map(drop)
    }

    async fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.call(account, Entry::delete_credential).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn calls() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(CALLS_MAX))
    }

    #[tokio::test]
    async fn a_keychain_that_hangs_is_not_waited_for() {
        let hangs = || {
            thread::sleep(Duration::from_secs(5));
            Ok(())
        };
        assert_eq!(limited(Duration::from_millis(50), &calls(), hangs).await, Err(KeychainError::Unavailable));
    }

    #[tokio::test]
    async fn a_keychain_that_never_returns_holds_a_bounded_number_of_threads() {
        let (calls, begun) = (calls(), Arc::new(AtomicUsize::new(0)));
        for _ in 0..50 {
            let begun = Arc::clone(&begun);
            let hangs = move || {
                begun.fetch_add(1, Ordering::SeqCst);
                thread::sleep(Duration::from_secs(2));
                Ok(())
            };
            assert_eq!(limited(Duration::from_millis(5), &calls, hangs).await, Err(KeychainError::Unavailable));
        }
        assert_eq!(begun.load(Ordering::SeqCst), CALLS_MAX);
    }

    #[tokio::test]
    async fn what_a_keychain_says_becomes_a_typed_answer() {
        let check = async |answer: Result<u8, Error>, expected| {
            assert_eq!(limited(LIMIT, &calls(), move || answer).await, expected)
        };
        check(Ok(1), Ok(Some(1))).await;
        check(Err(Error::NoEntry), Ok(None)).await;
        check(Err(Error::NoStorageAccess("locked".into())), Err(KeychainError::Locked)).await;
        check(Err(Error::NoDefaultStore), Err(KeychainError::Unavailable)).await;
    }

    #[tokio::test]
    async fn a_keychain_that_panics_is_unavailable() {
        assert_eq!(
            limited::<()>(LIMIT, &calls(), || panic!("inside the store")).await,
            Err(KeychainError::Unavailable)
        );
    }
}
