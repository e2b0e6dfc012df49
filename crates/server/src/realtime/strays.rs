//! Connections to the realtime listener that want something else: REST answers there as well, so that one port behind a
//! proxy is enough.

use std::{net::SocketAddr, time::Duration};

use axum::Router;
use guildhall_realtime::Stray;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::TcpStream,
    sync::{mpsc, watch},
};
use tower_service::Service;

use super::begun::Begun;
use crate::{
    app::App,
    connections::{Bounded, bound_heads},
    heads::Heads,
};

/// Serves strays until it is told to stop; then answers what is being asked, for a while.
pub async fn run(
    app: App,
    router: Router,
    strays: &mut mpsc::Receiver<Stray>,
    stop: &mut watch::Receiver<bool>,
    drain: Duration,
) {
    let mut services = router.into_make_service_with_connect_info::<SocketAddr>();
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
        let io = TokioIo::new(Heads::new(Begun::new(stray.arrived.into(), stream)));
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
