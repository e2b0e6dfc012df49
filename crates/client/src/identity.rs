//! Whose account it is, and at which server.

use std::sync::RwLock;

use guildhall_contract::{
    people::PersonView,
    sessions::{SessionView, TokenStore},
};
use guildhall_market::ids::UserId;
use url::Url;

use crate::{address, device::LastAccount};

/// Whose account it is. What is shown of the person and where it is changes while it is open.
pub(crate) struct Identity {
    pub(crate) user: UserId,
    me: RwLock<PersonView>,
    email: RwLock<String>,
    /// The server is inside this app.
    pub(crate) local: bool,
    server_url: RwLock<String>,
    token_store: RwLock<TokenStore>,
}

impl Identity {
    /// As it was remembered.
    pub(crate) fn of(last: &LastAccount) -> Self {
        let user = UserId(last.user_id);
        Self {
            user,
            me: RwLock::new(PersonView {
                id: user,
                name: last.name.clone(),
                craft: last.craft.clone(),
                place: None,
                picture: None,
                verified: last.verified,
                admin: last.admin,
                online: None,
                last_seen_at: None,
                blocked: false,
            }),
            email: RwLock::new(last.email.clone()),
            local: last.local,
            server_url: RwLock::new(last.server_url.clone()),
            token_store: RwLock::new(last.token_store),
        }
    }

    /// The person as they are shown.
    pub(crate) fn me(&self) -> PersonView {
        self.me.read().expect("no panic while held").clone()
    }

    /// What others see of the person is this from now on.
    pub(crate) fn is_now(&self, person: &PersonView) {
        *self.me.write().expect("no panic while held") = person.clone();
    }

    /// The server answers under this address from now on.
    pub(crate) fn moved_to(&self, base: &Url) {
        *self.server_url.write().expect("no panic while held") = address::shown(base);
    }

    /// Whether this is somebody of the demo inside the app.
    pub(crate) fn is_local(&self) -> bool {
        self.local
    }

    /// The address of the account.
    pub(crate) fn email(&self) -> String {
        self.email.read().expect("no panic while held").clone()
    }

    /// The account has this address from now on.
    pub(crate) fn has_email(&self, email: &str) {
        email.clone_into(&mut self.email.write().expect("no panic while held"));
    }

    /// The token is kept there.
    pub(crate) fn kept_in(&self, store: TokenStore) {
        *self.token_store.write().expect("no panic while held") = store;
    }

    /// As it is shown.
    pub(crate) fn view(&self) -> SessionView {
        SessionView::SignedIn {
            me: self.me(),
            email: self.email.read().expect("no panic while held").clone(),
            server_url: self.server_url.read().expect("no panic while held").clone(),
            local: self.local,
            token_store: *self.token_store.read().expect("no panic while held"),
        }
    }
}
