//! The system's notices, one for each tag: a newer one takes the place of the one before.
//!
//! The service's calls may block and its answers may never come: each notice is shown and waited on by a thread of its own, a
//! bounded number of them, and nobody waits for longer than the limit.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use async_trait::async_trait;
use guildhall_client::ports::{Click, Notice, Notifier, NotifierError};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::timeout,
};

/// The longest that the service is waited for.
const LIMIT: Duration = if cfg!(test) { Duration::from_millis(20) } else { Duration::from_secs(3) };
/// Calls without an answer that may be under way at once.
const CALLS_MAX: usize = 16;
/// Notices that are watched for a click at once. More are shown, but a click on them only brings the app to the front.
const WATCHED_MAX: usize = 64;

/// Shows notices through the system's service.
#[derive(Clone)]
pub struct SystemNotifier {
    shared: Arc<Shared>,
    calls: Arc<Semaphore>,
}

struct Shared {
    app_name: String,
    desktop_entry: String,
    clicks: mpsc::UnboundedSender<Click>,
    /// Held from taking the old notice of a tag away until the number of the new one is known: two for one tag that come
    /// close together would otherwise both stay, and one that is taken back in between would stay for ever.
    turn: Mutex<()>,
    /// The service's number of each notice that is shown.
    shown: Mutex<HashMap<String, u32>>,
}

impl SystemNotifier {
    /// Shows notices as the app with this name and desktop entry (without `.desktop`). Clicks on them go to `clicks`.
    pub fn new(app_name: &str, desktop_entry: &str, clicks: mpsc::UnboundedSender<Click>) -> Self {
        let (app_name, desktop_entry) = (app_name.to_owned(), desktop_entry.to_owned());
        let shared = Shared { app_name, desktop_entry, clicks, turn: Mutex::default(), shown: Mutex::default() };
        Self { shared: Arc::new(shared), calls: Arc::new(Semaphore::new(CALLS_MAX)) }
    }
}

/// Where the answer of a call goes.
struct Answer<T> {
    sender: oneshot::Sender<T>,
    /// Held until there is an answer: a service that hangs holds all of them, and no more threads begin.
    _permit: OwnedSemaphorePermit,
}

impl<T> Answer<T> {
    fn send(self, answer: T) {
        let _ = self.sender.send(answer);
    }

    /// Whether nobody waits for it any more.
    fn is_late(&self) -> bool {
        self.sender.is_closed()
    }
}

/// Runs a blocking call on a thread of its own, and waits for it for as long as the limit. `None` at once when as many as may
/// be under way have no answer.
async fn limited<T: Send + 'static>(
    calls: &Arc<Semaphore>,
    call: impl FnOnce(Answer<T>) + Send + 'static,
) -> Option<T> {
    let permit = Arc::clone(calls).try_acquire_owned().ok()?;
    let (sender, receiver) = oneshot::channel();
    let answer = Answer { sender, _permit: permit };
    thread::Builder::new().name("notice".into()).spawn(move || call(answer)).ok()?;
    timeout(LIMIT, receiver).await.ok()?.ok()
}

/// Text for a service that reads markup.
#[cfg_attr(not(all(unix, not(target_os = "macos"))), allow(dead_code))]
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(all(unix, not(target_os = "macos")))]
mod platform {
    use guildhall_client::ports;
    use notify_rust::{Hint, Notification, NotificationResponse, Timeout, Urgency};

    use super::*;

    impl Shared {
        /// Shows a notice and stays with it until it is clicked or gone. Runs on a thread of its own.
        pub(super) fn show(&self, notice: &Notice, answer: Answer<bool>) {
            let markup = notify_rust::get_capabilities()
                .is_ok_and(|capabilities| capabilities.iter().any(|c| c == "body-markup"));
            let mut notification = Notification::new();
            notification
                .appname(&self.app_name)
                .summary(&notice.title)
                .body(&if markup { escaped(&notice.body) } else { notice.body.clone() })
                .icon(&self.desktop_entry)
                .hint(Hint::DesktopEntry(self.desktop_entry.clone()))
                .hint(Hint::Category("im.received".into()))
                .urgency(match notice.urgency {
                    ports::Urgency::Low => Urgency::Low,
                    ports::Urgency::Normal => Urgency::Normal,
                    ports::Urgency::Critical => Urgency::Critical,
                })
                .timeout(Timeout::Default)
                .action("default", &notice.open);
            for action in &notice.actions {
                notification.action(action.id, &action.label);
            }
            if notice.sound {
                notification.hint(Hint::SoundName("message-new-instant".into()));
            } else {
                notification.hint(Hint::SuppressSound(true));
            }
            let turn = self.turn.lock().expect("no panic while held");
            if answer.is_late() {
                // The app showed it meanwhile: a service that comes back must not show all of them again.
                return;
            }
            // The one before is closed, not overwritten: a service tells of clicks only to whoever sent a notice last, and
            // the thread that waits with the older one ends with it.
            let before = self.shown.lock().expect("no panic while held").remove(&notice.tag);
            if let Some(id) = before
                && let Err(error) = close(id)
            {
                tracing::info!(%error, "a notice cannot be taken back");
            }
            let handle = match notification.show() {
                Ok(handle) => handle,
                Err(_) => {
                    answer.send(false);
                    return;
                }
            };
            let id = handle.id();
            let count = {
                let mut shown = self.shown.lock().expect("no panic while held");
                shown.insert(notice.tag.clone(), id);
                shown.len()
            };
            drop(turn);
            answer.send(true);
            if count > WATCHED_MAX {
                return;
            }
            let _ = handle.wait_for_response(|response: &NotificationResponse| {
                let mut shown = self.shown.lock().expect("no panic while held");
                if shown.get(&notice.tag) != Some(&id) {
                    return;
                }
                shown.remove(&notice.tag);
                let action = match response {
                    NotificationResponse::Default => None,
                    NotificationResponse::Action(id) => Some(id.clone()).filter(|id| id != "default"),
                    _ => return,
                };
                // Not every service takes a notice away whose button was pressed.
                if let Err(error) = close(id) {
                    tracing::info!(%error, "a notice cannot be taken back");
                }
                let _ = self.clicks.send(Click { tag: notice.tag.clone(), action });
            });
        }

