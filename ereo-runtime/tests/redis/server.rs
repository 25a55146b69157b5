//! A redis-server of a test's own, on a port and in a folder of its own, gone with it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

use rustix::process::{Pid, Signal, kill_process};

pub struct RedisServer {
    child: Option<Child>,
    folder: PathBuf,
    port: u16,
    options: Vec<String>,
    /// It is a Sentinel, by this file.
    sentinel: Option<PathBuf>,
}

#[allow(dead_code, reason = "each kind of test uses a part of it")]
/// Nothing is kept: a restart is empty.
pub const FORGETS: &[&str] = &["--save", "", "--appendonly", "no"];

#[allow(dead_code, reason = "each kind of test uses a part of it")]
/// Everything is.
pub const KEEPS: &[&str] = &["--save", "", "--appendonly", "yes", "--appendfsync", "always"];

#[allow(dead_code, reason = "each kind of test uses a part of it")]
impl RedisServer {
    pub fn start(options: &[&str]) -> Self {
        let mut server = Self::new();
        server.set_options(options);
        server.go_on();
        server
    }

    /// A Sentinel that watches `server` and what follows it, as one of three.
    pub fn sentinel(name: &str, server: SocketAddr) -> Self {
        let mut sentinel = Self::new();
        let (file, port) = (sentinel.folder.join("sentinel.conf"), sentinel.port);
        let folder = sentinel.folder.display();
        let watched = format!("{} {}", server.ip(), server.port());
        let lines = format!(
            "port {port}\nbind 127.0.0.1\ndir {folder}\nsentinel monitor {name} {watched} 2\n\
             sentinel down-after-milliseconds {name} 1000\nsentinel failover-timeout {name} 4000\n"
        );
        fs::write(&file, lines).unwrap();
        sentinel.sentinel = Some(file);
        sentinel.go_on();
        sentinel
    }

    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("ereo-redis-{}-{count}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        // Free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { child: None, folder, port, options: Vec::new(), sentinel: None }
    }

    /// Starts it again, with what it has kept.
    pub fn go_on(&mut self) {
        self.spawn();
        self.until_it_answers();
    }

    pub fn spawn(&mut self) {
        let mut command = Command::new("redis-server");
        match &self.sentinel {
            Some(file) => command.arg(file).arg("--sentinel"),
            None => command
                .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--dir"])
                .arg(&self.folder)
                .args(["--enable-debug-command", "yes", "--unixsocket"])
                .arg(self.socket())
                .args(&self.options),
        };
        let spawned = command.stdout(Stdio::null()).spawn();
        self.child = Some(spawned.unwrap_or_else(|error| {
            panic!("redis-server: {error}: install it by `sudo apt-get install redis-server`, as tests/run does")
        }));
    }

    pub fn until_it_answers(&self) {
        let begun = Instant::now();
        while !self.answers() {
            assert!(begun.elapsed() < Duration::from_secs(20), "redis-server does not answer");
            sleep(Duration::from_millis(10));
        }
    }

    fn answers(&self) -> bool {
        let ping = || -> std::io::Result<[u8; 1]> {
            let mut socket = TcpStream::connect(self.address())?;
            socket.set_read_timeout(Some(Duration::from_millis(500)))?;
            socket.write_all(b"PING\r\n")?;
            let mut answer = [0; 2];
            socket.read_exact(&mut answer)?;
            // Also `-NOAUTH`, which is one, and not `-LOADING`.
            Ok([if answer == *b"-L" { b'-' } else { b'+' }])
        };
        ping().is_ok_and(|first| first == *b"+")
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.join("redis.sock")
    }

    pub fn folder(&self) -> &PathBuf {
        &self.folder
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    pub fn set_options(&mut self, options: &[&str]) {
        self.options = options.iter().map(|option| (*option).to_owned()).collect();
    }

    /// What `redis-cli` says.
    pub fn say(&self, words: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .args(["-p", &self.port.to_string()])
            .args(words)
            .output()
            .expect("redis-cli, of the package redis-tools");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    pub fn signal(&self, signal: Signal) {
        let child = self.child.as_ref().expect("it runs");
        kill_process(Pid::from_child(child), signal).unwrap();
    }

    /// By SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
