//! Starting and stopping a server.

use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum_server::{
    Handle,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use futures_util::{FutureExt, future::BoxFuture};
use guildhall_contract::sessions::RegisterBody;
use guildhall_db::{Committed, Db, DbError, OpenError, Outgoing, people, settings};
use guildhall_market::{ids::UserId, time::MINUTE_MS};
use guildhall_realtime::{Options, Stray};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::{
    app::App,
    attachments,
    config::ServerConfig,
    connections::{Acceptor, Places, bound_heads},
    deadlines, demo,
    feature::Feature,
    features::FEATURES,
    heads::LookingAtHeads,
    outages, private,
    realtime::{hub::Hub, online, strays, typing},
    retention,
    router::router,
    secrets::new_secret,
    signing::SigningKey,
    tls,
    vault::Vault,
    vitals::Vitals,
};

/// How long requests that are being answered may take when the server stops.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Where a server really listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// REST.
    pub http: SocketAddr,
    /// Realtime.
    pub realtime: SocketAddr,
}

/// A server that could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be used.
    #[error("the data folder {path} cannot be used: {source}")]
    Data {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The key outside of the database cannot be read or made.
    #[error(
        "the key {path}, with which secrets are sealed, cannot be used: {source}; if it is lost, what is sealed with it is too"
    )]
    Key {
        /// Its file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another server works in the data folder.
    #[error(
        "another server works in the data folder {0}: stop it first, or give this one a folder of its own with --data"
    )]
    InUse(PathBuf),
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database failed right after it was opened.
    #[error(transparent)]
    Db(#[from] DbError),
    /// What an outage took could not be given back.
    #[error("the time in which no server ran could not be given back: {0}; nothing of it is carried out before it is")]
    Outage(String),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The system gives no event queue or no thread for realtime.
    #[error("realtime cannot be started: {0}")]
    Realtime(std::io::Error),
    /// Certificate or key cannot be read.
    #[error("the certificate {certificate} or the key {key} cannot be read as PEM: {source}")]
    Tls {
        /// The certificate chain.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Listening in the open without TLS was not asked for in words.
    #[error(
        "{0} is reachable from other machines, and without TLS passwords and messages could be read on the way: give --tls-cert and --tls-key, listen on 127.0.0.1, or say --insecure-in-the-open"
    )]
    InTheOpen(SocketAddr),
    /// The demo market could not be filled in.
    #[error("the demo market could not be filled in: {0}")]
    Demo(String),
}

/// Listeners that were opened by somebody else, systemd for one.
#[derive(Debug, Default)]
pub struct Inherited {
    /// For REST.
    pub http: Option<TcpListener>,
    /// For realtime.
    pub realtime: Option<TcpListener>,
}

/// A running server. Dropping it stops it hard; [`shutdown`](Self::shutdown) stops it well.
pub struct Server {
    app: App,
    features: &'static [Feature],
    addresses: Addresses,
    handles: Vec<Handle<SocketAddr>>,
    tasks: Vec<JoinHandle<()>>,
    listeners: Vec<JoinHandle<()>>,
    stop_strays: Option<watch::Sender<bool>>,
    /// Held for as long as this server works in its folder.
    _lock: std::fs::File,
}

impl Server {
    /// Opens the database, binds both listeners and serves.
    ///
    /// # Errors
    /// [`StartError`], with what to do about it where that is known.
    pub async fn start(config: ServerConfig) -> Result<Self, StartError> {
        Self::start_on(config, Inherited::default()).await
    }

