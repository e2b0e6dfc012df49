//! The book: double entry, one book for each currency, and nothing crosses them.
//!
//! An [`Entry`] moves a positive amount from the account that is debited to the one that is credited. A balance is credits minus
//! debits: what is owed or was earned is positive, cash and costs are negative, and each book adds up to zero.

use std::{collections::BTreeMap, fmt, str::FromStr};

use super::amounts::{AMOUNT_MAX, Currency};
use crate::{
    ids::{EscrowId, PayoutId, UserId},
    process::coded,
};

/// An account of a book.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Money that lies with a provider or a bank.
    Cash(String),
    /// Held for one escrow.
    Escrow(EscrowId),
    /// What somebody can take out.
    User(UserId),
    /// On its way to a bank.
    Payout(PayoutId),
    /// Arrived and fits nothing: it belongs to whoever sent it.
    Suspense(String),
    /// Fees of the platform.
    Fees,
    /// What providers kept.
    ProviderFees,
    /// Taken back after it was paid on.
    Losses,
    /// Put in by the operator.
    Equity,
}

impl Account {
    /// Whether it is never below zero: what is owed to somebody.
    pub fn is_owed(&self) -> bool {
        matches!(self, Self::Escrow(_) | Self::User(_) | Self::Payout(_) | Self::Suspense(_))
    }
}

/// As it is stored and shown: `cash:paystack`, `user:7`, `fees`.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cash(provider) => write!(f, "cash:{provider}"),
            Self::Escrow(id) => write!(f, "escrow:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Payout(id) => write!(f, "payout:{id}"),
            Self::Suspense(provider) => write!(f, "suspense:{provider}"),
            Self::Fees => f.write_str("fees"),
            Self::ProviderFees => f.write_str("provider_fees"),
            Self::Losses => f.write_str("losses"),
            Self::Equity => f.write_str("equity"),
        }
    }
}

/// It is the name of no account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an account is cash:PROVIDER, escrow:ID, user:ID, payout:ID, suspense:PROVIDER, fees, provider_fees, losses or equity"
)]
pub struct NoAccount;

impl FromStr for Account {
    type Err = NoAccount;

    fn from_str(text: &str) -> Result<Self, NoAccount> {
        let named = |provider: &str| (!provider.is_empty()).then(|| provider.to_owned()).ok_or(NoAccount);
        match text.split_once(':') {
            Some(("cash", provider)) => named(provider).map(Self::Cash),
            Some(("suspense", provider)) => named(provider).map(Self::Suspense),
            Some(("escrow", id)) => id.parse().map(Self::Escrow).map_err(|_| NoAccount),
            Some(("user", id)) => id.parse().map(Self::User).map_err(|_| NoAccount),
            Some(("payout", id)) => id.parse().map(Self::Payout).map_err(|_| NoAccount),
            Some(_) => Err(NoAccount),
            None => match text {
                "fees" => Ok(Self::Fees),
                "provider_fees" => Ok(Self::ProviderFees),
                "losses" => Ok(Self::Losses),
                "equity" => Ok(Self::Equity),
                _ => Err(NoAccount),
            },
        }
    }
}

/// What a movement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Letter {
    /// A charge that fits.
    Fund,
    /// Paid in from the payer's balance.
    FundBalance,
    /// A charge that does not.
    Suspense,
    /// What a provider keeps of a charge or a transfer.
    ProviderFee,
    /// To the payee, and the fee of it.
    Release,
    /// To the payer.
    Refund,
    /// Asked to be paid out.
    Payout,
    /// It arrived at the bank.
    Paid,
    /// It did not, and is on the balance again.
    Unpaid,
    /// It arrived and came back.
    Returned,
    /// A payout that had failed turns out paid.
    LatePaid,
    /// Taken back by the provider.
    Chargeback,
    /// And given again.
    ChargebackUndone,
    /// Refunded at the provider.
    RefundOut,
    /// What fitted nothing is sent back.
    Return,
    /// Put in by the operator.
    TopUp,
}

coded!(Letter {
    Fund "L-fund", FundBalance "L-fund-balance", Suspense "L-suspense", ProviderFee "L-provider-fee", Release "L-release", Refund "L-refund", Payout "L-payout", Paid "L-paid", Unpaid "L-unpaid", Returned "L-returned", LatePaid "L-late-paid", Chargeback "L-chargeback", ChargebackUndone "L-chargeback-undone", RefundOut "L-refund-out", Return "L-return", TopUp "L-topup",
});

/// A movement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What for.
    pub letter: Letter,
    /// From where.
    pub debit: Account,
    /// To where.
    pub credit: Account,
    /// Minor units, above 0.
    pub amount: i64,
    /// In which book.
    pub currency: Currency,
}

