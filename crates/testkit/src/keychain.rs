//! A keychain in memory, which can be told to fail.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use guildhall_client::ports::{Keychain, KeychainError};

/// Secrets in memory: they live as long as the value does, over restarts of a core.
#[derive(Default)]
pub struct MemoryKeychain {
    secrets: Mutex<HashMap<String, String>>,
    fault: Mutex<Option<KeychainError>>,
}

impl MemoryKeychain {
    /// From now on every call fails so, or works again.
    pub fn fail(&self, with: Option<KeychainError>) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = with;
    }

    /// How many secrets it keeps.
    pub fn count(&self) -> usize {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Loses all secrets, and gives them to the test.
    pub fn take_all(&self) -> HashMap<String, String> {
        std::mem::take(&mut *self.secrets.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn check(&self) -> Result<(), KeychainError> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }
}

#[async_trait]
impl Keychain for MemoryKeychain {
    async fn get(&self, account: &str) -> Result<Option<String>, KeychainError> {
        self.check()?;
        Ok(self.secrets.lock().unwrap_or_else(PoisonError::into_inner).get(account).cloned())
    }

    async fn set(&self, account: &str, secret: &str) -> Result<(), KeychainError> {
        self.check()?;
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).insert(account.to_owned(), secret.to_owned());
        Ok(())
    }

    async fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.check()?;
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
        Ok(())
    }
}
