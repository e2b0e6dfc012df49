//! Where somebody signed in from: network addresses, and the devices there.

use guildhall_market::{ids::UserId, time::Timestamp};

use crate::{Connection, DbError, sql::query};

/// Places that are remembered of one account.
const PLACES_MAX: i64 = 64;

/// Whether somebody ever signed in from a network address.
///
/// # Errors
/// The database's.
pub async fn was_here(connection: &mut Connection, user: UserId, source: &str) -> Result<bool, DbError> {
    let found: Option<i64> = query("select 1 from account_places where user_id = $1 and source = $2 limit 1")
        .bind(user.0)
        .bind(source)
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

/// Notes that somebody signed in on a device, from a network address. True when nobody did so from there on one of that name
/// before. The places that were not used for longest are forgotten when there are too many.
///
/// # Errors
/// The database's.
pub async fn note(
    connection: &mut Connection,
    user: UserId,
    source: &str,
    device_name: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let known = query(
        "update account_places set last_at_ms = $4
         where user_id = $1 and source = $2 and device_name = $3",
    )
    .bind(user.0)
    .bind(source)
    .bind(device_name)
    .bind(now.0)
    .execute(&mut *connection)
    .await?;
    if known > 0 {
        return Ok(false);
    }
    query(
        "insert into account_places (user_id, source, device_name, last_at_ms) values ($1, $2, $3, $4)
         on conflict (user_id, source, device_name) do update set last_at_ms = excluded.last_at_ms",
    )
    .bind(user.0)
    .bind(source)
    .bind(device_name)
    .bind(now.0)
    .execute(&mut *connection)
    .await?;
    query(
        "delete from account_places
         where user_id = $1 and (source, device_name) not in (
           select source, device_name from account_places where user_id = $1 order by last_at_ms desc limit $2
         )",
    )
    .bind(user.0)
    .bind(PLACES_MAX)
    .execute(connection)
    .await?;
    Ok(true)
}
