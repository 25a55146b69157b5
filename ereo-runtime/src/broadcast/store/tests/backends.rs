//! The stores that [`conformance`](super::conformance) runs over, each with another life of this process.

use std::path::PathBuf;

use super::Memory;
use super::redis_server::{KEEPS, RedisServer};
use crate::broadcast::store::StoreLog;
use crate::broadcast::store::redis::Redis;
use crate::broadcast::store::sqlite::Sqlite;

/// A store, and another life of this process over it.
pub(super) trait Backend {
    fn log(&self, name: &str) -> StoreLog;

    /// As by a process that starts anew; all sets of the one before are gone.
    async fn starts_again(&mut self);
}

impl Backend for Memory {
    fn log(&self, name: &str) -> StoreLog {
        Memory::log(self, name)
    }

    async fn starts_again(&mut self) {
        self.restart(0);
    }
}

pub(super) struct File {
    path: PathBuf,
    store: Option<Sqlite>,
}

impl File {
    pub(super) fn new(case: &str) -> Self {
        let name = format!("ereo-conforms-{}-{case}.db", std::process::id());
        let path = std::env::temp_dir().join(name);
        let store = Some(Sqlite::open(&path).unwrap());
        Self { path, store }
    }
}

impl Backend for File {
    fn log(&self, name: &str) -> StoreLog {
        self.store.as_ref().unwrap().log(name)
    }

    async fn starts_again(&mut self) {
        drop(self.store.take());
        self.store = Some(Sqlite::open(&self.path).unwrap());
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(self.store.take());
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.path.display()));
        }
    }
}

pub(super) struct Server {
    server: RedisServer,
    store: Redis,
}

impl Server {
    pub(super) async fn new() -> Self {
        let server = RedisServer::start(KEEPS);
        let store = Redis::connect(server.url()).await.unwrap();
        Self { server, store }
    }
}

impl Backend for Server {
    fn log(&self, name: &str) -> StoreLog {
        self.store.log(name)
    }

    async fn starts_again(&mut self) {
        // Redis as well, which is another process then.
        self.server.kill();
        self.server.go_on();
        self.store = Redis::connect(self.server.url()).await.unwrap();
    }
}
