//! `guildhall-server doctor`: can this server be used from here, and if not, what is to be done.

use std::{fmt::Display, time::Duration};

use futures_util::{SinkExt, StreamExt};
use guildhall_pusher::{auth::App, frame::Frame};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};
use url::Url;

use super::broadcast::{Credentials, post_signed, wall_ms};

/// How long one step may take.
const STEP_TIMEOUT: Duration = Duration::from_secs(10);
/// A difference of clocks that makes signed requests fail (the protocol allows 600 seconds).
const CLOCK_BAD_MS: f64 = 600_000.0;
/// A difference that is worth a word.
const CLOCK_ODD_MS: f64 = 2_000.0;

/// Looks at name, connection, TLS, HTTP, sign-in, socket, channel authorisation, an event that comes back, and the clock,
/// in this order, and stops at the first that fails.
#[derive(clap::Args)]
pub struct Doctor {
    /// Where REST is served.
    #[arg(long, default_value = "http://127.0.0.1:8000")]
    url: Url,
    /// Where realtime is served, ws:// or wss://. [default: what the server says]
    #[arg(long)]
    realtime: Option<Url>,
    /// Sign in as well, with this e-mail address; the password is read from GUILDHALL_PASSWORD.
    #[arg(long)]
    email: Option<String>,
    #[command(flatten)]
    app: Credentials,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why a step failed, and what to do.
struct Failed {
    why: String,
    advice: &'static str,
}

fn failed(why: impl Display, advice: &'static str) -> Failed {
    Failed { why: why.to_string(), advice }
}

async fn step<T>(name: &str, work: impl Future<Output = Result<(T, String), Failed>>) -> Result<T, String> {
    let late = || Err(failed("no answer within 10 seconds", "Is a firewall between here and there?"));
    match timeout(STEP_TIMEOUT, work).await.unwrap_or_else(|_| late()) {
        Ok((value, words)) => {
            println!("ok    {name:<12} {words}");
            Ok(value)
        }
        Err(Failed { why, advice }) => {
            println!("FAIL  {name:<12} {why}");
            println!("      {advice}");
            Err(format!("the step \"{name}\" failed"))
        }
    }
}

impl Doctor {
    pub async fn run(self) -> Result<(), String> {
        let http = reqwest::Client::builder().timeout(STEP_TIMEOUT).build().map_err(|e| e.to_string())?;
        self.reach().await?;
        let health = step("HTTP", self.health(&http)).await?;
        let token = match &self.email {
            Some(email) => Some(step("sign-in", self.sign_in(&http, email)).await?),
            None => None,
        };
        let app = self.app.app(health["realtime_key"].as_str());
        let realtime = self.realtime_url(&health)?;
        let (mut socket, socket_id) = step("socket", open(&realtime, &app)).await?;
        if let Some((token, user)) = &token {
            let channel = format!("private-user.{user}");
            step("channel", self.authorise(&http, token, &socket_id, &channel, &mut socket)).await?;
        }
        step("event", self.echo(&http, &realtime, &app, &mut socket)).await?;
        step("clock", self.clock(&http)).await?;
        println!("\nThis server can be used from here.");
        Ok(())
    }

    async fn reach(&self) -> Result<(), String> {
        let host = self.url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = self.url.port_or_known_default().unwrap_or(80);
        let address = step("DNS", async {
            let advice = "Check the spelling of the host, and that this machine has a network.";
            let mut found = tokio::net::lookup_host((host.as_str(), port)).await.map_err(|e| failed(e, advice))?;
            let first = found.next().ok_or_else(|| failed("the name has no address", advice))?;
            Ok((first, format!("{host} is {}", first.ip())))
        })
        .await?;
        step("TCP", async {
            let advice = "Is the server running, and does it listen on this port and address (`serve --http`)?";
            TcpStream::connect(address).await.map_err(|e| failed(e, advice))?;
            Ok(((), format!("{address} takes connections")))
        })
        .await
    }

