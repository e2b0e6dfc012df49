//! A PostgreSQL server of one's own: in a temporary folder, on a free port of loopback, stopped when dropped.

use std::{
    net::TcpListener,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// A running server.
pub struct Postgres {
    folder: PathBuf,
    bin: PathBuf,
    port: u16,
    user: Option<(u32, u32)>,
}

impl Postgres {
    /// Starts a server. PostgreSQL refuses to run as root: then it runs as the user `postgres`.
    pub fn start() -> Self {
        let bin = newest_bin();
        let user = if is_root() { Some(id_of("postgres")) } else { None };
        let folder = std::env::temp_dir().join(format!("guildhall-postgres-{}-{}", std::process::id(), free_port()));
        std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).expect("our own folder");
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid)).expect("root may give a folder away");
        }
        let port = free_port();
        let server = Self { folder, bin, port, user };
        let data = server.folder.join("data");
        server.run(
            "initdb",
            &["-D", text(&data), "-U", "guildhall", "-A", "trust", "-N", "--locale=C.UTF-8", "-E", "UTF8"],
        );
        server.resume();
        server
    }

    /// Starts the server, with what it held before.
    pub fn resume(&self) {
        let options =
            format!("-p {} -k {} -c listen_addresses=127.0.0.1 -c max_connections=100", self.port, text(&self.folder));
        let (data, log) = (self.folder.join("data"), self.folder.join("log"));
        self.run("pg_ctl", &["-D", text(&data), "-l", text(&log), "-o", &options, "-w", "-t", "60", "start"]);
    }

    /// Stops the server; its connections are cut.
    #[allow(dead_code)]
    pub fn stop(&self) {
        let data = self.folder.join("data");
        self.run("pg_ctl", &["-D", text(&data), "-m", "fast", "-w", "-t", "30", "stop"]);
    }

    /// The address of a new, empty database.
    pub fn database(&self, name: &str) -> String {
        self.run("createdb", &["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "guildhall", name]);
        format!("postgres://guildhall@127.0.0.1:{}/{name}", self.port)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        if let Some((uid, gid)) = self.user {
            use std::os::unix::process::CommandExt;
            command.uid(uid).gid(gid);
        }
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let started = Instant::now();
        let status = self
            .command(program)
            .args(arguments)
            .status()
            .unwrap_or_else(|e| panic!("{program} cannot be started: {e}"));
        assert!(status.success(), "{program} {arguments:?} ended with {status} after {:?}", started.elapsed());
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let _ = self.command("pg_ctl").args(["-D", text(&data), "-m", "immediate", "-w", "-t", "20", "stop"]).status();
        std::thread::sleep(Duration::from_millis(50));
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("loopback has a free port").port()
}

fn newest_bin() -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().collect::<Vec<_>>())
        .unwrap_or_default()
        .into_iter()
        .filter_map(|e| Some((e.file_name().to_str()?.parse().ok()?, e.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().expect("PostgreSQL is installed (Debian: apt-get install postgresql)").1
}

fn is_root() -> bool {
    let out = Command::new("id").arg("-u").output().expect("`id` is there");
    out.stdout.trim_ascii() == b"0"
}

fn id_of(user: &str) -> (u32, u32) {
    let ask = |flag: &str| {
        let out = Command::new("id").args([flag, user]).output().expect("`id` is there");
        String::from_utf8_lossy(&out.stdout).trim().parse().unwrap_or_else(|_| panic!("there is no user {user}"))
    };
    (ask("-u"), ask("-g"))
}
