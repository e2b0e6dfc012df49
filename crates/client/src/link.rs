//! The realtime connection: made, watched, and made again for ever, with its state always told.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use guildhall_contract::{feed::FeedRow, rest::ChannelAuth};
use guildhall_market::permissions::MarketChannel;
use guildhall_pusher::{
    client::{Action, Connection, Event, Liveness},
    frame,
};
use rand::Rng;
use tokio::{sync::mpsc, time::timeout};
use tokio_tungstenite::tungstenite::{self, Message, protocol::WebSocketConfig};

use crate::{
    account::{Account, ToSync},
    address,
    channels::{
        Listened, News,
        subscriptions::{Ask, Authorised, Subscriptions},
    },
    edits,
    link_state::Made,
    rest::{ApiError, reason_of},
    route::{self, Socket},
};

/// Time to make a connection, name and TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Time to hand a frame to the system. One that takes longer has no link under it.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest pause before another try: at first, and at all.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// The pause after a close that says that coming back unchanged is no use. Unchanged is not for ever: the key, the
/// limits and the server behind an address change while an app runs.
const UNFIT_PAUSE: Duration = Duration::from_secs(60);
/// Why there is no connection while the server inside this app does not run.
pub(crate) const NO_LOCAL_SERVER: &str = "local_server";
/// Time that it may take to start: an old database is looked through first.
const LOCAL_START_TIMEOUT: Duration = Duration::from_secs(60);
/// Largest frame that is read: the wire's limit of 256 KiB, with room for its envelope.
const FRAME_BYTES_MAX: usize = 512 * 1024;
/// The pause before it is asked again whether one may listen to a channel, when there was no answer.
const AUTHORISE_AGAIN_MS: i64 = 2_000;
/// A connection that lasted so long makes another immediate try fair.
const LASTED: Duration = Duration::from_secs(30);

/// Why a connection ended or was not made, and with that, when to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The token is not accepted, in the server's own words.
    Unauthorised,
    /// The connection was closed as not authorised (4009), which is for the server itself to confirm.
    Doubted,
    /// The server says that trying again unchanged is no use (4000 to 4099): the key is asked anew, after a minute.
    Unfit,
    /// The server asks to come back at once (4200 to 4299).
    AtOnce,
    /// After a pause, for this reason.
    Later(&'static str),
}

