//! Files: taken by their content, cleaned of hidden places, stored once by hash, given to the two people of their
//! message only.

use std::path::{Path, PathBuf};

use axum::{
    body::Body,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use guildhall_contract::{
    attachments::Attachment,
    rest::{Data, Refusal},
};
use guildhall_db::{Committed, Connection, DbError, WriteResult, attachments};
use guildhall_market::{
    attachments::{AttachmentRefusal, BYTES_MAX, Kind, UNSENT_KEPT_MS, check, safe_name},
    ids::{AttachmentId, UserId},
    profiles::ProfileRefusal,
    time::Timestamp,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    audit::note_look,
    error::ApiError,
    feature::Feature,
    once::Once,
    pictures, private, render,
    request::{Caller, PathId, Query},
    retention::{Forgetting, Retention},
    session::Session,
};

/// How long a picture waits for its turn to be written anew.
const PICTURE_WAIT_MAX: std::time::Duration = std::time::Duration::from_secs(30);
/// Room for the form around a file, bytes.
const FORM_BYTES_MAX: usize = 64 * 1024;

const RETENTION: Retention = Retention { what: "unsent", forget: |forgetting| Box::pin(forget_unsent(forgetting)) };

async fn forget_unsent(forgetting: &Forgetting) -> Result<(), DbError> {
    let before = forgetting.until.plus_ms(-UNSENT_KEPT_MS);
    loop {
        let (gone, unused) =
            forgetting.chunk(move |c, most| Box::pin(attachments::forget_unsent(c, before, most))).await?;
        remove_unused(&forgetting.app, unused).await;
        if !forgetting.may_be_more(gone) {
            return Ok(());
        }
    }
}

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), retention: &[RETENTION], ..Feature::named("attachments") };

/// The largest form with a file in it, bytes.
pub const UPLOAD_BYTES_MAX: usize = BYTES_MAX + FORM_BYTES_MAX;

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(upload))
        .layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX))
        .routes(routes!(download))
}

/// The form of an upload, for the document.
#[derive(utoipa::ToSchema)]
#[allow(dead_code)]
pub struct UploadForm {
    /// The file. At most 10 MiB; JPEG, PNG, GIF, WebP or PDF by content.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// `1` keeps the place where a photo was taken; otherwise it is removed.
    keep_location: Option<String>,
}

/// Uploads a file, to be sent with a message.
#[utoipa::path(post, path = "/api/attachments", tag = "attachments",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = Data<Attachment>), (status = 413, body = Refusal), (status = 422, body = Refusal)))]
async fn upload(State(app): State<App>, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let secret = app.link_secret.clone();
    take_in(&app, caller.session(), request, (StatusCode::CREATED, Use::Sent), move |c, id, now| {
        let secret = secret.clone();
        Box::pin(async move {
            let stored = attachments::for_reader(c, id, caller.user).await?.ok_or_else(ApiError::not_found)?;
            Ok(Committed::quiet(Data { data: render::attachment(&stored, &secret, caller.user, now) }))
        })
    })
    .await
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// To be sent, or shown as it is.
    Sent,
    /// A picture of a person: square and small.
    Portrait,
}

