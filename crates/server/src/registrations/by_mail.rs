//! An account whose address is proved before it is made.
//!
//! Whoever begins one gets a secret, and the address a code: the account is made by whoever has both. So nobody makes an
//! account with somebody else's address, and nobody who types a code that a stranger caused makes the stranger's. An address
//! that has an account already goes the very same way, with a code that nobody is sent: its owner is told instead.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use guildhall_contract::{
    passwords::CodeUnderWay,
    registrations::{RegistrationAgainBody, RegistrationConfirmBody, RegistrationUnderWay},
    rest::{Data, Refusal},
    sessions::SignedIn,
};
use guildhall_db::{
    Committed, Connection, DbError, email_changes, feed, idempotency, mails, people,
    registrations::{self, Registration},
    tokens,
};
use guildhall_market::{
    codes::{AHEAD_MAX_MS, BETWEEN_SENDINGS_MS, Carrier, Code, Purpose},
    ids::{TokenId, UserId},
    time::{DAY_MS, HOUR_MS, Timestamp},
    verification::{Action, Kind, Role, State as Stands, step},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::form::Form;
use crate::{
    address::ClientAddress,
    app::App,
    auth::{device_name, signed_in},
    codes, digits,
    error::{ApiError, written},
    mail::{self, To, letters::Letter},
    once::{NOBODY, Once, Turn},
    request::{Command, hash_secret},
    retention::Forgetting,
    secrets::new_secret,
    verifications::becomes,
};

/// The time within which the owner of an address is told once that somebody wants an account with it.
const OWNER_TOLD_ONCE_IN_MS: i64 = HOUR_MS;

/// How long one is kept whose code has died: it may be asked for again.
const KEPT_MS: i64 = DAY_MS;

/// The routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(confirm)).routes(routes!(again))
}

/// Forgets those whose codes died a day ago.
///
/// # Errors
/// The database's.
pub async fn forget(forgetting: &Forgetting) -> Result<(), DbError> {
    let before = forgetting.until.plus_ms(-KEPT_MS);
    while forgetting.may_be_more(
        forgetting
            .chunk(move |c, most| Box::pin(async move { Ok((registrations::forget(c, before, most).await?, ())) }))
            .await?
            .0,
    ) {}
    Ok(())
}

/// How a command of somebody who is nobody yet is said once: the key itself is the secret between the client and its answer.
/// The database knows only its hash, and what is secret in the answer is made from it, so that a second try gets the first
/// one's answer although no secret is kept.
struct Said {
    once: Option<Once>,
    secret: String,
}

impl Said {
    fn new(app: &App, once: &Once, used_for: &str) -> Self {
        let Some(key) = once.key() else { return Self { once: None, secret: new_secret(&*app.config.chance) } };
        let said = once.request_hash().as_bytes();
        let hashed = hex::encode(Sha256::digest(format!("{used_for}:{key}")));
        let secret = hex::encode(app.vault.mark(used_for, &[key.as_bytes(), said]));
        Self { once: Some(Once::of(hashed, &[said], once.arrived())), secret }
    }

    async fn remember(
        once: Option<&Once>,
        c: &mut Connection,
        status: StatusCode,
        answer: &str,
    ) -> Result<(), ApiError> {
        if let Some(key) = once.and_then(Once::key) {
            idempotency::remember(c, NOBODY, key, status.as_u16(), answer).await?;
        }
        Ok(())
    }
}

/// What the account is to be.
#[derive(Clone, Serialize, Deserialize)]
struct Wanted {
    name: String,
    trade: Option<String>,
    device: String,
    password_hash: String,
}

/// What it is sealed for: it opens for this secret alone.
fn sealed_for(mark: &str) -> String {
    format!("registration {mark}")
}

/// Who has an address, or may take it back.
async fn owner(c: &mut Connection, email: &str, now: Timestamp) -> Result<Option<UserId>, ApiError> {
    let has = people::credentials(c, email).await?.map(|(id, _)| UserId(id));
    let had = email_changes::of_old(c, email, now).await?.first().map(|change| change.user_id);
    Ok(has.or(had))
}

/// Writes the letter: the code to whoever makes an account, the news of it to whoever has one.
async fn send(c: &mut Connection, begun: &Registration, now: Timestamp) -> Result<CodeUnderWay, ApiError> {
    let address = &*begun.address;
    let owner = owner(c, address, now).await?;
    let told = Letter::AlreadyHere { at_ms: now.0 };
    let lately = (now.plus_ms(-OWNER_TOLD_ONCE_IN_MS), now.plus_ms(AHEAD_MAX_MS));
    let told_lately = mails::written_between(c, owner, told.kind(), lately).await?;
    let expires_at = Timestamp(begun.expires_at_ms);
    let (to, letter) = match owner {
        None => (To { user: None, address }, Letter::Registration { registration: begun.id }),
        Some(user) => (To { user: (!told_lately).then_some(user), address }, told),
    };
    mail::queue(c, to, &letter, Some(expires_at), now).await?;
    Ok(CodeUnderWay {
        expires_at: expires_at.into(),
        again_at: now.plus_ms(BETWEEN_SENDINGS_MS).into(),
        by: "mail".into(),
    })
}

