//! A node: a process of its own, that can be killed and stopped, behind a proxy of its own, that can be cut.

use std::collections::HashMap;
use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::mpsc;

use super::account::View;
use super::proxy::Proxy;
use super::said;
use crate::broadcast::ClientSet;
use crate::broadcast::store::redis::Redis;
use crate::log::LastEventId;
use crate::sync::{Arc, Mutex, lock};

/// What the nodes of a test have as their lease.
pub(super) const LEASE: Duration = Duration::from_secs(2);

/// What stands before what a node says, among what the test's harness does.
const SAYS: &str = "@@";
const CHILD: &str = "EREO_TEST_NODE";

/// What the process does: `enter <name> <key> <info>`, `leave <name>` and `look`.
#[actix_web::test]
async fn child() {
    let Ok(url) = env::var(CHILD) else { return };
    tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_ansi(false).init();
    let (words, mut heard) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines() {
            let Ok(line) = line else { break };
            let _ = words.send(line);
        }
        std::process::exit(0);
    });
    let store = Redis::leased(&url, LEASE).await.unwrap();
    let builder = ClientSet::<String>::builder().presence_grace(Duration::from_millis(200));
    let set = builder.store(store.log("history")).build();
    let mut events = set.presence();
    let mut connections = HashMap::new();
    loop {
        tokio::select! {
            event = events.recv() => println!("{SAYS}{}", said(&event.unwrap())),
            line = heard.recv() => {
                let line = line.unwrap();
                match line.split(' ').collect::<Vec<_>>()[..] {
                    ["enter", name, key, info] => {
                        let info = info.parse::<u32>().unwrap();
                        let reader = set.subscribe(LastEventId::none()).as_member(key, &info);
                        let mut reader = Box::pin(reader.unwrap());
                        let reads = async move { while reader.recv().await.is_some() {} };
                        let connection = tokio::task::spawn_local(reads);
                        connections.insert(name.to_owned(), connection);
                    }
                    ["leave", name] => connections.remove(name).unwrap().abort(),
                    _ => println!("{SAYS}!{}", said(&set.presence().recv().await.unwrap())),
                }
            }
        }
    }
}

pub(super) struct Node {
    pub(super) proxy: Proxy,
    pub(super) number: usize,
    process: Option<Process>,
    pub(super) is_stopped: bool,
}

struct Process {
    child: Child,
    view: Arc<Mutex<View>>,
}

impl Node {
    pub(super) async fn start(server: std::net::SocketAddr, number: usize) -> Self {
        let proxy = Proxy::to(server).await;
        let mut node = Self { proxy, number, process: None, is_stopped: false };
        node.go_on();
        node
    }

    /// Another process of it.
    pub(super) fn go_on(&mut self) {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "broadcast::store::redis::tests::node::child", "--nocapture"])
            .env(CHILD, self.proxy.url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (view, number) = (Arc::<Mutex<View>>::default(), self.number);
        let (shown, output) = (Arc::clone(&view), child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let mut view = lock(&shown);
                if let Some((_, said)) = line.split_once(SAYS) {
                    view.hear(number, said);
                } else if line.contains("it begins anew") {
                    view.begins_anew = true;
                }
            }
        });
        self.process = Some(Process { child, view });
    }

    pub(super) fn say(&mut self, words: &str) {
        let process = self.process.as_mut().expect("it runs");
        writeln!(process.child.stdin.as_mut().unwrap(), "{words}").unwrap();
    }

    pub(super) fn lives(&self) -> bool {
        self.process.is_some()
    }

    pub(super) fn view<R>(&self, look: impl FnOnce(&mut View) -> R) -> R {
        look(&mut lock(&self.process.as_ref().expect("it runs").view))
    }

    pub(super) fn signal(&mut self, signal: Signal) {
        let process = self.process.as_ref().expect("it runs");
        kill_process(Pid::from_child(&process.child), signal).unwrap();
        self.is_stopped = signal == Signal::STOP;
    }

    /// By SIGKILL.
    pub(super) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.child.kill();
            let _ = process.child.wait();
            self.is_stopped = false;
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}
