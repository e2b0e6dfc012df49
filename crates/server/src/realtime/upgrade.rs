//! The upgrade of a connection to WebSocket: answered here, then the socket is handed to the loops for good.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use guildhall_realtime::{
    NewSocket,
    door::{self, Chosen},
    stream::Stream,
};
use hyper::upgrade::Upgraded;
use hyper_util::{rt::TokioIo, server::conn::auto::upgrade};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tungstenite::handshake::server::create_response_with_body;

use super::begun::Begun;
use crate::{address::ClientAddress, app::App, connections::Bounded, error::ApiError, heads::Heads};

/// `GET /app/…`, also where the path is not as it should be: the client is told so in a frame.
pub async fn connect(State(app): State<App>, request: Request) -> Response {
    let origin = request.headers().get(header::ORIGIN).and_then(|v| v.to_str().ok());
    let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
    let chosen = door::choose(app.hub.sockets(), path, query, origin);
    take_over(app, chosen, request)
}

fn take_over(app: App, chosen: Chosen, mut request: Request) -> Response {
    let address = ClientAddress::of(&request).ip;
    let named = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|v| v.to_str().ok());
    let echoed = named.flat_map(|v| v.split(',')).any(|name| name.trim().eq_ignore_ascii_case(door::SUB_PROTOCOL));
    let upgrade = hyper::upgrade::on(&mut request);
    let Ok(mut answer) = create_response_with_body(&request.map(|_| ()), Body::empty) else {
        return ApiError::new(
            StatusCode::UPGRADE_REQUIRED,
            "websocket_needed",
            "This address speaks WebSocket: connect with ws:// or wss:// and the Pusher protocol 7.",
        )
        .into_response();
    };
    if echoed {
        answer.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(door::SUB_PROTOCOL));
    }
    let vitals = app.vitals.clone();
    vitals.once("upgrade", async move {
        let handed = match upgrade.await {
            Ok(upgraded) => into_stream(upgraded),
            Err(error) => return tracing::debug!(%error, "an upgrade broke off"),
        };
        match handed {
            Ok((stream, early)) => {
                app.hub.sockets().adopt(NewSocket { stream, early, app: chosen.app, address, client: chosen.client })
            }
            Err(error) => tracing::error!(%error, "a socket cannot be handed over"),
        }
    });
    answer
}

/// The socket under an upgraded connection, and what was read from it already.
fn into_stream(upgraded: Upgraded) -> std::io::Result<(Stream, Vec<u8>)> {
    let plain = |stream: TcpStream| {
        stream.set_nodelay(true)?;
        Ok::<_, std::io::Error>(mio::net::TcpStream::from_std(stream.into_std()?))
    };
    let upgraded = match upgrade::downcast::<TokioIo<Heads<Begun>>>(upgraded) {
        Ok(parts) => {
            let (stream, first) = parts.io.into_inner().into_inner().into_parts();
            return Ok((Stream::Plain(plain(stream)?), [&parts.read_buf[..], &first[..]].concat()));
        }
        Err(upgraded) => upgraded,
    };
    let upgraded = match upgrade::downcast::<TokioIo<Heads<Bounded>>>(upgraded) {
        Ok(parts) => {
            return Ok((
                Stream::Plain(plain(parts.io.into_inner().into_inner().into_inner())?),
                parts.read_buf.to_vec(),
            ));
        }
        Err(upgraded) => upgraded,
    };
    match upgrade::downcast::<TokioIo<Heads<TlsStream<Bounded>>>>(upgraded) {
        Ok(parts) => {
            let (stream, session) = parts.io.into_inner().into_inner().into_inner();
            Ok((Stream::Tls(Box::new((plain(stream.into_inner())?, session))), parts.read_buf.to_vec()))
        }
        Err(_) => Err(std::io::Error::other("the connection is neither TCP nor TLS over TCP")),
    }
}
