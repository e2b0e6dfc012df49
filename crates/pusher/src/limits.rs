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
/// Subscriptions of one socket.
pub const SUBSCRIPTIONS_PER_SOCKET_MAX: usize = 100;
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
