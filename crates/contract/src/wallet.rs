//! The wallet: what somebody has, and what happened to it.

use crate::{amounts::Major, wire_time::WireTime};
use guildhall_market::money::amounts::{Currency, major};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! wallet_rows {
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// `GET /api/wallet`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Wallet {
    /// By currency, never added.
    pub balances: Vec<WalletBalance>,
}

/// What somebody has in one currency. Each amount is spelled twice: in major units, and as an integer of minor ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
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
