//! One's own password: changing it, and choosing a new one when it is forgotten.
//!
//! Whoever asks for somebody's address learns nothing of whether there is an account: the same is looked up and written for
//! one that is nobody's, and the same is answered.

use axum::{Extension, Json, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    passwords::{CodeUnderWay, ForgotBody, PasswordPut, ResetBody},
    rest::{Data, Refusal},
};
use guildhall_db::{
    Committed, Connection, Outgoing, codes as stored_codes, feed, mails, people, sign_ins, tokens,
    verifications as stored_verifications,
};
use guildhall_market::{
    accounts::{AccountRefusal, check_new_password, clean_email},
    codes::Purpose,
    email_changes::UNDO_MS,
    ids::{TokenId, UserId},
    time::Timestamp,
    verification::{Kind, State as Stands},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    address::ClientAddress,
    app::App,
    codes::{self, For},
    credentials,
    email_change::{self, Undo},
    error::ApiError,
    feature::{Feature, Features},
    mail::{self, To, letters::Letter},
    request::{Caller, Command},
    two_step::standing::end_setting_up,
    verifications::becomes,
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), ..Feature::named("own password") };

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(change)).routes(routes!(forgot)).routes(routes!(reset))
}

/// Keeps a new password, ends what was begun under the one of before and the other tokens, and writes the letter that says so,
/// where somebody is known to read it: to any other address one could be made to write whatever and however often one likes.
/// Answers with the tokens that ended: whoever commits closes their sockets.
async fn set(
    c: &mut Connection,
    person: (UserId, &str, &str),
    password_hash: &str,
    except: Option<TokenId>,
    place: &str,
    now: Timestamp,
) -> Result<(Vec<TokenId>, Vec<Outgoing>), ApiError> {
    let (user, name, email) = person;
    people::set_password(c, user, password_hash).await?;
    for purpose in [Purpose::NewEmail, Purpose::PayoutAccount] {
        stored_codes::clear(c, purpose, user).await?;
    }
    let events = end_setting_up(c, user, now).await?;
    if stored_verifications::standing(c, user).await?.email {
        let letter = Letter::PasswordChanged { name: name.to_owned(), at_ms: now.0, place: place.to_owned() };
        mail::queue(c, To { user: Some(user), address: email }, &letter, None, now).await?;
    }
    Ok((tokens::revoke_others(c, user, except, now).await?, events))
}

/// Changes one's password. All other devices are signed out, and a letter says so.
#[utoipa::path(put, path = "/api/user/password", tag = "accounts", request_body = PasswordPut,
    responses((status = 204), (status = 422, body = Refusal), (status = 429, body = Refusal)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    address: ClientAddress,
    command: Command<PasswordPut>,
) -> Result<Response, ApiError> {
    let (whole, actor, once) = (app.clone(), caller.user, command.once.clone());
    let work = async move {
        let user = caller.user;
        let PasswordPut { old, new, code } = command.body;
        let mut connection = app.db.read().await?;
        let person = people::get(&mut connection, user).await?.ok_or_else(ApiError::not_found)?;
        drop(connection);
        check_new_password(&new, &person.name, &person.email)
            .map_err(|refusal: AccountRefusal| ApiError::from(refusal).on_field("new"))?;
        let proof = credentials::again(&app, (&caller, address), &person, (old, "old"), code.as_deref()).await?;
        let hash = app.passwords.hash(address.source(), new).await?;
        let (ended, noted) = tokio::sync::mpsc::unbounded_channel();
        let answer = app
            .command(caller.session(), command.once, StatusCode::NO_CONTENT, move |c, now| {
                Box::pin(async move {
                    proof.use_up(c).await?;
                    let place = address.source().to_string();
                    let whose = (user, person.name.as_str(), person.email.as_str());
                    let (tokens, events) = set(c, whose, &hash, Some(caller.token), &place, now).await?;
                    for token in tokens {
                        let _ = ended.send(token);
                    }
                    Ok(Committed { value: (), events })
                })
            })
            .await?;
        end_sockets(&app, noted);
        Ok(answer)
    };
    whole.once(actor, &once, work).await
}

/// Closes what was open with tokens that ended.
fn end_sockets(app: &App, mut ended: tokio::sync::mpsc::UnboundedReceiver<TokenId>) {
    while let Ok(token) = ended.try_recv() {
        app.hub.close_token(token);
    }
    app.mailroom.wake();
}

/// Sends a code with which a new password can be chosen to an address, if it is an account's. Says the same if it is not.
#[utoipa::path(post, path = "/api/password/forgot", tag = "accounts", request_body = ForgotBody,
    responses((status = 200, body = Data<CodeUnderWay>), (status = 422, body = Refusal), (status = 429, body = Refusal)))]
