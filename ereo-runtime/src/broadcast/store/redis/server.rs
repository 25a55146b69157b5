//! What is asked of a server before anything is believed of it: at the start, and by each connection.

use std::collections::HashMap;

use redis::RedisError;
use redis::aio::MultiplexedConnection;

use super::ConnectError;
use super::script::Scripts;
use super::trouble::Trouble;

/// The oldest that the scripts are tested with.
const OLDEST: (u32, u32) = (7, 0);

/// Why a new connection is none that a log can be kept over.
#[derive(Debug, Clone)]
pub(super) enum Unfit {
    /// It may be another time.
    Trouble(Trouble),
    /// Not before somebody mends it.
    Never(ConnectError),
}

impl From<RedisError> for Unfit {
    fn from(error: RedisError) -> Self {
        Self::Trouble(error.into())
    }
}

impl Unfit {
    pub(super) fn trouble(self) -> Trouble {
        match self {
            Self::Trouble(trouble) => trouble,
            Self::Never(error) => Trouble::Refused(error.to_string()),
        }
    }
}

/// Asks the server what it is, and gives it the scripts, which it may have forgotten.
pub(super) async fn examine(
    connection: &mut MultiplexedConnection,
    scripts: &Scripts,
) -> Result<Facts, Unfit> {
    let info: String = match redis::cmd("INFO").query_async(connection).await {
        Ok(info) => info,
        Err(error) => match Trouble::from(error) {
            Trouble::NotAllowed(said) => {
                return Err(Unfit::Never(ConnectError::Forbidden { said }));
            }
            trouble => return Err(Unfit::Trouble(trouble)),
        },
    };
    let facts = Facts::of(&info).map_err(Unfit::Never)?;
    if facts.is_loading {
        return Err(Unfit::Trouble(Trouble::Loading));
    }
    if facts.is_replica {
        return Err(Unfit::Trouble(Trouble::Replica));
    }
    for script in scripts.all() {
        let loaded = script.load_async(connection).await;
        loaded.map_err(|error: RedisError| {
            let is_said = error.code().is_some();
            match Trouble::from(error) {
                Trouble::NotAllowed(said) | Trouble::Refused(said) if is_said => {
                    Unfit::Never(ConnectError::NoScripts { said })
                }
                trouble => Unfit::Trouble(trouble),
            }
        })?;
    }
    Ok(facts)
}

/// What `INFO` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    is_loading: bool,
    is_replica: bool,
    /// The policy by which it would let go of a log, where it may.
    pub(super) evicts: Option<String>,
}

impl Facts {
    fn of(info: &str) -> Result<Self, ConnectError> {
        let fields: HashMap<_, _> = info.lines().filter_map(|line| line.split_once(':')).collect();
        let field = |name: &str| fields.get(name).copied().unwrap_or_default().trim();
        if field("redis_mode") == "sentinel" {
            return Err(ConnectError::Sentinel);
        }
        let version = field("redis_version");
        let mut numbers = version.split('.').map(|number| number.parse().unwrap_or_default());
        let found = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
        if found < OLDEST {
            return Err(ConnectError::TooOld { version: version.to_owned() });
        }
        if field("cluster_enabled") == "1" {
            return Err(ConnectError::Cluster);
        }
        if field("run_id").is_empty() || field("master_replid").is_empty() {
            return Err(ConnectError::Hidden);
        }
        let policy = field("maxmemory_policy");
        let is_bounded = !matches!(field("maxmemory"), "" | "0");
        Ok(Self {
            is_loading: field("loading") == "1",
            is_replica: field("role") == "slave",
            evicts: (is_bounded && policy != "noeviction").then(|| policy.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "# Server\r\nredis_version:7.0.15\r\nrun_id:aa\r\nloading:0\r\nrole:master\r\n\
        master_replid:bb\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\ncluster_enabled:0\r\n";

    #[test]
    fn what_a_server_is_stands_in_what_it_says_of_itself() {
        let fit = Facts { is_loading: false, is_replica: false, evicts: None };
        assert_eq!(Facts::of(INFO), Ok(fit));
        let with = |from, to| Facts::of(&INFO.replace(from, to));
        let bounded = with("maxmemory:0", "maxmemory:1048576").unwrap();
        assert_eq!(bounded.evicts.as_deref(), Some("allkeys-lru"));
        assert!(with("role:master", "role:slave").unwrap().is_replica);
        assert!(with("loading:0", "loading:1").unwrap().is_loading);
        let old = with("7.0.15", "6.2.7");
        assert_eq!(old, Err(ConnectError::TooOld { version: "6.2.7".to_owned() }));
        assert_eq!(with("cluster_enabled:0", "cluster_enabled:1"), Err(ConnectError::Cluster));
        let sentinel = with("loading:0", "redis_mode:sentinel");
        assert_eq!(sentinel, Err(ConnectError::Sentinel));
        assert_eq!(with("run_id:aa", ""), Err(ConnectError::Hidden));
        assert!(Facts::of("no answer of Redis's").is_err());
    }
}
