//! Naming a bank account: password, code, whose it is, whether that is the person here, and telling everybody who should know.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    payout_accounts::{PayoutAccount, PayoutAccountBody, PayoutCode, PayoutCodeBody},
    rest::{Data, Refusal},
};
use guildhall_db::{
    Committed, Connection, feed, notifications, payout_accounts as stored_accounts, people, verifications,
};
use guildhall_market::{
    codes::{Carrier, Purpose},
    ids::UserId,
    names::{likeness, masked},
    notifications::kinds::PAYOUT_ACCOUNT_ADDED,
    payout_accounts::{clean_number, follows, may_try, tail},
    time::Timestamp,
    verification::{Action, Kind, Role, State as Stands, step},
};
use serde_json::json;

use super::{no_currency, shown::shown};
use crate::{
    address::ClientAddress,
    app::App,
    codes::{self, For},
    credentials,
    error::{ApiError, written},
    mail::{self, To, letters::Letter},
    notifications::notify,
    payout_seals::{holder_for, number_for},
    providers::ProviderError,
    render,
    request::{Caller, Command},
    secrets::new_secret,
    verification_notices::tell_administrators,
    verifications::becomes,
};

/// Where a code goes: the address that was proved before. As long as a change of address can be taken back it is the one of
/// before the change, which whoever took the account over does not read.
async fn proved_address(c: &mut Connection, person: &people::User, now: Timestamp) -> Result<String, ApiError> {
    if let Some(before) = stored_accounts::addresses_before(c, person.id, now).await?.into_iter().next() {
        return Ok(before);
    }
    let proved = verifications::reads_letters_at(c, person.id, &person.email).await?;
    let first = || ApiError::invalid("email", "Confirm your email first: in the settings, under Verification.");
    if proved { Ok(person.email.clone()) } else { Err(first()) }
}

/// Everybody who could be the owner: the address now, and those of before that may still take the account back.
async fn all_addresses(c: &mut Connection, person: &people::User, now: Timestamp) -> Result<Vec<String>, ApiError> {
    let mut all = stored_accounts::addresses_before(c, person.id, now).await?;
    all.push(person.email.clone());
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// With the password, and the second step where it is on, sends a code to the address that was proved before.
#[utoipa::path(post, path = "/api/payout-accounts/code", tag = "payouts", request_body = PayoutCodeBody,
    responses((status = 200, body = Data<PayoutCode>), (status = 409, body = Refusal), (status = 422, body = Refusal), (status = 429, body = Refusal)))]
pub async fn send_code(
    State(app): State<App>,
    caller: Caller,
    address: ClientAddress,
    command: Command<PayoutCodeBody>,
) -> Result<Json<Data<PayoutCode>>, ApiError> {
    let (user, now) = (caller.user, command.once.arrived());
    let mut c = app.db.read().await?;
    let person = people::get(&mut c, user).await?.ok_or_else(ApiError::unauthenticated)?;
    drop(c);
    let PayoutCodeBody { password, code } = command.body;
    let step = credentials::again(&app, (&caller, address), &person, (password, "password"), code.as_deref()).await?;
    let shared = app.clone();
    let (sent, to) = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                step.use_up(c).await?;
                // As it is now: the address may have changed while the password was looked at.
                let person = people::get(c, user).await?.ok_or_else(ApiError::unauthenticated)?;
                let to = proved_address(c, &person, now).await?;
                let code = For { purpose: Purpose::PayoutAccount, address: to.clone(), user: Some(user) };
                let sent = codes::send(&shared, c, &code, address.source(), now).await?;
                Ok(Committed::quiet((sent, to)))
            })
        })
        .await?;
    app.mailroom.wake();
    let by = app.told_by(Carrier::Mail);
    let data = PayoutCode {
        by: by.into(),
        address: to,
        expires_at: sent.expires_at.into(),
        again_at: sent.again_at.into(),
        code: (by == "app").then(|| sent.code.to_string()),
    };
    Ok(Json(Data { data }))
}

