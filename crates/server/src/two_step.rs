//! Two-step sign-in: turned on and off by its owner, and by administrators for whoever lost everything (the process:
//! `market::two_step`; what is shown at a sign-in: [`second_step`]).
//!
//! The secret is sealed with the key outside of the database, recovery codes are hashed with it, and no answer with either in it
//! is kept under a command's key: whoever missed one begins anew.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    desk::DeskPerson,
    events::TWO_STEP_CHANGED,
    rest::{Data, Refusal},
    suspensions::ReasonBody,
    two_step::{TwoStep, TwoStepAgain, TwoStepChanged, TwoStepCode, TwoStepCodes, TwoStepSecret},
};
use guildhall_db::{
    Committed, Connection, Outgoing, audit::Act, deadlines, feed, notifications::NewNotification, people, suspensions,
    two_steps, verifications,
};
use guildhall_market::{
    ids::UserId,
    time::Timestamp,
    two_step::{
        Action, Asked, RECOVERY_CHARS, RECOVERY_CODES, REMOVAL_LIFE_MS, Removal, RemovalRefusal, SECRET_BYTES,
        SETUP_LIFE_MS, State as Stands, StepRefusal, address as address_of, recovery_code, removal, secret_text, step,
    },
    verification::Role,
};
use guildhall_words::{DEFAULT, written_in};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    address::ClientAddress,
    app::App,
    audit::{self, Administrator},
    credentials,
    deadlines::{Handler, carry_out_due},
    desk,
    error::{ApiError, written},
    feature::{Exported, Feature, Life},
    mail::{self, To, letters::Letter},
    notifications::notify,
    request::{Caller, Command, PathId},
    second_step::{self, SEALED_FOR, mark_of},
};

/// The type of the notice that it stands differently.
const CHANGED: &str = "account.two_step";
/// The type of the notice to administrators that one of them asks for it to be turned off.
const ASKED: &str = "account.two_step_asked";

/// The kind of [`LAPSES`], for what it does itself.
const SETUP: &str = "two_step_setup";

/// Setting it up took too long, by the person.
const LAPSES: Handler = Handler {
    kind: SETUP,
    carry_out: |c, _, deadline, now| Box::pin(end_setting_up(c, UserId(deadline.subject), now)),
};

/// Ends it where it was begun and not confirmed: it took too long, or there is another password than the one it was begun with.
///
/// # Errors
/// The database's.
pub async fn end_setting_up(c: &mut Connection, user: UserId, now: Timestamp) -> Result<Vec<Outgoing>, ApiError> {
    if step(stands(c, user).await?, Action::Lapse, Role::System).is_err() {
        return Ok(Vec::new());
    }
    off(c, user).await?;
    Ok(feed::append(c, vec![changed(user, Stands::None, now)?], now).await?)
}

/// Nobody confirmed what an administrator asked for, by the person.
const ASKED_IN_VAIN: Handler = Handler {
    kind: "two_step_removal",
    carry_out: |c, _, deadline, _| {
        Box::pin(async move {
            two_steps::ask_removal(c, UserId(deadline.subject), None).await?;
            Ok(Vec::new())
        })
    },
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    routes: Some(routes),
    deadlines: &[LAPSES, ASKED_IN_VAIN],
    life: Some(&LIFE),
    ..Feature::named("two-step sign-in")
};

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
        .routes(routes!(remove))
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

impl From<RemovalRefusal> for ApiError {
    fn from(refusal: RemovalRefusal) -> Self {
        match refusal {
            RemovalRefusal::Own => Self::forbidden(refusal.to_string()),
            RemovalRefusal::AskedAlready | RemovalRefusal::NobodyElse => {
                Self::new(StatusCode::CONFLICT, "wrong_state", refusal.to_string())
            }
        }
    }
}

async fn stands(c: &mut Connection, user: UserId) -> Result<Stands, ApiError> {
    Ok(two_steps::get(c, user).await?.map(|stored| stored.state).unwrap_or_default())
}

async fn shown(c: &mut Connection, user: UserId) -> Result<TwoStep, ApiError> {
    let stored = two_steps::get(c, user).await?;
    let state = stored.as_ref().map(|stored| stored.state).unwrap_or_default();
    let since = stored.map(|stored| Timestamp(stored.since_ms));
    let until = since.filter(|_| state == Stands::SettingUp).map(|since| since.plus_ms(SETUP_LIFE_MS));
    let codes_left = if state == Stands::On { two_steps::recovery_left(c, user).await? } else { 0 };
    Ok(TwoStep { state: state.code().into(), since: since.map(Into::into), until: until.map(Into::into), codes_left })
}

