//! People: names, and whether they are online.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_trait::async_trait;
use guildhall_cache::{
    StoreError,
    known::{Changes, PeopleChanges, people},
};
use guildhall_contract::{
    events,
    people::{PersonView, PresenceUpdated},
    ui_events::UiEvent,
};
use guildhall_market::ids::UserId;

use crate::{
    account::{Account, Kind},
    link_state::Made,
    parts::Facts,
};

/// Who is online, as it was found out over the connection that stands.
#[derive(Debug, Default)]
struct Presence {
    online: HashMap<UserId, bool>,
    /// About whom the server was asked over this connection.
    asked: HashSet<UserId>,
}

impl Presence {
    /// Whether one must ask about somebody: it is unknown, and nobody asked over this connection yet.
    fn must_ask(&mut self, id: UserId) -> bool {
        !self.online.contains_key(&id) && self.asked.insert(id)
    }
}

impl Account {
    /// Notes who is online, from an answer that was asked for while this connection stood.
    pub(crate) fn note_presence(&self, made: Option<Made>, people: impl IntoIterator<Item = (UserId, bool)>) {
        let Some(made) = made else { return };
        if let Some(facts) = self.link.state.lock().expect("no panic while held").over(made) {
            facts.of::<Presence>().online.extend(people);
        }
    }

    /// Whether one must ask who of them is online: of one it is unknown, and nobody asked over this connection yet.
    pub(crate) fn must_ask(&self, people: impl IntoIterator<Item = UserId>) -> bool {
        let mut link = self.link.state.lock().expect("no panic while held");
        let Some(made) = link.standing() else { return false };
        let Some(facts) = link.over(made) else { return false };
        let presence = facts.of::<Presence>();
        let mut unknown = false;
        for id in people {
            unknown |= presence.must_ask(id);
        }
        unknown
    }

    /// A person as they are shown, with whether they are online as far as is known.
    pub(crate) fn with_presence(&self, mut person: PersonView) -> PersonView {
        let link = self.link.state.lock().expect("no panic while held");
        person.online = link.facts().get::<Presence>().and_then(|presence| presence.online.get(&person.id).copied());
        person
    }

    /// A person from what is here.
    pub(crate) async fn person(&self, id: UserId) -> Result<PersonView, StoreError> {
        let person = self.cache.person(id).await?.unwrap_or_else(|| people::stranger(id));
        Ok(self.with_presence(person))
    }

    /// Asks for a person about whom nothing is known here, if there is a link.
    pub(crate) async fn fetch_person_if_unknown(self: &Arc<Self>, id: UserId) {
        let known = self.cached(self.cache.person(id).await);
        if !matches!(known, Ok(None)) || !self.online() {
            return;
        }
        let made = self.standing();
        if let Ok(user) = self.api.user(id).await {
            self.note_presence(made, user.online.map(|online| (id, online)));
            let _ = self.cached(self.cache.put_people(&[user]).await);
        }
    }
}

/// The kind.
pub(crate) struct People;

#[async_trait]
impl Kind for People {
    async fn tell(&self, account: &Arc<Account>, changes: &Changes) -> Result<(), StoreError> {
        let Some(PeopleChanges(changed)) = changes.peek() else { return Ok(()) };
        let others = changed.iter().copied().filter(|id| *id != account.who.user);
        let people = account.cache.people_by_id(others).await?;
        if !people.is_empty() {
            let rows = people.into_values().map(|person| account.with_presence(person)).collect();
            account.ui.send(UiEvent::People { rows, removed: Vec::new() });
        }
        Ok(())
    }

    async fn unlinked(&self, account: &Arc<Account>, unsaid: &Facts) {
        let Some(presence) = unsaid.get::<Presence>() else { return };
        // After whatever is being told now: rows that were built before must not be the last word.
        let _one_at_a_time = account.publishing.lock().await;
        for id in presence.online.keys() {
            if let Ok(person) = account.person(*id).await {
                account.ui.send(UiEvent::People { rows: vec![person], removed: Vec::new() });
            }
        }
    }

    fn moments(&self) -> &'static [&'static str] {
        &[events::PRESENCE_UPDATED]
    }

    async fn moment(&self, account: &Arc<Account>, made: Made, _event: &str, data: serde_json::Value) {
        let Ok(presence) = serde_json::from_value::<PresenceUpdated>(data) else { return };
        account.note_presence(Some(made), [(presence.user_id, presence.online)]);
        if let Some(at) = presence.last_seen_at {
            let _ = account.cached(account.cache.last_seen(presence.user_id, at.0).await);
        }
        if let Ok(person) = account.person(presence.user_id).await {
            account.ui.send(UiEvent::People { rows: vec![person], removed: Vec::new() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_somebody_one_asks_once_for_each_connection() {
        let (known, unknown) = (UserId(1), UserId(2));
        let mut presence = Presence { online: HashMap::from([(known, false)]), ..Presence::default() };
        assert!(!presence.must_ask(known));
        assert!(presence.must_ask(unknown));
        assert!(!presence.must_ask(unknown));
    }
}
