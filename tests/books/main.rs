//! The books as a database keeps them, against the same market in memory: random histories on SQLite and on a real PostgreSQL, with
//! every reason of every refusal.

#[path = "../../crates/market/tests/support/histories.rs"]
#[allow(dead_code)]
mod histories;
#[path = "../../crates/db/tests/support/postgres.rs"]
mod postgres_server;

use std::sync::Arc;

use guildhall_db::{
    Committed, Db, DbError, deadlines,
    escrows::{self as stored, For},
    ledger, payouts as stored_payouts, people,
};
use guildhall_market::{
    ids::EscrowId,
    money::{
        amounts::Currency,
        book::Account,
        chain::{Checked, Hash},
        escrows::Command,
        house::House,
        statements::{Line, Statement},
    },
    time::Timestamp,
};
use guildhall_server::{
    error::ApiError,
    money::till::{self, By, CLOCK, REMINDER},
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use histories::{ADMIN, Call, Happens, Known, happens, naira, on_the_house, provider};
use postgres_server::Postgres;

/// How many histories each engine is given; by night there are more.
fn histories() -> u64 {
    std::env::var("GUILDHALL_HISTORIES").ok().and_then(|number| number.parse().ok()).unwrap_or(8)
}
/// What happens in one of them.
const STEPS: usize = 200;

/// The history of a seed.
fn history(seed: u64) -> Vec<Happens> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let steps = prop::collection::vec(happens(), STEPS);
    steps.new_tree(&mut runner).expect("a history").current()
}

/// A market in a database.
struct Hall {
    db: Db,
    _folder: tempfile::TempDir,
}

impl Hall {
    /// With as many people as histories know of.
    async fn open(postgres: Option<(&Postgres, &str)>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = match postgres {
            Some((server, name)) => server.database(name),
            None => format!("sqlite:{}", folder.path().join("hall.sqlite").display()),
        };
        let db = Db::open(&url, Arc::new(|_| {})).await.expect("opens");
        let made = db.write::<(), people::CreateError, _>(|c| {
            Box::pin(async move {
                for n in 1..=ADMIN.0 {
                    let new = people::NewUser {
                        email: format!("{n}@example.com"),
                        name: format!("Person {n}"),
                        password_hash: "hash".into(),
                        role: "member",
                        craft: None,
                    };
                    people::create(c, &new, Timestamp(0)).await?;
                }
                Ok(Committed::quiet(()))
            })
        });
        made.await.expect("people");
        Self { db, _folder: folder }
    }

    /// What is due happens, in its order, each in a transaction of its own.
    async fn pass(&self, to: Timestamp) {
        loop {
            let due = deadlines::due(&mut self.db.read().await.expect("reads"), to, None, 1).await.expect("reads");
            let Some(first) = due.into_iter().next() else { return };
            let reminds = first.kind == REMINDER;
            assert!(reminds || first.kind == CLOCK, "{first:?}");
            let done = self.db.write::<(), ApiError, _>(move |c| {
                Box::pin(async move {
                    assert!(deadlines::take(c, &first).await?);
                    if reminds {
                        let kept = stored::get(c, EscrowId(first.subject)).await?.expect("there");
                        let end = kept.escrow.due().expect("one is reminded of an end").0;
                        assert!(first.due_at() < end, "before it: {first:?}");
                        till::remind(c, &kept.escrow, first.due_at()).await?;
                        return Ok(Committed::quiet(()));
                    }
                    till::clock_is_over(c, EscrowId(first.subject), first.due_at()).await?;
                    Ok(Committed::quiet(()))
                })
            });
            done.await.expect("the table has a step for the end of every clock");
        }
    }