fn changed(user: UserId, state: Stands, now: Timestamp) -> Result<feed::Entry, ApiError> {
    let body = TwoStepChanged { state: state.code().into(), since: now.into() };
    Ok(feed::Entry::new(user, TWO_STEP_CHANGED, written(&body)?))
}

/// What became of it, as letters and notices name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    On,
    Off,
    Renewed,
    /// An administrator asks for it to be turned off, for this reason.
    Asked,
    /// Administrators turned it off, for this reason.
    Removed,
    /// It ended with the change of address that its owner took back.
    TakenBack,
    /// Its recovery codes did.
    CodesTakenBack,
}

impl Told {
    fn word(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Renewed => "renewed",
            Self::Asked => "asked",
            Self::Removed => "removed",
            Self::TakenBack => "taken_back",
            Self::CodesTakenBack => "codes_taken_back",
        }
    }
}

/// Tells somebody by notice and letter, as of new sign-ins. `what` is from where it was done, or the reason of an administrator.
async fn tell(
    c: &mut Connection,
    person: &people::User,
    told: Told,
    what: &str,
    now: Timestamp,
) -> Result<Vec<feed::Entry>, ApiError> {
    // To an address that nobody proved one could be made to write however often one likes.
    if verifications::standing(c, person.id).await?.email {
        let letter =
            Letter::TwoStep { name: person.name.clone(), what: told.word().into(), detail: what.into(), at_ms: now.0 };
        mail::queue(c, To { user: Some(person.id), address: &person.email }, &letter, None, now).await?;
    }
    let words = written_in(DEFAULT);
    let (title, body) = match told {
        Told::On => (words.two_step_notice_on(), words.two_step_notice_from(what)),
        Told::Off => (words.two_step_notice_off(), words.two_step_notice_from(what)),
        Told::Renewed => (words.two_step_notice_renewed(), words.two_step_notice_from(what)),
        Told::Asked => (words.two_step_notice_asked(), words.two_step_notice_asked_line(what)),
        Told::Removed => (words.two_step_notice_removed(), what.to_owned()),
        Told::TakenBack => (words.two_step_notice_taken_back(), words.two_step_notice_taken_back_line()),
        Told::CodesTakenBack => {
            (words.two_step_notice_codes_taken_back(), words.two_step_notice_codes_taken_back_line())
        }
    };
    let data = written(&serde_json::json!({ "two_step": told.word() }))?;
    let new = NewNotification {
        user: person.id,
        kind: CHANGED,
        subject: &format!("two_step:{}:{}", told.word(), now.0),
        version: 1,
        title: &title,
        body: &body,
        data: &data,
    };
    Ok(notify(c, &new, now).await?.into_iter().collect())
}

async fn myself(app: &App, user: UserId) -> Result<people::User, ApiError> {
    people::get(&mut app.db.read().await?, user).await?.ok_or_else(ApiError::not_found)
}

/// How it stands for oneself.
#[utoipa::path(get, path = "/api/user/two-step", tag = "accounts", responses((status = 200, body = Data<TwoStep>)))]
async fn get(State(app): State<App>, caller: Caller) -> Result<Json<Data<TwoStep>>, ApiError> {
    carry_out_due(&app, FEATURE.deadlines, caller.user.0, app.now()).await?;
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
    carry_out_due(&app, FEATURE.deadlines, user.0, now).await?;
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
    let (user, arrived) = (caller.user, command.once.arrived());
    if let Some(answer) = command.once.answered(&app.db, user, app.kept_at(arrived)).await? {
        return Ok(answer);
    }
    carry_out_due(&app, FEATURE.deadlines, user.0, arrived).await?;
    step(stands(&mut app.db.read().await?, user).await?, Action::Confirm, Role::Owner)?;
    let proof = second_step::attempt_first(&app, user, &command.body.code, address, arrived).await?;
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
                let mut told = tell(c, &person, Told::On, &address.source().to_string(), now).await?;
                told.push(changed(user, becomes, now)?.except(caller.socket.as_deref()));
                let events = feed::append(c, told, now).await?;
                Ok(Committed { value: Data { data: shown(c, user).await? }, events })
            })
        })
        .await?;
    app.mailroom.wake();
    Ok(answer)
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
    let (user, arrived) = (caller.user, command.once.arrived());
    if let Some(answer) = command.once.answered(&app.db, user, app.kept_at(arrived)).await? {
        return Ok(answer);
    }
    carry_out_due(&app, FEATURE.deadlines, user.0, arrived).await?;
    step(stands(&mut app.db.read().await?, user).await?, Action::TurnOff, Role::Owner)?;
    let person = myself(&app, user).await?;
    let TwoStepAgain { password, code } = command.body;
    let proof = credentials::again(&app, (&caller, address), &person, (password, "password"), code.as_deref()).await?;
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