/// Takes in the file of a form and says whose it is; `then` goes on in the same command, which is answered with `status`.
///
/// # Errors
/// What is wrong with the form or the file, the quota, or what `then` refuses with. Nothing is kept then.
pub async fn take_in<T, F>(
    app: &App,
    session: Session,
    request: Request,
    (status, usage): (StatusCode, Use),
    then: F,
) -> Result<Response, ApiError>
where
    T: serde::Serialize + Send + 'static,
    F: for<'c> FnOnce(&'c mut Connection, AttachmentId, Timestamp) -> BoxFuture<'c, WriteResult<T, ApiError>>
        + Clone
        + Send
        + Sync
        + 'static,
{
    let owner = session.user;
    let (headers, method, path) =
        (request.headers().clone(), request.method().clone(), request.uri().path().to_owned());
    // Looked at before the bytes are: whoever has no room need not send them.
    let held = attachments::held(&mut app.db.read().await?, owner).await?;
    held.one_more(1, app.config.store_bytes_per_person_max)?;
    let form = Multipart::from_request(request, app).await.map_err(|e| {
        ApiError::invalid("file", format!("The upload must be multipart/form-data with a part `file`: {e}."))
    })?;
    let (name, bytes, keep_location) = read_form(form).await?;
    let found = infer::get(&bytes).map(|kind| kind.mime_type());
    let kind = check(bytes.len(), found)?;
    let once = Once::new(&app.vault, &headers, (&method, &path, &bytes), app.now())?
        .and(&[name.as_bytes(), &[u8::from(keep_location)]]);
    if let Some(answer) = once.answered(&app.db, owner, app.now()).await? {
        return Ok(answer);
    }
    let (bytes, kind) = written_anew(app, owner, bytes, kind, (usage, keep_location)).await?;
    check(bytes.len(), Some(kind.mime()))?;
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let size_bytes = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    // Looked at before anything is written, and once more, for sure, where it is noted whose it is.
    let held = attachments::held(&mut app.db.read().await?, owner).await?;
    held.one_more(size_bytes, app.config.store_bytes_per_person_max)?;
    let storing = app.store.read().await;
    keep(&app.files_dir, &sha256, bytes).await?;
    let hash = sha256.clone();
    let new = attachments::NewAttachment { owner, name: safe_name(&name, kind), mime: kind.mime(), size_bytes, sha256 };
    let shared = app.clone();
    let noted = app
        .command(session, once, status, move |c, now| {
            Box::pin(async move {
                let held = attachments::held(c, owner).await?;
                held.one_more(new.size_bytes, shared.config.store_bytes_per_person_max)?;
                let id = attachments::insert(c, &new, shared.kept_at(now)).await?;
                then(c, id, now).await
            })
        })
        .await;
    drop(storing);
    if noted.is_err() {
        remove_unused(app, vec![hash]).await;
    }
    noted
}

/// Files that are looked up over one connection, before others may have it.
const ORPHANS_AT_ONCE: usize = 500;

/// Removes bytes that nobody ever got: stored, and then the command that would have said whose they are was refused, or the
/// server was killed between the two.
pub async fn remove_orphans(app: &App) {
    let mut hashes = stored(app.files_dir.clone()).await;
    while !hashes.is_empty() {
        let some = hashes.split_off(hashes.len().saturating_sub(ORPHANS_AT_ONCE));
        remove_unused(app, some).await;
    }
}

/// Removes what lies under those of some hashes that no file has, while nobody stores anything.
pub async fn remove_unused(app: &App, hashes: Vec<String>) {
    if hashes.is_empty() {
        return;
    }
    let _alone = app.store.write().await;
    let unused = async {
        let mut connection = app.db.read().await?;
        attachments::unused(&mut connection, hashes).await
    };
    match unused.await {
        Ok(unused) => remove(app.files_dir.clone(), unused).await,
        // They are looked for again within the hour.
        Err(error) => tracing::warn!(%error, "bytes that nobody got could not be removed"),
    }
}

/// The file of a form, what it is called, and whether it keeps its place.
///
/// # Errors
/// 413 for too large a one, 422 for what is no form with a file.
pub async fn read_form(mut form: Multipart) -> Result<(String, Bytes, bool), ApiError> {
    let broken = |e: axum::extract::multipart::MultipartError| {
        if e.status() == StatusCode::PAYLOAD_TOO_LARGE {
            ApiError::from(AttachmentRefusal::TooLarge)
        } else {
            ApiError::invalid("file", format!("The upload broke off or is not a form: {e}."))
        }
    };
    let (mut file, mut keep_location) = (None, false);
    while let Some(part) = form.next_field().await.map_err(broken)? {
        match part.name() {
            Some("file") if file.is_none() => {
                let name = part.file_name().unwrap_or("file").to_owned();
                file = Some((name, part.bytes().await.map_err(broken)?));
            }
            Some("keep_location") => keep_location = part.text().await.map_err(broken)?.trim() == "1",
            _ => drop(part.bytes().await.map_err(broken)?),
        }
    }
    let (name, bytes) = file.ok_or_else(|| ApiError::invalid("file", "The part `file` is missing."))?;
    Ok((name, bytes, keep_location))
}

