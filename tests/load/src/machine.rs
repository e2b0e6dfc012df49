//! The server as a process (its processor time, memory and descriptors), and what this process asks of the system.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::target::Target;

/// How long a server may take to listen.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a server may take to stop before it is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// A server's process. The figures are read from `/proc`: elsewhere than on Linux there are none. Children of the process
/// are not counted.
pub struct Process {
    id: u32,
    child: Option<Child>,
}

impl Process {
    /// A process that runs already.
    pub fn attach(id: u32) -> Self {
        Self { id, child: None }
    }

    /// Starts a server by a line for the shell, and waits until it takes connections. It stops when this value goes.
    ///
    /// # Errors
    /// In words, when it ends by itself or does not listen in time.
    pub fn start(line: &str, target: &Target) -> Result<Self, String> {
        if std::net::TcpStream::connect(target.address).is_ok() {
            return Err(format!("something listens on {} already", target.address));
        }
        // exec, so that the process measured is the server and not its shell.
        let child = Command::new("sh")
            .args(["-c", &format!("exec {line}")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|e| format!("the server cannot be started: {e}"))?;
        let mut process = Self { id: child.id(), child: Some(child) };
        let started = Instant::now();
        while std::net::TcpStream::connect(target.address).is_err() {
            let ended = process.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            if let Some(status) = ended {
                return Err(format!("the server ended before it listened on {}: {status}", target.address));
            }
            if started.elapsed() > START_TIMEOUT {
                return Err(format!("the server does not listen on {}", target.address));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(process)
    }

    fn read(&self, file: &str) -> Option<String> {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.id)).ok()
    }

    /// Processor time used since its start, user and system, in seconds.
    pub fn cpu_s(&self) -> Option<f64> {
        Some(ticks(&self.read("stat")?)? as f64 / ticks_per_second())
    }

    /// Resident memory, in bytes.
    pub fn rss_bytes(&self) -> Option<u64> {
        field_bytes(&self.read("status")?, "VmRSS:")
    }

    /// Its fair share of resident memory (pages shared with others count in part), in bytes. Costs the system a walk
    /// through its pages.
    pub fn pss_bytes(&self) -> Option<u64> {
        field_bytes(&self.read("smaps_rollup")?, "Pss:")
    }

    /// Open descriptors.
    pub fn descriptors(&self) -> Option<u64> {
        Some(std::fs::read_dir(format!("/proc/{}/fd", self.id)).ok()?.count() as u64)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let Some(child) = self.child.as_mut() else { return };
        terminate(child);
        let asked = Instant::now();
        while matches!(child.try_wait(), Ok(None)) {
            if asked.elapsed() > STOP_TIMEOUT {
                let _ = child.kill();
                let _ = child.wait();
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// User and system time in `/proc/PID/stat`, in ticks.
fn ticks(stat: &str) -> Option<u64> {
    // The program's name stands in brackets and may hold anything, spaces and brackets too.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11);
    Some(times.next()?.parse::<u64>().ok()? + times.next()?.parse::<u64>().ok()?)
}

/// A field such as `VmRSS:   1234 kB`, in bytes.
fn field_bytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1_024)
}

#[cfg(unix)]
fn ticks_per_second() -> f64 {
    rustix::param::clock_ticks_per_second() as f64
}

#[cfg(not(unix))]
fn ticks_per_second() -> f64 {
    100.0
}

#[cfg(unix)]
fn terminate(child: &mut Child) {
    let id = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(id) = id {
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
    }
}

#[cfg(not(unix))]
fn terminate(child: &mut Child) {
    let _ = child.kill();
}

/// Lets this process, and the server it starts, open at least `count` descriptors, if the system allows it.
///
/// # Errors
/// In words, when it does not.
#[cfg(unix)]
pub fn allow_descriptors(count: u64) -> Result<(), String> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= count) {
        return Ok(());
    }
    // Root may raise the upper limit as well.
    let wanted = maximum.map(|maximum| maximum.max(count));
    let limit = Rlimit { current: Some(wanted.unwrap_or(count)), maximum: wanted };
    setrlimit(Resource::Nofile, limit)
        .map_err(|e| format!("{count} descriptors are needed and {maximum:?} allowed: {e}; raise it with ulimit -n"))
}

/// Lets this process open at least `count` descriptors: this system sets no such limit.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn allow_descriptors(_count: u64) -> Result<(), String> {
    Ok(())
}

/// Processor time of this thread, in seconds.
#[cfg(unix)]
pub fn thread_cpu_s() -> Option<f64> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Some(time.tv_sec as f64 + time.tv_nsec as f64 / 1e9)
}

/// Processor time of this thread, in seconds: not known on this system.
#[cfg(not(unix))]
pub fn thread_cpu_s() -> Option<f64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_found_behind_any_name() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 6 0 0 0 150 25 0 0 20 0 1 0 100 0 0";
        assert_eq!(ticks(stat), Some(175));
        assert_eq!(ticks("42 (short) S"), None);
    }

    #[test]
    fn memory_is_read_in_bytes() {
        let status = "VmPeak:\t  999 kB\nVmRSS:\t    1234 kB\n";
        assert_eq!(field_bytes(status, "VmRSS:"), Some(1_234 * 1_024));
        assert_eq!(field_bytes(status, "Pss:"), None);
    }
}
