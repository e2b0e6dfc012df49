//! What people are told of their two-step sign-in, by notice and letter.

use guildhall_db::{Connection, feed, notifications::NewNotification, people, verifications};
use guildhall_market::time::Timestamp;
use guildhall_words::{DEFAULT, written_in};

use crate::{
    error::{ApiError, written},
    mail::{self, To, letters::Letter},
    notifications::notify,
};

/// The type of the notice that it stands differently.
const CHANGED: &str = "account.two_step";

/// What became of it, as letters and notices name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is on. With the change by whose code that can be taken back.
    On(Option<i64>),
    Off,
    Renewed,
    /// An administrator asks for it to be turned off, for this reason.
    Asked,
    /// Administrators turned it off, for this reason.
    Removed,
    /// It ended with the change of address that its owner took back.
    TakenBack,
    /// Its recovery codes did.
    CodesTakenBack,
}

impl Told {
    fn word(self) -> &'static str {
        match self {
            Self::On(_) => "on",
            Self::Off => "off",
            Self::Renewed => "renewed",
            Self::Asked => "asked",
            Self::Removed => "removed",
            Self::TakenBack => "taken_back",
            Self::CodesTakenBack => "codes_taken_back",
        }
    }
}

/// Tells somebody by notice and letter, as of new sign-ins. `what` is from where it was done, or the reason of an administrator.
pub async fn tell(
    c: &mut Connection,
    person: &people::User,
    told: Told,
    what: &str,
    now: Timestamp,
) -> Result<Vec<feed::Entry>, ApiError> {
    // To an address that nobody proved one could be made to write however often one likes.
    if verifications::standing(c, person.id).await?.email {
        let change = if let Told::On(change) = told { change } else { None };
        let (name, word) = (person.name.clone(), told.word().to_owned());
        let letter = Letter::TwoStep { name, what: word, detail: what.into(), at_ms: now.0, change };
        mail::queue(c, To { user: Some(person.id), address: &person.email }, &letter, None, now).await?;
    }
    let words = written_in(DEFAULT);
    let (title, body) = match told {
        Told::On(_) => (words.two_step_notice_on(), words.two_step_notice_from(what)),
        Told::Off => (words.two_step_notice_off(), words.two_step_notice_from(what)),
        Told::Renewed => (words.two_step_notice_renewed(), words.two_step_notice_from(what)),
        Told::Asked => (words.two_step_notice_asked(), words.two_step_notice_asked_line(what)),
        Told::Removed => (words.two_step_notice_removed(), what.to_owned()),
        Told::TakenBack => (words.two_step_notice_taken_back(), words.two_step_notice_taken_back_line()),
        Told::CodesTakenBack => {
            (words.two_step_notice_codes_taken_back(), words.two_step_notice_codes_taken_back_line())
        }
    };
    let data = written(&serde_json::json!({ "two_step": told.word() }))?;
    let new = NewNotification {
        user: person.id,
        kind: CHANGED,
        subject: &format!("two_step:{}:{}", told.word(), now.0),
        version: 1,
        title: &title,
        body: &body,
        data: &data,
    };
    Ok(notify(c, &new, now).await?.into_iter().collect())
}
