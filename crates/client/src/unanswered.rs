//! Commands of somebody who waits for the answer: said again after a lost answer, with the same words, they are the same command.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use guildhall_pusher::auth::hmac_hex;
use serde::Serialize;

use crate::rest::ApiError;

/// The keys of what was said and not answered, one for each kind of command. They last as long as the app runs.
#[derive(Debug, Default)]
pub(crate) struct Unanswered(Mutex<HashMap<String, (String, String)>>);

impl Unanswered {
    /// Says a command under its key: the one of before where the same words were said and nobody answered.
    pub(crate) async fn once<T>(
        &self,
        what: &str,
        words: &impl Serialize,
        say: impl AsyncFnOnce(&str) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let words = serde_json::to_vec(words).expect("plain values");
        // Not the words themselves: there are passwords in them.
        let words = hmac_hex(what, &words);
        let key = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match known.get(what) {
                Some((said, key)) if *said == words => key.clone(),
                _ => {
                    let key = uuid::Uuid::new_v4().to_string();
                    known.insert(what.to_owned(), (words.clone(), key.clone()));
                    key
                }
            }
        };
        let answer = say(&key).await;
        // Whoever says "later", or nothing that can be read, may have carried it out.
        if matches!(answer, Ok(_) | Err(ApiError::Refused { .. } | ApiError::Unauthorized)) {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if known.get(what).is_some_and(|(said, _)| *said == words) {
                known.remove(what);
            }
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn said(unanswered: &Unanswered, words: &str, answer: Result<(), ApiError>) -> String {
        let mut under = String::new();
        let _ = unanswered
            .once("command", &words, async |key: &str| {
                key.clone_into(&mut under);
                answer
            })
            .await;
        under
    }

    #[tokio::test]
    async fn the_same_words_are_the_same_command_until_they_are_answered() {
        let unanswered = Unanswered::default();
        let lost = || Err(ApiError::Unreachable { reason: "closed" });
        let first = said(&unanswered, "a", lost()).await;
        assert_eq!(said(&unanswered, "a", lost()).await, first);
        let other = said(&unanswered, "b", lost()).await;
        assert_ne!(other, first, "other words are another command");
        assert_eq!(said(&unanswered, "b", Ok(())).await, other);
        assert_ne!(said(&unanswered, "b", Ok(())).await, other, "it was answered: this is meant anew");
        let refused = said(&unanswered, "c", Err(ApiError::refused(422, "wrong_code"))).await;
        assert_ne!(said(&unanswered, "c", lost()).await, refused);
    }
}
