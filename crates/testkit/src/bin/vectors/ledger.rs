//! What becomes of money: escrows, payouts and the balances of all accounts.

use std::collections::BTreeMap;

use guildhall_market::{
    ids::{EscrowId, PayoutId, UserId},
    money::{
        book::Account,
        escrows::{Command, Take, Terms},
        house::{Charge, House},
        payouts::{self, Act, Asked, Role},
    },
    time::Timestamp,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
struct LedgerFile {
    format: u32,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    steps: Vec<Map<String, Value>>,
}

/// Names of one kind of thing, numbered as they come.
#[derive(Default)]
struct Names(Vec<String>);

impl Names {
    fn number(&mut self, name: &str) -> i64 {
        let at = self.0.iter().position(|known| known == name).unwrap_or_else(|| {
            self.0.push(name.to_owned());
            self.0.len() - 1
        });
        i64::try_from(at + 1).unwrap_or(i64::MAX)
    }

    fn name(&self, number: i64) -> &str {
        usize::try_from(number - 1).ok().and_then(|at| self.0.get(at)).map_or("?", String::as_str)
    }
}

/// One market in which the steps of a case happen.
#[derive(Default)]
struct Market {
    house: House,
    people: Names,
    escrows: Names,
    payouts: Names,
    /// Accepted commands by their keys.
    keys: BTreeMap<String, Map<String, Value>>,
}

/// How a step ended: the result, and the reason where there is one.
type Ended = (&'static str, Option<&'static str>);

fn text<'a>(step: &'a Map<String, Value>, field: &str) -> Result<&'a str, String> {
    step.get(field).and_then(Value::as_str).ok_or_else(|| format!("`{field}` must be text"))
}

fn whole(step: &Map<String, Value>, field: &str) -> Result<i64, String> {
    step.get(field).and_then(Value::as_i64).ok_or_else(|| format!("`{field}` must be an integer"))
}

/// An amount as a stranger may have written it: what is none is `none`.
fn amount(step: &Map<String, Value>, field: &str, none: i64) -> i64 {
    step.get(field).and_then(Value::as_i64).unwrap_or(none)
}

impl Market {
    fn carry_out(&mut self, step: &Map<String, Value>) -> Result<Result<Option<&'static str>, &'static str>, String> {
        let doing = text(step, "do")?;
        let escrow = step.get("escrow").and_then(Value::as_str).map(|name| EscrowId(self.escrows.number(name)));
        let payout = step.get("payout").and_then(Value::as_str).map(|name| PayoutId(self.payouts.number(name)));
        let of_escrow = || escrow.ok_or_else(|| format!("`{doing}` names an escrow"));
        let of_payout = || payout.ok_or_else(|| format!("`{doing}` names a payout"));
        let provider = || text(step, "provider").map(str::to_owned);
        let currency =
            || text(step, "currency").and_then(|code| code.parse().map_err(|_| format!("{code} is no currency")));
        let part = step.contains_key("amount").then(|| amount(step, "amount", 0));
        let fee = if step.contains_key("provider_fee") { amount(step, "provider_fee", -1) } else { 0 };
        let plain = match doing {
            "tick" => return Ok(Ok(None)),
            "open" => {
                let terms = Terms {
                    id: of_escrow()?,
                    payer: UserId(self.people.number(text(step, "payer")?)),
                    payee: UserId(self.people.number(text(step, "payee")?)),
                    price: amount(step, "amount", 0),
                    currency: currency()?,
                    fee_bps: whole(step, "fee_bps")?,
                    review_ms: whole(step, "review_ms")?,
                    reply_ms: whole(step, "reply_ms")?,
                };
                let pay_by = step.get("pay_by_ms").and_then(Value::as_i64);
                return Ok(self.house.open(terms, pay_by).map(|()| None));
            }
            "charge" => {
                let charge = Charge {
                    escrow,
                    amount: amount(step, "amount", 0),
                    currency: currency()?,
                    provider: provider()?,
                    provider_fee: fee,
                };
                return Ok(self.house.charge(&charge).map(|misfit| misfit.map(|misfit| misfit.code())));
            }
            "chargeback" => {
                let take = Take {
                    provider: provider()?,
                    reference: text(step, "key").unwrap_or_default().to_owned(),
                    amount: amount(step, "amount", 0),
                    currency: currency()?,
                    payer_has: 0,
                };
                return Ok(self.house.chargeback(of_escrow()?, take).map(|()| None));
            }
            "return_suspense" => {
                let done = self.house.return_suspense(&provider()?, amount(step, "amount", 0), currency()?);
                return Ok(done.map(|()| None));
            }
            "top_up" => {
                return Ok(self.house.top_up(&provider()?, amount(step, "amount", 0), currency()?).map(|()| None));
            }
            "payout" => {
                let asked = Asked {
                    id: of_payout()?,
                    user: UserId(self.people.number(text(step, "by")?)),
                    amount: amount(step, "amount", 0),
                    currency: currency()?,
                    provider: provider()?,
                };
                return Ok(self.house.ask_payout(asked).map(|()| None));
            }
            "payout_sent" | "payout_retry" | "payout_paid" | "payout_failed" | "payout_returned" => {
                let (act, by) = match doing {
                    "payout_sent" => (Act::Send, Role::System),
                    "payout_retry" => (Act::TryAgain, Role::System),
                    "payout_paid" => (Act::Succeed, Role::Provider),
                    "payout_failed" => (Act::Fail, Role::Provider),
                    _ => (Act::Return, Role::Provider),
                };
                return Ok(self.house.payout_act(of_payout()?, act, by, fee).map(|()| None));
            }
            "submit" => Command::Submit,
            "request_changes" => Command::RequestChanges,
            "request_refund" => Command::RequestRefund,
            "withdraw_refund_request" => Command::WithdrawRefundRequest,
            "release" => Command::Release(part),
            "refund" => Command::Refund(part),
            "dispute" => Command::Dispute,
            "withdraw_dispute" => Command::WithdrawDispute,
            "resolve" => {
                let (to_payee, to_payer) = (amount(step, "to_payee", -1), amount(step, "to_payer", -1));
                Command::Resolve { to_payee, to_payer }
            }
            "cancel" => Command::Cancel,
            other => return Err(format!("`{other}` is no command")),
        };
        let by = text(step, "by")?;
        let (who, id) = (UserId(self.people.number(by)), of_escrow()?);
        Ok(self.house.command(id, &plain, who, by == "admin").map(|()| None))
    }

