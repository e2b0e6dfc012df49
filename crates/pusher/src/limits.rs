//! Limits of the protocol. Sources: the Pusher Channels documentation for protocol 7, and this project's wire contract
//! where it is stricter.

/// Default activity timeout told to clients, seconds (Pusher allows up to 120).
pub const ACTIVITY_TIMEOUT_S: u64 = 30;
/// How long an answer to `pusher:ping` may take before the connection is closed with 4201, milliseconds.
pub const PONG_TIMEOUT_MS: i64 = 30_000;
/// Longest event name, in characters (Pusher: 200).
pub const EVENT_NAME_CHARS_MAX: usize = 200;
/// Longest channel name, in characters (Pusher: 164).
pub const CHANNEL_NAME_CHARS_MAX: usize = 164;
/// Largest data of one event, in bytes (100 KiB).
pub const EVENT_DATA_BYTES_MAX: usize = 100 * 1024;
/// Channels named in one publish (Pusher: 100).
pub const CHANNELS_PER_PUBLISH_MAX: usize = 100;
/// Events in one batch (Pusher: 10).
pub const BATCH_EVENTS_MAX: usize = 10;
/// Subscriptions of one socket (Pusher: no limit). Each costs some hundred bytes: this bounds a socket to a few MiB.
pub const SUBSCRIPTIONS_PER_SOCKET_MAX: usize = 10_000;
/// Largest message on the socket, in bytes (256 KiB).
pub const FRAME_BYTES_MAX: usize = 256 * 1024;
/// Client events of one socket in any second (Pusher: 10).
pub const CLIENT_EVENTS_PER_SECOND_MAX: u32 = 10;
/// Seconds that the timestamp of a signed HTTP request may be off (Pusher: 600).
pub const REQUEST_TIMESTAMP_WINDOW_S: i64 = 600;
/// Longest user id of a presence member, in characters (Pusher: 128).
pub const USER_ID_CHARS_MAX: usize = 128;
/// Largest member data on a presence channel, in bytes (Pusher says 1 KB for `user_info`; the whole is allowed twice that).
pub const CHANNEL_DATA_BYTES_MAX: usize = 2 * 1024;
/// Members of a presence channel that are listed; above that there is a count (domain rule: presence list).
pub const MEMBERS_SHOWN_MAX: usize = 1_000;
/// Bytes that may wait for one reader (1 MiB): about a second of a bad mobile link's best.
pub const WAITING_BYTES_MAX: usize = 1024 * 1024;
/// Users on one watchlist (Pusher: 100).
pub const WATCHLIST_USERS_MAX: usize = 100;
/// How long the last event of a cache channel is kept, milliseconds (Pusher: 30 minutes).
pub const CACHE_MS: i64 = 30 * 60 * 1_000;
/// Subscribers up to which each change of their count is told at once; above, once in [`COUNT_EVERY_MS`] (Pusher: 100).
pub const COUNTED_AT_ONCE_MAX: usize = 100;
/// How often a count of many subscribers is told, milliseconds (Pusher: 5 seconds).
pub const COUNT_EVERY_MS: i64 = 5_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_the_ones_that_are_promised() {
        assert_eq!((EVENT_DATA_BYTES_MAX, FRAME_BYTES_MAX, CHANNEL_DATA_BYTES_MAX), (102_400, 262_144, 2_048));
        assert_eq!((WAITING_BYTES_MAX, CACHE_MS), (1_048_576, 1_800_000));
    }
}
