//! Statements: what happened on one account of a book over a time, so that anybody can check it without the server.
//!
//! Each line carries the hash of the entry before it in the book, which may be somebody else's, and its own: what stands in a line
//! cannot be changed without the hash, and two lines that follow each other in the book hang together. How far the book was when the
//! statement was made stands at its end. That a server said all of this, its signature says.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    amounts::Currency,
    book::Account,
    chain::{Checked, Hash, Standing},
};
use crate::time::Timestamp;

/// One entry of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The entry as it stands in its book.
    pub standing: Standing,
    /// The hash of the entry before it in the book.
    pub before: Hash,
    /// Its own.
    pub hash: Hash,
    /// What stands on the account behind it, minor units.
    pub balance: i64,
    /// What was done, one word.
    pub cause: String,
    /// To what: `escrow:7`.
    pub subject: String,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Of which account.
    pub account: Account,
    /// In which book.
    pub currency: Currency,
    /// From this moment on,
    pub from: Timestamp,
    /// and before this one.
    pub until: Timestamp,
    /// What stood on the account before, minor units.
    pub opening: i64,
    /// In the order of the book.
    pub lines: Vec<Line>,
    /// What stands on it behind the last line, minor units.
    pub closing: i64,
    /// How far the book was.
    pub head: Checked,
    /// When it was made.
    pub made_at: Timestamp,
}

/// What is wrong with a statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// A line is of another account, book or time.
    #[error("the entry with number {0} does not belong to this statement")]
    Foreign(i64),
    /// Lines are not in the order of the book, or stand twice.
    #[error("the entry with number {0} is not where it belongs")]
    Order(i64),
    /// A line is not what was posted.
    #[error("the entry with number {0} is not what was posted")]
    Changed(i64),
    /// A line does not hang on the one before, which it follows in the book.
    #[error("the entry with number {0} does not follow the one before it")]
    Apart(i64),
    /// A balance is not what the lines come to.
    #[error("behind the entry with number {seq} the balance is {expected}, and {found} is said")]
    Balance {
        /// The last entry that is counted.
        seq: i64,
        /// What the lines come to, minor units.
        expected: i64,
        /// What is said, minor units.
        found: i64,
    },
    /// The book was not as far as the statement says.
    #[error("the book ends with number {0}, before the last entry or with another hash")]
    Head(i64),
}

impl Statement {
    /// Checks all that can be checked without the server: lines, hashes, order, balances, the end of the book.
    ///
    /// # Errors
    /// The first thing that is [`Wrong`].
    pub fn check(&self) -> Result<(), Wrong> {
        let (mut balance, mut last): (i64, Option<&Line>) = (self.opening, None);
        for line in &self.lines {
            let (entry, seq) = (&line.standing.entry, line.standing.seq);
            let within = (self.from..self.until).contains(&line.standing.at);
            let of_it = entry.debit == self.account || entry.credit == self.account;
            if !within || !of_it || entry.currency != self.currency {
                return Err(Wrong::Foreign(seq));
            }
            if last.is_some_and(|last| last.standing.seq >= seq) || seq < 1 {
                return Err(Wrong::Order(seq));
            }
            if line.standing.hash(line.before) != line.hash {
                return Err(Wrong::Changed(seq));
            }
            if last.is_some_and(|last| last.standing.seq + 1 == seq && last.hash != line.before) {
                return Err(Wrong::Apart(seq));
            }
            balance = if entry.credit == self.account {
                balance.saturating_add(entry.amount)
            } else {
                balance.saturating_sub(entry.amount)
            };
            if line.balance != balance {
                return Err(Wrong::Balance { seq, expected: balance, found: line.balance });
            }
            last = Some(line);
        }
        let seq = last.map_or(0, |line| line.standing.seq);
        if self.closing != balance {
            return Err(Wrong::Balance { seq, expected: balance, found: self.closing });
        }
        let ends = seq < self.head.seq || last.is_none_or(|line| line.hash == self.head.head);
        if seq <= self.head.seq && ends { Ok(()) } else { Err(Wrong::Head(self.head.seq)) }
    }

