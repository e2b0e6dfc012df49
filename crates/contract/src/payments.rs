//! Payments: money that is held for a part of the work, from whoever pays to whoever does it.

use crate::{
    amounts::{Digits, Major},
    attachments::Attachment,
    lenient::number,
    people::Party,
    wire_time::WireTime,
};
use guildhall_market::ids::AttachmentId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

crate::mend::unmended!(Payment);

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! payments_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// One's payments, as payer and as payee, newest first.
            payment_list($crate::payments::PaymentsAfter) -> $crate::known::Known<$crate::payments::PaymentPage> as person;
            /// One payment with its history.
            payment_get($crate::payments::PaymentRef) -> $crate::known::Known<$crate::payments::Payment> as person;
            /// Opens a payment for a part of the work, and pays it or leads to where it is paid.
            payment_fund($crate::payments::PaymentFunding) -> $crate::payments::Payment as person;
            /// Pays one that waits.
            payment_pay($crate::payments::PaymentPaying) -> $crate::payments::Payment as person;
            /// What a step would move, to the kobo. Nothing moves.
            payment_preview($crate::payments::PaymentLook) -> $crate::payments::PaymentPreview as person;
            /// Hands work in, asks for something, releases, gives back, cancels.
            payment_act($crate::payments::PaymentActing) -> $crate::payments::Payment as person;
            /// What the hall would keep of an amount, as the market counts it. Asked of nobody else.
            fee_get($crate::payments::FeeOf) -> i64 as person;
            /// The whole address of a provider's page, to open in the system's browser.
            payment_page($crate::payments::PaymentRef) -> String as person;
        ] $($rest)* }
    };
    (events $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { events $with [$($rows)*
            /// Something happened to money that is held. To whoever pays, and to whoever is paid.
            ESCROW_UPDATED = "escrow.updated": $crate::payments::EscrowUpdated, on user, in the feed;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// `POST /api/jobs/{id}/milestones/{mid}/fund` and `POST /api/payments/{id}/pay`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct PayBody {
    /// `balance`, or a provider by its name. The first that takes the currency where nothing is said.
    pub source: Option<String>,
    /// The job (to fund) or the payment (to pay) as it was seen.
    #[serde(deserialize_with = "number")]
    pub version: Option<i64>,
    /// What it may cost at most, minor units.
    #[serde(deserialize_with = "number")]
    pub at_most_minor: Option<i64>,
}

/// `POST /api/payments/{id}/{act}`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct PaymentCommand {
    /// The payment as it was seen.
    #[serde(deserialize_with = "number")]
    pub version: Option<i64>,
    /// How much is released or refunded, major units. All that is held where nothing is said.
    pub amount: Option<Digits>,
    /// The same in minor units. Where both are said they are the same.
    pub amount_minor: Option<Digits>,
    /// Why, 1 to 1,000 characters: for whatever the other one would ask about, and for whatever an administrator does.
    pub reason: Option<String>,
    /// With what is handed in: 20 characters at least, or a file.
    pub note: Option<String>,
    /// Files that are handed in, at most 10.
    #[schema(value_type = Vec<i64>)]
    pub attachments: Vec<AttachmentId>,
}

/// Money that is held, or waited for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct Payment {
    /// Which.
    pub id: i64,
    /// Of which job.
    pub job_id: i64,
    /// What the job is called.
    pub job_title: String,
    /// For which part of it.
    pub milestone_id: i64,
    /// What that is called.
    pub title: String,
    /// `awaiting_funds`, `held`, `disputed`, `closed`, `cancelled`.
    pub state: String,
    /// The same for people: also `released`, `refunded`, `split`, `partially_released`, `charged_back`.
    pub label: String,
    /// Where it stands in its process: also `in_review`, `in_reply`.
    pub stage: String,
    /// The clock that runs, if one does.
    pub clock: Option<PaymentClock>,
    /// Who pays.
    pub payer: Party,
    /// Who is paid.
    pub payee: Party,
    /// The price.
    pub amount: Major,
    /// The same in minor units.
    pub amount_minor: i64,
    /// In which currency.
    pub currency: String,
    /// What is held, minor units.
    pub held_minor: i64,
    /// What went to the payee, with the fee, minor units.
    pub released_minor: i64,
    /// The fee of that, minor units.
    pub fee_minor: i64,
    /// The fee, hundredths of a per cent of what is released.
    pub fee_bps: i64,
    /// What went back to the payer, minor units.
    pub refunded_minor: i64,
    /// What the provider took back, minor units.
    pub charged_back_minor: i64,
    /// The provider has to decide first.
    pub frozen: bool,
    /// Each attempt to pay. For the payer alone.
    pub attempts: Vec<PaymentAttempt>,
    /// What was done, in order. In lists there are none.
    pub steps: Vec<PaymentStep>,
    /// What moved, in order. In lists there are none.
    pub postings: Vec<PaymentPosting>,
    /// What whoever asks may do now, by the words of the commands.
    pub may: Vec<String>,
    /// Counts up with each change.
    pub version: i64,
    /// When it was opened.
    pub opened_at: WireTime,
    /// When it changed last.
    pub updated_at: WireTime,
}

/// A clock of a payment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct PaymentClock {
    /// What happens at its end: `pay_by_passes` (cancelled), `review_passes` (released), `reply_passes` (refunded).
    pub then: String,
    /// When it is over. Absent: it stands still.
    pub at: Option<WireTime>,
    /// What is left while it stands still, milliseconds.
    pub left_ms: Option<i64>,
}

