//! Local mode: the server runs in this process, on free ports of loopback, and the core reaches it like any other.

use std::path::PathBuf;

use guildhall_client::ports::{LocalMode, LocalModeError, LocalServer};
use guildhall_contract::sessions::DemoPerson;
use guildhall_server::{ServerConfig, demo, embedded::Embedded};
use tauri::AppHandle;

/// The embedded server, once somebody asked for it.
pub struct Local {
    app: AppHandle,
    server: Embedded,
}

impl Local {
    /// Nothing runs yet. The server's data will be in `data_dir`.
    pub fn new(app: AppHandle, data_dir: PathBuf) -> Self {
        let config = ServerConfig { demo: true, demo_life: true, ..ServerConfig::local(data_dir) };
        Self { app, server: Embedded::new(config) }
    }

    /// Stops the server, if it runs.
    pub async fn stop(&self) {
        self.server.stop().await;
    }
}

fn failed(error: &dyn std::fmt::Display) -> LocalModeError {
    tracing::error!(%error, "local mode failed");
    LocalModeError
}

#[async_trait::async_trait]
impl LocalMode for Local {
    async fn start(&self) -> Result<LocalServer, LocalModeError> {
        let here = self.server.start().await.map_err(|e| failed(&e))?;
        let people = here.people.into_iter();
        Ok(LocalServer {
            url: format!("http://{}", here.http),
            people: people.map(|person| (shown(person.name, person.craft, person.email), person.password)).collect(),
        })
    }

    async fn people(&self) -> Vec<DemoPerson> {
        demo::CAST.iter().map(|&(name, craft, email)| shown(name, craft, email)).collect()
    }

    async fn open_window_as(&self, email: &str) -> Result<(), LocalModeError> {
        let known = demo::CAST.iter().any(|&(_, _, known)| known == email);
        if !known {
            return Err(failed(&"nobody of the demo market has this address"));
        }
        crate::windows::open_person(&self.app, email).await.map_err(|e| failed(&e))
    }
}

fn shown(name: &str, craft: Option<&str>, email: &str) -> DemoPerson {
    let admin = email == demo::HOUSE;
    DemoPerson { name: name.to_owned(), craft: craft.map(str::to_owned), email: email.to_owned(), admin }
}
