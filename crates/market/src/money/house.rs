//! All the money of one market in memory: its escrows, payouts and books. What a server keeps in its database is held against it,
//! and examples and random histories run on it.

use std::collections::BTreeMap;

use super::{
    amounts::{AMOUNT_MAX, Currency},
    book::{Account, Book, Letter, Posting},
    escrow_steps::{Act, Role},
    escrows::{self, Clock, Command, Escrow, Take, Terms},
    payouts::{self, Asked, Payout, There},
};
use crate::{
    ids::{EscrowId, PayoutId, UserId},
    time::Timestamp,
};

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct House {
    book: Book,
    escrows: BTreeMap<EscrowId, Escrow>,
    payouts: BTreeMap<PayoutId, Payout>,
    now: Timestamp,
}

/// A charge that a provider reports and was asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// What it says that it is for.
    pub escrow: Option<EscrowId>,
    /// Minor units.
    pub amount: i64,
    /// Of what.
    pub currency: Currency,
    /// With which provider it lies.
    pub provider: String,
    /// What that one kept, minor units.
    pub provider_fee: i64,
}

/// Why money that arrived fits nothing, in the order in which is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// There is no such escrow.
    UnknownEscrow,
    /// It does not wait for money.
    NotAwaiting,
    /// It is of another currency.
    WrongCurrency,
    /// It is another amount.
    WrongAmount,
}

impl Misfit {
    /// The reason as it is said on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownEscrow => "unknown_escrow",
            Self::NotAwaiting => "not_awaiting",
            Self::WrongCurrency => "wrong_currency",
            Self::WrongAmount => "wrong_amount",
        }
    }
}

/// Whether a charge fits an escrow.
///
/// # Errors
/// [`Misfit`].
pub fn fits(charge: &Charge, escrow: Option<&Escrow>) -> Result<EscrowId, Misfit> {
    let escrow = escrow.ok_or(Misfit::UnknownEscrow)?;
    if escrow.stage != super::escrow_steps::Stage::AwaitingFunds {
        return Err(Misfit::NotAwaiting);
    }
    if escrow.terms.currency != charge.currency {
        return Err(Misfit::WrongCurrency);
    }
    if escrow.terms.price != charge.amount {
        return Err(Misfit::WrongAmount);
    }
    Ok(escrow.terms.id)
}

impl House {
    /// The books.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// An escrow.
    pub fn escrow(&self, id: EscrowId) -> Option<&Escrow> {
        self.escrows.get(&id)
    }

    /// All escrows.
    pub fn escrows(&self) -> impl Iterator<Item = &Escrow> {
        self.escrows.values()
    }

    /// A payout.
    pub fn payout(&self, id: PayoutId) -> Option<&Payout> {
        self.payouts.get(&id)
    }

    /// Time passes, never backwards, and whatever is due by then happens in its order: by deadline, then by number.
    pub fn pass(&mut self, to: Timestamp) {
        self.now = self.now.max(to);
        while let Some((at, id, act)) = self.next_due() {
            let command = match act {
                Act::PayByPasses => Command::PayByPasses,
                Act::ReviewPasses => Command::ReviewPasses,
                _ => Command::ReplyPasses,
            };
            let done = self.carry_out(id, &command, (Role::System, None), at);
            // The table has a step for the end of every clock; an escrow that refused it would be asked for ever.
            if done.is_err() {
                return;
            }
        }
    }

    fn next_due(&self) -> Option<(Timestamp, EscrowId, Act)> {
        let due = self.escrows.iter().filter_map(|(id, escrow)| escrow.due().map(|(at, act)| (at, *id, act)));
        due.filter(|(at, ..)| *at <= self.now).min_by_key(|(at, id, _)| (*at, *id))
    }

    fn post(&mut self, posting: &Posting) -> Result<(), String> {
        self.book.post(posting.entries()).map_err(|refusal| refusal.to_string())
    }

