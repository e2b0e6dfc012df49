//! Two-step sign-in: turned on and off by its owner, and by administrators for whoever lost everything (the process:
//! `market::two_step`; what is shown at a sign-in: [`second_step`]).
//!
//! The secret is sealed with the key outside of the database, recovery codes are hashed with it, and no answer with either in it
//! is kept under a command's key: whoever missed one begins anew.

mod removal;
pub mod standing;
mod told;

use axum::{Json, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    rest::{Data, Refusal},
    two_step::{TwoStep, TwoStepAgain, TwoStepCode, TwoStepCodes, TwoStepSecret},
};
use guildhall_db::{Committed, Connection, Outgoing, deadlines, feed, people, two_steps, verifications};
use guildhall_market::{
    ids::UserId,
    time::Timestamp,
    two_step::{
        Action, RECOVERY_CHARS, RECOVERY_CODES, SECRET_BYTES, SETUP_LIFE_MS, State as Stands, StepRefusal,
        address as address_of, recovery_code, secret_text, step,
    },
    verification::Role,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    standing::{DEADLINES, SETUP, changed, off, shown, stands},
    told::{Told, tell},
};
use crate::{
    address::ClientAddress,
    app::App,
    credentials,
    deadlines::carry_out_due,
    email_change::may_be_taken_back,
    error::ApiError,
    feature::{Exported, Feature, Life},
    request::{Caller, Command},
    second_step::{self, SEALED_FOR, mark_of},
};

/// What it brings to the server.
pub const FEATURE: Feature =
    Feature { routes: Some(routes), deadlines: DEADLINES, life: Some(&LIFE), ..Feature::named("two-step sign-in") };

const LIFE: Life = Life {
    must_end: None,
    suspended: None,
    taken_back: Some(|c, user, since, now| Box::pin(end_since(c, user, since, now))),
    erase: Some(|c, user, _| {
        Box::pin(async move {
            off(c, user).await?;
            Ok(Vec::new())
        })
    }),
    // That it is on, and since when. What it is done with is no use to anybody but a thief.
    export: &[Exported {
        name: "two_step",
        title: "Two-step sign-in",
        page: |c, user, _| {
            Box::pin(async move {
                let shown = shown(c, user).await?;
                let row = serde_json::json!({
                    "state": shown.state, "since": shown.since, "recovery_codes_left": shown.codes_left,
                });
                Ok((vec![row], None))
            })
        },
    }],
};

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get, begin, turn_off))
        .routes(routes!(confirm))
        .routes(routes!(renew))
        .routes(routes!(removal::remove))
}

impl From<StepRefusal> for ApiError {
    fn from(refusal: StepRefusal) -> Self {
        match refusal {
            StepRefusal::Forbidden => Self::forbidden("This is for somebody else to do."),
            StepRefusal::WrongState(state) => {
                let words = match state {
                    Stands::None => "Two-step sign-in is off.",
                    Stands::SettingUp => "Two-step sign-in is being set up.",
                    Stands::On => "Two-step sign-in is on.",
                };
                let mut error = Self::new(StatusCode::CONFLICT, "wrong_state", words);
                error.stands(state.code());
                error
            }
        }
    }
}

async fn myself(app: &App, user: UserId) -> Result<people::User, ApiError> {
    people::get(&mut app.db.read().await?, user).await?.ok_or_else(ApiError::not_found)
}

/// How it stands for oneself.
#[utoipa::path(get, path = "/api/user/two-step", tag = "accounts", responses((status = 200, body = Data<TwoStep>)))]
async fn get(State(app): State<App>, caller: Caller) -> Result<Json<Data<TwoStep>>, ApiError> {
    carry_out_due(&app, DEADLINES, caller.user.0, app.now()).await?;
    Ok(Json(Data { data: shown(&mut app.db.read().await?, caller.user).await? }))
}

fn new_codes(app: &App) -> Vec<String> {
    let code = || {
        let mut bytes = [0; RECOVERY_CHARS];
        app.config.chance.fill(&mut bytes);
        recovery_code(&bytes)
    };
    std::iter::repeat_with(code).take(RECOVERY_CODES).collect()
}

fn marks(app: &App, user: UserId, codes: &[String]) -> Vec<String> {
    codes.iter().map(|code| mark_of(app, user, code)).collect()
}

/// Begins to set it up, for whoever shows the password: a secret for an app and recovery codes, told this once. Nothing changes
/// for signing in before the first code of the app was right.
#[utoipa::path(post, path = "/api/user/two-step", tag = "accounts", request_body = TwoStepAgain,
    responses((status = 200, body = Data<TwoStepSecret>), (status = 409, body = Refusal), (status = 422, body = Refusal),
        (status = 429, body = Refusal)))]
