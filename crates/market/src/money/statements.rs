//! Statements: what happened on one account of a book over a time, so that anybody can check it without the server.
//!
//! Each line carries the hash of the entry before it in the book, which may be somebody else's, and its own: what stands in a line
//! cannot be changed without the hash, and two lines that follow each other in the book hang together. How far the book was when the
//! statement was made stands at its end. That a server said all of this, its signature says.

use serde::{Deserialize, Serialize};

use super::{
    amounts::Currency,
    book::{Account, Entry, Letter},
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
            let moved = entry.on(&self.account);
            if !within || moved == 0 || entry.currency != self.currency {
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
            balance = balance.saturating_add(moved);
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
        // A struct of texts is always JSON.
        serde_jcs::to_string(&Said::of(self)).unwrap_or_default()
    }

    /// Reads a statement as it is signed, from JSON in any order and with any spaces.
    ///
    /// # Errors
    /// [`NoStatement`].
    pub fn read(json: &str) -> Result<Self, NoStatement> {
        let said: Said = serde_json::from_str(json).map_err(|error| NoStatement::Form(error.to_string()))?;
        let statement = said.meant()?;
        // A number that is spelled otherwise would be signed otherwise.
        if Said::of(&statement) == said { Ok(statement) } else { Err(NoStatement::Spelled) }
    }
}

/// Why something is no statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoStatement {
    /// It is no JSON of this form.
    #[error("it has not the form of a statement: {0}")]
    Form(String),
    /// A field holds what it cannot hold.
    #[error("{0} holds what it cannot hold")]
    Field(&'static str),
    /// A number is spelled in another way than it is signed.
    #[error("a number is not spelled as it is signed")]
    Spelled,
}

/// A statement as it is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    account: String,
    closing: String,
    currency: String,
    from_ms: String,
    head: SaidHead,
    lines: Vec<SaidLine>,
    made_at_ms: String,
    opening: String,
    until_ms: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SaidHead {
    hash: String,
    seq: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SaidLine {
    amount: String,
    at_ms: String,
    balance: String,
    before: String,
    cause: String,
    credit: String,
    debit: String,
    group: String,
    hash: String,
    letter: String,
    seq: String,
    subject: String,
}

fn read<T: std::str::FromStr>(text: &str, name: &'static str) -> Result<T, NoStatement> {
    text.parse().map_err(|_| NoStatement::Field(name))
}

impl Said {
    fn of(statement: &Statement) -> Self {
        let line = |line: &Line| {
            let entry = &line.standing.entry;
            SaidLine {
                amount: entry.amount.to_string(),
                at_ms: line.standing.at.0.to_string(),
                balance: line.balance.to_string(),
                before: line.before.to_string(),
                cause: line.cause.clone(),
                credit: entry.credit.to_string(),
                debit: entry.debit.to_string(),
                group: line.standing.group.to_string(),
                hash: line.hash.to_string(),
                letter: entry.letter.code().to_owned(),
                seq: line.standing.seq.to_string(),
                subject: line.subject.clone(),
            }
        };
        Self {
            account: statement.account.to_string(),
            closing: statement.closing.to_string(),
            currency: statement.currency.code().to_owned(),
            from_ms: statement.from.0.to_string(),
            head: SaidHead { hash: statement.head.head.to_string(), seq: statement.head.seq.to_string() },
            lines: statement.lines.iter().map(line).collect(),
            made_at_ms: statement.made_at.0.to_string(),
            opening: statement.opening.to_string(),
            until_ms: statement.until.0.to_string(),
        }
    }

    fn meant(&self) -> Result<Statement, NoStatement> {
        let currency: Currency = read(&self.currency, "currency")?;
        let line = |said: &SaidLine| {
            let entry = Entry {
                letter: Letter::from_code(&said.letter).ok_or(NoStatement::Field("letter"))?,
                debit: read(&said.debit, "debit")?,
                credit: read(&said.credit, "credit")?,
                amount: read(&said.amount, "amount")?,
                currency,
            };
            let (seq, group) = (read(&said.seq, "seq")?, read(&said.group, "group")?);
            Ok(Line {
                standing: Standing { seq, group, at: Timestamp(read(&said.at_ms, "at_ms")?), entry },
                before: read(&said.before, "before")?,
                hash: read(&said.hash, "hash")?,
                balance: read(&said.balance, "balance")?,
                cause: said.cause.clone(),
                subject: said.subject.clone(),
            })
        };
        Ok(Statement {
            account: read(&self.account, "account")?,
            currency,
            from: Timestamp(read(&self.from_ms, "from_ms")?),
            until: Timestamp(read(&self.until_ms, "until_ms")?),
            opening: read(&self.opening, "opening")?,
            lines: self.lines.iter().map(line).collect::<Result<_, NoStatement>>()?,
            closing: read(&self.closing, "closing")?,
            head: Checked { seq: read(&self.head.seq, "head.seq")?, head: read(&self.head.hash, "head.hash")? },
            made_at: Timestamp(read(&self.made_at_ms, "made_at_ms")?),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ids::{EscrowId, UserId};

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
