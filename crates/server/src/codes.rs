//! Codes that prove who reads a letter box or holds a phone (the rules: `market::codes`).
//!
//! The digits stand nowhere. They are made of the row and the key outside of the database each time somebody needs them: a
//! copy of the database holds no code, and yet a code that is asked for again is the same one. Hashed as a password is, they
//! would be no secret: there are a million of them.

use axum::{Json, extract::State};
use guildhall_contract::{
    passwords::CodeUnderWay,
    rest::{Data, Refusal},
    verifications::CodeToTell,
};
use guildhall_db::{Committed, Connection, DbError, audit::Act, codes, people};
use guildhall_market::{
    codes::{BETWEEN_SENDINGS_MS, COUNTED_OVER_MS, Carrier, Code, Purpose, Wait, may_send, may_try},
    ids::UserId,
    time::Timestamp,
};
use serde::Deserialize;
use subtle::ConstantTimeEq;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    audit::{self, Administrator},
    digits,
    error::{ApiError, written},
    feature::Feature,
    mail::{self, To, letters::Letter},
    request::Query,
    retention::{Forgetting, Retention},
    secrets::new_secret,
    sign_in_guard::Source,
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    routes: Some(routes),
    retention: &[Retention { what: "codes", forget: |forgetting| Box::pin(forget(forgetting)) }],
    ..Feature::named("codes")
};

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_codes))
}

async fn forget(forgetting: &Forgetting) -> Result<(), DbError> {
    let before = forgetting.until.plus_ms(-2 * COUNTED_OVER_MS);
    while forgetting.may_be_more(
        forgetting
            .chunk(move |c, most| Box::pin(async move { Ok((codes::forget(c, before, most).await?, ())) }))
            .await?
            .0,
    ) {}
    Ok(())
}

/// Whom a code is for.
#[derive(Clone, Debug)]
pub struct For {
    /// What it is for.
    pub purpose: Purpose,
    /// Where it goes: a mail address, a phone number in international form.
    pub address: String,
    /// Whose. Absent: the address is nobody's. The same is written as for somebody, so that a stranger cannot tell by the time.
    pub user: Option<UserId>,
}

/// A code that is under way.
#[derive(Clone, Copy, Debug)]
pub struct UnderWay {
    /// Until when it works.
    pub expires_at: Timestamp,
    /// From when on it may be asked for once more.
    pub again_at: Timestamp,
    /// The code, for whoever may be told.
    pub code: Code,
}

/// Sends a code, the one that works already where there is one. Whoever commits wakes the mailroom.
///
/// # Errors
/// 429 `too_many_codes` with the time to wait.
pub async fn send(
    app: &App,
    c: &mut Connection,
    to: &For,
    source: Source,
    now: Timestamp,
) -> Result<UnderWay, ApiError> {
    let For { purpose, address, user } = to;
    let purpose = *purpose;
    note_sending(c, purpose, address, source, now).await?;
    let known = codes::get(c, purpose, address, *user).await?.filter(|sent| sent.expires_at_ms > now.0);
    let nonce = known.map_or_else(|| new_secret(&*app.config.chance), |sent| sent.nonce);
    let expires_at = now.plus_ms(purpose.carrier().life_ms());
    let sent = codes::Sent { nonce, expires_at_ms: expires_at.0 };
    codes::put(c, purpose, address, *user, &sent).await?;
    let letter = Letter::Code { purpose: purpose.code().into() };
    mail::queue(c, To { user: *user, address }, &letter, Some(expires_at), now).await?;
    let code = digits::of(app, purpose, address, user.map_or(codes::NOBODY, |user| user.0), &sent.nonce);
    Ok(UnderWay { expires_at, again_at: now.plus_ms(BETWEEN_SENDINGS_MS), code })
}

/// Under which what a network address causes is held, whatever the codes are for.
const SOURCE_GATE: Purpose = Purpose::Email;

/// Counts one more sending to an address, which a network address causes. Of many at once each sees those before it.
///
/// # Errors
/// 429 `too_many_codes` with the time to wait.
pub async fn note_sending(
    c: &mut Connection,
    purpose: Purpose,
    address: &str,
    source: Source,
    now: Timestamp,
) -> Result<(), ApiError> {
    let source = source.to_string();
    codes::hold(c, purpose, address, now).await?;
    // And whatever the source causes elsewhere at the same moment. Always behind the address, so that two never wait for each other.
    // What it may cause is counted over all purposes, and so it is held under the same one always.
    codes::hold(c, SOURCE_GATE, &format!("from {source}"), now).await?;
    let sent = codes::sendings(c, purpose, address, &source, now).await?;
    may_send(&sent, purpose.carrier(), now).map_err(wait("Too many codes were asked for. Wait a while."))?;
    codes::note_sending(c, purpose, address, &source, now).await?;
    Ok(())
}

/// Counts one more try of a code, before it is looked at. Of many at once each sees those before it.
///
/// # Errors
/// 429 `too_many_tries` with the time to wait.
pub async fn note_try(
    c: &mut Connection,
    purpose: Purpose,
    counted: &str,
    stranger: bool,
    now: Timestamp,
) -> Result<(), ApiError> {
    codes::hold(c, purpose, counted, now).await?;
    let tries = codes::tries(c, purpose, counted, stranger, now).await?;
    may_try(&tries, now).map_err(|Wait { wait_ms }| {
        ApiError::too_many("too_many_tries", "Too many codes were tried. Wait a while.", wait_ms)
    })?;
    codes::note_try(c, purpose, counted, stranger, now).await?;
    Ok(())
}