impl Entry {
    /// What it does to an account, minor units: above 0 what comes to it, below 0 what goes from it, 0 where it is of others.
    pub fn on(&self, account: &Account) -> i64 {
        match account {
            account if *account == self.credit => self.amount,
            account if *account == self.debit => -self.amount,
            _ => 0,
        }
    }
}

/// Entries that are posted together. Those of zero are not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    currency: Currency,
    entries: Vec<Entry>,
}

impl Posting {
    /// None yet, in a book.
    pub fn new(currency: Currency) -> Self {
        Self { currency, entries: Vec::new() }
    }

    /// Moves an amount, unless it is zero.
    pub fn moves(&mut self, letter: Letter, debit: Account, credit: Account, amount: i64) {
        if amount != 0 {
            self.entries.push(Entry { letter, debit, credit, amount, currency: self.currency });
        }
    }

    /// The entries, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The same, taken.
    pub fn into_entries(self) -> Vec<Entry> {
        self.entries
    }
}

/// Why entries are not posted. Nothing was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostRefusal {
    /// The amount is none, or the accounts are one (L1).
    #[error("an entry moves 1 to 10^15 minor units between two accounts: {0:?}")]
    NoEntry(Entry),
    /// An account would be below zero (L5).
    #[error("{account} would be at {balance} {currency}")]
    BelowZero {
        /// Which.
        account: Account,
        /// In which book.
        currency: Currency,
        /// Where it would be.
        balance: i64,
    },
    /// A balance would be beyond what can be counted.
    #[error("a balance cannot be counted any more")]
    TooLarge,
}

/// Balances of all accounts that are not zero, by currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book(BTreeMap<Currency, BTreeMap<Account, i64>>);

impl Book {
    /// One book, or a part of it, as it stands.
    pub fn of(currency: Currency, balances: impl IntoIterator<Item = (Account, i64)>) -> Self {
        let book: BTreeMap<Account, i64> = balances.into_iter().filter(|(_, balance)| *balance != 0).collect();
        Self((!book.is_empty()).then_some((currency, book)).into_iter().collect())
    }

    /// What stands on an account.
    pub fn balance(&self, currency: Currency, account: &Account) -> i64 {
        self.0.get(&currency).and_then(|book| book.get(account)).copied().unwrap_or_default()
    }

    /// All that is not zero.
    pub fn balances(&self) -> &BTreeMap<Currency, BTreeMap<Account, i64>> {
        &self.0
    }

    /// Posts entries, all or none. Balances are tested after the last of them.
    ///
    /// # Errors
    /// [`PostRefusal`].
    pub fn post(&mut self, entries: &[Entry]) -> Result<(), PostRefusal> {
        let mut moved: BTreeMap<(Currency, &Account), i64> = BTreeMap::new();
        for entry in entries {
            if !(1..=AMOUNT_MAX).contains(&entry.amount) || entry.debit == entry.credit {
                return Err(PostRefusal::NoEntry(entry.clone()));
            }
            for (account, by) in [(&entry.debit, -entry.amount), (&entry.credit, entry.amount)] {
                let sum = moved.entry((entry.currency, account)).or_default();
                *sum = sum.checked_add(by).ok_or(PostRefusal::TooLarge)?;
            }
        }
        let mut after = Vec::with_capacity(moved.len());
        for ((currency, account), by) in moved {
            let balance = self.balance(currency, account).checked_add(by).ok_or(PostRefusal::TooLarge)?;
            if balance < 0 && account.is_owed() {
                return Err(PostRefusal::BelowZero { account: account.clone(), currency, balance });
            }
            after.push((currency, account.clone(), balance));
        }
        for (currency, account, balance) in after {
            let book = self.0.entry(currency).or_default();
            if balance == 0 {
                book.remove(&account);
            } else {
                book.insert(account, balance);
            }
            if book.is_empty() {
                self.0.remove(&currency);
            }
        }
        Ok(())
    }

    /// What each book adds up to: zero (L2).
    pub fn sums(&self) -> BTreeMap<Currency, i128> {
        self.0
            .iter()
            .map(|(currency, book)| (*currency, book.values().map(|balance| i128::from(*balance)).sum()))
            .collect()
    }