pub(crate) async fn run(account: Arc<Account>, mut outgoing: mpsc::UnboundedReceiver<String>) {
    // Since when there is no link.
    let mut lost_at = Instant::now();
    let mut came_at_once = false;
    let mut key: Option<String> = None;
    loop {
        let begin = Instant::now();
        let (end, established) = connect(&account, &mut key, &mut outgoing).await;
        if established {
            lost_at = Instant::now();
        } else {
            // It may be what is wrong.
            key = None;
        }
        if begin.elapsed() >= LASTED {
            came_at_once = false;
        }
        let (reason, pause) = match end {
            End::Unauthorised => return account.lost_token(),
            End::Doubted if matches!(account.api.tokens().await, Err(ApiError::Unauthorized)) => {
                return account.lost_token();
            }
            End::Unfit => {
                key = None;
                ("unfit", UNFIT_PAUSE)
            }
            End::AtOnce if !came_at_once => {
                came_at_once = true;
                ("server_restart", Duration::ZERO)
            }
            End::AtOnce => ("server_restart", backoff(lost_at.elapsed())),
            End::Doubted => ("closed", backoff(lost_at.elapsed())),
            End::Later(reason) => (reason, backoff(lost_at.elapsed())),
        };
        tracing::info!(reason, pause_ms = pause.as_millis() as u64, "no connection");
        offline(&account, reason, Some(pause)).await;
        tokio::select! {
            () = account.link.wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
        // Trying now: no moment of the next try to show.
        account.link.state.lock().expect("no panic while held").retry_at = None;
        account.publish_connection().await;
    }
}

/// The longest pause before another try when there has been no link for so long: what was short is over soon, and so is the
/// wait behind it.
fn pause_max(away: Duration) -> Duration {
    (Duration::from_millis(500) + away.mul_f64(0.4)).clamp(PAUSE_FIRST, PAUSE_MAX)
}

/// A pause between nothing and the longest, so that a thousand clients do not come back in the same moment.
fn backoff(away: Duration) -> Duration {
    pause_max(away).mul_f64(rand::rng().random_range(0.0..=1.0))
}

/// Says that there is no link, why, and that nothing is known any more that was known over it.
pub(crate) async fn offline(account: &Arc<Account>, reason: &'static str, pause: Option<Duration>) {
    let now = account.now();
    let retry_at = pause.map(|pause| now.plus_ms(i64::try_from(pause.as_millis()).unwrap_or(0)));
    let unsaid = account.link.state.lock().expect("no panic while held").lost(now, reason, retry_at);
    for kind in account.kinds {
        kind.unlinked(account, &unsaid).await;
    }
    account.publish_connection().await;
    account.api.reconnect();
    let _ = account.owned(account.own.link_lost(now).await);
}

/// What was missed cannot be fetched for now: says why, while it is tried again.
pub(crate) async fn is_behind(account: &Arc<Account>, made: Made, reason: &'static str) {
    {
        let mut link = account.link.state.lock().expect("no panic while held");
        if !link.stands(made) {
            return;
        }
        link.reason = Some(reason);
    }
    account.publish_connection().await;
}

/// Nothing is missing any more over this connection: the link counts as there, and what waited for it goes.
pub(crate) async fn caught_up(account: &Arc<Account>, made: Made) {
    let now = account.now();
    if !account.link.state.lock().expect("no panic while held").caught_up(made, now) {
        return;
    }
    account.publish_connection().await;
    let _ = account.owned(account.own.link_back(now).await);
    if !account.link.state.lock().expect("no panic while held").stands(made) {
        // Lost meanwhile, and perhaps written down before: the last word must be that it is gone.
        let _ = account.owned(account.own.link_lost(account.now()).await);
    }
    account.link.again.notify_waiters();
    edits::wake(account);
    for kind in account.kinds {
        kind.linked(account).await;
    }
}

/// Whether the server inside this app runs: it is started anew where it could not go on, under another address.
async fn has_local_server(account: &Account) -> bool {
    let Some(local) = &account.ports.local_mode else { return false };
    let Ok(Ok(server)) = timeout(LOCAL_START_TIMEOUT, local.start()).await else { return false };
    let Some(base) = address::parse(&server.url) else { return false };
    if account.api.base() != base {
        account.move_to(&base);
    }
    true
}

async fn connect(
    account: &Arc<Account>,
    key: &mut Option<String>,
    outgoing: &mut mpsc::UnboundedReceiver<String>,
) -> (End, bool) {
    if account.who.local && !has_local_server(account).await {
        return (End::Later(NO_LOCAL_SERVER), false);
    }
    let app_key = match key {
        Some(key) => key.clone(),
        None => match account.api.health().await {
            Ok(health) => key.insert(health.realtime_key).clone(),
            Err(ApiError::Unreachable { reason }) => return (End::Later(reason), false),
            // A server that is busy with itself, or a page in its place.
            Err(_) => return (End::Later("other"), false),
        },
    };
    let config =
        WebSocketConfig::default().max_message_size(Some(FRAME_BYTES_MAX)).max_frame_size(Some(FRAME_BYTES_MAX));
    let url = account.api.socket_url(&app_key);
    let opening = route::open(&url, config);
    let socket = match timeout(CONNECT_TIMEOUT, opening).await {
        Err(_) => return (End::Later("timeout"), false),
        Ok(Err(error)) => return (End::Later(socket_reason(&error)), false),
        Ok(Ok(socket)) => socket,
    };
    let mut driver = Driver {
        account,
        socket,
        connection: Connection::new(Liveness::default(), 0),
        begin: Instant::now(),
        channel: MarketChannel::of_user(account.who.user),
        made: None,
        error_code: None,
        listened: account.part(),
        subscriptions: Subscriptions::default(),
    };
    while outgoing.try_recv().is_ok() {}
    let end = driver.drive(outgoing).await;
    let established = driver.made.is_some();
    if established {
        let _ = driver.listened.news.send(News::Lost).await;
    }
    let _ = timeout(Duration::from_millis(500), driver.socket.close(None)).await;
    (end, established)
}

fn socket_reason(error: &tungstenite::Error) -> &'static str {
    match error {
        tungstenite::Error::Http(_) => "refused",
        tungstenite::Error::Tls(_) => "tls",
        error => match reason_of(error) {
            "other" => "closed",
            reason => reason,
        },
    }
}

/// What a close code asks for.
fn end_for_code(code: u16) -> End {
    match code {
        4009 => End::Doubted,
        4000..=4099 => End::Unfit,
        4200..=4299 => End::AtOnce,
        1012 => End::Later("server_restart"),
        _ => End::Later("closed"),
    }
}

struct Driver<'a> {
    account: &'a Arc<Account>,
    socket: Socket,
    connection: Connection,
    begin: Instant,
    channel: String,
    /// Names the connection, once it counts as made.
    made: Option<Made>,
    error_code: Option<u16>,
    listened: Arc<Listened>,
    /// The channels beside one's own.
    subscriptions: Subscriptions,
}

/// What the server said to whoever wants to listen to a channel.
type Authorisation = (String, Result<ChannelAuth, ApiError>);

