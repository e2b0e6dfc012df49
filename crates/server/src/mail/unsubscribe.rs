//! The link by which letters of a kind are ended: signed with the key outside of the database, for one person and kind.

use guildhall_market::{ids::UserId, mail_preferences::Kind};
use subtle::ConstantTimeEq;

use crate::app::App;

fn signature(app: &App, user: UserId, kind: Kind) -> String {
    hex::encode(app.vault.mark("unsubscribe", &[&user.0.to_be_bytes(), kind.code().as_bytes()]))
}

/// Whether a link's signature is ours.
pub fn is_right(app: &App, user: UserId, kind: Kind, shown: &str) -> bool {
    bool::from(signature(app, user, kind).as_bytes().ct_eq(shown.as_bytes()))
}

/// The link. `None` where nobody said under which address this server is reached.
pub fn link(app: &App, user: UserId, kind: Kind) -> Option<String> {
    let host = app.config.public_host.as_deref()?;
    Some(format!("https://{host}/mail/unsubscribe?u={user}&k={}&s={}", kind.code(), signature(app, user, kind)))
}
