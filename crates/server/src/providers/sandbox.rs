//! A provider that moves no money: a few accounts of a bank that is none, whose they are by their last digit. With it a hall of one's
//! own shows how it goes.

use futures_util::future::BoxFuture;

use super::port::{Accounts, Bank, ProviderError};

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

/// See the module.
#[derive(Debug)]
pub struct Sandbox;

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
