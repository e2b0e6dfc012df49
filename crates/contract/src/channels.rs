//! Event names and channel names on the realtime wire.

/// A message was sent. To both parties.
pub const MESSAGE_SENT: &str = "message.sent";
/// Messages were read, the first time only. To both parties.
pub const MESSAGE_READ: &str = "message.read";
/// Messages reached a device of the recipient. To the sender.
pub const MESSAGE_DELIVERED: &str = "message.delivered";
/// A message was deleted by its sender. To both parties.
pub const MESSAGE_DELETED: &str = "message.deleted";
/// A notice was made, under the name that the domain system's listeners know.
pub const NOTIFICATION_CREATED: &str = "notification.created";
/// The same notice, under the name that the artisan system's listeners know. Not part of the feed: it would be a double.
pub const NOTIFICATION_SENT: &str = "notification.sent";
/// Notices were read. To the owner's other devices.
pub const NOTIFICATION_READ: &str = "notification.read";
/// A notice was deleted. To the owner's other devices.
pub const NOTIFICATION_DELETED: &str = "notification.deleted";
/// Somebody types. A client event: relayed to the other person, never stored, never in the feed.
pub const CLIENT_TYPING: &str = "client-typing";
/// Somebody one has a conversation with came online or went. Never stored, never in the feed.
pub const PRESENCE_UPDATED: &str = "presence.updated";
