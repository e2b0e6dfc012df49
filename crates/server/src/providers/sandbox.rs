//! A provider that moves no money: a few accounts of a bank that is none, whose they are by their last digit. With it a hall of one's
//! own shows how it goes.

use axum::http::HeaderMap;
use futures_util::future::BoxFuture;
use guildhall_db::{Committed, Db, DbError, sandbox};

use super::port::{
    Accounts, Bank, Became, Charges, Checkout, Forged, News, Paid, ProviderError, Transfer, Transfers, Went,
};

/// The one bank.
const BANK: &str = "000";

/// Whose an account is, by the last digit of its number. The others are nobody's.
const HOLDERS: [(char, &str); 6] = [
    ('1', "OKONKWO AMARA GRACE"),
    ('2', "MR. KWAME  MENSAH"),
    ('3', "EZE C"),
    ('4', "KWAME VENTURES LTD"),
    ('5', "SOMEBODY ELSE"),
    ('6', "ADEBAYO OLUWASEUN JOHN"),
];
/// The last digit of accounts of which nobody can say anything now.
const SILENT: char = '9';

/// What it keeps of a charge: 1.5 %, hundredths of a per cent, as Paystack does of a small one.
const FEE_BPS: i64 = 150;

/// See the module.
pub struct Sandbox {
    db: Db,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sandbox")
    }
}

impl Sandbox {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

impl Accounts for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn currencies(&self) -> &'static [&'static str] {
        &["NGN", "USD"]
    }

    fn minimum_minor(&self, _: &str) -> i64 {
        100
    }

    fn banks<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<Bank>, ProviderError>> {
        Box::pin(async { Ok(vec![Bank { code: BANK.into(), name: "Sandbox Bank".into() }]) })
    }

    fn holder<'a>(&'a self, bank: &'a str, number: &'a str) -> BoxFuture<'a, Result<String, ProviderError>> {
        Box::pin(async move {
            let last = number.chars().last().filter(|_| bank == BANK);
            if last == Some(SILENT) {
                return Err(ProviderError::Inconclusive("this account never answers".into()));
            }
            let found = HOLDERS.iter().find(|(digit, _)| Some(*digit) == last);
            found.map(|(_, name)| (*name).to_owned()).ok_or(ProviderError::Unknown)
        })
    }
}

fn broken(error: DbError) -> ProviderError {
    ProviderError::Inconclusive(error.to_string())
}

impl Charges for Sandbox {
    fn name(&self) -> &'static str {
        Accounts::name(self)
    }

    fn takes(&self) -> &'static [&'static str] {
        Accounts::currencies(self)
    }

    fn begin<'a>(&'a self, checkout: Checkout<'a>) -> BoxFuture<'a, Result<String, ProviderError>> {
        Box::pin(async move {
            let (reference, title) = (checkout.reference.to_owned(), checkout.title.to_owned());
            let page = format!("/checkout/{reference}");
            let (amount, currency) = (checkout.amount, checkout.currency);
            let asked = self.db.write::<(), DbError, _>(move |c| {
                Box::pin(async move {
                    sandbox::ask(c, &reference, (amount, currency, &title)).await?;
                    Ok(Committed::quiet(()))
                })
            });
            asked.await.map_err(broken)?;
            Ok(page)
        })
    }

    fn became<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<Became, ProviderError>> {
        Box::pin(async move {
            let mut c = self.db.read().await.map_err(broken)?;
            let charge = sandbox::get(&mut c, reference).await.map_err(broken)?.ok_or(ProviderError::Unknown)?;
            Ok(match charge.state.as_str() {
                "paid" => Became::Paid(Paid {
                    transaction: reference.to_owned(),
                    amount: charge.amount,
                    currency: charge.currency,
                    fee: guildhall_market::money::amounts::fee(charge.amount, FEE_BPS),
                }),
                "declined" => Became::Nothing("The sandbox was told to decline it.".into()),
                _ => Became::Open,
            })
        })
    }

    /// It sends none: whoever chooses on its page is here already.
    fn news(&self, _: &HeaderMap, _: &[u8]) -> Result<Option<News>, Forged> {
        Err(Forged)
    }
}

/// The last two digits of a sum that its bank does not take.
const DECLINED: i64 = 13;
/// Of one of which nobody ever knows.
const NEVER_KNOWN: i64 = 14;
/// What it keeps of a transfer, minor units.
const TRANSFER_FEE: i64 = 1_000;

impl Transfers for Sandbox {
    fn name(&self) -> &'static str {
        Accounts::name(self)
    }

    /// What becomes of it says its smallest coins: see [`DECLINED`] and [`NEVER_KNOWN`].
    fn send<'a>(&'a self, transfer: Transfer<'a>) -> BoxFuture<'a, Result<Went, ProviderError>> {
        Box::pin(async move {
            let said = match transfer.amount % 100 {
                DECLINED => "failed",
                NEVER_KNOWN => "pending",
                _ => "paid",
            };
            let (reference, amount, currency) = (transfer.reference.to_owned(), transfer.amount, transfer.currency);
            let kept = reference.clone();
            let sent = self.db.write::<(), DbError, _>(move |c| {
                Box::pin(async move {
                    sandbox::ask(c, &kept, (amount, currency, "")).await?;
                    sandbox::choose(c, &kept, said).await?;
                    Ok(Committed::quiet(()))
                })
            });
            sent.await.map_err(broken)?;
            self.went(&reference).await
        })
    }

    fn went<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<Went, ProviderError>> {
        Box::pin(async move {
            let mut c = self.db.read().await.map_err(broken)?;
            let transfer = sandbox::get(&mut c, reference).await.map_err(broken)?.ok_or(ProviderError::Unknown)?;
            Ok(match transfer.state.as_str() {
                "paid" => Went::There(TRANSFER_FEE),
                "failed" => Went::Not("The sandbox's bank did not take it.".into()),
                _ => Went::NotYet(false),
            })
        })
    }
}