    async fn health(&self, http: &reqwest::Client) -> Result<(Value, String), Failed> {
        let tls = "The certificate must name this host and be issued by somebody this machine trusts.";
        let url = self.url.join("/health").map_err(|e| failed(e, "Give --url as http://host:port."))?;
        let answer = http.get(url).send().await.map_err(|error| {
            let https = self.url.scheme() == "https";
            let advice = if https { tls } else { "Something listens there that does not speak HTTP; try https://." };
            failed(causes(&error), advice)
        })?;
        let status = answer.status();
        let health: Value =
            answer.json().await.map_err(|e| failed(e, "Something else than Guildhall answers there."))?;
        if !status.is_success() || health["service"] != "guildhall" {
            let advice = "Something else than Guildhall answers there: check host and port, and the proxy's rules.";
            return Err(failed(format!("answered with {status}"), advice));
        }
        let words = format!("{} {} answers", health["name"].as_str().unwrap_or("Guildhall"), health["version"]);
        Ok((health, words))
    }

    async fn sign_in(&self, http: &reqwest::Client, email: &str) -> Result<((String, i64), String), Failed> {
        let password = std::env::var("GUILDHALL_PASSWORD")
            .map_err(|_| failed("there is no password", "Put it into the environment as GUILDHALL_PASSWORD."))?;
        let body = json!({ "email": email, "password": password, "device_name": "guildhall-server doctor" });
        let url = self.url.join("/api/login").map_err(|e| failed(e, "Give --url as http://host:port."))?;
        let answer = http.post(url).json(&body).send().await.map_err(|e| failed(causes(&e), "Try again."))?;
        let body: Value = answer.json().await.map_err(|e| failed(e, "A proxy may stand in between."))?;
        let token = body["data"]["token"].as_str();
        let user = body["data"]["user"]["id"].as_i64();
        match token.zip(user) {
            Some((token, user)) => Ok(((token.to_owned(), user), format!("as user {user}"))),
            None => Err(failed(body["message"].as_str().unwrap_or("refused"), "Check address and password.")),
        }
    }

    fn realtime_url(&self, health: &Value) -> Result<Url, String> {
        if let Some(url) = &self.realtime {
            return Ok(url.clone());
        }
        let mut url = self.url.clone();
        let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
        // The scheme is one of a special kind and so is the new one: that cannot fail.
        let _ = url.set_scheme(scheme);
        let port = health["realtime_port"].as_u64().and_then(|port| u16::try_from(port).ok());
        url.set_port(port.or(url.port()))
            .map_err(|()| "the realtime port cannot be set: give --realtime".to_owned())?;
        Ok(url)
    }

    async fn authorise(
        &self,
        http: &reqwest::Client,
        token: &str,
        socket_id: &str,
        channel: &str,
        socket: &mut Socket,
    ) -> Result<((), String), Failed> {
        let advice = "The proxy must pass /broadcasting/auth on with its Authorization header.";
        let url = self.url.join("/broadcasting/auth").map_err(|e| failed(e, advice))?;
        let body = json!({ "socket_id": socket_id, "channel_name": channel });
        let answer =
            http.post(url).bearer_auth(token).json(&body).send().await.map_err(|e| failed(causes(&e), advice))?;
        let status = answer.status();
        let body: Value = answer.json().await.map_err(|e| failed(e, advice))?;
        let auth = body["auth"].as_str().ok_or_else(|| failed(format!("answered with {status}"), advice))?;
        subscribe(socket, channel, Some(auth)).await?;
        Ok(((), format!("{channel} is authorised")))
    }