    /// As [`start_with`](Self::start_with) with all features, on listeners that somebody holds open over restarts: who connects meanwhile waits in the
    /// queue of the system instead of being refused.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_on(config: ServerConfig, inherited: Inherited) -> Result<Self, StartError> {
        Self::start_with(config, inherited, FEATURES).await
    }

    /// As [`start`](Self::start), with these features.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_with(
        mut config: ServerConfig,
        inherited: Inherited,
        features: &'static [Feature],
    ) -> Result<Self, StartError> {
        config.http = inherited.http.as_ref().and_then(|l| l.local_addr().ok()).unwrap_or(config.http);
        config.realtime = inherited.realtime.as_ref().and_then(|l| l.local_addr().ok()).unwrap_or(config.realtime);
        let data_error = |source| StartError::Data { path: config.data_dir.clone(), source };
        private::make_folder(&config.data_dir.join("files")).map_err(data_error)?;
        private::close_to_others(&config.data_dir).map_err(data_error)?;
        let lock = lock_folder(&config.data_dir).await?;
        let url = config
            .database
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", config.data_dir.join("hall.sqlite").display()));
        let options = Options {
            loops: config.realtime_threads,
            activity_timeout_s: config.activity_timeout_s,
            connections_per_address_max: config.connections_per_address_max,
        };
        let vitals = Vitals::default();
        let (hub, told) =
            Hub::start(config.apps.clone(), options, vitals.clone(), &config.clock).map_err(StartError::Realtime)?;
        let publisher = hub.clone();
        let db = Db::open(
            &url,
            Arc::new(move |events: Vec<Outgoing>| events.iter().for_each(|event| publisher.publish(event))),
        )
        .await?;
        let candidate = new_secret(&*config.chance);
        let link_secret = db
            .write::<_, DbError, _>(move |c| {
                Box::pin(async move { settings::get_or_set(c, "link_secret", &candidate).await.map(Committed::quiet) })
            })
            .await?;
        let vault = Vault::open(&config.key_file(), &*config.chance)
            .map_err(|source| StartError::Key { path: config.key_file(), source })?;
        let path = config.signing_key_file();
        let signing = SigningKey::open(&path, &*config.chance, &*config.clock);
        let signing = signing.map_err(|source| StartError::Key { path, source })?;
        let app = App::new(config, db, hub, vitals, link_secret, (vault, signing));
        retention::remember(&app).await?;
        if app.config.demo {
            demo::fill(&app, features).await.map_err(|e| StartError::Demo(format!("{e:?}")))?;
        }
        let tls = match &app.config.tls {
            Some((certificate, key)) => {
                // Another part of the process may have chosen a provider before; either one will do.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let read = RustlsConfig::from_pem_file(certificate, key).await;
                Some(read.map_err(|source| StartError::Tls {
                    certificate: certificate.clone(),
                    key: key.clone(),
                    source,
                })?)
            }
            None => None,
        };
        let mut server = Self {
            addresses: Addresses { http: app.config.http, realtime: app.config.realtime },
            handles: Vec::new(),
            tasks: Vec::new(),
            listeners: Vec::new(),
            stop_strays: None,
            _lock: lock,
            app: app.clone(),
            features,
        };
        if let (Some(tls), Some((certificate, key))) = (&tls, &app.config.tls) {
            let (tls, certificate, key) = (tls.clone(), certificate.clone(), key.clone());
            let reload = move || tls::reload(tls.clone(), certificate.clone(), key.clone());
            server.tasks.push(app.vitals.keep("certificate", reload));
        }
        // Before anybody is answered, and before the first deadline is looked at.
        let outage = outages::give_back(&app, features).await;
        if let Some(outage) = outage.map_err(|error| StartError::Outage(format!("{error:?}")))? {
            tracing::warn!(
                minutes = outage.ms() / MINUTE_MS,
                "no server ran: what would have run out meanwhile was put off"
            );
        }
        let of = app.clone();
        server.tasks.push(app.vitals.keep("beat", move || outages::beat(of.clone())));
        server.addresses.http = server.listen((app.config.http, inherited.http), tls.clone())?;
        server.addresses.realtime = match tls {
            Some(tls) => server.listen((app.config.realtime, inherited.realtime), Some(tls))?,
            None => server.listen_by_loops((app.config.realtime, inherited.realtime), told.strays)?,
        };
        let port: &OnceLock<u16> = &app.realtime_port;
        port.get_or_init(|| server.addresses.realtime.port());
        server.tasks.push(keep_with(&app, "online", told.online, |app, told| Box::pin(online::run(app, told))));
        server.tasks.push(keep_with(&app, "typing", told.typing, |app, told| Box::pin(typing::run(app, told))));
        for caller in told.callers {
            server.tasks.push(keep_with(&app, "webhooks", caller, |_, caller| Box::pin(caller.run())));
        }
        let of = app.clone();
        server.tasks.push(app.vitals.keep("pruning", move || {
            let kinds = features.iter().flat_map(|feature| feature.retention).copied().collect();
            retention::run(of.clone(), kinds, |app| Box::pin(attachments::remove_orphans(app)))
        }));
        let of = app.clone();
        server.tasks.push(app.vitals.keep("deadlines", move || {
            deadlines::run(of.clone(), features.iter().flat_map(|feature| feature.deadlines).copied().collect())
        }));
        for task in features.iter().flat_map(|feature| feature.tasks).filter(|task| (task.wanted)(&app)) {
            let of = app.clone();
            server.tasks.push(app.vitals.keep(task.name, move || (task.run)(of.clone())));
        }
        if app.config.demo && app.config.demo_life {
            let of = app.clone();
            server.tasks.push(app.vitals.keep("demo", move || demo::life::run(of.clone())));
        }
        Ok(server)
    }

    /// Lets the event loops accept by themselves; what is not theirs comes back through `strays`.
    fn listen_by_loops(
        &mut self,
        (address, inherited): (SocketAddr, Option<TcpListener>),
        strays: mpsc::Receiver<Stray>,
    ) -> Result<SocketAddr, StartError> {
        let failed = |source| StartError::Listen { address, source };
        let listener = inherited.map_or_else(|| TcpListener::bind(address), Ok).map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        self.app.hub.sockets().listen(listener).map_err(failed)?;
        let (stop, stopped) = watch::channel(false);
        self.stop_strays = Some(stop);
        let service = router(self.app.clone(), self.features);
        let kept = (strays, stopped, service);
        self.listeners.push(keep_with(&self.app, "strays", kept, |app, (strays, stopped, service)| {
            Box::pin(strays::run(app, service.clone(), strays, stopped, DRAIN_TIMEOUT))
        }));
        Ok(bound)
    }

    fn listen(
        &mut self,
        (address, inherited): (SocketAddr, Option<TcpListener>),
        tls: Option<RustlsConfig>,
    ) -> Result<SocketAddr, StartError> {
        let failed = |source| StartError::Listen { address, source };
        let listener = inherited.map_or_else(|| TcpListener::bind(address), Ok).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        let handle = Handle::new();
        self.handles.push(handle.clone());
        let service = router(self.app.clone(), self.features).into_make_service_with_connect_info::<SocketAddr>();
        let vitals = self.app.vitals.clone();
        let serving: JoinHandle<()> = match tls {
            Some(tls) => {
                let acceptor = LookingAtHeads(RustlsAcceptor::new(tls).acceptor(self.acceptor()));
                let mut server = axum_server::from_tcp(listener).map_err(failed)?.acceptor(acceptor).handle(handle);
                bound_heads(server.http_builder());
                tokio::spawn(serving(vitals, bound, server.serve(service)))
            }
            None => {
                let acceptor = LookingAtHeads(self.acceptor());
                let mut server = axum_server::from_tcp(listener).map_err(failed)?.acceptor(acceptor).handle(handle);
                bound_heads(server.http_builder());
                tokio::spawn(serving(vitals, bound, server.serve(service)))
            }
        };
        self.listeners.push(serving);
        Ok(bound)
    }

    /// Waits until the server cannot go on by itself, which is never as long as all is well. Why, in words: whoever runs it
    /// ends the process with them.
    pub async fn failed(&self) -> String {
        self.app.vitals.failed().await
    }

    /// What runs beside the requests, and how it is.
    pub fn vitals(&self) -> &Vitals {
        &self.app.vitals
    }

    /// How many statements its database carried out.
    pub fn statements(&self) -> u64 {
        self.app.db.statements()
    }

    /// Their texts, each once. Debug builds alone remember them.
    #[cfg(debug_assertions)]
    pub fn statement_texts(&self) -> Vec<String> {
        self.app.db.statement_texts()
    }

    /// What its handlers share.
    #[cfg(test)]
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    fn acceptor(&self) -> Acceptor {
        let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        Acceptor {
            places: Places::default(),
            patience: self.app.config.patience,
            per_address_max: self.app.config.connections_per_address_max,
            unlimited: self.app.config.trusted_proxies.iter().copied().chain(loopback).collect(),
        }
    }

    /// Where it listens.
    pub fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// The people of the demo market and the password that they all have; empty when there is no demo.
    ///
    /// # Errors
    /// The database's.
    pub async fn demo_people(&self) -> Result<Vec<demo::Person>, DbError> {
        demo::people(&self.app).await
    }

    /// Suspends somebody, or lifts the suspension: their sockets are closed at once.
    ///
    /// # Errors
    /// The database's.
    pub async fn suspend(&self, user: guildhall_market::ids::UserId, on: bool) -> Result<(), DbError> {
        let at = on.then(|| self.app.now());
        self.app
            .db
            .write::<(), DbError, _>(move |c| {
                Box::pin(async move { people::set_suspended(c, user, at).await.map(Committed::quiet) })
            })
            .await?;
        if on {
            self.app.hub.close_user(user);
        }
        Ok(())
    }

    /// Gives the person with this address the role of an administrator, or takes it away: then what only administrators
    /// may hear is not heard any more. False when nobody has the address.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_admin(&self, email: &str, on: bool) -> Result<bool, DbError> {
        // As it was cleaned when the account was made.
        let Ok(email) = guildhall_market::accounts::clean_email(email) else { return Ok(false) };
        let role = if on { "admin" } else { "member" };
        let found = self
            .app
            .db
            .write::<_, DbError, _>(move |c| {
                Box::pin(async move { people::set_role(c, &email, role).await.map(Committed::quiet) })
            })
            .await?;
        if let Some(user) = found.filter(|_| !on) {
            self.app.hub.revoke("private-admin", user, "You are not an administrator any more");
        }
        Ok(found.is_some())
    }

    /// Makes an account for somebody whom whoever runs this server knows, without a proof of their address.
    ///
    /// # Errors
    /// As a registration is refused: a field that is not right, or an address that has an account.
    pub async fn add_person(&self, body: RegisterBody) -> Result<UserId, crate::error::ApiError> {
        crate::registrations::add(&self.app, body).await
    }

    /// Asks sockets to come back in a second (4100), answers what is being asked, closes the database. Takes a few seconds at most.
    pub async fn shutdown(mut self) {
        self.app.hub.sockets().drain();
        for handle in &self.handles {
            handle.graceful_shutdown(Some(DRAIN_TIMEOUT));
        }
        // Dropping it tells as well: a task that is gone needs no word.
        drop(self.stop_strays.take());
        for listener in std::mem::take(&mut self.listeners) {
            let _ = tokio::time::timeout(DRAIN_TIMEOUT + Duration::from_secs(1), listener).await;
        }
        for task in std::mem::take(&mut self.tasks) {
            task.abort();
        }
        let hub = self.app.hub.clone();
        let _ = tokio::task::spawn_blocking(move || hub.sockets().join()).await;
        // Until now it ran: what follows is counted from here.
        outages::say(&self.app).await;
        self.app.db.close().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.app.hub.sockets().drain();
        for handle in &self.handles {
            handle.shutdown();
        }
        for task in self.tasks.iter().chain(&self.listeners) {
            task.abort();
        }
    }
}

