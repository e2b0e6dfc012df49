//! The wallet: what somebody has, and what happened to it.

use crate::{amounts::Major, wire_time::WireTime};
use guildhall_market::{
    money::amounts::{Currency, major},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! wallet_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// What one has in each currency.
            wallet_get($crate::commands::Nothing) -> $crate::known::Known<$crate::wallet::Wallet> as person;
            /// What happened to one's balance, checked on this device.
            wallet_statement($crate::wallet::StatementOf) -> $crate::known::Known<$crate::wallet::StatementView> as person;
            /// Saves a statement with its signature in the downloads folder, and answers with its path.
            wallet_statement_save($crate::wallet::StatementOf) -> String as person;
            /// Checks a statement that somebody sent, without the server.
            wallet_statement_check($crate::wallet::StatementFile) -> $crate::wallet::StatementView as person;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// `GET /api/wallet`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct Wallet {
    /// By currency, never added.
    pub balances: Vec<WalletBalance>,
}

/// What somebody has in one currency. Each amount is spelled twice: in major units, and as an integer of minor ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct WalletBalance {
    /// Of what: an ISO 4217 code.
    pub currency: String,
    /// What can be drawn.
    pub balance: Major,
    /// The same, minor units.
    pub balance_minor: i64,
    /// What one paid in, and which is held still.
    pub held: Major,
    /// The same, minor units.
    pub held_minor: i64,
    /// What is held for one, before the fee.
    pub to_come: Major,
    /// The same, minor units.
    pub to_come_minor: i64,
    /// What is on its way to one's bank.
    pub on_its_way: Major,
    /// The same, minor units.
    pub on_its_way_minor: i64,
}

impl WalletBalance {
    /// Minor units of a currency: what can be drawn, is held of one, is held for one, and is on its way.
    pub fn of(currency: Currency, [balance, held, to_come, on_its_way]: [i64; 4]) -> Self {
        let spelled = |minor| Major(major(minor, currency));
        Self {
            currency: currency.code().into(),
            balance: spelled(balance),
            balance_minor: balance,
            held: spelled(held),
            held_minor: held,
            to_come: spelled(to_come),
            to_come_minor: to_come,
            on_its_way: spelled(on_its_way),
            on_its_way_minor: on_its_way,
        }
    }
}

/// `GET /api/wallet/statement`: a statement that can be checked without the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SignedStatement {
    /// What is signed. Its canonical JSON (RFC 8785) is; every number in it is a string of digits.
    #[schema(value_type = Object)]
    pub statement: Value,
    /// The public key with which it is signed, Ed25519, 64 hexadecimal digits. [`GET /api/keys`](KeyOfServer) has it as well.
    pub key: String,
    /// The signature, 128 hexadecimal digits.
    pub signature: String,
}

/// `GET /api/keys`: a key with which this server signs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KeyOfServer {
    /// `Ed25519`.
    pub algorithm: String,
    /// The public key, 64 hexadecimal digits.
    pub key: String,
    /// Since when it signs.
    pub since: WireTime,
}

/// `wallet_statement`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StatementOf {
    /// Of which book: an ISO 4217 code.
    pub currency: String,
    /// From this moment on, milliseconds since 1970. Absent: from the beginning.
    pub from: Option<Timestamp>,
    /// And before this one. Absent: until now.
    pub until: Option<Timestamp>,
}

/// `wallet_statement_check`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StatementFile {
    /// What is in the file.
    pub text: String,
}

/// An entry of a statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct StatementLine {
    /// Its number in the book.
    pub seq: i64,
    /// Those of one step have one.
    pub group: i64,
    /// What for: `L-fund`, `L-release`, …
    pub letter: String,
    /// The step that it was made by, such as `release`.
    pub cause: String,
    /// Of what, such as `escrow:7`.
    pub subject: String,
    /// From where: `balance`, `escrow`, `fees`, `bank`, `provider`, `house`, or another account as the book names it.
    pub from: String,
    /// To where.
    pub to: String,
    /// What it did to the balance, minor units.
    pub amount_minor: i64,
    /// What stood on it then, minor units.
    pub balance_minor: i64,
    /// When it was posted.
    pub at: Timestamp,
}

/// A statement, and whether it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct StatementView {
    /// In which currency.
    pub currency: String,
    /// From this moment on,
    pub from: Timestamp,
    /// and before this one.
    pub until: Timestamp,
    /// What stood on the balance before, minor units.
    pub opening_minor: i64,
    /// What stands on it behind the last line, minor units.
    pub closing_minor: i64,
    /// Newest first.
    pub lines: Vec<StatementLine>,
    /// How far the book was.
    pub head_seq: i64,
    /// The hash at which it stood, 64 hexadecimal digits.
    pub head_hash: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The key that signed it, 64 hexadecimal digits.
    pub key: String,
    /// What does not hold, of `entries`, `signature`, `key`. None: all of it holds.
    pub wrong: Vec<String>,
}
