//! A server inside another program: started when somebody asks for it, and again after it could not go on.

use std::{net::SocketAddr, sync::Arc};

use tokio::{sync::Mutex, task::JoinHandle};

use crate::{Server, ServerConfig, StartError, demo::Person, vitals::Vitals};

/// A server that runs as long as it is needed.
pub struct Embedded {
    config: ServerConfig,
    running: Arc<Mutex<Option<Server>>>,
    /// Takes a server away that cannot go on.
    watch: std::sync::Mutex<Option<JoinHandle<()>>>,
}

/// Where an embedded server answers, and who is in its demo market.
pub struct Here {
    /// Where REST is served.
    pub http: SocketAddr,
    /// The people of the demo market.
    pub people: Vec<Person>,
}

impl Embedded {
    /// Nothing runs yet.
    pub fn new(config: ServerConfig) -> Self {
        Self { config, running: Arc::default(), watch: std::sync::Mutex::default() }
    }

    /// The server, which is started if none runs. After it could not go on it is started anew: the address may be another.
    ///
    /// # Errors
    /// As [`Server::start`]; the database's when it does not say who is there.
    pub async fn start(&self) -> Result<Here, StartError> {
        let mut running = self.running.lock().await;
        if running.is_none() {
            let server = Server::start(self.config.clone()).await?;
            let watch = tokio::spawn(take_away(server.vitals().clone(), Arc::clone(&self.running)));
            let old = self.watch.lock().unwrap_or_else(std::sync::PoisonError::into_inner).replace(watch);
            drop(old);
            *running = Some(server);
        }
        let server = running.as_ref().expect("it was just started");
        Ok(Here { http: server.addresses().http, people: server.demo_people().await? })
    }

    /// Makes somebody an administrator of the running server. False where none runs or nobody has the address.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_admin(&self, email: &str) -> Result<bool, StartError> {
        match self.running.lock().await.as_ref() {
            Some(server) => Ok(server.set_admin(email, true).await?),
            None => Ok(false),
        }
    }

    /// How the running server is.
    pub async fn vitals(&self) -> Option<Vitals> {
        self.running.lock().await.as_ref().map(|server| server.vitals().clone())
    }

    /// Stops the server, if it runs.
    pub async fn stop(&self) {
        let watch = self.watch.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let server = self.running.lock().await.take();
        if let Some(watch) = watch {
            watch.abort();
        }
        if let Some(server) = server {
            server.shutdown().await;
        }
    }
}

/// Waits until the server cannot go on, and stops it: whoever needs one asks again, and gets a new one.
async fn take_away(vitals: Vitals, running: Arc<Mutex<Option<Server>>>) {
    let words = vitals.failed().await;
    // Held until it has let go of its folder: the next one needs it.
    let mut running = running.lock().await;
    if let Some(server) = running.take() {
        tracing::error!(words, "the server inside this program stopped, and is started again when it is needed");
        server.shutdown().await;
    }
}
