//! What holds on a server for everybody: fees, periods, currencies, and by what means one pays.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! configuration_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// What holds on this server for everybody.
            configuration_get($crate::commands::Nothing) -> $crate::known::Known<$crate::configuration::Configuration> as person;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// `GET /api/config`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct Configuration {
    /// The providers that take what is paid, in the order in which they are offered. `balance` is none of them and always there.
    pub providers: Vec<PaymentProvider>,
    /// The currencies in which somebody can be paid to a bank, ISO 4217.
    pub paid_out: Vec<String>,
    /// The currency of amounts where nothing is said.
    pub currency: String,
    /// The trades of jobs.
    pub categories: Vec<String>,
    /// What the hall keeps of what is released for a job, hundredths of a per cent.
    pub job_fee_bps: i64,
    /// How long a client may look at what was handed in, milliseconds. Then it is paid.
    pub job_review_ms: i64,
    /// How long an artisan may answer a client who wants money back, milliseconds. Then it goes back.
    pub job_reply_ms: i64,
    /// How long a client whose job is all paid for may say that it goes on, milliseconds. Then it is completed.
    pub job_silence_ms: i64,
    /// Until when the other side of a dispute is expected to answer, milliseconds.
    pub dispute_answer_ms: i64,
    /// Parts of one job, at most.
    pub milestones_max: i64,
    /// Pictures of a job, a report, or what is handed in, at most.
    pub files_max: i64,
}

/// Somebody who takes what is paid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct PaymentProvider {
    /// The word by which a payment names it.
    pub name: String,
    /// For which currencies, ISO 4217.
    pub currencies: Vec<String>,
}
