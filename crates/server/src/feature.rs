//! What one feature of the market brings to the server: everything that general code asks of it, in one value.

use futures_util::future::BoxFuture;
use guildhall_db::Connection;
use guildhall_market::time::Timestamp;
use utoipa_axum::router::OpenApiRouter;

use crate::{app::App, deadlines::Handler, error::ApiError, request::Caller, retention::Retention};

/// One feature.
#[derive(Clone, Copy)]
pub struct Feature {
    /// Its name, one word.
    pub name: &'static str,
    /// What it answers over HTTP, with its part of the document.
    pub routes: Option<fn() -> OpenApiRouter<App>>,
    /// Who may listen to its channels.
    pub admit: Option<Admit>,
    /// What happens by itself at its moment.
    pub deadlines: &'static [Handler],
    /// What is forgotten after a while.
    pub retention: &'static [Retention],
    /// Its part of a demo market, filled in once, in the order of the table of features.
    pub demo: Option<Demo>,
}

/// Whether somebody may listen to a channel. `None` for a channel of somebody else's, also of other features.
pub type Admit = for<'a> fn(&'a App, &'a Caller, &'a str) -> BoxFuture<'a, Result<Option<Admission>, ApiError>>;
/// Fills in a part of a demo market, in the transaction that begins it.
pub type Demo = for<'c> fn(&'c mut Connection, Timestamp) -> BoxFuture<'c, Result<(), ApiError>>;

/// A yes to somebody who wants to listen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// What the others of a presence channel see of them, JSON: `{"user_id": …, "user_info": …}`.
    pub channel_data: Option<String>,
}

impl Feature {
    /// One that brings nothing yet.
    pub const fn named(name: &'static str) -> Self {
        Self { name, routes: None, admit: None, deadlines: &[], retention: &[], demo: None }
    }
}

/// All features of a server, for handlers.
#[derive(Clone, Copy)]
pub struct Features(pub &'static [Feature]);

impl Features {
    /// What the feature says whose channel it is. `None` when no feature admits them.
    ///
    /// # Errors
    /// What a feature failed with.
    pub async fn admit(self, app: &App, caller: &Caller, channel: &str) -> Result<Option<Admission>, ApiError> {
        for admit in self.0.iter().filter_map(|feature| feature.admit) {
            if let Some(admission) = admit(app, caller, channel).await? {
                return Ok(Some(admission));
            }
        }
        Ok(None)
    }
}
