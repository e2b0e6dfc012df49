//! What the server forgets by itself, and after how long.

use guildhall_db::{DbError, feed, idempotency, messages};
use guildhall_market::{attachments::UNSENT_KEPT_MS, time::DAY_MS};

use crate::{
    app::App,
    attachments,
    retention::{Forgetting, Retention},
};

/// Files that are looked up over one connection, before others may have it.
const ORPHANS_AT_ONCE: usize = 500;
/// How long answers to commands are remembered, days (house rule: 30).
const ANSWERS_DAYS: i64 = 30;
/// How long rows of a feed are kept, days. A client that was away longer loads everything anew.
const FEED_DAYS: i64 = 90;

/// Everything that is forgotten.
pub const RETENTION: &[Retention] = &[
    Retention { what: "answers", forget: |forgetting| Box::pin(forget_answers(forgetting)) },
    Retention { what: "feed", forget: |forgetting| Box::pin(forget_feed(forgetting)) },
    Retention { what: "sealed", forget: |forgetting| Box::pin(forget_sealed(forgetting)) },
    Retention { what: "unsent", forget: |forgetting| Box::pin(forget_unsent(forgetting)) },
];

async fn forget_answers(forgetting: &Forgetting) -> Result<(), DbError> {
    let before = forgetting.until.plus_ms(-ANSWERS_DAYS * DAY_MS);
    while forgetting.may_be_more(
        forgetting
            .chunk(move |c, most| Box::pin(async move { Ok((idempotency::prune(c, before, most).await?, ())) }))
            .await?
            .0,
    ) {}
    Ok(())
}

async fn forget_feed(forgetting: &Forgetting) -> Result<(), DbError> {
    let before = forgetting.until.plus_ms(-FEED_DAYS * DAY_MS);
    let mut from = Some(feed::Forgot::default());
    while let Some(now) = from {
        from = forgetting.chunk(move |c, most| Box::pin(feed::prune(c, before, now, most))).await?.1;
    }
    Ok(())
}

async fn forget_sealed(forgetting: &Forgetting) -> Result<(), DbError> {
    let now = forgetting.until;
    loop {
        let (gone, unused) = forgetting.chunk(move |c, most| Box::pin(messages::purge_sealed(c, now, most))).await?;
        attachments::remove_unused(&forgetting.app, unused).await;
        if !forgetting.may_be_more(gone) {
            return Ok(());
        }
    }
}

async fn forget_unsent(forgetting: &Forgetting) -> Result<(), DbError> {
    let before = forgetting.until.plus_ms(-UNSENT_KEPT_MS);
    loop {
        let (gone, unused) = forgetting
            .chunk(move |c, most| Box::pin(guildhall_db::attachments::forget_unsent(c, before, most)))
            .await?;
        attachments::remove_unused(&forgetting.app, unused).await;
        if !forgetting.may_be_more(gone) {
            return Ok(());
        }
    }
}

/// Removes bytes that nobody ever got: stored, and then the command that would have said whose they are was refused, or the
/// server was killed between the two.
pub async fn remove_orphans(app: &App) {
    let mut hashes = attachments::stored(app.files_dir.clone()).await;
    while !hashes.is_empty() {
        let some = hashes.split_off(hashes.len().saturating_sub(ORPHANS_AT_ONCE));
        attachments::remove_unused(app, some).await;
    }
}