/// A picture as it is kept. In turns that are fair between people.
///
/// # Errors
/// What is wrong with the picture; 503 when its turn does not come.
pub async fn written_anew(
    app: &App,
    who: UserId,
    bytes: Bytes,
    kind: Kind,
    (usage, keep_location): (Use, bool),
) -> Result<(Bytes, Kind), ApiError> {
    match (usage, kind) {
        (Use::Sent, Kind::Pdf) => return Ok((bytes, kind)),
        (Use::Portrait, Kind::Pdf | Kind::Gif) => return Err(ProfileRefusal::NoPicture.into()),
        _ => {}
    }
    let work = move || match usage {
        Use::Sent => pictures::anew(&bytes, kind, keep_location),
        Use::Portrait => pictures::portrait(&bytes, kind),
    };
    let turn = app.pictures.take(who, false, async move { tokio::task::spawn_blocking(work).await });
    let done = tokio::time::timeout(PICTURE_WAIT_MAX, turn).await.map_err(|_| ApiError::busy())??;
    let done = done.map_err(|error| {
        // A decoder that panics has met a file that is made for it, or a defect: either way nothing is passed on.
        tracing::error!(%error, "a picture could not be written anew");
        AttachmentRefusal::Unreadable
    })?;
    let (bytes, kind) = done?;
    Ok((bytes.into(), kind))
}

/// What lies under a hash that somebody may see.
///
/// # Errors
/// 404 where nothing lies there any more.
pub async fn bytes_under(app: &App, sha256: &str) -> Result<Bytes, ApiError> {
    let read = tokio::fs::read(file_path(&app.files_dir, sha256)).await;
    read.map(Bytes::from).map_err(|error| {
        tracing::error!(%error, "a stored file cannot be read");
        ApiError::not_found()
    })
}

/// The same, to be read a stretch at a time.
///
/// # Errors
/// Where nothing lies there any more.
pub async fn open(app: &App, sha256: &str) -> std::io::Result<tokio::fs::File> {
    tokio::fs::File::open(file_path(&app.files_dir, sha256)).await
}

fn file_path(folder: &Path, sha256: &str) -> PathBuf {
    folder.join(&sha256[..2]).join(sha256)
}

/// Keeps bytes in the store. Answers with the hash under which they lie; until a row names it, it may be swept away.
///
/// # Errors
/// The file system's.
pub async fn store(app: &App, bytes: Bytes) -> Result<String, ApiError> {
    let sha256 = hex::encode(Sha256::digest(&bytes));
    keep(&app.files_dir, &sha256, bytes).await?;
    Ok(sha256)
}

/// Writes a file under its hash, durably, unless it is there.
async fn keep(folder: &Path, sha256: &str, bytes: Bytes) -> Result<(), ApiError> {
    let path = file_path(folder, sha256);
    let written = tokio::task::spawn_blocking(move || -> std::io::Result<()> {
        use std::io::Write;
        if path.metadata().is_ok_and(|m| m.len() == bytes.len() as u64) {
            return Ok(());
        }
        let folder = path.parent().ok_or(std::io::ErrorKind::NotFound)?;
        private::make_folder(folder)?;
        let part = path.with_extension(uuid::Uuid::now_v7().to_string());
        let done = (|| {
            let mut file = private::new_file(&part)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            std::fs::rename(&part, &path)?;
            // On systems that cannot open folders the rename is as durable as it gets.
            std::fs::File::open(folder).and_then(|f| f.sync_all()).or(Ok(()))
        })();
        if done.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        done
    })
    .await
    .unwrap_or_else(|e| Err(std::io::Error::other(e)));
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => guildhall_db::DbError::Full.into(),
        _ => {
            tracing::error!(%error, "a file could not be stored");
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The file could not be stored on the server.")
        }
    })
}

