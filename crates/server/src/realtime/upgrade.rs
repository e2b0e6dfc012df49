//! The upgrade of a connection to WebSocket: answered here, then the socket is handed to the loops for good.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    body::Body,
    extract::{
        ConnectInfo, Path, Query, Request, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use guildhall_pusher::close::CloseCode;
use guildhall_realtime::{NewSocket, stream::Stream};
use hyper::upgrade::Upgraded;
use hyper_util::{rt::TokioIo, server::conn::auto::upgrade};
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tungstenite::handshake::server::create_response_with_body;

use crate::{app::App, error::ApiError};

/// Longest name of a client that is remembered, characters.
const CLIENT_CHARS_MAX: usize = 40;

/// What a client says about itself.
#[derive(Debug, Default, Deserialize)]
pub struct Hello {
    protocol: Option<String>,
    client: Option<String>,
    version: Option<String>,
}

/// `GET /app/{key}`
pub async fn connect(
    State(app): State<App>,
    key: Result<Path<String>, PathRejection>,
    hello: Result<Query<Hello>, QueryRejection>,
    request: Request,
) -> Response {
    let key = key.map(|Path(key)| key).unwrap_or_default();
    let hello = hello.map(|Query(hello)| hello).unwrap_or_default();
    let origin = request.headers().get(header::ORIGIN).and_then(|v| v.to_str().ok());
    let chosen = choose(&app, &key, &hello, origin);
    take_over(app, chosen, &hello, request)
}

/// `/app` without a key, or with more than one part behind it.
pub async fn wrong_path(State(app): State<App>, request: Request) -> Response {
    let words = "The path must be /app/ and the app's key, and nothing behind it".to_owned();
    take_over(app, Err((CloseCode::Path, words)), &Hello::default(), request)
}

/// The app that is meant, or the code and words that say why there is none.
fn choose(app: &App, key: &str, hello: &Hello, origin: Option<&str>) -> Result<usize, (CloseCode, String)> {
    let refuse = |code, words: &str| Err((code, words.to_owned()));
    let sockets = app.hub.sockets();
    let Some(found) = sockets.app_by_key(key) else { return refuse(CloseCode::NoSuchApp, "No app has this key") };
    match hello.protocol.as_deref() {
        None | Some("") => refuse(CloseCode::NoProtocolVersion, "No protocol version was given: add ?protocol=7"),
        Some(text) => match text.parse::<u32>() {
            Err(_) => refuse(CloseCode::VersionFormat, "The protocol version is not a number"),
            // Versions 5 to 7 differ only in what the client may leave out.
            Ok(5..=7) if sockets.app(found).admits_origin(origin) => Ok(found),
            Ok(5..=7) => refuse(CloseCode::Unauthorised, "Pages of this origin may not connect to the app"),
            Ok(_) => refuse(CloseCode::ProtocolVersion, "This protocol version is not spoken: use 7"),
        },
    }
}

fn take_over(app: App, chosen: Result<usize, (CloseCode, String)>, hello: &Hello, mut request: Request) -> Response {
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    let address = address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let upgrade = hyper::upgrade::on(&mut request);
    let Ok(answer) = create_response_with_body(&request.map(|_| ()), Body::empty) else {
        return ApiError::new(
            StatusCode::UPGRADE_REQUIRED,
            "websocket_needed",
            "This address speaks WebSocket: connect with ws:// or wss:// and the Pusher protocol 7.",
        )
        .into_response();
    };
    let client = client_name(hello);
    tokio::spawn(async move {
        let handed = match upgrade.await {
            Ok(upgraded) => into_stream(upgraded),
            Err(error) => return tracing::debug!(%error, "an upgrade broke off"),
        };
        match handed {
            Ok((stream, early)) => app.hub.sockets().adopt(NewSocket { stream, early, app: chosen, address, client }),
            Err(error) => tracing::error!(%error, "a socket cannot be handed over"),
        }
    });
    answer
}

fn client_name(hello: &Hello) -> Option<std::sync::Arc<str>> {
    let name = hello.client.as_ref()?;
    let both = format!("{name} {}", hello.version.as_deref().unwrap_or_default());
    let shown: String = both.trim().chars().filter(|c| !c.is_control()).take(CLIENT_CHARS_MAX).collect();
    Some(shown.into())
}

/// The socket under an upgraded connection, and what was read from it already.
fn into_stream(upgraded: Upgraded) -> std::io::Result<(Stream, Vec<u8>)> {
    let plain = |stream: TcpStream| Ok::<_, std::io::Error>(mio::net::TcpStream::from_std(stream.into_std()?));
    match upgrade::downcast::<TokioIo<TcpStream>>(upgraded) {
        Ok(parts) => {
            let stream = parts.io.into_inner();
            stream.set_nodelay(true)?;
            Ok((Stream::Plain(plain(stream)?), parts.read_buf.to_vec()))
        }
        Err(upgraded) => match upgrade::downcast::<TokioIo<TlsStream<TcpStream>>>(upgraded) {
            Ok(parts) => {
                let (stream, session) = parts.io.into_inner().into_inner();
                stream.set_nodelay(true)?;
                Ok((Stream::Tls(Box::new((plain(stream)?, session))), parts.read_buf.to_vec()))
            }
            Err(_) => Err(std::io::Error::other("the connection is neither TCP nor TLS over TCP")),
        },
    }
}
