//! Requests to the server: one connection kept open, time limits, and what can become of a request.

use std::{sync::RwLock, time::Duration};

use guildhall_contract::rest::Refusal;
use reqwest::{Client, Method, RequestBuilder, StatusCode, header};
use serde::de::{DeserializeOwned, IgnoredAny};
use url::Url;

use crate::{address::is_loopback, route};

/// What `/health` says of a server of our kind.
pub(crate) const SERVICE: &str = "guildhall";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// For files: 10 MiB at 20 kbit/s would be more than an hour, but a link that slow is no link.
pub(crate) const UPLOAD_TIMEOUT: Duration = Duration::from_secs(300);
/// Where the server may have to ask a provider or a bank first, twice.
pub(crate) const PROVIDER_TIMEOUT: Duration = Duration::from_secs(40);
/// Longest answer that is read, in bytes: the largest file and some.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What became of a request that was not carried out, or may not have been.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// There was no answer: it may or may not have been carried out.
    #[error("no answer: {reason}")]
    Unreachable {
        /// `dns`, `refused`, `timeout`, `tls`, `closed`, `intercepted` or `other`.
        reason: &'static str,
    },
    /// The token is not accepted, in the server's own words.
    #[error("not signed in")]
    Unauthorized,
    /// The server said no, and would say so again.
    #[error("refused with {status} {}", refusal.code)]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Why.
        refusal: Refusal,
    },
    /// The server cannot now, or asks for patience.
    #[error("the server is busy: {status}")]
    Busy {
        /// The HTTP status.
        status: u16,
        /// When to ask again, if it says so.
        retry_after: Option<Duration>,
        /// Why, in our own server's word. Absent: somebody else may have said it.
        code: Option<String>,
    },
    /// The answer is none of ours.
    #[error("the answer cannot be read")]
    Garbled,
}

impl ApiError {
    /// In one word, why there is no answer that can be used.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Unreachable { reason } => reason,
            Self::Busy { .. } => "busy",
            Self::Garbled => "garbled",
            Self::Unauthorized | Self::Refused { .. } => "other",
        }
    }

    /// Somebody in between answered: the request did not reach the server, or its answer did not reach us.
    pub(crate) const INTERCEPTED: Self = Self::Unreachable { reason: "intercepted" };
}

/// One server, as somebody or nobody.
pub(crate) struct Api {
    http: RwLock<Client>,
    base: RwLock<Url>,
    token: RwLock<Option<String>>,
}

impl Api {
    pub(crate) fn new(base: Url) -> Self {
        Self { http: RwLock::new(client(&base)), base: RwLock::new(base), token: RwLock::new(None) }
    }

    /// Begins with new connections: those that are open may lead nowhere any more.
    pub(crate) fn reconnect(&self) {
        *self.http.write().expect("no panic while held") = client(&self.base());
    }

    pub(crate) fn base(&self) -> Url {
        self.base.read().expect("no panic while held").clone()
    }

    pub(crate) fn set_base(&self, base: Url) {
        *self.base.write().expect("no panic while held") = base;
        // The way there may be another.
        self.reconnect();
    }

    pub(crate) fn set_token(&self, token: Option<String>) {
        *self.token.write().expect("no panic while held") = token;
    }

    pub(crate) fn has_token(&self) -> bool {
        self.token.read().expect("no panic while held").is_some()
    }

    /// A request as whoever is signed in.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut url = self.base();
        url.set_path(path);
        let http = self.http.read().expect("no panic while held").clone();
        let request = http
            .request(method, url)
            .header(header::ACCEPT, "application/json")
            .header("X-Request-Id", uuid::Uuid::new_v4().to_string());
        match self.token.read().expect("no panic while held").as_deref() {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

fn client(base: &Url) -> Client {
    let builder = Client::builder().use_preconfigured_tls(route::trust().as_ref().clone());
    // What is on this machine is not reached through another.
    let builder = if is_loopback(base) { builder.no_proxy() } else { builder };
    builder
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .tcp_nodelay(true)
        .pool_idle_timeout(Duration::from_secs(60))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("guildhall/", env!("CARGO_PKG_VERSION")))
        .build()
        .expect("the settings above are valid")
}

/// Sends a request and reads the answer as JSON.
pub(crate) async fn json<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, ApiError> {
    let bytes = bytes(request).await?;
    parsed(&bytes)
}

/// An answer as what it should be. What is no JSON at all comes from somebody in between.
fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| {
        tracing::warn!(line = error.line(), column = error.column(), "an answer cannot be read");
        if error.is_data() { ApiError::Garbled } else { ApiError::INTERCEPTED }
    })
}

/// Sends a request and reads whether it was carried out: the answer is empty, or JSON. A page is no answer.
pub(crate) async fn done(request: RequestBuilder) -> Result<(), ApiError> {
    match bytes(request).await?.as_slice() {
        [] => Ok(()),
        answer => parsed::<IgnoredAny>(answer).map(drop),
    }
}

