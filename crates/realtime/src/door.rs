//! The first bytes of a connection to the realtime listener: an upgrade, a request to the signed API, or something that
//! the other half of the server answers.

use std::ops::Range;

use guildhall_pusher::close::CloseCode;
use tungstenite::handshake::derive_accept_key;

use crate::{api::BODY_BYTES_MAX, hub::Hub};

/// The head of a request at most, bytes (as hyper has it for HTTP/1).
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Headers of a request at most.
const HEADERS_MAX: usize = 64;
/// Longest name of a client that is remembered, characters.
const CLIENT_CHARS_MAX: usize = 40;

/// The sub-protocol that some clients name, and then want to hear back.
pub const SUB_PROTOCOL: &str = "pusher-channels-protocol-7";

/// What somebody wants who has just begun to speak.
#[derive(Debug, PartialEq, Eq)]
pub enum Wish {
    /// It cannot be told yet.
    Unclear,
    /// A WebSocket on `/app/…`.
    Upgrade(Upgrade),
    /// A whole request to `/apps/…`.
    Api(ApiRequest),
    /// Anything else, to be answered by the router.
    Other,
}

/// An upgrade that is as it should be.
#[derive(Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// Bytes of the head.
    pub length: usize,
    /// What is answered.
    pub answer: String,
    /// `/app/…` with its query.
    pub target: String,
    /// Where the page is from.
    pub origin: Option<String>,
}

/// A request to the signed API: where its parts are.
#[derive(Debug, PartialEq, Eq)]
pub struct ApiRequest {
    /// `GET`, `POST`.
    pub method: String,
    /// The path with its query.
    pub target: String,
    /// Where its body is.
    pub body: Range<usize>,
    /// Whether the connection stays open behind it.
    pub keep: bool,
    /// The name that the client gave it.
    pub request_id: Option<String>,
}

/// Looks at what has arrived so far. `loopback_only`: the listener is not reachable from elsewhere, and a page of another
/// site must not reach it under a name of its own.
pub fn look(bytes: &[u8], loopback_only: bool) -> Wish {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    let length = match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if bytes.len() < HEAD_BYTES_MAX && may_be_ours(bytes) => return Wish::Unclear,
        _ => return Wish::Other,
    };
    let (Some(method), Some(target), Some(1)) = (request.method, request.path, request.version) else {
        return Wish::Other;
    };
    let header = |name: &str| {
        let found = request.headers.iter().find(|h| h.name.eq_ignore_ascii_case(name));
        found.and_then(|h| std::str::from_utf8(h.value).ok()).map(str::trim)
    };
    let has = |name: &str, word: &str| {
        header(name).is_some_and(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(word)))
    };
    if loopback_only && !header("host").is_some_and(is_loopback) {
        return Wish::Other;
    }
    if is_app(target) {
        let fits = method == "GET"
            && has("upgrade", "websocket")
            && has("connection", "upgrade")
            && header("sec-websocket-version") == Some("13");
        return match header("sec-websocket-key").filter(|_| fits) {
            Some(key) => Wish::Upgrade(Upgrade {
                length,
                answer: format!(
                    "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {}\r\n{}\r\n",
                    derive_accept_key(key.as_bytes()),
                    if has("sec-websocket-protocol", SUB_PROTOCOL) {
                        format!("sec-websocket-protocol: {SUB_PROTOCOL}\r\n")
                    } else {
                        String::new()
                    }
                ),
                target: target.to_owned(),
                origin: header("origin").map(str::to_owned),
            }),
            None => Wish::Other,
        };
    }
    let unusual = ["transfer-encoding", "expect", "upgrade"].iter().any(|name| header(name).is_some());
    if !target.starts_with("/apps/") || unusual || !matches!(method, "GET" | "POST") {
        return Wish::Other;
    }
    let Ok(body) = header("content-length").unwrap_or("0").parse::<usize>() else { return Wish::Other };
    if body > BODY_BYTES_MAX {
        return Wish::Other;
    }
    if bytes.len() < length + body {
        return Wish::Unclear;
    }
    Wish::Api(ApiRequest {
        method: method.to_owned(),
        target: target.to_owned(),
        body: length..length + body,
        keep: !has("connection", "close"),
        request_id: header("x-request-id").filter(|id| id.len() <= 128).map(str::to_owned),
    })
}

/// Whether the beginning of a head may become one of ours: what cannot is handed over at once, whatever is still to come.
fn may_be_ours(bytes: &[u8]) -> bool {
    ["GET /app", "POST /apps/"].iter().any(|ours| {
        let both = ours.len().min(bytes.len());
        bytes[..both] == ours.as_bytes()[..both]
    })
}

