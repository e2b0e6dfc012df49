//! What a sent event says about itself, and what the order of the received ones says about the server. Pure.
//!
//! The marker is text without a character that JSON escapes, so that it stands in a received frame as it was sent, however
//! deep the server wraps it: it is searched for, the frame is not parsed.

use memchr::memmem;

/// Begins every marker. Nothing else in a frame looks like it.
const SIGN: &[u8] = b"@Ld";
const STREAM_DIGITS: usize = 5;
const NUMBER_DIGITS: usize = 10;
const TIME_DIGITS: usize = 13;
/// Bytes of a marker.
pub const SIZE_BYTES: usize = SIGN.len() + STREAM_DIGITS + NUMBER_DIGITS + TIME_DIGITS;

/// One event, as its sender numbered it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Who sent it: numbers rise within one stream, streams are independent of each other.
    pub stream: usize,
    /// The event's place in its stream, from 0.
    pub number: u64,
    /// When it was sent, or was to be sent, in microseconds of the generator's clock.
    pub sent_us: u64,
}

impl Marker {
    /// The marker as text, padded with `x` to `size_bytes` (at least [`SIZE_BYTES`]).
    pub fn text(self, size_bytes: usize) -> String {
        let mut text = format!("@Ld{:05}{:010}{:013}", self.stream, self.number, self.sent_us);
        text.extend(std::iter::repeat_n('x', size_bytes.saturating_sub(SIZE_BYTES)));
        text
    }

    /// The first marker in a frame; `None` when there is none.
    pub fn find(frame: &[u8]) -> Option<Self> {
        let at = memmem::find(frame, SIGN)? + SIGN.len();
        let digits = frame.get(at..at + SIZE_BYTES - SIGN.len())?;
        let (stream, rest) = digits.split_at(STREAM_DIGITS);
        let (number, time) = rest.split_at(NUMBER_DIGITS);
        Some(Self {
            stream: usize::try_from(decimal(stream)?).ok()?,
            number: decimal(number)?,
            sent_us: decimal(time)?,
        })
    }
}

/// Reads a number of decimal digits alone.
pub fn decimal(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |sum, digit| match digit {
        b'0'..=b'9' => Some(sum * 10 + u64::from(digit - b'0')),
        _ => None,
    })
}

/// What one more event of a stream turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// For the first time, and so far not overtaken.
    New,
    /// For the first time, after a later one.
    Late,
    /// It was there before.
    Double,
}

/// What one subscriber has seen of one stream.
#[derive(Clone, Debug, Default)]
pub struct Order {
    next: u64,
    /// Numbers that were passed over and have not come since, ascending.
    missing: Vec<u64>,
    joined_late: bool,
}

impl Order {
    /// Of a subscriber that was there before the first event.
    pub fn from_start() -> Self {
        Self::default()
    }

    /// Of a subscriber that comes while events run: what was before its first one is not missed.
    pub fn from_first_seen() -> Self {
        Self { joined_late: true, ..Self::default() }
    }

    /// Takes note of an event.
    pub fn see(&mut self, number: u64) -> Seen {
        if number == self.next {
            self.next += 1;
            self.joined_late = false;
            return Seen::New;
        }
        if self.joined_late {
            self.joined_late = false;
            self.next = number + 1;
            return Seen::New;
        }
        if number > self.next {
            self.missing.extend(self.next..number);
            self.next = number + 1;
            return Seen::New;
        }
        match self.missing.binary_search(&number) {
            Ok(at) => {
                self.missing.remove(at);
                Seen::Late
            }
            Err(_) => Seen::Double,
        }
    }

    /// Whether this number has come, or lies before the first one that could.
    pub fn has(&self, number: u64) -> bool {
        number < self.next && self.missing.binary_search(&number).is_err()
    }

    /// Gaps: numbers passed over that never came.
    pub fn gaps(&self) -> u64 {
        self.missing.len() as u64
    }

    /// All that is missing of the first `sent` numbers, gaps and the end.
    pub fn lost(&self, sent: u64) -> u64 {
        // Who has seen nothing of a stream yet cannot tell what was before its time.
        let end = if self.joined_late { 0 } else { sent.saturating_sub(self.next) };
        self.gaps() + end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_found_however_the_server_wraps_it() {
        let marker = Marker { stream: 3, number: 1_234_567_890, sent_us: 9_876_543_210_123 };
        let text = marker.text(128);
        assert_eq!(text.len(), 128);
        for frame in [
            format!(r#"{{"event":"load","channel":"c","data":"{text}"}}"#),
            format!(r#"{{"data":"{{\"at\":\"{text}\"}}","channel":"c"}}"#),
            text.clone(),
            marker.text(0),
        ] {
            assert_eq!(Marker::find(frame.as_bytes()), Some(marker), "{frame}");
        }
    }

    #[test]
    fn what_is_no_marker_is_not_found() {
        let text = Marker { stream: 0, number: 0, sent_us: 0 }.text(0);
        for frame in
            ["", "@", "@Ld", r#"{"event":"pusher:ping"}"#, "@Ld0000a00000000000000000000000", &text[..text.len() - 1]]
        {
            assert_eq!(Marker::find(frame.as_bytes()), None, "{frame}");
        }
    }

    /// Numbers as they come; what each is; gaps, and losses when ten were sent.
    fn check(mut order: Order, numbers: &[u64], expected: &[Seen], gaps: u64, lost_of_ten: u64) {
        let seen: Vec<Seen> = numbers.iter().map(|number| order.see(*number)).collect();
        assert_eq!(seen, expected, "{numbers:?}");
        assert_eq!((order.gaps(), order.lost(10)), (gaps, lost_of_ten), "{numbers:?}");
    }

    #[test]
    fn order_is_told_from_the_numbers_alone() {
        use Seen::{Double, Late, New};
        check(Order::from_start(), &[], &[], 0, 10);
        check(Order::from_start(), &[0, 1, 2], &[New, New, New], 0, 7);
        check(Order::from_start(), &[0, 2], &[New, New], 1, 8);
        check(Order::from_start(), &[0, 2, 1, 3], &[New, New, Late, New], 0, 6);
        check(Order::from_start(), &[0, 0, 1], &[New, Double, New], 0, 8);
        check(Order::from_start(), &[3, 1, 1], &[New, Late, Double], 2, 8);
        check(Order::from_start(), &[2, 0, 0, 1], &[New, Late, Double, Late], 0, 7);
    }

    #[test]
    fn who_comes_later_misses_nothing_of_before() {
        use Seen::{Double, New};
        check(Order::from_first_seen(), &[], &[], 0, 0);
        check(Order::from_first_seen(), &[5, 6, 8], &[New, New, New], 1, 2);
        check(Order::from_first_seen(), &[5, 4], &[New, Double], 0, 4);
        check(Order::from_first_seen(), &[0, 1], &[New, New], 0, 8);
    }

    #[test]
    fn what_has_come_is_known() {
        let mut order = Order::from_start();
        for number in [0, 2, 3] {
            order.see(number);
        }
        assert_eq!([0, 1, 2, 3, 4].map(|n| order.has(n)), [true, false, true, true, false]);
    }
}