/// The hashes under which something lies. What else lies in the folder is none of ours.
async fn stored(folder: PathBuf) -> Vec<String> {
    let work = move || {
        let inner = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let files = inner.flat_map(|entry| std::fs::read_dir(entry.path()).into_iter().flatten().flatten());
        let names = files.filter_map(|entry| entry.file_name().into_string().ok());
        names.filter(|name| name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit())).collect()
    };
    tokio::task::spawn_blocking(work).await.unwrap_or_default()
}

/// Removes what lies under hashes.
async fn remove(folder: PathBuf, hashes: Vec<String>) {
    let work = move || {
        for hash in hashes {
            match std::fs::remove_file(file_path(&folder, &hash)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    tracing::warn!(%error, "a file that nobody has any more could not be removed");
                }
                _ => {}
            }
        }
    };
    let _ = tokio::task::spawn_blocking(work).await;
}

#[derive(Deserialize)]
struct LinkQuery {
    reader: Option<UserId>,
    expires: Option<i64>,
    signature: Option<String>,
}

/// What was handed in between two others, for an administrator. The look is written down, where those can read it.
async fn looked_at(app: &App, caller: &Caller, id: AttachmentId) -> Result<attachments::Attachment, ApiError> {
    if !caller.admin {
        return Err(ApiError::not_found());
    }
    let found = attachments::of_a_deal(&mut app.db.read().await?, id).await?;
    let (stored, about) = found.ok_or_else(ApiError::not_found)?;
    let look = ("attachment.look", ("attachment", id.0), "To keep order in what is paid");
    note_look(app, caller.user, about, look).await?;
    Ok(stored)
}

/// The bytes of a file, for the two people of its message. A link with a signature is good for its reader and ten minutes.
#[utoipa::path(get, path = "/api/attachments/{id}", tag = "attachments",
    params(("id" = i64, Path), ("reader" = Option<i64>, Query), ("expires" = Option<i64>, Query), ("signature" = Option<String>, Query)),
    responses((status = 200, description = "The bytes"), (status = 404, body = Refusal)))]
async fn download(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<AttachmentId>,
    Query(link): Query<LinkQuery>,
) -> Result<Response, ApiError> {
    if let Some(signature) = &link.signature {
        let (reader, expires) =
            (link.reader.ok_or_else(ApiError::not_found)?, link.expires.ok_or_else(ApiError::not_found)?);
        let expected = render::link_signature(&app.link_secret, id, reader, expires);
        let genuine = signature.len() == expected.len() && bool::from(signature.as_bytes().ct_eq(expected.as_bytes()));
        if !genuine || reader != caller.user || app.now().0 > expires {
            return Err(ApiError::not_found());
        }
    }
    let found = attachments::for_reader(&mut app.db.read().await?, id, caller.user).await?;
    let stored = match found {
        Some(stored) => stored,
        None => looked_at(&app, &caller, id).await?,
    };
    let bytes = bytes_under(&app, &stored.sha256).await?;
    let ascii: String =
        stored.name.chars().map(|c| if c.is_ascii_graphic() && c != '"' && c != '\\' { c } else { '_' }).collect();
    let encoded: String =
        url::form_urlencoded::byte_serialize(stored.name.as_bytes()).collect::<String>().replace('+', "%20");
    let disposition = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}");
    let headers = [
        (header::CONTENT_TYPE, stored.mime),
        (header::CONTENT_DISPOSITION, disposition),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".into()),
        (header::CACHE_CONTROL, "private, max-age=600".into()),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".into()),
    ];
    Ok((headers, Body::from(bytes)).into_response())
}
