//! What one feature of the market brings to the server: everything that general code asks of it, in one value.

use futures_util::future::BoxFuture;
use guildhall_db::{Connection, Outgoing, deadlines::Deadline};
use guildhall_market::{ids::UserId, time::Timestamp};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    app::App,
    deadlines::{Done, Handler},
    error::ApiError,
    request::Caller,
    retention::Retention,
};

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
    /// Which of them stand still while no server runs.
    pub standing_still: &'static [StandsStill],
    /// What is forgotten after a while.
    pub retention: &'static [Retention],
    /// What it has to do with the end of an account.
    pub life: Option<&'static Life>,
    /// What runs beside the requests, kept running.
    pub tasks: &'static [Task],
    /// Its part of a demo market, filled in once, in the order of the table of features.
    pub demo: Option<Demo>,
}

/// What a feature does beside answering requests: started with the server, started anew after a panic, ended with it.
#[derive(Clone, Copy)]
pub struct Task {
    /// Its name, one word for logs and `/health`.
    pub name: &'static str,
    /// Whether there is anything for it to do, as things are set.
    pub wanted: fn(&App) -> bool,
    /// Runs it.
    pub run: fn(App) -> BoxFuture<'static, ()>,
}

/// A kind of deadline of which the time in which no server ran is given back.
#[derive(Clone, Copy)]
pub struct StandsStill {
    /// The kind.
    pub kind: &'static str,
    /// One was put off by so many milliseconds, and is due as it is given: what else knows of its moment follows, and whoever waits
    /// for it is told. In the transaction that puts it off.
    pub put_off: PutOff,
}

/// See [`StandsStill::put_off`].
pub type PutOff = for<'c> fn(&'c mut Connection, &'c Deadline, i64, Timestamp) -> Done<'c>;

/// Whether somebody may listen to a channel. `None` for a channel of somebody else's, also of other features.
pub type Admit = for<'a> fn(&'a App, &'a Caller, &'a str) -> BoxFuture<'a, Result<Option<Admission>, ApiError>>;
/// Fills in a part of a demo market, in the transaction that begins it.
pub type Demo = for<'c> fn(&'c App, &'c mut Connection, Timestamp) -> BoxFuture<'c, Result<(), ApiError>>;

/// What a feature has to do with the life of an account. What is absent, it has nothing to do with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Life {
    /// What must end before the account may be deleted now, in words for its owner.
    pub must_end: Option<MustEnd>,
    /// Somebody is suspended (or let in again): what runs in their name stops, in the transaction that decides it.
    pub suspended: Option<Suspended>,
    /// Its owner took the account back from a thief: what was set up in their name since a moment ends, in the transaction that
    /// does it.
    pub taken_back: Option<TakenBack>,
    /// The account is deleted: what is nobody's but its owner's goes, in the transaction that does it.
    pub erase: Option<Erase>,
    /// What its owner may take along, list by list.
    pub export: &'static [Exported],
}

/// A list that a person may take along.
#[derive(Clone, Copy, Debug)]
pub struct Exported {
    /// The name of its file.
    pub name: &'static str,
    /// What it is called before a person.
    pub title: &'static str,
    /// Its rows behind a place (0 at first), in order, with the place after them. `None`: there are no more.
    pub page: ExportPage,
}

/// See [`Life::must_end`].
pub type MustEnd = for<'c> fn(&'c mut Connection, UserId, Timestamp) -> BoxFuture<'c, Result<Vec<String>, ApiError>>;
/// See [`Life::suspended`]; `true` for a suspension, `false` for its end.
pub type Suspended = for<'c> fn(&'c mut Connection, UserId, bool, Timestamp) -> BoxFuture<'c, Result<(), ApiError>>;
/// See [`Life::taken_back`]; the moment since when, and now.
pub type TakenBack =
    for<'c> fn(&'c mut Connection, UserId, Timestamp, Timestamp) -> BoxFuture<'c, Result<Vec<Outgoing>, ApiError>>;
