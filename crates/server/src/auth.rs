//! Accounts: registering, signing in and out, tokens.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version, password_hash::SaltString,
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use guildhall_contract::rest::{Data, LoginBody, OwnUser, RegisterBody, SignedIn, Token};
use guildhall_db::{Committed, people, tokens};
use guildhall_market::{
    accounts,
    ids::{TokenId, UserId},
    time::{MINUTE_MS, Timestamp},
};
use rand::RngCore;
use tokio::sync::Semaphore;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    error::ApiError,
    render,
    request::{Caller, Command, PathId, hash_secret},
};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(login))
        .routes(routes!(logout))
        .routes(routes!(get_user))
        .routes(routes!(list_tokens))
        .routes(routes!(revoke_token))
}

/// Hashes and checks passwords with argon2id, a few at a time: each takes tens of milliseconds and 19 MiB.
pub struct Passwords {
    argon: Argon2<'static>,
    turns: Arc<Semaphore>,
    nobody: String,
}

impl Passwords {
    /// Parameters from the OWASP password storage cheat sheet (19 MiB, 2 passes), or the least there is, for tests.
    pub fn new(weak: bool) -> Self {
        let params = if weak { Params::new(8, 1, 1, None) } else { Params::new(19_456, 2, 1, None) };
        let argon =
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params.expect("fixed parameters within the limits"));
        let nobody = hash(&argon, "nobody has this password");
        Self { argon, turns: Arc::new(Semaphore::new(2)), nobody }
    }

    /// The PHC form of a new password.
    pub async fn hash(&self, password: String) -> String {
        let argon = self.argon.clone();
        self.in_turn(move || hash(&argon, &password)).await
    }

    /// Whether the password belongs to the hash. Without a hash it takes the same time and is false.
    pub async fn matches(&self, password: String, stored: Option<String>) -> bool {
        let argon = self.argon.clone();
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.clone());
        let fits = move || {
            PasswordHash::new(&stored).is_ok_and(|hash| argon.verify_password(password.as_bytes(), &hash).is_ok())
        };
        self.in_turn(fits).await && known
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let _turn = self.turns.acquire().await.expect("the semaphore is never closed");
        tokio::task::spawn_blocking(work).await.expect("hashing does not panic")
    }
}

fn hash(argon: &Argon2, password: &str) -> String {
    let mut random = [0; 16];
    rand::rng().fill_bytes(&mut random);
    let salt = SaltString::encode_b64(&random).expect("16 bytes are a salt");
    argon.hash_password(password.as_bytes(), &salt).expect("a salt of the right length").to_string()
}

/// Failed sign-ins for one address that are looked at in any minute.
const FAILED_LOGINS_PER_MINUTE_MAX: usize = 10;

/// Slows guessing down: after so many failures for an e-mail address the next tries are refused unlooked.
#[derive(Default)]
pub struct LoginGuard(Mutex<HashMap<String, Vec<Timestamp>>>);

impl LoginGuard {
    fn check(&self, email: &str, now: Timestamp) -> Result<(), ApiError> {
        let mut failed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = failed.entry(email.to_owned()).or_default();
        recent.retain(|at| now.since_ms(*at) < MINUTE_MS);
        match recent.first() {
            Some(oldest) if recent.len() >= FAILED_LOGINS_PER_MINUTE_MAX => Err(ApiError::too_many(
                "too_many_logins",
                "Too many failed sign-ins for this address. Wait a minute.",
                MINUTE_MS - now.since_ms(*oldest),
            )),
            _ => Ok(()),
        }
    }

    fn failed(&self, email: &str, now: Timestamp) {
        let mut failed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.len() > 10_000 {
            failed.retain(|_, at| at.last().is_some_and(|at| now.since_ms(*at) < MINUTE_MS));
        }
        failed.entry(email.to_owned()).or_default().push(now);
    }
}

/// A new secret of 256 random bits.
pub fn new_secret() -> String {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}

fn device_name(given: Option<String>) -> String {
    given.and_then(|name| accounts::clean_name(&name).ok()).unwrap_or_else(|| "Unnamed device".into())
}

