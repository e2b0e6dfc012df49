//! Bank accounts to which one is paid.

use crate::{
    mend::{Mend, NO_TIME, fit},
    unprinted::without_secrets,
    wire_time::WireTime,
};
use guildhall_market::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! payout_accounts_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// One's bank accounts, and for which currencies there can be one.
            payout_account_list($crate::commands::Nothing) -> $crate::payout_accounts::PayoutAccountsView as person;
            /// The banks for a currency.
            payout_account_banks($crate::payout_accounts::PayoutBanksQuery) -> Vec<$crate::payout_accounts::PayoutBank> as person;
            /// With the password, has a code sent to an address that was proved before.
            payout_account_code($crate::payout_accounts::PayoutCodeAsk) -> $crate::payout_accounts::PayoutCodeView as person;
            /// With the password and that code, names a bank account in the place of the one of its currency.
            payout_account_add($crate::payout_accounts::PayoutAccountAdding) -> $crate::payout_accounts::PayoutAccountView as person;
            /// Stops an account, or takes it away: nothing is paid to it any more.
            payout_account_stop($crate::payout_accounts::PayoutAccountRef) -> $crate::payout_accounts::PayoutAccountView as person;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// An account, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PayoutAccount {
    /// Which. 0 for one that was refused and is not kept: another stands in its place.
    pub id: i64,
    /// For what money: an ISO 4217 code.
    pub currency: String,
    /// Who pays to it.
    pub provider: String,
    /// The bank.
    pub bank: String,
    /// What of its number is shown.
    pub number: String,
    /// `pending`, `verified`, `rejected` or `revoked`.
    pub state: String,
    /// Why, in words.
    pub reason: Option<String>,
    /// Since when it stands so.
    pub since: WireTime,
    /// From when on it is paid to.
    pub usable_from: Option<WireTime>,
}

impl Mend for PayoutAccount {
    fn mend(row: &Value) -> Option<Self> {
        let base = json!({
            "id": row["id"].as_i64()?, "currency": row["currency"].as_str()?, "provider": "", "bank": "", "number": "",
            "state": row["state"].as_str()?, "reason": null, "since": NO_TIME, "usable_from": null,
        });
        fit::<Self>(base, row).map(|(account, _)| account)
    }
}

/// `GET /api/payout-accounts`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PayoutAccounts {
    /// One for each currency.
    pub accounts: Vec<PayoutAccount>,
    /// The currencies for which there can be one.
    pub currencies: Vec<String>,
}

/// A bank. `GET /api/payout-accounts/banks?currency=`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct PayoutBank {
    /// As the provider calls it.
    pub code: String,
    /// As people call it.
    pub name: String,
}

/// `POST /api/payout-accounts/code`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct PayoutCodeBody {
    /// The password.
    pub password: String,
    /// The second step, where it is on: a code of the app, or a recovery code.
    #[serde(default)]
    pub code: Option<String>,
}

/// The answer to it.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct PayoutCode {
    /// How it travels: `mail`, `administrator` where this server sends no letters, or `app` where it is told here.
    pub by: String,
    /// Where it goes: an address that was proved before.
    pub address: String,
    /// Until when it works.
    pub expires_at: WireTime,
    /// From when on it may be asked for once more.
    pub again_at: WireTime,
    /// The code itself, on a server of one's own that can send none.
    pub code: Option<String>,
}

/// `POST /api/payout-accounts`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct PayoutAccountBody {
    /// For what money: an ISO 4217 code.
    pub currency: String,
    /// The bank, as the provider calls it.
    pub bank_code: String,
    /// The number of the account: 5 to 34 digits or letters; spaces and hyphens fall away.
    pub number: String,
    /// The password.
    pub password: String,
    /// The code.
    pub code: String,
}

without_secrets! { PayoutCodeBody PayoutCode PayoutAccountBody PayoutCodeAsk PayoutCodeView PayoutAccountAdding }

/// An account in the interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PayoutAccountView {
    /// Which. 0 for one that was refused and is not kept: another stands in its place.
    pub id: i64,
    /// For what money: an ISO 4217 code.
    pub currency: String,
    /// The bank.
    pub bank: String,
    /// What of its number is shown.
    pub number: String,
    /// `pending`, `verified`, `rejected` or `revoked`; others from newer servers.
    pub state: String,
    /// Why, in words.
    pub reason: Option<String>,
    /// Since when it stands so, server time.
    pub since: Timestamp,
    /// From when on it is paid to, server time.
    pub usable_from: Option<Timestamp>,
}

impl From<PayoutAccount> for PayoutAccountView {
    fn from(wire: PayoutAccount) -> Self {
        let PayoutAccount { id, currency, bank, number, state, reason, since, usable_from, .. } = wire;
        let usable_from = usable_from.map(|at| at.0);
        Self { id, currency, bank, number, state, reason, since: since.0, usable_from }
    }
}

/// All of them in the interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PayoutAccountsView {
    /// One for each currency.
    pub accounts: Vec<PayoutAccountView>,
    /// The currencies for which there can be one. Empty where this server pays nobody.
    pub currencies: Vec<String>,
}

/// `payout_account_banks`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PayoutBanksQuery {
    /// An ISO 4217 code.
    pub currency: String,
}

/// `payout_account_code`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct PayoutCodeAsk {
    /// The password.
    pub password: String,
    /// The second step, where it is on: a code of the app, or a recovery code.
    pub code: Option<String>,
}

/// A code that is under way.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct PayoutCodeView {
    /// How it travels: `mail`, `administrator` or `app`.
    pub by: String,
    /// Where it goes.
    pub address: String,
    /// The code itself, on a server of one's own that can send none.
    pub code: Option<String>,
}

/// `payout_account_add`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct PayoutAccountAdding {
    /// Tells this one from others: said again after a broken link, it is the same.
    pub key: String,
    /// An ISO 4217 code.
    pub currency: String,
    /// The bank, as the provider calls it.
    pub bank_code: String,
    /// The number of the account as it was typed.
    pub number: String,
    /// The password.
    pub password: String,
    /// The code as it was typed.
    pub code: String,
}

/// `payout_account_stop`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PayoutAccountRef {
    /// Which.
    pub id: i64,
}
