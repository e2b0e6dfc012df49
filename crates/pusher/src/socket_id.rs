//! The name of a connection on the wire: two numbers with a point between.

use std::{fmt, str::FromStr};

/// `123.456`. The first number finds the connection, the second one tells it from those that had its place before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId {
    /// Where the connection is found.
    pub place: u64,
    /// Drawn at random for each connection.
    pub nonce: u32,
}

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}.{}", self.place, self.nonce)
    }
}

/// A text that is not a socket id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a socket id is two numbers with a point between, as the server gave it")]
pub struct NotASocketId;

impl FromStr for SocketId {
    type Err = NotASocketId;

    fn from_str(text: &str) -> Result<Self, NotASocketId> {
        let (place, nonce) = text.split_once('.').ok_or(NotASocketId)?;
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(place) || !digits(nonce) {
            return Err(NotASocketId);
        }
        Ok(Self { place: place.parse().map_err(|_| NotASocketId)?, nonce: nonce.parse().map_err(|_| NotASocketId)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_and_other_texts_are_refused() {
        let id = SocketId { place: 1 << 40, nonce: u32::MAX };
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["", "1", "1.", ".1", "1.2.3", "-1.2", "+1.2", "1.4294967296", "a.b", " 1.2"] {
            assert_eq!(text.parse::<SocketId>(), Err(NotASocketId), "{text:?}");
        }
    }
}
