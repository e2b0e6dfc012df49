//! Signatures: of subscriptions, of user sign-in and of the signed HTTP API. Every comparison is in constant time.

use hmac::{Hmac, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{limits::REQUEST_TIMESTAMP_WINDOW_S, socket_id::SocketId};

/// An app's credentials.
#[derive(Clone)]
pub struct App {
    /// Named in the signed HTTP API's paths.
    pub id: String,
    /// Named by clients.
    pub key: String,
    /// Known to the application's own server only.
    pub secret: String,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("App").field("id", &self.id).field("key", &self.key).finish_non_exhaustive()
    }
}

/// HMAC-SHA256 in lower-case hexadecimal.
pub fn hmac_hex(secret: &str, message: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(message);
    hex::encode(mac.finalize().into_bytes())
}

/// MD5 in lower-case hexadecimal: what `body_md5` holds.
pub fn md5_hex(bytes: &[u8]) -> String {
    hex::encode(Md5::digest(bytes))
}

impl App {
    /// A number that stands for the id: SDKs that are set up by one address take digits only. The id itself where it is
    /// digits, otherwise made of its digest, the same each time.
    pub fn numeric_id(&self) -> String {
        if !self.id.is_empty() && self.id.bytes().all(|b| b.is_ascii_digit()) {
            return self.id.clone();
        }
        let digest = Sha256::digest(self.id.as_bytes());
        let number = digest[..6].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        number.to_string()
    }

    /// `key:signature` for a subscription.
    pub fn sign_channel(&self, socket_id: SocketId, channel: &str, channel_data: Option<&str>) -> String {
        let signed = match channel_data {
            Some(data) => format!("{socket_id}:{channel}:{data}"),
            None => format!("{socket_id}:{channel}"),
        };
        format!("{}:{}", self.key, hmac_hex(&self.secret, signed.as_bytes()))
    }

    /// `key:signature` for a user sign-in.
    pub fn sign_user(&self, socket_id: SocketId, user_data: &str) -> String {
        format!("{}:{}", self.key, hmac_hex(&self.secret, format!("{socket_id}::user::{user_data}").as_bytes()))
    }

    /// Whether `auth` is the signature of this subscription by this app.
    pub fn admits_channel(&self, auth: &str, socket_id: SocketId, channel: &str, channel_data: Option<&str>) -> bool {
        same(auth, &self.sign_channel(socket_id, channel, channel_data))
    }

    /// Whether `auth` is the signature of this sign-in by this app.
    pub fn admits_user(&self, auth: &str, socket_id: SocketId, user_data: &str) -> bool {
        same(auth, &self.sign_user(socket_id, user_data))
    }
}

fn same(given: &str, expected: &str) -> bool {
    given.len() == expected.len() && bool::from(given.as_bytes().ct_eq(expected.as_bytes()))
}

/// Why a signed HTTP request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestRefusal {
    /// A parameter is missing or malformed.
    #[error("{0} is missing or malformed")]
    Parameter(&'static str),
    /// `auth_key` is not this app's.
    #[error("auth_key is not this app's")]
    Key,
    /// `auth_version` is not `1.0`.
    #[error("auth_version must be 1.0")]
    Version,
    /// `auth_timestamp` is more than 600 seconds away.
    #[error("auth_timestamp is more than {REQUEST_TIMESTAMP_WINDOW_S} seconds away from the server's clock")]
    Timestamp,
    /// `body_md5` is not the digest of the body.
    #[error("body_md5 does not match the body")]
    Body,
    /// `auth_signature` is wrong.
    #[error("auth_signature is wrong: expected HMAC-SHA256 over the method, the path and the sorted query")]
    Signature,
}

/// Checks the signature of a request to the HTTP API. `query` holds decoded pairs, `path` is as requested.
///
/// # Errors
/// The first of [`RequestRefusal`] that applies.
pub fn check_request(
    app: &App,
    method: &str,
    path: &str,
    query: &[(String, String)],
    body: &[u8],
    now_s: i64,
) -> Result<(), RequestRefusal> {
    let get = |name: &'static str| {
        query.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str()).ok_or(RequestRefusal::Parameter(name))
    };
    if get("auth_key")? != app.key {
        return Err(RequestRefusal::Key);
    }
    if get("auth_version")? != "1.0" {
        return Err(RequestRefusal::Version);
    }
    let at: i64 = get("auth_timestamp")?.parse().map_err(|_| RequestRefusal::Parameter("auth_timestamp"))?;
    if now_s.saturating_sub(at).saturating_abs() > REQUEST_TIMESTAMP_WINDOW_S {
        return Err(RequestRefusal::Timestamp);
    }
    let md5 = query.iter().find(|(k, _)| k == "body_md5").map(|(_, v)| v.as_str());
    match md5 {
        Some(md5) if !same(md5, &md5_hex(body)) => return Err(RequestRefusal::Body),
        None if !body.is_empty() => return Err(RequestRefusal::Parameter("body_md5")),
        _ => {}
    }
    if same(get("auth_signature")?, &sign_request(&app.secret, method, path, query)) {
        Ok(())
    } else {
        Err(RequestRefusal::Signature)
    }
}

