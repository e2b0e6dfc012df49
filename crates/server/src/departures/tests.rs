//! A feature that has something to do with the life of an account is asked, told, and heeded.

use guildhall_db::settings;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    Inherited, Server, ServerConfig,
    feature::{Exported, Feature, Life},
    features::FEATURES,
};

/// One that holds money, in the words of E105 and E107: kept in the settings of the database, where a test can look.
const ESCROW: Feature = Feature {
    life: Some(&Life {
        must_end: Some(|c, _, _| {
            Box::pin(async move {
                let held = settings::get(c, "held").await?.as_deref() != Some("0");
                Ok(held.then(|| "Money is held for job 7.".to_owned()).into_iter().collect())
            })
        }),
        taken_back: None,
        suspended: Some(|c, user, on, _| {
            Box::pin(async move { Ok(settings::set(c, "frozen", &format!("{user} {on}")).await?) })
        }),
        erase: Some(|c, user, _| {
            Box::pin(async move {
                settings::set(c, "erased", &user.to_string()).await?;
                Ok(Vec::new())
            })
        }),
        export: &[Exported {
            name: "escrows",
            title: "Escrows",
            page: |_, user, after| {
                Box::pin(async move {
                    // Three pages of one row each.
                    let rows = if after < 3 { vec![json!({ "n": after + 1, "of": user })] } else { Vec::new() };
                    Ok((rows, Some(after + 1)))
                })
            },
        }],
    }),
    ..Feature::named("escrow")
};

struct Asked {
    http: Client,
    url: String,
}

impl Asked {
    async fn ask(&self, method: Method, path: &str, token: &str, body: Value) -> (StatusCode, Value) {
        let asked = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(token).json(&body);
        let answer = asked.send().await.expect("an answer");
        (answer.status(), answer.json().await.unwrap_or_default())
    }

    async fn person(&self, name: &str) -> (i64, String) {
        let email = format!("{name}@example.com");
        let body = json!({ "name": name, "email": email, "password": "a long password" });
        let made = self.ask(Method::POST, "/api/register", "", body).await.1;
        let token = made["data"]["token"].as_str().expect("a token").to_owned();
        (made["data"]["user"]["id"].as_i64().expect("an id"), token)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e105_e107_a_feature_says_what_must_end_first_stops_with_a_suspension_is_erased_and_exported() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = ServerConfig::local(folder.path().to_owned());
    config.weak_password_hashes = true;
    let features: &'static [Feature] = Box::leak(FEATURES.iter().copied().chain([ESCROW]).collect());
    let server = Server::start_with(config, Inherited::default(), features).await.expect("it starts");
    let asked = Asked { http: Client::new(), url: format!("http://{}", server.addresses().http) };
    let ((ana, token), (_, boss)) = (asked.person("ana").await, asked.person("boss").await);
    server.set_admin("boss@example.com", true).await.expect("the database works");
    let kept = async |name: &str| {
        let mut c = server.app().db.read().await.expect("a connection");
        settings::get(&mut c, name).await.expect("read")
    };

    let password = json!({ "password": "a long password" });
    let (status, told) = asked.ask(Method::DELETE, "/api/user", &token, password.clone()).await;
    assert_eq!((status, &told["errors"]["first"]), (StatusCode::CONFLICT, &json!(["Money is held for job 7."])));
    assert_eq!(kept("erased").await, None, "nothing happened");

    let zip = asked.http.get(format!("{}/api/user/export", asked.url)).bearer_auth(&token).send().await;
    let zip = zip.expect("an answer").bytes().await.expect("whole");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zip.to_vec())).expect("a zip");
    let rows: Vec<Value> = serde_json::from_reader(zip.by_name("escrows.json").expect("the list")).expect("JSON");
    assert_eq!(rows.iter().map(|row| row["n"].as_i64().unwrap_or(0)).collect::<Vec<_>>(), [1, 2, 3]);

    for (what, on) in [("suspend", true), ("reinstate", false)] {
        let path = format!("/api/admin/users/{ana}/{what}");
        assert_eq!(asked.ask(Method::POST, &path, &boss, json!({ "reason": "x" })).await.0, StatusCode::OK);
        assert_eq!(kept("frozen").await, Some(format!("{ana} {on}")));
    }
    let app = server.app().clone();
    let done: Result<(), guildhall_db::DbError> = app
        .db
        .write(|c| Box::pin(async move { settings::set(c, "held", "0").await.map(guildhall_db::Committed::quiet) }))
        .await;
    done.expect("written");
    let sign_in = json!({ "email": "ana@example.com", "password": "a long password" });
    let again = asked.ask(Method::POST, "/api/login", "", sign_in).await.1;
    let token = again["data"]["token"].as_str().expect("a token").to_owned();
    assert_eq!(asked.ask(Method::DELETE, "/api/user", &token, password).await.0, StatusCode::NO_CONTENT);
    assert_eq!(kept("erased").await, Some(ana.to_string()));
    server.shutdown().await;
}
