//! What an administrator says to everybody who is signed in. It comes over a channel of its own and is not kept: without a link
//! nobody knows whether it is still said.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use guildhall_cache::{StoreError, known::Changes};
use guildhall_contract::{
    announcements::{Announcement, AnnouncementView},
    commands::Nothing,
    errors::AppError,
    events::SYSTEM_ANNOUNCED,
    mend::{self, Mended},
    rest::Data,
    ui_events::UiEvent,
};
use guildhall_market::{announcements::stands, permissions::SYSTEM_CHANNEL};
use reqwest::Method;
use tokio::sync::Notify;

use crate::{
    Core,
    account::{Account, Kind},
    behind::Behind,
    channels::known::Numbers,
    rest::{self, ApiError},
};

/// Looks at the clock again after this, whatever happens: a laptop that slept must not show what is over.
const LOOK: Duration = Duration::from_secs(30);

/// What was said last.
#[derive(Default)]
struct Said {
    last: Mutex<Last>,
    /// Told when it is another one.
    changed: Notify,
}

#[derive(Default)]
struct Last {
    view: Option<AnnouncementView>,
    /// Something waits for its end: one for all, however often it is heard again.
    watched: bool,
}

/// The kind.
pub(crate) struct Announcements;

#[async_trait]
impl Kind for Announcements {
    async fn tell(&self, _account: &Arc<Account>, _changes: &Changes) -> Result<(), StoreError> {
        Ok(())
    }

    fn channels(&self) -> &'static [&'static str] {
        &[SYSTEM_CHANNEL]
    }

    fn numbers(&self, event: &str, data: &serde_json::Value) -> Option<Numbers> {
        (event == SYSTEM_ANNOUNCED).then(|| data["number"].as_i64().map(Numbers::one)).flatten()
    }

    async fn fetch(&self, account: &Arc<Account>, _channel: &str, _after: Option<i64>) -> Result<Option<i64>, Behind> {
        // Only the last one counts: it is fetched whole.
        let answer = account.over_link(rest::json(account.api.request(Method::GET, "/api/announcement"))).await;
        let Data { data }: Data<Option<Mended<Announcement>>> = match answer {
            // A server that makes none.
            Err(ApiError::Refused { status: 404, .. }) => return Ok(None),
            answer => answer?,
        };
        let number = data.as_ref().map(|said| said.0.number);
        say(account, data.map(|said| said.0));
        Ok(number)
    }

    async fn heard(&self, account: &Arc<Account>, _channel: &str, event: &str, data: serde_json::Value) {
        if event == SYSTEM_ANNOUNCED
            && let Some(said) = mend::read(&data)
        {
            say(account, Some(said));
        }
    }
}

fn say(account: &Arc<Account>, said: Option<Announcement>) {
    let view = said.and_then(|said| {
        let until = said.until.map(|until| until.0);
        Some(AnnouncementView { number: said.number, text: said.text?, at: said.at.0, until })
    });
    let said = account.part::<Said>();
    let watch = {
        let mut last = said.last.lock().expect("no panic while held");
        let ends = view.as_ref().is_some_and(|view| view.until.is_some());
        last.view = view;
        let watch = ends && !last.watched;
        last.watched |= watch;
        watch
    };
    said.changed.notify_one();
    account.ui.send(UiEvent::Announced { announcement: standing(account) });
    if watch {
        account.spawn(watch_end(account.clone(), said));
    }
}

/// Tells that what stands is over, when it is.
async fn watch_end(account: Arc<Account>, said: Arc<Said>) {
    loop {
        let left = {
            let mut last = said.last.lock().expect("no panic while held");
            let left = last.view.as_ref().and_then(|view| u64::try_from(view.until?.since_ms(account.now())).ok());
            let left = left.filter(|left| *left > 0);
            last.watched = left.is_some();
            left
        };
        let Some(left) = left else { break };
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(left).min(LOOK)) => {}
            () = said.changed.notified() => {}
        }
    }
    account.ui.send(UiEvent::Announced { announcement: standing(&account) });
}

fn standing(account: &Account) -> Option<AnnouncementView> {
    let said = account.part::<Said>();
    let view = said.last.lock().expect("no panic while held").view.clone();
    view.filter(|view| stands(view.until, account.now()))
}

impl Core {
    /// What an administrator says to everybody, if anything.
    pub async fn announcement_get(&self, _: Nothing) -> Result<Option<AnnouncementView>, AppError> {
        Ok(standing(&*self.account()?))
    }
}