async fn begin(
    State(app): State<App>,
    caller: Caller,
    address: ClientAddress,
    command: Command<TwoStepAgain>,
) -> Result<Json<Data<TwoStepSecret>>, ApiError> {
    let (user, now) = (caller.user, command.once.arrived());
    carry_out_due(&app, DEADLINES, user.0, now).await?;
    step(stands(&mut app.db.read().await?, user).await?, Action::Begin, Role::Owner)?;
    let person = myself(&app, user).await?;
    let password = credentials::own(&app, (&caller, address), &person, command.body.password, "password").await?;
    let mut secret = [0; SECRET_BYTES];
    app.config.chance.fill(&mut secret);
    let sealed = app.vault.seal(SEALED_FOR, user.0, &secret, &*app.config.chance);
    let codes = new_codes(&app);
    let kept = marks(&app, user, &codes);
    app.db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                password.still(c).await?;
                let becomes = step(stands(c, user).await?, Action::Begin, Role::Owner)?.to;
                two_steps::put(c, user, becomes, &sealed, now).await?;
                two_steps::set_recovery(c, user, &kept, now).await?;
                deadlines::set(c, SETUP, user.0, now.plus_ms(SETUP_LIFE_MS)).await?;
                let told = changed(user, becomes, now)?.except(caller.socket.as_deref());
                Ok(Committed { value: (), events: feed::append(c, vec![told], now).await? })
            })
        })
        .await?;
    let data = TwoStepSecret {
        secret: secret_text(&secret),
        uri: address_of(&secret, &app.config.name, &person.email),
        codes,
        until: now.plus_ms(SETUP_LIFE_MS).into(),
    };
    Ok(Json(Data { data }))
}

/// Turns it on with the first code of the app. Other devices stay signed in.
#[utoipa::path(post, path = "/api/user/two-step/confirm", tag = "accounts", request_body = TwoStepCode,
    responses((status = 200, body = Data<TwoStep>), (status = 409, body = Refusal), (status = 422, body = Refusal),
        (status = 429, body = Refusal)))]
async fn confirm(
    State(app): State<App>,
    caller: Caller,
    address: ClientAddress,
    command: Command<TwoStepCode>,
) -> Result<Response, ApiError> {
    let (whole, actor, once) = (app.clone(), caller.user, command.once.clone());
    let work = async move {
        let (user, arrived) = (caller.user, command.once.arrived());
        carry_out_due(&app, DEADLINES, user.0, arrived).await?;
        step(stands(&mut app.db.read().await?, user).await?, Action::Confirm, Role::Owner)?;
        let proof = second_step::attempt_first(&app, user, &command.body.code, address, arrived).await?;
        let shared = app.clone();
        let answer = app
            .command(caller.session(), command.once, StatusCode::OK, move |c, now| {
                Box::pin(async move {
                    caller.session().hold(c).await?;
                    proof.use_up(c).await?;
                    let stored = two_steps::get(c, user).await?;
                    let state = stored.as_ref().map(|stored| stored.state).unwrap_or_default();
                    let becomes = step(state, Action::Confirm, Role::Owner)?.to;
                    let sealed = stored.map(|stored| stored.sealed).unwrap_or_default();
                    two_steps::put(c, user, becomes, &sealed, now).await?;
                    deadlines::clear(c, SETUP, user.0).await?;
                    let person = people::get(c, user).await?.ok_or_else(ApiError::not_found)?;
                    // Whoever had the password alone, a thief say, does not keep the owner out with it.
                    let reads = verifications::reads_letters_at(c, user, &person.email).await?;
                    let change = match reads {
                        true => Some(may_be_taken_back(&shared, c, (user, &person.email), now).await?),
                        false => None,
                    };
                    let place = address.source().to_string();
                    let mut told = tell(c, &person, Told::On(change), &place, now).await?;
                    told.push(changed(user, becomes, now)?.except(caller.socket.as_deref()));
                    let events = feed::append(c, told, now).await?;
                    Ok(Committed { value: Data { data: shown(c, user).await? }, events })
                })
            })
            .await?;
        app.mailroom.wake();
        Ok(answer)
    };
    whole.once(actor, &once, work).await
}