/// Takes everything of it away.
async fn off(c: &mut Connection, user: UserId) -> Result<(), ApiError> {
    two_steps::clear(c, user).await?;
    deadlines::clear(c, SETUP, user.0).await?;
    deadlines::clear(c, ASKED_IN_VAIN.kind, user.0).await?;
    Ok(())
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

/// Tells the other administrators that one of them asks.
async fn tell_others(
    c: &mut Connection,
    administrator: &Administrator,
    others: &[UserId],
    person: &people::User,
    now: Timestamp,
) -> Result<Vec<feed::Entry>, ApiError> {
    let by = people::get(c, administrator.user).await?.ok_or_else(ApiError::unauthenticated)?;
    let words = written_in(DEFAULT);
    let (title, body) =
        (words.two_step_notice_confirm(person.shown_name()), words.two_step_notice_confirm_line(by.shown_name()));
    let mut told = Vec::new();
    for user in others {
        let data = written(&serde_json::json!({ "user_id": person.id }))?;
        let new = NewNotification {
            user: *user,
            kind: ASKED,
            subject: &format!("two_step:{}:{}", person.id, now.0),
            version: 1,
            title: &title,
            body: &body,
            data: &data,
        };
        told.extend(notify(c, &new, now).await?);
    }
    Ok(told)
}

/// Turns it off for somebody who has neither the app nor a recovery code. Where there is another administrator, one asks and
/// another confirms by asking as well, within a day; the person is told both times. For administrators.
#[utoipa::path(post, path = "/api/admin/users/{id}/two-step/off", tag = "admin", params(("id" = i64, Path)), request_body = ReasonBody,
    responses((status = 200, body = Data<DeskPerson>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
async fn remove(
    State(app): State<App>,
    administrator: Administrator,
    PathId(id): PathId<UserId>,
    command: Command<ReasonBody>,
) -> Result<Response, ApiError> {
    let reason = audit::reason(&command.body.reason)?;
    carry_out_due(&app, FEATURE.deadlines, id.0, command.once.arrived()).await?;
    let answer = app
        .command(administrator.session, command.once, StatusCode::OK, move |c, now| {
            Box::pin(async move {
                let administrators = suspensions::hold_administrators(c).await?;
                let person = people::get(c, id).await?.filter(|person| person.deleted_at_ms.is_none());
                let person = person.ok_or_else(ApiError::not_found)?;
                let stored = two_steps::get(c, id).await?;
                let state = stored.as_ref().map(|stored| stored.state).unwrap_or_default();
                let becomes = step(state, Action::Remove, Role::Admin)?.to;
                // Who asked and is none any more has no part in it.
                let asked = stored.and_then(|stored| stored.asked()).filter(|asked| administrators.contains(&asked.by));
                let others: Vec<UserId> =
                    administrators.into_iter().filter(|other| ![id, administrator.user].contains(other)).collect();
                let lately = suspensions::administrators_suspended_since(c, now.plus_ms(-REMOVAL_LIFE_MS)).await?;
                let kept_out = lately.into_iter().filter(|other| *other != id).count();
                let of = (id, person.role == guildhall_market::accounts::Role::Admin);
                let act = |action, detail| Act {
                    action,
                    subject: ("user", id.0),
                    about: std::slice::from_ref(&id),
                    look: false,
                    reason: &reason,
                    detail,
                };
                let told = match removal(of, administrator.user, others.len() + kept_out, asked, now)? {
                    Removal::Waits => {
                        two_steps::ask_removal(c, id, Some(Asked { by: administrator.user, at: now })).await?;
                        deadlines::set(c, ASKED_IN_VAIN.kind, id.0, now.plus_ms(REMOVAL_LIFE_MS)).await?;
                        administrator.writes(c, &act("user.two_step_ask", "{}"), now).await?;
                        let mut told = tell(c, &person, Told::Asked, &reason, now).await?;
                        told.extend(tell_others(c, &administrator, &others, &person, now).await?);
                        told
                    }
                    Removal::Done => {
                        let detail = written(&serde_json::json!({
                            "before": state.code(), "after": becomes.code(), "asked_by": asked.map(|asked| asked.by),
                        }))?;
                        administrator.writes(c, &act("user.two_step_off", &detail), now).await?;
                        off(c, id).await?;
                        let mut told = tell(c, &person, Told::Removed, &reason, now).await?;
                        told.push(changed(id, becomes, now)?);
                        told
                    }
                };
                let events = feed::append(c, told, now).await?;
                Ok(Committed { value: Data { data: desk::person(c, id).await? }, events })
            })
        })
        .await?;
    app.mailroom.wake();
    Ok(answer)
}
