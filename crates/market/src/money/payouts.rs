//! A payout: the only way in which money leaves a balance. The provider is asked under one reference however often it is tried, so
//! that nothing is sent twice.

use super::{
    amounts::{AMOUNT_MAX, Currency},
    book::{Account, Book, Letter, Posting},
};
use crate::{
    ids::{PayoutId, UserId},
    process::{Missing, coded, row},
    time::{MINUTE_MS, Timestamp},
};

/// How often one is sent.
pub const ATTEMPTS_MAX: u32 = 3;
/// How long is waited before it is sent again, by how often it was sent already, milliseconds.
const WAITS_MS: [i64; 2] = [MINUTE_MS, 10 * MINUTE_MS];

/// Where a payout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Waits to be sent.
    Queued,
    /// Was sent, and nobody knows yet.
    Processing,
    /// It arrived.
    Paid,
    /// It did not, for certain.
    Failed,
    /// It arrived and came back.
    Returned,
}

/// What is done to a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// It is sent.
    Send,
    /// The provider says that it never saw it.
    TryAgain,
    /// It arrived.
    Succeed,
    /// Its owner thinks again, before it was sent.
    Cancel,
    /// A conclusive no.
    Fail,
    /// One that had failed turns out paid.
    TurnOutPaid,
    /// The bank sent it back.
    Return,
}

/// Who does something to a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Whose it is.
    Owner,
    /// Anybody else.
    Stranger,
    /// An administrator.
    Admin,
    /// The server.
    System,
    /// The provider, once it was asked.
    Provider,
}

coded!(State { Queued "queued", Processing "processing", Paid "paid", Failed "failed", Returned "returned" });
coded!(Act {
    Send "send", TryAgain "try_again", Succeed "succeed", Cancel "cancel", Fail "fail", TurnOutPaid "turn_out_paid", Return "return",
});
coded!(Role { Owner "owner", Stranger "stranger", Admin "admin", System "system", Provider "provider" });

/// One step of the process.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What is done
    pub act: Act,
    /// where it stands so
    pub from: &'static [State],
    /// by one of these,
    pub by: &'static [Role],
    /// and what it becomes.
    pub to: State,
}

/// Every step there is. What stands in no row cannot be done.
pub const STEPS: &[Step] = {
    use Act::*;
    use State::*;
    &[
        Step { act: Send, from: &[Queued], by: &[Role::System], to: Processing },
        Step { act: TryAgain, from: &[Processing], by: &[Role::System], to: Queued },
        Step { act: Succeed, from: &[Processing], by: &[Role::Provider], to: Paid },
        Step { act: Cancel, from: &[Queued], by: &[Role::Owner], to: Failed },
        Step { act: Fail, from: &[Queued, Processing], by: &[Role::Provider, Role::Admin], to: Failed },
        Step { act: TurnOutPaid, from: &[Failed], by: &[Role::Provider], to: Paid },
        Step { act: Return, from: &[Paid], by: &[Role::Provider], to: Returned },
    ]
};

/// A payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Which.
    pub id: PayoutId,
    /// Whose.
    pub user: UserId,
    /// Minor units.
    pub amount: i64,
    /// Of what.
    pub currency: Currency,
    /// Through which provider.
    pub provider: String,
    /// Where it stands.
    pub state: State,
    /// How often it was sent.
    pub attempts: u32,
    /// When it may be sent next.
    pub not_before: Timestamp,
}

/// Why nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is for somebody else.
    #[error("this is for somebody else")]
    Forbidden,
    /// Not from where it stands.
    #[error("not while it is {}", .0.code())]
    WrongState(State),
    /// It is no amount.
    #[error("an amount is 1 to 10^15 minor units")]
    BadAmount,
    /// The balance is lower.
    #[error("the balance is {balance} minor units")]
    InsufficientFunds {
        /// Minor units.
        balance: i64,
    },
    /// The provider does not hold that much beyond what it already has to send to others.
    #[error("the provider has {free} minor units that are promised to nobody")]
    ProviderShort {
        /// Minor units.
        free: i64,
    },
    /// It was sent as often as may be.
    #[error("it was sent {ATTEMPTS_MAX} times")]
    NoAttemptsLeft,
}

impl Refusal {
    /// The reason as it is said on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::WrongState(_) => "wrong_state",
            Self::BadAmount => "bad_amount",
            Self::InsufficientFunds { .. } => "insufficient_funds",
            Self::ProviderShort { .. } => "provider_short",
            Self::NoAttemptsLeft => "no_attempts_left",
        }
    }
}

