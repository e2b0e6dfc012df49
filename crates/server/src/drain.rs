//! Bodies that are read to their end although nobody wants them.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::{Body, HttpBody};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;

/// The most that is read of a body that nobody wants, and for how long.
const DRAIN_BYTES_MAX: usize = 16 * 1024 * 1024;
const DRAIN_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

/// A body that is read to its end even when its handler refused before: otherwise the connection would be reset while
/// the client still sends, and the reason would be lost on the way.
pub struct ReadToTheEnd(Option<Body>);

impl ReadToTheEnd {
    /// This one.
    pub fn new(body: Body) -> Self {
        Self(Some(body))
    }
}

impl HttpBody for ReadToTheEnd {
    type Data = bytes::Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context,
    ) -> Poll<Option<Result<Frame<bytes::Bytes>, axum::Error>>> {
        match self.0.as_mut() {
            Some(body) => {
                let polled = Pin::new(body).poll_frame(context);
                if matches!(polled, Poll::Ready(Some(Err(_)))) {
                    // It broke off, or came too slowly: there is no end to read to.
                    self.0 = None;
                }
                polled
            }
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for ReadToTheEnd {
    fn drop(&mut self) {
        let Some(mut body) = self.0.take().filter(|body| !body.is_end_stream()) else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // Thrown away as it comes: what nobody wants must not be collected either.
            runtime.spawn(tokio::time::timeout(DRAIN_TIMEOUT, async move {
                let mut left = DRAIN_BYTES_MAX;
                while let Some(Ok(frame)) = body.frame().await {
                    let Some(rest) = left.checked_sub(frame.data_ref().map_or(0, bytes::Bytes::len)) else { return };
                    left = rest;
                }
            }));
        }
    }
}