impl UnderWay {
    /// As whoever may not see the code is told of it.
    pub fn told(&self, app: &App) -> CodeUnderWay {
        let by = if app.sends(Carrier::Mail) { "mail" } else { "administrator" };
        CodeUnderWay { expires_at: self.expires_at.into(), again_at: self.again_at.into(), by: by.into() }
    }
}

/// A code that was right, to be [used](use_up) in the transaction of what it opens.
#[derive(Clone, Debug)]
pub struct Proof {
    purpose: Purpose,
    address: String,
    user: UserId,
    nonce: String,
}

/// Looks whether a code is right, in a transaction of its own: the try counts, whatever becomes of the command. `stranger` says
/// that the try comes from a place that was never seen with the account.
///
/// # Errors
/// 422 `wrong_code`; 429 `too_many_tries` with the time to wait, which says nothing of the code.
pub async fn attempt(app: &App, to: &For, typed: &str, stranger: bool, now: Timestamp) -> Result<Proof, ApiError> {
    // What is no code at all is nobody's guess: a digit that was left out costs no try.
    let typed = Code::typed(typed).ok_or_else(wrong)?;
    let (shared, of) = (app.clone(), to.clone());
    let right = app
        .db
        .write::<Option<String>, ApiError, _>(move |c| {
            Box::pin(async move {
                let For { purpose, address, user } = &of;
                note_try(c, *purpose, &counted_as(&of), stranger, now).await?;
                let sent = codes::get(c, *purpose, address, *user).await?;
                let lives = sent.as_ref().is_some_and(|sent| sent.expires_at_ms > now.0);
                // The same work where there is none.
                let nonce = sent.map_or_else(String::new, |sent| sent.nonce);
                let code = digits::of(&shared, *purpose, address, user.map_or(codes::NOBODY, |user| user.0), &nonce);
                let same = bool::from(code.digits().ct_eq(typed.digits()));
                Ok(Committed::quiet((same && lives && user.is_some()).then_some(nonce)))
            })
        })
        .await?;
    match (right, to.user) {
        (Some(nonce), Some(user)) => Ok(Proof { purpose: to.purpose, address: to.address.clone(), user, nonce }),
        _ => Err(wrong()),
    }
}

/// What tries are counted of. A code for a number or an address that is to become somebody's is that person's own: whoever
/// tries theirs for the same one uses up nobody else's tries.
fn counted_as(of: &For) -> String {
    match (of.purpose, of.user) {
        (Purpose::Phone | Purpose::NewEmail, Some(user)) => format!("{} of {user}", of.address),
        _ => of.address.clone(),
    }
}

/// Uses a code up.
///
/// # Errors
/// 422 `wrong_code` where somebody else did meanwhile.
pub async fn use_up(c: &mut Connection, proof: &Proof) -> Result<(), ApiError> {
    let Proof { purpose, address, user, nonce } = proof;
    if codes::take(c, *purpose, address, *user, nonce).await? { Ok(()) } else { Err(wrong()) }
}

/// 422: it is not the code, or does not work any more.
pub fn wrong() -> ApiError {
    ApiError::field("wrong_code", "code", "The code is not right, or does not work any more.")
}

fn wait(words: &str) -> impl FnOnce(Wait) -> ApiError {
    move |Wait { wait_ms }| ApiError::too_many("too_many_codes", words, wait_ms)
}

#[derive(Deserialize)]
struct Look {
    #[serde(default)]
    reason: String,
}

/// Codes under way that this server cannot send, for administrators to pass on. Empty where it can. A code opens an account:
/// whose it is reads who saw it, and why.
#[utoipa::path(get, path = "/api/admin/codes", tag = "admin", params(("reason" = String, Query)),
    responses((status = 200, body = Data<Vec<CodeToTell>>), (status = 403, body = Refusal), (status = 422, body = Refusal)))]
async fn list_codes(
    State(app): State<App>,
    administrator: Administrator,
    Query(look): Query<Look>,
) -> Result<Json<Data<Vec<CodeToTell>>>, ApiError> {
    let reason = audit::reason(&look.reason)?;
    let (shared, now) = (app.clone(), app.now());
    let data = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                let mut seen = Vec::new();
                for live in codes::live(c, now).await? {
                    if shared.sends(live.purpose.carrier()) {
                        continue;
                    }
                    let Some(person) = people::get(c, live.user_id).await? else { continue };
                    let code = digits::of(&shared, live.purpose, &live.address, live.user_id.0, &live.nonce);
                    let purpose = live.purpose.code();
                    let act = Act {
                        action: "code.look",
                        subject: ("user", live.user_id.0),
                        about: &[live.user_id],
                        look: true,
                        reason: &reason,
                        detail: &written(&serde_json::json!({ "purpose": purpose }))?,
                    };
                    administrator.writes(c, &act, now).await?;
                    seen.push(CodeToTell {
                        user_id: live.user_id,
                        name: person.shown_name().to_owned(),
                        address: live.address,
                        purpose: purpose.into(),
                        code: code.to_string(),
                        expires_at: Timestamp(live.expires_at_ms).into(),
                    });
                }
                Ok(Committed::quiet(seen))
            })
        })
        .await?;
    Ok(Json(Data { data }))
}
