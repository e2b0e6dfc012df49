//! The client's side of WebSocket framing (RFC 6455), as little of it as a load generator needs. Opens no socket, checks no
//! UTF-8, knows no extension.

/// Every frame of ours is masked with this. The protocol asks for a mask that cannot be guessed, to protect proxies from
/// web pages; a load generator is no web page, and a server has to unmask all the same.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Continues a text that began in an earlier frame.
pub const CONTINUATION: u8 = 0;
/// A text, or its beginning.
pub const TEXT: u8 = 1;
/// The other side closes.
pub const CLOSE: u8 = 8;
/// Wants a pong with the same payload.
pub const PING: u8 = 9;

/// A frame from the server.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What kind of frame it is.
    pub opcode: u8,
    /// Whether it is the last one of its message.
    pub last: bool,
    /// What it carries.
    pub payload: &'a [u8],
    /// Bytes it took, the header included.
    pub size_bytes: usize,
}

/// The server sent what no server may: masked, reserved bits set, or a length beyond all reason.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

/// No frame of a Pusher server comes near it: a roster of 10,000 members takes about 1 MB.
const PAYLOAD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The first frame in `bytes`; `None` until it is there as a whole.
///
/// # Errors
/// When the bytes cannot be the beginning of a server's frame.
pub fn parse(bytes: &[u8]) -> Result<Option<Frame<'_>>, Malformed> {
    let [first, second, rest @ ..] = bytes else { return Ok(None) };
    // Reserved bits belong to extensions, and none was offered.
    if first & 0x70 != 0 || second & 0x80 != 0 {
        return Err(Malformed);
    }
    let (length, header) = match second {
        126 => match rest.first_chunk::<2>() {
            Some(length) => (usize::from(u16::from_be_bytes(*length)), 4),
            None => return Ok(None),
        },
        127 => match rest.first_chunk::<8>() {
            Some(length) => (usize::try_from(u64::from_be_bytes(*length)).map_err(|_| Malformed)?, 10),
            None => return Ok(None),
        },
        short => (usize::from(*short), 2),
    };
    if length > PAYLOAD_BYTES_MAX {
        return Err(Malformed);
    }
    let size_bytes = header + length;
    Ok(bytes.get(header..size_bytes).map(|payload| Frame {
        opcode: first & 0x0f,
        last: first & 0x80 != 0,
        payload,
        size_bytes,
    }))
}

/// Puts a whole, masked frame at the end of `out`.
pub fn put(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    out.push(0x80 | opcode);
    match payload.len() {
        short @ 0..=125 => out.push(0x80 | short as u8),
        middle @ 126..=65_535 => {
            out.push(0x80 | 126);
            out.extend_from_slice(&(middle as u16).to_be_bytes());
        }
        long => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&MASK);
    out.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

/// The request that begins a WebSocket. The key is the one of RFC 6455's example: no answer is checked against it.
pub fn upgrade(host: &str, path: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server_frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, first & 0x0f, payload);
        bytes[0] = first;
        bytes[1] &= 0x7f;
        let header = bytes.len() - payload.len();
        bytes.truncate(header - 4);
        bytes.extend_from_slice(payload);
        bytes
    }

    #[test]
    fn frames_of_every_length_are_read_whole_and_never_before_they_are_there() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 100_000] {
            let payload = vec![b'a'; length];
            let bytes = server_frame(0x81, &payload);
            let frame = parse(&bytes).expect("well formed").expect("whole");
            assert_eq!((frame.opcode, frame.last, frame.payload.len()), (TEXT, true, length));
            assert_eq!(frame.size_bytes, bytes.len());
            for cut in [0, 1, 2, 3, bytes.len() - 1] {
                assert_eq!(parse(&bytes[..cut.min(bytes.len() - 1)]), Ok(None));
            }
        }
    }

    #[test]
    fn what_follows_a_frame_is_left_alone() {
        let mut bytes = server_frame(0x81, b"one");
        bytes.extend(server_frame(0x81, b"two"));
        let first = parse(&bytes).expect("well formed").expect("whole");
        assert_eq!(first.payload, b"one");
        assert_eq!(parse(&bytes[first.size_bytes..]).expect("well formed").expect("whole").payload, b"two");
    }

    #[test]
    fn what_no_server_may_send_is_malformed() {
        assert_eq!(parse(&[0x81, 0x83, 1, 2, 3, 4, 5, 6, 7]), Err(Malformed), "masked");
        assert_eq!(parse(&[0xc1, 0x01, b'a']), Err(Malformed), "compressed");
        assert_eq!(parse(&[0x81, 127, 0xff, 0, 0, 0, 0, 0, 0, 0]), Err(Malformed), "too long");
    }

    #[test]
    fn our_frames_unmask_to_what_was_said() {
        for length in [0, 5, 125, 126, 70_000] {
            let payload: Vec<u8> = (0..length).map(|n| n as u8).collect();
            let mut bytes = Vec::new();
            put(&mut bytes, TEXT, &payload);
            let masked = &bytes[bytes.len() - length..];
            let plain: Vec<u8> = masked.iter().zip(MASK.iter().cycle()).map(|(b, m)| b ^ m).collect();
            assert_eq!(plain, payload);
        }
    }
}