        /// Takes a notice back. Runs on a thread of its own.
        pub(super) fn withdraw(&self, tag: &str) {
            let _turn = self.turn.lock().expect("no panic while held");
            let Some(id) = self.shown.lock().expect("no panic while held").remove(tag) else { return };
            // The library can close only a notice whose handle it has, and that one waits for clicks.
            if let Err(error) = close(id) {
                tracing::info!(%error, "a notice cannot be taken back");
            }
        }
    }

    fn close(id: u32) -> zbus::Result<()> {
        const NAME: &str = "org.freedesktop.Notifications";
        let bus = zbus::blocking::Connection::session()?;
        bus.call_method(Some(NAME), "/org/freedesktop/Notifications", Some(NAME), "CloseNotification", &(id,))?;
        Ok(())
    }

    pub(super) fn service_name() -> Option<String> {
        notify_rust::get_server_information().ok().map(|server| server.name)
    }
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
mod platform {
    use notify_rust::Notification;

    use super::*;

    impl Shared {
        pub(super) fn show(&self, notice: &Notice, answer: Answer<bool>) {
            let mut notification = Notification::new();
            notification.appname(&self.app_name).summary(&notice.title).body(&notice.body);
            if notice.sound {
                notification.sound_name("default");
            }
            answer.send(notification.show().is_ok());
        }

        pub(super) fn withdraw(&self, tag: &str) {
            self.shown.lock().expect("no panic while held").remove(tag);
        }
    }

    pub(super) fn service_name() -> Option<String> {
        Some(std::env::consts::OS.to_owned())
    }
}

#[async_trait]
impl Notifier for SystemNotifier {
    async fn show(&self, notice: Notice) -> Result<(), NotifierError> {
        let shared = self.shared.clone();
        match limited(&self.calls, move |answer| shared.show(&notice, answer)).await {
            Some(true) => Ok(()),
            Some(false) | None => Err(NotifierError),
        }
    }

    async fn withdraw(&self, tag: &str) {
        let (shared, tag) = (self.shared.clone(), tag.to_owned());
        limited(&self.calls, move |answer| {
            shared.withdraw(&tag);
            answer.send(());
        })
        .await;
    }

    async fn service_name(&self) -> Option<String> {
        limited(&self.calls, |answer| answer.send(platform::service_name())).await?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_shown_as_it_was_typed() {
        assert_eq!(escaped("<b>I</b> & \"you\""), "&lt;b&gt;I&lt;/b&gt; &amp; &quot;you&quot;");
    }

    #[tokio::test]
    async fn a_call_that_panics_is_no_answer() {
        let calls = Arc::new(Semaphore::new(CALLS_MAX));
        assert_eq!(limited::<()>(&calls, |_| panic!("inside the library")).await, None);
        // The thread gives its place back while it unwinds.
        while calls.available_permits() < CALLS_MAX {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_service_that_hangs_holds_a_bounded_number_of_threads_and_brings_no_burst_later() {
        use std::sync::{
            Condvar,
            atomic::{AtomicUsize, Ordering},
        };

        let calls = Arc::new(Semaphore::new(CALLS_MAX));
        let (begun, shown) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let service = Arc::new((Mutex::new(false), Condvar::new()));
        for _ in 0..100 {
            let (begun, shown, service) = (begun.clone(), shown.clone(), service.clone());
            let call = move |answer: Answer<bool>| {
                begun.fetch_add(1, Ordering::SeqCst);
                let answers = service.0.lock().expect("no panic while held");
                let _answers = service.1.wait_while(answers, |answers| !*answers).expect("no panic while held");
                if !answer.is_late() {
                    shown.fetch_add(1, Ordering::SeqCst);
                }
                answer.send(true);
            };
            assert_eq!(limited(&calls, call).await, None);
        }
        *service.0.lock().expect("no panic while held") = true;
        service.1.notify_all();
        while calls.available_permits() < CALLS_MAX {
            tokio::task::yield_now().await;
        }
        assert_eq!((begun.load(Ordering::SeqCst), shown.load(Ordering::SeqCst)), (CALLS_MAX, 0));
    }
}
