//! One WebSocket: from the upgrade to the last frame. Drives the protocol's state machine and does what it says.

use std::{sync::atomic::Ordering, time::Duration};

use axum::{
    extract::{
        FromRequestParts, Path, Query, Request, State,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use guildhall_contract::{
    channels::CLIENT_TYPING,
    events::{TypingReceived, TypingSent},
};
use guildhall_db::{conversations, people};
use guildhall_market::{ids::UserId, permissions::MarketChannel};
use guildhall_pusher::{
    close::CloseCode,
    connection::{Connection, Output},
    frame,
    limits::FRAME_BYTES_MAX,
};
use serde::Deserialize;
use tokio::time::Instant;

use crate::{
    app::App,
    error::ApiError,
    realtime::hub::{Seat, SocketKey},
};

/// How long the last frames of a closing connection may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long one write may take before the link counts as dead.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// Between two typing signs of one socket.
const TYPING_EVERY: Duration = Duration::from_secs(1);

/// What a client says about itself.
#[derive(Debug, Deserialize)]
pub struct Hello {
    protocol: Option<String>,
}

/// `GET /app/{key}`
pub async fn connect(State(app): State<App>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let key = <Path<String> as FromRequestParts<App>>::from_request_parts(&mut parts, &app)
        .await
        .map(|p| p.0)
        .unwrap_or_default();
    let hello = <Query<Hello> as FromRequestParts<App>>::from_request_parts(&mut parts, &app)
        .await
        .map(|q| q.0)
        .unwrap_or(Hello { protocol: None });
    let upgrade = match <WebSocketUpgrade as FromRequestParts<App>>::from_request_parts(&mut parts, &app).await {
        Ok(upgrade) => upgrade,
        Err(_) => {
            return ApiError::new(
                StatusCode::UPGRADE_REQUIRED,
                "websocket_needed",
                "This address speaks WebSocket: connect with ws:// or wss:// and the Pusher protocol 7.",
            )
            .into_response();
        }
    };
    upgrade.max_message_size(FRAME_BYTES_MAX).max_frame_size(FRAME_BYTES_MAX).on_upgrade(move |socket| async move {
        match refusal(&app, &key, &hello) {
            Some((code, words)) => refuse(socket, code, words).await,
            None => match app.hub.enter() {
                Some(seat) => serve(app, socket, seat).await,
                None => refuse(socket, CloseCode::Reconnect, "The server is stopping. Reconnect.").await,
            },
        }
    })
}

fn refusal(app: &App, key: &str, hello: &Hello) -> Option<(CloseCode, &'static str)> {
    if key != app.config.app.key {
        return Some((CloseCode::NoSuchApp, "No app has this key"));
    }
    match hello.protocol.as_deref() {
        None => Some((CloseCode::NoProtocolVersion, "No protocol version was given: add ?protocol=7")),
        Some(text) => match text.parse::<u32>() {
            Err(_) => Some((CloseCode::VersionFormat, "The protocol version is not a number")),
            // Versions 5 to 7 differ only in what the client may leave out.
            Ok(5..=7) => None,
            Ok(_) => Some((CloseCode::ProtocolVersion, "This protocol version is not spoken: use 7")),
        },
    }
}

fn close_frame(code: CloseCode, words: &str) -> Message {
    Message::Close(Some(CloseFrame { code: code.number(), reason: words.to_owned().into() }))
}

async fn refuse(mut socket: WebSocket, code: CloseCode, words: &str) {
    let last = async {
        let _ = socket.send(Message::Text(frame::error(Some(code.number()), words).into())).await;
        let _ = socket.send(close_frame(code, words)).await;
        // The client answers with its own close; after that both sides are done.
        while let Some(Ok(_)) = socket.recv().await {}
    };
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, last).await;
}

struct Driver {
    app: App,
    key: SocketKey,
    connection: Connection,
    started: Instant,
    typed_at: Option<Instant>,
}

/// Why a connection ends.
enum End {
    /// The other side is gone, or never was well.
    Gone,
    /// We close it.
    Close(CloseCode),
}

async fn serve(app: App, socket: WebSocket, mut seat: Seat) {
    let (sink, stream) = socket.split();
    let credentials = std::sync::Arc::new(app.config.app.clone());
    let (connection, greeting) =
        Connection::open(credentials, seat.socket_id.clone(), app.config.activity_timeout_s, 0);
    let mut driver = Driver { app, key: seat.key, connection, started: Instant::now(), typed_at: None };
    if let Output::Send(text) = greeting {
        driver.app.hub.send_to(seat.key, text);
    }
    driver.run(sink, stream, &mut seat).await;
    driver.app.hub.leave(seat.key, driver.connection.subscriptions());
}

impl Driver {
    fn now(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    async fn run(
        &mut self,
        mut sink: SplitSink<WebSocket, Message>,
        mut stream: SplitStream<WebSocket>,
        seat: &mut Seat,
    ) {
        let end = loop {
            let deadline = self.started + Duration::from_millis(u64::try_from(self.connection.deadline()).unwrap_or(0));
            let step = tokio::select! {
                biased;
                code = &mut seat.close => Err(End::Close(code.unwrap_or(CloseCode::Reconnect))),
                frame = seat.frames.recv() => match frame {
                    Some(frame) => write(&mut sink, frame, seat).await,
                    None => Err(End::Gone),
                },
                message = stream.next() => self.on_message(message).await,
                () = tokio::time::sleep_until(deadline) => {
                    let outputs = self.connection.on_deadline(self.now());
                    self.carry_out(outputs).await
                }
            };
            if let Err(end) = step {
                break end;
            }
        };
        if let End::Close(code) = end {
            let last = async {
                // What was put out before the close still leaves, the reason among it.
                while let Ok(frame) = seat.frames.try_recv() {
                    if sink.feed(Message::Text(frame)).await.is_err() {
                        return;
                    }
                }
                let words = match code {
                    CloseCode::OverCapacity => "The reader is too slow",
                    CloseCode::Unauthorised => "No longer authorised",
                    CloseCode::Reconnect => "The server restarts",
                    _ => "Closed",
                };
                let _ = sink.feed(Message::Text(frame::error(Some(code.number()), words).into())).await;
                let _ = sink.send(close_frame(code, words)).await;
                while let Some(Ok(_)) = stream.next().await {}
            };
            let _ = tokio::time::timeout(CLOSE_TIMEOUT, last).await;
        }
    }

    async fn on_message(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let now = self.now();
        match message {
            Some(Ok(Message::Text(text))) => {
                let outputs = self.connection.on_text(&text, now);
                self.carry_out(outputs).await
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                self.connection.on_life(now);
                Ok(())
            }
            Some(Ok(Message::Binary(_))) => {
                self.app.hub.send_to(self.key, frame::error(None, "Only text frames are spoken here"));
                Ok(())
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
        }
    }

    async fn carry_out(&mut self, outputs: Vec<Output>) -> Result<(), End> {
        for output in outputs {
            match output {
                Output::Send(text) => self.app.hub.send_to(self.key, text),
                Output::Subscribe { channel, member } => self.app.hub.subscribe(self.key, &channel, member.as_ref()),
                Output::Unsubscribe { channel, member } => {
                    self.app.hub.unsubscribe(self.key, &channel, member.as_deref())
                }
                Output::ClientEvent { channel, event, data, user_id } => {
                    self.client_event(&channel, &event, &data, user_id.as_deref()).await;
                }
                Output::SignedIn { .. } => {}
                Output::Close(code) => return Err(End::Close(code)),
            }
        }
        Ok(())
    }

    async fn client_event(&mut self, channel: &str, event: &str, data: &str, user_id: Option<&str>) {
        match MarketChannel::parse(channel) {
            Some(MarketChannel::User(writer)) if event == CLIENT_TYPING => self.typing(writer, data).await,
            Some(_) => {
                let words = "Client events are not taken on this channel, but for client-typing on one's own";
                self.app.hub.send_to(self.key, frame::error(Some(CloseCode::ClientEvent.number()), words));
            }
            None => {
                let text = frame::event(event, channel, data, None, user_id);
                self.app.hub.send(channel, text, Some(self.connection.socket_id()));
            }
        }
    }

    /// Passes a sign of typing on to somebody one has a conversation with: at most one a second, never stored.
    async fn typing(&mut self, writer: UserId, data: &str) {
        if self.typed_at.is_some_and(|at| at.elapsed() < TYPING_EVERY) {
            return;
        }
        self.typed_at = Some(Instant::now());
        let Ok(sent) = serde_json::from_str::<TypingSent>(data) else {
            let words = "client-typing needs a numeric \"recipient_id\" in its data";
            self.app.hub.send_to(self.key, frame::error(Some(CloseCode::ClientEvent.number()), words));
            return;
        };
        let reader = sent.recipient_id;
        let allowed = async {
            let mut c = self.app.db.read().await?;
            let (blocks, blocked) = people::blocks_between(&mut c, writer, reader).await?;
            Ok::<_, guildhall_db::DbError>(!blocks && !blocked && conversations::exists(&mut c, writer, reader).await?)
        };
        if allowed.await.unwrap_or(false) {
            let body = TypingReceived { user_id: writer, job_id: sent.job_id, domain_id: sent.domain_id };
            let channel = MarketChannel::of_user(reader);
            let text =
                frame::event(CLIENT_TYPING, &channel, &serde_json::to_string(&body).unwrap_or_default(), None, None);
            self.app.hub.send(&channel, text, None);
        }
    }
}

/// Writes a frame and whatever has gathered behind it, with one flush.
async fn write(sink: &mut SplitSink<WebSocket, Message>, first: Utf8Bytes, seat: &mut Seat) -> Result<(), End> {
    let all = async {
        let mut next = Some(first);
        while let Some(frame) = next {
            seat.waiting_bytes.fetch_sub(frame.len(), Ordering::Relaxed);
            sink.feed(Message::Text(frame)).await?;
            next = seat.frames.try_recv().ok();
        }
        sink.flush().await
    };
    tokio::select! {
        biased;
        // A reader that stopped reading must not keep us from closing it.
        code = &mut seat.close => Err(End::Close(code.unwrap_or(CloseCode::Reconnect))),
        written = tokio::time::timeout(WRITE_TIMEOUT, all) => match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        },
    }
}