/// An attempt to pay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct PaymentAttempt {
    /// Our reference, as the provider's own papers show it.
    pub reference: String,
    /// The provider.
    pub provider: String,
    /// `pending`, `succeeded`, `failed`.
    pub state: String,
    /// Where one pays while it is pending: an address, which begins with `/` where it is this server's own.
    pub checkout: Option<String>,
    /// Why it came to nothing, or why what came is kept: `wrong_amount`, `wrong_currency`, `not_awaiting`, or the provider's words.
    pub reason: Option<String>,
    /// When it was made.
    pub at: WireTime,
}

/// Something that was done to a payment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct PaymentStep {
    /// What: the word of the process, such as `submit`.
    pub act: String,
    /// Who; absent: the server at a deadline, or a provider.
    pub by: Option<Party>,
    /// How much moved, minor units.
    pub amount_minor: Option<i64>,
    /// What they said.
    pub words: String,
    /// What they handed in.
    pub attachments: Vec<Attachment>,
    /// When.
    pub at: WireTime,
}

/// A movement of money. Accounts of others are named by what they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct PaymentPosting {
    /// Its number in the book of its currency. Absent: it would be.
    pub seq: Option<i64>,
    /// What for: `L-fund`, `L-release`, …
    pub letter: String,
    /// From where.
    pub debit: String,
    /// To where.
    pub credit: String,
    /// Minor units, above 0.
    pub amount_minor: i64,
    /// Its hash in the chain of the book, hexadecimal. Absent: it would be.
    pub hash: Option<String>,
    /// When. Absent: it would be.
    pub at: Option<WireTime>,
}

/// `GET /api/payments/{id}/preview?action=`: exactly what a command would do now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct PaymentPreview {
    /// What would be done.
    pub action: String,
    /// What would move.
    pub postings: Vec<PaymentPosting>,
    /// What the payee would get, minor units.
    pub to_payee_minor: i64,
    /// What the payer would get, minor units.
    pub to_payer_minor: i64,
    /// The fee of it, minor units.
    pub fee_minor: i64,
    /// What would be held then, minor units.
    pub held_minor: i64,
    /// Where it would stand.
    pub state: String,
    /// In which currency.
    pub currency: String,
    /// The payment as it was looked at.
    pub version: i64,
}

/// `GET /api/admin/suspense`: money that came and fits nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct Suspense {
    /// Which: its group in the book.
    pub id: i64,
    /// The provider at which it lies.
    pub provider: String,
    /// The provider's own number for it.
    pub transaction: String,
    /// Minor units.
    pub amount_minor: i64,
    /// In which currency.
    pub currency: String,
    /// For which payment it was sent, where that is known.
    pub payment_id: Option<i64>,
    /// When it came.
    pub at: WireTime,
}

/// `POST /api/admin/suspense/{id}/return`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct SuspenseReturn {
    /// The provider's own number for what was sent back, 1 to 100 characters.
    pub reference: String,
    /// Why, 1 to 1,000 characters.
    pub reason: String,
}

/// That something happened to money that is held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct EscrowUpdated {
    /// Which payment.
    pub id: i64,
    /// Of which job.
    pub job_id: i64,
    /// For which part of it.
    pub milestone_id: i64,
    /// `awaiting_funds`, `held`, `disputed`, `closed`, `cancelled`.
    pub state: String,
    /// The same for people.
    pub label: String,
    /// Where it stands in its process.
    pub stage: String,
    /// The clock that runs, if one does.
    pub clock: Option<PaymentClock>,
    /// The price, minor units.
    pub amount_minor: i64,
    /// In which currency.
    pub currency: String,
    /// What is held, minor units.
    pub held_minor: i64,
    /// What went to the payee, with the fee, minor units.
    pub released_minor: i64,
    /// What went back to the payer, minor units.
    pub refunded_minor: i64,
    /// Counts up with each change.
    pub version: i64,
    /// When.
    pub updated_at: WireTime,
}

/// `payment_list`
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct PaymentsAfter {
    /// Go on behind this one. Absent: from the newest.
    pub before: Option<i64>,
}

/// Some of one's payments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PaymentPage {
    /// Newest first.
    pub rows: Vec<Payment>,
    /// Where the next page begins, if there is one.
    pub next: Option<i64>,
    /// How many of this page cannot be read here.
    pub lost: i64,
}

/// Which payment.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct PaymentRef {
    /// Which.
    pub id: i64,
}

/// `payment_fund`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PaymentFunding {
    /// For which job.
    pub job: i64,
    /// For which part of it. Absent: for the rest of what was agreed.
    pub milestone: Option<i64>,
    /// Names this command.
    pub key: String,
    /// How.
    pub body: PayBody,
}

/// `payment_pay`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PaymentPaying {
    /// Which.
    pub id: i64,
    /// Names this command.
    pub key: String,
    /// How.
    pub body: PayBody,
}

/// `payment_preview`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PaymentLook {
    /// Which.
    pub id: i64,
    /// What would be done.
    pub step: PaymentWord,
    /// Of how much, major units as they are written. Absent: all of it.
    pub amount: Option<String>,
}

/// What is done to a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum PaymentWord {
    /// Hand work in.
    Submit,
    /// Ask for changes of it.
    RequestChanges,
    /// Ask for the money back.
    RequestRefund,
    /// Leave it, after all.
    WithdrawRefundRequest,
    /// Let the payee have it.
    Release,
    /// Give it back.
    Refund,
    /// Wait for it no longer.
    Cancel,
}

/// `payment_act`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PaymentActing {
    /// Which.
    pub id: i64,
    /// Names this command.
    pub key: String,
    /// What.
    pub step: PaymentWord,
    /// With what.
    pub body: PaymentCommand,
}

/// `fee_get`
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct FeeOf {
    /// Of how much, minor units.
    pub minor: i64,
    /// How much of it, hundredths of a per cent.
    pub bps: i64,
}
