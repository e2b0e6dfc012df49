//! Texts to phones, through a provider's documented API: Twilio's "Messages" (API version 2010-04-01), which others speak too.
//!
//! A provider answers late or not at all, and takes the text all the same. Whoever cannot know looks at what the provider says
//! it sent before another one is tried: nobody gets a code twice because an answer was lost.

use std::time::Duration;

use async_trait::async_trait;
use guildhall_db::{Committed, DbError, mails};
use guildhall_market::{codes::Carrier, time::Timestamp};
use reqwest::{
    StatusCode, Url,
    header::{DATE, HeaderMap},
};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

use crate::{
    app::App,
    config::TextSettings,
    digits,
    feature::{Feature, Task},
    mail::{
        letters::Letter,
        rounds::{self, Outcome, Way, shortened},
    },
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    tasks: &[Task { name: "texts", wanted: |app| app.config.texts.is_some(), run: |app| Box::pin(run(app)) }],
    ..Feature::named("texts")
};

/// How long one request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest answer that is read, bytes: twenty texts with all that is said of them.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// Texts that are looked at to find one.
const LOOK_AT: &str = "20";
/// How far the two clocks may be apart within a second's rounding, milliseconds.
const ROUNDING_MS: i64 = 2_000;
/// Refusals that are about the number and will be the same tomorrow: no number, none that texts reach, one whose holder wants
/// none, a country that the account does not serve (twilio.com/docs/api/errors).
const ABOUT_THE_NUMBER: [i64; 7] = [21211, 21214, 21217, 21408, 21610, 21612, 21614];
/// Refusals that are about whoever sends: none, none of this account's, none that can send texts, none in the service. Every
/// text would fare the same.
const ABOUT_THE_SENDER: [i64; 7] = [21212, 21603, 21606, 21659, 21660, 21701, 21703];

/// The provider.
struct Provider {
    settings: TextSettings,
    messages: Url,
    http: reqwest::Client,
}

/// Whether texts can be sent with these settings, as far as that shows without asking the provider.
///
/// # Errors
/// What is wrong, in words.
pub fn check(settings: &TextSettings) -> Result<(), String> {
    Provider::new(settings.clone()).map(drop)
}

/// Sends texts, until it is aborted. Ends at once where no provider is set.
async fn run(app: App) {
    let Some(settings) = app.config.texts.clone() else { return };
    match Provider::new(settings) {
        Ok(provider) => rounds::run(&app, &provider).await,
        Err(error) => tracing::error!(error, "texts cannot be sent"),
    }
}

/// An answer of the provider.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    /// Absent where it is no JSON.
    body: Option<Value>,
}

impl Answer {
    fn part(&self, name: &str) -> Option<&Value> {
        self.body.as_ref()?.get(name)
    }

    fn code(&self) -> Option<i64> {
        self.part("code").or_else(|| self.part("error_code"))?.as_i64()
    }
}

impl Provider {
    fn new(settings: TextSettings) -> Result<Self, String> {
        let mut messages = settings.address.clone();
        messages
            .path_segments_mut()
            .map_err(|()| format!("{} is no address of a provider", settings.address))?
            .pop_if_empty()
            .extend(["2010-04-01", "Accounts", &settings.account, "Messages.json"]);
        let http = reqwest::Client::builder()
            .timeout(REQUEST_TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            // Whoever is sent elsewhere would show the login there.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| format!("texts cannot be sent: {e}"))?;
        Ok(Self { settings, messages, http })
    }

    /// Asks, with the login. An error says what happened on the way, without the address: a number stands in it.
    async fn ask(&self, request: reqwest::RequestBuilder) -> Result<Answer, String> {
        let request = request.basic_auth(&self.settings.account, Some(&self.settings.token));
        let mut answer = request.send().await.map_err(|e| chain(&e.without_url()))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|e| chain(&e.without_url()))? {
            if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err("the answer is longer than any of a provider of texts".into());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body: serde_json::from_slice(&bytes).ok() })
    }

    /// Whether the provider has this text already: the same words to the same number, not older than ours. Its own clock says
    /// how old, so that neither has to be right.
    async fn has(&self, app: &App, mail: &mails::Mail, words: &str) -> Result<bool, String> {
        let query = [("To", &*mail.address), ("PageSize", LOOK_AT)];
        let answer = self.ask(self.http.get(self.messages.clone()).query(&query)).await?;
        let (StatusCode::OK, Some(messages)) = (answer.status, answer.part("messages").and_then(Value::as_array))
        else {
            return Err(said(&answer));
        };
        let their_now = answer.headers.get(DATE).and_then(|date| moment(date.to_str().ok()?));
        let ours_is_old_ms = app.now().since_ms(Timestamp(mail.created_at_ms)).max(0);
        let newer = |message: &&Value| {
            let made = message["date_created"].as_str().and_then(moment);
            // One whose age nobody can tell is taken for ours: a code can be asked for again, and two are never sent for one.
            their_now.zip(made).is_none_or(|(now, made)| now - made <= ours_is_old_ms + ROUNDING_MS)
        };
        let over = |message: &&Value| matches!(message["status"].as_str(), Some("failed" | "canceled"));
        Ok(messages
            .iter()
            .filter(|message| message["body"].as_str() == Some(words) && !over(message))
            .any(|m| newer(&m)))
    }
}

