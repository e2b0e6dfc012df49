//! Bodies that keep a least rate: nobody may hold a request open by saying it slowly.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::patience::Patience;
/// The body came slower than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body came too slowly")]
pub struct TooSlow;

/// A body that keeps a least rate.
pub struct Paced {
    body: Body,
    began: Instant,
    moved_at: Instant,
    bytes: u64,
    timer: Option<Pin<Box<Sleep>>>,
    patience: Patience,
}

impl Paced {
    /// Paces a body that begins now.
    pub fn new(body: Body, patience: Patience) -> Self {
        let now = Instant::now();
        Self { body, began: now, moved_at: now, bytes: 0, timer: None, patience }
    }

    fn until(&self) -> Instant {
        let earned = Duration::from_secs_f64(self.bytes as f64 / f64::from(self.patience.body_bytes_per_second));
        (self.moved_at + self.patience.body_pause).min(self.began + self.patience.body_grace + earned)
    }
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                self.moved_at = Instant::now();
                self.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Pending => {
                let until = self.until();
                let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
                if timer.deadline() != until {
                    timer.as_mut().reset(until);
                }
                timer.as_mut().poll(context).map(|()| Some(Err(axum::Error::new(TooSlow))))
            }
            ended => ended,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use http_body_util::BodyExt;

    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Little, so that the tests do not take minutes.
    const HURRY: Patience = Patience {
        body_pause: ms(300),
        body_grace: ms(900),
        body_bytes_per_second: 1_000,
        ..crate::patience::PATIENCE
    };

    fn body(bytes: usize, every: Duration) -> Paced {
        let parts = futures_util::stream::unfold((), move |()| async move {
            tokio::time::sleep(every).await;
            Some((Ok::<_, io::Error>(Bytes::from(vec![0; bytes])), ()))
        });
        Paced::new(Body::from_stream(parts), HURRY)
    }

    #[tokio::test]
    async fn a_body_keeps_a_least_rate() {
        let began = Instant::now();
        let error = body(1, ms(3_600_000)).frame().await.expect("an end").expect_err("too slow");
        assert!(error.to_string().contains("slow"), "{error}");
        assert!(began.elapsed() >= HURRY.body_pause - ms(5), "{:?}", began.elapsed());

        let began = Instant::now();
        let mut trickle = body(1, ms(20));
        while trickle.frame().await.expect("no end").is_ok() {}
        assert!(began.elapsed() >= HURRY.body_grace - ms(5), "{:?}", began.elapsed());

        let mut slow_link = body(200, ms(20));
        for _ in 0..80 {
            slow_link.frame().await.expect("no end").expect("fast enough");
        }
    }
}
