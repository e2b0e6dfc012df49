//! Bearer tokens. Stored as a hash of the secret part, listed per device, revocable.

use guildhall_market::{
    accounts::Role,
    ids::{TokenId, UserId},
    time::{MINUTE_MS, Timestamp},
};

use crate::{
    Connection, DbError,
    sql::{query, rows},
};

rows! {
    /// A token as its owner sees it.
    #[derive(Clone, Debug)]
    pub struct Token of tokens by id {
        /// Which.
        pub id: TokenId,
        /// Whose.
        pub user_id: UserId,
        /// The device's name.
        pub device_name: String,
        /// When it was made.
        pub created_at_ms: i64,
        /// When it was last used, to the minute.
        pub last_used_at_ms: Option<i64>,
        /// The network address from which that was.
        pub address: Option<String>,
    }
}

rows! {
    /// Who a token stands for.
    #[derive(Clone, Debug)]
    pub struct Bearer of users by user_id {
        /// The token.
        pub token_id: TokenId,
        /// The user.
        pub user_id: UserId,
        /// The stored hash of the secret.
        pub secret_hash: String,
        /// What the user may do.
        pub role: Role,
        /// When the token was last used.
        pub last_used_at_ms: Option<i64>,
        /// When the user was suspended.
        pub suspended_at_ms: Option<i64>,
    }
}

/// Makes a token for a secret whose hash is given.
///
/// # Errors
/// The database's.
pub async fn create(
    connection: &mut Connection,
    user: UserId,
    secret_hash: &str,
    device_name: &str,
    now: Timestamp,
) -> Result<TokenId, DbError> {
    let id: i64 = query(
        "insert into tokens (user_id, secret_hash, device_name, created_at_ms) values ($1, $2, $3, $4) returning id",
    )
    .bind(user.0)
    .bind(secret_hash)
    .bind(device_name)
    .bind(now.0)
    .fetch_one(connection)
    .await?;
    Ok(TokenId(id))
}

/// Who holds token `id`, unless it was revoked or its user deleted.
///
/// # Errors
/// The database's.
pub async fn bearer(connection: &mut Connection, id: TokenId) -> Result<Option<Bearer>, DbError> {
    query(
        "select tokens.id as token_id, users.id as user_id, tokens.secret_hash, users.role, tokens.last_used_at_ms, users.suspended_at_ms
         from tokens join users on users.id = tokens.user_id
         where tokens.id = $1 and tokens.revoked_at_ms is null and users.deleted_at_ms is null",
    )
    .bind(id.0)
    .fetch_optional(connection)
    .await
}

/// Whether `last_used` is so old that the use at `now` is worth a write.
pub fn is_stale_use(last_used_at_ms: Option<i64>, now: Timestamp) -> bool {
    last_used_at_ms.is_none_or(|at| now.0 - at >= MINUTE_MS)
}

/// Notes a use of a token, from a network address.
///
/// # Errors
/// The database's.
pub async fn used(connection: &mut Connection, id: TokenId, address: &str, now: Timestamp) -> Result<(), DbError> {
    query("update tokens set last_used_at_ms = $2, address = $3 where id = $1")
        .bind(id.0)
        .bind(now.0)
        .bind(address)
        .execute(connection)
        .await?;
    Ok(())
}

/// The tokens of a user that are not revoked, newest first. At most 100.
///
/// # Errors
/// The database's.
pub async fn list(connection: &mut Connection, user: UserId) -> Result<Vec<Token>, DbError> {
    query(
        "select id, user_id, device_name, created_at_ms, last_used_at_ms, address
         from tokens
         where user_id = $1 and revoked_at_ms is null
         order by id desc
         limit 100",
    )
    .bind(user.0)
    .fetch_all(connection)
    .await
}

/// Revokes a token of this user. False when there is none, or it was revoked before.
///
/// # Errors
/// The database's.
pub async fn revoke(connection: &mut Connection, user: UserId, id: TokenId, now: Timestamp) -> Result<bool, DbError> {
    let done = query("update tokens set revoked_at_ms = $3 where id = $2 and user_id = $1 and revoked_at_ms is null")
        .bind(user.0)
        .bind(id.0)
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(done > 0)
}

/// Revokes the tokens of a user but for one. Answers with those that were revoked by it.
///
/// # Errors
/// The database's.
pub async fn revoke_others(
    connection: &mut Connection,
    user: UserId,
    except: Option<TokenId>,
    now: Timestamp,
) -> Result<Vec<TokenId>, DbError> {
    let ids: Vec<i64> = query(
        "update tokens set revoked_at_ms = $3
         where user_id = $1 and id <> $2 and revoked_at_ms is null
         returning id",
    )
    .bind(user.0)
    .bind(except.map_or(0, |id| id.0))
    .bind(now.0)
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(TokenId).collect())
}
