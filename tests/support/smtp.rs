//! A mail server of one's own: a real one, in a process of its own on loopback, with a certificate that only tests trust.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant},
};

use guildhall_server::config::{MailEncryption, MailSettings};
use serde_json::Value;

/// The package, and the version that the tests were written with.
const PACKAGE: &str = "aiosmtpd==1.4.6";
/// How long a letter may take.
const WITHIN: Duration = Duration::from_secs(20);

/// A running mail server. It ends with whoever holds it.
pub struct MailServer {
    child: Option<Child>,
    folder: tempfile::TempDir,
    said: Arc<Mutex<Vec<Value>>>,
    how: How,
    /// Where it listens.
    pub port: u16,
}

/// How one speaks to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// How the way there is encrypted.
    pub encryption: MailEncryption,
    /// The name and the password it wants.
    pub login: Option<(&'static str, &'static str)>,
}

/// With STARTTLS and a login, as most are.
pub const USUAL: How = How { encryption: MailEncryption::StartTls, login: Some(("hall", "a mail password")) };

/// How long a port may be somebody else's.
const PORT_WAIT: std::time::Duration = std::time::Duration::from_secs(20);

impl MailServer {
    /// Starts one on a free port.
    pub fn start(how: How) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).expect("a certificate");
        std::fs::write(folder.path().join("certificate.pem"), made.cert.pem()).expect("written");
        std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).expect("written");
        let mut server = Self { child: None, folder, said: Arc::default(), how, port: 0 };
        server.resume();
        server
    }

    /// Starts it, on the port that it had.
    pub fn resume(&mut self) {
        let (how, folder) = (self.how, &self.folder);
        let script = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where")).join("support/smtp.py");
        let mut command = Command::new(python());
        command.arg(script).args(["--port", &self.port.to_string()]);
        if how.encryption != MailEncryption::None {
            command.arg("--certificate").arg(folder.path().join("certificate.pem"));
            command.arg("--key").arg(folder.path().join("key.pem"));
        }
        if how.encryption == MailEncryption::Tls {
            command.arg("--wrapped");
        }
        if let Some((user, password)) = how.login {
            command.args(["--user", user, "--password", password]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // Somebody else may have the port for a moment: it was nobody's meanwhile.
        let begun = std::time::Instant::now();
        let (child, lines, first) = loop {
            let mut child = command.spawn().expect("the mail server starts");
            let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
            if let Some(line) = lines.next() {
                break (child, lines, line.expect("text"));
            }
            let _ = child.wait();
            assert!(begun.elapsed() < PORT_WAIT, "the port {} is taken", self.port);
            std::thread::sleep(std::time::Duration::from_millis(200));
        };
        let first: Value = serde_json::from_str(&first).expect("JSON");
        self.port = first["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
        let kept = Arc::clone(&self.said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().expect("no panic").push(serde_json::from_str(&line).expect("JSON"));
            }
        });
        self.child = Some(child);
    }

    /// Ends it: connections are refused from now on.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// What a server of ours is told to reach it.
    pub fn settings(&self) -> MailSettings {
        MailSettings {
            host: "localhost".into(),
            port: self.port,
            encryption: self.how.encryption,
            login: self.how.login.map(|(user, password)| (user.into(), password.into())),
            from: "hall@hall.test".into(),
            authority: (self.how.encryption != MailEncryption::None).then(|| self.certificate()),
        }
    }

    /// Its certificate.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// All that it took or refused so far.
    pub fn said(&self) -> Vec<Value> {
        self.said.lock().expect("no panic").clone()
    }

    /// The letters to an address so far, in order.
    pub fn letters_to(&self, address: &str) -> Vec<Value> {
        self.said().into_iter().filter(|said| said["to"][0] == address).collect()
    }

    /// The letter number `count` to an address, from 1, once it is there.
    pub async fn letter_to(&self, address: &str, count: usize) -> Value {
        let begun = Instant::now();
        loop {
            if let Some(letter) = self.letters_to(address).into_iter().nth(count - 1) {
                return letter;
            }
            assert!(begun.elapsed() < WITHIN, "no letter number {count} to {address}: {:?}", self.said());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl MailServer {
    /// The letter to an address whose subject has these words, once it is there.
    #[allow(dead_code)]
    pub async fn letter_about(&self, address: &str, words: &str) -> Value {
        self.nth_letter_about(address, words, 1).await
    }

    /// The letter number `count` of those, from 1, once it is there.
    #[allow(dead_code)]
    pub async fn nth_letter_about(&self, address: &str, words: &str, count: usize) -> Value {
        let begun = Instant::now();
        loop {
            let about = |letter: &Value| letter["headers"]["subject"].as_str().is_some_and(|it| it.contains(words));
            if let Some(letter) = self.letters_to(address).into_iter().filter(about).nth(count - 1) {
                return letter;
            }
            assert!(begun.elapsed() < WITHIN, "no letter about {words:?} to {address}: {:?}", self.said());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The code in a letter.
pub fn code_in(letter: &Value) -> String {
    let text = letter["text"].as_str().expect("text");
    let digits = |line: &str| line.chars().filter(char::is_ascii_digit).collect::<String>();
    let line = text.lines().find(|line| line.starts_with("    ") && digits(line).len() == 6);
    digits(line.unwrap_or_else(|| panic!("no code in {text}")))
}

/// The code by which an account is taken back.
#[allow(dead_code)]
pub fn undo_in(letter: &Value) -> String {
    let text = letter["text"].as_str().expect("text");
    let line = text.lines().map(str::trim).find(|line| line.len() == 19 && line.matches('-').count() == 3);
    line.unwrap_or_else(|| panic!("no code in {text}")).to_owned()
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A Python with the package from its registry, in a folder of its own beside the build.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the build's folder");
        let folder = target.parent().expect("beside it").join("python").join(PACKAGE.replace("==", "-"));
        std::fs::create_dir_all(folder.parent().expect("it has one")).expect("made");
        let (python, done) = (folder.join("bin/python"), folder.join("installed"));
        // Others may begin at the same moment.
        let lock = std::fs::File::create(folder.with_extension("lock")).expect("made");
        lock.lock().expect("one after the other");
        if !done.exists() {
            let run = |program: &Path, arguments: &[&str]| {
                let ended = Command::new(program).args(arguments).status().expect("python3 and its venv are installed");
                assert!(ended.success(), "{program:?} {arguments:?}");
            };
            let at = folder.to_str().expect("text");
            run(Path::new("python3"), &["-m", "venv", "--clear", at]);
            run(&python, &["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE]);
            std::fs::write(done, "").expect("written");
        }
        python
    })
}
