//! Slows guessing and mass registration down, without letting a stranger lock anybody out.
//!
//! Every try is counted before it is looked at, so that many at once are no more than one after the other. Three budgets:
//! one for each account from each source, which is small; one for each source, whatever the account; and one for each
//! account from sources that never signed in to it, so that guessing from many places is slow as well, while the owner
//! still gets in from where they have been before. All of it by a clock that nobody can set.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{InMemoryState, NotKeyed},
};

use crate::{
    clock::{Clock, Steady},
    config::SignInLimits,
    error::ApiError,
};

/// Entries of one table; when there are more, those whose budget is whole again are forgotten.
const ENTRIES_MAX: usize = 20_000;
/// Sources that an account is remembered to have signed in from.
const PLACES_MAX: usize = 32;

/// Where a request comes from: an address, or the network that one customer gets in version 6 (64 bits, RFC 6177).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Source(IpAddr);

impl Source {
    /// The source of an address.
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            v4 => v4,
        })
    }
}

/// As it is stored and shown: an address, or a network of version 6.
impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            IpAddr::V4(v4) => write!(f, "{v4}"),
            IpAddr::V6(v6) => write!(f, "{v6}/64"),
        }
    }
}

/// A budget: so many at once, and so many more in each time of that length.
fn quota(burst: u32, refill_every: Duration) -> Quota {
    Quota::with_period(refill_every)
        .expect("no budget refills in no time")
        .allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN))
}

/// The server's steady clock as the limiters read it.
#[derive(Clone, Debug)]
struct SteadyClock {
    clock: Arc<dyn Clock>,
    since: Steady,
}

impl governor::clock::Clock for SteadyClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.clock.steady().saturating_duration_since(self.since).into()
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, SteadyClock, NoOpMiddleware<Nanos>>;

/// Budgets by key.
struct Budgets<K> {
    quota: Quota,
    refilled_within: Duration,
    clock: SteadyClock,
    each: HashMap<K, (Limiter, Steady)>,
}

impl<K: std::hash::Hash + Eq> Budgets<K> {
    fn new(burst: u32, refill_every: Duration, clock: &SteadyClock) -> Self {
        let refilled_within = refill_every * burst.max(1);
        Self { quota: quota(burst, refill_every), refilled_within, clock: clock.clone(), each: HashMap::new() }
    }

    /// Takes one. Otherwise says how long to wait.
    fn take(&mut self, key: K) -> Result<(), Duration> {
        let now = self.clock.clock.steady();
        if self.each.len() >= ENTRIES_MAX {
            let whole_after = self.refilled_within;
            self.each.retain(|_, (_, used)| now.duration_since(*used) < whole_after);
        }
        let quota = self.quota;
        let (limiter, used) =
            self.each.entry(key).or_insert_with(|| (RateLimiter::direct_with_clock(quota, self.clock.clone()), now));
        match limiter.check() {
            Ok(()) => {
                *used = now;
                Ok(())
            }
            Err(wait) => Err(wait.wait_time_from(governor::clock::Clock::now(limiter.clock()))),
        }
    }

    fn refill(&mut self, key: &K) {
        self.each.remove(key);
    }
}

struct Tables {
    of_account_from_source: Budgets<(String, Source)>,
    of_source: Budgets<Source>,
    of_account_from_strangers: Budgets<String>,
    registrations: Budgets<Source>,
    /// Where each account signed in from, latest last.
    places: HashMap<String, Vec<Source>>,
}

/// See the module.
pub struct SignInGuard(Mutex<Tables>);

impl SignInGuard {
    /// With these limits.
    pub fn new(limits: SignInLimits, clock: Arc<dyn Clock>) -> Self {
        let clock = &SteadyClock { since: clock.steady(), clock };
        let minute = Duration::from_secs(60);
        Self(Mutex::new(Tables {
            of_account_from_source: Budgets::new(
                limits.per_account_and_source,
                minute / limits.per_account_and_source.max(1),
                clock,
            ),
            of_source: Budgets::new(limits.per_source, minute / limits.per_source.max(1), clock),
            of_account_from_strangers: Budgets::new(limits.per_account, minute / limits.per_account.max(1), clock),
            registrations: Budgets::new(
                limits.registrations_per_source,
                10 * minute / limits.registrations_per_source.max(1),
                clock,
            ),
            places: HashMap::new(),
        }))
    }

