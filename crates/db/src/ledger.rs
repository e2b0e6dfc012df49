//! The books, kept: groups of entries that are posted together or not at all, chained by their hashes, with what stands on each
//! account beside them.
//!
//! **Invariant:** whoever posts holds the book first, so entries have an order, no number is missing, and a balance is what its entries
//! come to. Nothing is changed or deleted.

use guildhall_market::{
    ids::UserId,
    money::{
        amounts::Currency,
        book::{Account, Book, Entry, Letter, PostRefusal},
        chain::{Checked, Hash, Standing},
    },
    time::Timestamp,
};

use crate::{
    Connection, DbError, Refused,
    sql::{Field, FromRow, Of as Stands, Row, query, query_built, rows},
};

/// Entries in one answer, at most.
pub const PAGE_MAX: i64 = 1_000;

impl Field for Currency {
    fn read(row: &Row<'_>, name: &'static str, of: Stands) -> Result<Self, DbError> {
        let code: String = row.named(name)?;
        code.parse().map_err(|_| of.unreadable(row, name, code, "a currency of ISO 4217"))
    }
}

impl Field for Account {
    fn read(row: &Row<'_>, name: &'static str, of: Stands) -> Result<Self, DbError> {
        let text: String = row.named(name)?;
        text.parse().map_err(|_| of.unreadable(row, name, text, "an account of a book"))
    }
}

impl Field for Letter {
    fn read(row: &Row<'_>, name: &'static str, of: Stands) -> Result<Self, DbError> {
        let word: String = row.named(name)?;
        Self::from_code(&word).ok_or_else(|| of.unreadable(row, name, word, "the letter of a posting"))
    }
}

impl Field for Hash {
    fn read(row: &Row<'_>, name: &'static str, of: Stands) -> Result<Self, DbError> {
        let text: String = row.named(name)?;
        text.parse().map_err(|_| of.unreadable(row, name, text, "64 hexadecimal digits"))
    }
}

/// What is posted together.
#[derive(Clone, Copy, Debug)]
pub struct Group<'g> {
    /// One key, one posting (L7).
    pub key: &'g str,
    /// What was done, one word: `release`, `charge`.
    pub cause: &'g str,
    /// To what: `escrow:7`.
    pub subject: &'g str,
    /// By whom; nobody for the clock and for providers.
    pub actor: Option<UserId>,
}

/// What came of posting something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// It stands in the book, as this group.
    Now(i64),
    /// It stood there before, under the same key. Nothing was posted.
    Before(i64),
    /// There was nothing to post.
    Nothing,
}

/// Why nothing was posted.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The rules of the book.
    #[error(transparent)]
    Refused(#[from] PostRefusal),
    /// A balance is not what it must be after the write. Nothing of it may be kept.
    #[error("{account} stands at {found} {currency} after an entry, not at {expected}")]
    NotAsWritten {
        /// Which account.
        account: Account,
        /// Of which book.
        currency: Currency,
        /// What was read back.
        found: i64,
        /// What was computed.
        expected: i64,
    },
    /// The database's.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Refused for PostError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Db(error) if error.is_conflict())
    }

    fn is_full(&self) -> bool {
        matches!(self, Self::Db(error) if error.is_full())
    }
}

/// Holds a book until the commit, and says how far it is, and when it came there.
async fn hold(c: &mut Connection, currency: Currency) -> Result<(Checked, Timestamp), DbError> {
    query("insert into ledger_books (currency, seq, head, at_ms) values ($1, 0, $2, 0) on conflict do nothing")
        .bind(currency.code())
        .bind(Hash::NONE.to_string())
        .execute(c)
        .await?;
    let statement = match c.shares_rows() {
        true => "select seq, head, at_ms from ledger_books where currency = $1 for update",
        false => "select seq, head, at_ms from ledger_books where currency = $1",
    };
    let (seq, head, at_ms): (i64, String, i64) = query(statement).bind(currency.code()).fetch_one(c).await?;
    head.parse().map(|head| (Checked { seq, head }, Timestamp(at_ms))).map_err(|_| DbError::Unreadable {
        table: "ledger_books",
        key: "seq",
        id: seq,
        column: "head",
        found: head,
        expected: "64 hexadecimal digits",
    })
}

/// Holds a book until the commit: whoever reads a balance to decide by it does that first.
///
/// # Errors
/// The database's.
pub async fn hold_book(c: &mut Connection, currency: Currency) -> Result<(), DbError> {
    hold(c, currency).await.map(drop)
}

