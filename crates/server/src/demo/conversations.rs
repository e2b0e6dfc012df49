//! What the people of the demo market have said to each other so far.

use guildhall_db::{Connection, messages};
use guildhall_market::{
    ids::UserId,
    messages::Subject,
    time::{MINUTE_MS, Timestamp},
};

use crate::error::ApiError;

/// One line of a conversation.
struct Line {
    from: i64,
    to: i64,
    at: Timestamp,
    text: &'static str,
    read: bool,
}

/// Who speaks: the first of the cast, or the other.
#[derive(Clone, Copy, PartialEq)]
enum Voice {
    Amara,
    Other,
}
use Voice::{Amara, Other};

/// A conversation of the first of the cast with somebody (by place in the cast, from 1): minutes ago, who, what. The
/// last `unread` lines of the other are unread.
struct Talk {
    with: i64,
    unread: usize,
    lines: &'static [(i64, Voice, &'static str)],
}

const TALKS: &[Talk] = &[
    Talk {
        with: 11,
        unread: 0,
        lines: &[
            (12_900, Amara, "The transfer for the signage left my bank this morning."),
            (12_840, Other, "Thanks, transfer received this end."),
        ],
    },
    Talk {
        with: 10,
        unread: 0,
        lines: &[
            (8_700, Other, "I found the old plan of the yard. Want it?"),
            (8_640, Amara, "Yes please. Lunch on Friday? Bring the drawings."),
        ],
    },
    Talk {
        with: 9,
        unread: 0,
        lines: &[
            (4_400, Amara, "Could you do the stools in a darker hide?"),
            (4_320, Other, "Leather samples posted, three shades. The middle one wears best."),
        ],
    },
    Talk {
        with: 8,
        unread: 0,
        lines: &[
            (1_720, Other, "Dimmers are in and tested. Photos are with the job."),
            (1_680, Amara, "They are right. Paid, thank you."),
            (1_650, Other, "A pleasure. Call me when the annex has walls."),
        ],
    },
    Talk {
        with: 7,
        unread: 0,
        lines: &[
            (1_510, Amara, "How wide is the gate between the posts?"),
            (1_480, Other, "1,140 mm at the top and 1,138 at the foot. I forged the hinges to match."),
        ],
    },
    Talk {
        with: 6,
        unread: 0,
        lines: &[
            (330, Other, "First firing came out. The ash glaze ran a little on two of the eight bowls."),
            (318, Amara, "I like the run, honestly. Keep those two."),
        ],
    },
    Talk {
        with: 5,
        unread: 0,
        lines: &[
            (290, Amara, "Can you look at the meter board this week?"),
            (276, Other, "Saturday from 9 works. I need the power off for an hour."),
            (270, Amara, "Saturday from 9 works for me."),
        ],
    },
    Talk {
        with: 4,
        unread: 1,
        lines: &[
            (200, Amara, "The name is paid for on my side. What do you need from me?"),
            (150, Other, "I can send the transfer code tonight. Which registrar should I name?"),
        ],
    },
    Talk {
        with: 3,
        unread: 2,
        lines: &[
            (260, Amara, "The chairs look wonderful in the photo. Is the piping the green one?"),
            (110, Other, "It is. Six are done and two wait for the webbing."),
            (104, Other, "The first step is ready for you to look at whenever you have a minute."),
        ],
    },
    Talk {
        with: 2,
        unread: 0,
        lines: &[
            (2_900, Other, "Timber is in. I stacked it in the shop so that it settles before I cut."),
            (2_870, Amara, "Good. Which boards go to the island?"),
            (2_860, Other, "The four widest. They came from one log, so the grain will run around the corner."),
            (1_600, Amara, "Perfect. Send me a photo when the doors are up?"),
            (252, Other, "Doors hung dry. The grain runs straight across."),
            (226, Amara, "That grain. Yes. Is the fridge bay still 4 mm proud?"),
            (222, Other, "Planed it back this morning. Half a millimetre now."),
            (64, Other, "Carcasses and doors are ready for you to review."),
            (60, Amara, "I'll look tonight and answer before eight."),
        ],
    },
];

/// Stores what was said, as the first of a new database.
///
/// # Errors
/// The database's.
pub async fn fill(c: &mut Connection, now: Timestamp) -> Result<(), ApiError> {
    for line in lines(now) {
        let new = messages::NewMessage {
            sender: UserId(line.from),
            recipient: UserId(line.to),
            subject: Subject::None,
            body: line.text.to_owned(),
            message_type: "text".into(),
            client_key: None,
            written_at: None,
        };
        let id = messages::insert(c, &new, line.at).await?;
        if line.read {
            messages::mark_read(c, id, line.at.plus_ms(60_000)).await?;
        }
    }
    Ok(())
}

/// Every line, oldest first, so that ids ascend with time.
fn lines(now: Timestamp) -> Vec<Line> {
    let mut lines: Vec<Line> = TALKS
        .iter()
        .flat_map(|talk| {
            let others = talk.lines.iter().filter(|(_, voice, _)| *voice == Other).count();
            let mut heard = 0;
            talk.lines.iter().map(move |&(minutes, voice, text)| {
                let (from, to) = if voice == Amara { (1, talk.with) } else { (talk.with, 1) };
                heard += usize::from(voice == Other);
                let read = voice == Amara || heard + talk.unread <= others;
                Line { from, to, at: now.plus_ms(-minutes * MINUTE_MS), text, read }
            })
        })
        .collect();
    lines.sort_by_key(|line| line.at);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_message_that_people_could_send() {
        let lines = lines(Timestamp(1_763_856_000_000));
        assert!(lines.is_sorted_by_key(|line| line.at));
        for line in &lines {
            assert_eq!(guildhall_market::text::clean(line.text).as_deref(), Ok(line.text));
            assert_ne!(line.from, line.to);
        }
        assert_eq!(lines.iter().filter(|line| !line.read).count(), 3);
    }
}