    /// Carries a call out. Answers with the reason where it was refused.
    async fn call(&self, call: &Call, now: Timestamp) -> Result<(), String> {
        if let Call::Pass(to) = call {
            self.pass(*to).await;
            return Ok(());
        }
        let call = call.clone();
        let done = self.db.write::<(), ApiError, _>(move |c| {
            Box::pin(async move {
                match call {
                    Call::Open(terms, pay_by) => {
                        let subject = For { kind: "milestone".into(), id: terms.id.0 };
                        let id = terms.id;
                        assert_eq!(till::open(c, terms, &subject, pay_by, now).await?, id);
                    }
                    Call::Charge(charge, transaction) => {
                        till::charge(c, &charge, &transaction, now).await?;
                        let again = till::charge(c, &charge, &transaction, now).await?;
                        assert!(matches!(again, till::Charged::Before { .. }), "E41: {again:?}");
                    }
                    Call::Does(id, command, who, admin) => {
                        till::act(c, id, &command, (By::Person(who, admin), None), now).await?;
                    }
                    Call::Provider(id, command) => {
                        till::act(c, id, &command, (By::Provider, None), now).await?;
                    }
                    Call::Chargeback(id, take) => {
                        let done = till::took(c, id, take.clone(), Command::Chargeback, now).await?;
                        assert!(done.is_some());
                        let again = till::took(c, id, take, Command::Chargeback, now).await?;
                        assert!(again.is_none(), "E41: {again:?}");
                    }
                    Call::Returns(provider, amount) => {
                        let reference = format!("{provider}{}", now.0 * 1_000 + amount);
                        let of = (&*provider, &*format!("{reference}-{}", fresh(c).await));
                        till::return_suspense(c, of, (amount, naira()), ("none", None), now).await?;
                    }
                    Call::TopUp(amount) => {
                        let key = format!("top-up:{}", fresh(c).await);
                        till::top_up(c, (&provider(false), &key), (amount, naira()), None, now).await?;
                    }
                    Call::Asks(asked) => {
                        let reference = format!("payout-{}", asked.id);
                        let new = stored_payouts::New {
                            user: asked.user,
                            amount: asked.amount,
                            currency: asked.currency,
                            provider: &asked.provider,
                            account: None,
                            reference: &reference,
                        };
                        assert_eq!(till::ask_payout(c, &new, now).await?, asked.id);
                    }
                    Call::Payout(id, act, by, fee) => {
                        till::payout_act(c, id, (act, by, None), (fee, None), now).await?;
                    }
                    Call::Pass(_) => unreachable!("it passed above"),
                }
                Ok(Committed::quiet(()))
            })
        });
        done.await.map_err(|refusal| refusal.code().to_owned())
    }

    /// All that is kept is what the house in memory has, and every entry hangs on the one before.
    async fn is(&self, house: &House, seed: u64) {
        let mut c = self.db.read().await.expect("reads");
        let mut all = guildhall_market::money::book::Book::default().balances().clone();
        for currency in ledger::currencies(&mut c).await.expect("reads") {
            all.extend(ledger::book(&mut c, currency).await.expect("reads").balances().clone());
            assert_eq!(self.recounted(currency).await, ledger::book(&mut c, currency).await.expect("reads"));
        }
        assert_eq!(&all, house.book().balances(), "seed {seed}");
        for escrow in house.escrows() {
            let kept = stored::get(&mut c, escrow.terms.id).await.expect("reads").expect("it is there");
            assert_eq!(&kept.escrow, escrow, "seed {seed}");
        }
        for id in 1.. {
            let id = guildhall_market::ids::PayoutId(id);
            let kept = stored_payouts::get(&mut c, id).await.expect("reads").map(|kept| kept.payout);
            assert_eq!(kept.as_ref(), house.payout(id), "seed {seed}");
            if kept.is_none() {
                break;
            }
        }
    }

    /// The book as its entries say, with the chain checked on the way.
    async fn recounted(&self, currency: Currency) -> guildhall_market::money::book::Book {
        let mut c = self.db.read().await.expect("reads");
        let (mut checked, mut book) = (Checked::NONE, guildhall_market::money::book::Book::default());
        let (mut group, mut together) = (0, Vec::new());
        loop {
            let page = ledger::entries(&mut c, currency, checked.seq, 50).await.expect("reads");
            if page.is_empty() {
                break;
            }
            for kept in page {
                checked = checked.then(&kept.standing, kept.hash).expect("the chain holds");
                if kept.standing.group != group {
                    book.post(&std::mem::take(&mut together)).expect("posted once more");
                    group = kept.standing.group;
                }
                together.push(kept.standing.entry);
            }
        }
        book.post(&together).expect("posted once more");
        assert_eq!(ledger::head(&mut c, currency).await.expect("reads"), checked);
        assert_ne!(checked.head, Hash::NONE);
        book
    }
}

/// A number that nothing else has.
async fn fresh(c: &mut guildhall_db::Connection) -> i64 {
    ledger::head(c, naira()).await.expect("reads").seq
}

