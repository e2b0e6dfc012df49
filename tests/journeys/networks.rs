//! The networks of companies: certificates of their own authority, and proxies that everything goes through.
//!
//! What a process trusts and which proxy it uses stands in its environment, so the app runs in a child of each test: the
//! same test again, which sees from its environment that it is the child.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use guildhall_contract::{connection::ConnectionState, sessions::Register};
use guildhall_server::{Server, ServerConfig};
use guildhall_testkit::{Device, FaultProxy, world::PASSWORD};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

/// A name that no name server knows: only the proxy finds it.
const NAME: &str = "hall.invalid";
const CHILD: &str = "GUILDHALL_TEST_SERVER";
const OUTCOME: &str = "outcome: ";

/// An authority of its own, and a certificate of it for [`NAME`] and this machine: the authority's file, and the
/// server's two.
fn authority(folder: &Path) -> (PathBuf, (PathBuf, PathBuf)) {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let root = params.self_signed(&key).expect("an authority");
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().expect("a key");
    let names = vec![NAME.to_owned(), "localhost".to_owned()];
    let leaf = CertificateParams::new(names).expect("parameters").signed_by(&key, &issuer).expect("a certificate");
    let file = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("writable");
        path
    };
    let pair = (file("leaf.pem", leaf.pem()), file("key.pem", key.serialize_pem()));
    (file("root.pem", root.pem()), pair)
}

async fn serve(folder: &Path, tls: Option<(PathBuf, PathBuf)>) -> Server {
    let mut config = ServerConfig::local(folder.join("server"));
    config.public_host = Some(NAME.into());
    config.tls = tls;
    Server::start(config).await.unwrap_or_else(|e| panic!("{e}"))
}

/// A proxy of the small kind: `CONNECT` and plain requests, with a password. Every name leads to this machine.
struct Proxy {
    port: u16,
    tunnels: Arc<AtomicUsize>,
    plain: Arc<AtomicUsize>,
}

impl Proxy {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let (tunnels, plain) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let counters = (Arc::clone(&tunnels), Arc::clone(&plain));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(pass(stream, Arc::clone(&counters.0), Arc::clone(&counters.1)));
            }
        });
        Self { port, tunnels, plain }
    }

    fn url(&self) -> String {
        format!("http://me:secret@127.0.0.1:{}", self.port)
    }

    fn passed(&self) -> (usize, usize) {
        (self.tunnels.load(Ordering::SeqCst), self.plain.load(Ordering::SeqCst))
    }
}

async fn pass(mut stream: TcpStream, tunnels: Arc<AtomicUsize>, plain: Arc<AtomicUsize>) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    // me:secret
    if !text.to_lowercase().contains(&"proxy-authorization: Basic bWU6c2VjcmV0".to_lowercase()) {
        let _ = stream.write_all(b"HTTP/1.1 407 Who are you?\r\ncontent-length: 0\r\n\r\n").await;
        return None;
    }
    let mut words = text.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let authority = target.trim_start_matches("http://").split('/').next()?;
    let port: u16 = authority.strip_prefix(NAME)?.strip_prefix(':')?.parse().ok()?;
    let mut there = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    if method == "CONNECT" {
        tunnels.fetch_add(1, Ordering::SeqCst);
        stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.ok()?;
    } else {
        plain.fetch_add(1, Ordering::SeqCst);
        there.write_all(&head).await.ok()?;
    }
    copy_bidirectional(&mut stream, &mut there).await.ok().map(drop)
}

/// The app in a child: what became of making an account and of the connection, in one word.
async fn app(test: &str, server: &str, environment: &[(&str, &str)]) -> String {
    let mut child = tokio::process::Command::new(std::env::current_exe().expect("a file"));
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
        child.env_remove(name).env_remove(name.to_lowercase());
    }
    child.args(["--exact", &format!("networks::{test}"), "--nocapture"]).env(CHILD, server);
    let output = child.envs(environment.iter().copied()).stdin(Stdio::null()).output().await.expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find_map(|line| Some(line.split_once(OUTCOME)?.1.to_owned())).unwrap_or_else(|| {
        panic!("no outcome: {text}{}", String::from_utf8_lossy(&output.stderr));
    })
}

