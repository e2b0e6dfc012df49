//! Who asks, and under which name: the client's address, also behind a proxy, and the hosts that this server answers as.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
};

use crate::{config::ServerConfig, sign_in_guard::Source};

/// Where a request comes from, as far as that can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress {
    /// The client's address: the connection's own, or what a trusted proxy says of it.
    pub ip: IpAddr,
    /// Whether somebody between us and the client forwarded it, trusted or not.
    pub forwarded: bool,
}

impl ClientAddress {
    /// Of a request about which nothing was noted.
    pub const UNKNOWN: Self = Self { ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED), forwarded: true };

    /// Reads it from a connection's address and what the request says. `X-Forwarded-For` counts from the right, for as long
    /// as whoever wrote an entry is a trusted proxy.
    pub fn read(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> Self {
        // Bytes: one that is no text, which anybody can write, must not hide the entries beside it.
        let listed: Vec<&[u8]> = headers
            .get_all("x-forwarded-for")
            .iter()
            .flat_map(|value| value.as_bytes().split(|b| *b == b','))
            .map(<[u8]>::trim_ascii)
            .collect();
        let mut ip = peer.to_canonical();
        for entry in listed.iter().rev() {
            if !trusted.contains(&ip) {
                break;
            }
            // An entry that is no address was not written by a proxy that is worth its trust.
            let Some(next) = address_in(entry) else { break };
            ip = next.to_canonical();
        }
        let forwarded = !listed.is_empty() || headers.contains_key("forwarded") || headers.contains_key("x-real-ip");
        Self { ip, forwarded }
    }

    /// The source that budgets are counted for.
    pub fn source(self) -> Source {
        Source::of(self.ip)
    }

    /// Whether the request was made on this machine itself, and not by a proxy on it for somebody else.
    pub fn is_this_machine(self) -> bool {
        self.ip.is_loopback() && !self.forwarded
    }

    /// The address of a request that passed through [`note`].
    pub fn of(request: &Request) -> Self {
        request.extensions().get().copied().unwrap_or(Self::UNKNOWN)
    }
}

/// The address of an entry, which some proxies write with its port or in brackets.
fn address_in(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?;
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// Notes the client's address for everything that follows.
pub fn note(request: &mut Request, config: &ServerConfig) {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let peer = peer.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
    let address = ClientAddress::read(peer, request.headers(), &config.trusted_proxies);
    request.extensions_mut().insert(address);
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self::UNKNOWN))
    }
}

/// The host that a request names; `None` for HTTP/1.0, which has none and which no browser speaks.
pub fn host(request: &Request) -> Option<&str> {
    // One that is no text is a host, and nobody's.
    let host = request.headers().get(header::HOST).map(|v| v.to_str().unwrap_or("?"));
    host.or_else(|| request.uri().authority().map(|a| a.as_str()))
}

/// Why a request for another host is not answered; `None` when it is.
///
/// A page of another site that has its own name point at loopback (DNS rebinding) is told apart by its Host.
pub fn wrong_host(host: Option<&str>, config: &ServerConfig) -> Option<String> {
    if !config.http.ip().is_loopback() {
        return None;
    }
    let host = host?;
    if guildhall_realtime::door::is_loopback(host) {
        return None;
    }
    match &config.public_host {
        // The port says how the request came, not whom it is for.
        Some(public) if name_of(public).eq_ignore_ascii_case(name_of(host)) => None,
        Some(public) => Some(format!(
            "This server answers as {public}, localhost, 127.0.0.1 or [::1], not as {host}: its --public-url says so."
        )),
        None => Some(format!(
            "This server listens on loopback only and answers as localhost, 127.0.0.1 or [::1]. Behind a proxy, start it with --public-url https://{host}."
        )),
    }
}

fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The host of a public address, with its port where that is not the scheme's own, as clients put it into `Host`.
///
/// # Errors
/// A sentence that says what an address looks like.
pub fn public_host(url: &str) -> Result<String, String> {
    let wrong =
        || format!("{url:?} is not a public address: expected one such as https://hall.example, without a path");
    let parsed = url::Url::parse(url).map_err(|_| wrong())?;
    let plain =
        matches!(parsed.scheme(), "http" | "https") && matches!(parsed.path(), "" | "/") && parsed.query().is_none();
    let host = parsed.host_str().filter(|_| plain).ok_or_else(wrong)?;
    Ok(parsed.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn forwarded(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().expect("a value"));
        }
        headers
    }

    #[test]
    fn forwarded_addresses_are_believed_from_trusted_proxies_only() {
        let read = |peer: &str, lines: &[&str], trusted: &[&str]| {
            let trusted: Vec<IpAddr> = trusted.iter().map(|text| ip(text)).collect();
            ClientAddress::read(ip(peer), &forwarded(lines), &trusted).ip.to_string()
        };
        assert_eq!(read("192.0.2.1", &[], &[]), "192.0.2.1");
        assert_eq!(read("192.0.2.1", &["203.0.113.9"], &[]), "192.0.2.1");
        assert_eq!(read("127.0.0.1", &["203.0.113.9"], &["127.0.0.1"]), "203.0.113.9");
        assert_eq!(read("::ffff:127.0.0.1", &["203.0.113.9"], &["127.0.0.1"]), "203.0.113.9");
        // What the client wrote itself stands further left.
        assert_eq!(read("127.0.0.1", &["1.1.1.1, 203.0.113.9"], &["127.0.0.1"]), "203.0.113.9");
        assert_eq!(read("127.0.0.1", &["1.1.1.1", "203.0.113.9"], &["127.0.0.1"]), "203.0.113.9");
        assert_eq!(read("127.0.0.1", &["203.0.113.9, 10.0.0.1"], &["127.0.0.1", "10.0.0.1"]), "203.0.113.9");
        assert_eq!(read("127.0.0.1", &["nonsense"], &["127.0.0.1"]), "127.0.0.1");
        assert_eq!(read("127.0.0.1", &["203.0.113.9:4711"], &["127.0.0.1"]), "203.0.113.9");
        assert_eq!(read("127.0.0.1", &["[2001:db8::1]"], &["127.0.0.1"]), "2001:db8::1");
        assert_eq!(read("127.0.0.1", &["[2001:db8::1]:4711"], &["127.0.0.1"]), "2001:db8::1");
    }

    #[test]
    fn a_request_that_was_passed_on_is_not_made_on_this_machine() {
        let here = |lines: &[&str]| ClientAddress::read(ip("127.0.0.1"), &forwarded(lines), &[]).is_this_machine();
        assert!(here(&[]));
        assert!(!here(&["203.0.113.9"]));
        // Bytes that are no text, as anybody can send them: neither hidden themselves nor hiding what stands beside them.
        let mut odd = HeaderMap::new();
        odd.append("x-forwarded-for", axum::http::HeaderValue::from_bytes(b"\xFF").expect("bytes"));
        assert!(!ClientAddress::read(ip("127.0.0.1"), &odd, &[]).is_this_machine());
        odd.append("x-forwarded-for", axum::http::HeaderValue::from_bytes(b"\xE9, 203.0.113.9").expect("bytes"));
        let read = ClientAddress::read(ip("127.0.0.1"), &odd, &[ip("127.0.0.1")]);
        assert_eq!((read.ip, read.forwarded), (ip("203.0.113.9"), true));
        assert!(!ClientAddress::read(ip("192.0.2.1"), &HeaderMap::new(), &[]).is_this_machine());
    }

    #[test]
    fn the_public_host_is_answered_and_another_is_told_which_setting_is_missing() {
        let mut config = ServerConfig::local("nowhere".into());
        let words = wrong_host(Some("hall.example"), &config).expect("refused");
        assert!(words.contains("--public-url https://hall.example"), "{words}");
        assert_eq!(wrong_host(Some("localhost:8000"), &config), None);
        config.public_host = Some(public_host("https://Hall.example/").expect("an address"));
        assert_eq!(wrong_host(Some("hall.example"), &config), None);
        assert_eq!(wrong_host(Some("HALL.example:8443"), &config), None);
        assert_eq!(wrong_host(Some("127.0.0.1"), &config), None);
        let words = wrong_host(Some("evil.example"), &config).expect("refused");
        assert!(words.contains("hall.example") && words.contains("--public-url"), "{words}");
    }

    #[test]
    fn public_addresses_have_a_host_and_no_path() {
        assert_eq!(public_host("https://hall.example").as_deref(), Ok("hall.example"));
        assert_eq!(public_host("http://hall.example:8080/").as_deref(), Ok("hall.example:8080"));
        assert_eq!(public_host("https://hall.example:443").as_deref(), Ok("hall.example"));
        for wrong in ["hall.example", "ftp://hall.example", "https://hall.example/path", ""] {
            assert!(public_host(wrong).expect_err("wrong").contains("https://hall.example"), "{wrong}");
        }
    }
}
