//! New sign-ins: whoever signs in from where nobody of the account did before, their other devices and their letter box are
//! told. On the machine itself nobody is: there is nobody else.

use guildhall_db::{Connection, feed, notifications::NewNotification, people, sign_ins, verifications};
use guildhall_market::{
    ids::{TokenId, UserId},
    time::Timestamp,
};
use guildhall_words::{DEFAULT, written_in};

use crate::{
    address::ClientAddress,
    error::{ApiError, written},
    mail::{self, To, letters::Letter},
    notifications::notify,
};

/// The type of its notice.
const KIND: &str = "session.new";

/// Notes where somebody signed in from, and answers with what their other devices are told. Whoever commits wakes the mailroom.
///
/// # Errors
/// The database's.
pub async fn note(
    c: &mut Connection,
    user: UserId,
    token: TokenId,
    device: &str,
    from: ClientAddress,
    now: Timestamp,
) -> Result<Vec<feed::Entry>, ApiError> {
    let place = from.source().to_string();
    if !sign_ins::note(c, user, &place, device, now).await? || from.is_this_machine() {
        return Ok(Vec::new());
    }
    let Some(person) = people::get(c, user).await? else { return Ok(Vec::new()) };
    // To an address that nobody proved one could be made to write however often one likes.
    if verifications::standing(c, user).await?.email {
        let letter =
            Letter::NewSignIn { name: person.name, device: device.to_owned(), at_ms: now.0, place: place.clone() };
        mail::queue(c, To { user: Some(user), address: &person.email }, &letter, None, now).await?;
    }
    let words = written_in(DEFAULT);
    let (title, body) = (words.mails_notice_new_sign_in(), words.mails_notice_new_sign_in_line(device, &place));
    let data = written(&serde_json::json!({ "token_id": token, "device": device, "place": place }))?;
    let new = NewNotification {
        user,
        kind: KIND,
        subject: &format!("token:{token}"),
        version: 1,
        title: &title,
        body: &body,
        data: &data,
    };
    Ok(notify(c, &new, now).await?.into_iter().collect())
}
