//! Channel names: which are valid and what their prefix means.

use crate::limits::{CHANNEL_NAME_CHARS_MAX, USER_ID_CHARS_MAX};

/// What a channel's name says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anybody may subscribe.
    Public,
    /// A signature is needed.
    Private,
    /// A signature is needed; bodies are encrypted between clients and opaque to the server.
    Encrypted,
    /// A signature with a member is needed; members see each other.
    Presence,
    /// `#server-to-user-{id}`: events from the application's server to one signed-in user.
    ServerToUser,
}

/// Before the user's id in the name of their own channel.
pub const SERVER_TO_USER: &str = "#server-to-user-";

impl Kind {
    /// Whether subscribing needs a signature of its own.
    pub fn needs_auth(self) -> bool {
        !matches!(self, Self::Public | Self::ServerToUser)
    }

    /// Whether subscribers may send client events. Not on encrypted channels, says the protocol.
    pub fn takes_client_events(self) -> bool {
        matches!(self, Self::Private | Self::Presence)
    }
}

/// A channel name is not valid: up to 164 of letters, digits and `_-=@,.;`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid channel name: 1 to {CHANNEL_NAME_CHARS_MAX} of A-Z a-z 0-9 _ - = @ , . ;")]
pub struct InvalidName;

/// The kind of a channel, from its name.
///
/// # Errors
/// [`InvalidName`] when the name has other characters or a wrong length.
pub fn kind(name: &str) -> Result<Kind, InvalidName> {
    if let Some(user) = name.strip_prefix(SERVER_TO_USER) {
        let fits = !user.is_empty() && user.chars().count() <= USER_ID_CHARS_MAX && !user.contains(char::is_control);
        return if fits { Ok(Kind::ServerToUser) } else { Err(InvalidName) };
    }
    let valid = !name.is_empty()
        && name.len() <= CHANNEL_NAME_CHARS_MAX
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-=@,.;".contains(&b));
    if !valid {
        return Err(InvalidName);
    }
    Ok(if name.starts_with("private-encrypted-") {
        Kind::Encrypted
    } else if name.starts_with("private-") {
        Kind::Private
    } else if name.starts_with("presence-") {
        Kind::Presence
    } else {
        Kind::Public
    })
}

/// Whether the last event of the channel is kept for those who come later.
pub fn is_cache(name: &str) -> bool {
    ["cache-", "private-cache-", "presence-cache-", "private-encrypted-cache-"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_kind() {
        let check = |name: &str, expected| assert_eq!(kind(name), expected, "{name:?}");
        check("news", Ok(Kind::Public));
        check("private-user.1", Ok(Kind::Private));
        check("private-encrypted-x", Ok(Kind::Encrypted));
        check("presence-auction.5", Ok(Kind::Presence));
        check("privatenews", Ok(Kind::Public));
        check("a_b-c=d@e,f.g;h", Ok(Kind::Public));
        check("", Err(InvalidName));
        check("private-user.1 ", Err(InvalidName));
        check("über", Err(InvalidName));
        check("#server", Err(InvalidName));
        check("#server-to-user-7", Ok(Kind::ServerToUser));
        check("#server-to-user-", Err(InvalidName));
        check(&"x".repeat(164), Ok(Kind::Public));
        check(&"x".repeat(165), Err(InvalidName));
    }

    #[test]
    fn a_kind_says_who_may_speak() {
        let speak = [Kind::Public, Kind::Private, Kind::Encrypted, Kind::Presence, Kind::ServerToUser];
        assert_eq!(speak.map(Kind::takes_client_events), [false, true, false, true, false]);
        assert_eq!(speak.map(Kind::needs_auth), [false, true, true, true, false]);
    }

    #[test]
    fn a_cache_channel_says_so_first() {
        for name in ["cache-a", "private-cache-a", "presence-cache-a", "private-encrypted-cache-a"] {
            assert!(is_cache(name), "{name}");
        }
        for name in ["news", "private-a", "private-user.cache-1", "my-cache-a", "cache"] {
            assert!(!is_cache(name), "{name}");
        }
    }
}