    /// Time passes, and then the command happens, unless it did before under its key.
    fn step(&mut self, step: &Map<String, Value>) -> Result<Ended, String> {
        self.house.pass(Timestamp(whole(step, "at")?));
        let mut said = step.clone();
        for beside in ["at", "expect"] {
            said.remove(beside);
        }
        let key = step.get("key").and_then(Value::as_str);
        match key.and_then(|key| self.keys.get(key)) {
            Some(before) if *before == said => return Ok(("duplicate", None)),
            Some(_) => return Ok(("rejected", Some("key_reused"))),
            None => {}
        }
        let done = self.carry_out(step)?;
        self.house.check()?;
        if let (Some(key), Ok(_)) = (key, &done) {
            self.keys.insert(key.to_owned(), said);
        }
        Ok(match done {
            Ok(None) => ("ok", None),
            Ok(Some(misfit)) => ("suspense", Some(misfit)),
            Err(reason) => ("rejected", Some(reason)),
        })
    }

    fn account(&self, account: &Account) -> String {
        match account {
            Account::Escrow(id) => format!("escrow:{}", self.escrows.name(id.0)),
            Account::User(id) => format!("user:{}", self.people.name(id.0)),
            Account::Payout(id) => format!("payout:{}", self.payouts.name(id.0)),
            other => other.to_string(),
        }
    }

    /// Everything that must be true after a step, as an example says it.
    fn shown(&mut self, step: &Map<String, Value>, (result, reason): Ended) -> Value {
        let mut shown = json!({ "result": result });
        if let Some(reason) = reason {
            shown["reason"] = reason.into();
        }
        if let Some(name) = step.get("escrow").and_then(Value::as_str)
            && let Some(escrow) = self.house.escrow(EscrowId(self.escrows.number(name)))
        {
            shown["escrow"] = json!({
                "state": escrow.stage.state(), "held": escrow.held, "released": escrow.released, "refunded": escrow.refunded,
            });
        }
        if let Some(name) = step.get("payout").and_then(Value::as_str)
            && let Some(payout) = self.house.payout(PayoutId(self.payouts.number(name)))
        {
            shown["payout"] = payouts::State::code(payout.state).into();
        }
        let books = self.house.book().balances().iter().map(|(currency, book)| {
            let book = book.iter().map(|(account, balance)| (self.account(account), json!(balance)));
            (currency.to_string(), Value::Object(book.collect()))
        });
        shown["balances"] = Value::Object(books.collect());
        shown
    }
}

/// Runs a file of them. Answers with how many passed and failed.
///
/// # Errors
/// What is wrong with the file.
pub fn run(file: &str) -> Result<(usize, usize), String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?;
    let file: LedgerFile = serde_json::from_str(&text).map_err(|e| format!("{file}: {e}"))?;
    if file.format != 1 {
        return Err(format!("`format` is {}; 1 can be read", file.format));
    }
    let (mut passed, mut failed) = (0, 0);
    for case in file.cases {
        let (mut market, mut fits) = (Market::default(), true);
        for (n, step) in case.steps.iter().enumerate() {
            let ended = market.step(step).map_err(|words| format!("{}, step {}: {words}", case.id, n + 1))?;
            let (found, expected) = (market.shown(step, ended), step.get("expect").cloned().unwrap_or_default());
            if found != expected {
                fits = false;
                println!("{}, step {}: expected {expected}, found {found}", case.id, n + 1);
                break;
            }
        }
        if fits { passed += 1 } else { failed += 1 }
    }
    Ok((passed, failed))
}
