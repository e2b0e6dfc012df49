//! Disputes: the two sides of a payment disagree. What they say is kept, either proposes how it is divided, and where the other accepts
//! it is paid at once. Nothing moves by silence: what waits for an administrator stands at the top of their list.

mod deciding;
mod demo;
mod opening;
pub mod said;
mod shown;
pub mod silence;

use utoipa_axum::{router::OpenApiRouter, routes};

use self::silence::SILENCE;
use crate::{app::App, feature::Feature};

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    routes: Some(routes),
    deadlines: &[SILENCE],
    demo: Some(|app, c, now| Box::pin(demo::fill(c, app, now))),
    ..Feature::named("disputes")
};

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(opening::open))
        .routes(routes!(shown::list_disputes))
        .routes(routes!(shown::get_dispute))
        .routes(routes!(shown::list_open_disputes))
        .routes(routes!(deciding::act))
}
