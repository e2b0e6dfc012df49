//! The mail address of an account changes.
//!
//! The new one is proved first, and whoever reads the old one is told, with a code by which they take it back for 72 hours:
//! with it goes a new password, and every device is signed out, for whoever changed it knew the one of before. As long as
//! that may happen the old address is nobody else's. All of this only where the old one was proved: a mistyped one is a
//! stranger's, who is sent nothing and could otherwise take the account.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    email_changes::{EmailBody, EmailConfirmBody},
    passwords::CodeUnderWay,
    rest::{Data, Refusal},
    sessions::OwnUser,
};
use guildhall_db::{
    Committed, Connection, codes as stored_codes, deadlines, email_changes, feed, people, verifications,
};
use guildhall_market::{
    accounts::clean_email,
    codes::{Purpose, Wait, may_try},
    email_changes::{UNDO_MS, typed_undo_code},
    ids::UserId,
    time::Timestamp,
    verification::{Kind, State as Stands},
};
use guildhall_words::{DEFAULT, written_in};
use subtle::ConstantTimeEq;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    address::ClientAddress,
    app::App,
    codes::{self, For},
    credentials,
    deadlines::Handler,
    digits::undo_code,
    error::ApiError,
    feature::{Feature, Life},
    mail::{
        self, To,
        letters::{Letter, moment},
    },
    render,
    request::{Caller, Command},
    secrets::new_secret,
    verifications::becomes,
};

/// From then on a change stands, by its number.
const STANDS: Handler = Handler {
    kind: "email_change",
    carry_out: |c, _, deadline, _| {
        Box::pin(async move {
            email_changes::forget(c, deadline.subject).await?;
            Ok(Vec::new())
        })
    },
};

/// What it brings to the server.
pub const FEATURE: Feature =
    Feature { routes: Some(routes), deadlines: &[STANDS], life: Some(&LIFE), ..Feature::named("email change") };

/// What can be taken back goes with the account: a thief who moved it would end it next.
const LIFE: Life = Life {
    must_end: Some(|c, user, now| {
        Box::pin(async move {
            let words = written_in(DEFAULT);
            let changes = email_changes::of(c, user, now).await?;
            let until = |change: &email_changes::EmailChange| moment(Timestamp(change.changed_at_ms).plus_ms(UNDO_MS));
            let address = people::get(c, user).await?.map(|user| user.email).unwrap_or_default();
            // Whoever reads the address that the account has is asked nothing: nobody moved it away from them.
            let away = changes.iter().filter(|change| change.old_email != address);
            Ok(away.map(|change| words.departures_first_address(&change.old_email, &until(change))).collect())
        })
    }),
    suspended: None,
    taken_back: None,
    erase: None,
    export: &[],
};

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ask)).routes(routes!(confirm))
}

/// Whether an address is kept for somebody who may still take a change back.
///
/// # Errors
/// The database's.
pub async fn is_kept(
    c: &mut Connection,
    email: &str,
    except: Option<UserId>,
    now: Timestamp,
) -> Result<bool, ApiError> {
    Ok(email_changes::of_old(c, email, now).await?.iter().any(|change| Some(change.user_id) != except))
}

/// Asks for a code to the address that is to become the account's. Says the same where it is somebody else's already.
#[utoipa::path(post, path = "/api/user/email", tag = "accounts", request_body = EmailBody,
    responses((status = 200, body = Data<CodeUnderWay>), (status = 422, body = Refusal), (status = 429, body = Refusal)))]
async fn ask(
    State(app): State<App>,
    caller: Caller,
    address: ClientAddress,
    command: Command<EmailBody>,
) -> Result<Json<Data<CodeUnderWay>>, ApiError> {
    let (user, now) = (caller.user, command.once.arrived());
    let EmailBody { email, password, code } = command.body;
    let email = clean_email(&email)?;
    let mut connection = app.db.read().await?;
    let person = people::get(&mut connection, user).await?.ok_or_else(ApiError::not_found)?;
    if person.email == email {
        return Err(ApiError::field("invalid", "email", "This is the address of the account already."));
    }
    drop(connection);
    let proof = credentials::again(&app, (&caller, address), &person, (password, "password"), code.as_deref()).await?;
    let shared = app.clone();
    let sent = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                proof.use_up(c).await?;
                let to = For { purpose: Purpose::NewEmail, address: email, user: Some(user) };
                Ok(Committed::quiet(codes::send(&shared, c, &to, address.source(), now).await?))
            })
        })
        .await?;
    app.mailroom.wake();
    Ok(Json(Data { data: sent.told(&app) }))
}

/// Gives that code: the account has the address from then on, and a letter to the old one says so, if that was proved.
#[utoipa::path(post, path = "/api/user/email/confirm", tag = "accounts", request_body = EmailConfirmBody,
    responses((status = 200, body = Data<OwnUser>), (status = 422, body = Refusal), (status = 429, body = Refusal)))]
