//! Connections that end: nobody may hold one open by saying nothing, by saying it slowly, or by opening many.

use std::{
    collections::HashMap,
    future::{Future, Ready, ready},
    io,
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum_server::accept::Accept;
use futures_util::future::BoxFuture;
use hyper_util::{
    rt::{TokioExecutor, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep_until},
};
use tower_service::Service;

use crate::patience::{PATIENCE, Patience};

/// Connections of each address.
#[derive(Clone, Default)]
pub struct Places(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One connection's place, given back when it is dropped.
pub struct Place {
    places: Places,
    address: IpAddr,
}

impl Places {
    /// A place for one more connection of this address; `None` when it has `most` already.
    pub fn take(&self, address: IpAddr, most: usize) -> Option<Place> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Place { places: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

/// Takes connections in: as many of one address as it may have, each with its limits.
#[derive(Clone)]
pub struct Acceptor {
    /// Who has how many.
    pub places: Places,
    /// How long each may keep us waiting.
    pub patience: Patience,
    /// Connections of one address.
    pub per_address_max: usize,
    /// Addresses that may have any number: loopback, where a proxy may stand, and the proxies that are trusted.
    pub unlimited: Arc<[IpAddr]>,
}

impl<S> Accept<TcpStream, S> for Acceptor {
    type Stream = Bounded;
    type Service = Counted<S>;
    type Future = Ready<io::Result<(Bounded, Counted<S>)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let place = match stream.peer_addr() {
            Ok(peer) if self.unlimited.contains(&peer.ip().to_canonical()) => None,
            Ok(peer) => match self.places.take(peer.ip().to_canonical(), self.per_address_max) {
                Some(place) => Some(place),
                None => return ready(Err(io::ErrorKind::QuotaExceeded.into())),
            },
            Err(error) => return ready(Err(error)),
        };
        let _ = stream.set_nodelay(true);
        let stream = Bounded::new(stream, place, self.patience);
        let service = stream.count(service);
        ready(Ok((stream, service)))
    }
}

/// What is written at once counts as some of an answer from so many bytes on: signs of life have a few dozen.
const TAKEN_BYTES_MIN: usize = 512;

/// What a connection's requests are doing.
struct Work {
    answering: AtomicUsize,
    began: Instant,
    /// When the last answer was ready, milliseconds after the connection began.
    ended_ms: AtomicU64,
}

impl Work {
    fn ended_at(&self) -> Instant {
        self.began + Duration::from_millis(self.ended_ms.load(Ordering::Acquire))
    }
}

/// A connection with its limits.
pub struct Bounded {
    stream: TcpStream,
    /// Requests of this connection that are being answered.
    work: Arc<Work>,
    /// Since when the head of a request is on its way; from the start until the first byte.
    head_since: Option<Instant>,
    moved_at: Instant,
    /// When some of an answer was taken.
    taken_at: Instant,
    timer: Pin<Box<Sleep>>,
    patience: Patience,
    /// Whether the first byte is still to come.
    is_new: bool,
    _place: Option<Place>,
}

impl Bounded {
    /// Bounds a connection that was just opened.
    pub fn new(stream: TcpStream, place: Option<Place>, patience: Patience) -> Self {
        let now = Instant::now();
        Self {
            stream,
            work: Arc::new(Work { answering: AtomicUsize::new(0), began: now, ended_ms: AtomicU64::new(0) }),
            head_since: Some(now),
            moved_at: now,
            taken_at: now,
            timer: Box::pin(sleep_until(now + patience.first_byte)),
            patience,
            is_new: true,
            _place: place,
        }
    }

    /// The bare connection, for somebody who has limits of their own.
    pub fn into_inner(self) -> TcpStream {
        self.stream
    }

    /// A service that tells this connection which requests are being answered.
    pub fn count<S>(&self, service: S) -> Counted<S> {
        Counted { service, work: Arc::clone(&self.work) }
    }

    fn is_answering(&self) -> bool {
        self.work.answering.load(Ordering::Acquire) > 0
    }

    /// Whether a request ever began. What is written before that is a handshake, or a sign of life.
    fn has_asked(&self) -> bool {
        self.is_answering() || self.work.ended_ms.load(Ordering::Acquire) > 0
    }

    /// Until when the next request must have begun.
    fn rests_until(&self) -> Instant {
        self.work.ended_at().max(self.taken_at) + self.patience.idle
    }

    fn moved(&mut self) {
        self.moved_at = Instant::now();
    }

    /// Ready once a limit is over. Wakes the task when the next one is.
    fn poll_limits(&mut self, context: &mut Context) -> Poll<io::Error> {
        loop {
            if self.is_answering() {
                self.head_since = None;
            }
            let head = if self.is_new { self.patience.first_byte } else { self.patience.head };
            let until = match self.head_since {
                // However long a handshake goes on: the first request has begun by then.
                Some(since) if !self.has_asked() => (since + head).min(self.work.began + self.patience.idle),
                Some(since) => since + head,
                None if self.is_answering() => self.moved_at + self.patience.idle,
                None => self.rests_until(),
            };
            if Instant::now() >= until {
                return Poll::Ready(io::ErrorKind::TimedOut.into());
            }
            if self.timer.deadline() != until {
                self.timer.as_mut().reset(until);
            }
            if self.timer.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
        }
    }

    fn or_limit<T>(&mut self, polled: Poll<io::Result<T>>, context: &mut Context) -> Poll<io::Result<T>> {
        match polled {
            Poll::Pending => self.poll_limits(context).map(Err),
            ready => ready,
        }
    }
}

impl AsyncRead for Bounded {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.moved();
            // It rested for too long before that: signs of life come again and again, and are no request.
            if !self.is_new && !self.is_answering() && self.head_since.is_none() && self.moved_at >= self.rests_until()
            {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            if std::mem::take(&mut self.is_new) || !self.is_answering() && self.head_since.is_none() {
                self.head_since = Some(self.moved_at);
            }
            // Bytes that come one by one are no reason to wait longer for the whole.
            let too_slow = self.head_since.is_some_and(|since| since.elapsed() >= self.patience.head);
            let never_asks = !self.has_asked() && self.work.began.elapsed() >= self.patience.idle;
            if (too_slow || never_asks) && !self.is_answering() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        self.or_limit(polled, context)
    }
}

impl AsyncWrite for Bounded {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(written) = &polled {
            self.moved();
            if written.as_ref().is_ok_and(|bytes| *bytes >= TAKEN_BYTES_MIN) {
                self.taken_at = self.moved_at;
            }
            // What is written is an answer, and no head is waited for before the next request begins; or it is of a
            // handshake, and the head is waited for from now on.
            self.head_since = (!self.has_asked()).then_some(self.moved_at);
        }
        self.or_limit(polled, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(context);
        self.or_limit(polled, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_shutdown(context);
        self.or_limit(polled, context)
    }
}

/// A service whose requests are counted while they are answered.
#[derive(Clone)]
pub struct Counted<S> {
    service: S,
    work: Arc<Work>,
}

struct Answering(Arc<Work>);

impl Answering {
    fn begin(work: &Arc<Work>) -> Self {
        work.answering.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(work))
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let ended_ms = u64::try_from(self.0.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.ended_ms.store(ended_ms, Ordering::Release);
        self.0.answering.fetch_sub(1, Ordering::AcqRel);
    }
}

impl<S, R> Service<R> for Counted<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let answering = Answering::begin(&self.work);
        let answer = self.service.call(request);
        Box::pin(async move {
            let _answering = answering;
            answer.await
        })
    }
}

/// Requests that one HTTP/2 connection may have going at once.
const STREAMS_MAX: u32 = 100;

/// A client that opens a connection and does not say what it wants is not waited for. [`Bounded`]
/// is stricter; this is what holds where a wait is none of the connection's.
pub fn bound_heads(builder: &mut Builder<TokioExecutor>) {
    builder.http1().timer(TokioTimer::new()).header_read_timeout(PATIENCE.idle + PATIENCE.head);
    // Somebody who has said all they have to say still waits for the answer.
    builder.http1().half_close(true);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(STREAMS_MAX);
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Little, so that the tests do not take minutes; different for each wait, so that they tell them apart.
    const HURRY: Patience = Patience {
        first_byte: ms(150),
        head: ms(500),
        idle: ms(1_500),
        body_pause: ms(300),
        body_grace: ms(900),
        body_bytes_per_second: 1_000,
    };

    async fn pair() -> (Bounded, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let theirs = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("connected");
        let (ours, _) = listener.accept().await.expect("accepted");
        (Bounded::new(ours, None, HURRY), theirs)
    }

    /// How long nothing is waited for. The next longer wait is the upper bound: a busy machine may add some.
    async fn waits(stream: &mut Bounded, at_least: Duration, less_than: Duration) {
        let began = Instant::now();
        let error = stream.read_u8().await.expect_err("nothing comes");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let took = began.elapsed();
        assert!(took >= at_least - ms(5) && took < less_than, "{took:?}");
    }

    #[tokio::test]
    async fn a_silent_connection_ends_after_the_first_bytes_time() {
        let (mut ours, _theirs) = pair().await;
        waits(&mut ours, HURRY.first_byte, HURRY.head).await;
    }

    #[tokio::test]
    async fn a_kept_connection_is_kept_longer_than_a_silent_one_and_ends_too() {
        let (mut ours, mut theirs) = pair().await;
        theirs.write_all(b"x").await.expect("sent");
        ours.read_u8().await.expect("a byte");
        tokio::time::sleep(ms(5)).await;
        drop(Answering::begin(&ours.work));
        ours.write_all(b"an answer").await.expect("answered");
        waits(&mut ours, HURRY.idle, ms(20_000)).await;
    }

    #[tokio::test]
    async fn behind_a_handshake_the_first_request_is_waited_for_no_longer_than_any_head() {
        let (mut ours, mut theirs) = pair().await;
        theirs.write_all(b"x").await.expect("sent");
        ours.read_u8().await.expect("a byte");
        ours.write_all(b"the handshake's end").await.expect("sent");
        waits(&mut ours, HURRY.head, HURRY.idle).await;

        // Nor can one go on shaking hands for ever.
        let (mut ours, mut theirs) = pair().await;
        let began = Instant::now();
        let error = loop {
            let _ = theirs.write_all(b"x").await;
            match ours.read_u8().await {
                Ok(_) => ours.write_all(b"again").await.expect("sent"),
                Err(error) => break error,
            }
            tokio::time::sleep(ms(100)).await;
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() >= HURRY.idle - ms(5) && began.elapsed() < ms(20_000), "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn a_head_that_comes_byte_by_byte_ends_the_connection() {
        let (mut ours, mut theirs) = pair().await;
        let began = Instant::now();
        loop {
            theirs.write_all(b"x").await.expect("sent");
            match ours.read_u8().await {
                Ok(_) => tokio::time::sleep(ms(50)).await,
                Err(error) => break assert_eq!(error.kind(), io::ErrorKind::TimedOut),
            }
        }
        assert!(began.elapsed() >= HURRY.head - ms(5) && began.elapsed() < HURRY.idle, "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn a_request_that_is_being_answered_is_not_waited_for_as_a_head() {
        let (mut ours, mut theirs) = pair().await;
        theirs.write_all(b"x").await.expect("sent");
        ours.read_u8().await.expect("a byte");
        let _answering = Answering::begin(&ours.work);
        waits(&mut ours, HURRY.idle, ms(20_000)).await;
    }

    #[test]
    fn places_are_counted_for_each_address_and_given_back() {
        let places = Places::default();
        let (a, b) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let first = places.take(a, 2).expect("room");
        let _second = places.take(a, 2).expect("room");
        assert!(places.take(a, 2).is_none());
        assert!(places.take(b, 2).is_some());
        drop(first);
        assert!(places.take(a, 2).is_some());
        assert_eq!(places.0.lock().expect("no panic").len(), 1, "addresses without a connection are forgotten");
    }
}
