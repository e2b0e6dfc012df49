//! Tells administrators that something waits to be verified.

use guildhall_db::{Connection, feed, notifications, people, suspensions};
use guildhall_market::{ids::UserId, notifications::kinds::VERIFICATION_WAITING, time::Timestamp};

use crate::{
    error::{ApiError, written},
    notifications::notify,
};

/// Tells all but whoever it is about. The administrators are held until the commit: asked for before feeds are.
///
/// # Errors
/// The database's.
pub async fn tell_administrators(
    c: &mut Connection,
    about: UserId,
    now: Timestamp,
) -> Result<Vec<feed::Entry>, ApiError> {
    let person = people::get(c, about).await?.ok_or_else(ApiError::unauthenticated)?;
    let data = written(&serde_json::json!({ "user_id": about }))?;
    let subject = format!("verification:{about}:{}", now.0);
    let mut told = Vec::new();
    for administrator in suspensions::hold_administrators(c).await? {
        if administrator != about {
            let notice = notifications::NewNotification {
                user: administrator,
                kind: VERIFICATION_WAITING,
                subject: &subject,
                version: 1,
                title: "Something waits to be verified",
                body: person.shown_name(),
                data: &data,
            };
            told.extend(notify(c, &notice, now).await?);
        }
    }
    Ok(told)
}