fn is_app(target: &str) -> bool {
    target.strip_prefix("/app").is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// Whether a `Host` names this machine itself.
pub fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The app that an upgrade means.
pub struct Chosen {
    /// Its number, or why there is none.
    pub app: Result<usize, (CloseCode, String)>,
    /// What the client says it is, such as `js 8.6.0`.
    pub client: Option<std::sync::Arc<str>>,
}

/// Reads the path (`/app/{key}`) and the query of an upgrade.
pub fn choose(hub: &Hub, path: &str, query: &str, origin: Option<&str>) -> Chosen {
    let parameter = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let client = parameter("client").map(|name| {
        let both = format!("{name} {}", parameter("version").unwrap_or_default());
        both.trim().chars().filter(|c| !c.is_control()).take(CLIENT_CHARS_MAX).collect::<String>().into()
    });
    // An address without any query is what one types by hand: the version that is spoken is meant.
    let protocol = if query.is_empty() { Some("7".to_owned()) } else { parameter("protocol") };
    Chosen { app: choose_app(hub, path, protocol, origin), client }
}

fn choose_app(
    hub: &Hub,
    path: &str,
    protocol: Option<String>,
    origin: Option<&str>,
) -> Result<usize, (CloseCode, String)> {
    let refuse = |code, words: &str| Err((code, words.to_owned()));
    let key = path.strip_prefix("/app/").filter(|key| !key.is_empty() && !key.contains('/'));
    let Some(key) = key else {
        return refuse(CloseCode::Path, "The path must be /app/ and the app's key, and nothing behind it");
    };
    let key = percent_encoding::percent_decode_str(key).decode_utf8_lossy();
    let Some(found) = hub.app_by_key(&key) else { return refuse(CloseCode::NoSuchApp, "No app has this key") };
    match protocol.as_deref() {
        None | Some("") => refuse(CloseCode::NoProtocolVersion, "No protocol version was given: add ?protocol=7"),
        Some(text) => match text.parse::<u32>() {
            Err(_) => refuse(CloseCode::VersionFormat, "The protocol version is not a number"),
            // Versions 5 to 7 differ only in what the client may leave out.
            Ok(5..=7) if hub.app(found).admits_origin(origin) => Ok(found),
            Ok(5..=7) => refuse(CloseCode::Unauthorised, "Pages of this origin may not connect to the app"),
            Ok(_) => refuse(CloseCode::ProtocolVersion, "This protocol version is not spoken: use 7"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UPGRADE: &str = "GET /app/k?protocol=7 HTTP/1.1\r\nHost: localhost:6001\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    #[test]
    fn an_upgrade_is_answered_as_the_rfc_has_it() {
        let Wish::Upgrade(upgrade) = look(UPGRADE.as_bytes(), true) else { panic!("an upgrade") };
        assert!(
            upgrade.answer.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
            "{}",
            upgrade.answer
        );
        assert_eq!((upgrade.length, &*upgrade.target), (UPGRADE.len(), "/app/k?protocol=7"));
        for end in 0..UPGRADE.len() {
            assert_eq!(look(&UPGRADE.as_bytes()[..end], true), Wish::Unclear, "{end}");
        }
    }

    #[test]
    fn the_sub_protocol_of_the_protocol_is_echoed() {
        let named = |name: &str| {
            let with = UPGRADE.replace("\r\n\r\n", &format!("\r\nSec-WebSocket-Protocol: {name}\r\n\r\n"));
            let Wish::Upgrade(upgrade) = look(with.as_bytes(), true) else { panic!("an upgrade") };
            upgrade.answer.contains("sec-websocket-protocol: pusher-channels-protocol-7\r\n")
        };
        assert!(named("pusher-channels-protocol-7") && named("other, pusher-channels-protocol-7") && !named("other"));
    }

    #[test]
    fn what_is_not_quite_an_upgrade_is_left_to_others() {
        for (from, to) in [
            ("GET", "POST"),
            ("HTTP/1.1", "HTTP/1.0"),
            ("Upgrade: websocket", "Upgrade: h2c"),
            ("Version: 13", "Version: 8"),
            ("Sec-WebSocket-Key", "X-Other"),
            ("/app/k", "/health"),
            ("/app/k", "/apple"),
            ("Host: localhost:6001", "Host: evil.example"),
        ] {
            assert_eq!(look(UPGRADE.replacen(from, to, 1).as_bytes(), true), Wish::Other, "{from} as {to}");
        }
        assert!(matches!(look(UPGRADE.replace("localhost", "hall.example").as_bytes(), false), Wish::Upgrade(_)));
    }

    #[test]
    fn a_request_is_taken_whole_or_not_at_all() {
        let head = "POST /apps/1/events?a=b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\n\r\n";
        let whole = format!("{head}body");
        let expected = ApiRequest {
            method: "POST".into(),
            target: "/apps/1/events?a=b".into(),
            body: head.len()..whole.len(),
            keep: true,
            request_id: None,
        };
        assert_eq!(look(whole.as_bytes(), true), Wish::Api(expected));
        assert_eq!(look(&whole.as_bytes()[..whole.len() - 1], true), Wish::Unclear);
        for (from, to) in [
            ("Content-Length: 4", "Content-Length: 99999999"),
            ("Content-Length: 4", "Content-Length: -1"),
            ("Content-Length: 4", "Transfer-Encoding: chunked"),
            ("POST", "DELETE"),
            ("/apps/", "/api/"),
        ] {
            assert_eq!(look(whole.replacen(from, to, 1).as_bytes(), true), Wish::Other, "{to}");
        }
        assert_eq!(look(b"\x16\x03\x01\x02", true), Wish::Other, "TLS on a plain port");
        assert_eq!(look(&[b"GET /apps/".to_vec(), vec![b'x'; HEAD_BYTES_MAX]].concat(), true), Wish::Other);
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            look(&bytes, true);
            look(&[UPGRADE.as_bytes(), &bytes].concat(), false);
            look(&[b"POST /apps/1/events HTTP/1.1\r\n", &bytes[..]].concat(), false);
        }
    }
}
