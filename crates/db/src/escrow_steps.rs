//! What was done to escrows, by whom, and what they said and handed in with it.

use guildhall_market::{
    ids::{AttachmentId, EscrowId, UserId},
    money::escrow_steps::Act,
    time::Timestamp,
};

use crate::{
    Connection, DbError,
    attachments::{self, Given},
    sql::{query, query_built, rows},
};

/// What a file is marked as that was handed in.
const SHOWN_AS: &str = "escrow";

rows! {
    /// A step that was done.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Step of escrow_steps by id {
        /// Ascending.
        pub id: i64,
        /// Of which escrow.
        pub escrow_id: EscrowId,
        /// The escrow's version then.
        pub version: i64,
        /// What was done, by its word.
        pub act: String,
        /// By whom; none: by the server, or a provider.
        pub actor_id: Option<UserId>,
        /// How much moved, minor units.
        pub amount: Option<i64>,
        /// What they said.
        pub words: String,
        /// When.
        pub at_ms: i64,
    }
}

/// A step that is noted.
#[derive(Clone, Debug)]
pub struct New<'a> {
    /// Of which escrow.
    pub escrow: EscrowId,
    /// Its version then.
    pub version: i64,
    /// What was done.
    pub act: Act,
    /// By whom.
    pub actor: Option<UserId>,
    /// How much moved, minor units.
    pub amount: Option<i64>,
    /// What they said.
    pub words: &'a str,
}

/// Notes a step. Answers with its number.
///
/// # Errors
/// The database's.
pub async fn add(c: &mut Connection, new: &New<'_>, at: Timestamp) -> Result<i64, DbError> {
    query(
        "insert into escrow_steps (escrow_id, version, act, actor_id, amount, words, at_ms)
         values ($1, $2, $3, $4, $5, $6, $7) returning id",
    )
    .bind(new.escrow.0)
    .bind(new.version)
    .bind(new.act.code())
    .bind(new.actor.map(|actor| actor.0))
    .bind(new.amount)
    .bind(new.words)
    .bind(at.0)
    .fetch_one(c)
    .await
}

/// Gives an uploaded file of somebody to a step. False when it is not theirs, or is used.
///
/// # Errors
/// The database's.
pub async fn bind(
    c: &mut Connection,
    (id, owner): (AttachmentId, UserId),
    step: i64,
    position: usize,
) -> Result<bool, DbError> {
    if !attachments::give(c, (id, owner), SHOWN_AS).await? {
        return Ok(false);
    }
    query("insert into escrow_files (attachment_id, step_id, position) values ($1, $2, $3)")
        .bind(id.0)
        .bind(step)
        .bind(i64::try_from(position).unwrap_or(i64::MAX))
        .execute(c)
        .await?;
    Ok(true)
}

/// Everything that was done to some escrows, in order.
///
/// # Errors
/// The database's.
pub async fn of_escrows(c: &mut Connection, escrows: &[EscrowId]) -> Result<Vec<Step>, DbError> {
    if escrows.is_empty() {
        return Ok(Vec::new());
    }
    query_built(format!(
        "select id, escrow_id, version, act, actor_id, amount, words, at_ms from escrow_steps
         where escrow_id in ({}) order by escrow_id, id",
        crate::list(escrows.iter().map(|id| id.0))
    ))
    .fetch_all(c)
    .await
}

/// The files of an escrow's steps, in order.
///
/// # Errors
/// The database's.
pub async fn files_of(c: &mut Connection, escrow: EscrowId) -> Result<Vec<Given>, DbError> {
    query(
        "select a.id, a.owner_id, a.name, a.mime, a.size_bytes, a.sha256, f.step_id as given_with
         from escrow_steps s join escrow_files f on f.step_id = s.id join attachments a on a.id = f.attachment_id
         where s.escrow_id = $1 order by f.step_id, f.position, a.id",
    )
    .bind(escrow.0)
    .fetch_all(c)
    .await
}
