//! Sets that several servers have in common, in Redis or Valkey.
//!
//! ```no_run
//! # async fn set() -> Result<(), Box<dyn std::error::Error>> {
//! use ereo_runtime::ClientSet;
//! use ereo_runtime::broadcast::store::redis::Redis;
//!
//! let store = Redis::connect("redis://127.0.0.1").await?;
//! let chat = ClientSet::<String>::builder().history(1000).store(store.log("chat")).build();
//! chat.broadcast(&"to the clients of all servers".to_owned())?;
//! # Ok(())
//! # }
//! # let _ = set;
//! ```
//!
//! Each server has that, with the same name. A message goes from any of them to the clients of all, in one order; a
//! client that comes back, to whichever server, goes on behind its position. So does it when servers are restarted, and
//! when Redis is, if that has kept what was shown.
//!
//! # What is kept
//! A message is sent to clients when Redis has numbered it, by one script for a batch, which also leaves out what it has
//! taken before: when its answer is lost, it is asked again. The script asks which process answers, and whether it was
//! promoted. Where that has changed another epoch begins, so what a restart from an older snapshot, or a replica that was
//! behind, has forgotten is told to those who had seen it ([`ResetReason::Epoch`](crate::ResetReason::Epoch)), and to nobody
//! else.
//!
//! While Redis is not there, readers stay connected and get heartbeats, [`ClientSet::health`] says so, and what is
//! broadcast is held or refused ([`WhenDown`](super::WhenDown)). A thread of the store's own has the connections, and makes
//! them anew. What the last handle of the store and of its sets leaves behind is sent before it is gone, for five seconds at
//! the most: let them go at the end of `main`.
//!
//! # After a failover
//! An address may be that of Sentinels ([`Redis::connect`]), who are asked for each connection which server takes writes. What
//! the one before had not yet copied is told as what a restart forgets.
//!
//! # The keys
//! Those of a log begin with `ereo:{name}:`, in the database that the address names: a hash, a list, for each set that
//! has broadcast to it what it has, for a day, and a hash of its members. A log is gone when nothing was broadcast to it for
//! thirty days. A node that has members has one `ereo:node:` of its own, for fifteen seconds behind its last word. What is
//! kept and published is JSON, plain: whoever writes to Redis writes to every client. docs/STORES.md has the rule for a
//! user who may do no more than this needs.
//!
//! Another log, of which the name ends with `%x`, has the commands of the set and its rooms, for two minutes.
//!
//! # Who is there
//! [`members`](crate::ClientSet::members) and [`presence`](crate::ClientSet::presence) are those of all servers. A member joins
//! with its first connection to any of them, and leaves [`presence_grace`](crate::broadcast::Builder::presence_grace) after the
//! last one, by Redis' clock. Those of a server that is killed leave within fifteen seconds. One that cannot reach Redis says
//! after as long that what it knows is [`Incomplete`](crate::broadcast::PresenceEvent::Incomplete), until it does, and nobody
//! leaves meanwhile. docs/STORES.md has it case by case.
//!
//! # Commands
//! [`disconnect`](crate::ClientSet::disconnect) and [`send_to`](crate::ClientSet::send_to) reach a member's connections, and one
//! that is named by its [`ClientName`](crate::ClientName), at whichever server they are;
//! [`broadcast_except`](crate::ClientSet::broadcast_except) leaves out a client of any. A server that was away from Redis does
//! what it missed within a minute. docs/STORES.md says the rest.
//!
//! `len` is that of one server.
//!
//! [`ClientSet::health`]: crate::ClientSet::health

mod address;
mod heads;
mod leases;
mod link;
mod listener;
mod logs;
mod members;
mod script;
mod sentinel;
mod server;
#[cfg(test)]
mod tests;
mod thread;
mod trouble;

use std::fmt;

use super::StoreLog;
use crate::sync::Arc;
use address::Address;
use thread::Owner;

/// A store in Redis; see the [module](self). A handle: clones are the same store.
///
/// ```no_run
/// # async fn set() -> Result<(), Box<dyn std::error::Error>> {
/// use ereo_runtime::{ClientSet, Redis};
///
/// let store = Redis::connect("rediss://user:password@redis.example.com:6380/0").await?;
/// let lines = ClientSet::<String>::builder().store(store.log("lines")).build();
/// # drop(lines);
/// # Ok(())
/// # }
/// # let _ = set;
/// ```
#[derive(Clone)]
pub struct Redis {
    owner: Arc<Owner>,
    address: Arc<str>,
}

