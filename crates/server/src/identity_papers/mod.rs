//! Papers by which somebody proves who they are: uploaded one by one, sent together, looked at by administrators ([`desk`]),
//! wiped 30 days after the decision.
//!
//! What is in them lies in the database sealed with the key outside of it, in one piece of at most 10 MiB, for one person and
//! one paper: rows that are exchanged open no more, and a copy of the database shows none. They lie in no folder of files, in no
//! log, and no answer but an administrator's look holds them.

mod desk;

use axum::{
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State},
    http::StatusCode,
    response::Response,
};
use bytes::Bytes;
use guildhall_contract::{
    identity_papers::{IdentityAsk, IdentityPaper},
    rest::{Data, Refusal},
    verifications::Verification,
};
use guildhall_db::{Committed, Connection, DbError, Outgoing, deadlines, feed, identity_papers, people, verifications};
use guildhall_market::{
    attachments::{Kind as FileKind, check, safe_name},
    identity_papers::{KEPT_AFTER_DECISION_MS, PaperRefusal, UNSENT_KEPT_MS, check_kind, check_sent, one_more},
    ids::UserId,
    time::Timestamp,
    verification::{Action, Kind, Role, State as Stands, step},
};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    attachments::{UPLOAD_BYTES_MAX, UploadForm, Use, read_form, written_anew},
    deadlines::{Handler, carry_out_due},
    error::ApiError,
    feature::{Exported, Feature, Life},
    once::Once,
    profiles, render,
    request::{Caller, Command},
    retention::{Forgetting, Retention},
    secrets::new_secret,
    verification_notices::tell_administrators,
    verifications::{Ended, becomes, end_since as end_verification_since, shown},
};

/// From then on the papers of a verification, by its number, are nobody's any more.
const WIPED: Handler = Handler {
    kind: "identity_papers",
    carry_out: |c, _, deadline, _| {
        Box::pin(async move {
            identity_papers::wipe(c, deadline.subject).await?;
            Ok(Vec::new())
        })
    },
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    routes: Some(routes),
    deadlines: &[WIPED],
    retention: &[Retention { what: "unsent_papers", forget: |forgetting| Box::pin(forget_unsent(forgetting)) }],
    life: Some(&LIFE),
    ..Feature::named("identity papers")
};

const LIFE: Life = Life {
    must_end: None,
    suspended: None,
    taken_back: Some(|c, user, since, now| Box::pin(end_since(c, user, since, now))),
    erase: Some(|c, user, _| {
        Box::pin(async move {
            if let Some(stored) = verifications::get(c, user, Kind::Identity, "").await? {
                deadlines::clear(c, WIPED.kind, stored.id).await?;
            }
            identity_papers::erase(c, user).await?;
            Ok(Vec::new())
        })
    }),
    // That they are here and what they are called. What is in them their owner has, and a file that goes about holds it not.
    export: &[Exported {
        name: "identity-papers",
        title: "Papers you sent to prove who you are",
        page: |c, user, _| {
            Box::pin(async move {
                let row = |paper: identity_papers::Paper| {
                    json!({
                        "id": paper.id, "name": paper.name, "type": paper.mime, "bytes": paper.size_bytes,
                        "came_at": render::time(paper.uploaded_at_ms), "sent": paper.position > 0,
                    })
                };
                let found = identity_papers::of_person(c, user).await?;
                Ok((found.into_iter().map(row).collect(), None))
            })
        },
    }],
};

/// Ends what was asked for or verified since a moment: the papers are a thief's, and so is the name on them.
async fn end_since(
    c: &mut Connection,
    user: UserId,
    since: Timestamp,
    now: Timestamp,
) -> Result<Vec<Outgoing>, ApiError> {
    let ended = end_verification_since(c, (user, Kind::Identity), since, now).await?;
    let Some(Ended { before, told }) = ended else { return Ok(Vec::new()) };
    identity_papers::wipe(c, before.id).await?;
    deadlines::clear(c, WIPED.kind, before.id).await?;
    let mut events = if before.state == Stands::Verified { marked(c, user, None, now).await? } else { Vec::new() };
    events.extend(feed::append(c, vec![told], now).await?);
    Ok(events)
}

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(upload))
        .layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX))
        .routes(routes!(send))
        .routes(routes!(desk::list))
        .routes(routes!(desk::open))
        .routes(routes!(desk::paper))
        .routes(routes!(desk::approve))
        .routes(routes!(desk::reject))
        .routes(routes!(desk::revoke))
        .routes(routes!(desk::verify_user))
}

impl From<PaperRefusal> for ApiError {
    fn from(refusal: PaperRefusal) -> Self {
        match refusal {
            PaperRefusal::Kind => Self::field("file_type", "file", refusal.to_string()),
            PaperRefusal::TooManyUnsent => Self::field("unsent_quota", "file", refusal.to_string()),
            _ => Self::invalid("papers", refusal.to_string()),
        }
    }
}

async fn forget_unsent(forgetting: &Forgetting) -> Result<(), DbError> {
    let before = forgetting.until.plus_ms(-UNSENT_KEPT_MS);
    while forgetting.may_be_more(
        forgetting
            .chunk(move |c, most| {
                // Each may be megabytes: a hundred are enough for one command.
                Box::pin(async move { Ok((identity_papers::forget_unsent(c, before, most.min(100)).await?, ())) })
            })
            .await?
            .0,
    ) {}
    Ok(())
}

/// For what a paper is sealed: for itself, and as what it is.
fn sealed_for(key: &str, mime: &str) -> String {
    format!("identity paper {key} {mime}")
}