async fn confirm(
    State(app): State<App>,
    caller: Caller,
    address: ClientAddress,
    command: Command<EmailConfirmBody>,
) -> Result<Response, ApiError> {
    let (whole, actor, once) = (app.clone(), caller.user, command.once.clone());
    let work = async move {
        let (user, arrived) = (caller.user, command.once.arrived());
        let EmailConfirmBody { email, code } = command.body;
        let email = clean_email(&email)?;
        let to = For { purpose: Purpose::NewEmail, address: email.clone(), user: Some(user) };
        let proof = codes::attempt(&app, &to, &code, false, arrived).await?;
        let shared = app.clone();
        let answer = app
            .command_that_looks(caller.session(), command.once, StatusCode::OK, move |c, now| {
                Box::pin(async move {
                    // Of two changes at once the second sees which address the first left proved, and one that was taken back
                    // has no code any more. Alone: an address is a key of the row, which nobody else may share while it changes.
                    people::hold_for_the_end(c, user).await?;
                    caller.session().still(c).await?;
                    codes::use_up(c, &proof).await?;
                    let before = people::get(c, user).await?.ok_or_else(ApiError::not_found)?;
                    // Told to whoever reads its letters, and to nobody else.
                    if is_kept(c, &email, Some(user), now).await? {
                        return Err(people::CreateError::EmailTaken.into());
                    }
                    // Whoever goes back to an address that may take the account back anyway takes it back: the one in between is a
                    // thief's as likely as not, and gets no code that undoes that.
                    let goes_back =
                        email_changes::of(c, user, now).await?.iter().any(|change| change.old_email == email);
                    let may_undo = !goes_back && verifications::reads_letters_at(c, user, &before.email).await?;
                    people::set_email(c, user, &email).await?;
                    // A code to the old address opens nothing any more.
                    stored_codes::clear(c, Purpose::Password, user).await?;
                    if may_undo {
                        let id = may_be_taken_back(&shared, c, (user, &before.email), now).await?;
                        let letter = Letter::EmailChanged {
                            name: before.name.clone(),
                            new: email.clone(),
                            change: id,
                            at_ms: now.0,
                            place: address.source().to_string(),
                        };
                        mail::queue(c, To { user: Some(user), address: &before.email }, &letter, None, now).await?;
                    }
                    let put = verifications::Put {
                        user,
                        kind: Kind::Email,
                        slot: "",
                        value: &email,
                        state: Stands::Verified,
                        reason: None,
                    };
                    let (_, entry) = becomes(c, &put, now).await?;
                    let events = feed::append(c, vec![entry], now).await?;
                    let after = people::get(c, user).await?.ok_or_else(ApiError::not_found)?;
                    let data = OwnUser { user: render::user(&after), email: after.email };
                    Ok(Committed { value: Data { data }, events })
                })
            })
            .await?;
        app.mailroom.wake();
        Ok(answer)
    };
    whole.once(actor, &once, work).await
}

/// Whoever reads this address may take the account back from now on, for 72 hours, with the code of the change that is noted here.
///
/// # Errors
/// The database's.
pub async fn may_be_taken_back(
    app: &App,
    c: &mut Connection,
    (user, address): (UserId, &str),
    now: Timestamp,
) -> Result<i64, ApiError> {
    let nonce = new_secret(&*app.config.chance);
    let id = email_changes::add(c, user, address, &nonce, now).await?;
    deadlines::set(c, STANDS.kind, id, now.plus_ms(UNDO_MS)).await?;
    Ok(id)
}

/// A change that somebody who reads the old address may take back.
#[derive(Clone, Debug)]
pub struct Undo(email_changes::EmailChange);

impl Undo {
    /// Whose account it is.
    pub fn user(&self) -> UserId {
        self.0.user_id
    }

    /// When the account was given another address.
    pub fn changed_at(&self) -> Timestamp {
        Timestamp(self.0.changed_at_ms)
    }
}

/// Looks whether the code takes a change away from this address back, in a transaction of its own: the try counts. `None` where
/// it is no such code at all.
///
/// # Errors
/// 422 `wrong_code`; 429 `too_many_tries`.
pub async fn attempt_undo(app: &App, old_email: &str, typed: &str, now: Timestamp) -> Result<Option<Undo>, ApiError> {
    let Some(typed) = typed_undo_code(typed) else { return Ok(None) };
    let (shared, old_email) = (app.clone(), old_email.to_owned());
    let found = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                let mut right = None;
                for change in email_changes::of_old(c, &old_email, now).await? {
                    let code = undo_code(&shared, &change).replace('-', "");
                    if bool::from(code.as_bytes().ct_eq(typed.as_bytes())) {
                        right = Some(Undo(change));
                    }
                }
                // Nobody guesses one of 80 bits: what is counted are wrong ones, or a stranger who tries ten an hour would keep
                // the owner out.
                if right.is_none() {
                    stored_codes::hold(c, Purpose::Undo, &old_email, now).await?;
                    let tries = stored_codes::tries(c, Purpose::Undo, &old_email, true, now).await?;
                    may_try(&tries, now).map_err(|Wait { wait_ms }| {
                        ApiError::too_many("too_many_tries", "Too many codes were tried. Wait a while.", wait_ms)
                    })?;
                    stored_codes::note_try(c, Purpose::Undo, &old_email, true, now).await?;
                }
                Ok(Committed::quiet(right))
            })
        })
        .await?;
    found.map(Some).ok_or_else(codes::wrong)
}

/// Takes the change back, with all that came after it: the account has the old address again, which its letter proved.
///
/// # Errors
/// 422 `wrong_code` where somebody did meanwhile; the database's.
pub async fn undo(c: &mut Connection, undo: &Undo, now: Timestamp) -> Result<Vec<guildhall_db::Outgoing>, ApiError> {
    let change = &undo.0;
    people::hold_for_the_end(c, change.user_id).await?;
    if !email_changes::take_from(c, change).await? {
        return Err(codes::wrong());
    }
    deadlines::clear(c, STANDS.kind, change.id).await?;
    people::set_email(c, change.user_id, &change.old_email).await?;
    let put = verifications::Put {
        user: change.user_id,
        kind: Kind::Email,
        slot: "",
        value: &change.old_email,
        state: Stands::Verified,
        reason: None,
    };
    let (_, entry) = becomes(c, &put, now).await?;
    Ok(feed::append(c, vec![entry], now).await?)
}