/// Turns it off, for whoever shows the password and a code; while it is being set up, the password is enough.
#[utoipa::path(delete, path = "/api/user/two-step", tag = "accounts", request_body = TwoStepAgain,
    responses((status = 200, body = Data<TwoStep>), (status = 409, body = Refusal), (status = 422, body = Refusal),
        (status = 429, body = Refusal)))]
async fn turn_off(
    State(app): State<App>,
    caller: Caller,
    address: ClientAddress,
    command: Command<TwoStepAgain>,
) -> Result<Response, ApiError> {
    let (whole, actor, once) = (app.clone(), caller.user, command.once.clone());
    let work = async move {
        let (user, arrived) = (caller.user, command.once.arrived());
        carry_out_due(&app, DEADLINES, user.0, arrived).await?;
        step(stands(&mut app.db.read().await?, user).await?, Action::TurnOff, Role::Owner)?;
        let person = myself(&app, user).await?;
        let TwoStepAgain { password, code } = command.body;
        let proof =
            credentials::again(&app, (&caller, address), &person, (password, "password"), code.as_deref()).await?;
        let answer = app
            .command(caller.session(), command.once, StatusCode::OK, move |c, now| {
                Box::pin(async move {
                    proof.use_up(c).await?;
                    let was = stands(c, user).await?;
                    let becomes = step(was, Action::TurnOff, Role::Owner)?.to;
                    off(c, user).await?;
                    let mut told = Vec::new();
                    if was == Stands::On {
                        told.extend(tell(c, &person, Told::Off, &address.source().to_string(), now).await?);
                    }
                    told.push(changed(user, becomes, now)?.except(caller.socket.as_deref()));
                    let events = feed::append(c, told, now).await?;
                    Ok(Committed { value: Data { data: shown(c, user).await? }, events })
                })
            })
            .await?;
        app.mailroom.wake();
        Ok(answer)
    };
    whole.once(actor, &once, work).await
}

/// Ends what was begun since a moment: whoever took the account back would meet a thief's own second step, and a thief would
/// have codes left that open it. What stood longer is the owner's, and stays.
async fn end_since(
    c: &mut Connection,
    user: UserId,
    since: Timestamp,
    now: Timestamp,
) -> Result<Vec<Outgoing>, ApiError> {
    let Some(stored) = two_steps::get(c, user).await?.filter(|stored| stored.state != Stands::None) else {
        return Ok(Vec::new());
    };
    let (stands, what) = if stored.since_ms >= since.0 {
        off(c, user).await?;
        (Stands::None, Told::TakenBack)
    } else if stored.codes_at_ms >= since.0 {
        two_steps::set_recovery(c, user, &[], now).await?;
        (stored.state, Told::CodesTakenBack)
    } else {
        return Ok(Vec::new());
    };
    let mut told = vec![changed(user, stands, now)?];
    if let Some(person) = people::get(c, user).await?.filter(|_| stored.state == Stands::On) {
        told.extend(tell(c, &person, what, "", now).await?);
    }
    Ok(feed::append(c, told, now).await?)
}

/// Other recovery codes, told this once, in the place of those that are there: for whoever shows the password and a code.
#[utoipa::path(post, path = "/api/user/two-step/codes", tag = "accounts", request_body = TwoStepAgain,
    responses((status = 200, body = Data<TwoStepCodes>), (status = 409, body = Refusal), (status = 422, body = Refusal),
        (status = 429, body = Refusal)))]
async fn renew(
    State(app): State<App>,
    caller: Caller,
    address: ClientAddress,
    command: Command<TwoStepAgain>,
) -> Result<Json<Data<TwoStepCodes>>, ApiError> {
    let (user, now) = (caller.user, command.once.arrived());
    step(stands(&mut app.db.read().await?, user).await?, Action::Renew, Role::Owner)?;
    let person = myself(&app, user).await?;
    let TwoStepAgain { password, code } = command.body;
    let proof = credentials::again(&app, (&caller, address), &person, (password, "password"), code.as_deref()).await?;
    let codes = new_codes(&app);
    let kept = marks(&app, user, &codes);
    app.db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                proof.use_up(c).await?;
                let becomes = step(stands(c, user).await?, Action::Renew, Role::Owner)?.to;
                two_steps::set_recovery(c, user, &kept, now).await?;
                let mut told = tell(c, &person, Told::Renewed, &address.source().to_string(), now).await?;
                told.push(changed(user, becomes, now)?.except(caller.socket.as_deref()));
                Ok(Committed { value: (), events: feed::append(c, told, now).await? })
            })
        })
        .await?;
    app.mailroom.wake();
    Ok(Json(Data { data: TwoStepCodes { codes } }))
}
