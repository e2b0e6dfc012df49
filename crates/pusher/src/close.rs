//! Close codes. 4000 to 4099: do not come back unchanged; 4100 to 4199: come back after a while; 4200 to 4299: come
//! back at once.

/// A reason to close a connection, or to refuse a client event (4301, which does not close).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCode {
    /// 4001: no app has this key.
    NoSuchApp,
    /// 4003: the app is disabled.
    AppDisabled,
    /// 4004: the app has as many connections as it may.
    OverQuota,
    /// 4005: the path is not `/app/{key}`.
    Path,
    /// 4006: the protocol version is not a number.
    VersionFormat,
    /// 4007: the protocol version is not spoken.
    ProtocolVersion,
    /// 4008: no protocol version was given.
    NoProtocolVersion,
    /// 4009: not authorised, or the right was taken away.
    Unauthorised,
    /// 4100: over capacity, also for a reader that is too slow.
    OverCapacity,
    /// 4100 as well: the server restarts; come back in a second. Not 4200: who comes back at once finds the port closed, and
    /// pusher-js then waits for a quarter of a minute.
    Restart,
    /// 4201: the pong did not come in time.
    PongLate,
    /// 4202: closed for inactivity.
    Inactive,
    /// 4301: a client event was refused; the connection stays.
    ClientEvent,
}

impl CloseCode {
    /// The number.
    pub fn number(self) -> u16 {
        match self {
            Self::NoSuchApp => 4001,
            Self::AppDisabled => 4003,
            Self::OverQuota => 4004,
            Self::Path => 4005,
            Self::VersionFormat => 4006,
            Self::ProtocolVersion => 4007,
            Self::NoProtocolVersion => 4008,
            Self::Unauthorised => 4009,
            Self::OverCapacity => 4100,
            Self::Restart => 4100,
            Self::PongLate => 4201,
            Self::Inactive => 4202,
            Self::ClientEvent => 4301,
        }
    }
}

/// What a client does after a connection closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterClose {
    /// Do not reconnect: something must change first.
    Stay,
    /// Reconnect after a while.
    Wait,
    /// Reconnect at once.
    AtOnce,
}

/// What a close code asks of the client. Codes outside the protocol's range are an ordinary loss of the link.
pub fn after_close(code: u16) -> AfterClose {
    match code {
        4000..=4099 => AfterClose::Stay,
        4200..=4299 => AfterClose::AtOnce,
        _ => AfterClose::Wait,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_says_what_the_client_does_next() {
        let check = |codes: &[u16], expected| {
            for code in codes {
                assert_eq!(after_close(*code), expected, "{code}");
            }
        };
        check(&[4000, 4001, 4009, 4099], AfterClose::Stay);
        check(&[4200, 4201, 4299], AfterClose::AtOnce);
        check(&[1000, 1006, 3999, 4100, 4199, 4300, 4301], AfterClose::Wait);
    }
}