/// Whether this process is the child; then it is the app, and tells what becomes of it.
async fn is_app() -> bool {
    let Ok(server_url) = std::env::var(CHILD) else { return false };
    let folder = tempfile::tempdir().expect("a folder");
    let nowhere = FaultProxy::start("127.0.0.1:9".parse().expect("an address")).await;
    let device = Device::open(folder.path().join("ana"), nowhere).await;
    let request = Register {
        server_url,
        name: "Ana".into(),
        email: format!("{}@example.com", std::process::id()),
        password: PASSWORD.into(),
        trade: None,
    };
    match device.core().session_register(request).await {
        Err(error) => println!("{OUTCOME}{error:?}"),
        Ok(_) => {
            device.is_online().await;
            assert_eq!(device.connection().await, ConnectionState::Online);
            println!("{OUTCOME}online");
        }
    }
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authority_that_the_system_trusts_is_trusted_by_requests_and_socket() {
    if is_app().await {
        return;
    }
    const TEST: &str = "an_authority_that_the_system_trusts_is_trusted_by_requests_and_socket";
    let folder = tempfile::tempdir().expect("a folder");
    let (root, pair) = authority(folder.path());
    let other = tempfile::tempdir().expect("a folder");
    let (stranger, _) = authority(other.path());
    let server = serve(folder.path(), Some(pair)).await;
    let url = format!("https://localhost:{}", server.addresses().http.port());
    assert_eq!(app(TEST, &url, &[("SSL_CERT_FILE", &root.to_string_lossy())]).await, "online");
    let outcome = app(TEST, &url, &[("SSL_CERT_FILE", &stranger.to_string_lossy())]).await;
    assert!(outcome.contains("tls"), "another authority vouches for nothing here: {outcome}");
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_socket_goes_through_the_proxy_as_requests_do() {
    if is_app().await {
        return;
    }
    const TEST: &str = "the_socket_goes_through_the_proxy_as_requests_do";
    let folder = tempfile::tempdir().expect("a folder");
    let (root, pair) = authority(folder.path());
    let root = root.to_string_lossy().into_owned();
    let server = serve(folder.path(), Some(pair)).await;
    let port = server.addresses().http.port();
    let url = format!("https://{NAME}:{port}");
    let proxy = Proxy::start().await;
    let (way, trusted) = (proxy.url(), ("SSL_CERT_FILE", root.as_str()));

    assert_eq!(app(TEST, &url, &[trusted, ("HTTPS_PROXY", &way)]).await, "online");
    let (tunnels, plain) = proxy.passed();
    assert!(tunnels >= 2 && plain == 0, "requests and the socket: {tunnels}, {plain}");

    // Nothing passes where the variables say so, and the name leads nowhere then.
    let outcome = app(TEST, &url, &[trusted, ("HTTPS_PROXY", &way), ("NO_PROXY", NAME)]).await;
    assert!(outcome.contains("dns"), "{outcome}");
    // What is on this machine is reached directly, whatever they say.
    let here = format!("https://localhost:{port}");
    let both = [trusted, ("HTTPS_PROXY", way.as_str()), ("HTTP_PROXY", way.as_str())];
    assert_eq!(app(TEST, &here, &both).await, "online");
    assert_eq!(proxy.passed(), (tunnels, plain));
    server.shutdown().await;

    // Without TLS requests pass one by one, and the socket in a tunnel.
    let folder = tempfile::tempdir().expect("a folder");
    let server = serve(folder.path(), None).await;
    let url = format!("http://{NAME}:{}", server.addresses().http.port());
    let before = proxy.passed();
    assert_eq!(app(TEST, &url, &[("HTTP_PROXY", &way)]).await, "online");
    let after = proxy.passed();
    assert!(after.0 == before.0 + 1 && after.1 > before.1, "{before:?} {after:?}");
    server.shutdown().await;
}
