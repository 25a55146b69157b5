//! A small TCP balancer, as stands before a service that is restarted server by server.
//!
//! A client's address chooses its server among those that are ready, so that whoever comes back finds
//! the server that it left, as long as that is there. Which are ready is asked every few milliseconds,
//! and a connection to a server that is gone is tried with the next.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::Result;
use crate::http::Connection;

const ASK_EVERY: Duration = Duration::from_millis(20);

/// A place for a server, and whether the one in it is ready.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    server: Option<SocketAddr>,
    ready: bool,
}

/// Ends when it is dropped, and its connections with it.
pub struct Balancer {
    pub address: SocketAddr,
    slots: Arc<Mutex<Vec<Slot>>>,
    connections: Arc<Mutex<JoinSet<()>>>,
    tasks: [JoinHandle<()>; 2],
}

impl Balancer {
    /// # Errors
    /// When there is no port.
    pub async fn with_slots(slots: usize) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let slots = Arc::new(Mutex::new(vec![Slot::default(); slots]));
        let connections = Arc::default();
        let accept = accept(listener, Arc::clone(&slots), Arc::clone(&connections));
        let tasks = [tokio::spawn(accept), tokio::spawn(watch(Arc::clone(&slots)))];
        Ok(Self { address, slots, connections, tasks })
    }

    /// Puts a server into a slot; it is used once it is ready.
    pub fn put(&self, slot: usize, server: SocketAddr) {
        lock(&self.slots)[slot] = Slot { server: Some(server), ready: false };
    }

    /// Waits until the servers of all slots are ready.
    pub async fn all_ready(&self) {
        while !lock(&self.slots).iter().all(|slot| slot.ready) {
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    /// Cuts all connections.
    pub fn cut(&self) {
        lock(&self.connections).abort_all();
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        self.cut();
    }
}

async fn accept(
    listener: TcpListener,
    slots: Arc<Mutex<Vec<Slot>>>,
    connections: Arc<Mutex<JoinSet<()>>>,
) {
    // A listener's errors are those of a connection that was not accepted.
    loop {
        let Ok((mut client, from)) = listener.accept().await else { continue };
        let slots = Arc::clone(&slots);
        let mut connections = lock(&connections);
        while connections.try_join_next().is_some() {}
        connections.spawn(async move {
            if let Some(mut server) = connect(&slots, from.ip()).await {
                // However it ends, both sides are closed.
                let _ = copy_bidirectional(&mut client, &mut server).await;
            }
        });
    }
}

/// The server of this address, or else the next.
async fn connect(slots: &Mutex<Vec<Slot>>, from: IpAddr) -> Option<TcpStream> {
    let slots = lock(slots).clone();
    let IpAddr::V4(from) = from else { return None };
    let first = u32::from(from) as usize;
    for turn in 0..slots.len() {
        if let Slot { server: Some(server), ready: true } = slots[(first + turn) % slots.len()]
            && let Ok(stream) = TcpStream::connect(server).await
        {
            return Some(stream);
        }
    }
    None
}

/// Keeps asking the servers whether they are ready.
async fn watch(slots: Arc<Mutex<Vec<Slot>>>) {
    loop {
        let asked: Vec<_> = lock(&slots).iter().map(|slot| slot.server).collect();
        for (place, server) in asked.into_iter().enumerate() {
            let Some(server) = server else { continue };
            let ready = is_ready(server).await.unwrap_or(false);
            let mut slots = lock(&slots);
            if slots[place].server == Some(server) {
                slots[place].ready = ready;
            }
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

async fn is_ready(server: SocketAddr) -> Result<bool> {
    let mut connection = Connection::to(server).await?;
    Ok(connection.answer("GET /ready", "").await?.0 == 200)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