impl Driver<'_> {
    fn now(&self) -> i64 {
        i64::try_from(self.begin.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    async fn send(&mut self, text: String) -> Result<(), End> {
        match timeout(SEND_TIMEOUT, self.socket.send(Message::text(text))).await {
            Err(_) => Err(End::Later("silent")),
            Ok(Err(_)) => Err(End::Later("closed")),
            Ok(Ok(())) => Ok(()),
        }
    }

    async fn drive(&mut self, outgoing: &mut mpsc::UnboundedReceiver<String>) -> End {
        let (auth_sender, mut auths) = mpsc::unbounded_channel();
        loop {
            if let Err(end) = self.turn(outgoing, &auth_sender, &mut auths).await {
                return end;
            }
        }
    }

    async fn turn(
        &mut self,
        outgoing: &mut mpsc::UnboundedReceiver<String>,
        auth_sender: &mpsc::UnboundedSender<Authorisation>,
        auths: &mut mpsc::UnboundedReceiver<Authorisation>,
    ) -> Result<(), End> {
        while let Some(action) = self.connection.poll(self.now()) {
            match action {
                Action::Send(text) => self.send(text).await?,
                Action::Dead => return Err(End::Later("silent")),
            }
        }
        let deadline = self.subscriptions.deadline().into_iter().fold(self.connection.deadline(), i64::min);
        let sleep = u64::try_from(deadline - self.now()).unwrap_or(0);
        tokio::select! {
            message = self.socket.next() => self.took(message, auth_sender).await,
            Some((channel, auth)) = auths.recv() => self.authorised(channel, auth, auth_sender).await,
            Some(text) = outgoing.recv() => if self.made.is_some() { self.send(text).await } else { Ok(()) },
            () = self.account.link.wake.notified() => {
                // Is the link still there after the change, or the sleep? The answer comes within the limit or never.
                let now = self.now();
                let Action::Send(text) = self.connection.ping(now) else { return Ok(()) };
                self.send(text).await
            }
            () = self.listened.changed.notified() => self.reconcile(auth_sender).await,
            () = tokio::time::sleep(Duration::from_millis(sleep)) => self.reconcile(auth_sender).await,
        }
    }

    fn authorise(&self, socket_id: &str, channel: &str, auth_sender: &mpsc::UnboundedSender<Authorisation>) {
        let (account, sender) = (self.account.clone(), auth_sender.clone());
        let (socket_id, channel) = (socket_id.to_owned(), channel.to_owned());
        self.account.spawn(async move {
            let auth = account.api.channel_auth(&socket_id, &channel).await;
            let _ = sender.send((channel, auth));
        });
    }

    /// Brings the channels that are listened to into line with those that are held.
    async fn reconcile(&mut self, auth_sender: &mpsc::UnboundedSender<Authorisation>) -> Result<(), End> {
        let Some(socket_id) = self.connection.socket_id().filter(|_| self.made.is_some()).map(str::to_owned) else {
            return Ok(());
        };
        let held = self.listened.held();
        let held = held.iter().map(|(channel, holding)| (channel.as_str(), *holding));
        for ask in self.subscriptions.reconcile(held, self.now()) {
            match ask {
                Ask::Authorise(channel) => self.authorise(&socket_id, &channel, auth_sender),
                Ask::Unsubscribe(channel) => self.send(frame::unsubscribe(&channel)).await?,
            }
        }
        Ok(())
    }

    async fn authorised(
        &mut self,
        channel: String,
        auth: Result<ChannelAuth, ApiError>,
        auth_sender: &mpsc::UnboundedSender<Authorisation>,
    ) -> Result<(), End> {
        let own = channel == self.channel;
        let auth = match auth {
            Ok(auth) if own || self.subscriptions.authorised(&channel, Authorised::Yes) => auth,
            Ok(_) => return Ok(()),
            Err(ApiError::Unauthorized) => return Err(End::Unauthorised),
            Err(ApiError::Unreachable { reason }) if own => return Err(End::Later(reason)),
            Err(_) if own => return Err(End::Later("other")),
            Err(ApiError::Refused { status, .. }) => {
                self.subscriptions.authorised(&channel, Authorised::No);
                let _ = self.listened.news.send(News::Refused { channel, status }).await;
                return self.reconcile(auth_sender).await;
            }
            Err(_) => {
                let again = self.now() + AUTHORISE_AGAIN_MS;
                self.subscriptions.authorised(&channel, Authorised::Later(again));
                return self.reconcile(auth_sender).await;
            }
        };
        self.send(frame::subscribe(&channel, Some(&auth.auth), auth.channel_data.as_deref())).await?;
        self.reconcile(auth_sender).await
    }

    async fn took(
        &mut self,
        message: Option<Result<Message, tungstenite::Error>>,
        auth_sender: &mpsc::UnboundedSender<Authorisation>,
    ) -> Result<(), End> {
        let now = self.now();
        match message {
            Some(Ok(Message::Text(text))) => match self.connection.on_text(&text, now) {
                Some(event) => self.on_event(event, auth_sender).await,
                None => Ok(()),
            },
            Some(Ok(Message::Close(close))) => {
                let code = close.map(|close| u16::from(close.code)).filter(|code| *code >= 4000).or(self.error_code);
                Err(code.map_or(End::Later("closed"), end_for_code))
            }
            Some(Ok(_)) => {
                self.connection.on_life(now);
                Ok(())
            }
            Some(Err(_)) | None => Err(self.error_code.map_or(End::Later("closed"), end_for_code)),
        }
    }

    async fn on_event(&mut self, event: Event, auth_sender: &mpsc::UnboundedSender<Authorisation>) -> Result<(), End> {
        match event {
            Event::Connected { socket_id } => {
                self.authorise(&socket_id, &self.channel, auth_sender);
                Ok(())
            }
            Event::Subscribed { channel, .. } if channel == self.channel => {
                let now = self.account.now();
                self.made = Some(self.account.link.state.lock().expect("no panic while held").made(now));
                self.account.publish_connection().await;
                self.account.link.made.notify_waiters();
                let _ = self.account.sync.send(ToSync::CatchUp).await;
                let now = self.now();
                if let Action::Send(text) = self.connection.ping(now) {
                    self.send(text).await?;
                }
                self.reconcile(auth_sender).await
            }
            Event::Subscribed { channel, data } => {
                if self.subscriptions.subscribed(&channel) {
                    let _ = self.listened.news.send(News::Subscribed { channel, data }).await;
                }
                Ok(())
            }
            Event::SubscriptionRefused { channel, .. } if channel == self.channel => Err(End::Later("other")),
            Event::SubscriptionRefused { channel, status } => {
                if self.subscriptions.refused(&channel) {
                    let _ = self.listened.news.send(News::Refused { channel, status }).await;
                }
                Ok(())
            }
            Event::Message { event, channel, data, .. } if self.subscriptions.has(&channel) => {
                let _ = self.listened.news.send(News::Heard { channel, event, data }).await;
                Ok(())
            }
            Event::Message { event, channel, data, seq: Some(seq) } if channel == self.channel => {
                let _ = self.account.sync.send(ToSync::Frame(FeedRow { seq, event, channel, data })).await;
                Ok(())
            }
            Event::Message { event, channel, data, seq: None } if channel == self.channel => {
                if let Some(made) = self.made {
                    unnumbered(self.account, made, &event, data).await;
                }
                Ok(())
            }
            Event::Error { code, .. } => {
                self.error_code = code.filter(|code| *code != 4301);
                Ok(())
            }
            Event::Pong { round_trip_ms } => {
                self.account.link.state.lock().expect("no panic while held").round_trip_ms =
                    u32::try_from(round_trip_ms).ok();
                self.account.publish_connection().await;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Events that are of the moment: never stored, never missed.
async fn unnumbered(account: &Arc<Account>, made: Made, event: &str, data: serde_json::Value) {
    if let Some(kind) = account.kinds.iter().find(|kind| kind.moments().contains(&event)) {
        kind.moment(account, made, event, data).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_codes_say_when_to_come_back() {
        assert_eq!(end_for_code(4009), End::Doubted);
        for code in [4000, 4001, 4003, 4004, 4099] {
            assert_eq!(end_for_code(code), End::Unfit, "{code}");
        }
        for code in [4100, 4199, 1006, 4300] {
            assert_eq!(end_for_code(code), End::Later("closed"), "{code}");
        }
        for code in [4200, 4201, 4299] {
            assert_eq!(end_for_code(code), End::AtOnce, "{code}");
        }
    }

    #[test]
    fn pauses_stay_within_half_a_minute() {
        for away_s in [0, 1, 60, 100_000] {
            for _ in 0..100 {
                assert!(backoff(Duration::from_secs(away_s)) <= PAUSE_MAX);
            }
        }
        assert_eq!(pause_max(Duration::MAX / 2), PAUSE_MAX);
    }

    /// When the link is made again behind a gap, if each pause is this part of the longest.
    fn back_after(gap: Duration, part: f64) -> Duration {
        let mut away = Duration::ZERO;
        while away <= gap {
            away += pause_max(away).mul_f64(part).max(Duration::from_millis(1));
        }
        away
    }

    #[test]
    fn after_a_short_restart_the_wait_is_short_whatever_is_drawn() {
        for (gap_ms, most_ms) in [(0, 1_000), (300, 2_000), (1_000, 2_500), (3_000, 5_000), (60_000, 90_000)] {
            for part in 1..=1_000 {
                let back = back_after(Duration::from_millis(gap_ms), f64::from(part) / 1_000.0);
                assert!(back <= Duration::from_millis(most_ms), "{gap_ms} ms, {part}: {back:?}");
            }
        }
    }
}