/// Keeps what the account is to be, and sends the code.
///
/// # Errors
/// 409 `key_reused`; 429 `too_many_codes`, the same for every address.
pub async fn begin(app: &App, address: ClientAddress, once: &Once, form: Form) -> Result<Response, ApiError> {
    let (said, now, source) = (Said::new(app, once, "registration"), once.arrived(), address.source());
    let Form { name, email, password, trade, device } = form;
    let password_hash = app.passwords.hash(source, password).await?;
    let mark = hash_secret(&said.secret);
    let wanted = written(&Wanted { name, trade, device: device_name(device), password_hash })?;
    let sealed = app.vault.seal(&sealed_for(&mark), NOBODY.0, wanted.as_bytes(), &*app.config.chance);
    let (nonce, expires_at) = (new_secret(&*app.config.chance), now.plus_ms(Carrier::Mail.life_ms()));
    let (once, kept_at) = (said.once, app.kept_at(now));
    let code: CodeUnderWay = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                if let Some(once) = &once
                    && let Turn::Before(_, answer) = once.claim(c, NOBODY, kept_at).await?
                {
                    return Ok(Committed::quiet(serde_json::from_str(&answer).map_err(|_| ApiError::key_reused())?));
                }
                codes::note_sending(c, Purpose::Register, &email, source, now).await?;
                let new =
                    registrations::New { mark: &mark, address: &email, sealed: &sealed, nonce: &nonce, expires_at };
                let id = registrations::add(c, &new).await?;
                let begun = registrations::get(c, id).await?.ok_or_else(ApiError::broken)?;
                let code = send(c, &begun, now).await?;
                Said::remember(once.as_ref(), c, StatusCode::ACCEPTED, &written(&code)?).await?;
                Ok(Committed::quiet(code))
            })
        })
        .await?;
    app.mailroom.wake();
    let data = RegistrationUnderWay { registration: said.secret, code };
    Ok((StatusCode::ACCEPTED, Json(Data { data })).into_response())
}

/// Has the code sent once more: the same one, which lives as long as a new one.
#[utoipa::path(post, path = "/api/register/again", tag = "accounts", request_body = RegistrationAgainBody,
    responses((status = 200, body = Data<CodeUnderWay>), (status = 422, body = Refusal), (status = 429, body = Refusal)))]
async fn again(
    State(app): State<App>,
    address: ClientAddress,
    command: Command<RegistrationAgainBody>,
) -> Result<Json<Data<CodeUnderWay>>, ApiError> {
    let (now, source) = (command.once.arrived(), address.source());
    let mark = hash_secret(&command.body.registration);
    let data = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                let mut begun = registrations::of_mark(c, &mark).await?.ok_or_else(ended)?;
                codes::note_sending(c, Purpose::Register, &begun.address, source, now).await?;
                let expires_at = now.plus_ms(Carrier::Mail.life_ms());
                registrations::lives_until(c, begun.id, expires_at).await?;
                begun.expires_at_ms = expires_at.0;
                Ok(Committed::quiet(send(c, &begun, now).await?))
            })
        })
        .await?;
    app.mailroom.wake();
    Ok(Json(Data { data }))
}

/// 422: nobody is making an account with this secret, any more.
fn ended() -> ApiError {
    ApiError::field(
        "registration_ended",
        "registration",
        "This took too long, or was finished already. Sign in, or begin anew.",
    )
}

/// Looks whether a code is the one of a registration, in a transaction of its own: the try counts, whatever becomes of the
/// command.
async fn right(app: &App, mark: String, typed: Code, now: Timestamp) -> Result<Registration, ApiError> {
    let shared = app.clone();
    let right: Option<Registration> = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                let Some(begun) = registrations::of_mark(c, &mark).await? else { return Ok(Committed::quiet(None)) };
                // Of this one alone: whoever else begins one with the same address uses up nobody's tries.
                let counted = format!("{} of registration {}", begun.address, begun.id);
                codes::note_try(c, Purpose::Register, &counted, false, now).await?;
                let code = digits::registration_code(&shared, &begun);
                let same = bool::from(code.digits().ct_eq(typed.digits()));
                Ok(Committed::quiet((same && begun.expires_at_ms > now.0).then_some(begun)))
            })
        })
        .await?;
    right.ok_or_else(codes::wrong)
}

