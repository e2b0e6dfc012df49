//! Where a sum can be sent to, which is asked inside of the server alone.

use std::{sync::Arc, time::Duration};

use guildhall_market::ids::UserId;
use reqwest::Client;
use serde_json::{Value, json};

use super::destination;
use crate::{Server, ServerConfig, clock::HandClock};

const PASSWORD: &str = "a long password";

struct Asked {
    http: Client,
    url: String,
    token: String,
}

impl Asked {
    async fn post(&self, path: &str, body: Value) -> Value {
        let asked = self.http.post(format!("{}{path}", self.url)).bearer_auth(&self.token).json(&body);
        asked.send().await.expect("an answer").json().await.expect("JSON")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c19_c26_a_sum_goes_to_the_account_of_its_currency_72_hours_after_it_was_verified() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = HandClock::default();
    let mut config = ServerConfig::local(folder.path().to_owned());
    config.weak_password_hashes = true;
    config.clock = Arc::new(clock.clone());
    let server = Server::start(config).await.expect("it starts");
    let mut asked =
        Asked { http: Client::new(), url: format!("http://{}", server.addresses().http), token: String::new() };
    let person = json!({ "name": "Amara Okonkwo", "email": "amara@example.com", "password": PASSWORD });
    let made = asked.post("/api/register", person).await;
    asked.token = made["data"]["token"].as_str().expect("a token").to_owned();
    let user = UserId(made["data"]["user"]["id"].as_i64().expect("an id"));
    let goes = async |currency: &str, minor: i64| {
        let app = server.app();
        let mut c = app.db.read().await.expect("a connection");
        destination(app, &mut c, user, (currency, minor), app.now()).await.map_err(|refusal| refusal.code().to_owned())
    };
    assert_eq!(goes("NGN", 10_000).await, Err("no_route".into()));
    let code = asked.post("/api/verifications/email", json!({})).await["data"]["code"].clone();
    asked.post("/api/verifications/email/confirm", json!({ "code": code })).await;
    let code = asked.post("/api/payout-accounts/code", json!({ "password": PASSWORD })).await["data"]["code"].clone();
    let body =
        json!({ "currency": "NGN", "bank_code": "000", "number": "0000000001", "password": PASSWORD, "code": code });
    let account = asked.post("/api/payout-accounts", body).await["data"].clone();
    assert_eq!(account["state"], "verified");
    // It goes on by itself meanwhile.
    clock.advance(Duration::from_secs(72 * 3_600 - 60));
    assert_eq!(goes("NGN", 10_000).await, Err("no_route".into()), "a minute too early");
    clock.advance(Duration::from_secs(60));
    let id = account["id"].as_i64().expect("an id");
    assert_eq!(goes("NGN", 10_000).await, Ok(id));
    assert_eq!(goes("NGN", 500_000_000).await, Ok(id), "up to ₦5,000,000 without papers");
    assert_eq!(goes("NGN", 500_000_001).await, Err("identity_unverified".into()));
    assert_eq!(goes("USD", 50_000).await, Err("no_route".into()), "sold for dollars, with a naira account only");
    assert_eq!(goes("NGN", 40).await, Err("below_minimum".into()));
    asked.post(&format!("/api/payout-accounts/{id}/stop"), json!({})).await;
    assert_eq!(goes("NGN", 10_000).await, Err("no_route".into()), "stopped");
    server.shutdown().await;
}
