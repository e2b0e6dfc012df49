//! WebSocket frames (RFC 6455), the server's side, over bytes: what a client sent, and what is sent to it. No compression.

use std::{io::Cursor, sync::Arc};

use tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Control, Data, OpCode},
};

/// Bytes of a control frame's payload at most (RFC 6455, 5.5).
const CONTROL_BYTES_MAX: u64 = 125;

/// Why a WebSocket connection is broken off. The number is the close code of RFC 6455.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// 1002: not WebSocket as it should be.
    #[error("the bytes are not WebSocket frames as a client sends them")]
    Protocol,
    /// 1007: a text that is not UTF-8.
    #[error("a text frame is not UTF-8")]
    NotUtf8,
    /// 1009: more than a message may have.
    #[error("the message is too large")]
    TooLarge,
}

impl Violation {
    /// The close code.
    pub fn code(self) -> u16 {
        match self {
            Self::Protocol => 1002,
            Self::NotUtf8 => 1007,
            Self::TooLarge => 1009,
        }
    }
}

/// What a client said.
#[derive(Debug, PartialEq, Eq)]
pub enum Received {
    /// A whole text.
    Text(String),
    /// A whole binary message, which the protocol has no use for.
    Binary,
    /// A ping, to be answered with its payload.
    Ping(Vec<u8>),
    /// A pong.
    Pong,
    /// The other side closes.
    Close,
}

/// What is kept of a message that has not arrived whole. Empty, and without memory of its own, most of the time.
#[derive(Debug, Default)]
pub struct Reader {
    /// The beginning of a frame.
    rest: Vec<u8>,
    /// The fragments of a message so far.
    message: Option<Box<(Data, Vec<u8>)>>,
}

impl Reader {
    /// Whether nothing is kept.
    pub fn is_idle(&self) -> bool {
        self.rest.is_empty() && self.message.is_none()
    }

    /// Takes what arrived and hands out what is whole, in order. `bytes` is unmasked in place. `bytes_max` bounds a
    /// message, and with it what is kept here.
    ///
    /// # Errors
    /// The first [`Violation`]; what came before it was handed out.
    pub fn take(
        &mut self,
        bytes: &mut [u8],
        bytes_max: usize,
        mut hand_out: impl FnMut(Received),
    ) -> Result<(), Violation> {
        if self.rest.is_empty() {
            let at = self.frames(bytes, bytes_max, &mut hand_out)?;
            if at < bytes.len() {
                self.rest = bytes[at..].to_vec();
            }
        } else {
            let mut kept = std::mem::take(&mut self.rest);
            kept.extend_from_slice(bytes);
            let at = self.frames(&mut kept, bytes_max, &mut hand_out)?;
            // Kept as it is while nothing is whole: a sender of single bytes must not have all of them copied each time.
            self.rest = if at == 0 { kept } else { kept[at..].to_vec() };
        }
        Ok(())
    }

    /// Hands out the whole frames at the beginning; answers how many bytes they had.
    fn frames(
        &mut self,
        bytes: &mut [u8],
        bytes_max: usize,
        hand_out: &mut impl FnMut(Received),
    ) -> Result<usize, Violation> {
        let mut at = 0;
        while let Some((header, from, to)) = head(&bytes[at..], bytes_max)? {
            let payload = &mut bytes[at + from..at + to];
            unmask(payload, header.mask.unwrap_or_default());
            if let Some(received) = self.whole(&header, payload, bytes_max)? {
                hand_out(received);
            }
            at += to;
        }
        Ok(at)
    }