/// A listener serves until it is told to stop. One that stops by itself cannot be started again: somebody else may have
/// its port, and nobody would be answered.
async fn serving(vitals: Vitals, address: SocketAddr, serving: impl Future<Output = std::io::Result<()>>) {
    match AssertUnwindSafe(vitals.run("listener", serving)).catch_unwind().await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => vitals.fail(format!("the listener on {address} stopped: {error}")),
        Err(payload) => {
            vitals.panicked_once("listener", &*payload);
            vitals.fail(format!("the listener on {address} panicked"));
        }
    }
}

/// Keeps a task running with something that it must not lose when it panics.
fn keep_with<T: Send + 'static>(
    app: &App,
    part: &'static str,
    with: T,
    run: for<'t> fn(App, &'t mut T) -> BoxFuture<'t, ()>,
) -> JoinHandle<()> {
    let (of, with) = (app.clone(), Arc::new(tokio::sync::Mutex::new(with)));
    app.vitals.keep(part, move || {
        let (app, with) = (of.clone(), Arc::clone(&with));
        async move { run(app, &mut *with.lock().await).await }
    })
}

/// The longest that whoever has the data folder is waited for: a process that was killed keeps its locks until the last of
/// its threads has left the kernel.
const IN_USE_WITHIN: Duration = Duration::from_secs(2);

/// Takes a data folder for oneself, until the file is dropped or the process ends, however it ends.
async fn lock_folder(folder: &Path) -> Result<std::fs::File, StartError> {
    let data_error = |source| StartError::Data { path: folder.to_owned(), source };
    let lock = private::new_file(&folder.join("lock")).map_err(data_error)?;
    let until = tokio::time::Instant::now() + IN_USE_WITHIN;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(std::fs::TryLockError::WouldBlock) if tokio::time::Instant::now() < until => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(std::fs::TryLockError::WouldBlock) => return Err(StartError::InUse(folder.to_owned())),
            Err(std::fs::TryLockError::Error(source)) => return Err(data_error(source)),
        }
    }
}
