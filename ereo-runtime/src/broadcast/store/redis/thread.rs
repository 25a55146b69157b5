//! The thread that has the connections and runs the mirrors: of no worker's, so that neither a busy one nor the end of one
//! holds anything up.

use std::time::Duration;

use tokio::runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};
use tokio_util::task::TaskTracker;

use super::ConnectError;
use super::address::Address;
use super::heads::look;
use super::leases::Leases;
use super::link::{AGAIN, Link, connect};
use super::listener::listen;
use super::logs::Logs;
use super::members::Members;
use super::script::Scripts;
use super::server::Unfit;
use crate::broadcast::store::Store;
use crate::broadcast::store::thread::{End, StoreThread};
use crate::sync::Arc;

/// For how long a server is tried at the start.
const START: Duration = Duration::from_secs(5);

/// So many may ask at once before they wait.
const ASKED: usize = 1024;

/// What the store's and its sets' handles share. The way to the thread goes before it.
pub(super) struct Owner {
    logs: Arc<Logs>,
    _thread: StoreThread,
}

impl Owner {
    pub(super) async fn start(
        address: Arc<Address>,
        lease: Duration,
    ) -> Result<Self, ConnectError> {
        let failed = |error: std::io::Error| ConnectError::Thread { error: error.to_string() };
        let runtime =
            runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (started, start) = oneshot::channel();
        let serve = move |end| serve(address, lease, started, end);
        let thread = StoreThread::spawn("ereo-redis", runtime, serve).map_err(failed)?;
        let lost = |_| ConnectError::Thread { error: "it has ended".to_owned() };
        let logs = start.await.map_err(lost)??;
        Ok(Self { logs, _thread: thread })
    }

    pub(super) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.logs) as _
    }
}

async fn serve(
    address: Arc<Address>,
    lease: Duration,
    started: oneshot::Sender<Result<Arc<Logs>, ConnectError>>,
    end: Arc<End>,
) {
    let scripts = Arc::new(Scripts::new());
    let connected = begin(&address, &scripts).await;
    let (connection, facts) = match connected {
        Ok(connected) => connected,
        Err(error) => return drop(started.send(Err(error))),
    };
    if let Some(policy) = facts.evicts {
        tracing::warn!(
            address = address.to_string(),
            policy,
            "this Redis may evict messages that clients come back for: set its `maxmemory-policy` to `noeviction`"
        );
    }
    let link = Arc::new(Link::new(Arc::clone(&address), scripts, connection));
    let (follows, asked) = mpsc::channel(ASKED);
    tokio::spawn(listen(Arc::clone(&address), asked));
    let (looks, asked) = mpsc::channel(ASKED);
    tokio::spawn(look(Arc::clone(&link), asked));
    let mirrors = TaskTracker::new();
    let database = address.database();
    let runtime = runtime::Handle::current();
    let reads = Logs::reads();
    let mirrors_of = mirrors.clone();
    let members = Members {
        link: Arc::clone(&link),
        database,
        follows: follows.clone(),
        looks: looks.clone(),
        leases: Leases::new(Arc::clone(&link), runtime.clone(), lease),
    };
    let members = Arc::new(members);
    let logs =
        Logs { link, database, follows, looks, reads, runtime, mirrors: mirrors_of, members };
    if started.send(Ok(Arc::new(logs))).is_err() {
        return;
    }
    end.flush(&mirrors).await;
}

/// The first connection: a server that starts at the same time is waited for.
async fn begin(
    address: &Address,
    scripts: &Scripts,
) -> Result<(redis::aio::MultiplexedConnection, super::server::Facts), ConnectError> {
    let begun = Instant::now();
    let mut failed = 0;
    loop {
        let trouble = match connect(address, scripts).await {
            Ok(connected) => return Ok(connected),
            Err(Unfit::Never(error)) => return Err(error),
            Err(Unfit::Trouble(super::trouble::Trouble::NotAllowed(said))) => {
                return Err(ConnectError::Forbidden { said });
            }
            Err(Unfit::Trouble(trouble)) => trouble,
        };
        if begun.elapsed() >= START {
            let address = address.to_string();
            return Err(ConnectError::Unreachable { address, error: trouble.to_string() });
        }
        sleep(AGAIN.delay(failed)).await;
        failed += 1;
    }
}
