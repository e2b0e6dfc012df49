//! Files sent with messages. The bytes lie in a store beside the database, once for each hash; here is who sent them
//! under which name.

use std::collections::BTreeSet;

use guildhall_market::{
    attachments::Held,
    ids::{AttachmentId, MessageId, UserId},
    time::Timestamp,
};

use crate::{
    Connection, DbError,
    sql::{query, query_built, rows},
};

rows! {
    /// A file.
    #[derive(Clone, Debug)]
    pub struct Attachment of attachments by id {
        /// Which.
        pub id: AttachmentId,
        /// Who uploaded it.
        pub owner_id: UserId,
        /// The message that it was sent with.
        pub message_id: Option<MessageId>,
        /// A safe name.
        pub name: String,
        /// The media type by content.
        pub mime: String,
        /// Bytes.
        pub size_bytes: i64,
        /// SHA-256, hexadecimal.
        pub sha256: String,
    }
}

/// What a new file needs.
#[derive(Clone, Debug)]
pub struct NewAttachment {
    /// Who uploads it.
    pub owner: UserId,
    /// A safe name.
    pub name: String,
    /// The media type by content.
    pub mime: &'static str,
    /// Bytes.
    pub size_bytes: i64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// Notes an uploaded file.
///
/// # Errors
/// The database's.
pub async fn insert(connection: &mut Connection, new: &NewAttachment, now: Timestamp) -> Result<AttachmentId, DbError> {
    let id: i64 = query(
        "insert into attachments (owner_id, name, mime, size_bytes, sha256, created_at_ms)
         values ($1, $2, $3, $4, $5, $6)
         returning id",
    )
    .bind(new.owner.0)
    .bind(&new.name)
    .bind(new.mime)
    .bind(new.size_bytes)
    .bind(&new.sha256)
    .bind(now.0)
    .fetch_one(connection)
    .await?;
    Ok(AttachmentId(id))
}

/// What a person's files take.
///
/// # Errors
/// The database's.
pub async fn held(connection: &mut Connection, owner: UserId) -> Result<Held, DbError> {
    let (unsent_files, unsent_bytes, all_bytes): (i64, i64, i64) = query(
        "select
           coalesce(sum(case when a.message_id is null and a.shown_as is null then 1 else 0 end), 0),
           cast(coalesce(sum(case when a.message_id is null and a.shown_as is null then a.size_bytes else 0 end), 0)
             as bigint),
           cast(coalesce(sum(a.size_bytes), 0) as bigint)
         from attachments a
         left join messages m on m.id = a.message_id
         where a.owner_id = $1 and m.deleted_at_ms is null",
    )
    .bind(owner.0)
    .fetch_one(connection)
    .await?;
    Ok(Held { unsent_files, unsent_bytes, all_bytes })
}

/// Forgets files that were uploaded before `before` and never sent, `most` of them at most. Returns how many, and the hashes
/// that no file has any more: what lies under them may go.
///
/// # Errors
/// The database's.
pub async fn forget_unsent(
    connection: &mut Connection,
    before: Timestamp,
    most: i64,
) -> Result<(u64, Vec<String>), DbError> {
    let gone: Vec<String> = query(
        "delete from attachments where id in (
           select id from attachments
           where message_id is null and shown_as is null and created_at_ms < $1
           limit $2
         )
         returning sha256",
    )
    .bind(before.0)
    .bind(most)
    .fetch_all(&mut *connection)
    .await?;
    Ok((gone.len() as u64, unused(connection, gone).await?))
}

/// Forgets the files of some messages. Answers with the hashes that no file has any more.
///
/// # Errors
/// The database's.
pub(crate) async fn forget_of(connection: &mut Connection, messages: &[i64]) -> Result<Vec<String>, DbError> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let list = crate::list(messages.iter().copied());
    let gone = query_built(format!("delete from attachments where message_id in ({list}) returning sha256"))
        .fetch_all(&mut *connection)
        .await?;
    unused(connection, gone).await
}

