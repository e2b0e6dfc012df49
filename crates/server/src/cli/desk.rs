//! `guildhall-server desk`: the administrator's desk on a command line. It asks a running server as an administrator would, so
//! that whatever it does is proven, written down and carried out at once, as from the app.

use clap::Subcommand;
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// Asks a running server as one of its administrators. The password is read from GUILDHALL_PASSWORD.
#[derive(clap::Args)]
pub struct Desk {
    /// The server's address, such as https://hall.example.com
    #[arg(long, default_value = "http://127.0.0.1:8000")]
    url: String,
    /// The administrator's e-mail address.
    #[arg(long)]
    email: String,
    /// The administrator's password. Better in the environment, where no list of processes shows it.
    #[arg(long, env = "GUILDHALL_PASSWORD", hide_env_values = true)]
    password: String,
    /// A code of the administrator's app, or a recovery code, where two-step sign-in is on.
    #[arg(long, env = "GUILDHALL_CODE", hide_env_values = true)]
    code: Option<String>,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Find people by a part of their name or by their whole e-mail address.
    People {
        /// The name, or the address.
        q: String,
    },
    /// One person with what is private.
    Person {
        /// The number of the person.
        id: i64,
        /// Why, for the person to read.
        #[arg(long)]
        reason: String,
    },
    /// Suspend somebody: all devices are signed out at once.
    Suspend {
        /// The number of the person.
        id: i64,
        /// Why, for the person to read.
        #[arg(long)]
        reason: String,
    },
    /// Let somebody in again.
    Reinstate {
        /// The number of the person.
        id: i64,
        /// Why, for the person to read.
        #[arg(long)]
        reason: String,
    },
    /// Turn two-step sign-in off for somebody who lost everything. Where there is another administrator, the first one asks, and
    /// the second one confirms by the same command within a day.
    TwoStepOff {
        /// The number of the person.
        id: i64,
        /// Why, for the person to read.
        #[arg(long)]
        reason: String,
    },
    /// The reports, newest first.
    Reports {
        /// One state: open, dismissed, decided, answered, upheld or taken_back.
        #[arg(long)]
        state: Option<String>,
    },
    /// One report with what was reported.
    Report {
        /// Its number.
        id: i64,
    },
    /// Decide a report. Without a measure it is dismissed.
    Decide {
        /// Its number.
        id: i64,
        /// hide, warn or suspend; may be given several times.
        #[arg(long)]
        measure: Vec<String>,
        /// Why, for the person to read.
        #[arg(long)]
        reason: String,
    },
    /// End a report after its answer.
    Close {
        /// Its number.
        id: i64,
        /// The decision is taken back. Without it, it stands.
        #[arg(long)]
        take_back: bool,
        /// Why, for the person to read.
        #[arg(long)]
        reason: String,
    },
    /// What waits to be verified: those that waited too long first, then the oldest.
    Verifications {
        /// One state instead: verified, rejected or revoked.
        #[arg(long)]
        state: Option<String>,
    },
    /// One of them with what is private, but for the papers themselves.
    Verification {
        /// Its number.
        id: i64,
        /// Why, for the person to read.
        #[arg(long)]
        reason: String,
    },
    /// Say yes to it.
    Approve {
        /// Its number.
        id: i64,
        /// Why, for the person to read.
        #[arg(long)]
        reason: String,
    },
    /// Say no to it.
    Reject {
        /// Its number.
        id: i64,
        /// Why, for the person to read.
        #[arg(long)]
        reason: String,
    },
    /// Take away what was verified.
    Revoke {
        /// Its number.
        id: i64,
        /// Why, for the person to read.
        #[arg(long)]
        reason: String,
    },
    /// What was done and looked at, as a table for spreadsheets.
    Audit {
        /// From this day on, 2026-11-23.
        #[arg(long)]
        from: Option<String>,
        /// Until this day.
        #[arg(long)]
        to: Option<String>,
        /// One JSON object a line instead.
        #[arg(long)]
        jsonl: bool,
    },
    /// Letters that wait and those that were given up.
    Letters,
    /// Have a letter that was given up tried again.
    Retry {
        /// Its number.
        id: i64,
    },
    /// Codes that the server cannot send, to be passed on.
    Codes {
        /// Why, for those to read whose codes are seen.
        #[arg(long)]
        reason: String,
    },
    /// Every realtime connection.
    Connections,
    /// How the server is.
    Health,
}