/// As [`json`], for what is true also when the server is not well.
pub(crate) async fn json_although_unwell<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, ApiError> {
    let answer = answer(request).await?;
    if answer.status == StatusCode::SERVICE_UNAVAILABLE
        && let Ok(told) = serde_json::from_slice(&answer.body)
    {
        return Ok(told);
    }
    parsed(&answer.accepted()?)
}

/// Sends a request and reads the answer as it is.
pub(crate) async fn bytes(request: RequestBuilder) -> Result<Vec<u8>, ApiError> {
    answer(request).await?.accepted()
}

/// An answer that is read as it comes.
pub(crate) struct Stream(reqwest::Response);

impl Stream {
    /// The next part; `None` at its end.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, ApiError> {
        let chunk = self.0.chunk().await.map_err(|error| ApiError::Unreachable { reason: reason(&error) })?;
        Ok(chunk.map(|chunk| chunk.to_vec()))
    }
}

/// Sends a request whose answer may be larger than the memory.
pub(crate) async fn stream(request: RequestBuilder) -> Result<Stream, ApiError> {
    let answer = request.send().await.map_err(|error| ApiError::Unreachable { reason: reason(&error) })?;
    let page = is_page(&answer);
    if answer.status().is_success() {
        return if page { Err(ApiError::INTERCEPTED) } else { Ok(Stream(answer)) };
    }
    Err(read(answer).await?.accepted().err().unwrap_or(ApiError::Garbled))
}

fn is_page(answer: &reqwest::Response) -> bool {
    answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

struct Answer {
    status: StatusCode,
    retry_after: Option<u64>,
    /// It is a page for people.
    page: bool,
    body: Vec<u8>,
}

impl Answer {
    fn accepted(self) -> Result<Vec<u8>, ApiError> {
        if self.status.is_success() {
            // The server sends no pages: this one is not the file, nor the answer, that was asked for.
            return if self.page { Err(ApiError::INTERCEPTED) } else { Ok(self.body) };
        }
        Err(refused(self.status, self.retry_after, &self.body))
    }
}

async fn answer(request: RequestBuilder) -> Result<Answer, ApiError> {
    read(request.send().await.map_err(|error| ApiError::Unreachable { reason: reason(&error) })?).await
}

async fn read(mut answer: reqwest::Response) -> Result<Answer, ApiError> {
    let status = answer.status();
    let retry_after =
        answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let page = is_page(&answer);
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| ApiError::Unreachable { reason: reason(&error) })? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(ApiError::Garbled);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, retry_after, page, body })
}

/// What a status other than success means.
///
/// **Invariant:** only our own words are final. A captive portal, a proxy and a page about a deployment answer with the
/// same statuses as the server does; what they say of a message, a token or a person says nothing.
fn refused(status: StatusCode, retry_after: Option<u64>, body: &[u8]) -> ApiError {
    let patience =
        matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY);
    if status.is_server_error() || patience {
        let code =
            serde_json::from_slice::<Refusal>(body).ok().map(|refusal| refusal.code).filter(|code| !code.is_empty());
        return ApiError::Busy { status: status.as_u16(), retry_after: retry_after.map(Duration::from_secs), code };
    }
    match serde_json::from_slice::<Refusal>(body) {
        Ok(refusal) if status.is_client_error() && !refusal.code.is_empty() => {
            // Our own server, or one like it, that does not answer under this name: the way is wrong, not what went it.
            if status == StatusCode::MISDIRECTED_REQUEST {
                return ApiError::INTERCEPTED;
            }
            if status == StatusCode::UNAUTHORIZED && refusal.code != "invalid_credentials" {
                return ApiError::Unauthorized;
            }
            ApiError::Refused { status: status.as_u16(), refusal }
        }
        _ => {
            tracing::info!(status = status.as_u16(), "somebody else answered in the server's place");
            ApiError::INTERCEPTED
        }
    }
}

/// In one word, why there was no answer.
pub(crate) fn reason(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        return "timeout";
    }
    let word = reason_of(error);
    if word == "other" && !error.is_connect() { "closed" } else { word }
}

/// In one word, why a connection was not made or did not last, from the chain of causes.
pub(crate) fn reason_of(error: &(dyn std::error::Error + 'static)) -> &'static str {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            use std::io::ErrorKind as Kind;
            match io.kind() {
                Kind::ConnectionRefused => return "refused",
                Kind::TimedOut => return "timeout",
                Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe | Kind::UnexpectedEof => {
                    return "closed";
                }
                _ => {}
            }
        }
        let text = error.to_string().to_lowercase();
        if text.contains("dns error") || text.contains("failed to lookup") || text.contains("name resolution") {
            return "dns";
        }
        if text.contains("certificate") || text.contains("tls") || text.contains("handshakefailure") {
            return "tls";
        }
        next = error.source();
    }
    "other"
}