/// Counts a try, which counts whatever becomes of it.
async fn counted(app: &App, user: UserId, now: Timestamp) -> Result<i64, ApiError> {
    app.db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                people::hold(c, user).await?;
                may_try(&stored_accounts::tries(c, user, now).await?, now)?;
                Ok(Committed::quiet(stored_accounts::note_try(c, user, now).await?))
            })
        })
        .await
}

/// Takes it back: nobody could say anything of the account.
async fn uncounted(app: &App, id: i64) -> Result<(), ApiError> {
    app.db
        .write::<(), ApiError, _>(move |c| {
            Box::pin(async move { Ok(Committed::quiet(stored_accounts::forget_try(c, id).await?)) })
        })
        .await
}

/// Names a bank account in the place of the one of its currency. The bank says whose it is: with another name it is refused, with one
/// that is nearly right an administrator looks. It is paid to 72 hours after it is verified; everybody who could be its owner is told, with a stop.
#[utoipa::path(post, path = "/api/payout-accounts", tag = "payouts", request_body = PayoutAccountBody,
    responses((status = 201, body = Data<PayoutAccount>), (status = 409, body = Refusal), (status = 422, body = Refusal),
        (status = 429, body = Refusal), (status = 503, body = Refusal)))]
pub async fn add(
    State(app): State<App>,
    caller: Caller,
    address: ClientAddress,
    command: Command<PayoutAccountBody>,
) -> Result<Response, ApiError> {
    let (whole, actor, once) = (app.clone(), caller.user, command.once.clone());
    let work = async move {
        let (user, arrived) = (caller.user, command.once.arrived());
        let PayoutAccountBody { currency, bank_code, number, password, code } = command.body;
        let number = clean_number(&number)?;
        let provider = app.providers.of(&currency).ok_or_else(|| no_currency(&app))?;
        let mut c = app.db.read().await?;
        let person = people::get(&mut c, user).await?.ok_or_else(ApiError::unauthenticated)?;
        let proved = proved_address(&mut c, &person, arrived).await?;
        drop(c);
        let password = credentials::own(&app, (&caller, address), &person, password, "password").await?;
        let to = For { purpose: Purpose::PayoutAccount, address: proved, user: Some(user) };
        let proof = codes::attempt(&app, &to, &code, false, arrived).await?;
        let banks = app.providers.banks(&*provider, &currency, arrived).await?;
        let bank = banks.iter().find(|bank| bank.code == bank_code).cloned();
        let bank =
            bank.ok_or_else(|| ApiError::invalid("bank_code", "There is no such bank. Choose one of the list."))?;
        // Rights are proved; from here on it costs a try.
        let one_try = counted(&app, user, arrived).await?;
        let holder = match provider.holder(&bank.code, &number).await {
            Ok(holder) => holder,
            Err(ProviderError::Unknown) => return Err(ProviderError::Unknown.into()),
            Err(error) => {
                uncounted(&app, one_try).await?;
                return Err(error.into());
            }
        };
        let key = new_secret(&*app.config.chance);
        let seal =
            |used_for: String, text: &str| app.vault.seal(&used_for, user.0, text.as_bytes(), &*app.config.chance);
        let new = stored_accounts::NewPayoutAccount {
            user,
            currency,
            provider: provider.name(),
            bank_code: bank.code,
            bank_name: bank.name,
            sealed_number: seal(number_for(&key), &number),
            sealed_holder: seal(holder_for(&key), &holder),
            key,
            tail: tail(&number),
        };
        let place = address.source().to_string();
        let answer = app
            .command(caller.session(), command.once, StatusCode::CREATED, move |c, now| {
                Box::pin(async move {
                    password.still(c).await?;
                    // The name as it is now: it may have changed while the bank was asked, and stays from here on.
                    let here = people::get(c, user).await?.ok_or_else(ApiError::unauthenticated)?.name;
                    let action = follows(likeness(&here, &holder));
                    let slot = new.currency.as_str();
                    let before = verifications::get(c, user, Kind::PayoutAccount, slot).await?;
                    let state = before.as_ref().map_or(Stands::None, |before| before.state);
                    let pending = step(Kind::PayoutAccount, state, Action::Ask, Role::Owner)?;
                    let after = match action {
                        Some(action) => step(Kind::PayoutAccount, pending, action, Role::System)?,
                        None => pending,
                    };
                    let reason = (after == Stands::Rejected)
                        .then(|| format!("The bank knows this account under another name: {}.", masked(&holder)));
                    if after == Stands::Rejected && matches!(state, Stands::Pending | Stands::Verified) {
                        // Nothing is in its place: the one that stands goes on. The code works once more, for the right number.
                        return Ok(Committed::quiet(Data { data: refused(&new, reason, now) }));
                    }
                    if after != Stands::Rejected {
                        codes::use_up(c, &proof).await?;
                    }
                    // Held before the feeds are.
                    let mut told =
                        if after == Stands::Pending { tell_administrators(c, user, now).await? } else { Vec::new() };
                    let id = stored_accounts::put(c, &new, now).await?;
                    let put = verifications::Put {
                        user,
                        kind: Kind::PayoutAccount,
                        slot,
                        value: &format!("{} {}", new.bank_name, new.tail),
                        state: after,
                        reason: reason.as_deref(),
                    };
                    let (verification, entry) = becomes(c, &put, now).await?;
                    told.push(entry.except(caller.socket.as_deref()));
                    if after != Stands::Rejected {
                        told.extend(tell_owner(c, &new, id, (&person, &place), now).await?);
                    }
                    let account = stored_accounts::get(c, id).await?.ok_or_else(ApiError::broken)?;
                    let events = feed::append(c, told, now).await?;
                    Ok(Committed { value: Data { data: shown(&account, &verification) }, events })
                })
            })
            .await?;
        app.mailroom.wake();
        Ok(answer)
    };
    whole.once(actor, &once, work).await
}

