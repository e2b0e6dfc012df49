//! Payouts: somebody takes money from their balance to their bank. What is asked for leaves the balance at once; it is sent under one
//! reference however often it is tried, and only a conclusive no brings it back.

mod asking;
mod sending;
mod shown;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    feature::{Exported, Feature, Life, Task},
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    routes: Some(routes),
    life: Some(&LIFE),
    tasks: &[Task {
        name: "payouts",
        wanted: |app| app.providers.takes_charges(),
        run: |app| Box::pin(sending::run(app)),
    }],
    ..Feature::named("payouts")
};

const LIFE: Life = Life {
    // What is on its way keeps an account; the wallet says so.
    must_end: None,
    suspended: None,
    taken_back: Some(|c, user, since, now| Box::pin(asking::take_back(c, user, since, now))),
    erase: None,
    export: &[Exported {
        name: "payouts",
        title: "What you were paid out",
        page: |c, user, after| Box::pin(shown::exported(c, user, after)),
    }],
};

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(asking::list_payouts, asking::ask_payout))
        .routes(routes!(asking::preview_payout))
        .routes(routes!(asking::cancel_payout))
        .routes(routes!(asking::retry_payout))
}