async fn forgot(
    State(app): State<App>,
    address: ClientAddress,
    command: Command<ForgotBody>,
) -> Result<Json<Data<CodeUnderWay>>, ApiError> {
    let email = clean_email(&command.body.email)?;
    let (shared, now) = (app.clone(), command.once.arrived());
    let sent = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                let user = people::by_email(c, &email).await?.map(|(user, _)| user);
                let to = For { purpose: Purpose::Password, address: email, user };
                Ok(Committed::quiet(codes::send(&shared, c, &to, address.source(), now).await?))
            })
        })
        .await?;
    app.mailroom.wake();
    Ok(Json(Data { data: sent.told(&app) }))
}

/// Chooses a new password with the code. All devices are signed out, and a letter says so. The code of a letter that says that the
/// account has another address takes that back as well; then `email` is the one of before.
#[utoipa::path(post, path = "/api/password/reset", tag = "accounts", request_body = ResetBody,
    responses((status = 204), (status = 422, body = Refusal), (status = 429, body = Refusal)))]
async fn reset(
    State(app): State<App>,
    Extension(features): Extension<Features>,
    address: ClientAddress,
    command: Command<ResetBody>,
) -> Result<StatusCode, ApiError> {
    let ResetBody { email, code, password } = command.body;
    let email = clean_email(&email)?;
    let (now, place) = (command.once.arrived(), address.source().to_string());
    let mut connection = app.db.read().await?;
    let found = people::by_email(&mut connection, &email).await?;
    let (user, name) = found.map_or((None, String::new()), |(user, name)| (Some(user), name));
    // Not with their name: that of an account, refused for it, would tell that there is one.
    check_new_password(&password, "", &email)?;
    let stranger = !sign_ins::was_here(&mut connection, user.unwrap_or(UserId(stored_codes::NOBODY)), &place).await?;
    drop(connection);
    if let Some(back) = email_change::attempt_undo(&app, &email, &code, now).await? {
        return take_back((app, features), address, (back, email), password, now).await;
    }
    let to = For { purpose: Purpose::Password, address: email.clone(), user };
    let proof = codes::attempt(&app, &to, &code, stranger, now).await?;
    // Only for a code that was right, and so for an account that is there.
    let user = user.ok_or_else(ApiError::broken)?;
    let hash = app.passwords.hash(address.source(), password).await?;
    let ended = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                people::hold(c, user).await?;
                codes::use_up(c, &proof).await?;
                // Nobody goes on with what was begun under the password of before.
                stored_codes::clear_all(c, user).await?;
                // Whoever has the code reads the letters.
                let mut events = Vec::new();
                if !stored_verifications::standing(c, user).await?.email {
                    let put = stored_verifications::Put {
                        user,
                        kind: Kind::Email,
                        slot: "",
                        value: &email,
                        state: Stands::Verified,
                        reason: None,
                    };
                    let (_, entry) = becomes(c, &put, now).await?;
                    events = feed::append(c, vec![entry], now).await?;
                }
                let (value, ended) = set(c, (user, &name, &email), &hash, None, &place, now).await?;
                events.extend(ended);
                Ok(Committed { value, events })
            })
        })
        .await?;
    for token in ended {
        app.hub.close_token(token);
    }
    app.mailroom.wake();
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a change of address back, with a new password, and with it what was set up in the owner's name since shortly before:
/// a thief begins with what keeps the owner out.
async fn take_back(
    (app, features): (App, Features),
    address: ClientAddress,
    (back, email): (Undo, String),
    password: String,
    now: Timestamp,
) -> Result<StatusCode, ApiError> {
    let hash = app.passwords.hash(address.source(), password).await?;
    let place = address.source().to_string();
    let ended = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                let mut events = email_change::undo(c, &back, now).await?;
                stored_codes::clear_all(c, back.user()).await?;
                mails::take_back_elsewhere(c, back.user(), &email).await?;
                let since = back.changed_at().plus_ms(-UNDO_MS);
                for taken_back in features.lives().filter_map(|life| life.taken_back) {
                    events.extend(taken_back(c, back.user(), since, now).await?);
                }
                let person = people::get(c, back.user()).await?.ok_or_else(ApiError::not_found)?;
                let (value, ended) = set(c, (person.id, &person.name, &email), &hash, None, &place, now).await?;
                events.extend(ended);
                Ok(Committed { value, events })
            })
        })
        .await?;
    for token in ended {
        app.hub.close_token(token);
    }
    app.mailroom.wake();
    Ok(StatusCode::NO_CONTENT)
}
