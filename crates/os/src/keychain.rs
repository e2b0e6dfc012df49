//! The system's keychain. Its calls block, and some never return: each has a thread of its own and three seconds.

use std::{thread, time::Duration};

use async_trait::async_trait;
use guildhall_client::ports::{Keychain, KeychainError};
use keyring::v1::{Entry, Error};
use tokio::{sync::oneshot, time::timeout};

/// The longest that a call is waited for. A keychain that asks the user takes longer, and is asked again next time.
const LIMIT: Duration = Duration::from_secs(3);

/// The keychain of the system, under one name of service.
#[derive(Clone, Debug)]
pub struct SystemKeychain {
    service: String,
}

impl SystemKeychain {
    /// Secrets are kept under this name of service.
    pub fn new(service: impl Into<String>) -> Self {
        Self { service: service.into() }
    }

    async fn call<T: Send + 'static>(
        &self,
        account: &str,
        call: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<Option<T>, KeychainError> {
        let (service, account) = (self.service.clone(), account.to_owned());
        limited(LIMIT, move || Entry::new(&service, &account).and_then(|entry| call(&entry))).await
    }
}

/// Runs a blocking call on a thread of its own. One that does not return in time is left to itself.
async fn limited<T: Send + 'static>(
    limit: Duration,
    call: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<Option<T>, KeychainError> {
    let (sender, receiver) = oneshot::channel();
    let spawned = thread::Builder::new().name("keychain".into()).spawn(move || {
        let _ = sender.send(call());
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
    use super::*;

    #[tokio::test]
    async fn a_keychain_that_hangs_is_not_waited_for() {
        let hangs = || {
            thread::sleep(Duration::from_secs(5));
            Ok(())
        };
        assert_eq!(limited(Duration::from_millis(50), hangs).await, Err(KeychainError::Unavailable));
    }

    #[tokio::test]
    async fn what_a_keychain_says_becomes_a_typed_answer() {
        let check =
            async |answer: Result<u8, Error>, expected| assert_eq!(limited(LIMIT, move || answer).await, expected);
        check(Ok(1), Ok(Some(1))).await;
        check(Err(Error::NoEntry), Ok(None)).await;
        check(Err(Error::NoStorageAccess("locked".into())), Err(KeychainError::Locked)).await;
        check(Err(Error::NoDefaultStore), Err(KeychainError::Unavailable)).await;
    }

    #[tokio::test]
    async fn a_keychain_that_panics_is_unavailable() {
        assert_eq!(limited::<()>(LIMIT, || panic!("inside the store")).await, Err(KeychainError::Unavailable));
    }
}
