//! Connections to the realtime listener that want something else: REST answers there as well, so that one port behind a
//! proxy is enough.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Buf, Bytes};
use guildhall_realtime::Stray;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::{mpsc, watch},
};
use tower_service::Service;

use crate::{
    app::{App, router},
    bounded::Bounded,
    heads::Heads,
    serve::bound_heads,
};

/// Connections that may wait to be served.
pub const QUEUE_MAX: usize = 1_024;

/// A stream whose first bytes were read already.
pub struct Begun {
    first: Bytes,
    stream: Bounded,
}

impl Begun {
    /// The stream, and what was read of it and not asked for yet.
    pub fn into_parts(self) -> (TcpStream, Bytes) {
        (self.stream.into_inner(), self.first)
    }
}

impl AsyncRead for Begun {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        if self.first.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let n = self.first.len().min(buffer.remaining());
        buffer.put_slice(&self.first[..n]);
        self.first.advance(n);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Begun {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Serves strays until it is told to stop; then answers what is being asked, for a while.
pub async fn run(app: App, strays: &mut mpsc::Receiver<Stray>, stop: &mut watch::Receiver<bool>, drain: Duration) {
    let mut services = router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let mut builder = Builder::new(TokioExecutor::new());
    bound_heads(&mut builder);
    let graceful = GracefulShutdown::new();
    loop {
        let stray = tokio::select! {
            stray = strays.recv() => match stray {
                Some(stray) => stray,
                None => break,
            },
            // Its other end is gone when the server is: then it is over as well.
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let Ok(stream) = TcpStream::from_std(stray.stream) else { continue };
        let address = stream.peer_addr().unwrap_or_else(|_| SocketAddr::new(stray.address, 0));
        let Ok(service) = services.call(address).await;
        let stream = Bounded::new(stream, None, app.config.patience);
        let service = TowerToHyperService::new(stream.count(service));
        let io = TokioIo::new(Heads::new(Begun { first: stray.arrived.into(), stream }));
        let serving = builder.serve_connection_with_upgrades(io, service).into_owned();
        let serving = graceful.watch(serving);
        let seat = stray.seat;
        tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::debug!(error, "a connection ended badly");
            }
            drop(seat);
        });
    }
    let _ = tokio::time::timeout(drain, graceful.shutdown()).await;
}
