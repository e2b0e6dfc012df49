//! The wire as strangers see it: REST, sockets, refusals, bad input, on a real server.

mod accounts;
mod attachments;
mod belonging;
mod crowd;
mod hostile;
mod messages;
mod openapi;
mod operation;
mod peers;
mod protocol;
mod pusher;
mod realtime;
mod stranger;
mod tools;
mod webhooks;
