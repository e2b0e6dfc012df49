//! How two-step sign-in stands for somebody, and what becomes of it by itself.

use guildhall_contract::{
    events::TWO_STEP_CHANGED,
    two_step::{TwoStep, TwoStepChanged},
};
use guildhall_db::{Connection, Outgoing, deadlines, feed, two_steps};
use guildhall_market::{
    ids::UserId,
    time::Timestamp,
    two_step::{Action, SETUP_LIFE_MS, State as Stands, step},
    verification::Role,
};

use crate::{
    deadlines::Handler,
    error::{ApiError, written},
};

/// All that happens by itself.
pub const DEADLINES: &[Handler] = &[LAPSES, ASKED_IN_VAIN];

/// The kind of [`LAPSES`], for what it does itself.
pub const SETUP: &str = "two_step_setup";

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
pub const ASKED_IN_VAIN: Handler = Handler {
    kind: "two_step_removal",
    carry_out: |c, _, deadline, _| {
        Box::pin(async move {
            two_steps::ask_removal(c, UserId(deadline.subject), None).await?;
            Ok(Vec::new())
        })
    },
};

/// How it stands.
///
/// # Errors
/// The database's.
pub async fn stands(c: &mut Connection, user: UserId) -> Result<Stands, ApiError> {
    Ok(two_steps::get(c, user).await?.map(|stored| stored.state).unwrap_or_default())
}

/// How it stands, as its owner sees it.
///
/// # Errors
/// The database's.
pub async fn shown(c: &mut Connection, user: UserId) -> Result<TwoStep, ApiError> {
    let stored = two_steps::get(c, user).await?;
    let state = stored.as_ref().map(|stored| stored.state).unwrap_or_default();
    let since = stored.map(|stored| Timestamp(stored.since_ms));
    let until = since.filter(|_| state == Stands::SettingUp).map(|since| since.plus_ms(SETUP_LIFE_MS));
    let codes_left = if state == Stands::On { two_steps::recovery_left(c, user).await? } else { 0 };
    Ok(TwoStep { state: state.code().into(), since: since.map(Into::into), until: until.map(Into::into), codes_left })
}

/// What the person's devices are told of how it stands.
///
/// # Errors
/// None that is known.
pub fn changed(user: UserId, state: Stands, now: Timestamp) -> Result<feed::Entry, ApiError> {
    let body = TwoStepChanged { state: state.code().into(), since: now.into() };
    Ok(feed::Entry::new(user, TWO_STEP_CHANGED, written(&body)?))
}

/// Takes everything of it away.
///
/// # Errors
/// The database's.
pub async fn off(c: &mut Connection, user: UserId) -> Result<(), ApiError> {
    two_steps::clear(c, user).await?;
    deadlines::clear(c, SETUP, user.0).await?;
    deadlines::clear(c, ASKED_IN_VAIN.kind, user.0).await?;
    Ok(())
}