async fn sign_in(app: &App, user: UserId, device: Option<String>) -> Result<SignedIn, ApiError> {
    let secret = new_secret();
    let (hashed, device, now) = (hash_secret(&secret), device_name(device), app.now());
    let token: TokenId = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move { Ok(Committed::quiet(tokens::create(c, user, &hashed, &device, now).await?)) })
        })
        .await?;
    let mut connection = app.db.read().await?;
    let stored = people::get(&mut connection, user).await?.ok_or_else(ApiError::unauthenticated)?;
    Ok(SignedIn {
        token: format!("{token}|{secret}"),
        user: OwnUser { user: render::user(&stored), email: stored.email },
    })
}

/// Makes an account and signs in.
#[utoipa::path(post, path = "/api/register", tag = "accounts", request_body = RegisterBody,
    responses((status = 201, body = Data<SignedIn>), (status = 422, body = guildhall_contract::rest::Refusal)))]
async fn register(State(app): State<App>, command: Command<RegisterBody>) -> Result<Response, ApiError> {
    let body = command.body;
    let name = accounts::clean_name(&body.name)?;
    let email = accounts::clean_email(&body.email)?;
    accounts::check_password(&body.password)?;
    let password_hash = app.passwords.hash(body.password).await;
    let now = app.now();
    let new = people::NewUser { email, name, password_hash, role: "member", craft: None };
    let user = app
        .db
        .write::<_, people::CreateError, _>(move |c| {
            Box::pin(async move { people::create(c, &new, now).await.map(Committed::quiet) })
        })
        .await
        .map_err(|e| match e {
            people::CreateError::EmailTaken => {
                ApiError::field("email_taken", "email", "There is an account with this email already. Sign in instead.")
            }
            people::CreateError::Db(e) => e.into(),
        })?;
    let data = sign_in(&app, user, body.device_name).await?;
    Ok((StatusCode::CREATED, Json(Data { data })).into_response())
}

/// Signs in. A wrong password and an unknown address have the same answer in the same time.
#[utoipa::path(post, path = "/api/login", tag = "accounts", request_body = LoginBody,
    responses((status = 200, body = Data<SignedIn>), (status = 422, body = guildhall_contract::rest::Refusal)))]
async fn login(State(app): State<App>, command: Command<LoginBody>) -> Result<Json<Data<SignedIn>>, ApiError> {
    let body = command.body;
    let wrong =
        || ApiError::field("invalid_credentials", "email", "The email and the password do not belong together.");
    if body.password.len() > accounts::PASSWORD_BYTES_MAX || body.email.len() > 4 * accounts::EMAIL_BYTES_MAX {
        return Err(wrong());
    }
    let email = accounts::clean_email(&body.email).unwrap_or_default();
    let now = app.now();
    app.login_guard.check(&email, now)?;
    let mut connection = app.db.read().await?;
    let found = people::credentials(&mut connection, &email).await?;
    drop(connection);
    let (user, stored) = found.map_or((None, None), |(id, hash)| (Some(UserId(id)), Some(hash)));
    let fits = app.passwords.matches(body.password, stored).await;
    match user {
        Some(user) if fits => Ok(Json(Data { data: sign_in(&app, user, body.device_name).await? })),
        _ => {
            app.login_guard.failed(&email, now);
            Err(wrong())
        }
    }
}

async fn revoke(app: &App, user: UserId, token: TokenId) -> Result<bool, ApiError> {
    let now = app.now();
    let done = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move { Ok(Committed::quiet(tokens::revoke(c, user, token, now).await?)) })
        })
        .await?;
    app.hub.close_token(token);
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
            id: TokenId(token.id),
            name: token.device_name,
            created_at: Timestamp(token.created_at_ms).into(),
            last_used_at: token.last_used_at_ms.map(|at| Timestamp(at).into()),
            current: token.id == caller.token.0,
        })
        .collect();
    Ok(Json(Data { data }))
}

/// Signs a device out.
#[utoipa::path(delete, path = "/api/tokens/{id}", tag = "accounts", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = guildhall_contract::rest::Refusal)))]
async fn revoke_token(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<TokenId>,
) -> Result<StatusCode, ApiError> {
    if revoke(&app, caller.user, id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found()) }
}
