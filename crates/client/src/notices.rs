//! Who is told of something, and how: through the system, inside the app, or not at all. One way for every kind of thing; what
//! became of each is written down, with the reason.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
};

use guildhall_cache::own::Told;
use guildhall_contract::{
    connection::Attention,
    events::MESSAGE_SENT,
    settings::Settings,
    targets::Target,
    ui_events::{Toast, UiEvent},
};
use guildhall_market::time::{MINUTE_MS, Timestamp};

use crate::{
    account::Account,
    ports::{Notice, NoticeAction, Urgency},
};

/// The tag of the one notice for everything that is older than a minute.
const SUMMARY: &str = "summary";

/// Something that somebody may have to be told of.
#[derive(Clone)]
pub(crate) struct Candidate {
    /// The event that brought it.
    pub(crate) event: &'static str,
    /// What it is about, such as `message 12`: of the same event never the same again.
    pub(crate) subject: String,
    /// What a click opens. Of several with the same target the last one is told, and its notice takes the place of those before.
    pub(crate) target: Target,
    /// How urgent it is.
    pub(crate) urgency: Urgency,
    /// When it happened, server time.
    pub(crate) at: Timestamp,
    /// Whether it still is news: it was not read elsewhere.
    pub(crate) unread: bool,
    /// Its words.
    pub(crate) words: Arc<dyn Words>,
}

/// The words of a notice. `hidden` leaves out names and texts.
pub(crate) trait Words: Send + Sync {
    /// Title and body of the system's notice.
    fn notice(&self, hidden: bool) -> (String, String);
    /// Title and body of what is shown inside the app. Nothing of it may be empty but the body.
    fn toast(&self, hidden: bool) -> (String, String);
    /// The buttons of the system's notice. What they do says the kind ([`Kind::acts`](crate::account::Kind::acts)).
    fn actions(&self) -> Vec<NoticeAction> {
        Vec::new()
    }
}

/// Whether it is quiet now.
pub(crate) fn is_quiet(settings: &Settings, now: Timestamp, minute: u16) -> bool {
    if settings.quiet_until.is_some_and(|until| now < until) {
        return true;
    }
    let (from, to) = (settings.quiet_from_min, settings.quiet_to_min);
    settings.quiet && if from <= to { (from..to).contains(&minute) } else { minute >= from || minute < to }
}

/// What becomes of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The system shows it.
    System,
    /// The app shows it.
    App,
    /// It is in view.
    InView,
    /// It was read already.
    Read,
    /// The user wants quiet.
    Quiet,
    /// The user wants no notices of this sort.
    Off,
    /// It is old, and counted in the one notice for all that is.
    SummedUp,
    /// It is old, and somebody is here who sees the counts.
    Old,
    /// A later one of the same target is told in its place.
    Folded,
    /// No service of the system shows it; the app does.
    NoService,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::App => "app",
            Self::InView => "in_view",
            Self::Read => "read",
            Self::Quiet => "quiet",
            Self::Off => "off",
            Self::SummedUp => "summed_up",
            Self::Old => "old",
            Self::Folded => "folded",
            Self::NoService => "no_service",
        }
    }
}

/// What a decision is made of, besides the settings.
#[derive(Clone, Copy, Debug)]
struct Moment {
    focused: bool,
    in_view: bool,
    unread: bool,
    quiet: bool,
    fresh: bool,
}

fn decide(settings: &Settings, moment: Moment) -> Outcome {
    match moment {
        Moment { focused: true, in_view: true, .. } => Outcome::InView,
        Moment { unread: false, .. } => Outcome::Read,
        Moment { quiet: true, .. } => Outcome::Quiet,
        Moment { fresh: false, focused: true, .. } => Outcome::Old,
        Moment { fresh: false, .. } if settings.desktop => Outcome::SummedUp,
        Moment { fresh: true, focused: true, .. } if settings.toasts => Outcome::App,
        Moment { fresh: true, focused: false, .. } if settings.desktop => Outcome::System,
        _ => Outcome::Off,
    }
}

