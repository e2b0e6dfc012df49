//! `wallet_*`: what one has, and statements that are checked here, without the server's word for it.

use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    known::Known,
    rest::Data,
    wallet::{KeyOfServer, SignedStatement, StatementFile, StatementLine, StatementOf, StatementView, Wallet},
    wire_time::WireTime,
};
use guildhall_market::money::{
    book::Account,
    signed::is_signed,
    statements::{Line, Statement},
};
use serde_json::Value;

use super::departures::save_text;
use crate::{Core, answers::Query};

const STATEMENT: &str = "/api/wallet/statement";

fn asked(of: &StatementOf) -> Query {
    let mut query = vec![("currency", of.currency.clone())];
    query.extend(of.from.map(|from| ("from", WireTime(from).to_string())));
    query.extend(of.until.map(|until| ("to", WireTime(until).to_string())));
    query
}

/// An account as whoever it is a statement of reads it.
fn named(account: &Account, mine: &Account) -> String {
    match account {
        account if account == mine => "balance".to_owned(),
        Account::Cash(_) => "provider".to_owned(),
        Account::Escrow(_) => "escrow".to_owned(),
        Account::Payout(_) => "bank".to_owned(),
        Account::Fees => "fees".to_owned(),
        other => other.to_string(),
    }
}

fn line(of: &Line, mine: &Account) -> StatementLine {
    let entry = &of.standing.entry;
    StatementLine {
        seq: of.standing.seq,
        group: of.standing.group,
        letter: entry.letter.code().to_owned(),
        cause: of.cause.clone(),
        subject: of.subject.clone(),
        from: named(&entry.debit, mine),
        to: named(&entry.credit, mine),
        amount_minor: entry.on(mine),
        balance_minor: of.balance,
        at: of.standing.at,
    }
}

/// A statement as it is shown, with what does not hold of it.
fn shown(signed: &SignedStatement, keys: &[KeyOfServer]) -> Result<StatementView, AppError> {
    let unread = |error: &dyn std::fmt::Display| AppError::Invalid {
        field: "text".into(),
        reason: "no_statement".into(),
        message: error.to_string(),
    };
    let statement = Statement::read(&signed.statement.to_string()).map_err(|error| unread(&error))?;
    let mut wrong = Vec::new();
    if statement.check().is_err() {
        wrong.push("entries".to_owned());
    }
    if !is_signed(&statement.canonical(), &signed.key, &signed.signature) {
        wrong.push("signature".to_owned());
    }
    if !keys.iter().any(|key| key.key.eq_ignore_ascii_case(&signed.key)) {
        wrong.push("key".to_owned());
    }
    Ok(StatementView {
        currency: statement.currency.code().to_owned(),
        from: statement.from,
        until: statement.until,
        opening_minor: statement.opening,
        closing_minor: statement.closing,
        lines: statement.lines.iter().rev().map(|of| line(of, &statement.account)).collect(),
        head_seq: statement.head.seq,
        head_hash: statement.head.head.to_string(),
        made_at: statement.made_at,
        key: signed.key.clone(),
        wrong,
    })
}

/// What is in a file, as the server answers with it and as one may have taken it out of that.
fn read(text: &str) -> Result<SignedStatement, serde_json::Error> {
    let mut whole: Value = serde_json::from_str(text)?;
    if let Some(data) = whole.get_mut("data") {
        whole = data.take();
    }
    serde_json::from_value(whole)
}

impl Core {
    /// What one has in each currency.
    pub async fn wallet_get(&self, _: Nothing) -> Result<Known<Wallet>, AppError> {
        self.known("/api/wallet").await
    }

    /// The keys of the server that one is signed in at, as it named them last.
    async fn server_keys(&self) -> Result<Vec<KeyOfServer>, AppError> {
        Ok(self.known::<Vec<KeyOfServer>>("/api/keys").await?.data)
    }

    /// What happened to one's balance, checked here.
    pub async fn wallet_statement(&self, request: StatementOf) -> Result<Known<StatementView>, AppError> {
        let keys = self.server_keys().await?;
        let Known { data: Data { data }, as_of } =
            self.known_answer::<Data<SignedStatement>>(STATEMENT, asked(&request)).await?;
        Ok(Known { data: shown(&data, &keys)?, as_of })
    }

    /// Saves a statement with its signature.
    pub async fn wallet_statement_save(&self, request: StatementOf) -> Result<String, AppError> {
        let Known { data: Data { data }, .. } =
            self.known_answer::<Data<SignedStatement>>(STATEMENT, asked(&request)).await?;
        let text = serde_json::to_string_pretty(&data).map_err(|error| crate::error::internal(&error))?;
        // A currency is three letters: what the server says of itself leads nowhere else.
        let currency: String = request.currency.chars().filter(char::is_ascii_alphabetic).take(3).collect();
        save_text(self, &text, &format!("guildhall-statement-{}.json", currency.to_lowercase())).await
    }

    /// Checks a statement that somebody sent.
    pub async fn wallet_statement_check(&self, request: StatementFile) -> Result<StatementView, AppError> {
        let signed = read(&request.text).map_err(|error| AppError::Invalid {
            field: "text".into(),
            reason: "no_statement".into(),
            message: error.to_string(),
        })?;
        shown(&signed, &self.server_keys().await.unwrap_or_default())
    }
}
