//! Small facts that the server keeps about itself.

use crate::{Connection, DbError, sql::query};

/// The value kept under a name.
///
/// # Errors
/// The database's.
pub async fn get(connection: &mut Connection, name: &str) -> Result<Option<String>, DbError> {
    query("select value from server_settings where name = $1").bind(name).fetch_optional(connection).await
}

/// Keeps a value, whatever was there.
///
/// # Errors
/// The database's.
pub async fn set(connection: &mut Connection, name: &str, value: &str) -> Result<(), DbError> {
    query(
        "insert into server_settings (name, value) values ($1, $2)
         on conflict (name) do update set value = excluded.value",
    )
    .bind(name)
    .bind(value)
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a value unless there is one already; answers with the one that stands.
///
/// # Errors
/// The database's.
pub async fn get_or_set(connection: &mut Connection, name: &str, value: &str) -> Result<String, DbError> {
    query("insert into server_settings (name, value) values ($1, $2) on conflict do nothing")
        .bind(name)
        .bind(value)
        .execute(&mut *connection)
        .await?;
    Ok(get(connection, name).await?.unwrap_or_else(|| value.to_owned()))
}

/// Keeps a value in the place of the one that was read. False when somebody else was first.
///
/// # Errors
/// The database's.
pub async fn replace(connection: &mut Connection, name: &str, was: &str, value: &str) -> Result<bool, DbError> {
    let done = query("update server_settings set value = $3 where name = $1 and value = $2")
        .bind(name)
        .bind(was)
        .bind(value)
        .execute(connection)
        .await?;
    Ok(done > 0)
}