/// See [`Life::erase`]. Answers with the hashes of files that nobody has any more.
pub type Erase = for<'c> fn(&'c mut Connection, UserId, Timestamp) -> BoxFuture<'c, Result<Vec<String>, ApiError>>;
/// See [`Exported::page`].
pub type ExportPage =
    for<'c> fn(&'c mut Connection, UserId, i64) -> BoxFuture<'c, Result<(Vec<Value>, Option<i64>), ApiError>>;

/// A yes to somebody who wants to listen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// What the others of a presence channel see of them, JSON: `{"user_id": …, "user_info": …}`.
    pub channel_data: Option<String>,
}

impl Feature {
    /// One that brings nothing yet.
    pub const fn named(name: &'static str) -> Self {
        Self {
            name,
            routes: None,
            admit: None,
            deadlines: &[],
            standing_still: &[],
            retention: &[],
            life: None,
            tasks: &[],
            demo: None,
        }
    }
}

/// All features of a server, for handlers.
#[derive(Clone, Copy)]
pub struct Features(pub &'static [Feature]);

impl Features {
    /// What the features have to do with the life of an account, in their order.
    pub fn lives(self) -> impl Iterator<Item = &'static Life> {
        self.0.iter().filter_map(|feature| feature.life)
    }

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

#[cfg(test)]
mod tests {
    use axum::extract::State;
    use serde_json::json;

    use super::*;
    use crate::{Inherited, Server, ServerConfig, features::FEATURES};

    async fn answer(State(_): State<App>, caller: Caller) -> String {
        format!("hello {}", caller.user)
    }

    fn admit(caller: &Caller, channel: &str) -> Option<Admission> {
        let data = json!({ "user_id": caller.user.to_string(), "user_info": {} }).to_string();
        (channel == "presence-room.1").then_some(Admission { channel_data: Some(data) })
    }

    const ROOM: Feature = Feature {
        routes: Some(|| OpenApiRouter::new().route("/api/room", axum::routing::get(answer))),
        admit: Some(|_, caller, channel| Box::pin(async move { Ok(admit(caller, channel)) })),
        ..Feature::named("room")
    };

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_feature_moves_in_with_its_routes_and_channels_by_one_value() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = ServerConfig::local(folder.path().to_owned());
        config.weak_password_hashes = true;
        let features: &'static [Feature] = Box::leak(FEATURES.iter().copied().chain([ROOM]).collect());
        let server = Server::start_with(config, Inherited::default(), features).await.expect("it starts");
        let (http, url) = (reqwest::Client::new(), format!("http://{}", server.addresses().http));
        let person = json!({ "name": "Ana", "email": "ana@example.com", "password": "a long password" });
        let made: Value = {
            let made = http.post(format!("{url}/api/register")).json(&person).send().await.expect("an answer");
            made.json().await.expect("JSON")
        };
        let token = made["data"]["token"].as_str().expect("a token").to_owned();
        assert_eq!(http.get(format!("{url}/api/room")).send().await.expect("an answer").status(), 401);
        let told = http.get(format!("{url}/api/room")).bearer_auth(&token).send().await.expect("an answer");
        let id = made["data"]["user"]["id"].as_i64().expect("an id");
        assert_eq!(told.text().await.expect("text"), format!("hello {id}"));
        for (channel, status) in [
            ("presence-room.1".to_owned(), 200),
            (format!("private-user.{id}"), 200),
            ("private-system".to_owned(), 200),
            ("presence-room.2".to_owned(), 403),
            ("private-admin".to_owned(), 403),
            (format!("private-user.{}", id + 1), 403),
        ] {
            let asked = json!({ "socket_id": "1.1", "channel_name": channel });
            let answer = http.post(format!("{url}/broadcasting/auth")).bearer_auth(&token).json(&asked);
            let answer = answer.send().await.expect("an answer");
            assert_eq!(answer.status(), status, "{channel}");
            let said: Value = answer.json().await.expect("JSON");
            let shows = said["channel_data"].as_str().is_some_and(|data| data.contains(&format!("\"{id}\"")));
            assert_eq!(shows, channel == "presence-room.1", "{said}");
        }
        server.shutdown().await;
    }
}
