//! Accounts: registering, signing in and out, tokens.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use guildhall_contract::{
    devices::Token,
    rest::{Data, Refusal},
    sessions::{LoginBody, OwnUser, RegisterBody, SignedIn},
};
use guildhall_db::{Committed, feed, idempotency, people, tokens};
use guildhall_market::{
    accounts,
    ids::{TokenId, UserId},
    profiles::clean_trade,
    time::Timestamp,
};
use sha2::{Digest, Sha256};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    address::ClientAddress,
    app::App,
    credentials, email_change,
    error::{ApiError, written},
    fair_turns::TooManyWaiting,
    feature::Feature,
    once::{Once, Turn},
    render,
    request::{Caller, Command, PathId, hash_secret},
    second_step,
    secrets::new_secret,
    sign_ins, suspensions,
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), ..Feature::named("auth") };

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(login))
        .routes(routes!(logout))
        .routes(routes!(get_user))
        .routes(routes!(list_tokens, revoke_others))
        .routes(routes!(revoke_token))
}

fn device_name(given: Option<String>) -> String {
    given.and_then(|name| accounts::clean_name(&name).ok()).unwrap_or_else(|| "Unnamed device".into())
}

/// What a sign-in answers with.
fn signed_in(token: TokenId, secret: &str, stored: &people::User) -> SignedIn {
    SignedIn {
        token: format!("{token}|{secret}"),
        user: OwnUser { user: render::user(stored), email: stored.email.clone() },
    }
}

async fn sign_in(
    app: &App,
    user: UserId,
    proof: second_step::Proof,
    device: Option<String>,
    from: ClientAddress,
) -> Result<SignedIn, ApiError> {
    let secret = new_secret(&*app.config.chance);
    let (hashed, device, now) = (hash_secret(&secret), device_name(device), app.now());
    let token: TokenId = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                proof.use_up(c).await?;
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

/// Nobody: keys of commands that come before there is an account are kept under this.
const NOBODY: UserId = UserId(0);

/// How a registration is said once. Whoever asks has no account yet, so that the key itself is the secret between the
/// client and its answer: the database knows only its hash, and the token is made from it, so that a second try gets the
/// first one's answer although no token is kept. The password stands in none of it.
#[derive(Clone)]
struct RegistrationKey {
    once: Once,
    secret: String,
}

impl RegistrationKey {
    fn new(app: &App, key: &str, parts: [&str; 4]) -> Self {
        let hashed = hex::encode(Sha256::digest(format!("registration:{key}")));
        let secret = guildhall_pusher::auth::hmac_hex(key, format!("token:{}", app.link_secret).as_bytes());
        Self { once: Once::of(hashed, &parts.map(str::as_bytes), app.now()), secret }
    }
}

/// What a registration came to.
enum Registered {
    Now(UserId, TokenId),
    Before(UserId, TokenId),
}

/// Makes an account and signs in. The same `Idempotency-Key` with the same body gets the first answer again,
/// with a new token where the first one was signed out since.
#[utoipa::path(post, path = "/api/register", tag = "accounts", request_body = RegisterBody,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Data<SignedIn>), (status = 409, body = Refusal), (status = 422, body = Refusal),
        (status = 429, body = Refusal)))]
