//! An account that is made at once, where no letter could prove its address.

use std::net::Ipv4Addr;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use guildhall_contract::rest::Data;
use guildhall_db::{Committed, idempotency, people, tokens};
use guildhall_market::ids::{TokenId, UserId};
use sha2::{Digest, Sha256};

use super::form::Form;
use crate::{
    address::ClientAddress,
    app::App,
    auth::{device_name, sign_in, signed_in},
    credentials::{Password, Proof},
    email_change,
    error::{ApiError, written},
    once::{NOBODY, Once, Turn},
    request::hash_secret,
    second_step,
    secrets::new_secret,
    sign_in_guard::Source,
    suspensions,
};

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

/// Makes an account and signs in.
///
/// # Errors
/// 422 `email_taken`; 409 `key_reused`.
pub async fn register(app: &App, address: ClientAddress, once: &Once, form: Form) -> Result<Response, ApiError> {
    let Form { name, email, password, trade, device } = form;
    let said = [&*name, &email, device.as_deref().unwrap_or_default(), trade.as_deref().unwrap_or_default()];
    let key = once.key().map(|key| RegistrationKey::new(app, key, said));
    let password_hash = app.passwords.hash(address.source(), password.clone()).await?;
    let secret = key.as_ref().map_or_else(|| new_secret(&*app.config.chance), |key| key.secret.clone());
    let (token_hash, named, now) = (hash_secret(&secret), device_name(device.clone()), app.now());
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
                let token = tokens::create(c, user, &token_hash, &named, now).await?;
                guildhall_db::sign_ins::note(c, user, &place, &named, now).await?;
                if let Some(key) = key.as_ref().and_then(|key| key.once.key()) {
                    let answer = written(&(user, token))?;
                    idempotency::remember(c, NOBODY, key, StatusCode::CREATED.as_u16(), &answer).await?;
                }
                Ok(Committed::quiet(Registered::Now(user, token)))
            })
        })
        .await?;
    let mut connection = app.db.read().await?;
    let (user, token, before) = match registered {
        Registered::Now(user, token) => (user, token, None),
        Registered::Before(user, token) => {
            // Whoever knows the key could guess the password here as well.
            let been_there = app.sign_in_guard.try_sign_in(&email, address.source())?;
            // The same words with another password are another command.
            let found = people::credentials(&mut connection, &email).await?.filter(|(id, _)| *id == user.0);
            let stored = found.map(|(_, hash)| hash);
            if !app.passwords.matches(address.source(), been_there, password, stored.clone()).await? {
                return Err(ApiError::key_reused());
            }
            (user, token, stored.map(|hash| Password::known(user, hash)))
        }
    };
    let stored = people::get(&mut connection, user).await?.ok_or_else(ApiError::unauthenticated)?;
    if stored.suspended_at_ms.is_some() {
        return Err(suspensions::refusal(&mut connection, user).await);
    }
    // An account that asks for a code is entered with one: an old key opens it no more.
    let step = second_step::attempt(app, user, None, address, now).await?;
    app.sign_in_guard.signed_in(&email, address.source());
    // Signed out since: the first answer would be a key that opens nothing. Who knows the password may sign in.
    let data = match (tokens::bearer(&mut connection, token).await?, before) {
        (Some(_), _) => signed_in(token, &secret, &stored),
        (None, None) => return Err(ApiError::unauthenticated()),
        (None, Some(password)) => {
            drop(connection);
            sign_in(app, Proof::new(password, step), device, address).await?
        }
    };
    Ok((StatusCode::CREATED, Json(Data { data })).into_response())
}

/// Makes an account for somebody whom whoever runs this server knows: nobody is signed in, and no address is proved.
///
/// # Errors
/// 422 `invalid` or `email_taken`.
pub async fn add(app: &App, form: Form) -> Result<UserId, ApiError> {
    let Form { name, email, password, trade, .. } = form;
    let password_hash = app.passwords.hash(Source::of(Ipv4Addr::LOCALHOST.into()), password).await?;
    let (new, now) = (people::NewUser { email, name, password_hash, role: "member", craft: trade }, app.now());
    app.db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move { Ok(Committed::quiet(people::create(c, &new, now).await?)) })
        })
        .await
}
