//! `guildhall-server verify-statement`

use std::path::PathBuf;

use guildhall_contract::{wallet::SignedStatement, wire_time::WireTime};
use guildhall_market::money::{amounts::major, signed::is_signed, statements::Statement};

/// Files that are read, at most, bytes.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Checks a statement without the server: its signature, every entry's hash, the order, and what the balances come to.
#[derive(clap::Args)]
pub struct VerifyStatement {
    /// The statement, as `GET /api/wallet/statement` answers with it.
    file: PathBuf,
    /// The public key of the server that it must be from, 64 hexadecimal digits (`GET /api/keys`). Without it the statement's own
    /// key is used, which says that it was not changed and not by whom it was made.
    #[arg(long, value_name = "HEX")]
    key: Option<String>,
}

impl VerifyStatement {
    pub fn run(self) -> Result<(), String> {
        let size = std::fs::metadata(&self.file).map_err(|e| format!("{}: {e}", self.file.display()))?.len();
        if size > FILE_BYTES_MAX {
            return Err(format!("{} is larger than any statement", self.file.display()));
        }
        let text = std::fs::read_to_string(&self.file).map_err(|e| format!("{}: {e}", self.file.display()))?;
        println!("{}", verified(&text, self.key.as_deref())?);
        Ok(())
    }
}

/// What is said of a statement that is right.
///
/// # Errors
/// What is wrong with it, in words.
pub fn verified(text: &str, key: Option<&str>) -> Result<String, String> {
    let mut whole: serde_json::Value =
        serde_json::from_str(text).map_err(|e| format!("this is no statement: it is no JSON ({e})"))?;
    // As the server answers, and as one may have taken it out of that.
    if let Some(data) = whole.get_mut("data") {
        whole = data.take();
    }
    let signed: SignedStatement = serde_json::from_value(whole)
        .map_err(|e| format!("this is no statement: expected statement, key and signature ({e})"))?;
    let statement = Statement::read(&signed.statement.to_string()).map_err(|e| format!("this is no statement: {e}"))?;
    if key.is_some_and(|key| !key.eq_ignore_ascii_case(&signed.key)) {
        return Err(format!("it is signed with another key: {}", signed.key));
    }
    if !is_signed(&statement.canonical(), &signed.key, &signed.signature) {
        return Err("the signature does not fit: something in it was changed, or it was signed with another key".into());
    }
    statement.check().map_err(|e| format!("it is signed, and yet wrong: {e}"))?;
    let amount = |minor| format!("{} {}", major(minor, statement.currency), statement.currency);
    Ok(format!(
        "The statement of {} is right: {} entries, from {} to {}, from {} until {}, made {}. The book had {} entries then; its last hash is {}. Signed with {}{}.",
        statement.account,
        statement.lines.len(),
        amount(statement.opening),
        amount(statement.closing),
        WireTime(statement.from),
        WireTime(statement.until),
        WireTime(statement.made_at),
        statement.head.seq,
        statement.head.head,
        signed.key,
        if key.is_some() { ", as was asked" } else { ": compare it with the server's" },
    ))
}