/// Hashes that are looked up by one statement, at most.
const HASHES_AT_ONCE: usize = 200;

/// Those of some hashes that no file has, each once.
///
/// # Errors
/// The database's.
pub async fn unused(connection: &mut Connection, mut hashes: Vec<String>) -> Result<Vec<String>, DbError> {
    hashes.sort_unstable();
    hashes.dedup();
    let mut used = BTreeSet::new();
    for some in hashes.chunks(HASHES_AT_ONCE) {
        let places = crate::places(1..=some.len());
        let statement = query_built(format!(
            "select sha256 from attachments where sha256 in ({places})
             union
             select sha256 from report_files where sha256 in ({places})"
        ));
        let found: Vec<String> =
            some.iter().fold(statement, |statement, hash| statement.bind(hash)).fetch_all(&mut *connection).await?;
        used.extend(found);
    }
    hashes.retain(|hash| !used.contains(hash));
    Ok(hashes)
}

/// Binds an uploaded file of the sender to a message. False when it is not the sender's, or was sent before.
///
/// # Errors
/// The database's.
pub async fn bind(
    connection: &mut Connection,
    id: AttachmentId,
    owner: UserId,
    message: MessageId,
    position: usize,
) -> Result<bool, DbError> {
    let done = query(
        "update attachments set message_id = $3, position = $4
         where id = $1 and owner_id = $2 and message_id is null and shown_as is null",
    )
    .bind(id.0)
    .bind(owner.0)
    .bind(message.0)
    .bind(i64::try_from(position).unwrap_or(i64::MAX))
    .execute(connection)
    .await?;
    Ok(done > 0)
}

/// Puts a file that was uploaded and not sent onto its owner's page, as `avatar` or `work`. False when it is not theirs, is no
/// picture, or is used already.
///
/// # Errors
/// The database's.
pub async fn show(
    connection: &mut Connection,
    id: AttachmentId,
    owner: UserId,
    shown_as: &str,
) -> Result<bool, DbError> {
    let done = query(
        "update attachments set shown_as = $3
         where id = $1 and owner_id = $2 and message_id is null and shown_as is null
         and mime in ('image/jpeg', 'image/png', 'image/webp')",
    )
    .bind(id.0)
    .bind(owner.0)
    .bind(shown_as)
    .execute(connection)
    .await?;
    Ok(done > 0)
}

/// Forgets a file of somebody's page. Answers with its hash when no file has it any more.
///
/// # Errors
/// The database's.
pub async fn forget_shown(
    connection: &mut Connection,
    owner: UserId,
    id: AttachmentId,
) -> Result<Vec<String>, DbError> {
    let gone: Vec<String> =
        query("delete from attachments where id = $1 and owner_id = $2 and shown_as is not null returning sha256")
            .bind(id.0)
            .bind(owner.0)
            .fetch_all(&mut *connection)
            .await?;
    unused(connection, gone).await
}

/// The files of several messages, in order.
///
/// # Errors
/// The database's.
pub async fn of_messages(connection: &mut Connection, messages: &[MessageId]) -> Result<Vec<Attachment>, DbError> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let list = crate::list(messages.iter().map(|id| id.0));
    let query = format!(
        "select id, owner_id, message_id, name, mime, size_bytes, sha256 from attachments
         where message_id in ({list})
         order by message_id, position"
    );
    query_built(query).fetch_all(connection).await
}

rows! {
    /// A file that was given with something: what was done to a payment, or said in a dispute.
    #[derive(Clone, Debug)]
    pub struct Given of attachments by id {
        /// Which.
        pub id: AttachmentId,
        /// Who uploaded it.
        pub owner_id: UserId,
        /// A safe name.
        pub name: String,
        /// The media type by content.
        pub mime: String,
        /// Bytes.
        pub size_bytes: i64,
        /// SHA-256, hexadecimal.
        pub sha256: String,
        /// With what.
        pub given_with: i64,
    }
}