async fn register(
    State(app): State<App>,
    address: ClientAddress,
    command: Command<RegisterBody>,
) -> Result<Response, ApiError> {
    let body = command.body;
    let name = accounts::clean_name(&body.name)?;
    let email = accounts::clean_email(&body.email)?;
    accounts::check_new_password(&body.password, &name, &email)?;
    let trade = clean_trade(body.trade.as_deref().unwrap_or_default())?;
    app.sign_in_guard.try_register(address.source())?;
    let said = [&name, &email, body.device_name.as_deref().unwrap_or_default(), trade.as_deref().unwrap_or_default()];
    let key = command.once.key().map(|key| RegistrationKey::new(&app, key, said));
    let password_hash = app.passwords.hash(address.source(), body.password.clone()).await?;
    let secret = key.as_ref().map_or_else(|| new_secret(&*app.config.chance), |key| key.secret.clone());
    let (token_hash, device, now) = (hash_secret(&secret), device_name(body.device_name.clone()), app.now());
    let (kept_at, place) = (app.kept_at(now), address.source().to_string());
    let new = people::NewUser { email: email.clone(), name, password_hash, role: "member", craft: trade };
    let registered = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                if let Some(key) = &key
                    && let Turn::Before(_, answer) = key.once.claim(c, NOBODY, kept_at).await?
                {
                    let (user, token) = serde_json::from_str(&answer).map_err(|_| ApiError::key_reused())?;
                    return Ok(Committed::quiet(Registered::Before(user, token)));
                }
                if email_change::is_kept(c, &new.email, None, now).await? {
                    return Err(people::CreateError::EmailTaken.into());
                }
                let user = people::create(c, &new, now).await?;
                let token = tokens::create(c, user, &token_hash, &device, now).await?;
                guildhall_db::sign_ins::note(c, user, &place, &device, now).await?;
                if let Some(key) = key.as_ref().and_then(|key| key.once.key()) {
                    let answer = written(&(user, token))?;
                    idempotency::remember(c, NOBODY, key, StatusCode::CREATED.as_u16(), &answer).await?;
                }
                Ok(Committed::quiet(Registered::Now(user, token)))
            })
        })
        .await?;
    let mut connection = app.db.read().await?;
    let (user, token) = match registered {
        Registered::Now(user, token) => (user, token),
        Registered::Before(user, token) => {
            // Whoever knows the key could guess the password here as well.
            let been_there = app.sign_in_guard.try_sign_in(&email, address.source())?;
            // The same words with another password are another command.
            let found = people::credentials(&mut connection, &email).await?.filter(|(id, _)| *id == user.0);
            let stored = found.map(|(_, hash)| hash);
            if !app.passwords.matches(address.source(), been_there, body.password, stored).await? {
                return Err(ApiError::key_reused());
            }
            (user, token)
        }
    };
    let stored = people::get(&mut connection, user).await?.ok_or_else(ApiError::unauthenticated)?;
    if stored.suspended_at_ms.is_some() {
        return Err(suspensions::refusal(&mut connection, user).await);
    }
    // An account that asks for a code is entered with one: an old key opens it no more.
    let proof = second_step::attempt(&app, user, None, address, now).await?;
    app.sign_in_guard.signed_in(&email, address.source());
    // Signed out since: the first answer would be a key that opens nothing. Who knows the password may sign in.
    let data = match tokens::bearer(&mut connection, token).await? {
        Some(_) => signed_in(token, &secret, &stored),
        None => {
            drop(connection);
            sign_in(&app, user, proof, body.device_name, address).await?
        }
    };
    Ok((StatusCode::CREATED, Json(Data { data })).into_response())
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
    let user = credentials::prove(&app, address, &email, password).await?;
    let mut connection = app.db.read().await?;
    let stored = people::get(&mut connection, user).await?.ok_or_else(credentials::wrong)?;
    // Told only to whoever has the password.
    if stored.suspended_at_ms.is_some() {
        return Err(suspensions::refusal(&mut connection, user).await);
    }
    drop(connection);
    let proof = second_step::attempt(&app, user, code.as_deref(), address, command.once.arrived()).await?;
    app.sign_in_guard.signed_in(&stored.email, address.source());
    Ok(Json(Data { data: sign_in(&app, user, proof, device_name, address).await? }))
}

async fn revoke(app: &App, user: UserId, token: TokenId) -> Result<bool, ApiError> {
    let now = app.now();
    let done = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move { Ok(Committed::quiet(tokens::revoke(c, user, token, now).await?)) })
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
    revoke(&app, caller.user, caller.token).await?;
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
    if revoke(&app, caller.user, id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found()) }
}