    /// How much of what is owed is not covered by cash (L10), by currency; zero where all of it is.
    pub fn uncovered(&self, currency: Currency) -> i128 {
        let Some(book) = self.0.get(&currency) else { return 0 };
        let sum = |of: fn(&Account) -> bool| -> i128 {
            book.iter().filter(|(account, _)| of(account)).map(|(_, balance)| i128::from(*balance)).sum()
        };
        (sum(Account::is_owed) + sum(|account| matches!(account, Account::Cash(_)))).max(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naira() -> Currency {
        "NGN".parse().expect("a currency")
    }

    fn cash() -> Account {
        Account::Cash("paystack".into())
    }

    fn user(id: i64) -> Account {
        Account::User(UserId(id))
    }

    fn entry(debit: Account, credit: Account, amount: i64) -> Entry {
        Entry { letter: Letter::Refund, debit, credit, amount, currency: naira() }
    }

    #[test]
    fn an_account_is_read_as_it_is_written() {
        let all = [
            (cash(), "cash:paystack"),
            (Account::Escrow(EscrowId(5)), "escrow:5"),
            (user(7), "user:7"),
            (Account::Payout(PayoutId(9)), "payout:9"),
            (Account::Suspense("flutterwave".into()), "suspense:flutterwave"),
            (Account::Fees, "fees"),
            (Account::ProviderFees, "provider_fees"),
            (Account::Losses, "losses"),
            (Account::Equity, "equity"),
        ];
        for (account, text) in all {
            assert_eq!((account.to_string().as_str(), text.parse()), (text, Ok(account)));
        }
        for wrong in ["", "cash:", "user:", "user:x", "user:01", "other:1", "fees:1", "suspense:"] {
            assert_eq!(wrong.parse::<Account>(), Err(NoAccount), "{wrong:?}");
        }
        for letter in Letter::ALL {
            assert_eq!(Letter::from_code(letter.code()), Some(*letter));
        }
        assert_eq!(Letter::from_code("L-other"), None);
    }

    #[test]
    fn l1_l2_entries_move_something_between_two_accounts_and_the_book_adds_up() {
        let mut book = Book::default();
        for wrong in [
            entry(cash(), user(1), 0),
            entry(cash(), user(1), -1),
            entry(cash(), user(1), AMOUNT_MAX + 1),
            entry(cash(), cash(), 1),
        ] {
            assert_eq!(book.post(std::slice::from_ref(&wrong)), Err(PostRefusal::NoEntry(wrong)));
        }
        book.post(&[entry(cash(), user(1), 10), entry(user(1), user(2), 4)]).expect("posted");
        assert_eq!((book.balance(naira(), &user(1)), book.balance(naira(), &cash())), (6, -10));
        assert_eq!(book.sums()[&naira()], 0);
        book.post(&[entry(user(1), cash(), 6), entry(user(2), cash(), 4)]).expect("posted");
        assert_eq!(book, Book::default(), "what is zero is not there");
    }

    #[test]
    fn l5_l8_no_account_of_what_is_owed_falls_below_zero_after_the_whole_list_and_nothing_is_half_posted() {
        let mut book = Book::default();
        book.post(&[entry(cash(), user(1), 10)]).expect("posted");
        let before = book.clone();
        let refused = book.post(&[entry(cash(), user(2), 5), entry(user(1), cash(), 11)]);
        assert_eq!(refused, Err(PostRefusal::BelowZero { account: user(1), currency: naira(), balance: -1 }));
        assert_eq!(book, before);
        book.post(&[entry(user(1), cash(), 15), entry(cash(), user(1), 5)]).expect("between the entries it may be");
        assert_eq!(book, Book::default());
        book.post(&[entry(Account::Losses, cash(), 7)]).expect("cash and costs may stand anywhere");
        assert_eq!(book.balance(naira(), &Account::Losses), -7);
    }

    #[test]
    fn balances_that_cannot_be_counted_are_refused() {
        let mut book = Book::default();
        let much = vec![entry(cash(), user(1), AMOUNT_MAX); 9_223];
        book.post(&much).expect("that many can be counted");
        let before = book.clone();
        assert_eq!(book.post(&[entry(cash(), user(1), AMOUNT_MAX)]), Err(PostRefusal::TooLarge));
        assert_eq!(book.post(&vec![entry(cash(), user(2), AMOUNT_MAX); 9_224]), Err(PostRefusal::TooLarge));
        assert_eq!(book, before);
    }

    #[test]
    fn l10_what_is_owed_is_covered_unless_costs_ate_the_cash() {
        let mut book = Book::default();
        book.post(&[entry(cash(), user(1), 100)]).expect("posted");
        assert_eq!(book.uncovered(naira()), 0);
        book.post(&[entry(Account::ProviderFees, cash(), 3)]).expect("posted");
        assert_eq!(book.uncovered(naira()), 3);
        book.post(&[entry(cash(), Account::Equity, 10)]).expect("posted");
        assert_eq!(book.uncovered(naira()), 0);
    }
}
