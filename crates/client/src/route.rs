//! The way to a server: whose certificates are believed, and through which proxy.
//!
//! Requests and the socket go the same way: both believe [`trust`], and both ask the same variables (`HTTPS_PROXY`,
//! `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, as curl reads them) for a proxy.

use std::{
    future::poll_fn,
    io,
    sync::{Arc, LazyLock},
};

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{
    client::{
        legacy::connect::{HttpConnector, proxy::Tunnel},
        proxy::matcher::Matcher,
    },
    rt::TokioIo,
};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config,
    tungstenite::{Error, error::UrlError, http::Uri, protocol::WebSocketConfig},
};
use tower_service::Service;
use url::Url;

use crate::address::is_loopback;

/// A connection to the server or to the proxy before it; the latter may be encrypted itself.
type Line = TokioIo<MaybeHttpsStream<TokioIo<TcpStream>>>;

/// The realtime connection.
pub(crate) type Socket = WebSocketStream<MaybeTlsStream<Line>>;

/// Believes whom the system believes, private authorities included. Read once: what the system learns later counts from
/// the next start.
pub(crate) fn trust() -> Arc<ClientConfig> {
    static TRUST: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| {
        // More than one could be linked in, and then it would not be known which to take. Set already is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = ClientConfig::with_platform_verifier().unwrap_or_else(|error| {
            // A server without TLS, local mode for one, needs nobody to vouch for it. All others say that it is the
            // certificate.
            tracing::warn!(%error, "this system trusts nobody: no certificate will be accepted");
            ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        });
        Arc::new(config)
    });
    Arc::clone(&TRUST)
}

/// Makes the realtime connection, through a proxy where one is set. Has no limit on time of its own.
///
/// # Errors
/// What is in the way; a proxy that refuses is an error of input and output.
pub(crate) async fn open(url: &Url, config: WebSocketConfig) -> Result<Socket, Error> {
    let line = line(url).await?;
    let connector = Connector::Rustls(trust());
    let (socket, _) = client_async_tls_with_config(url.as_str(), line, Some(config), Some(connector)).await?;
    Ok(socket)
}

async fn line(url: &Url) -> Result<Line, Error> {
    // The rules for proxies know the schemes of requests.
    let (scheme, port) = if url.scheme() == "wss" { ("https", 443) } else { ("http", 80) };
    let host = url.host_str().ok_or(Error::Url(UrlError::NoHostName))?;
    let target = format!("{host}:{}", url.port().unwrap_or(port));
    let asked: Uri = format!("{scheme}://{target}/").parse().map_err(|_| Error::Url(UrlError::NoPathOrQuery))?;
    let mut connector = connector();
    let proxy = if is_loopback(url) { None } else { Matcher::from_system().intercept(&asked) };
    let line = match proxy {
        Some(proxy) => {
            let mut tunnel = Tunnel::new(proxy.uri().clone(), connector);
            if let Some(auth) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(auth.clone());
            }
            poll_fn(|cx| tunnel.poll_ready(cx)).await.map_err(failed)?;
            tunnel.call(asked).await.map_err(failed)?
        }
        None => {
            // The socket's own TLS comes on top.
            let plain: Uri = format!("http://{target}/").parse().map_err(|_| Error::Url(UrlError::NoPathOrQuery))?;
            poll_fn(|cx| connector.poll_ready(cx)).await.map_err(failed)?;
            connector.call(plain).await.map_err(failed)?
        }
    };
    Ok(TokioIo::new(line))
}

fn connector() -> HttpsConnector<HttpConnector> {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    tcp.enforce_http(false);
    HttpsConnectorBuilder::new()
        .with_tls_config(trust().as_ref().clone())
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp)
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Io(io::Error::other(error))
}
