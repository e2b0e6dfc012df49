//! The bridge: one Tauri command for each row of the command table, and the stream of events.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use guildhall_contract::{errors::AppError, for_each_command, ui_events::UiEvent};
use tauri::{
    WebviewWindow,
    async_runtime::{self, JoinHandle},
    ipc::{Channel, Invoke},
};

use crate::cores::core_of;

macro_rules! bridge {
    ($($(#[$doc:meta])* $name:ident($request:ty) -> $response:ty as $($role:ident)|+;)*) => {
        $(
            $(#[$doc])*
            #[tauri::command]
            async fn $name(window: WebviewWindow, request: $request) -> Result<$response, AppError> {
                core_of(&window)?.$name(request).await
            }
        )*

        /// Answers every command of the table.
        pub fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
            tauri::generate_handler![subscribe, $($name),*]
        }
    };
}
for_each_command!(bridge);

/// The stream of each window: a page that was loaded again takes the place of the one before.
static STREAMS: LazyLock<Mutex<HashMap<String, JoinHandle<()>>>> = LazyLock::new(Mutex::default);

/// Opens the stream of events of this window. Its first event is `reset`.
#[tauri::command]
async fn subscribe(window: WebviewWindow, channel: Channel<Vec<UiEvent>>) -> Result<(), AppError> {
    let mut stream = core_of(&window)?.subscribe();
    let label = window.label().to_owned();
    let sending = async_runtime::spawn(async move {
        while let Some(events) = stream.next().await {
            for event in &events {
                crate::tray::watch(&window, event);
                crate::windows::watch(&window, event);
            }
            if channel.send(events).is_err() {
                return;
            }
        }
    });
    let before = STREAMS.lock().unwrap_or_else(PoisonError::into_inner).insert(label, sending);
    if let Some(before) = before {
        before.abort();
    }
    Ok(())
}