impl From<Given> for Attachment {
    fn from(given: Given) -> Self {
        let Given { id, owner_id, name, mime, size_bytes, sha256, .. } = given;
        Self { id, owner_id, message_id: None, name, mime, size_bytes, sha256 }
    }
}

/// Marks an uploaded file of somebody as given, so that it is given once. False when it is not theirs, or is used.
///
/// # Errors
/// The database's.
pub async fn give(
    connection: &mut Connection,
    (id, owner): (AttachmentId, UserId),
    given_as: &str,
) -> Result<bool, DbError> {
    let done = query(
        "update attachments set shown_as = $3 where id = $1 and owner_id = $2 and message_id is null and shown_as is null",
    );
    Ok(done.bind(id.0).bind(owner.0).bind(given_as).execute(connection).await? > 0)
}

/// The two between whom a file was handed in, or shown in a dispute, with the file. `None` for any other.
///
/// # Errors
/// The database's.
pub async fn of_a_deal(
    connection: &mut Connection,
    id: AttachmentId,
) -> Result<Option<(Attachment, [UserId; 2])>, DbError> {
    rows! {
        struct Deal of escrows by id {
            payer_id: UserId,
            payee_id: UserId,
        }
    }
    let deal: Option<Deal> = query(
        "select e.id, e.payer_id, e.payee_id from escrows e where e.id in (
           select t.escrow_id from escrow_files f join escrow_steps t on t.id = f.step_id where f.attachment_id = $1
           union select d.escrow_id from dispute_files f join dispute_statements t on t.id = f.statement_id
             join disputes d on d.id = t.dispute_id where f.attachment_id = $1
         )",
    )
    .bind(id.0)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(Deal { payer_id, payee_id }) = deal else { return Ok(None) };
    let file: Option<Attachment> =
        query("select id, owner_id, message_id, name, mime, size_bytes, sha256 from attachments where id = $1")
            .bind(id.0)
            .fetch_optional(connection)
            .await?;
    Ok(file.map(|file| (file, [payer_id, payee_id])))
}

/// A file that `reader` may have: their own, one on somebody's page, sent to them in a message that was not deleted, of a job that
/// everybody sees, of one of theirs, or handed in between them and somebody. `None` otherwise.
///
/// # Errors
/// The database's.
pub async fn for_reader(
    connection: &mut Connection,
    id: AttachmentId,
    reader: UserId,
) -> Result<Option<Attachment>, DbError> {
    query(
        "select a.id, a.owner_id, a.message_id, a.name, a.mime, a.size_bytes, a.sha256
         from attachments a
         left join messages m on m.id = a.message_id
         where a.id = $1
         and ((a.message_id is null and a.owner_id = $2)
           or a.shown_as not in ('job', 'escrow', 'dispute')
           or exists (
             select 1 from dispute_files f join dispute_statements t on t.id = f.statement_id
             join disputes d on d.id = t.dispute_id join escrows e on e.id = d.escrow_id
             where f.attachment_id = a.id and (e.payer_id = $2 or e.payee_id = $2)
           )
           or exists (
             select 1 from escrow_files f join escrow_steps t on t.id = f.step_id join escrows e on e.id = t.escrow_id
             where f.attachment_id = a.id and (e.payer_id = $2 or e.payee_id = $2)
           )
           or exists (
             select 1 from job_files f join jobs j on j.id = f.job_id
             left join progress_updates p on p.id = f.progress_id
             where f.attachment_id = a.id
             and (j.client_id = $2 or (f.progress_id is null and j.stage = 'open')
               or (j.artisan_id = $2 and (f.progress_id is null or p.created_at_ms >= coalesce(j.assigned_at_ms, 0))))
           )
           or (m.deleted_at_ms is null and (m.sender_id = $2 or m.recipient_id = $2)))",
    )
    .bind(id.0)
    .bind(reader.0)
    .fetch_optional(connection)
    .await
}
