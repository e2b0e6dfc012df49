//! What an administrator says to everybody who is signed in. It comes over a channel of its own and is not kept: without a link
//! nobody knows whether it is still said.

use std::sync::{Arc, Mutex};

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
use guildhall_market::permissions::SYSTEM_CHANNEL;
use reqwest::Method;

use crate::{
    Core,
    account::{Account, Kind},
    behind::Behind,
    channels::known::Numbers,
    rest::{self, ApiError},
};

/// What was said last.
#[derive(Default)]
struct Said(Mutex<Option<AnnouncementView>>);

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
        // Where nothing was ever said the first one will have the number after this.
        let number = data.as_ref().map_or(0, |said| said.0.number);
        say(account, data.map(|said| said.0));
        Ok(Some(number))
    }

    async fn heard(&self, account: &Arc<Account>, _channel: &str, event: &str, data: serde_json::Value) {
        if event == SYSTEM_ANNOUNCED
            && let Some(said) = mend::read(&data)
        {
            say(account, Some(said));
        }
    }
}

/// The server says when it is over, too: one's own clock may be wrong.
fn say(account: &Account, said: Option<Announcement>) {
    let view = said.and_then(|said| {
        let until = said.until.map(|until| until.0);
        Some(AnnouncementView { number: said.number, text: said.text?, at: said.at.0, until })
    });
    *account.part::<Said>().0.lock().expect("no panic while held") = view.clone();
    account.ui.send(UiEvent::Announced { announcement: view });
}

impl Core {
    /// What an administrator says to everybody, if anything.
    pub async fn announcement_get(&self, _: Nothing) -> Result<Option<AnnouncementView>, AppError> {
        Ok(self.account()?.part::<Said>().0.lock().expect("no panic while held").clone())
    }
}
