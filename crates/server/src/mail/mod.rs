//! Letters by mail: written into the database in the transaction of what causes them, sent by a task, tried again with growing
//! pauses, kept when they come to nothing.
//!
//! A letter is made when it is sent: its row holds what it is about and no secret. A server that stops between the moment a
//! letter is taken and the moment that is noted sends it once more, under the same `Message-ID`, by which mail programs show
//! it once.

mod failed;
pub mod letters;
mod post;
pub mod rounds;
pub mod unsubscribe;

use guildhall_db::{Connection, DbError, mails};
use guildhall_market::{
    ids::UserId,
    mails::GIVEN_UP_AFTER_MS,
    time::{DAY_MS, Timestamp},
};

use self::letters::Letter;
use crate::{
    config::MailSettings,
    error::{ApiError, written},
    feature::{Feature, Task},
    retention::{Forgetting, Retention},
};

/// How long letters that are over are kept, days: whoever asks what became of one asks within weeks.
const KEPT_DAYS: i64 = 30;

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    routes: Some(failed::routes),
    tasks: &[Task { name: "mail", wanted: |app| app.config.mail.is_some(), run: |app| Box::pin(post::run(app)) }],
    retention: &[Retention { what: "mails", forget: |forgetting| Box::pin(forget(forgetting)) }],
    ..Feature::named("mail")
};

/// Whether letters can be sent with these settings, as far as that shows without asking the server.
///
/// # Errors
/// What is wrong, in words.
pub fn check(settings: &MailSettings) -> Result<(), String> {
    post::transport(settings).map(drop)
}

/// Whom a letter is for.
#[derive(Clone, Copy, Debug)]
pub struct To<'a> {
    /// Absent: the address is nobody's. The same is written as for somebody, and never sent, but for letters
    /// [to whoever has none](Letter::to_nobody_here).
    pub user: Option<UserId>,
    /// Where it goes.
    pub address: &'a str,
}

/// Writes a letter, to be sent after the commit. One of the same kind that still waits for the same address is taken back where
/// the letter stands for it too. Whoever commits wakes the [`Mailroom`](crate::mailroom::Mailroom).
///
/// # Errors
/// The database's.
pub async fn queue(
    c: &mut Connection,
    to: To<'_>,
    letter: &Letter,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<i64, ApiError> {
    let data = written(letter)?;
    if letter.takes_the_place_of_one_that_waits() {
        mails::take_back(c, to.user, letter.kind(), to.address).await?;
    }
    let to_nobody_here = letter.to_nobody_here();
    if to_nobody_here {
        mails::take_back_the_same(c, letter.kind(), to.address, &data).await?;
    }
    let new = mails::NewMail {
        user: to.user,
        sent: to.user.is_some() || to_nobody_here,
        address: to.address,
        carrier: letter.carrier(),
        kind: letter.kind(),
        data: &data,
        expires_at,
    };
    Ok(mails::queue(c, &new, now).await?)
}

async fn forget(forgetting: &Forgetting) -> Result<(), DbError> {
    let now = forgetting.until;
    let before = now.plus_ms(-KEPT_DAYS * DAY_MS);
    // Where none can be sent they wait, and are of no use after a while either.
    let waiting_before = now.plus_ms(-2 * GIVEN_UP_AFTER_MS);
    while forgetting.may_be_more(
        forgetting
            .chunk(move |c, most| {
                Box::pin(async move { Ok((mails::forget(c, before, waiting_before, most).await?, ())) })
            })
            .await?
            .0,
    ) {}
    // In no counter: whoever reads it would learn which addresses are nobody's.
    while forgetting.may_be_more(
        forgetting
            .chunk(move |c, most| Box::pin(async move { Ok((0, mails::forget_nobodys(c, now, most).await?)) }))
            .await?
            .1,
    ) {}
    Ok(())
}
