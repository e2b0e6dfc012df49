//! Accounts that are made.
//!
//! Where letters can be sent an account is made once its address is proved, and whoever asks hears the same of an address
//! that has an account as of one that has none: what there is to say goes to the address. Elsewhere it is made at once.

mod at_once;
mod by_mail;
mod form;

use axum::{extract::State, response::Response};
use guildhall_contract::{
    registrations::RegistrationUnderWay,
    rest::{Data, Refusal},
    sessions::{RegisterBody, SignedIn},
};
use guildhall_market::{codes::Carrier, ids::UserId};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::form::Form;
use crate::{
    address::ClientAddress, app::App, error::ApiError, feature::Feature, request::Command, retention::Retention,
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    routes: Some(routes),
    retention: &[Retention { what: "registrations", forget: |forgetting| Box::pin(by_mail::forget(forgetting)) }],
    ..Feature::named("registrations")
};

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(register)).merge(by_mail::routes())
}

/// Makes an account. Where letters can be sent the answer is 202, whether or not there is an account with the address, and the
/// account is made with the code that stands in the letter; elsewhere it is 201, and one is signed in. The same
/// `Idempotency-Key` with the same body gets the first answer again, with a new token where the first one was signed out
/// since.
#[utoipa::path(post, path = "/api/register", tag = "accounts", request_body = RegisterBody,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Data<SignedIn>), (status = 202, body = Data<RegistrationUnderWay>),
        (status = 409, body = Refusal), (status = 422, body = Refusal), (status = 429, body = Refusal)))]
async fn register(
    State(app): State<App>,
    address: ClientAddress,
    command: Command<RegisterBody>,
) -> Result<Response, ApiError> {
    let form = Form::checked(command.body)?;
    app.sign_in_guard.try_register(address.source())?;
    if app.sends(Carrier::Mail) {
        by_mail::begin(&app, address, &command.once, form).await
    } else {
        at_once::register(&app, address, &command.once, form).await
    }
}

/// Makes an account for somebody whom whoever runs this server knows, without a proof of their address. Nobody is signed in.
///
/// # Errors
/// 422 `invalid` or `email_taken`.
pub async fn add(app: &App, body: RegisterBody) -> Result<UserId, ApiError> {
    at_once::add(app, Form::checked(body)?).await
}