    fn whole(&mut self, header: &FrameHeader, payload: &[u8], bytes_max: usize) -> Result<Option<Received>, Violation> {
        let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(Received::Text(text.to_owned()))),
            Err(_) => Err(Violation::NotUtf8),
        };
        match (header.opcode, self.message.as_mut()) {
            (OpCode::Control(Control::Close), _) => Ok(Some(Received::Close)),
            (OpCode::Control(Control::Ping), _) => Ok(Some(Received::Ping(payload.to_vec()))),
            (OpCode::Control(Control::Pong), _) => Ok(Some(Received::Pong)),
            (OpCode::Data(Data::Text), None) if header.is_final => text(payload),
            (OpCode::Data(Data::Binary), None) if header.is_final => Ok(Some(Received::Binary)),
            (OpCode::Data(kind @ (Data::Text | Data::Binary)), None) => {
                self.message = Some(Box::new((kind, payload.to_vec())));
                Ok(None)
            }
            (OpCode::Data(Data::Continue), Some(message)) => {
                if message.1.len() + payload.len() > bytes_max {
                    return Err(Violation::TooLarge);
                }
                message.1.extend_from_slice(payload);
                if !header.is_final {
                    return Ok(None);
                }
                match self.message.take().map(|m| *m) {
                    Some((Data::Text, bytes)) => text(&bytes),
                    _ => Ok(Some(Received::Binary)),
                }
            }
            // A continuation of nothing, a new message inside another, or an opcode that is reserved.
            _ => Err(Violation::Protocol),
        }
    }
}

/// The header of the first frame and where its payload is, when all of it is there.
fn head(bytes: &[u8], bytes_max: usize) -> Result<Option<(FrameHeader, usize, usize)>, Violation> {
    let mut cursor = Cursor::new(bytes);
    let Some((header, length)) = FrameHeader::parse(&mut cursor).map_err(|_| Violation::Protocol)? else {
        return Ok(None);
    };
    let control = matches!(header.opcode, OpCode::Control(_));
    let reserved = header.rsv1 || header.rsv2 || header.rsv3;
    if header.mask.is_none() || reserved || (control && (!header.is_final || length > CONTROL_BYTES_MAX)) {
        return Err(Violation::Protocol);
    }
    let length = usize::try_from(length).ok().filter(|l| *l <= bytes_max).ok_or(Violation::TooLarge)?;
    let from = usize::try_from(cursor.position()).map_err(|_| Violation::Protocol)?;
    Ok((bytes.len() - from >= length).then_some((header, from, from + length)))
}

fn unmask(bytes: &mut [u8], mask: [u8; 4]) {
    let wide = u64::from_ne_bytes([mask[0], mask[1], mask[2], mask[3], mask[0], mask[1], mask[2], mask[3]]);
    let mut chunks = bytes.chunks_exact_mut(8);
    for chunk in &mut chunks {
        let value = u64::from_ne_bytes(chunk.try_into().expect("chunks of eight")) ^ wide;
        chunk.copy_from_slice(&value.to_ne_bytes());
    }
    for (byte, key) in chunks.into_remainder().iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}

fn frame(opcode: u8, payload: &[u8]) -> Arc<[u8]> {
    let mut head = [0; 10];
    head[0] = 0x80 | opcode;
    let head = match payload.len() {
        length @ ..126 => {
            head[1] = length as u8;
            &head[..2]
        }
        length @ ..65_536 => {
            head[1] = 126;
            head[2..4].copy_from_slice(&(length as u16).to_be_bytes());
            &head[..4]
        }
        length => {
            head[1] = 127;
            head[2..10].copy_from_slice(&(length as u64).to_be_bytes());
            &head[..10]
        }
    };
    let mut bytes = Vec::with_capacity(head.len() + payload.len());
    bytes.extend_from_slice(head);
    bytes.extend_from_slice(payload);
    bytes.into()
}

/// A text, ready to be written to any number of sockets.
pub fn text_frame(text: &str) -> Arc<[u8]> {
    frame(1, text.as_bytes())
}

/// The answer to a ping.
pub fn pong_frame(payload: &[u8]) -> Arc<[u8]> {
    frame(10, payload)
}