#[async_trait]
impl Way for Provider {
    fn carrier(&self) -> Carrier {
        Carrier::Phone
    }

    async fn send(&self, app: &App, mail: &mails::Mail) -> Result<Outcome, DbError> {
        let letter = serde_json::from_str::<Letter>(&mail.data).ok();
        let (Some(letter), Some(user)) = (letter, mail.user_id) else {
            return Ok(Outcome::Refused("a text of a kind that this version does not know".into()));
        };
        let code = match letter.purpose() {
            Some(purpose) => match digits::current(app, purpose, &mail.address, user).await? {
                Some(code) => Some(code.to_string()),
                None => return Ok(Outcome::Refused("its code was used or has died".into())),
            },
            None => None,
        };
        let words = guildhall_words::written_in(guildhall_words::DEFAULT);
        let words = letter.as_text(words, &app.config.name, code.as_deref());
        // Whoever was about to send it and could not note what became of it left a note before.
        if mail.tries == 0 && mail.error.is_none() {
            begun(app, mail.id).await?;
        } else {
            match self.has(app, mail, &words).await {
                Ok(true) => return Ok(Outcome::Sent),
                Ok(false) => {}
                Err(error) => return Ok(Outcome::Unreachable(shortened(&error))),
            }
        }
        let sender = if self.settings.from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
        let life_s = (Carrier::Phone.life_ms() / 1000).to_string();
        let form = [
            ("To", &*mail.address),
            (sender, &*self.settings.from),
            ("Body", &*words),
            // A code that comes after its death helps nobody.
            ("ValidityPeriod", &*life_s),
        ];
        Ok(match self.ask(self.http.post(self.messages.clone()).form(&form)).await {
            Ok(answer) => outcome(&answer),
            Err(error) => Outcome::Unreachable(shortened(&error)),
        })
    }
}

/// Notes that a text is on its way, before it is: whoever finds the note asks the provider first.
async fn begun(app: &App, id: i64) -> Result<(), DbError> {
    app.db
        .write::<(), DbError, _>(move |c| Box::pin(async move { mails::begun(c, id).await.map(Committed::quiet) }))
        .await
}

/// What an answer to a new text means.
fn outcome(answer: &Answer) -> Outcome {
    let code = answer.code();
    let words = shortened(&said(answer));
    match answer.status {
        status if status.is_success() && answer.part("sid").is_some_and(Value::is_string) => {
            match answer.part("status").and_then(Value::as_str) {
                Some("failed" | "undelivered" | "canceled") => Outcome::Refused(words),
                _ => Outcome::Sent,
            }
        }
        StatusCode::BAD_REQUEST if code.is_some_and(|code| ABOUT_THE_NUMBER.contains(&code)) => Outcome::Refused(words),
        // About this text, for a reason that is not known here: the others go on meanwhile.
        StatusCode::BAD_REQUEST if code.is_some_and(|code| !ABOUT_THE_SENDER.contains(&code)) => Outcome::Later(words),
        // The account, the sender, the rate, the provider itself: the next text would fare the same.
        _ => Outcome::Unreachable(words),
    }
}

/// What the provider said.
fn said(answer: &Answer) -> String {
    let status = answer.status.as_u16();
    let words = answer.part("message").or_else(|| answer.part("error_message")).and_then(Value::as_str);
    match (words, answer.code()) {
        (Some(words), Some(code)) => format!("{status}: {words} ({code})"),
        (Some(words), None) => format!("{status}: {words}"),
        (None, _) => format!("{status}, and nothing that a provider of texts would say"),
    }
}

/// A moment as headers and the provider write it, milliseconds.
fn moment(text: &str) -> Option<i64> {
    let at = OffsetDateTime::parse(text, &Rfc2822).ok()?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_headers_and_of_the_provider_are_one() {
        let at = moment("Thu, 24 Aug 2023 05:01:45 +0000");
        assert_eq!(at, Some(1_692_853_305_000));
        assert_eq!(moment("Thu, 24 Aug 2023 05:01:45 GMT"), at);
        assert_eq!(moment("yesterday"), None);
    }
}