/// Posts entries of one book, all or none.
///
/// # Errors
/// [`PostError`]: after one, nothing of the transaction may be kept.
pub async fn post(
    c: &mut Connection,
    group: Group<'_>,
    entries: &[Entry],
    now: Timestamp,
) -> Result<Posted, PostError> {
    let Some(first) = entries.first() else { return Ok(Posted::Nothing) };
    let currency = first.currency;
    if let Some(other) = entries.iter().find(|entry| entry.currency != currency) {
        return Err(PostRefusal::NoEntry(other.clone()).into());
    }
    let (book, last) = hold(c, currency).await?;
    // What stands in a statement of yesterday stays as it was, whatever a clock does.
    let now = now.max(last);
    let claimed: Option<i64> = query(
        "insert into ledger_groups (key, currency, cause, subject, actor_id, at_ms) values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing returning id",
    )
    .bind(group.key)
    .bind(currency.code())
    .bind(group.cause)
    .bind(group.subject)
    .bind(group.actor.map(|user| user.0))
    .bind(now.0)
    .fetch_optional(c)
    .await?;
    let Some(id) = claimed else {
        return Ok(Posted::Before(group_of(c, group.key).await?.ok_or(DbError::Conflict)?));
    };
    moves(c, currency, entries).await?;
    let mut at = book;
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        let standing = Standing { seq: at.seq + 1, group: id, at: now, entry: entry.clone() };
        at = Checked { seq: standing.seq, head: standing.hash(at.head) };
        rows.push((standing, at.head));
    }
    write(c, &rows).await?;
    query("update ledger_books set seq = $2, head = $3, at_ms = $4 where currency = $1")
        .bind(currency.code())
        .bind(at.seq)
        .bind(at.head.to_string())
        .bind(now.0)
        .execute(c)
        .await?;
    Ok(Posted::Now(id))
}

/// The group that was posted under a key.
///
/// # Errors
/// The database's.
pub async fn group_of(c: &mut Connection, key: &str) -> Result<Option<i64>, DbError> {
    query("select id from ledger_groups where key = $1").bind(key).fetch_optional(c).await
}

/// Moves the balances of a book that is held, and reads them back.
async fn moves(c: &mut Connection, currency: Currency, entries: &[Entry]) -> Result<(), PostError> {
    let mut touched: Vec<&Account> = entries.iter().flat_map(|entry| [&entry.debit, &entry.credit]).collect();
    touched.sort_unstable();
    touched.dedup();
    let before = balances(c, currency, &touched).await?;
    let mut book = Book::of(currency, before.clone());
    book.post(entries)?;
    let values: Vec<String> = (0..touched.len()).map(|n| format!("($1, ${}, ${})", 2 * n + 2, 2 * n + 3)).collect();
    let mut statement = query_built(format!(
        "insert into ledger_accounts (currency, account, balance) values {}
         on conflict (currency, account) do update set balance = ledger_accounts.balance + excluded.balance
         returning account, balance",
        values.join(", ")
    ))
    .bind(currency.code());
    for account in &touched {
        let was = before.iter().find(|(known, _)| known == *account).map_or(0, |(_, balance)| *balance);
        statement = statement.bind(account.to_string()).bind(book.balance(currency, account) - was);
    }
    let after: Vec<(String, i64)> = statement.fetch_all(c).await?;
    for account in touched {
        let (name, expected) = (account.to_string(), book.balance(currency, account));
        let found = after.iter().find(|(known, _)| *known == name).map(|(_, balance)| *balance);
        if found != Some(expected) {
            let found = found.unwrap_or_default();
            return Err(PostError::NotAsWritten { account: account.clone(), currency, found, expected });
        }
    }
    Ok(())
}

async fn write(c: &mut Connection, rows: &[(Standing, Hash)]) -> Result<(), DbError> {
    let places: Vec<String> = (0..rows.len()).map(|n| format!("({})", crate::places(n * 9 + 1..=n * 9 + 9))).collect();
    let mut statement = query_built(format!(
        "insert into ledger_entries (currency, seq, group_id, letter, debit, credit, amount, at_ms, hash) values {}",
        places.join(", ")
    ));
    for (standing, hash) in rows {
        let entry = &standing.entry;
        statement = statement.bind(entry.currency.code()).bind(standing.seq).bind(standing.group);
        statement = statement.bind(entry.letter.code()).bind(entry.debit.to_string()).bind(entry.credit.to_string());
        statement = statement.bind(entry.amount).bind(standing.at.0).bind(hash.to_string());
    }
    statement.execute(c).await.map(drop)
}

rows! {
    /// What stands on an account.
    #[derive(Clone, Debug)]
    struct Balance of ledger_accounts by balance {
        account: Account,
        balance: i64,
    }
}

