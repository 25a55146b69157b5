//! What goes wrong with a server, and what mends it.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::broadcast::store::StoreError;

/// Why a server did not do what it was asked for. It may be asked again.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Trouble {
    #[error("Redis does not answer: {0}")]
    Unreachable(String),
    #[error("Redis is still loading its data")]
    Loading,
    #[error(
        "this Redis is a replica (READONLY): the address must lead to the one that takes writes"
    )]
    Replica,
    #[error(
        "this Redis is a node of a cluster that has the log elsewhere ({0}): give the address of one that is no cluster"
    )]
    Elsewhere(String),
    #[error(
        "Redis has no memory left (OOM): raise its `maxmemory`, or keep less (`history`, `max_age`)"
    )]
    Full,
    #[error("the user may not do that ({0}): docs/STORES.md has the ACL rule")]
    NotAllowed(String),
    #[error("the key `{0}` in Redis is another program's: remove it, or give the log another name")]
    Foreign(String),
    #[error("the log is in format {0}, of a newer version of Ereo: this one reads format 1")]
    Newer(String),
    #[error("Redis refuses: {0}")]
    Refused(String),
    #[error("Redis answers what no script of Ereo's answers: {0}")]
    Garbled(String),
}

impl Trouble {
    /// Whether another connection may do better: it may lead elsewhere by now.
    pub(super) fn is_the_connection(&self) -> bool {
        use Trouble::{Elsewhere, Garbled, Loading, Replica, Unreachable};
        matches!(self, Unreachable(_) | Loading | Replica | Elsewhere(_) | Garbled(_))
    }

    pub(super) fn garbled(error: impl ToString) -> Self {
        Self::Garbled(error.to_string())
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        Self::failed(trouble)
    }
}

/// None of what a server says has a credential in it, nor has what the client says of its configuration.
impl From<RedisError> for Trouble {
    fn from(error: RedisError) -> Self {
        use ServerErrorKind::{
            Ask, BusyLoading, ClusterDown, CrossSlot, MasterDown, Moved, NoPerm, ReadOnly,
        };
        let detail = || error.detail().unwrap_or_default().to_owned();
        match error.kind() {
            ErrorKind::Server(BusyLoading | MasterDown) => Self::Loading,
            ErrorKind::Server(ReadOnly) => Self::Replica,
            ErrorKind::Server(Moved | Ask | ClusterDown | CrossSlot) => {
                Self::Elsewhere(error.to_string())
            }
            ErrorKind::Server(NoPerm) => Self::NotAllowed(detail()),
            ErrorKind::AuthenticationFailed => Self::NotAllowed(error.to_string()),
            ErrorKind::Io => Self::Unreachable(error.to_string()),
            ErrorKind::Parse | ErrorKind::UnexpectedReturnType => Self::garbled(error),
            _ => match error.code() {
                Some("OOM") => Self::Full,
                Some("EREOFOREIGN") => Self::Foreign(detail()),
                Some("EREONEWER") => Self::Newer(detail()),
                Some("WRONGPASS" | "NOAUTH") => Self::NotAllowed(error.to_string()),
                _ => Self::Refused(error.to_string()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of an error that a server answers with.
    fn answered(said: &str) -> Trouble {
        let value = redis::parse_redis_value(format!("-{said}\r\n").as_bytes()).unwrap();
        value.extract_error().unwrap_err().into()
    }

    #[test]
    fn what_a_server_answers_says_whether_another_connection_may_do_better() {
        for said in [
            "MOVED 3999 127.0.0.1:6381",
            "ASK 3999 127.0.0.1:6381",
            "CLUSTERDOWN Hash slot not served",
            "CROSSSLOT Keys in request don't hash to the same slot",
        ] {
            let trouble = answered(said);
            assert!(matches!(trouble, Trouble::Elsewhere(_)), "{trouble:?}");
            assert!(trouble.is_the_connection() && trouble.to_string().contains("cluster"));
        }
        assert!(answered("MOVED 3999 127.0.0.1:6381").to_string().contains("127.0.0.1:6381"));
        for said in [
            "READONLY You can't write against a read only replica.",
            "LOADING Redis is loading the dataset in memory",
            "MASTERDOWN Link with MASTER is down",
        ] {
            assert!(answered(said).is_the_connection(), "{said}");
        }
        for said in [
            "OOM command not allowed when used memory > 'maxmemory'.",
            "MISCONF Redis is configured to save RDB snapshots",
            "NOPERM this user has no permissions to run the 'evalsha' command",
            "EREOFOREIGN ereo:{a}:m",
            "EREONEWER 9",
        ] {
            assert!(!answered(said).is_the_connection(), "{said}");
        }
    }
}