/// The signature of a request: over `METHOD\npath\n` and the query sorted by lower-case name, the signature itself left out.
pub fn sign_request(secret: &str, method: &str, path: &str, query: &[(String, String)]) -> String {
    let mut pairs: Vec<String> = query
        .iter()
        .filter(|(name, _)| name != "auth_signature")
        .map(|(name, value)| format!("{}={value}", name.to_ascii_lowercase()))
        .collect();
    pairs.sort();
    hmac_hex(secret, format!("{}\n{path}\n{}", method.to_ascii_uppercase(), pairs.join("&")).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked examples of the Pusher documentation ("Auth signatures" and "Generating authentication signatures").
    fn documented() -> App {
        App { id: "3".into(), key: "278d425bdf160c739803".into(), secret: "7ad3773142a6692b25b8".into() }
    }

    #[test]
    fn every_app_has_an_id_of_digits() {
        let id = |id: &str| App { id: id.into(), ..documented() }.numeric_id();
        assert_eq!(id("42"), "42");
        // Made of the digest once and for all: people write it into their settings.
        assert_eq!(id("mysharpjob"), "10045464691808");
        assert_ne!(id("mysharpjob"), id("shop"));
        assert!(id("mysharpjob").parse::<u64>().is_ok_and(|n| n < 1 << 53), "exact in every language");
    }

    #[test]
    fn the_secret_is_in_no_log() {
        assert_eq!(format!("{:?}", documented()), r#"App { id: "3", key: "278d425bdf160c739803", .. }"#);
    }

    #[test]
    fn signatures_agree_with_the_documented_examples() {
        let app = documented();
        assert_eq!(
            app.sign_user(SocketId { place: 1234, nonce: 1234 }, r#"{"id":"12345"}"#),
            "278d425bdf160c739803:4708d583dada6a56435fb8bc611c77c359a31eebde13337c16ab43aa6de336ba"
        );
        assert_eq!(
            app.sign_channel(SocketId { place: 1234, nonce: 1234 }, "private-foobar", None),
            "278d425bdf160c739803:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4"
        );
        assert_eq!(
            app.sign_channel(
                SocketId { place: 1234, nonce: 1234 },
                "presence-foobar",
                Some(r#"{"user_id":10,"user_info":{"name":"Mr. Channels"}}"#)
            ),
            "278d425bdf160c739803:31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80"
        );
    }

    fn request(body: &str, at: &str) -> Vec<(String, String)> {
        let mut query: Vec<(String, String)> = [
            ("auth_key", "278d425bdf160c739803"),
            ("auth_timestamp", at),
            ("auth_version", "1.0"),
            ("body_md5", &hex::encode(Md5::digest(body.as_bytes()))),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .to_vec();
        let signature = sign_request("7ad3773142a6692b25b8", "POST", "/apps/3/events", &query);
        query.push(("auth_signature".into(), signature));
        query
    }

    #[test]
    fn a_signed_request_agrees_with_the_documented_example() {
        let body = r#"{"name":"foo","channels":["project-3"],"data":"{\"some\":\"data\"}"}"#;
        let query = request(body, "1353088179");
        assert_eq!(query[3].1, "ec365a775a4cd0599faeb73354201b6f");
        assert_eq!(query[4].1, "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c");
        let check = |query: &[(String, String)], body: &str, now, expected| {
            assert_eq!(check_request(&documented(), "POST", "/apps/3/events", query, body.as_bytes(), now), expected)
        };
        check(&query, body, 1_353_088_179 + 600, Ok(()));
        check(&query, body, 1_353_088_179 + 601, Err(RequestRefusal::Timestamp));
        check(&query, body, 1_353_088_179 - 601, Err(RequestRefusal::Timestamp));
        check(&query, "{}", 1_353_088_179, Err(RequestRefusal::Body));
        check(&query[..4], body, 1_353_088_179, Err(RequestRefusal::Parameter("auth_signature")));
        let mut wrong = query.clone();
        wrong[4].1 = wrong[4].1.replace('d', "e");
        check(&wrong, body, 1_353_088_179, Err(RequestRefusal::Signature));
    }

    #[test]
    fn a_body_needs_its_digest_and_no_body_needs_none() {
        let sign = |mut query: Vec<(String, String)>| {
            query.retain(|(name, _)| name != "body_md5" && name != "auth_signature");
            query
                .push(("auth_signature".into(), sign_request(&documented().secret, "GET", "/apps/3/channels", &query)));
            query
        };
        let query = sign(request("", "1353088179"));
        let check = |body: &[u8]| check_request(&documented(), "GET", "/apps/3/channels", &query, body, 1_353_088_179);
        assert_eq!(check(b""), Ok(()));
        assert_eq!(check(b"{}"), Err(RequestRefusal::Parameter("body_md5")));
    }

    #[test]
    fn e111_a_signature_for_another_socket_or_channel_is_refused() {
        let app = documented();
        let (one, two) = (SocketId { place: 1, nonce: 1 }, SocketId { place: 1, nonce: 2 });
        let auth = app.sign_channel(one, "private-user.1", None);
        assert!(app.admits_channel(&auth, one, "private-user.1", None));
        assert!(!app.admits_channel(&auth, two, "private-user.1", None));
        assert!(!app.admits_channel(&auth, one, "private-user.2", None));
        assert!(!app.admits_channel(&auth, one, "private-user.1", Some("{}")));
        assert!(!app.admits_channel("", one, "private-user.1", None));
    }
}