/// What stands on some accounts of a book; those that were never touched are absent.
async fn balances(c: &mut Connection, currency: Currency, of: &[&Account]) -> Result<Vec<(Account, i64)>, DbError> {
    let places = crate::places(2..=of.len() + 1);
    let mut statement = query_built(format!(
        "select account, balance from ledger_accounts where currency = $1 and account in ({places})"
    ))
    .bind(currency.code());
    for account in of {
        statement = statement.bind(account.to_string());
    }
    let rows: Vec<Balance> = statement.fetch_all(c).await?;
    Ok(rows.into_iter().map(|row| (row.account, row.balance)).collect())
}

/// What stands on an account. Whoever decides by it [holds the book](hold_book) first.
///
/// # Errors
/// The database's.
pub async fn balance(c: &mut Connection, currency: Currency, account: &Account) -> Result<i64, DbError> {
    Ok(balances(c, currency, &[account]).await?.first().map_or(0, |(_, balance)| *balance))
}

/// All of a book that is not zero.
///
/// # Errors
/// The database's.
pub async fn book(c: &mut Connection, currency: Currency) -> Result<Book, DbError> {
    let rows: Vec<Balance> = query("select account, balance from ledger_accounts where currency = $1 and balance <> 0")
        .bind(currency.code())
        .fetch_all(c)
        .await?;
    Ok(Book::of(currency, rows.into_iter().map(|row| (row.account, row.balance))))
}

/// The currencies in which there are books.
///
/// # Errors
/// The database's.
pub async fn currencies(c: &mut Connection) -> Result<Vec<Currency>, DbError> {
    let rows: Vec<OfBook> = query("select currency, seq from ledger_books order by currency").fetch_all(c).await?;
    Ok(rows.into_iter().map(|row| row.currency).collect())
}

rows! {
    /// A book.
    struct OfBook of ledger_books by seq {
        currency: Currency,
    }
}

rows! {
    /// An entry as stored.
    #[derive(Clone, Debug)]
    struct Stored of ledger_entries by seq {
        currency: Currency,
        seq: i64,
        group_id: i64,
        letter: Letter,
        debit: Account,
        credit: Account,
        amount: i64,
        at_ms: i64,
        hash: Hash,
    }
}

/// An entry with its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// As it stands.
    pub standing: Standing,
    /// Its hash.
    pub hash: Hash,
}

impl FromRow for Kept {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        let Stored { currency, seq, group_id, letter, debit, credit, amount, at_ms, hash } = Stored::from_row(row)?;
        let entry = Entry { letter, debit, credit, amount, currency };
        Ok(Self { standing: Standing { seq, group: group_id, at: Timestamp(at_ms), entry }, hash })
    }
}

/// The entries of a book behind a number, in order.
///
/// # Errors
/// The database's.
pub async fn entries(c: &mut Connection, currency: Currency, behind: i64, limit: i64) -> Result<Vec<Kept>, DbError> {
    query(
        "select currency, seq, group_id, letter, debit, credit, amount, at_ms, hash from ledger_entries
         where currency = $1 and seq > $2 order by seq limit $3",
    )
    .bind(currency.code())
    .bind(behind)
    .bind(crate::bounded(limit, PAGE_MAX))
    .fetch_all(c)
    .await
}

/// The key and the entries of a group.
///
/// # Errors
/// The database's.
pub async fn group(c: &mut Connection, id: i64) -> Result<Option<(String, Vec<Kept>)>, DbError> {
    let key: Option<String> =
        query("select key from ledger_groups where id = $1").bind(id).fetch_optional(&mut *c).await?;
    let Some(key) = key else { return Ok(None) };
    let entries = query(
        "select currency, seq, group_id, letter, debit, credit, amount, at_ms, hash from ledger_entries where group_id = $1 order by seq",
    );
    Ok(Some((key, entries.bind(id).fetch_all(c).await?)))
}

/// What a group is about.
///
/// # Errors
/// The database's.
pub async fn subject_of(c: &mut Connection, id: i64) -> Result<Option<String>, DbError> {
    query("select subject from ledger_groups where id = $1").bind(id).fetch_optional(c).await
}

/// Groups in which something is kept that fitted nothing and was not sent back, in order, and not more than [`PAGE_MAX`]. What is sent
/// back names its group (`group:NUMBER`) as its subject.
///
/// # Errors
/// The database's.
pub async fn kept_for_nobody(c: &mut Connection) -> Result<Vec<i64>, DbError> {
    query(
        "select distinct e.group_id from ledger_entries e
         where e.letter = $1 and not exists (
           select 1 from ledger_groups g where g.cause = 'return' and g.subject = 'group:' || cast(e.group_id as text)
         )
         order by e.group_id limit $2",
    )
    .bind(Letter::Suspense.code())
    .bind(PAGE_MAX)
    .fetch_all(c)
    .await
}