/// What a payout became, and what is posted with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// As it stands then.
    pub payout: Payout,
    /// What moves.
    pub posting: Posting,
}

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which it is to be.
    pub id: PayoutId,
    /// Whose.
    pub user: UserId,
    /// Minor units. What could not be read as an amount is 0.
    pub amount: i64,
    /// Of what.
    pub currency: Currency,
    /// Through which provider.
    pub provider: String,
}

/// What there is for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct There {
    /// The person's balance, minor units.
    pub balance: i64,
    /// What lies with the provider, minor units.
    pub cash: i64,
    /// What the provider has to send already for payouts that are under way, minor units.
    pub promised: i64,
}

impl There {
    /// As a book has it, with what payouts under way through the provider come to.
    pub fn of(book: &Book, asked: &Asked, promised: i64) -> Self {
        Self {
            balance: book.balance(asked.currency, &Account::User(asked.user)),
            cash: -book.balance(asked.currency, &Account::Cash(asked.provider.clone())),
            promised,
        }
    }
}

/// Takes what somebody asks for from their balance.
///
/// # Errors
/// [`Refusal::BadAmount`], [`Refusal::InsufficientFunds`], [`Refusal::ProviderShort`], in this order.
pub fn request(asked: Asked, there: There, now: Timestamp) -> Result<Decision, Refusal> {
    let Asked { id, user, amount, currency, provider } = asked;
    if !(1..=AMOUNT_MAX).contains(&amount) {
        return Err(Refusal::BadAmount);
    }
    if amount > there.balance {
        return Err(Refusal::InsufficientFunds { balance: there.balance });
    }
    let free = there.cash.saturating_sub(there.promised);
    if amount > free {
        return Err(Refusal::ProviderShort { free: free.max(0) });
    }
    let mut posting = Posting::new(currency);
    posting.moves(Letter::Payout, Account::User(user), Account::Payout(id), amount);
    let state = State::Queued;
    Ok(Decision {
        payout: Payout { id, user, amount, currency, provider, state, attempts: 0, not_before: now },
        posting,
    })
}

