//! Time in which no server ran counts against nobody: each says every minute that it runs, and the first that begins again after a
//! gap puts off what could not be waited for, before anything of it is carried out.

use std::time::Duration;

use guildhall_db::{Committed, deadlines, settings};
use guildhall_market::{
    outages::{BEAT_MS, Outage},
    time::Timestamp,
};

use crate::{app::App, error::ApiError, feature::Feature};

/// Where the last beat is kept: milliseconds since 1970.
const BEAT: &str = "beat_at_ms";
/// Where it is kept how far an outage is given back: `from until kind subject`, or nothing.
const OUTAGE: &str = "outage";
/// Deadlines that are put off in one transaction.
const PAGE: i64 = 100;

/// How far an outage is given back.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Progress {
    outage: Outage,
    /// Which of the kinds is next.
    kind: usize,
    /// The last subject of it that was looked at.
    subject: i64,
}

impl Progress {
    fn text(&self) -> String {
        format!("{} {} {} {}", self.outage.from.0, self.outage.until.0, self.kind, self.subject)
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(' ').map(|part| part.parse::<i64>().ok());
        let mut next = || parts.next().flatten();
        let outage = Outage { from: Timestamp(next()?), until: Timestamp(next()?) };
        Some(Self { outage, kind: usize::try_from(next()?).ok()?, subject: next()? })
    }
}

/// Gives back what an outage took. Called before anything is answered and before any deadline is carried out; of several servers that
/// begin at once each part of it is done by one. Answers with the outage, if there was one.
///
/// # Errors
/// The database's, or what a feature failed with: then the server must not begin, and the next start goes on where this one stopped.
pub async fn give_back(app: &App, features: &'static [Feature]) -> Result<Option<Outage>, ApiError> {
    let now = app.now();
    begin(app, now).await?;
    let mut outage = None;
    while let Some(progress) = go_on(app, features, now).await? {
        outage = Some(progress.outage);
    }
    Ok(outage)
}

/// Says that a server runs, and that there was an outage.
async fn begin(app: &App, now: Timestamp) -> Result<(), ApiError> {
    app.db
        .write::<(), ApiError, _>(move |c| {
            Box::pin(async move {
                let said = now.0.to_string();
                let last = settings::get_or_set(c, BEAT, &said).await?;
                if !settings::replace(c, BEAT, &last, &said).await? {
                    return Ok(Committed::quiet(()));
                }
                // What is no number was written by nobody we know: there is nothing to count from.
                let found = last.parse().ok().and_then(|last| Outage::between(Timestamp(last), now));
                let before = settings::get_or_set(c, OUTAGE, "").await?;
                if let Some(outage) = found {
                    // One that was not given back to its end is part of this one: what it put off already is known by its deadline.
                    let from = Progress::read(&before).map_or(outage.from, |left| left.outage.from.min(outage.from));
                    let outage = Outage { from, ..outage };
                    settings::set(c, OUTAGE, &Progress { outage, kind: 0, subject: i64::MIN }.text()).await?;
                }
                Ok(Committed::quiet(()))
            })
        })
        .await
}

/// Puts the next few deadlines off. `None` when nothing is left.
async fn go_on(app: &App, features: &'static [Feature], now: Timestamp) -> Result<Option<Progress>, ApiError> {
    app.db
        .write::<Option<Progress>, ApiError, _>(move |c| {
            Box::pin(async move {
                let text = settings::get_or_set(c, OUTAGE, "").await?;
                let Some(progress) = Progress::read(&text) else { return Ok(Committed::quiet(None)) };
                let outage = progress.outage;
                let mut kinds = features.iter().flat_map(|feature| feature.standing_still).skip(progress.kind);
                let Some(kind) = kinds.next() else {
                    settings::replace(c, OUTAGE, &text, "").await?;
                    return Ok(Committed::quiet(None));
                };
                let window = (outage.from, outage.reaches());
                let page = deadlines::between(c, kind.kind, window, progress.subject, PAGE).await?;
                let next = match page.last() {
                    Some(last) => Progress { subject: last.subject, ..progress.clone() },
                    None => Progress { kind: progress.kind + 1, subject: i64::MIN, ..progress.clone() },
                };
                if !settings::replace(c, OUTAGE, &text, &next.text()).await? {
                    // Another server does it.
                    return Ok(Committed::quiet(Some(progress)));
                }
                let mut events = Vec::new();
                for waiting in &page {
                    let by = outage.gives_back(Timestamp(waiting.due_at_ms), waiting.given_back_ms);
                    if by > 0
                        && let Some(deadline) = deadlines::put_off(c, waiting, by).await?
                    {
                        events.extend((kind.put_off)(c, &deadline, by, now).await?);
                    }
                }
                Ok(Committed { value: Some(next), events })
            })
        })
        .await
}

/// Says that a server runs.
pub async fn say(app: &App) {
    let now = app.now().0.to_string();
    let said = app
        .db
        .write::<(), ApiError, _>(move |c| {
            Box::pin(async move { Ok(Committed::quiet(settings::set(c, BEAT, &now).await?)) })
        })
        .await;
    if let Err(error) = said {
        tracing::warn!(?error, "it could not be kept that the server runs");
    }
}

/// Says it every minute, until it is aborted.
pub async fn beat(app: App) {
    let clock = std::sync::Arc::clone(&app.config.clock);
    loop {
        clock.sleep(Duration::from_millis(BEAT_MS.unsigned_abs())).await;
        say(&app).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_went_is_read_as_it_was_written() {
        let outage = Outage { from: Timestamp(5), until: Timestamp(700_000) };
        let progress = Progress { outage, kind: 1, subject: i64::MIN };
        assert_eq!(Progress::read(&progress.text()), Some(progress));
        assert_eq!((Progress::read(""), Progress::read("5 6 7")), (None, None));
    }
}
