//! Who is told of a message, and how: through the system, inside the app, or not at all.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use guildhall_cache::known::{Arrived, Deleted};
use guildhall_contract::{
    connection::Attention,
    conversations::ConversationKey,
    settings::Settings,
    ui_events::{Toast, UiEvent},
};
use guildhall_market::time::{MINUTE_MS, Timestamp};

use crate::{account::Account, ports::Notice, publisher::snippet};

/// The tag of the one notice for everything that is older than a minute.
const SUMMARY: &str = "summary";
const APP: &str = "Guildhall";
/// Tries to empty the log of the cache after a message was deleted, and the pause between them: somebody may be reading.
const FORGET_TRIES: u32 = 30;
const FORGET_PAUSE: Duration = Duration::from_secs(1);

/// Whether it is quiet now.
pub(crate) fn is_quiet(settings: &Settings, now: Timestamp, minute: u16) -> bool {
    if settings.quiet_until.is_some_and(|until| now < until) {
        return true;
    }
    let (from, to) = (settings.quiet_from_min, settings.quiet_to_min);
    settings.quiet && if from <= to { (from..to).contains(&minute) } else { minute >= from || minute < to }
}

/// Messages of others arrived. `live` says that they came over the link and not from catching up.
pub(crate) async fn arrived(account: &Arc<Account>, arrived: &[Arrived], live: bool) {
    let settings = account.settings();
    let now = account.now();
    let quiet = is_quiet(&settings, now, account.ports.clock.local_minute());
    let Attention { focused, conversation: open } = account.attention.lock().expect("no panic while held").clone();
    let mut latest: BTreeMap<&ConversationKey, &Arrived> = BTreeMap::new();
    let mut old = 0u32;
    let mut in_view = false;
    for message in arrived {
        if focused && open.as_ref() == Some(&message.conversation) {
            in_view = true;
        } else if message.unread && !quiet {
            if live || now.since_ms(message.sent_at) < MINUTE_MS {
                latest.insert(&message.conversation, message);
            } else {
                old += 1;
            }
        }
    }
    if let (true, Some(open)) = (in_view, open) {
        let _ = account.read(&open).await;
    }
    let sound = settings.sound && !quiet;
    for message in latest.into_values() {
        if focused {
            toast(account, &settings, message, sound);
        } else if settings.desktop {
            show(account, notice(&settings, message, sound), Some(message.clone()));
        }
    }
    if old > 0 && !focused && settings.desktop {
        let body = if old == 1 { "1 new message".to_owned() } else { format!("{old} new messages") };
        show(account, Notice { tag: SUMMARY.into(), title: APP.into(), body, sound }, None);
    }
}

fn text(settings: &Settings, message: &Arrived) -> String {
    if settings.hide_content {
        return String::new();
    }
    let text = snippet(&message.body);
    if text.is_empty() { message.attachment_name.clone().unwrap_or_default() } else { text }
}

fn notice(settings: &Settings, message: &Arrived, sound: bool) -> Notice {
    let title = if settings.hide_content { "New message".to_owned() } else { message.name.clone() };
    Notice { tag: message.conversation.to_string(), title, body: text(settings, message), sound }
}

fn toast(account: &Account, settings: &Settings, message: &Arrived, sound: bool) {
    if settings.toasts {
        let name = if settings.hide_content { String::new() } else { message.name.clone() };
        let toast =
            Toast::Message { conversation: message.conversation.clone(), name, body: text(settings, message), sound };
        account.hub.send(UiEvent::Toast { toast });
    }
}

/// Shows a notice beside. Where no service shows it, the app does, and says so once.
pub(crate) fn show(account: &Arc<Account>, notice: Notice, message: Option<Arrived>) {
    let shown = message.as_ref().map(|message| message.id);
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
            task.hub.send(UiEvent::Toast { toast: Toast::NoNotificationService });
        }
        if let Some(message) = message {
            let settings = task.settings();
            toast(&task, &settings, &message, settings.sound);
        }
    });
}

/// A conversation was read, here or elsewhere: its notice is of no more use.
pub(crate) fn withdraw(account: &Arc<Account>, conversation: &ConversationKey) {
    let tag = conversation.to_string();
    if account.notices.tags.lock().expect("no panic while held").remove(&tag).is_none() {
        return;
    }
    let task = account.clone();
    account.spawn(async move { task.ports.notifier.withdraw(&tag).await });
}

/// Messages were deleted: no notice shows their words any more, no file holds them, and no copy brings them back.
pub(crate) fn deleted(account: &Arc<Account>, messages: &[Deleted]) {
    if messages.is_empty() {
        return;
    }
    for message in messages {
        if account.notices.shows(&message.conversation, message.id) {
            withdraw(account, &message.conversation);
        }
    }
    // One's own words stood in the outbox that they went out from, and perhaps in copies of it.
    let mine = messages.iter().any(|message| message.mine);
    let task = account.clone();
    account.spawn(async move {
        let (mut cache, mut own) = (false, !mine);
        for _ in 0..FORGET_TRIES {
            cache = cache || matches!(task.cached(task.cache.forget().await), Ok(true));
            own = own || matches!(task.owned(task.own.forget(task.now()).await), Ok(true));
            if cache && own {
                return;
            }
            tokio::time::sleep(FORGET_PAUSE).await;
        }
        // The log is emptied at the latest when the app is closed.
        tracing::info!("what was deleted still stands in the log of the cache");
    });
}

/// Takes all notices back: nobody is signed in any more.
pub(crate) async fn withdraw_all(account: &Account) {
    let tags = std::mem::take(&mut *account.notices.tags.lock().expect("no panic while held"));
    for (tag, _) in tags {
        account.ports.notifier.withdraw(&tag).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