/// Tells of what happened, or not. `live` says that it came over the link and not from catching up. Answers whether some of it is
/// in view.
pub(crate) async fn offer(account: &Arc<Account>, candidates: Vec<Candidate>, live: bool) -> bool {
    let settings = account.settings();
    let now = account.now();
    let quiet = is_quiet(&settings, now, account.ports.clock.local_minute());
    let Attention { focused, target: open } = account.attention.lock().expect("no panic while held").clone();
    let mut told: Vec<Told> = Vec::with_capacity(candidates.len());
    let mut latest: BTreeMap<Target, (usize, Candidate)> = BTreeMap::new();
    for candidate in candidates {
        let outcome = decide(
            &settings,
            Moment {
                focused,
                in_view: open.as_ref() == Some(&candidate.target),
                unread: candidate.unread,
                quiet,
                fresh: live || now.since_ms(candidate.at) < MINUTE_MS,
            },
        );
        told.push(Told {
            at: now,
            event: candidate.event.to_owned(),
            subject: candidate.subject.clone(),
            target: candidate.target.to_string(),
            outcome: outcome.word().to_owned(),
        });
        if matches!(outcome, Outcome::App | Outcome::System)
            && let Some((before, _)) = latest.insert(candidate.target.clone(), (told.len() - 1, candidate))
        {
            Outcome::Folded.word().clone_into(&mut told[before].outcome);
        }
    }
    let count = |outcome: Outcome| told.iter().filter(|told| told.outcome == outcome.word()).count();
    let (in_view, old) = (count(Outcome::InView) > 0, count(Outcome::SummedUp));
    // Before anything is shown: what is taken back finds it there.
    let _ = account.owned(account.own.note_told(&told).await);
    let sound = settings.sound && !quiet;
    for (_, candidate) in latest.into_values() {
        if focused {
            toast(account, &settings, &candidate, sound);
        } else {
            let (title, body) = candidate.words.notice(settings.hide_content);
            let (urgency, actions) = (candidate.urgency, candidate.words.actions());
            let tag = candidate.target.to_string();
            let open = guildhall_words::current().app_open();
            show(account, Notice { tag, title, body, sound, urgency, open, actions }, Some(candidate));
        }
    }
    if old > 0 {
        let words = guildhall_words::written_in(settings.region.name());
        let count = i64::try_from(old).unwrap_or(i64::MAX);
        let is_old = |told: &&Told| told.outcome == Outcome::SummedUp.word();
        let messages_alone = told.iter().filter(is_old).all(|told| told.event == MESSAGE_SENT);
        let body = if messages_alone { words.notices_new_messages(count) } else { words.notices_new_things(count) };
        let title = words.app_name();
        let (tag, urgency, open) = (SUMMARY.into(), Urgency::Low, words.app_open());
        let notice = Notice { tag, title, body, sound, urgency, open, actions: Vec::new() };
        show(account, notice, None);
    }
    in_view
}

fn toast(account: &Account, settings: &Settings, candidate: &Candidate, sound: bool) {
    if settings.toasts {
        let (title, body) = candidate.words.toast(settings.hide_content);
        let toast = Toast::News { target: candidate.target.clone(), title, body, sound };
        account.ui.send(UiEvent::Toast { toast });
    }
}