impl What {
    fn request(&self) -> (Method, String, Vec<(&'static str, String)>, Option<Value>) {
        let get = |path: &str, query| (Method::GET, path.to_owned(), query, None);
        let post = |path: String, body| (Method::POST, path, Vec::new(), Some(body));
        match self {
            Self::People { q } => get("/api/admin/users", vec![("q", q.clone())]),
            Self::Person { id, reason } => get(&format!("/api/admin/users/{id}"), vec![("reason", reason.clone())]),
            Self::Suspend { id, reason } => post(format!("/api/admin/users/{id}/suspend"), json!({ "reason": reason })),
            Self::Reinstate { id, reason } => {
                post(format!("/api/admin/users/{id}/reinstate"), json!({ "reason": reason }))
            }
            Self::TwoStepOff { id, reason } => {
                post(format!("/api/admin/users/{id}/two-step/off"), json!({ "reason": reason }))
            }
            Self::Reports { state } => {
                get("/api/admin/reports", state.clone().map(|state| ("state", state)).into_iter().collect())
            }
            Self::Report { id } => get(&format!("/api/admin/reports/{id}"), Vec::new()),
            Self::Decide { id, measure, reason } => {
                post(format!("/api/admin/reports/{id}/decide"), json!({ "measures": measure, "reason": reason }))
            }
            Self::Close { id, take_back, reason } => {
                post(format!("/api/admin/reports/{id}/close"), json!({ "uphold": !take_back, "reason": reason }))
            }
            Self::Verifications { state } => {
                get("/api/admin/verifications", state.clone().map(|state| ("state", state)).into_iter().collect())
            }
            Self::Verification { id, reason } => {
                get(&format!("/api/admin/verifications/{id}"), vec![("reason", reason.clone())])
            }
            Self::Approve { id, reason } => {
                post(format!("/api/admin/verifications/{id}/approve"), json!({ "reason": reason }))
            }
            Self::Reject { id, reason } => {
                post(format!("/api/admin/verifications/{id}/reject"), json!({ "reason": reason }))
            }
            Self::Revoke { id, reason } => {
                post(format!("/api/admin/verifications/{id}/revoke"), json!({ "reason": reason }))
            }
            Self::Audit { from, to, jsonl } => {
                let mut query = vec![("format", if *jsonl { "jsonl" } else { "csv" }.to_owned())];
                query.extend(from.clone().map(|day| ("from", day)));
                query.extend(to.clone().map(|day| ("to", day)));
                get("/api/admin/audit/export", query)
            }
            Self::Letters => get("/api/admin/failed-jobs", Vec::new()),
            Self::Retry { id } => post(format!("/api/admin/failed-jobs/{id}/retry"), json!({})),
            Self::Codes { reason } => get("/api/admin/codes", vec![("reason", reason.clone())]),
            Self::Connections => get("/api/admin/connections", Vec::new()),
            Self::Health => get("/api/admin/health", Vec::new()),
        }
    }
}

impl Desk {
    pub async fn run(self) -> Result<(), String> {
        let http = Client::new();
        let server = self.url.trim_end_matches('/');
        let mut body =
            json!({ "email": self.email, "password": self.password, "device_name": "guildhall-server desk" });
        if let Some(code) = &self.code {
            body["code"] = code.as_str().into();
        }
        let answer = http.post(format!("{server}/api/login")).json(&body).send().await;
        let signed_in = read(answer.map_err(|error| format!("{server} does not answer: {error}"))?).await?;
        let signed_in: Value =
            serde_json::from_str(&signed_in).map_err(|_| format!("{server} is no Guildhall server"))?;
        let token = signed_in["data"]["token"].as_str().ok_or_else(|| format!("{server} is no Guildhall server"))?;
        let (method, path, query, body) = self.what.request();
        let mut request = http.request(method, format!("{server}{path}")).bearer_auth(token).query(&query);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let told = match request.send().await {
            Ok(answer) => read(answer).await,
            Err(error) => Err(format!("{server} does not answer: {error}")),
        };
        // The token was made for this alone.
        let _ = http.post(format!("{server}/api/logout")).bearer_auth(token).send().await;
        let told = told?;
        match serde_json::from_str::<Value>(&told) {
            Ok(answer) if answer.get("data").is_some() => println!("{:#}", answer["data"]),
            _ => print!("{told}"),
        }
        Ok(())
    }
}

/// What a server said; its own words where it refused.
async fn read(answer: reqwest::Response) -> Result<String, String> {
    let status = answer.status();
    let text = answer.text().await.map_err(|error| format!("the answer broke off: {error}"))?;
    if status.is_success() {
        return Ok(text);
    }
    let words = serde_json::from_str::<Value>(&text).ok().and_then(|told| told["message"].as_str().map(str::to_owned));
    Err(words.unwrap_or_else(|| format!("the server answered with {status}")))
}