    /// Opens an escrow.
    ///
    /// # Errors
    /// The reason: `bad_amount`, `same_party`, `exists`.
    pub fn open(&mut self, terms: Terms, pay_by_ms: Option<i64>) -> Result<(), &'static str> {
        let id = terms.id;
        let escrow = escrows::open(terms, pay_by_ms, self.now).map_err(|refusal| refusal.code())?;
        if self.escrows.contains_key(&id) {
            return Err("exists");
        }
        self.escrows.insert(id, escrow);
        Ok(())
    }

    fn carry_out(
        &mut self,
        id: EscrowId,
        command: &Command,
        by: (Role, Option<UserId>),
        at: Timestamp,
    ) -> Result<(), &'static str> {
        let escrow = self.escrows.get(&id).ok_or("unknown_escrow")?;
        let done = escrows::decide(escrow, command, by, at).map_err(|refusal| refusal.code())?;
        self.post(&done.posting).map_err(|_| "insufficient_funds")?;
        self.escrows.insert(id, done.escrow);
        Ok(())
    }

    /// Somebody does something to an escrow.
    ///
    /// # Errors
    /// The reason.
    pub fn command(&mut self, id: EscrowId, command: &Command, who: UserId, admin: bool) -> Result<(), &'static str> {
        let escrow = self.escrows.get(&id).ok_or("unknown_escrow")?;
        let by = (escrow.role_of(who, admin), Some(who));
        self.carry_out(id, command, by, self.now)
    }

    /// The provider does.
    ///
    /// # Errors
    /// The reason.
    pub fn provider(&mut self, id: EscrowId, command: &Command) -> Result<(), &'static str> {
        self.carry_out(id, command, (Role::Provider, None), self.now)
    }

    /// What a provider took back of an escrow, with what its payer has at this moment.
    ///
    /// # Errors
    /// The reason.
    pub fn chargeback(&mut self, id: EscrowId, take: Take) -> Result<(), &'static str> {
        let escrow = self.escrows.get(&id).ok_or("unknown_escrow")?;
        let payer_has = self.book.balance(escrow.terms.currency, &Account::User(escrow.terms.payer));
        self.provider(id, &Command::Chargeback(Take { payer_has, ..take }))
    }

    /// A charge arrived. Answers with why it fits nothing, where it does not: then it is kept for whoever sent it.
    ///
    /// # Errors
    /// The reason: `bad_amount`.
    pub fn charge(&mut self, charge: &Charge) -> Result<Option<Misfit>, &'static str> {
        if !(1..=AMOUNT_MAX).contains(&charge.amount) || !(0..=AMOUNT_MAX).contains(&charge.provider_fee) {
            return Err("bad_amount");
        }
        let misfit = match fits(charge, charge.escrow.and_then(|id| self.escrows.get(&id))) {
            Ok(id) => {
                self.provider(id, &Command::Fund { provider: charge.provider.clone() })?;
                None
            }
            Err(misfit) => Some(misfit),
        };
        let mut posting = Posting::new(charge.currency);
        let (cash, kept) = (|| Account::Cash(charge.provider.clone()), Account::Suspense(charge.provider.clone()));
        if misfit.is_some() {
            posting.moves(Letter::Suspense, cash(), kept, charge.amount);
        }
        posting.moves(Letter::ProviderFee, Account::ProviderFees, cash(), charge.provider_fee);
        self.post(&posting).map_err(|_| "bad_amount")?;
        Ok(misfit)
    }

    /// What fitted nothing is sent back.
    ///
    /// # Errors
    /// The reason: `bad_amount`, `too_much`.
    pub fn return_suspense(&mut self, provider: &str, amount: i64, currency: Currency) -> Result<(), &'static str> {
        let kept = Account::Suspense(provider.to_owned());
        let there = self.book.balance(currency, &kept);
        match amount {
            amount if !(1..=AMOUNT_MAX).contains(&amount) => Err("bad_amount"),
            amount if amount > there => Err("too_much"),
            amount => {
                let mut posting = Posting::new(currency);
                posting.moves(Letter::Return, kept, Account::Cash(provider.to_owned()), amount);
                self.post(&posting).map_err(|_| "too_much")
            }
        }
    }

    /// The operator puts money in.
    ///
    /// # Errors
    /// The reason: `bad_amount`.
    pub fn top_up(&mut self, provider: &str, amount: i64, currency: Currency) -> Result<(), &'static str> {
        if !(1..=AMOUNT_MAX).contains(&amount) {
            return Err("bad_amount");
        }
        let mut posting = Posting::new(currency);
        posting.moves(Letter::TopUp, Account::Cash(provider.to_owned()), Account::Equity, amount);
        self.post(&posting).map_err(|_| "bad_amount")
    }

    /// Somebody asks to be paid out.
    ///
    /// # Errors
    /// The reason: `bad_amount`, `exists`, `insufficient_funds`, `provider_short`.
    pub fn ask_payout(&mut self, asked: Asked) -> Result<(), &'static str> {
        if !(1..=AMOUNT_MAX).contains(&asked.amount) {
            return Err("bad_amount");
        }
        if self.payouts.contains_key(&asked.id) {
            return Err("exists");
        }
        let under_way = |payout: &&Payout| {
            let waits = matches!(payout.state, payouts::State::Queued | payouts::State::Processing);
            waits && payout.provider == asked.provider && payout.currency == asked.currency
        };
        let promised = self.payouts.values().filter(under_way).map(|payout| payout.amount).sum();
        let there = There::of(&self.book, &asked, promised);
        let done = payouts::request(asked, there, self.now).map_err(|refusal| refusal.code())?;
        self.post(&done.posting).map_err(|_| "insufficient_funds")?;
        self.payouts.insert(done.payout.id, done.payout);
        Ok(())
    }

    /// Something is done to a payout.
    ///
    /// # Errors
    /// The reason.
    pub fn payout_act(
        &mut self,
        id: PayoutId,
        act: payouts::Act,
        by: payouts::Role,
        provider_fee: i64,
    ) -> Result<(), &'static str> {
        let payout = self.payouts.get(&id).ok_or("unknown_payout")?;
        let balance = self.book.balance(payout.currency, &Account::User(payout.user));
        let done =
            payouts::decide(payout, act, by, (provider_fee, balance), self.now).map_err(|refusal| refusal.code())?;
        self.post(&done.posting).map_err(|_| "insufficient_funds")?;
        self.payouts.insert(id, done.payout);
        Ok(())
    }

    /// What is wrong with the books, where something is (L2, L3, L5).
    ///
    /// # Errors
    /// What, in words for whoever repairs it.
    pub fn check(&self) -> Result<(), String> {
        for (currency, sum) in self.book.sums() {
            if sum != 0 {
                return Err(format!("the book of {currency} adds up to {sum}"));
            }
        }
        for (currency, book) in self.book.balances() {
            if let Some((account, balance)) = book.iter().find(|(account, balance)| account.is_owed() && **balance < 0)
            {
                return Err(format!("{account} stands at {balance} {currency}"));
            }
        }
        for (id, escrow) in &self.escrows {
            let booked = self.book.balance(escrow.terms.currency, &Account::Escrow(*id));
            let gone = escrow.released + escrow.refunded + escrow.charged_back();
            let funded = escrow.held + gone > 0;
            if booked != escrow.held {
                return Err(format!("escrow {id} holds {} and {booked} are booked", escrow.held));
            }
            if escrow.stage.holds() != (escrow.held > 0) {
                return Err(format!("escrow {id} is {} and holds {}", escrow.stage.code(), escrow.held));
            }
            if funded && escrow.held + gone != escrow.terms.price {
                return Err(format!(
                    "escrow {id} had {} and {} are accounted for",
                    escrow.terms.price,
                    escrow.held + gone
                ));
            }
            if escrow.frozen && matches!(escrow.clock, Some(Clock::Until(_))) {
                return Err(format!("the clock of escrow {id} runs while the provider decides"));
            }
        }
        for (id, payout) in &self.payouts {
            let waits = matches!(payout.state, payouts::State::Queued | payouts::State::Processing);
            let booked = self.book.balance(payout.currency, &Account::Payout(*id));
            if booked != if waits { payout.amount } else { 0 } {
                return Err(format!("payout {id} is {} and {booked} are booked", payout.state.code()));
            }
        }
        Ok(())
    }
}
