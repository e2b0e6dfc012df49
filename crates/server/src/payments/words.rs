//! The steps that people ask for, by their words in addresses.

use guildhall_market::money::{escrow_steps::Act, escrows::Command as Step};

use crate::error::ApiError;

/// The steps that people ask for, by their words in addresses.
pub const WORDS: [(&str, Act); 7] = [
    ("submit", Act::Submit),
    ("request-changes", Act::RequestChanges),
    ("request-refund", Act::RequestRefund),
    ("withdraw-refund-request", Act::WithdrawRefundRequest),
    ("release", Act::Release),
    ("refund", Act::Refund),
    ("cancel", Act::Cancel),
];

/// The step of a word.
///
/// # Errors
/// 422 on `action` for a word that is none.
pub fn command_of(word: &str, amount: Option<i64>) -> Result<Step, ApiError> {
    Ok(match word {
        "submit" => Step::Submit,
        "request-changes" => Step::RequestChanges,
        "request-refund" => Step::RequestRefund,
        "withdraw-refund-request" => Step::WithdrawRefundRequest,
        "release" => Step::Release(amount),
        "refund" => Step::Refund(amount),
        "cancel" => Step::Cancel,
        _ => {
            let words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
            return Err(ApiError::invalid("action", format!("`action` must be one of {}.", words.join(", "))));
        }
    })
}
