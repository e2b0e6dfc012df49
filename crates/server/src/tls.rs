//! Certificates that are renewed while the server runs.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use axum_server::tls_rustls::RustlsConfig;

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(5);

fn changed_at(certificate: &Path, key: &Path) -> Option<(SystemTime, SystemTime)> {
    let of = |path: &Path| std::fs::metadata(path).and_then(|m| m.modified()).ok();
    of(certificate).zip(of(key))
}

/// Reads certificate and key again whenever the files change, until it is aborted. Connections that are open keep theirs.
pub async fn reload(config: RustlsConfig, certificate: PathBuf, key: PathBuf) {
    let mut known = changed_at(&certificate, &key);
    loop {
        tokio::time::sleep(EVERY).await;
        let now = changed_at(&certificate, &key);
        if now == known || now.is_none() {
            continue;
        }
        match config.reload_from_pem_file(&certificate, &key).await {
            Ok(()) => {
                known = now;
                tracing::info!(certificate = %certificate.display(), "the certificate was read again");
            }
            // The other half of the pair may not be written yet; the old certificate is kept meanwhile.
            Err(error) => tracing::warn!(%error, "the new certificate cannot be read, the old one is kept"),
        }
    }
}