    async fn echo(
        &self,
        http: &reqwest::Client,
        realtime: &Url,
        app: &App,
        socket: &mut Socket,
    ) -> Result<((), String), Failed> {
        if app.secret.is_empty() {
            return Ok(((), "left out: no --secret and no PUSHER_APP_SECRET".to_owned()));
        }
        let advice = "Check the app's id and secret: PUSHER_APP_ID and PUSHER_APP_SECRET must be the server's.";
        let channel = format!("doctor-{}", rand::random::<u32>());
        subscribe(socket, &channel, None).await?;
        let sent = tokio::time::Instant::now();
        let body = json!({ "name": "doctor", "channel": channel, "data": "{}" });
        post_signed(http, realtime, app, &body).await.map_err(|why| failed(why, advice))?;
        hear(socket, "doctor", "The event was taken and did not come back: does more than one server run there?")
            .await?;
        Ok(((), format!("came back after {} ms", sent.elapsed().as_millis())))
    }

    async fn clock(&self, http: &reqwest::Client) -> Result<((), String), Failed> {
        let url = self.url.join("/api/time").map_err(|e| failed(e, "Give --url as http://host:port."))?;
        let before = wall_ms();
        let answer = http.get(url).send().await.map_err(|e| failed(causes(&e), "Try again."))?;
        let body: Value = answer.json().await.map_err(|e| failed(e, "A proxy may stand in between."))?;
        let after = wall_ms();
        let read = |name: &str| body["data"][name].as_f64().unwrap_or_default();
        // As in SNTP: half of what lies between, with half of the round trip as the error.
        let off = ((read("received_at") - before) + (read("sent_at") - after)) / 2.0;
        let error = (after - before) / 2.0;
        let words = format!("the server's is {off:+.1} ms off this machine's, ± {error:.1} ms");
        if off.abs() > CLOCK_BAD_MS {
            return Err(failed(words, "Signed requests are refused like this: set both clocks by NTP."));
        }
        Ok(((), if off.abs() > CLOCK_ODD_MS { format!("{words} (set both by NTP)") } else { words }))
    }
}

async fn open(realtime: &Url, app: &App) -> Result<((Socket, String), String), Failed> {
    let advice = "The proxy must pass WebSocket upgrades on: `Upgrade` and `Connection` headers, HTTP/1.1.";
    let mut url = realtime.clone();
    url.set_path(&format!("/app/{}", app.key));
    url.set_query(Some("protocol=7&client=doctor&version=1"));
    let (mut socket, _) = connect_async(url.as_str()).await.map_err(|e| failed(e, advice))?;
    let greeting = hear(&mut socket, "pusher:connection_established", "Check the app's key: PUSHER_APP_KEY.").await?;
    let id = greeting["socket_id"].as_str().unwrap_or_default().to_owned();
    Ok(((socket, id.clone()), format!("{realtime} greets socket {id}")))
}

async fn subscribe(socket: &mut Socket, channel: &str, auth: Option<&str>) -> Result<(), Failed> {
    let text = guildhall_pusher::frame::subscribe(channel, auth, None);
    socket.send(Message::text(text)).await.map_err(|e| failed(e, "The connection broke: try again."))?;
    let advice = "The subscription was refused: the secret that signs and the server's may differ.";
    hear(socket, "pusher_internal:subscription_succeeded", advice).await.map(drop)
}

/// The data of the next frame of this event; an error frame ends the waiting.
async fn hear(socket: &mut Socket, event: &str, advice: &'static str) -> Result<Value, Failed> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => {
                let frame = Frame::parse(&text)
                    .map_err(|e| failed(e, "Something else than Pusher's protocol is spoken there."))?;
                if frame.event == event {
                    return Ok(frame.value());
                }
                if frame.event == "pusher:error" || frame.event == "pusher:subscription_error" {
                    return Err(failed(frame.value(), advice));
                }
            }
            Some(Ok(Message::Close(close))) => {
                let words = close.map_or_else(String::new, |c| format!(" with {}: {}", u16::from(c.code), c.reason));
                return Err(failed(format!("closed{words}"), advice));
            }
            Some(Ok(_)) => {}
            Some(Err(e)) => return Err(failed(e, advice)),
            None => return Err(failed("the connection ended", advice)),
        }
    }
}

/// An error and what is behind it: "certificate has expired" stands deep down.
fn causes(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        words = format!("{words}: {cause}");
        next = cause.source();
    }
    words
}