async fn the_same_books(hall: &Hall, seed: u64) {
    let (mut house, mut known) = (House::default(), Known::default());
    for (step, what) in history(seed).into_iter().enumerate() {
        let Some(call) = known.call(what, &house) else { continue };
        let now = Timestamp(known.now);
        let expected = on_the_house(&mut house, &call).map_err(ToOwned::to_owned);
        // Nothing of one's own is known to whoever asks for what is not there.
        let expected = expected.map_err(|reason| {
            if reason.starts_with("unknown_") && reason != "unknown_chargeback" { "not_found".into() } else { reason }
        });
        assert_eq!(hall.call(&call, now).await, expected, "seed {seed}, step {step}: {call:?}");
        if expected.is_ok() {
            known.done(&call);
        }
    }
    house.check().expect("the house holds");
    hall.is(&house, seed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn histories_give_the_same_books_on_sqlite() {
    for seed in 0..histories() {
        the_same_books(&Hall::open(None).await, seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn histories_give_the_same_books_on_postgresql() {
    let server = Postgres::start();
    for seed in 0..histories() {
        the_same_books(&Hall::open(Some((&server, &format!("books{seed}")))).await, seed).await;
    }
}

/// Statements of one account say what stands on it, in order, and nothing of others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_accounts_own_entries_come_to_what_stands_on_it() {
    let server = Postgres::start();
    for hall in [Hall::open(None).await, Hall::open(Some((&server, "own"))).await] {
        the_same_books(&hall, 3).await;
        let mut c = hall.db.read().await.expect("reads");
        let head = ledger::head(&mut c, naira()).await.expect("reads");
        for account in [Account::Fees, Account::User(histories::PAYER), Account::Cash(provider(false))] {
            // The middle of the time as well as all of it.
            for (from, until) in [(0, i64::MAX), (50, 500)] {
                let (from, until) = (Timestamp(from), Timestamp(until));
                let of = ledger::Of { account: &account, currency: naira(), from, until, to_seq: head.seq };
                let opening = ledger::before(&mut c, of).await.expect("reads");
                let (mut behind, mut balance, mut lines) = (0, opening, Vec::new());
                loop {
                    let page = ledger::on_account(&mut c, of, behind, 3).await.expect("reads");
                    let Some(last) = page.last() else { break };
                    behind = last.kept.standing.seq;
                    for one in page {
                        balance += one.kept.standing.entry.on(&account);
                        let ledger::OnAccount { kept: ledger::Kept { standing, hash }, before, cause, subject } = one;
                        lines.push(Line { standing, before, hash, balance, cause, subject });
                    }
                }
                assert!(lines.len() > 3 || !matches!(account, Account::Cash(_)), "{account} has too few entries");
                let (account, closing) = (account.clone(), balance);
                let (currency, made_at) = (naira(), Timestamp(0));
                let it = Statement { account, currency, from, until, opening, lines, closing, head, made_at };
                assert_eq!(it.check(), Ok(()), "{}", it.account);
                assert_eq!(Statement::read(&it.canonical()), Ok(it.clone()));
                if until.0 == i64::MAX {
                    let stands = ledger::balance(&mut c, naira(), &it.account).await.expect("reads");
                    assert_eq!((it.opening, it.closing), (0, stands));
                }
            }
        }
        let all = ledger::in_all_books(&mut c, &Account::Cash(provider(false))).await.expect("reads");
        assert!(all.iter().any(|(currency, _)| *currency == naira()), "{all:?}");
    }
}

/// Both at once, many times: one wins each time, and the books balance.
async fn releases_and_disputes_at_once(hall: Hall, rounds: i64) {
    let hall = Arc::new(hall);
    let (mut released, mut disputed) = (0, 0);
    for n in 1..=rounds {
        let (id, price) = (EscrowId(n), 1_000);
        let terms = guildhall_market::money::escrows::Terms {
            id,
            payer: histories::PAYER,
            payee: histories::PAYEE,
            price,
            currency: naira(),
            fee_bps: 1_000,
            review_ms: 100,
            reply_ms: 100,
        };
        let charge = guildhall_market::money::house::Charge {
            escrow: Some(id),
            amount: price,
            currency: naira(),
            provider: provider(false),
            provider_fee: 0,
        };
        let now = Timestamp(n);
        assert_eq!(hall.call(&Call::Open(terms, None), now).await, Ok(()));
        assert_eq!(hall.call(&Call::Charge(charge, format!("tx{n}")), now).await, Ok(()));
        let release = Call::Does(id, Command::Release(None), histories::PAYER, false);
        let dispute = Call::Does(id, Command::Dispute, histories::PAYEE, false);
        let (first, second) = if n % 2 == 0 { (release, dispute) } else { (dispute, release) };
        let (one, other) = tokio::join!(hall.call(&first, now), hall.call(&second, now));
        let won: Vec<&Result<(), String>> = [&one, &other].into_iter().filter(|done| done.is_ok()).collect();
        assert_eq!(won.len(), 1, "{one:?} {other:?}");
        let lost = one.err().or(other.err());
        assert_eq!(lost.as_deref(), Some("wrong_state"));
        let mut c = hall.db.read().await.expect("reads");
        match stored::get(&mut c, id).await.expect("reads").expect("there").escrow.stage.code() {
            "closed" => released += 1,
            "disputed" => disputed += 1,
            other => panic!("{other}"),
        }
    }
    let mut c = hall.db.read().await.expect("reads");
    let book = ledger::book(&mut c, naira()).await.expect("reads");
    assert_eq!(book.sums().get(&naira()), Some(&0));
    assert_eq!(book.balance(naira(), &Account::Fees), released * 100);
    assert_eq!(book.balance(naira(), &Account::User(histories::PAYEE)), released * 900);
    assert_eq!(released + disputed, rounds);
    hall.recounted(naira()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e50_e51_of_two_who_press_at_once_one_wins_each_time_on_sqlite() {
    releases_and_disputes_at_once(Hall::open(None).await, 1_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e50_e51_of_two_who_press_at_once_one_wins_each_time_on_postgresql() {
    let server = Postgres::start();
    releases_and_disputes_at_once(Hall::open(Some((&server, "at_once"))).await, 1_000).await;
}

/// An escrow of 1,000, number `n`, for the thing with this number.
async fn opens(hall: &Hall, n: i64, thing: i64, now: i64) -> Result<(), String> {
    let terms = guildhall_market::money::escrows::Terms {
        id: EscrowId(n),
        payer: histories::PAYER,
        payee: histories::PAYEE,
        price: 1_000,
        currency: naira(),
        fee_bps: 0,
        review_ms: 100,
        reply_ms: 100,
    };
    let done = hall.db.write::<(), ApiError, _>(move |c| {
        Box::pin(async move {
            let subject = For { kind: "milestone".into(), id: thing };
            till::open(c, terms, &subject, None, Timestamp(now)).await?;
            Ok(Committed::quiet(()))
        })
    });
    done.await.map_err(|refusal| refusal.code().to_owned())
}

/// What stands in a statement stays as it was, whatever a clock does; and one escrow lives for each thing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_does_not_run_backwards_within_a_book_and_one_escrow_lives_for_each_thing() {
    let server = Postgres::start();
    for hall in [Hall::open(None).await, Hall::open(Some((&server, "times"))).await] {
        assert_eq!(opens(&hall, 1, 7, 100).await, Ok(()));
        assert_eq!(opens(&hall, 2, 7, 100).await, Err("exists".into()));
        assert_eq!(opens(&hall, 3, 8, 100).await, Ok(()));
        let mut c = hall.db.read().await.expect("reads");
        let kept = stored::newest_for(&mut c, &For { kind: "milestone".into(), id: 8 }).await.expect("reads");
        let second = kept.expect("it is there").escrow.terms.id;
        for (escrow, at) in [(EscrowId(1), 500), (second, 90)] {
            let charge = guildhall_market::money::house::Charge {
                escrow: Some(escrow),
                amount: 1_000,
                currency: naira(),
                provider: provider(false),
                provider_fee: 0,
            };
            assert_eq!(hall.call(&Call::Charge(charge, format!("tx{escrow}")), Timestamp(at)).await, Ok(()));
        }
        let entries = ledger::entries(&mut c, naira(), 0, 10).await.expect("reads");
        let times: Vec<i64> = entries.iter().map(|kept| kept.standing.at.0).collect();
        assert_eq!(times, [500, 500]);
        // What is over lets another one live.
        let cancel = Call::Does(EscrowId(1), Command::Refund(None), histories::PAYEE, false);
        assert_eq!(hall.call(&cancel, Timestamp(600)).await, Ok(()));
        assert_eq!(opens(&hall, 4, 7, 700).await, Ok(()));
    }
}

/// A balance that somebody changed by hand is found by the next entry that touches it, and nothing is kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_by_hand_breaks_the_chain() {
    let hall = Hall::open(None).await;
    the_same_books(&hall, 1).await;
    let file = hall._folder.path().join("hall.sqlite");
    let outside = rusqlite::Connection::open(file).expect("opens");
    outside.execute("update ledger_entries set amount = amount + 1 where seq = 2", []).expect("changed");
    let mut c = hall.db.read().await.expect("reads");
    let page = ledger::entries(&mut c, naira(), 0, 10).await.expect("reads");
    let broken = page.iter().try_fold(Checked::NONE, |checked, kept| checked.then(&kept.standing, kept.hash));
    assert_eq!(broken, Err(guildhall_market::money::chain::Broken::Changed(2)));
    outside.execute("update ledger_entries set letter = 'L-gift' where seq = 2", []).expect("changed");
    let unread = ledger::entries(&mut c, naira(), 0, 10).await;
    assert!(matches!(&unread, Err(DbError::Unreadable { table: "ledger_entries", id: 2, .. })), "{unread:?}");
}
