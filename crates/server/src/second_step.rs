//! The second step of a sign-in, and of what asks for the password once more: a code of an app, or a recovery code (the rules:
//! `market::two_step`).
//!
//! A code is looked at in a transaction of its own, so that a wrong one counts whatever becomes of the command, and used up in
//! the transaction of what it opens: of two that show the same one at the same moment, one is let in.

use guildhall_db::{Committed, Connection, codes as stored_codes, people, sign_ins, two_steps};
use guildhall_market::{
    codes::{Purpose, Wait, may_try},
    ids::UserId,
    time::Timestamp,
    two_step::{SECRET_BYTES, State, Typed, step_of, typed, used_before},
};

use crate::{address::ClientAddress, app::App, error::ApiError};

/// What secrets are sealed for.
pub const SEALED_FOR: &str = "two-step";

/// What was shown, to be [used up](Proof::use_up) in the transaction of what it opens.
#[derive(Clone, Debug)]
#[must_use = "a code that is not used up opens things again"]
pub struct Proof {
    user: UserId,
    what: What,
    at: Timestamp,
}

#[derive(Clone, Debug)]
enum What {
    /// It is not on: the password was enough.
    Nothing,
    /// The code of a half minute, by the secret as it was kept then.
    Step(i64, String),
    /// A recovery code, hashed.
    Recovery(String),
}

impl Proof {
    /// Uses it up. The person is held from then on: what the two steps are is what they stay until the commit.
    ///
    /// # Errors
    /// 422 `two_step_wrong` where somebody else did meanwhile, `two_step_required` where it was turned on meanwhile.
    pub async fn use_up(&self, c: &mut Connection) -> Result<(), ApiError> {
        people::hold(c, self.user).await?;
        let stored = two_steps::get(c, self.user).await?;
        let state = stored.as_ref().map(|stored| stored.state).unwrap_or_default();
        let done = match &self.what {
            What::Nothing if state == State::On => return Err(required()),
            What::Nothing => return Ok(()),
            // The code of another secret proves nothing of this one.
            What::Step(_, sealed) if stored.is_none_or(|stored| stored.sealed != *sealed) => false,
            What::Step(step, _) => two_steps::use_step(c, self.user, *step, used_before(self.at)).await?,
            What::Recovery(mark) => two_steps::use_recovery(c, self.user, mark).await?,
        };
        if !done {
            return Err(wrong());
        }
        // Who has the app or a code has not lost everything.
        Ok(two_steps::ask_removal(c, self.user, None).await?)
    }
}

/// 422: the password was right, and a code is needed beside it.
pub fn required() -> ApiError {
    ApiError::field(
        "two_step_required",
        "code",
        "Two-step sign-in is on: a code of the app is needed, or a recovery code.",
    )
}

/// 422: it is no code that works now. The same for one that was never right and one that was used.
pub fn wrong() -> ApiError {
    let words = "The code is not right, or was used already. Each works once: wait for the next one.";
    ApiError::field("two_step_wrong", "code", words)
}

/// A recovery code as it is kept: hashed with the key outside of the database.
pub fn mark_of(app: &App, user: UserId, code: &str) -> String {
    hex::encode(app.vault.mark("recovery code", &[&user.0.to_be_bytes(), code.replace('-', "").as_bytes()]))
}

/// The secret of somebody. `None` where the key that it was sealed with is gone: then no code is right.
pub fn secret_of(app: &App, stored: &two_steps::TwoStep) -> Option<[u8; SECRET_BYTES]> {
    app.vault.open_sealed(SEALED_FOR, stored.user_id.0, &stored.sealed)?.try_into().ok()
}

/// Looks at what somebody shows beside the password, which was right. Where two-step sign-in is not on, nothing is needed.
///
/// # Errors
/// 422 `two_step_required` for nothing, `two_step_wrong`; 429 `too_many_tries` with the time to wait.
pub async fn attempt(
    app: &App,
    user: UserId,
    code: Option<&str>,
    address: ClientAddress,
    now: Timestamp,
) -> Result<Proof, ApiError> {
    let state = two_steps::get(&mut app.db.read().await?, user).await?.map(|stored| stored.state).unwrap_or_default();
    if state != State::On {
        return Ok(Proof { user, what: What::Nothing, at: now });
    }
    look_at(app, user, State::On, code.ok_or_else(required)?, address, now).await
}

/// Looks at the first code of somebody who sets it up.
///
/// # Errors
/// 422 `two_step_wrong`, 429 `too_many_tries`.
pub async fn attempt_first(
    app: &App,
    user: UserId,
    code: &str,
    address: ClientAddress,
    now: Timestamp,
) -> Result<Proof, ApiError> {
    look_at(app, user, State::SettingUp, code, address, now).await
}

async fn look_at(
    app: &App,
    user: UserId,
    wanted: State,
    code: &str,
    address: ClientAddress,
    now: Timestamp,
) -> Result<Proof, ApiError> {
    // What is no code at all is nobody's guess: a digit that was left out costs no try.
    let typed = typed(code).ok_or_else(wrong)?;
    let (shared, place) = (app.clone(), address.source().to_string());
    let what = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                // The account, whatever address it has.
                let of = format!("user {user}");
                let stranger = !sign_ins::was_here(c, user, &place).await?;
                stored_codes::hold(c, Purpose::SecondStep, &of, now).await?;
                let tries = stored_codes::tries(c, Purpose::SecondStep, &of, stranger, now).await?;
                may_try(&tries, now).map_err(|Wait { wait_ms }| {
                    ApiError::too_many("too_many_tries", "Too many codes were tried. Wait a while.", wait_ms)
                })?;
                let stored = two_steps::get(c, user).await?.filter(|stored| stored.state == wanted);
                let what = match (stored, typed) {
                    (Some(stored), Typed::Code(code)) => {
                        let step = secret_of(&shared, &stored).and_then(|secret| step_of(&secret, &code, now));
                        match step {
                            Some(step) if !two_steps::was_used(c, user, step).await? => {
                                Some(What::Step(step, stored.sealed))
                            }
                            _ => None,
                        }
                    }
                    // They count once it is on.
                    (Some(_), Typed::Recovery(code)) if wanted == State::On => {
                        let mark = mark_of(&shared, user, &code);
                        two_steps::has_recovery(c, user, &mark).await?.then_some(What::Recovery(mark))
                    }
                    _ => None,
                };
                if what.is_none() {
                    stored_codes::note_try(c, Purpose::SecondStep, &of, stranger, now).await?;
                }
                Ok(Committed::quiet(what))
            })
        })
        .await?;
    what.map(|what| Proof { user, what, at: now }).ok_or_else(wrong)
}