    /// Counts a try to sign in, before anything of it is looked at. Answers whether somebody signed in to this account from there
    /// before: they do not wait behind strangers.
    ///
    /// # Errors
    /// 429 when one of the budgets is used up.
    pub fn try_sign_in(&self, email: &str, source: Source) -> Result<bool, ApiError> {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables
            .of_source
            .take(source)
            .map_err(|wait| too_many("Too many tries to sign in from where you are. Wait a moment.", wait))?;
        tables
            .of_account_from_source
            .take((email.to_owned(), source))
            .map_err(|wait| too_many("Too many failed sign-ins for this address. Wait a minute.", wait))?;
        let been_here = tables.places.get(email).is_some_and(|places| places.contains(&source));
        if !been_here {
            tables.of_account_from_strangers.take(email.to_owned()).map_err(|wait| {
                too_many("Too many failed sign-ins for this address from many places. Wait a minute.", wait)
            })?;
        }
        Ok(been_here)
    }

    /// Notes that the owner of an account signed in: what they mistyped before is forgotten.
    pub fn signed_in(&self, email: &str, source: Source) {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables.of_account_from_source.refill(&(email.to_owned(), source));
        if tables.places.len() >= ENTRIES_MAX && !tables.places.contains_key(email) {
            tables.places.clear();
        }
        let places = tables.places.entry(email.to_owned()).or_default();
        places.retain(|place| *place != source);
        places.push(source);
        if places.len() > PLACES_MAX {
            places.remove(0);
        }
    }

    /// Counts a registration.
    ///
    /// # Errors
    /// 429 when this source has made too many accounts.
    pub fn try_register(&self, source: Source) -> Result<(), ApiError> {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables.registrations.take(source).map_err(|wait| {
            let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
            ApiError::too_many(
                "too_many_registrations",
                "Too many new accounts from where you are. Wait a minute.",
                wait_ms,
            )
        })
    }
}

fn too_many(words: &str, wait: Duration) -> ApiError {
    ApiError::too_many("too_many_logins", words, i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::of(text.parse().expect("an address"))
    }

    fn guard() -> SignInGuard {
        SignInGuard::new(SignInLimits::default(), Arc::new(crate::clock::SystemClock))
    }

    #[test]
    fn ten_wrong_tries_lock_their_source_and_not_the_owner() {
        let guard = guard();
        let (thief, owner) = (source("192.0.2.1"), source("192.0.2.2"));
        let looked_at = (0..60).filter(|_| guard.try_sign_in("ana@example.com", thief).is_ok()).count();
        assert_eq!(looked_at, 10);
        guard.try_sign_in("ana@example.com", owner).expect("the owner still gets in from elsewhere");
        guard.try_sign_in("tunde@example.com", thief).expect("another account has a budget of its own");
    }

    #[test]
    fn guessing_from_many_places_is_slow_and_the_owner_gets_in_from_where_they_have_been() {
        let guard = guard();
        let home = source("198.51.100.7");
        guard.signed_in("ana@example.com", home);
        let looked_at = (0..2_000)
            .filter(|n| guard.try_sign_in("ana@example.com", source(&format!("10.0.{}.{}", n / 250, n % 250))).is_ok())
            .count();
        assert!(looked_at <= 110, "{looked_at} guesses were looked at");
        assert!(guard.try_sign_in("ana@example.com", home).expect("the owner gets in from home"), "and goes first");
        assert!(!guard.try_sign_in("tunde@example.com", home).expect("a budget"), "at another account nobody was here");
    }

    #[test]
    fn one_source_cannot_go_through_all_accounts() {
        let guard = guard();
        let thief = source("2001:db8:1:2:3::1");
        let looked_at = (0..500)
            .filter(|n| {
                guard.try_sign_in(&format!("p{n}@example.com"), source(&format!("2001:db8:1:2::{n:x}"))).is_ok()
            })
            .count();
        assert!((120..=125).contains(&looked_at), "{looked_at}");
        assert!(guard.try_sign_in("last@example.com", thief).is_err(), "the same network of 64 bits");
        assert!(guard.try_sign_in("last@example.com", source("2001:db8:1:3::1")).is_ok());
    }

    #[test]
    fn signing_in_forgets_what_was_mistyped() {
        let guard = guard();
        let home = source("192.0.2.1");
        for _ in 0..5 {
            (0..9).for_each(|_| assert!(guard.try_sign_in("ana@example.com", home).is_ok()));
            guard.signed_in("ana@example.com", home);
        }
    }

    #[test]
    fn a_source_makes_so_many_accounts() {
        let guard = guard();
        let made = (0..500).filter(|_| guard.try_register(source("192.0.2.1")).is_ok()).count();
        assert_eq!(made, SignInLimits::default().registrations_per_source as usize);
        assert!(guard.try_register(source("192.0.2.2")).is_ok());
    }
}
