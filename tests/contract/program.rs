//! The program as an operator runs it: a process of its own, with what it says.

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

/// Where the program lies.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a file");
    test.parent().and_then(|p| p.parent()).expect("a folder").join("guildhall-server")
}

/// A server that runs by itself. It ends with this value.
pub struct Program {
    child: Child,
    said: Arc<Mutex<String>>,
    /// Where REST is answered.
    pub http: String,
    /// Where realtime is.
    pub realtime: String,
    _folder: tempfile::TempDir,
}

impl Program {
    /// Starts one on free ports, with a folder of its own.
    pub async fn serve(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        Self::run(Command::new(program()), folder, &data, arguments, environment).await
    }

    /// Starts one whose data folder is a real file system of its own, with so many KiB.
    pub async fn serve_on_a_small_disk(kib: u32) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        std::fs::create_dir(&data).expect("made");
        let mut command = Command::new("unshare");
        // Seen by this program alone, and gone with it.
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
        command.arg("mount -t tmpfs -o size=\"$1\" tmpfs \"$2\" && shift 2 && exec \"$@\"");
        command.arg("sh").arg(format!("{kib}k")).arg(&data).arg(program());
        Self::run(command, folder, &data, &[], &[]).await
    }

    async fn run(
        mut command: Command,
        folder: tempfile::TempDir,
        data: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let ready = folder.path().join("ready");
        command.args(["serve", "--http", "127.0.0.1:0", "--realtime", "127.0.0.1:0", "--data"]).arg(data);
        command.arg("--ready-file").arg(&ready).args(arguments).current_dir(folder.path());
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("PUSHER_") || name.starts_with("REVERB_") || name == "RUST_LOG" {
                command.env_remove(&*name);
            }
        }
        command.envs(environment.iter().copied()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        let said = Arc::new(Mutex::new(String::new()));
        let mut stderr = child.stderr.take().expect("piped");
        let heard = Arc::clone(&said);
        std::thread::spawn(move || {
            let mut some = [0; 4_096];
            while let Ok(n @ 1..) = stderr.read(&mut some) {
                heard.lock().expect("no panic").push_str(&String::from_utf8_lossy(&some[..n]));
            }
        });
        let mut tries = 0;
        while !ready.exists() {
            tries += 1;
            let ended = child.try_wait().expect("a child");
            assert!(ended.is_none() && tries < 600, "{ended:?}: {}", said.lock().expect("no panic"));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let lines = std::fs::read_to_string(&ready).expect("the ready file");
        let find = |name: &str| {
            let line = lines.lines().find_map(|line| line.strip_prefix(name)).expect("an address");
            line.trim().to_owned()
        };
        Self { child, said, http: find("http "), realtime: find("realtime "), _folder: folder }
    }

    /// What it said so far.
    pub fn said(&self) -> String {
        self.said.lock().expect("no panic").clone()
    }

    /// A file in its data folder, as it sees it.
    pub fn file(&self, name: &str) -> PathBuf {
        Path::new("/proc")
            .join(self.child.id().to_string())
            .join("root")
            .join(self._folder.path().join("data").join(name).strip_prefix("/").expect("an absolute path"))
    }

    /// Waits for its end, half a minute at most.
    pub async fn ended(&mut self) -> ExitStatus {
        for _ in 0..600 {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it does not end: {}", self.said());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