    /// What is signed: the statement as canonical JSON (RFC 8785), in which every number is a string of digits.
    pub fn canonical(&self) -> String {
        #[derive(Serialize)]
        struct Said<'s> {
            account: String,
            closing: String,
            currency: &'s str,
            from_ms: String,
            head: BTreeMap<&'static str, String>,
            lines: Vec<BTreeMap<&'static str, String>>,
            made_at_ms: String,
            opening: String,
            until_ms: String,
        }
        let line = |line: &Line| {
            let entry = &line.standing.entry;
            BTreeMap::from([
                ("amount", entry.amount.to_string()),
                ("at_ms", line.standing.at.0.to_string()),
                ("balance", line.balance.to_string()),
                ("before", line.before.to_string()),
                ("cause", line.cause.clone()),
                ("credit", entry.credit.to_string()),
                ("debit", entry.debit.to_string()),
                ("group", line.standing.group.to_string()),
                ("hash", line.hash.to_string()),
                ("letter", entry.letter.code().to_owned()),
                ("seq", line.standing.seq.to_string()),
                ("subject", line.subject.clone()),
            ])
        };
        let said = Said {
            account: self.account.to_string(),
            closing: self.closing.to_string(),
            currency: self.currency.code(),
            from_ms: self.from.0.to_string(),
            head: BTreeMap::from([("hash", self.head.head.to_string()), ("seq", self.head.seq.to_string())]),
            lines: self.lines.iter().map(line).collect(),
            made_at_ms: self.made_at.0.to_string(),
            opening: self.opening.to_string(),
            until_ms: self.until.0.to_string(),
        };
        // A struct of texts is always JSON.
        serde_jcs::to_string(&said).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        ids::{EscrowId, UserId},
        money::book::{Entry, Letter},
    };

    fn naira() -> Currency {
        "NGN".parse().expect("a currency")
    }

    fn me() -> Account {
        Account::User(UserId(3))
    }

    /// A book in which mine are those whose number of the list is even, and the statement of all of it.
    fn statement(amounts: &[(bool, i64)]) -> Statement {
        let (mut head, mut lines, mut balance) = (Checked::NONE, Vec::new(), 0);
        for (mine, amount) in amounts {
            let credit = if *mine { me() } else { Account::User(UserId(4)) };
            let (letter, debit) = (Letter::Release, Account::Escrow(EscrowId(7)));
            let entry = Entry { letter, debit, credit, amount: *amount, currency: naira() };
            let standing = Standing { seq: head.seq + 1, group: head.seq + 1, at: Timestamp(head.seq), entry };
            let (before, hash) = (head.head, standing.hash(head.head));
            head = Checked { seq: standing.seq, head: hash };
            if *mine {
                balance += amount;
                let (cause, subject) = ("release".into(), "escrow:7".into());
                lines.push(Line { standing, before, hash, balance, cause, subject });
            }
        }
        Statement {
            account: me(),
            currency: naira(),
            from: Timestamp(0),
            until: Timestamp(1_000),
            opening: 0,
            lines,
            closing: balance,
            head,
            made_at: Timestamp(1_000),
        }
    }

    #[test]
    fn a_statement_is_right_as_it_was_made_and_wrong_whatever_is_changed() {
        let right = statement(&[(true, 5), (false, 7), (true, 11), (true, 13), (false, 1)]);
        assert_eq!(right.check(), Ok(()));
        let wrong = |change: fn(&mut Statement)| {
            let mut changed = right.clone();
            change(&mut changed);
            changed.check()
        };
        assert_eq!(wrong(|it| it.lines[1].standing.entry.amount = 12), Err(Wrong::Changed(3)));
        assert_eq!(wrong(|it| it.lines[0].standing.at = Timestamp(2_000)), Err(Wrong::Foreign(1)));
        assert_eq!(wrong(|it| it.lines[0].standing.entry.credit = Account::Fees), Err(Wrong::Foreign(1)));
        assert_eq!(wrong(|it| it.lines.swap(0, 1)), Err(Wrong::Balance { seq: 3, expected: 11, found: 16 }));
        assert_eq!(wrong(|it| it.lines.swap(1, 2)), Err(Wrong::Balance { seq: 4, expected: 18, found: 29 }));
        let taken_out = wrong(|it| drop(it.lines.remove(1)));
        assert_eq!(taken_out, Err(Wrong::Balance { seq: 4, expected: 18, found: 29 }));
        assert_eq!(wrong(|it| it.opening = 1), Err(Wrong::Balance { seq: 1, expected: 6, found: 5 }));
        assert_eq!(wrong(|it| it.closing = 1), Err(Wrong::Balance { seq: 4, expected: 29, found: 1 }));
        assert_eq!(wrong(|it| it.head.seq = 3), Err(Wrong::Head(3)));
        let twice = wrong(|it| {
            it.lines.push(it.lines[2].clone());
            it.lines[3].balance += 13;
            it.closing += 13;
        });
        assert_eq!(twice, Err(Wrong::Order(4)));
        // Hashed anew, a changed line no longer carries the one that follows it in the book.
        let hashed = wrong(|it| {
            it.lines[1].standing.entry.amount = 12;
            it.lines[1].hash = it.lines[1].standing.hash(it.lines[1].before);
            for line in &mut it.lines[1..] {
                line.balance += 1;
            }
            it.closing += 1;
        });
        assert_eq!(hashed, Err(Wrong::Apart(4)));
    }

    #[test]
    fn without_lines_the_balance_stays_and_the_end_of_the_book_says_nothing_of_them() {
        let quiet = Statement { opening: 9, closing: 9, lines: Vec::new(), ..statement(&[(false, 7)]) };
        assert_eq!(quiet.check(), Ok(()));
        let wrong = Statement { closing: 8, ..quiet };
        assert_eq!(wrong.check(), Err(Wrong::Balance { seq: 0, expected: 9, found: 8 }));
        let last = statement(&[(true, 7)]);
        assert_eq!(last.check(), Ok(()));
        let other_head = Statement { head: Checked { head: Hash::NONE, ..last.head }, ..last };
        assert_eq!(other_head.check(), Err(Wrong::Head(1)));
    }

    #[test]
    fn what_is_signed_is_written_in_one_way() {
        let said = statement(&[(true, 5)]).canonical();
        assert!(
            said.starts_with(r#"{"account":"user:3","closing":"5","currency":"NGN","from_ms":"0","head":{"hash":""#)
        );
        assert!(
            said.ends_with(r#""subject":"escrow:7"}],"made_at_ms":"1000","opening":"0","until_ms":"1000"}"#),
            "{said}"
        );
    }

    proptest! {
        #[test]
        fn any_statement_is_right_and_any_changed_digit_is_found(
            amounts in prop::collection::vec((any::<bool>(), 1..1_000_i64), 1..20), which in any::<usize>(), by in 1..9_i64
        ) {
            let right = statement(&amounts);
            prop_assert_eq!(right.check(), Ok(()));
            if let Some(at) = which.checked_rem(right.lines.len()) {
                let mut changed = right.clone();
                changed.lines[at].standing.entry.amount += by;
                prop_assert!(changed.check().is_err());
                let mut changed = right;
                changed.lines[at].balance += by;
                prop_assert!(changed.check().is_err());
            }
        }
    }
}