/// Gives the code: the account is there from then on, its address is proved, and one is signed in. A wrong code, a registration
/// that has ended and an address that has an account have one answer. The same `Idempotency-Key` with the same body gets the
/// first answer again, as long as its token was not signed out.
#[utoipa::path(post, path = "/api/register/confirm", tag = "accounts", request_body = RegistrationConfirmBody,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Data<SignedIn>), (status = 409, body = Refusal), (status = 422, body = Refusal),
        (status = 429, body = Refusal)))]
async fn confirm(
    State(app): State<App>,
    address: ClientAddress,
    command: Command<RegistrationConfirmBody>,
) -> Result<Response, ApiError> {
    let (now, body) = (command.once.arrived(), command.body);
    let said = Said::new(&app, &command.once, "registration confirmed");
    let kept_at = app.kept_at(now);
    let before = match &said.once {
        Some(once) => once.before(&app.db, NOBODY, kept_at).await?,
        None => None,
    };
    let (user, token): (UserId, TokenId) = match before {
        Some((_, answer)) => serde_json::from_str(&answer).map_err(|_| ApiError::key_reused())?,
        None => {
            // What is no code at all is nobody's guess: a digit that was left out costs no try.
            let typed = Code::typed(&body.code).ok_or_else(codes::wrong)?;
            let begun = right(&app, hash_secret(&body.registration), typed, now).await?;
            let opened = app.vault.open_sealed(&sealed_for(&begun.mark), NOBODY.0, &begun.sealed);
            let wanted =
                opened.and_then(|json| serde_json::from_slice::<Wanted>(&json).ok()).ok_or_else(codes::wrong)?;
            let (place, token_hash, once) =
                (address.source().to_string(), hash_secret(&said.secret), said.once.clone());
            app.db
                .write::<_, ApiError, _>(move |c| {
                    Box::pin(async move {
                        if let Some(once) = &once
                            && let Turn::Before(_, answer) = once.claim(c, NOBODY, kept_at).await?
                        {
                            let before = serde_json::from_str(&answer).map_err(|_| ApiError::key_reused())?;
                            return Ok(Committed::quiet(before));
                        }
                        let (user, token, entry) = make(c, &begun, wanted, &token_hash, &place, now).await?;
                        let answer = written(&(user, token))?;
                        Said::remember(once.as_ref(), c, StatusCode::CREATED, &answer).await?;
                        Ok(Committed { value: (user, token), events: feed::append(c, vec![entry], now).await? })
                    })
                })
                .await?
        }
    };
    let mut connection = app.db.read().await?;
    // Signed out since: the first answer would be a key that opens nothing.
    tokens::bearer(&mut connection, token).await?.ok_or_else(codes::wrong)?;
    let stored = people::get(&mut connection, user).await?.ok_or_else(codes::wrong)?;
    Ok((StatusCode::CREATED, Json(Data { data: signed_in(token, &said.secret, &stored) })).into_response())
}

/// Makes the account, unless somebody has the address by now or made this one already.
async fn make(
    c: &mut Connection,
    begun: &Registration,
    wanted: Wanted,
    token_hash: &str,
    place: &str,
    now: Timestamp,
) -> Result<(UserId, TokenId, feed::Entry), ApiError> {
    if !registrations::take(c, begun.id).await? || owner(c, &begun.address, now).await?.is_some() {
        return Err(codes::wrong());
    }
    let Wanted { name, trade, device, password_hash } = wanted;
    let email = begun.address.clone();
    let new = people::NewUser { email, name, password_hash, role: "member", craft: trade };
    let user = people::create(c, &new, now).await.map_err(|error| match error {
        people::CreateError::EmailTaken => codes::wrong(),
        people::CreateError::Db(error) => error.into(),
    })?;
    let state = step(Kind::Email, Stands::None, Action::Ask, Role::Owner)?;
    let state = step(Kind::Email, state, Action::Confirm, Role::Owner)?;
    let put = guildhall_db::verifications::Put {
        user,
        kind: Kind::Email,
        slot: "",
        value: &begun.address,
        state,
        reason: None,
    };
    let (_, entry) = becomes(c, &put, now).await?;
    let token = tokens::create(c, user, token_hash, &device, now).await?;
    guildhall_db::sign_ins::note(c, user, place, &device, now).await?;
    // What others began with the same address stays until it dies, and is told what it is told of any address: whoever began it
    // would learn of its end that there is an account now.
    Ok((user, token, entry))
}