/// Shows a notice beside. Where no service shows it, the app does, and says so once.
pub(crate) fn show(account: &Arc<Account>, notice: Notice, about: Option<Candidate>) {
    let shown = about.as_ref().map(|candidate| candidate.subject.clone());
    account.notices.tags.lock().expect("no panic while held").insert(notice.tag.clone(), shown);
    let task = account.clone();
    account.spawn(async move {
        let tag = notice.tag.clone();
        if task.ports.notifier.show(notice).await.is_ok() {
            // Taken back while it was on its way: it must not stay.
            if !task.notices.tags.lock().expect("no panic while held").contains_key(&tag) {
                task.ports.notifier.withdraw(&tag).await;
            }
            return;
        }
        if !task.notices.warned.swap(true, Ordering::SeqCst) {
            task.ui.send(UiEvent::Toast { toast: Toast::NoNotificationService });
        }
        if let Some(candidate) = about {
            let settings = task.settings();
            toast(&task, &settings, &candidate, settings.sound);
            let noted = task.own.note_outcome(&candidate.subject, Outcome::NoService.word()).await;
            let _ = task.owned(noted);
        }
    });
}

/// What a notice leads to was read, here or elsewhere, or is gone: it is of no more use.
pub(crate) fn withdraw(account: &Arc<Account>, target: &Target, because: &'static str) {
    let target = target.to_string();
    if account.notices.tags.lock().expect("no panic while held").remove(&target).is_none() {
        return;
    }
    let task = account.clone();
    account.spawn(async move {
        task.ports.notifier.withdraw(&target).await;
        let _ = task.owned(task.own.note_taken_back(&target, because, task.now()).await);
    });
}

/// Takes all notices back: nobody is signed in any more.
pub(crate) async fn withdraw_all(account: &Account) {
    let tags = std::mem::take(&mut *account.notices.tags.lock().expect("no panic while held"));
    for (tag, _) in tags {
        account.ports.notifier.withdraw(&tag).await;
        let _ = account.own.note_taken_back(&tag, "signed_out", account.now()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_moment_has_one_outcome_and_the_first_reason_is_the_one_that_is_said() {
        let settings = |desktop, toasts| Settings { desktop, toasts, ..Settings::default() };
        let moment = Moment { focused: false, in_view: false, unread: true, quiet: false, fresh: true };
        let check = |settings: &Settings, moment: Moment, expected| {
            assert_eq!(decide(settings, moment), expected, "{moment:?}")
        };
        check(&settings(true, true), moment, Outcome::System);
        check(&settings(false, true), moment, Outcome::Off);
        check(&settings(true, true), Moment { focused: true, ..moment }, Outcome::App);
        check(&settings(true, false), Moment { focused: true, ..moment }, Outcome::Off);
        check(&settings(true, true), Moment { in_view: true, ..moment }, Outcome::System);
        check(&settings(true, true), Moment { in_view: true, focused: true, quiet: true, ..moment }, Outcome::InView);
        check(&settings(true, true), Moment { unread: false, quiet: true, ..moment }, Outcome::Read);
        check(&settings(true, true), Moment { quiet: true, ..moment }, Outcome::Quiet);
        check(&settings(true, true), Moment { fresh: false, ..moment }, Outcome::SummedUp);
        check(&settings(false, true), Moment { fresh: false, ..moment }, Outcome::Off);
        check(&settings(true, true), Moment { fresh: false, focused: true, ..moment }, Outcome::Old);
    }

    #[test]
    fn quiet_hours_go_over_midnight() {
        let settings =
            |from, to| Settings { quiet: true, quiet_from_min: from, quiet_to_min: to, ..Settings::default() };
        let check = |from, to, minute, expected| {
            assert_eq!(is_quiet(&settings(from, to), Timestamp(0), minute), expected, "{from} {to} {minute}")
        };
        check(21 * 60, 7 * 60, 21 * 60, true);
        check(21 * 60, 7 * 60, 0, true);
        check(21 * 60, 7 * 60, 7 * 60, false);
        check(9 * 60, 17 * 60, 12 * 60, true);
        check(9 * 60, 17 * 60, 17 * 60, false);
        check(60, 60, 60, false);
        let until = Settings { quiet_until: Some(Timestamp(1_000)), ..Settings::default() };
        assert!(is_quiet(&until, Timestamp(999), 0));
        assert!(!is_quiet(&until, Timestamp(1_000), 0));
    }
}
