//! What becomes of jobs whose people leave, and drafts that are thrown away.

use guildhall_market::ids::UserId;

use super::{Job, columns};
use crate::{
    Connection, DbError, attachments,
    sql::{query, query_built},
};

/// Throws a draft away with its pictures. Answers with the hashes that no file has any more.
///
/// # Errors
/// The database's.
pub async fn delete(connection: &mut Connection, id: i64) -> Result<Vec<String>, DbError> {
    let pictures: Vec<i64> = query("delete from job_files where job_id = $1 returning attachment_id")
        .bind(id)
        .fetch_all(&mut *connection)
        .await?;
    for statement in ["delete from job_words where job_id = $1", "delete from jobs where id = $1"] {
        query(statement).bind(id).execute(&mut *connection).await?;
    }
    if pictures.is_empty() {
        return Ok(Vec::new());
    }
    let list = crate::list(pictures.into_iter());
    let gone = query_built(format!("delete from attachments where id in ({list}) returning sha256"))
        .fetch_all(&mut *connection)
        .await?;
    attachments::unused(connection, gone).await
}

/// The jobs of a client, with an id above `after`, in the order of their numbers; at most 200.
///
/// # Errors
/// The database's.
pub async fn of_client(connection: &mut Connection, client: UserId, after: i64) -> Result<Vec<Job>, DbError> {
    query(concat!("select ", columns!(), " from jobs where client_id = $1 and id > $2 order by id limit 200"))
        .bind(client.0)
        .bind(after)
        .fetch_all(connection)
        .await
}

/// The jobs of somebody on either side, with an id above `after`, in the order of their numbers; at most 200.
///
/// # Errors
/// The database's.
pub async fn of_person(connection: &mut Connection, person: UserId, after: i64) -> Result<Vec<Job>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from jobs where (client_id = $1 or artisan_id = $1) and id > $2 order by id limit 200"
    ))
    .bind(person.0)
    .bind(after)
    .fetch_all(connection)
    .await
}

/// The jobs of somebody on either side that are under way: neither may leave before they end. At most 200.
///
/// # Errors
/// The database's.
pub async fn under_way(connection: &mut Connection, person: UserId) -> Result<Vec<Job>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from jobs where (client_id = $1 or artisan_id = $1) and stage = 'assigned' order by id limit 200"
    ))
    .bind(person.0)
    .fetch_all(connection)
    .await
}

/// Forgets what is nobody's but somebody's own: that they were asked about jobs.
///
/// # Errors
/// The database's.
pub async fn forget(connection: &mut Connection, person: UserId) -> Result<(), DbError> {
    query("delete from job_invitations where user_id = $1").bind(person.0).execute(connection).await?;
    Ok(())
}
