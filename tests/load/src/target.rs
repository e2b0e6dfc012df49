//! The server to drive: where it is, and its app.

use std::net::{SocketAddr, ToSocketAddrs};

use guildhall_pusher::auth::{App, sign_request};
use md5::{Digest, Md5};
use url::Url;

/// Where a server is, and as which app it is driven.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where both WebSockets and publishes go.
    pub address: SocketAddr,
    /// For the `Host` header.
    pub host: String,
    /// The app that clients name and publishes are signed for.
    pub app: App,
}

impl Target {
    /// Reads `ws://HOST[:PORT]`. TLS is not spoken here: what is measured is the server, and a proxy may do TLS.
    ///
    /// # Errors
    /// In words, when the address is none, or cannot be resolved.
    pub fn new(url: &str, app: App) -> Result<Self, String> {
        let parsed = Url::parse(url).map_err(|e| format!("--url {url}: {e}"))?;
        if parsed.scheme() != "ws" {
            return Err(format!("--url {url}: give ws://HOST:PORT"));
        }
        let host = parsed.host_str().ok_or_else(|| format!("--url {url}: no host"))?;
        let port = parsed.port_or_known_default().unwrap_or(80);
        let address = (host.trim_matches(['[', ']']), port)
            .to_socket_addrs()
            .map_err(|e| format!("--url {url}: {e}"))?
            .next()
            .ok_or_else(|| format!("--url {url}: no address"))?;
        Ok(Self { address, host: format!("{host}:{port}"), app })
    }

    /// What a client asks for to connect.
    pub fn socket_path(&self) -> String {
        format!("/app/{}?protocol=7&client=load&version=1.0", self.app.key)
    }

    /// A whole, signed HTTP request that publishes `data` (text without a character that JSON escapes).
    pub fn publish_request(&self, channel: &str, data: &str, now_s: u64) -> Vec<u8> {
        let path = format!("/apps/{}/events", self.app.id);
        let body = format!(r#"{{"name":"load","channel":"{channel}","data":"{data}"}}"#);
        let query = [
            ("auth_key", self.app.key.clone()),
            ("auth_timestamp", now_s.to_string()),
            ("auth_version", "1.0".to_owned()),
            ("body_md5", hex::encode(Md5::digest(body.as_bytes()))),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        let signature = sign_request(&self.app.secret, "POST", &path, &query);
        let [key, timestamp, version, digest] = query.map(|(name, value)| format!("{name}={value}"));
        format!(
            "POST {path}?{key}&{timestamp}&{version}&{digest}&auth_signature={signature} HTTP/1.1\r\nHost: {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        )
        .into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use guildhall_pusher::auth::check_request;

    use super::*;

    fn app() -> App {
        App { id: "3".into(), key: "key".into(), secret: "secret".into() }
    }

    #[test]
    fn addresses_are_read() {
        let check = |url: &str, expected: Option<(&str, &str)>| {
            let target = Target::new(url, app()).ok().map(|t| (t.address.to_string(), t.host));
            assert_eq!(target, expected.map(|(a, h)| (a.to_owned(), h.to_owned())), "{url}");
        };
        check("ws://127.0.0.1:6001", Some(("127.0.0.1:6001", "127.0.0.1:6001")));
        check("ws://127.0.0.1/", Some(("127.0.0.1:80", "127.0.0.1:80")));
        check("ws://[::1]:6001", Some(("[::1]:6001", "[::1]:6001")));
        check("wss://127.0.0.1:6001", None);
        check("127.0.0.1:6001", None);
    }

    #[test]
    fn a_publish_is_signed_as_a_server_checks_it() {
        let target = Target::new("ws://127.0.0.1:6001", app()).expect("an address");
        let request = String::from_utf8(target.publish_request("c", "data", 1_000)).expect("text");
        let (head, body) = request.split_once("\r\n\r\n").expect("a body");
        let query = head.split_once('?').and_then(|(_, rest)| rest.split_once(' ')).expect("a query").0;
        let query: Vec<(String, String)> =
            query.split('&').filter_map(|p| p.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect();
        assert_eq!(check_request(&app(), "POST", "/apps/3/events", &query, body.as_bytes(), 1_000), Ok(()));
    }
}