/// A close with a code and words, of which as many fit as a control frame takes.
pub fn close_frame(code: u16, words: &str) -> Arc<[u8]> {
    let mut payload = code.to_be_bytes().to_vec();
    let end = (0..=words.len().min(123)).rev().find(|end| words.is_char_boundary(*end)).unwrap_or(0);
    payload.extend_from_slice(&words.as_bytes()[..end]);
    frame(8, &payload)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn client(opcode: u8, is_final: bool, payload: &[u8]) -> Vec<u8> {
        let whole = frame(opcode, payload);
        let head = whole.len() - payload.len();
        let mut bytes = whole[..head].to_vec();
        if !is_final {
            bytes[0] &= 0x7F;
        }
        bytes[1] |= 0x80;
        let mask = [1, 2, 3, 4];
        bytes.extend_from_slice(&mask);
        let mut payload = payload.to_vec();
        unmask(&mut payload, mask);
        bytes.extend_from_slice(&payload);
        bytes
    }

    fn take(reader: &mut Reader, bytes: &[u8]) -> Result<Vec<Received>, Violation> {
        let mut all = Vec::new();
        reader.take(&mut bytes.to_vec(), 1_000, |received| all.push(received)).map(|()| all)
    }

    fn text(words: &str) -> Received {
        Received::Text(words.to_owned())
    }

    #[test]
    fn frames_are_read_however_they_are_cut() {
        let mut bytes = client(1, true, "₦ one".as_bytes());
        bytes.extend(client(9, true, b"ping"));
        bytes.extend(client(1, false, b"tw"));
        bytes.extend(client(10, true, b""));
        bytes.extend(client(0, true, b"o"));
        bytes.extend(client(1, true, &[b'x'; 300]));
        bytes.extend(client(2, true, b"\0"));
        bytes.extend(client(8, true, b""));
        let expected = || {
            vec![
                text("₦ one"),
                Received::Ping(b"ping".to_vec()),
                Received::Pong,
                text("two"),
                text(&"x".repeat(300)),
                Received::Binary,
                Received::Close,
            ]
        };
        assert_eq!(take(&mut Reader::default(), &bytes), Ok(expected()));
        let mut reader = Reader::default();
        let mut all = Vec::new();
        for byte in &bytes {
            all.extend(take(&mut reader, &[*byte]).expect("well-formed"));
        }
        assert_eq!(all, expected());
        assert!(reader.is_idle());
    }

    #[test]
    fn what_a_client_must_not_send_is_told_apart() {
        let check = |bytes: &[u8], violation| {
            assert_eq!(take(&mut Reader::default(), bytes), Err(violation), "{bytes:?}");
        };
        check(&text_frame("unmasked"), Violation::Protocol);
        check(&client(0, true, b"continues nothing"), Violation::Protocol);
        check(&client(3, true, b"reserved"), Violation::Protocol);
        check(&client(9, true, &[0; 126]), Violation::Protocol);
        check(&client(9, false, b"ping in parts"), Violation::Protocol);
        check(&client(1, true, &[0xFF, 0xFE]), Violation::NotUtf8);
        check(&client(1, true, &[b'x'; 1_001]), Violation::TooLarge);
        check(&[0x81, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4], Violation::TooLarge);
        check(&[0xC1, 0x80, 0, 0, 0, 0], Violation::Protocol);
        let two = [client(1, false, b"a"), client(1, true, b"b")].concat();
        check(&two, Violation::Protocol);
        let many = [client(1, false, &[b'x'; 900]), client(0, true, &[b'x'; 101])].concat();
        check(&many, Violation::TooLarge);
    }

    #[test]
    fn close_words_are_cut_between_characters() {
        let bytes = close_frame(4100, &"₦".repeat(50));
        assert_eq!(&bytes[..4], [0x88, 125, 0x10, 0x04]);
        assert!(std::str::from_utf8(&bytes[4..]).is_ok());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_within_bounds(bytes in proptest::collection::vec(any::<u8>(), 0..3_000), cut in 1..200_usize) {
            let mut reader = Reader::default();
            for part in bytes.chunks(cut) {
                if take(&mut reader, part).is_err() {
                    break;
                }
                prop_assert!(reader.rest.len() <= 1_000 + 14 + cut);
                prop_assert!(reader.message.as_ref().is_none_or(|m| m.1.len() <= 1_000));
            }
        }

        #[test]
        fn written_texts_read_back(words in "\\PC{0,400}") {
            prop_assert_eq!(take(&mut Reader::default(), &client(1, true, words.as_bytes())), if words.len() <= 1_000 { Ok(vec![text(&words)]) } else { Err(Violation::TooLarge) });
        }
    }
}
