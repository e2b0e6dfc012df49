//! What the rules of money refuse, as it is said on the wire: 403 for rights, 409 for the state, 422 for what was typed.

use axum::http::StatusCode;
use guildhall_db::ledger::PostError;
use guildhall_market::money::{book::PostRefusal, escrows, payouts};

use crate::error::ApiError;

impl From<escrows::Refusal> for ApiError {
    fn from(refusal: escrows::Refusal) -> Self {
        use escrows::Refusal::{
            BadAmount, BadSplit, Forbidden, InsufficientFunds, ProviderDispute, SameParty, TooMuch, Unknown,
            WrongCurrency, WrongState,
        };
        let words = format!("{}.", capital(&refusal.to_string()));
        match refusal {
            Forbidden => Self::forbidden(words),
            WrongState(stage) => {
                let mut error = Self::new(StatusCode::CONFLICT, refusal.code(), words);
                error.stands(stage.state());
                error
            }
            ProviderDispute | Unknown | InsufficientFunds { .. } => {
                Self::new(StatusCode::CONFLICT, refusal.code(), words)
            }
            BadAmount | TooMuch { .. } | BadSplit { .. } => Self::field(refusal.code(), "amount", words),
            WrongCurrency(_) => Self::field(refusal.code(), "currency", words),
            SameParty => Self::new(StatusCode::UNPROCESSABLE_ENTITY, refusal.code(), words),
        }
    }
}

impl From<payouts::Refusal> for ApiError {
    fn from(refusal: payouts::Refusal) -> Self {
        use payouts::Refusal::{BadAmount, Forbidden, InsufficientFunds, NoAttemptsLeft, ProviderShort, WrongState};
        let words = format!("{}.", capital(&refusal.to_string()));
        match refusal {
            Forbidden => Self::forbidden(words),
            WrongState(state) => {
                let mut error = Self::new(StatusCode::CONFLICT, refusal.code(), words);
                error.stands(state.code());
                error
            }
            NoAttemptsLeft | ProviderShort { .. } => Self::new(StatusCode::CONFLICT, refusal.code(), words),
            BadAmount | InsufficientFunds { .. } => Self::field(refusal.code(), "amount", words),
        }
    }
}

impl From<PostError> for ApiError {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Db(error) => error.into(),
            PostError::Refused(PostRefusal::BelowZero { .. }) => {
                let words = "There is not enough on the balance.";
                Self::new(StatusCode::CONFLICT, "insufficient_funds", words)
            }
            error @ (PostError::Refused(_) | PostError::NotAsWritten { .. }) => {
                tracing::error!(%error, "a posting was refused that the rules had allowed");
                Self::broken()
            }
        }
    }
}

/// With a capital letter at its beginning.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
