//! Who may subscribe to which channel, decided from the channel's name and facts about the person.

use crate::{
    ids::{JobId, UserId, parse_plain_decimal},
    jobs::times::is_fresh,
    time::Timestamp,
};

/// A channel of the market, as its name reads. Anything that is not exactly one of these belongs to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarketChannel {
    /// `private-user.{id}`: all of one person's events.
    User(UserId),
    /// `private-admin`: administrators.
    Admin,
    /// `private-system`: maintenance notices to everybody who is signed in.
    System,
    /// `private-job.{id}`: the two of a job.
    Job(JobId),
}

/// The channel of everybody who is signed in.
pub const SYSTEM_CHANNEL: &str = "private-system";

impl MarketChannel {
    /// Reads a channel name. `None` for a name that is not one of the market's, to the letter.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "private-admin" => Some(Self::Admin),
            SYSTEM_CHANNEL => Some(Self::System),
            _ => {
                let of = |prefix| name.strip_prefix(prefix).and_then(parse_plain_decimal);
                let user = of("private-user.").map(|id| Self::User(UserId(id)));
                user.or_else(|| of("private-job.").map(|id| Self::Job(JobId(id))))
            }
        }
    }

    /// The channel of one person.
    pub fn of_user(user: UserId) -> String {
        format!("private-user.{user}")
    }

    /// The channel of one job.
    pub fn of_job(job: JobId) -> String {
        format!("private-job.{job}")
    }

    /// Whether an active person may subscribe. Suspended and deleted people may subscribe to nothing; that is checked
    /// with their token.
    pub fn admits(self, who: UserId, is_admin: bool) -> bool {
        match self {
            Self::User(owner) => owner == who,
            Self::Admin => is_admin,
            Self::System => true,
            // Asked of the job: see [`hears_of_job`].
            Self::Job(_) => false,
        }
    }
}

/// Whether somebody may listen to the channel of a job: its client and whoever has it, until a while after its end. Administrators
/// have a view of their own, which is written down; who applied hears of it otherwise.
pub fn hears_of_job(
    who: UserId,
    (client, artisan): (UserId, Option<UserId>),
    ended: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    (who == client || Some(who) == artisan) && is_fresh(ended, now)
}

/// Whether `writer` may send a new message to `reader`. A block by either side closes the line between them; the one
/// who is blocked is told only that the other cannot be reached.
pub fn may_write(writer: UserId, reader: UserId, either_blocked: bool) -> bool {
    writer != reader && !either_blocked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e110_a_channel_is_matched_to_the_letter_and_a_person_hears_only_their_own() {
        let check = |name: &str, who: i64, admin: bool, expected: bool| {
            let admitted = MarketChannel::parse(name).is_some_and(|channel| channel.admits(UserId(who), admin));
            assert_eq!(admitted, expected, "{name:?} as {who}");
        };
        check("private-user.1", 1, false, true);
        check("private-user.1", 2, false, false);
        check("private-user.1", 2, true, false);
        check("private-user.01", 1, false, false);
        check("private-user.1 ", 1, false, false);
        check("private-user.+1", 1, false, false);
        check("private-user.", 1, false, false);
        check("presence-user.1", 1, false, false);
        check("private-admin", 1, true, true);
        check("private-admin", 1, false, false);
        check("private-system", 1, false, true);
        check("private-anything", 1, true, false);
        check("private-job.1", 1, true, false);
        check("anything", 1, true, false);
    }

    #[test]
    fn a_persons_channel_reads_back() {
        assert_eq!(MarketChannel::of_user(UserId(7)), "private-user.7");
        assert_eq!(MarketChannel::parse("private-user.7"), Some(MarketChannel::User(UserId(7))));
        assert_eq!(MarketChannel::parse(&MarketChannel::of_job(JobId(7))), Some(MarketChannel::Job(JobId(7))));
        assert_eq!(MarketChannel::parse("private-job.07"), None);
    }

    #[test]
    fn the_two_of_a_job_hear_of_it_until_a_while_after_its_end() {
        let hears = |who, artisan, ended, now| hears_of_job(UserId(who), (UserId(1), artisan), ended, Timestamp(now));
        let (ana, month) = (Some(UserId(2)), 30 * crate::time::DAY_MS);
        assert!(hears(1, None, None, 5) && hears(1, ana, None, 5) && hears(2, ana, None, 5));
        assert!(!hears(2, None, None, 5) && !hears(3, ana, None, 5));
        assert!(hears(2, ana, Some(Timestamp(0)), month - 1) && !hears(2, ana, Some(Timestamp(0)), month));
    }

    #[test]
    fn nobody_writes_to_themselves_or_past_a_block() {
        assert!(may_write(UserId(1), UserId(2), false));
        assert!(!may_write(UserId(1), UserId(1), false));
        assert!(!may_write(UserId(1), UserId(2), true));
    }
}
