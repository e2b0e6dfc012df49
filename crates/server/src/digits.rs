//! The characters of codes, which stand nowhere: made of a row and the key outside of the database, for whoever sends a code and
//! whoever compares one.

use guildhall_db::{DbError, codes, email_changes as stored_changes, registrations};
use guildhall_market::{
    codes::{Code, Purpose},
    email_changes,
    ids::UserId,
};

use crate::app::App;

/// The code of a row.
pub fn of(app: &App, purpose: Purpose, address: &str, owner: i64, nonce: &str) -> Code {
    let parts = [purpose.code().as_bytes(), address.as_bytes(), &owner.to_be_bytes(), nonce.as_bytes()];
    let [a, b, c, d, e, f, g, h, ..] = app.vault.mark("code", &parts);
    Code::from_random([a, b, c, d, e, f, g, h])
}

/// The code of somebody that works now, for whoever sends it.
///
/// # Errors
/// The database's.
pub async fn current(app: &App, purpose: Purpose, address: &str, user: UserId) -> Result<Option<Code>, DbError> {
    let sent = codes::get(&mut app.db.read().await?, purpose, address, Some(user)).await?;
    let now = app.now();
    Ok(sent.filter(|sent| sent.expires_at_ms > now.0).map(|sent| of(app, purpose, address, user.0, &sent.nonce)))
}

/// The code of a registration that works now, for whoever sends it.
///
/// # Errors
/// The database's.
pub async fn of_registration(app: &App, id: i64) -> Result<Option<Code>, DbError> {
    let begun = registrations::get(&mut app.db.read().await?, id).await?;
    let now = app.now();
    Ok(begun.filter(|begun| begun.expires_at_ms > now.0).map(|begun| registration_code(app, &begun)))
}

/// The code of a registration: it opens that one alone, whoever else begins one with the same address.
pub fn registration_code(app: &App, begun: &registrations::Registration) -> Code {
    of(app, Purpose::Register, &begun.address, begun.id, &begun.nonce)
}

/// The code by which a change is taken back.
///
/// # Errors
/// The database's. `None` for a change that stands or was taken back.
pub async fn undo_code_of(app: &App, id: i64) -> Result<Option<String>, DbError> {
    let change = stored_changes::get(&mut app.db.read().await?, id).await?;
    Ok(change.map(|change| undo_code(app, &change)))
}

/// The code of a change.
pub fn undo_code(app: &App, change: &stored_changes::EmailChange) -> String {
    email_changes::undo_code(&app.vault.mark("undo", &[&change.user_id.0.to_be_bytes(), change.nonce.as_bytes()]))
}
