//! Addresses of servers, as people type them.

use url::{Host, Url};

/// The full address for what was typed: https unless it says otherwise, except on this machine; no path, no query.
pub(crate) fn parse(typed: &str) -> Option<Url> {
    let typed = typed.trim().trim_end_matches('/');
    if typed.is_empty() || typed.contains(char::is_whitespace) {
        return None;
    }
    let with_scheme = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let mut url = Url::parse(&with_scheme).ok()?;
    if !typed.contains("://") && is_loopback(&url) {
        url.set_scheme("http").ok()?;
    }
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return None;
    }
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.set_path("");
    Some(url)
}

/// Whether it names this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// As it is shown and remembered: without a slash at the end.
pub(crate) fn shown(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// A folder name for a server: two servers never share one.
pub(crate) fn slug(url: &Url) -> String {
    let host = url.host_str().unwrap_or("server");
    let name: String = host
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '_' })
        .collect();
    let scheme = if url.scheme() == "http" { "http-" } else { "" };
    match url.port() {
        Some(port) => format!("{scheme}{name}-{port}"),
        None => format!("{scheme}{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_completed() {
        let check = |typed: &str, expected: Option<&str>| {
            assert_eq!(parse(typed).map(|url| shown(&url)).as_deref(), expected, "{typed:?}")
        };
        check("hall.example.com", Some("https://hall.example.com"));
        check(" hall.example.com:8443/ ", Some("https://hall.example.com:8443"));
        check("127.0.0.1:8000", Some("http://127.0.0.1:8000"));
        check("localhost:8000", Some("http://localhost:8000"));
        check("[::1]:8000", Some("http://[::1]:8000"));
        check("http://hall.example.com/path?x#y", Some("http://hall.example.com"));
        check("https://me:secret@hall.example.com", Some("https://hall.example.com"));
        check("ftp://hall.example.com", None);
        check("two words", None);
        check("", None);
    }

    #[test]
    fn slugs_are_safe_and_different() {
        let slug = |typed: &str| slug(&parse(typed).expect(typed));
        assert_eq!(slug("hall.example.com"), "hall.example.com");
        assert_eq!(slug("http://hall.example.com"), "http-hall.example.com");
        assert_eq!(slug("127.0.0.1:8000"), "http-127.0.0.1-8000");
        assert_eq!(slug("[::1]:8000"), "http-___1_-8000");
    }
}
