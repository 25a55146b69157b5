//! A server under test: started on its core, watched through `/proc`, killed when it is dropped.

use std::collections::HashMap;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{CpuSet, sched_setaffinity};

/// Which cores servers and the load run on: 0 and 1, so that neither waits for the other.
pub const SERVER_CORES: &[usize] = &[0];
/// One for each worker: the second has the load's.
pub const WORKER_CORES: &[usize] = &[0, 1];
/// See [`SERVER_CORES`].
pub const LOAD_CORES: &[usize] = &[1];

/// Pins this process.
///
/// # Errors
/// When the machine has no such core.
pub fn pin(cores: &[usize]) -> Result<(), String> {
    let mut set = CpuSet::new();
    cores.iter().for_each(|core| set.set(*core));
    sched_setaffinity(None, &set).map_err(|error| format!("cannot run on cores {cores:?}: {error}"))
}

/// A running server.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// Where it listens.
    pub port: u16,
}

impl Process {
    /// Starts the program with `PORT` and `WORKERS` set, pinned, and waits until it listens.
    ///
    /// # Errors
    /// When it does not start or does not listen.
    pub fn start(
        mut command: Command,
        cores: &[usize],
        patience: Duration,
    ) -> Result<Self, String> {
        let port = free_port()?;
        command.env("PORT", port.to_string()).env("WORKERS", cores.len().to_string());
        // Peers trace nothing: unless one asks for it, neither does Ereo below a warning.
        if std::env::var_os("RUST_LOG").is_none() {
            command.env("RUST_LOG", "warn");
        }
        command.stdin(Stdio::null()).stdout(Stdio::null());
        // A child inherits the affinity: set for a moment, since nothing runs between fork and exec.
        pin(cores)?;
        let child = command.spawn();
        pin(LOAD_CORES)?;
        let mut process =
            Self { child: child.map_err(|error| format!("{command:?}: {error}"))?, port };
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Ok(Some(status)) = process.child.try_wait() {
                return Err(format!("{command:?} ended: {status}"));
            }
            if begin.elapsed() > patience {
                return Err(format!("{command:?} does not listen"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(process)
    }

    /// CPU time of each thread so far, by its id.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn threads(&self) -> Result<HashMap<u32, Duration>, String> {
        let folder = format!("/proc/{}/task", self.child.id());
        let tasks = fs::read_dir(&folder).map_err(|error| format!("{folder}: {error}"))?;
        let ran = |task: std::io::Result<fs::DirEntry>| {
            let task = task.ok()?;
            Some((task.file_name().to_str()?.parse().ok()?, ran(&task.path())?))
        };
        Ok(tasks.filter_map(ran).collect())
    }

    /// CPU time of all threads so far, read once the server has done what it was asked for.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn at_rest(&self) -> Result<Duration, String> {
        // A timer may tick in each of these: then it is a few microseconds more, and not for ever.
        const LOOKS: usize = 40;
        let used = || Ok::<Duration, String>(self.threads()?.values().sum());
        let mut before = used()?;
        for _ in 0..LOOKS {
            std::thread::sleep(Duration::from_millis(5));
            let now = used()?;
            if now == before {
                break;
            }
            before = now;
        }
        Ok(before)
    }

    /// Resident memory, in KiB.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn resident(&self) -> Result<u64, String> {
        self.memory("VmRSS:")
    }

    /// The most resident memory that it ever had, in KiB.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn peak(&self) -> Result<u64, String> {
        self.memory("VmHWM:")
    }

    fn memory(&self, name: &str) -> Result<u64, String> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let size =
            line.and_then(|line| line.split_whitespace().next()).and_then(|size| size.parse().ok());
        size.ok_or_else(|| format!("{path}: no {name}"))
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// When it does not end.
    pub fn terminate(mut self, patience: Duration) -> Result<(), String> {
        kill_process(Pid::from_child(&self.child), Signal::TERM)
            .map_err(|error| error.to_string())?;
        let begin = Instant::now();
        while self.child.try_wait().map_err(|error| error.to_string())?.is_none() {
            if begin.elapsed() > patience {
                return Err("the server does not end".to_owned());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// CPU time of this process's only thread so far.
pub fn load() -> Duration {
    ran(Path::new("/proc/self")).unwrap_or_default()
}

/// CPU time of the thread that this folder of `/proc` is about.
fn ran(folder: &Path) -> Option<Duration> {
    let stat = fs::read_to_string(folder.join("schedstat")).ok()?;
    // Nanoseconds on the CPU, nanoseconds runnable, slices.
    Some(Duration::from_nanos(stat.split_whitespace().next()?.parse().ok()?))
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|error| error.to_string())
}