/// Encrypts a paper, beside the requests.
async fn seal(app: &App, user: UserId, used_for: String, bytes: Bytes) -> Result<String, ApiError> {
    let app = app.clone();
    let work = move || app.vault.seal(&used_for, user.0, &bytes, &*app.config.chance);
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a paper could not be sealed");
        ApiError::broken()
    })
}

/// Uploads one photo or PDF by which one proves who one is. Photos are written anew, upright and without what was hidden in the
/// file. Nobody sees it before it is sent; what is not sent within a day is wiped.
#[utoipa::path(post, path = "/api/verifications/identity/papers", tag = "verification",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = Data<IdentityPaper>), (status = 413, body = Refusal), (status = 422, body = Refusal)))]
async fn upload(State(app): State<App>, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let user = caller.user;
    let (headers, method, path) =
        (request.headers().clone(), request.method().clone(), request.uri().path().to_owned());
    // Looked at before the bytes are: whoever has no room need not send them. A key that was said before is let through to its
    // answer.
    let unsent = identity_papers::unsent(&mut app.db.read().await?, user).await?;
    if !headers.contains_key("idempotency-key") {
        one_more(unsent)?;
    }
    let form = Multipart::from_request(request, &app).await.map_err(|e| {
        ApiError::invalid("file", format!("The upload must be multipart/form-data with a part `file`: {e}."))
    })?;
    let (name, bytes, _) = read_form(form).await?;
    let kind = check(bytes.len(), infer::get(&bytes).map(|kind| kind.mime_type()))?;
    check_kind(kind)?;
    let once = Once::new(&app.vault, &headers, (&method, &path, &bytes), app.now())?.and(&[name.as_bytes()]);
    if let Some(answer) = once.answered(&app.db, user, app.kept_at(app.now())).await? {
        return Ok(answer);
    }
    one_more(unsent)?;
    let (bytes, kind): (Bytes, FileKind) = written_anew(&app, user, bytes, kind, (Use::Sent, false)).await?;
    // An animation that was called a still picture is one in GIF now.
    check_kind(kind)?;
    check(bytes.len(), Some(kind.mime()))?;
    let size_bytes = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let key = new_secret(&*app.config.chance);
    let sealed = seal(&app, user, sealed_for(&key, kind.mime()), bytes).await?;
    let name = safe_name(&name, kind);
    let new = identity_papers::NewPaper { user, key, name, mime: kind.mime(), size_bytes, sealed };
    let shared = app.clone();
    app.command(caller.session(), once, StatusCode::CREATED, move |c, now| {
        Box::pin(async move {
            one_more(identity_papers::unsent(c, user).await?)?;
            let id = identity_papers::add(c, &new, shared.kept_at(now)).await?;
            let data = IdentityPaper { id, name: new.name, mime: new.mime.into(), size: new.size_bytes };
            Ok(Committed::quiet(Data { data }))
        })
    })
    .await
}

/// Sends papers that were uploaded. Asked anew, those of before are wiped. Who is verified sends none: with another name one is not
/// verified any more.
#[utoipa::path(post, path = "/api/verifications/identity", tag = "verification", request_body = IdentityAsk,
    responses((status = 200, body = Data<Verification>), (status = 409, body = Refusal), (status = 422, body = Refusal)))]
async fn send(State(app): State<App>, caller: Caller, command: Command<IdentityAsk>) -> Result<Response, ApiError> {
    let (user, papers) = (caller.user, command.body.papers);
    check_sent(&papers)?;
    let before = verifications::get(&mut app.db.read().await?, user, Kind::Identity, "").await?;
    if let Some(before) = &before {
        carry_out_due(&app, FEATURE.deadlines, before.id, command.once.arrived()).await?;
    }
    app.command(caller.session(), command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move {
            people::hold(c, user).await?;
            let before = verifications::get(c, user, Kind::Identity, "").await?;
            let state = before.as_ref().map_or(Stands::None, |stored| stored.state);
            let after = step(Kind::Identity, state, Action::Ask, Role::Owner)?;
            if let Some(before) = &before {
                identity_papers::wipe(c, before.id).await?;
                deadlines::clear(c, WIPED.kind, before.id).await?;
            }
            // Held before the feeds are.
            let waiting = tell_administrators(c, user, now).await?;
            let put =
                verifications::Put { user, kind: Kind::Identity, slot: "", value: "", state: after, reason: None };
            let (stored, entry) = becomes(c, &put, now).await?;
            if !identity_papers::send(c, user, stored.id, &papers).await? {
                let words = "One of these papers is not there any more, or was sent before. Upload it once more.";
                return Err(ApiError::invalid("papers", words));
            }
            let told = std::iter::once(entry.except(caller.socket.as_deref())).chain(waiting).collect();
            let events = feed::append(c, told, now).await?;
            Ok(Committed { value: Data { data: shown(&stored) }, events })
        })
    })
    .await
}

/// Puts the mark of who is verified beside somebody's name, or takes it away, and tells everybody who shows it.
async fn marked(
    c: &mut Connection,
    user: UserId,
    since: Option<Timestamp>,
    now: Timestamp,
) -> Result<Vec<Outgoing>, ApiError> {
    identity_papers::mark(c, user, since).await?;
    profiles::mark_changed(c, user, now).await
}

/// From a decision on, papers are kept for 30 days.
async fn wiped_after_decision(c: &mut Connection, verification: i64, now: Timestamp) -> Result<(), ApiError> {
    Ok(deadlines::set(c, WIPED.kind, verification, now.plus_ms(KEPT_AFTER_DECISION_MS)).await?)
}
