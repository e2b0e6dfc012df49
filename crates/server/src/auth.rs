//! Accounts: registering, signing in and out, tokens.

use axum::{Json, extract::State, http::StatusCode};
use guildhall_contract::{
    devices::Token,
    rest::{Data, Refusal},
    sessions::{LoginBody, OwnUser, SignedIn},
};
use guildhall_db::{Committed, feed, people, tokens};
use guildhall_market::{accounts, ids::TokenId, time::Timestamp};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    address::ClientAddress,
    app::App,
    credentials,
    error::ApiError,
    fair_turns::TooManyWaiting,
    feature::Feature,
    render,
    request::{Caller, Command, PathId, hash_secret},
    second_step,
    secrets::new_secret,
    session::Session,
    sign_ins, suspensions,
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), ..Feature::named("auth") };

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(logout))
        .routes(routes!(get_user))
        .routes(routes!(list_tokens, revoke_others))
        .routes(routes!(revoke_token))
}

/// The name of a device, as it was given.
pub fn device_name(given: Option<String>) -> String {
    given.and_then(|name| accounts::clean_name(&name).ok()).unwrap_or_else(|| "Unnamed device".into())
}

/// What a sign-in answers with.
pub fn signed_in(token: TokenId, secret: &str, stored: &people::User) -> SignedIn {
    SignedIn {
        token: format!("{token}|{secret}"),
        user: OwnUser { user: render::user(stored), email: stored.email.clone() },
    }
}

/// Signs somebody in who proved who they are.
///
/// # Errors
/// As [`credentials::Proof::use_up`].
pub async fn sign_in(
    app: &App,
    proof: credentials::Proof,
    device: Option<String>,
    from: ClientAddress,
) -> Result<SignedIn, ApiError> {
    let (user, secret) = (proof.user(), new_secret(&*app.config.chance));
    let (hashed, device, now) = (hash_secret(&secret), device_name(device), app.now());
    let token: TokenId = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                proof.use_up(c).await?;
                // Somebody may have been put out while the password was looked at.
                if people::get(c, user).await?.is_none_or(|stored| stored.suspended_at_ms.is_some()) {
                    return Err(ApiError::suspended());
                }
                let token = tokens::create(c, user, &hashed, &device, now).await?;
                let told = sign_ins::note(c, user, token, &device, from, now).await?;
                Ok(Committed { value: token, events: feed::append(c, told, now).await? })
            })
        })
        .await?;
    app.mailroom.wake();
    let mut connection = app.db.read().await?;
    let stored = people::get(&mut connection, user).await?.ok_or_else(ApiError::unauthenticated)?;
    Ok(signed_in(token, &secret, &stored))
}

impl From<TooManyWaiting> for ApiError {
    fn from(_: TooManyWaiting) -> Self {
        Self::busy()
    }
}

impl From<people::CreateError> for ApiError {
    fn from(error: people::CreateError) -> Self {
        match error {
            people::CreateError::EmailTaken => {
                Self::field("email_taken", "email", "There is an account with this email already. Sign in instead.")
            }
            people::CreateError::Db(e) => e.into(),
        }
    }
}

/// Signs in. A wrong password and an unknown address have the same answer in the same time. Where two-step sign-in is on, the
/// right password without a code is answered with `two_step_required`, and nothing else happens.
#[utoipa::path(post, path = "/api/login", tag = "accounts", request_body = LoginBody,
    responses((status = 200, body = Data<SignedIn>), (status = 403, body = Refusal), (status = 422, body = Refusal),
        (status = 429, body = Refusal)))]
async fn login(
    State(app): State<App>,
    address: ClientAddress,
    command: Command<LoginBody>,
) -> Result<Json<Data<SignedIn>>, ApiError> {
    let LoginBody { email, password, code, device_name } = command.body;
    let password = credentials::prove(&app, address, &email, password).await?;
    let user = password.user();
    let mut connection = app.db.read().await?;
    let stored = people::get(&mut connection, user).await?.ok_or_else(credentials::wrong)?;
    drop(connection);
    let step = second_step::attempt(&app, user, code.as_deref(), address, command.once.arrived()).await?;
    // Told only to whoever could sign in otherwise.
    if stored.suspended_at_ms.is_some() {
        return Err(suspensions::refusal(&mut app.db.read().await?, user).await);
    }
    app.sign_in_guard.signed_in(&stored.email, address.source());
    let proof = credentials::Proof::new(password, step);
    Ok(Json(Data { data: sign_in(&app, proof, device_name, address).await? }))
}

async fn revoke(app: &App, session: Session, token: TokenId) -> Result<bool, ApiError> {
    let now = app.now();
    let done = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                // Of two devices that sign each other out one does.
                session.hold(c).await?;
                Ok(Committed::quiet(tokens::revoke(c, session.user, token, now).await?))
            })
        })
        .await?;
    // Only what was really theirs: anybody can name a number.
    if done {
        app.hub.close_token(token);
    }
    Ok(done)
}

/// Signs this device out: its token is revoked and its sockets are closed.
#[utoipa::path(post, path = "/api/logout", tag = "accounts", responses((status = 204)))]
async fn logout(State(app): State<App>, caller: Caller) -> Result<StatusCode, ApiError> {
    revoke(&app, caller.session(), caller.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Oneself.
#[utoipa::path(get, path = "/api/user", tag = "accounts", responses((status = 200, body = Data<OwnUser>)))]
async fn get_user(State(app): State<App>, caller: Caller) -> Result<Json<Data<OwnUser>>, ApiError> {
    let mut connection = app.db.read().await?;
    let stored = people::get(&mut connection, caller.user).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(Data { data: OwnUser { user: render::user(&stored), email: stored.email } }))
}

/// The devices that are signed in, newest first.
#[utoipa::path(get, path = "/api/tokens", tag = "accounts", responses((status = 200, body = Data<Vec<Token>>)))]
async fn list_tokens(State(app): State<App>, caller: Caller) -> Result<Json<Data<Vec<Token>>>, ApiError> {
    let mut connection = app.db.read().await?;
    let data = tokens::list(&mut connection, caller.user)
        .await?
        .into_iter()
        .map(|token| Token {
            id: token.id,
            name: token.device_name,
            created_at: Timestamp(token.created_at_ms).into(),
            last_used_at: token.last_used_at_ms.map(|at| Timestamp(at).into()),
            address: token.address,
            current: token.id == caller.token,
        })
        .collect();
    Ok(Json(Data { data }))
}

/// Signs all other devices out.
#[utoipa::path(delete, path = "/api/tokens", tag = "accounts", responses((status = 204)))]
async fn revoke_others(State(app): State<App>, caller: Caller) -> Result<StatusCode, ApiError> {
    let now = app.now();
    let ended = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                caller.session().hold(c).await?;
                Ok(Committed::quiet(tokens::revoke_others(c, caller.user, Some(caller.token), now).await?))
            })
        })
        .await?;
    for token in ended {
        app.hub.close_token(token);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Signs a device out.
#[utoipa::path(delete, path = "/api/tokens/{id}", tag = "accounts", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = Refusal)))]
async fn revoke_token(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<TokenId>,
) -> Result<StatusCode, ApiError> {
    if revoke(&app, caller.session(), id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found()) }
}
