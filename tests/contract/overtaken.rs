//! What was asked with a password or a token that ended while it waited for its turn does nothing.

use std::{sync::Arc, time::Duration};

use guildhall_db::{Committed, Db, DbError, people, suspensions, tokens};
use guildhall_market::{
    ids::{TokenId, UserId},
    time::Timestamp,
};
use guildhall_testkit::{Person, World, world::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    postgres_server::Postgres,
    smtp::{MailServer, USUAL, code_in},
    stranger::{Answer, Stranger},
};

const NEW: &str = "another good password";

/// What its owner does of the account while somebody else's command waits.
#[derive(Clone, Copy, PartialEq)]
enum Meanwhile {
    /// Chooses another password, which signs everybody out.
    Resets,
    /// Chooses another password; this token goes on.
    Changes,
    /// Signs that device out.
    SignsOut,
    /// An administrator puts the person out.
    IsSuspended,
    /// Whoever runs the server takes the role of an administrator.
    LosesTheRole,
}

struct Hall {
    world: World,
    post: MailServer,
    db: Db,
    _postgres: Option<Postgres>,
}

impl Hall {
    async fn on(postgres: Option<Postgres>) -> Self {
        let post = MailServer::start(USUAL);
        let (settings, database) = (post.settings(), postgres.as_ref().map(|postgres| postgres.database("overtaken")));
        let of_server = database.clone();
        let world = World::start_with(move |config| {
            config.mail = Some(settings);
            config.database = of_server;
        })
        .await;
        let url = database.unwrap_or_else(|| format!("sqlite:{}", world.server_folder().join("hall.sqlite").display()));
        let db = Db::open(&url, Arc::new(|_| {})).await.expect("opens");
        Self { world, post, db, _postgres: postgres }
    }

    /// Asks, and carries out what the owner does in a transaction that began before the command and ends while it waits.
    async fn overtaken(&self, what: Meanwhile, person: UserId, asked: impl Future<Output = Answer>) -> Answer {
        let (begun, goes_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (told, waits, db) = (Arc::clone(&begun), Arc::clone(&goes_on), &self.db);
        let owner = db.write::<(), DbError, _>(move |c| {
            Box::pin(async move {
                people::hold_for_the_end(c, person).await?;
                if matches!(what, Meanwhile::Resets | Meanwhile::Changes) {
                    people::set_password(c, person, "the hash of another password").await?;
                }
                if matches!(what, Meanwhile::Resets | Meanwhile::SignsOut | Meanwhile::IsSuspended) {
                    tokens::revoke_others(c, person, None, Timestamp(1)).await?;
                }
                if what == Meanwhile::IsSuspended {
                    suspensions::begin(c, person, None, "x", None, Timestamp(1)).await?;
                }
                if what == Meanwhile::LosesTheRole {
                    let email = people::get(c, person).await?.map(|user| user.email).unwrap_or_default();
                    people::set_role(c, &email, "member").await?;
                }
                told.notify_one();
                waits.notified().await;
                Ok(Committed::quiet(()))
            })
        });
        let other = async {
            begun.notified().await;
            let (answer, ()) = tokio::join!(asked, async {
                // Long enough for the password to be looked at, and short for whatever waits.
                tokio::time::sleep(Duration::from_millis(400)).await;
                goes_on.notify_one();
            });
            answer
        };
        let (done, answer) = tokio::join!(owner, other);
        done.expect("committed");
        answer
    }

    /// Somebody whose address is proved, and a thief with a token of theirs.
    async fn somebody(&self, name: &str) -> (Person, Stranger) {
        let person = self.world.person(name).await;
        let thief = Stranger::sign_in(&self.world, &person).await;
        assert_eq!(thief.post("/api/verifications/email", json!({})).await.status, StatusCode::OK);
        let code = code_in(&self.post.letter_to(&person.email, 1).await);
        let given = thief.post("/api/verifications/email/confirm", json!({ "code": code })).await;
        assert_eq!(given.status, StatusCode::OK, "{}", given.body);
        (person, thief)
    }

    async fn hash(&self, person: &Person) -> Option<String> {
        people::password_hash(&mut self.db.read().await.expect("reads"), person.id).await.expect("reads")
    }

    async fn devices(&self, person: &Person) -> Vec<TokenId> {
        let list = tokens::list(&mut self.db.read().await.expect("reads"), person.id).await.expect("reads");
        list.into_iter().map(|token| token.id).collect()
    }
}

/// What asks for the password once more.
fn with_the_password() -> Vec<(&'static str, Method, &'static str, Value)> {
    vec![
        ("another password", Method::PUT, "/api/user/password", json!({ "old": PASSWORD, "new": NEW })),
        ("address", Method::POST, "/api/user/email", json!({ "email": "thief@example.com", "password": PASSWORD })),
        ("second step", Method::POST, "/api/user/two-step", json!({ "password": PASSWORD })),
        ("payout code", Method::POST, "/api/payout-accounts/code", json!({ "password": PASSWORD })),
        ("the end", Method::DELETE, "/api/user", json!({ "password": PASSWORD })),
    ]
}

async fn what_asked_with_the_password_of_before_does_nothing(hall: Hall) {
    for (n, meanwhile) in [Meanwhile::Resets, Meanwhile::Changes, Meanwhile::SignsOut].into_iter().enumerate() {
        for (m, (what, method, path, body)) in with_the_password().into_iter().enumerate() {
            let (person, thief) = hall.somebody(&format!("Ana{n}{m}")).await;
            let (before, mails) = (hall.hash(&person).await, hall.post.letters_to("thief@example.com").len());
            let answer = hall.overtaken(meanwhile, person.id, thief.ask(method, path, Some(body), &[])).await;
            let expected = match meanwhile {
                Meanwhile::Changes => "wrong_password",
                _ => "unauthenticated",
            };
            assert_eq!(answer.code(), expected, "{what}: {} {}", answer.status, answer.body);
            let after = match meanwhile {
                Meanwhile::Resets | Meanwhile::Changes => Some("the hash of another password".to_owned()),
                _ => before,
            };
            assert_eq!(hall.hash(&person).await, after, "{what}");
            assert_eq!(hall.post.letters_to("thief@example.com").len(), mails, "{what}");
        }
    }
}

async fn a_sign_in_with_the_password_of_before_lets_nobody_in(hall: Hall) {
    let (person, thief) = hall.somebody("Ana").await;
    let body = json!({ "email": person.email, "password": PASSWORD });
    let asked = thief.post("/api/login", body);
    let answer = hall.overtaken(Meanwhile::Resets, person.id, asked).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::UNPROCESSABLE_ENTITY, "invalid_credentials"));
    assert_eq!(hall.devices(&person).await, Vec::new(), "every device is signed out, also those on their way in");
}