/// Decides what becomes of a payout. `provider_fee` is what the provider kept of it, minor units; `balance` what the person has.
///
/// # Errors
/// [`Refusal`], with rights asked for first, then the state.
pub fn decide(
    payout: &Payout,
    act: Act,
    by: Role,
    (provider_fee, balance): (i64, i64),
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let theirs = STEPS.iter().filter(|step| step.act == act && step.by.contains(&by));
    let step = row(theirs, |step| step.from.contains(&payout.state)).map_err(|missing| match missing {
        Missing::Forbidden => Refusal::Forbidden,
        Missing::WrongState => Refusal::WrongState(payout.state),
    })?;
    let mut after = payout.clone();
    let mut posting = Posting::new(payout.currency);
    let cash = || Account::Cash(payout.provider.clone());
    let (own, way) = (|| Account::User(payout.user), || Account::Payout(payout.id));
    match act {
        Act::Send => after.attempts += 1,
        Act::TryAgain => {
            let sent = usize::try_from(payout.attempts).unwrap_or(usize::MAX);
            let wait_ms = sent.checked_sub(1).and_then(|n| WAITS_MS.get(n)).ok_or(Refusal::NoAttemptsLeft)?;
            after.not_before = now.plus_ms(*wait_ms);
        }
        Act::Succeed => {
            posting.moves(Letter::Paid, way(), cash(), payout.amount);
            posting.moves(Letter::ProviderFee, Account::ProviderFees, cash(), provider_fee);
        }
        Act::Fail | Act::Cancel => posting.moves(Letter::Unpaid, way(), own(), payout.amount),
        Act::TurnOutPaid => {
            // It is on the balance again, and perhaps gone from there.
            let from_balance = payout.amount.min(balance).max(0);
            posting.moves(Letter::LatePaid, own(), cash(), from_balance);
            posting.moves(Letter::LatePaid, Account::Losses, cash(), payout.amount - from_balance);
            posting.moves(Letter::ProviderFee, Account::ProviderFees, cash(), provider_fee);
        }
        Act::Return => posting.moves(Letter::Returned, cash(), own(), payout.amount),
    }
    after.state = step.to;
    Ok(Decision { payout: after, posting })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_763_856_000_000);

    fn asked(amount: i64) -> Asked {
        let currency = "NGN".parse().expect("a currency");
        Asked { id: PayoutId(1), user: UserId(7), amount, currency, provider: "paystack".into() }
    }

    fn queued() -> Payout {
        request(asked(100), There { balance: 100, cash: 100, promised: 0 }, NOW).expect("asked").payout
    }

    #[test]
    fn e58_e59_a_payout_is_of_what_there_is_and_of_what_is_promised_to_nobody() {
        let there = There { balance: 100, cash: 150, promised: 50 };
        for wrong in [0, -1, AMOUNT_MAX + 1] {
            assert_eq!(request(asked(wrong), there, NOW), Err(Refusal::BadAmount));
        }
        assert_eq!(request(asked(101), there, NOW), Err(Refusal::InsufficientFunds { balance: 100 }));
        let short = There { promised: 51, ..there };
        assert_eq!(request(asked(100), short, NOW), Err(Refusal::ProviderShort { free: 99 }));
        let none = There { cash: -5, promised: 0, ..there };
        assert_eq!(request(asked(1), none, NOW), Err(Refusal::ProviderShort { free: 0 }));
        let done = request(asked(100), there, NOW).expect("asked");
        assert_eq!((done.payout.state, done.payout.attempts), (State::Queued, 0));
        assert_eq!(done.posting.entries().len(), 1);
    }

    #[test]
    fn every_act_of_every_role_in_every_state_is_done_or_refused_with_its_reason() {
        for act in Act::ALL {
            let (may, open, to): (&[Role], &[State], State) = match act {
                Act::Send => (&[Role::System], &[State::Queued], State::Processing),
                Act::TryAgain => (&[Role::System], &[State::Processing], State::Queued),
                Act::Succeed => (&[Role::Provider], &[State::Processing], State::Paid),
                Act::Cancel => (&[Role::Owner], &[State::Queued], State::Failed),
                Act::Fail => (&[Role::Provider, Role::Admin], &[State::Queued, State::Processing], State::Failed),
                Act::TurnOutPaid => (&[Role::Provider], &[State::Failed], State::Paid),
                Act::Return => (&[Role::Provider], &[State::Paid], State::Returned),
            };
            for by in Role::ALL {
                for state in State::ALL {
                    let payout = Payout { state: *state, attempts: 1, ..queued() };
                    let expected = match (may.contains(by), open.contains(state)) {
                        (true, true) => Ok(to),
                        (true, false) => Err(Refusal::WrongState(*state)),
                        (false, _) => Err(Refusal::Forbidden),
                    };
                    let found = decide(&payout, *act, *by, (0, 0), NOW).map(|done| done.payout.state);
                    assert_eq!(found, expected, "{act:?} {by:?} {state:?}");
                }
            }
        }
        assert!(State::ALL.iter().all(|state| State::from_code(state.code()) == Some(*state)));
        assert!(Act::ALL.iter().all(|act| Act::from_code(act.code()) == Some(*act)));
    }

    #[test]
    fn e61_one_is_sent_three_times_at_most_and_waits_between() {
        let mut payout = queued();
        for wait_ms in [Some(MINUTE_MS), Some(10 * MINUTE_MS), None] {
            payout = decide(&payout, Act::Send, Role::System, (0, 0), NOW).expect("sent").payout;
            let again = decide(&payout, Act::TryAgain, Role::System, (0, 0), NOW);
            match wait_ms {
                Some(wait_ms) => {
                    payout = again.expect("again").payout;
                    assert_eq!(payout.not_before, NOW.plus_ms(wait_ms));
                }
                None => assert_eq!(again, Err(Refusal::NoAttemptsLeft)),
            }
        }
        assert_eq!(payout.attempts, ATTEMPTS_MAX);
    }

    #[test]
    fn what_had_failed_and_turns_out_paid_is_taken_from_the_balance_as_far_as_that_goes() {
        let failed = Payout { state: State::Failed, ..queued() };
        let amounts = |balance| {
            let done = decide(&failed, Act::TurnOutPaid, Role::Provider, (3, balance), NOW).expect("posted");
            let entries = done.posting.into_entries();
            entries.into_iter().map(|entry| (entry.debit.to_string(), entry.amount)).collect::<Vec<_>>()
        };
        let fee = ("provider_fees".to_owned(), 3);
        assert_eq!(amounts(500), [("user:7".to_owned(), 100), fee.clone()]);
        assert_eq!(amounts(40), [("user:7".to_owned(), 40), ("losses".to_owned(), 60), fee.clone()]);
        assert_eq!(amounts(0), [("losses".to_owned(), 100), fee]);
    }
}