/// One that was refused and is not kept.
fn refused(new: &stored_accounts::NewPayoutAccount, reason: Option<String>, now: Timestamp) -> PayoutAccount {
    PayoutAccount {
        id: 0,
        currency: new.currency.clone(),
        provider: new.provider.into(),
        bank: new.bank_name.clone(),
        number: new.tail.clone(),
        state: Stands::Rejected.code().into(),
        reason,
        since: now.into(),
        usable_from: None,
    }
}

/// All addresses and devices are told of a new account.
async fn tell_owner(
    c: &mut Connection,
    new: &stored_accounts::NewPayoutAccount,
    id: i64,
    (person, place): (&people::User, &str),
    now: Timestamp,
) -> Result<Option<feed::Entry>, ApiError> {
    let letter = Letter::PayoutAccountAdded {
        name: person.name.clone(),
        account: id,
        bank: new.bank_name.clone(),
        number: new.tail.clone(),
        currency: new.currency.clone(),
        at_ms: now.0,
        place: place.to_owned(),
    };
    for address in all_addresses(c, person, now).await? {
        mail::queue(c, To { user: Some(person.id), address: &address }, &letter, None, now).await?;
    }
    let data = written(&json!({ "payout_account_id": id, "currency": new.currency, "at": render::time(now.0) }))?;
    let subject = format!("payout_account:{id}");
    let body =
        format!("{} {}, {}. If this was not you, stop it in the settings.", new.bank_name, new.tail, new.currency);
    let notice = notifications::NewNotification {
        user: person.id,
        kind: PAYOUT_ACCOUNT_ADDED,
        subject: &subject,
        version: 1,
        title: "A new bank account for your money",
        body: &body,
        data: &data,
    };
    notify(c, &notice, now).await
}