/// The entries that were posted about a thing, in order, and not more than [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn about(c: &mut Connection, subject: &str) -> Result<Vec<Kept>, DbError> {
    query(
        "select e.currency, e.seq, e.group_id, e.letter, e.debit, e.credit, e.amount, e.at_ms, e.hash
         from ledger_groups g join ledger_entries e on e.group_id = g.id
         where g.subject = $1 order by e.currency, e.seq limit $2",
    )
    .bind(subject)
    .bind(PAGE_MAX)
    .fetch_all(c)
    .await
}

/// What of an account is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// Which account.
    pub account: &'a Account,
    /// In which book.
    pub currency: Currency,
    /// From this moment on,
    pub from: Timestamp,
    /// and before this one,
    pub until: Timestamp,
    /// of the entries up to this number: those that come while it is read are not in it.
    pub to_seq: i64,
}

/// An entry of an account, with what a statement says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnAccount {
    /// The entry with its hash.
    pub kept: Kept,
    /// The hash of the entry before it.
    pub before: Hash,
    /// What was done.
    pub cause: String,
    /// To what.
    pub subject: String,
}

impl FromRow for OnAccount {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        rows! {
            struct Beside of ledger_entries by seq {
                before_hash: Hash,
                cause: String,
                subject: String,
            }
        }
        let Beside { before_hash, cause, subject } = Beside::from_row(row)?;
        Ok(Self { kept: Kept::from_row(row)?, before: before_hash, cause, subject })
    }
}

/// The entries of one account behind a number, in order.
///
/// # Errors
/// The database's.
pub async fn on_account(c: &mut Connection, of: Of<'_>, behind: i64, limit: i64) -> Result<Vec<OnAccount>, DbError> {
    // Each half by its own index: together they would be a scan.
    let half = |side| {
        format!(
            "select * from (select currency, seq, group_id, letter, debit, credit, amount, at_ms, hash from ledger_entries
             where {side} = $2 and currency = $1 and seq > $3 and seq <= $4 and at_ms >= $5 and at_ms < $6
             order by seq limit $7) as {side}s"
        )
    };
    query_built(format!(
        "select e.currency, e.seq, e.group_id, e.letter, e.debit, e.credit, e.amount, e.at_ms, e.hash,
           coalesce(p.hash, $8) as before_hash, g.cause, g.subject
         from ({} union all {}) as e
         join ledger_groups g on g.id = e.group_id
         left join ledger_entries p on p.currency = e.currency and p.seq = e.seq - 1
         order by e.seq limit $7",
        half("debit"),
        half("credit")
    ))
    .bind(of.currency.code())
    .bind(of.account.to_string())
    .bind(behind)
    .bind(of.to_seq)
    .bind(of.from.0)
    .bind(of.until.0)
    .bind(crate::bounded(limit, PAGE_MAX))
    .bind(Hash::NONE.to_string())
    .fetch_all(c)
    .await
}

/// What the entries of an account before the time that is asked for come to, minor units.
///
/// # Errors
/// The database's.
pub async fn before(c: &mut Connection, of: Of<'_>) -> Result<i64, DbError> {
    let side = |side| {
        format!(
            "(select cast(coalesce(sum(amount), 0) as bigint) from ledger_entries
              where {side} = $2 and currency = $1 and seq <= $3 and at_ms < $4)"
        )
    };
    query_built(format!("select {} - {}", side("credit"), side("debit")))
        .bind(of.currency.code())
        .bind(of.account.to_string())
        .bind(of.to_seq)
        .bind(of.from.0)
        .fetch_one(c)
        .await
}

/// What stands on one account in each book where it was ever touched.
///
/// # Errors
/// The database's.
pub async fn in_all_books(c: &mut Connection, account: &Account) -> Result<Vec<(Currency, i64)>, DbError> {
    rows! {
        struct InBook of ledger_accounts by balance {
            currency: Currency,
            balance: i64,
        }
    }
    let rows: Vec<InBook> = query("select currency, balance from ledger_accounts where account = $1 order by currency")
        .bind(account.to_string())
        .fetch_all(c)
        .await?;
    Ok(rows.into_iter().map(|row| (row.currency, row.balance)).collect())
}

/// How far a book is: the number of its last entry, and its hash.
///
/// # Errors
/// The database's.
pub async fn head(c: &mut Connection, currency: Currency) -> Result<Checked, DbError> {
    rows! {
        /// How far a book is.
        struct Head of ledger_books by seq {
            seq: i64,
            head: Hash,
        }
    }
    let found: Option<Head> =
        query("select seq, head from ledger_books where currency = $1").bind(currency.code()).fetch_optional(c).await?;
    Ok(found.map_or(Checked::NONE, |Head { seq, head }| Checked { seq, head }))
}