async fn nobody_is_let_in_who_was_put_out_while_the_password_was_looked_at(hall: Hall) {
    let (person, thief) = hall.somebody("Ana").await;
    let asked = thief.post("/api/login", json!({ "email": person.email, "password": PASSWORD }));
    let answer = hall.overtaken(Meanwhile::IsSuspended, person.id, asked).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, "suspended"), "{}", answer.body);
    assert_eq!(hall.devices(&person).await, Vec::new());
}

async fn of_two_devices_that_sign_each_other_out_one_does(hall: Hall) {
    let (person, thief) = hall.somebody("Ana").await;
    let owner = Stranger::sign_in(&hall.world, &person).await;
    let devices = hall.devices(&person).await;
    let path = format!("/api/tokens/{}", devices.iter().map(|token| token.0).max().expect("the owner's"));
    let asked = thief.ask(Method::DELETE, &path, None, &[]);
    let answer = hall.overtaken(Meanwhile::SignsOut, person.id, asked).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "unauthenticated"));
    assert_eq!(owner.get("/api/user").await.status, StatusCode::UNAUTHORIZED, "all of them are signed out here");
}

async fn an_administrator_who_is_none_any_more_puts_nobody_out(hall: Hall) {
    let (boss, other) = (hall.world.person("Boss").await, Stranger::new(&hall.world, "Tunde").await);
    hall.world.person("Second").await;
    for email in [&*boss.email, "second@example.com"] {
        assert!(hall.world.server().set_admin(email, true).await.expect("the database works"));
    }
    let admin = Stranger::sign_in(&hall.world, &boss).await;
    let path = format!("/api/admin/users/{}/suspend", other.id);
    let asked = admin.post(&path, json!({ "reason": "x" }));
    let answer = hall.overtaken(Meanwhile::LosesTheRole, boss.id, asked).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, "forbidden"), "{}", answer.body);
    assert_eq!(other.get("/api/user").await.status, StatusCode::OK);
}

// Where commands wait for each other whatever they are about; elsewhere such a command went ahead of the sign-out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_device_said_that_was_signed_out_meanwhile_does_nothing() {
    let hall = Hall::on(None).await;
    let (other, _) = hall.somebody("Tunde").await;
    let message = json!({ "recipient_id": other.id, "content": "not any more" });
    let profile = json!({ "name": "Thief" });
    for (n, (method, path, body)) in [
        (Method::POST, "/api/messages", message),
        (Method::PATCH, "/api/user", profile),
        (Method::DELETE, "/api/tokens", json!({})),
    ]
    .into_iter()
    .enumerate()
    {
        let (person, thief) = hall.somebody(&format!("Ana{n}")).await;
        let answer = hall.overtaken(Meanwhile::SignsOut, person.id, thief.ask(method, path, Some(body), &[])).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "unauthenticated"), "{path}");
    }
    let owner = Stranger::sign_in(&hall.world, &other).await;
    assert_eq!(owner.get("/api/messages/conversations").await.body["data"], json!([]));
}

async fn a_new_address_is_confirmed_by_nobody_who_was_signed_out_meanwhile(hall: Hall) {
    let (person, thief) = hall.somebody("Ana").await;
    let asked = thief.post("/api/user/email", json!({ "email": "thief@example.com", "password": PASSWORD })).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    let code = code_in(&hall.post.letter_to("thief@example.com", 1).await);
    let confirm = thief.post("/api/user/email/confirm", json!({ "email": "thief@example.com", "code": code }));
    // The try is noted first, in a transaction of its own: the owner's is over by then.
    let answer = hall.overtaken(Meanwhile::Resets, person.id, confirm).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "unauthenticated"), "{}", answer.body);
    let address = people::get(&mut hall.db.read().await.expect("reads"), person.id).await.expect("reads");
    assert_eq!(address.map(|user| user.email), Some(person.email));
}

/// The same test on both engines.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
            super::$name(super::Hall::on(None).await).await;
        })* }
        mod postgresql { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
            super::$name(super::Hall::on(Some(super::Postgres::start())).await).await;
        })* }
    };
}

on_both! {
    what_asked_with_the_password_of_before_does_nothing
    a_sign_in_with_the_password_of_before_lets_nobody_in
    a_new_address_is_confirmed_by_nobody_who_was_signed_out_meanwhile
    nobody_is_let_in_who_was_put_out_while_the_password_was_looked_at
    of_two_devices_that_sign_each_other_out_one_does
    an_administrator_who_is_none_any_more_puts_nobody_out
}
