//! Say it once: the key of a command, and what the database knows of it.

use axum::{
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use guildhall_db::{Connection, Db, idempotency};
use guildhall_market::{ids::UserId, time::Timestamp};
use sha2::{Digest, Sha256};

use crate::{error::ApiError, vault::Vault};

/// The longest `Idempotency-Key`, characters.
pub const KEY_CHARS_MAX: usize = 255;

/// Nobody: keys of commands that come before there is an account are kept under this.
pub const NOBODY: UserId = UserId(0);

/// The key of a command, what tells its body from another, and when it arrived.
#[derive(Clone, Debug)]
pub struct Once {
    key: Option<String>,
    request_hash: String,
    /// As servers of before kept it; never stored.
    plain_hash: String,
    arrived: Timestamp,
    keep: idempotency::Keep,
}

impl Once {
    /// The client's key, where it gave one.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The hash of method, path and body.
    pub fn request_hash(&self) -> &str {
        &self.request_hash
    }

    /// When its request had been read, before it waited for anything.
    pub fn arrived(&self) -> Timestamp {
        self.arrived
    }

    /// Reads the key from the headers and marks what the command says (method, path and body), which was read at `arrived`. With
    /// the key outside of the database: passwords stand in some bodies, and a plain hash of one is guessed fast.
    ///
    /// # Errors
    /// 422 for a key that is empty, too long, or has other than visible ASCII characters.
    pub fn new(
        vault: &Vault,
        headers: &HeaderMap,
        (method, path, body): (&Method, &str, &[u8]),
        arrived: Timestamp,
    ) -> Result<Self, ApiError> {
        let key = headers.get("idempotency-key").map(|value| value.to_str().unwrap_or_default().trim().to_owned());
        if let Some(key) = &key {
            let valid = !key.is_empty() && key.len() <= KEY_CHARS_MAX && key.bytes().all(|b| b.is_ascii_graphic());
            if !valid {
                return Err(ApiError::invalid(
                    "Idempotency-Key",
                    format!("The Idempotency-Key must be 1 to {KEY_CHARS_MAX} visible ASCII characters."),
                ));
            }
        }
        let said = [method.as_str().as_bytes(), path.as_bytes(), body];
        Ok(Self {
            key,
            request_hash: hex::encode(vault.mark(USED_FOR, &said)),
            plain_hash: hash_of(&said),
            arrived,
            keep: idempotency::Keep::AWhile,
        })
    }

    /// A key of the server's own making, for a command that is told apart by these parts.
    pub fn of(key: String, parts: &[&[u8]], arrived: Timestamp) -> Self {
        let request_hash = hash_of(parts);
        Self {
            key: Some(key),
            plain_hash: request_hash.clone(),
            request_hash,
            arrived,
            keep: idempotency::Keep::AWhile,
        }
    }

    /// The same, never forgotten: for whatever moves money, which must not move again when somebody says it again after years.
    #[must_use]
    pub fn for_ever(self) -> Self {
        Self { keep: idempotency::Keep::ForEver, ..self }
    }

    /// The same key, for a command that is told apart by more than its body: a file's name, say.
    pub fn and(self, parts: &[&[u8]]) -> Self {
        let with = |hash: &str| {
            let all: Vec<&[u8]> = std::iter::once(hash.as_bytes()).chain(parts.iter().copied()).collect();
            hash_of(&all)
        };
        Self { request_hash: with(&self.request_hash), plain_hash: with(&self.plain_hash), ..self }
    }
}

/// What the vault marks commands for.
const USED_FOR: &str = "command";

fn hash_of(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

/// What a look at a key found, carried out of a transaction that keeps nothing.
enum Looked {
    Turn(Turn),
    Refused(ApiError),
}

impl guildhall_db::Refused for Looked {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.is_conflict())
    }

    fn is_full(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.is_full())
    }
}

impl From<guildhall_db::DbError> for Looked {
    fn from(error: guildhall_db::DbError) -> Self {
        Self::Refused(error.into())
    }
}

/// What the database knows of a command's key, as a handler sees it.
pub enum Turn {
    /// Carry the command out.
    Go,
    /// It was carried out before, with this answer.
    Before(StatusCode, String),
}

impl Once {
    /// Claims the key, if there is one.
    ///
    /// # Errors
    /// 409 `key_reused` when the key stands for another command.
    pub async fn claim(&self, connection: &mut Connection, actor: UserId, now: Timestamp) -> Result<Turn, ApiError> {
        let Some(key) = self.key() else { return Ok(Turn::Go) };
        let mut known = idempotency::claim(connection, actor, key, &self.request_hash, now, self.keep).await?;
        // Said first to a server of before, which kept a plain hash.
        if matches!(known, idempotency::Known::Other) {
            known = idempotency::claim(connection, actor, key, &self.plain_hash, now, self.keep).await?;
        }
        match known {
            idempotency::Known::New => Ok(Turn::Go),
            idempotency::Known::Same(status, answer) => {
                Ok(Turn::Before(StatusCode::from_u16(status).unwrap_or(StatusCode::OK), answer))
            }
            idempotency::Known::Other => Err(ApiError::key_reused()),
        }
    }

    /// The answer of a command that was carried out before, for handlers that do work ahead of their transaction.
    ///
    /// # Errors
    /// As [`claim`](Self::claim).
    pub async fn answered(&self, db: &Db, actor: UserId, now: Timestamp) -> Result<Option<Response>, ApiError> {
        let before = self.before(db, actor, now).await?;
        let json = [(header::CONTENT_TYPE, "application/json")];
        Ok(before.map(|(status, answer)| (status, json, answer).into_response()))
    }

    /// What was kept of a command that was carried out before.
    ///
    /// # Errors
    /// As [`claim`](Self::claim).
    pub async fn before(
        &self,
        db: &Db,
        actor: UserId,
        now: Timestamp,
    ) -> Result<Option<(StatusCode, String)>, ApiError> {
        if self.key().is_none() {
            return Ok(None);
        }
        let once = self.clone();
        // Refused on purpose: the claim is only looked at, and must not be kept.
        let looked: Result<(), Looked> = db
            .write(move |c| {
                Box::pin(async move { Err(once.claim(c, actor, now).await.map_or_else(Looked::Refused, Looked::Turn)) })
            })
            .await;
        match looked {
            Err(Looked::Turn(Turn::Before(status, answer))) => Ok(Some((status, answer))),
            Err(Looked::Refused(refusal)) => Err(refusal),
            Err(Looked::Turn(Turn::Go)) | Ok(()) => Ok(None),
        }
    }
}
