//! How many messages each person may send in a second, measured on a clock that nobody can set.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use guildhall_market::{ids::UserId, messages::MessageRate, time::Timestamp};

use crate::{
    clock::{Clock, Steady},
    error::ApiError,
};

/// Everybody's budget. Cheap to clone.
#[derive(Clone)]
pub struct MessageRates(Arc<Inner>);

struct Inner {
    most: usize,
    clock: Arc<dyn Clock>,
    since: Steady,
    all: Mutex<HashMap<UserId, MessageRate>>,
}

impl MessageRates {
    /// For so many messages a second.
    pub fn new(most: usize, clock: Arc<dyn Clock>) -> Self {
        let since = clock.steady();
        Self(Arc::new(Inner { most, clock, since, all: Mutex::default() }))
    }

    /// A place in a user's budget, not yet taken.
    pub fn turn(&self, user: UserId) -> MessageTurn {
        MessageTurn { rates: self.clone(), user, taken_at: Arc::default() }
    }

    fn now(&self) -> Timestamp {
        let passed = self.0.clock.steady().duration_since(self.0.since);
        Timestamp(i64::try_from(passed.as_millis()).unwrap_or(i64::MAX))
    }

    fn all(&self) -> MutexGuard<'_, HashMap<UserId, MessageRate>> {
        self.0.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One message's place in its writer's budget. Only a message that is accepted costs something (edge case 85).
#[derive(Clone)]
pub struct MessageTurn {
    rates: MessageRates,
    user: UserId,
    taken_at: Arc<Mutex<Option<Timestamp>>>,
}

impl MessageTurn {
    /// Takes one message from the budget; once, however often it is tried.
    ///
    /// # Errors
    /// 429 when the sliding second is full.
    pub fn take(&self) -> Result<(), ApiError> {
        let mut taken_at = self.taken_at.lock().unwrap_or_else(PoisonError::into_inner);
        if taken_at.is_none() {
            let now = self.rates.now();
            let mut rates = self.rates.all();
            if rates.len() > 10_000 {
                rates.retain(|_, rate| !rate.is_idle(now));
            }
            rates.entry(self.user).or_default().take(now, self.rates.0.most)?;
            *taken_at = Some(now);
        }
        Ok(())
    }

    /// Gives back what was taken, when the message was refused or failed.
    pub fn settle<T>(&self, outcome: Result<T, ApiError>) -> Result<T, ApiError> {
        let mut taken_at = self.taken_at.lock().unwrap_or_else(PoisonError::into_inner);
        if outcome.is_err()
            && let Some(at) = taken_at.take()
        {
            let mut rates = self.rates.all();
            rates.entry(self.user).or_default().give_back(at);
        }
        outcome
    }
}
