//! Payments: money that is held between a client and an artisan. How it is asked, paid in, released and given back; what moves with
//! each step is decided by the market and posted by the [till](crate::money::till).

mod acting;
mod checkout;
mod paying;
mod seen;
mod settling;
mod shown;
mod suspense;
mod words;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    feature::{Exported, Feature, Life, Task},
    jobs::clock::{self, CLOCK, REMINDER},
};

pub use self::{
    acting::{Taken, on_escrow},
    paying::{mark, open},
    seen::found,
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    routes: Some(routes),
    deadlines: &[CLOCK, REMINDER, settling::KEPT],
    standing_still: &[clock::STANDS_STILL],
    tasks: &[Task {
        name: "charges",
        wanted: |app| app.providers.takes_charges(),
        run: |app| Box::pin(settling::run(app)),
    }],
    life: Some(&LIFE),
    ..Feature::named("payments")
};

const LIFE: Life = Life {
    // What is held keeps an account; the wallet says so.
    must_end: None,
    suspended: None,
    taken_back: None,
    erase: None,
    export: &[Exported {
        name: "payments",
        title: "Payments",
        page: |c, user, after| Box::pin(shown::exported(c, user, after)),
    }],
};

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(paying::fund))
        .routes(routes!(seen::list_payments))
        .routes(routes!(seen::get_payment))
        .routes(routes!(seen::preview_payment))
        .routes(routes!(paying::pay))
        .routes(routes!(acting::act))
        .routes(routes!(checkout::came_back))
        .routes(routes!(checkout::sandbox_page, checkout::sandbox_choice))
        .routes(routes!(settling::news))
        .routes(routes!(suspense::list_suspense))
        .routes(routes!(suspense::return_suspense))
}