/// Why there is no store in that Redis.
///
/// ```
/// # async fn set() {
/// use ereo_runtime::Redis;
/// use ereo_runtime::broadcast::store::redis::ConnectError;
///
/// let wrong = Redis::connect("http://127.0.0.1").await;
/// assert!(matches!(wrong, Err(ConnectError::Url { .. })));
/// # }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(set());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address is none.
    #[error(
        "not an address of Redis ({reason}): expected `redis://host:6379/0`, `rediss://` for TLS, `unix:/path`, or `redis-sentinel://host:26379,host:26379/0#name`, with `user:password@` before the host where it asks for them"
    )]
    Url {
        /// What is wrong with it.
        reason: String,
    },
    /// It was tried for five seconds.
    #[error("{address}: {error}")]
    Unreachable {
        /// Host and port, or the socket's path.
        address: String,
        /// What came of the last time.
        error: String,
    },
    /// The user or the password is not right, or the user may not do what is needed.
    #[error("Redis does not let this user in ({said}): see the ACL rule in docs/STORES.md")]
    Forbidden {
        /// What Redis said.
        said: String,
    },
    /// Scripts are switched off, or the user may not run them.
    #[error(
        "this Redis runs no scripts ({said}): allow `EVALSHA` and `SCRIPT LOAD`, which messages are numbered by"
    )]
    NoScripts {
        /// What Redis said.
        said: String,
    },
    /// It is older than 7.0.
    #[error("Redis {version} is too old: 7.0 or newer, or Valkey")]
    TooOld {
        /// The version that it says.
        version: String,
    },
    /// It is a node of a cluster.
    #[error(
        "this Redis is a cluster, which is not supported: give the address of one that is none"
    )]
    Cluster,
    /// It is a Sentinel, which knows where a server is and keeps nothing itself.
    #[error(
        "this is a Sentinel: the address is `redis-sentinel://host:26379/0#name`, with more of them between commas and the name that it knows the servers by"
    )]
    Sentinel,
    /// The Sentinels that answer watch no servers of that name.
    #[error(
        "the Sentinels know no `{name}`: what stands behind `#` is the name of `sentinel monitor`"
    )]
    UnknownPrimary {
        /// The name.
        name: String,
    },
    /// It does not say which process it is, by which it would be noticed that it has forgotten something.
    #[error(
        "this Redis hides `run_id` or `master_replid` in INFO, without which nobody would notice what it forgets: use one that shows them"
    )]
    Hidden,
    /// There can be no thread for it.
    #[error("no thread for Redis: {error}")]
    Thread {
        /// The system's word.
        error: String,
    },
}

impl Redis {
    /// Connects to Redis or Valkey: `redis://[user:password@]host[:port][/database]`, the same with `rediss` for TLS with
    /// the system's certificates, or `unix:/path?db=0&user=..&pass=..`. A server that does not answer yet is tried for five seconds.
    ///
    /// Where Sentinels watch the servers it is `redis-sentinel://[user:password@]host[:port],host[:port]/[database]#name`, or
    /// `rediss-sentinel`: they are asked for each connection which server takes writes. User and password are those of the
    /// servers; those of the Sentinels, if they ask for any, are `?sentinel_user=..&sentinel_pass=..` before the `#`.
    ///
    /// What may evict messages (`maxmemory-policy`) is warned of.
    ///
    /// # Errors
    /// When the address is none, nobody answers there, or what does cannot keep a log: [`ConnectError`] says how to mend it.
    pub async fn connect(url: impl AsRef<str>) -> Result<Self, ConnectError> {
        Self::leased(url.as_ref(), leases::LEASE).await
    }

    /// With nodes that are taken to be alive for so long.
    async fn leased(url: &str, lease: std::time::Duration) -> Result<Self, ConnectError> {
        let address = Address::of(url)?;
        if address.is_tls() {
            provide_cryptography();
        }
        let said = address.to_string().into();
        let owner = Owner::start(Arc::new(address), lease).await?;
        Ok(Self { owner: Arc::new(owner), address: said })
    }

    /// The log of this name, for [`Builder::store`](crate::broadcast::Builder::store): one for each set, and the same at each
    /// server.
    pub fn log(&self, name: impl fmt::Display) -> StoreLog {
        let owner = Arc::clone(&self.owner);
        StoreLog::new(owner.store(), owner, name)
    }
}

/// Sees to it that rustls has a provider, if the program has not: with two compiled in it would not know which to take.
fn provide_cryptography() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread's is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("address", &self.address).finish_non_exhaustive()
    }
}
