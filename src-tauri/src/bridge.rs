//! The bridge: one Tauri command for each row of the command table, and the stream of events.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use guildhall_contract::{
    bytes::{self, Encoded},
    errors::AppError,
    for_each_command,
    ui_events::UiEvent,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tauri::{
    Runtime, WebviewWindow,
    async_runtime::{self, JoinHandle},
    ipc::{Channel, CommandArg, CommandItem, Invoke, InvokeBody, InvokeError, Response},
};

use crate::cores::core_of;

/// A request: JSON, or a frame where bytes go with it.
struct Asked<T>(T);

impl<'a, R: Runtime, T: DeserializeOwned> CommandArg<'a, R> for Asked<T> {
    fn from_command(command: CommandItem<'a, R>) -> Result<Self, InvokeError> {
        let asked = match command.message.payload() {
            InvokeBody::Raw(frame) => bytes::decode(frame),
            // Where the webview has no way for bytes they come as numbers.
            InvokeBody::Json(Value::Array(numbers)) => {
                let frame: Option<Vec<u8>> = numbers.iter().map(|number| number.as_u64()?.try_into().ok()).collect();
                bytes::decode(&frame.unwrap_or_default())
            }
            InvokeBody::Json(payload) => T::deserialize(&payload[command.key]),
        };
        let invalid = |error: serde_json::Error| AppError::Invalid {
            field: "request".into(),
            reason: "invalid".into(),
            message: error.to_string(),
        };
        asked.map(Self).map_err(|error| invalid(error).into())
    }
}

/// An answer: JSON, or a frame where bytes go with it.
fn answer<T: Serialize>(value: &T) -> Result<Response, AppError> {
    match bytes::encode(value) {
        Ok(Encoded::Json(json)) => Ok(Response::new(json)),
        Ok(Encoded::Frame(frame)) => Ok(Response::new(frame)),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written");
            Err(AppError::Internal { reference: "bridge".into() })
        }
    }
}

macro_rules! bridge {
    ($($(#[$doc:meta])* $name:ident($request:ty) -> $response:ty as $($role:ident)|+;)*) => {
        $(
            $(#[$doc])*
            #[tauri::command]
            async fn $name(window: WebviewWindow, request: Asked<$request>) -> Result<Response, AppError> {
                answer(&core_of(&window)?.$name(request.0).await?)
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
